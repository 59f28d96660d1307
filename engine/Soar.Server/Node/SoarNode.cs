using System.Collections.Concurrent;
using Soar.Capabilities;
using Soar.Cases;
using Soar.Cases.Alerts;
using Soar.Connectors.Mime;
using Soar.Engine;
using Soar.Runs;
using Soar.Scripting.Compile;
using Soar.Scripting.Host;
using Soar.Scripting.JavaScript;
using Soar.Scripting.Jail;
using Soar.Server.Accounts;
using Soar.Server.Accounts.OpenId;
using Soar.Server.Credentials;
using Soar.Server.Display;
using Soar.Server.Notices;
using Soar.Server.Rehearsals;
using Soar.Server.Rotas;
using Soar.Server.Schedules;
using Soar.Server.Settings;
using Soar.Server.Testing;
using Soar.Server.Versions;
using Soar.Server.Webhooks;
using Soar.Storage;

namespace Soar.Server.Node;

/// <summary>
/// Everything put together in the process that owns the store: database, connectors, compiler, playbook hosts, engine, and the socket for other
/// <c>soar</c> commands. What it does for a call stands in <c>SoarNode.Calls.cs</c>.
/// </summary>
internal sealed partial class SoarNode : IAsyncDisposable
{
    private readonly Toolchain tools;
    private readonly SoarDatabase database;
    private readonly RunStore runs;
    private readonly Playbooks playbooks;
    private readonly JavaScriptRunner javaScript;
    private readonly SoarEngine engine;
    private readonly Lists lists;
    private readonly CaseStore cases;
    private readonly AlertStore alerts;
    private readonly AuditTrail audit;
    private readonly CredentialUses uses;
    private readonly AnswerLinks links;
    private readonly TimeProvider clock;
    private OwnerSocket? socket;

    private SoarNode(Toolchain tools, SoarDatabase database, HostPool pool, HostRelay relay, TimeProvider clock)
    {
        this.tools = tools;
        this.database = database;
        this.clock = clock;
        var ids = new Ids(clock);
        runs = new RunStore(database);
        lists = new Lists(new ListStore(database), clock);
        cases = new CaseStore(database, ids);
        alerts = new AlertStore(database, ids);
        alerts.CaseOpened += cases.Tell;
        Reader = new NodeReader(database);
        Retention = new Retention(Reader.Retention, tools.Settings.Retention, clock);
        Intake = new AlertIntake(alerts, tools.Settings.Alerts.ToRules(), clock, tools.Settings.Alerts.MostWaiting);
        Vault = new CredentialVault(new CredentialStore(database), () => SettingsFile.Keys(tools.Workspace.SettingsPath), tools.Credentials, tools.Workspace, clock);
        Logins = new Logins(Reader.Accounts, Reader.Logins, Vault, tools.Settings, ids, clock);
        ProviderLogins = new ProviderLogins(Reader.Accounts, Reader.Logins, Logins, tools.Settings, ids, clock);
        Rota = new Rota(tools.Settings, tools.Workspace.SettingsFolder);
        _ = Rota.At(clock.GetUtcNow()); // a calendar that cannot be read is told before anybody relies on it
        links = new AnswerLinks(tools.Workspace.LinkKey, () => Vault.Keys);
        MailLinks = new AnswerDesk(Reader, Reader.Notices, links, (person, run) => Sight.PersonSeesAsync(this, person, run), clock);
        audit = new AuditTrail(new AuditStore(database), tools.Workspace.Store, clock);
        uses = new CredentialUses(tools.Credentials, use => HandleAsync(Calls.UseCredential, Calls.With(use), new Actor(null, "settings"), _ => Task.CompletedTask, CancellationToken.None), new StandardErrorLog().CreateLogger("credentials"));
        var playbookFolder = tools.Workspace.Playbooks;
        playbooks = new Playbooks(tools.Compiler, playbookFolder, new StoredVersions(runs.FindVersionAsync, runs.NewestVersionAsync) { Published = Reader.Versions.CurrentAsync, PublishedOnly = tools.Settings.Versions.Required });
        Shelf = new Shelf(this);
        Publishing = new Publishing(tools, playbooks, Reader.Versions, Reader.Reviews, ids, clock);
        DraftTests = new DraftTests(tools, Reader.Versions, clock);
        Rehearsals = new Rehearsal(tools, Reader, new Dictionary<string, object> { ["Lists"] = lists, ["Contacts"] = new Contacts(new ListStore(database)) }, database.Artifacts, clock);
        Webhooks = new WebhookDesk(tools.Settings.Hooks, playbooks, runs, cases, clock, new StandardErrorLog().CreateLogger("webhooks"));
        javaScript = new JavaScriptRunner(new JavaScriptOptions { Policy = tools.Settings.Jail }, ChildProgram.Entry, clock);
        var simulated = new SimulatedDesk(clock);
        tools.Registry.AddBuiltIn("Case", new CaseDesk(cases, clock), simulated);
        tools.Registry.AddBuiltIn("Evidence", new EvidenceLocker(cases, clock), simulated);
        tools.Registry.AddBuiltIn("Lists", lists, simulator: null);
        tools.Registry.AddBuiltIn("Contacts", new Contacts(new ListStore(database)), simulator: null);
        tools.Registry.AddBuiltIn("Requests", new LegalRequests(new RequestStore(database), clock), new SimulatedRequests(clock));
        tools.Registry.AddBuiltIn("Mime", new MimeCapability(tools.Settings.Mime), simulator: null);
        tools.Registry.AddBuiltIn("JavaScript", javaScript, simulator: null);
#pragma warning disable RS0030 // the program's own chance begins here; whoever needs a seed builds the engine itself
        var chance = new Random();
#pragma warning restore RS0030
        engine = new SoarEngine(
            new EngineOptions
            {
                Owner = $"{Environment.MachineName}/{Environment.ProcessId}", ApprovalRequired = tools.Settings.Approvals.ToHashSet(), Roles = tools.Settings.Roles,
                Triggers = tools.Settings.Triggers.ToDictionary(t => t.Key, t => t.Value.ToTerms(tools.Settings.Maintenance), StringComparer.Ordinal),
                Protected = tools.Settings.Protected.ToAssets(Resolvers.OfThisMachine()), Budgets = [.. tools.Settings.Budgets.Select(b => b.ToBudget())], PolicyAnswerWithin = tools.Settings.PolicyAnswerWithin,
                OnDuty = tools.Settings.Rota.Count == 0 ? null : (role, at) => Rota.At(role, at)?.Who,
                AuthorsOf = async run => [.. (await Reader.Versions.ListAsync(run.Playbook)).Where(v => v.Version == run.PlaybookVersion).Select(v => v.Author)],
            },
            runs, playbooks, relay.Connect(pool), tools.Registry, tools.Catalog, database.Artifacts, clock, ids, new StandardErrorLog(), chance);
        Outcomes = new Outcomes(alerts, runs, engine, clock);
        Questions = new QuestionDesk(runs, Reader.Accounts, engine, tools.Settings, clock);
    }

    public Toolchain Tools => tools;

    /// <summary>For senders that wait.</summary>
    public Outcomes Outcomes { get; }
    public TimeProvider Clock => clock;

    /// <summary>Reads what this node owns.</summary>
    public NodeReader Reader { get; }
    public Logins Logins { get; }

    /// <summary>What is kept sealed.</summary>
    public CredentialVault Vault { get; }
    public ProviderLogins ProviderLogins { get; }
    public Retention Retention { get; }
    public WebhookDesk Webhooks { get; }

    /// <summary>Who is on duty for which role.</summary>
    public Rota Rota { get; }

    /// <summary>Who shows a mail's link.</summary>
    public AnswerDesk MailLinks { get; }

    /// <summary>The one way in for alerts, of sources and of the API: its bound is one for all.</summary>
    public AlertIntake Intake { get; }

    /// <summary>For endpoints, which do what they do themselves (<c>HopBudgetTests</c>) and have it put on record by <see cref="RecordedAsync"/>.</summary>
    public SoarEngine Engine => engine;
    public Playbooks Playbooks => playbooks;
    public Lists Lists => lists;

    /// <summary>Tells triggers of the cases that it opens.</summary>
    public CaseStore Cases => cases;

    /// <summary>What connectors' tests said since this process runs, by instance.</summary>
    public ConcurrentDictionary<string, Http.ConnectorsApi.TestView> LastTests { get; } = new(StringComparer.Ordinal);

    /// <summary>Where playbooks lie, and how far each may travel: for <see cref="Sight"/>.</summary>
    public Shelf Shelf { get; }
    public Publishing Publishing { get; }
    public DraftTests DraftTests { get; }

    /// <summary>What drafts would have done about alerts that came in.</summary>
    public Rehearsal Rehearsals { get; }

    public EngineHealth Health() => engine.Health();

    /// <summary>Who sees to questions, and hands them on.</summary>
    public QuestionDesk Questions { get; }

    /// <inheritdoc cref="SoarEngine.WatchAsync(TimeSpan, CancellationToken)"/>
    public IAsyncEnumerable<RunEvent> WatchAsync(TimeSpan pause, CancellationToken cancellation) => engine.WatchAsync(pause, cancellation);

    public static string DatabaseOf(Workspace workspace) => Path.Combine(workspace.Store, "soar.db");

    /// <summary>The bytes beside the store, without opening it.</summary>
    public static IArtifacts ArtifactsOf(Workspace workspace) => new Artifacts(Path.Combine(workspace.Store, "artifacts"), Durability.Full);

    public static NodeReader OpenReader(Workspace workspace)
    {
        if (!File.Exists(DatabaseOf(workspace)))
            throw new SoarException("SOAR5006", $"There is no store in {workspace.Store} yet: 'soar run' makes it. If you have one elsewhere, give --store.");
        return new NodeReader(SoarDatabase.OpenReader(DatabaseOf(workspace), new StorageOptions(), TimeProvider.System));
    }

    /// <summary>Null where there is no store yet, or none that this program can read: for those to whom the store is only one more thing to look at.</summary>
    public static NodeReader? TryOpenReader(Workspace workspace)
    {
        try
        {
            return File.Exists(DatabaseOf(workspace)) ? OpenReader(workspace) : null;
        }
        catch (SoarException unreadable) when (unreadable.Code.StartsWith("SOAR3", StringComparison.Ordinal))
        {
            return null;
        }
    }

    /// <summary>Turns a kill switch on where no process owns the store: nothing runs, and nothing must begin to for it. It needs no settings, so it works where they cannot be used.</summary>
    public static async Task<KillSwitch> StopEffectsAsync(Workspace workspace, StopEffectsCall call, TimeProvider clock)
    {
        Directory.CreateDirectory(workspace.Store);
        await using var opened = SoarDatabase.Open(DatabaseOf(workspace), new StorageOptions(), clock);
        using var store = new RunStore(opened);
        var on = await store.SwitchOnAsync(KillSwitch.New(new Ids(clock).Next(), call.Connector, call.Effect, call.Playbook, call.By, call.Reason, clock.GetUtcNow()));
        await using var trail = new AuditTrail(new AuditStore(opened), workspace.Store, clock);
        await trail.RecordAsync(Calls.StopEffects, Calls.With(call), Actor.CommandLine, on, refusal: null);
        return on;
    }

    /// <summary>Becomes the owner of the store and starts the engine: runs that were interrupted go on, lifts that are late are done.</summary>
    public static Task<SoarNode> OpenAsync(Workspace workspace, TimeProvider clock, CancellationToken cancellation) => OpenAsync(workspace, clock, ChildProgram.Entry, cancellation);

    /// <param name="hosts">The program that playbook hosts are: this one, but in tests.</param>
    internal static async Task<SoarNode> OpenAsync(Workspace workspace, TimeProvider clock, ChildEntry hosts, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        workspace.MakeStore();
        // The store first: where somebody else owns it, nothing else needs to be started.
        var opened = SoarDatabase.Open(DatabaseOf(workspace), new StorageOptions(), clock);
        Toolchain? made = null;
        HostPool? pool = null;
        SoarNode? node = null;
        try
        {
            made = Toolchain.Open(workspace, clock);
            if (JailWarning.Of(KernelSupport.OfThisMachine(), made.Settings.Jail) is { } weaker) new StandardErrorLog().CreateLogger("jail").JailIsWeaker(weaker);
            var relay = new HostRelay();
            pool = await HostPool.StartAsync(relay, made.Hosting(made.Settings.Hosts) with { Entry = hosts }, clock, cancellation);
            node = new SoarNode(made, opened, pool, relay, clock);
            node.socket = new OwnerSocket(workspace.Socket, (call, arguments, send, gone) => node.HandleAsync(call, arguments, Actor.CommandLine, send, gone), clock);
            await made.Registry.StartAsync(cancellation);
            await node.runs.EndLeasesAsync(clock.GetUtcNow());
            if (await node.Vault.SealAuthenticatorsAsync() is > 0 and var open) new StandardErrorLog().CreateLogger("credentials").AuthenticatorsLieOpen(open);
            node.engine.Start();
            return node;
        }
        catch
        {
            // Whoever has what was made so far disposes of it: hosts are processes, and the socket is a file that others would knock at.
            if (node is not null)
            {
                await node.DisposeAsync();
                throw;
            }

            if (pool is not null) await pool.DisposeAsync();
            if (made is not null) await made.DisposeAsync();
            await opened.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes alerts, starts what triggers want, and shows what happens, until told to stop.</summary>
    public async Task ServeAsync(Terminal terminal, CancellationToken cancellation)
    {
        var view = new ServeView(line => terminal.Line(line), clock);
        await using var ofCases = engine.WatchCases(cases);
        await using var ofAlerts = WatchAlerts();
        await using var schedules = Schedules(clock);
        await using var notices = Notify(clock);
        await tools.Registry.StartSourcesAsync(Intake.For, cancellation);
        terminal.Line($"Soar drives {Terminal.Safe(tools.Workspace.Store)}. Ctrl-C stops it; what waits goes on waiting.");
        await using var sweeping = clock.CreateTimer(_ => _ = SweepAsync(cancellation), null, TimeSpan.FromMinutes(1), RetentionEvery);
        var warnings = new PlaybookWarnings(tools, Reader).TellAsync(terminal, cancellation);
        try
        {
            await foreach (var happened in engine.WatchAsync(Glance, cancellation)) view.Show(happened);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            terminal.Line("Stopping.");
        }

        await warnings;
    }

    private static readonly TimeSpan RetentionEvery = TimeSpan.FromHours(1), Glance = TimeSpan.FromMilliseconds(50);
    private int sweepingNow;

    /// <summary>On record when it removed something; one that is still at work is not joined by another.</summary>
    private async Task SweepAsync(CancellationToken cancellation)
    {
        if (!Retention.Asked || Interlocked.Exchange(ref sweepingNow, 1) != 0) return;
        try
        {
            var removed = await Retention.SweepAsync(cancellation);
            if (removed is not (0, 0)) await audit.RecordAsync(Calls.ApplyRetention, Calls.With(new RetentionCall(DryRun: false, "soar")), new Actor("soar", "the clock"), removed, refusal: null);
        }
        catch (Exception error) // nobody waits for it: the store is away or is being closed, and an hour later it is tried again
        {
            new StandardErrorLog().CreateLogger("retention").RetentionFailed(error);
        }
        finally
        {
            Volatile.Write(ref sweepingNow, 0);
        }
    }

    /// <summary>From now on playbooks are asked about alerts. Dispose of it before the node.</summary>
    internal AlertTriggers WatchAlerts() => engine.WatchAlerts(alerts);

    /// <summary>From now on schedules fire, and what was due while no server ran is dealt with. Dispose of it before the node.</summary>
    internal Scheduling Schedules(TimeProvider time) =>
        new(new SchedulingParts(engine, runs, new ScheduleStore(database), playbooks, tools.Settings, tools.Workspace.Store, tools.Workspace.SettingsFolder, time, new StandardErrorLog()));

    /// <summary>From now on people are told of questions, of those too that were asked while nobody told; null where the settings name no way. Dispose of it before the node.</summary>
    internal Notifier? Notify(TimeProvider time) => !tools.Settings.Notify.Tells ? null : new Notifier(new NotifierParts(
        new NoticeStore(database), Reader, tools.Registry, tools.Catalog, tools.Settings, engine, Rota, links, database.Artifacts, new Ids(time), time, new StandardErrorLog().CreateLogger("notices"), (person, run) => Sight.PersonSeesAsync(this, person, run)));

    public async ValueTask DisposeAsync()
    {
        Webhooks.Dispose();
        Outcomes.Dispose();
        if (socket is not null) await socket.DisposeAsync();
        await tools.Registry.StopSourcesAsync();
        await engine.DisposeAsync();
        await uses.DisposeAsync();
        await audit.DisposeAsync();
        await javaScript.DisposeAsync();
        await tools.DisposeAsync();
        await database.DisposeAsync();
    }
}
