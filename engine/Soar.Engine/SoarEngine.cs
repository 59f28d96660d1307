using System.Text.Json;
using Microsoft.Extensions.Logging;
using Soar.Alerts;
using Soar.Capabilities;
using Soar.Cases;
using Soar.Connectors;
using Soar.Hosting;
using Soar.Runs;

namespace Soar.Engine;

/// <summary>
/// The engine, as others see it: starts runs, has those that are due claimed (<see cref="Dispatcher"/>) and driven (<see cref="RunDriver"/>), lifts what is due, and takes what people say.
/// Several engines may work on one store; each drives only what it holds the lease of.
/// </summary>
public sealed class SoarEngine : IAsyncDisposable
{
    private readonly EngineParts parts;
    private readonly LedgerLifts lifts;

    /// <param name="hostFactory">Makes the playbook host that reports to the given sink; the engine disposes of it.</param>
    /// <param name="random">Chance for retries' waits; seed it to repeat a simulation.</param>
    public SoarEngine(
        EngineOptions options, IRunStore store, IPlaybooks playbooks, Func<IPlaybookHostEvents, IPlaybookHost> hostFactory, IConnectorInstances instances,
        ActionCatalog catalog, IArtifacts artifacts, TimeProvider clock, Ids ids, ILoggerFactory logs, Random random)
    {
        options.Validate();
        parts = new EngineParts(options, store, playbooks, instances, catalog, artifacts, clock, ids, random, logs.CreateLogger("Soar.Engine")) { Engine = this };
        parts.Ledger = new Ledger(parts);
        parts.Policy = new Policy(parts);
        parts.Starts = new Starts(parts);
        parts.Executor = new StepExecutor(parts, new Attempt(parts));
        parts.Endings = new Endings(parts);
        parts.Dispatcher = new Dispatcher(parts);
        parts.Host = hostFactory(parts.Dispatcher.Host);
        lifts = new LedgerLifts(parts);
        Deciders = new Deciders(parts);
    }

    /// <summary>Whose say counts for a question, and who takes it.</summary>
    public Deciders Deciders { get; }

    /// <summary>Begins to claim and drive due runs, and lifts what became due while no engine ran.</summary>
    public void Start()
    {
        lifts.Start();
        parts.Dispatcher.Start();
        parts.Dispatcher.Look();
    }

    /// <summary>
    /// Starts a run: fills its inputs, notes the instances of every capability, and writes it with its first record. Throws SOAR2021 naming every input that is missing or
    /// wrong, and SOAR2020 when a <c>from:</c> lambda throws.
    /// </summary>
    public async Task<RunId> StartAsync(CompiledPlaybook playbook, StartRequest request)
    {
        var created = await parts.Starts.FromRequestAsync(playbook, request);
        if (request is { Stops: { } stops, Mode: RunMode.DryRun }) parts.Stops[created.Run.Id] = stops;
        // Queued first, so that no run is on disk without its version; the two share a commit.
        var version = parts.Store.PutVersionAsync(playbook, parts.Now);
        // One that may have to stand in line is not driven before the store has said whether it does.
        var limited = parts.Options.Triggers.GetValueOrDefault(playbook.Header.Name)?.Limit(playbook.Header.Name) is not null;
        if (!await parts.Dispatcher.TakeRoomAsync(limited))
        {
            var waiting = await parts.Store.CreateAsync(created);
            await version;
            return waiting;
        }

        // There is room for it: created under our own lease, so that it is driven at once instead of being found due and claimed.
        var ours = false;
        try
        {
            var run = created.Run with { LeaseOwner = parts.Options.Owner, LeaseUntil = parts.Now + parts.Options.Lease };
            var id = await parts.Store.CreateAsync(created with { Run = run });
            ours = id == run.Id;
            if (ours) parts.Dispatcher.Drive(new RunMessage.Claimed(run with { Epoch = 1 }, Starts.FirstRecord(created)));
            await version;
            return id;
        }
        finally
        {
            if (!ours) parts.Dispatcher.NotBegun();
        }
    }

    /// <summary>Whether one of the playbook's alert triggers wants this alert. A predicate that throws is SOAR2020, never "no".</summary>
    public Task<bool> WantsAsync(CompiledPlaybook playbook, Alert alert, CancellationToken cancellation) => WantsAsync(playbook, "alert", alert, cancellation);

    /// <summary>Whether one of the playbook's case triggers wants this case. A predicate that throws is SOAR2020, never "no".</summary>
    public Task<bool> WantsAsync(CompiledPlaybook playbook, CaseState state, CancellationToken cancellation) => WantsAsync(playbook, "case", state, cancellation);

    private async Task<bool> WantsAsync(CompiledPlaybook playbook, string kind, LambdaSubject subject, CancellationToken cancellation)
    {
        foreach (var trigger in playbook.Header.Triggers.Where(t => t.Kind == kind && t.Lambda is not null))
        {
            var answer = await parts.Host.EvaluateAsync(playbook.Hash, playbook.AssemblyPath, trigger.Lambda!, subject, cancellation);
            if (JsonSerializer.Deserialize<bool>(answer)) return true;
        }

        return false;
    }

    /// <summary>From now on playbooks with <c>On.Case</c> are started for cases that are opened or change, also for what changed while nobody looked. Dispose of it before the engine.</summary>
    public CaseTriggers WatchCases(ICaseStore cases) => new(parts, cases);

    /// <summary>From now on playbooks with <c>On.Alert</c> are started for alerts that are taken, also for those that were taken while nobody looked. Dispose of it before the engine.</summary>
    public AlertTriggers WatchAlerts(IAlertStore alerts) => new(parts, alerts);

    /// <summary>
    /// Sends a signal. The same id to the same run counts once; false when it was there already or the run has ended. Throws SOAR2037 when the run waits for it and it carries
    /// something else than the run can read: it is not sent, and the run goes on waiting.
    /// </summary>
    public async Task<bool> SignalAsync(RunId run, string signal, JsonElement value, string? id = null)
    {
        var accepts = (await parts.Store.FindAsync(run))?.WaitsFor?.Accepts?.GetValueOrDefault(signal);
        if (accepts is not null && InputTypes.Problem(accepts, value) is { } problem)
            throw new SoarException("SOAR2037", $"The signal '{signal}' was not sent: run {run} waits for a value of type {accepts.TrimEnd('?')}, and {problem}. Send it again with such a value.");
        return await parts.Store.SendAsync(new InboxItem(run, id ?? parts.Ids.Next().ToString(), InboxKind.Signal, signal, Json.Of(value), parts.Now));
    }

    /// <summary>Cancels a run: its playbook's <c>finally</c> blocks still run. False when it has ended, or is being cancelled already.</summary>
    public Task<bool> CancelAsync(RunId run, string by, string reason) =>
        parts.Store.SendAsync(new InboxItem(run, "cancel", InboxKind.Cancel, "", Json.Of(new ControlRecord("cancel", by, reason)), parts.Now));

    /// <summary>Pauses a run: steps in flight end and are recorded, none begins.</summary>
    public Task<bool> PauseAsync(RunId run, string by, string reason) =>
        parts.Store.SendAsync(new InboxItem(run, $"pause/{parts.Ids.Next()}", InboxKind.Pause, "", Json.Of(new ControlRecord("pause", by, reason)), parts.Now));

    /// <summary>
    /// Lets a run go on that is paused, quarantined or parked; or one that failed: the record of the step that failed it no longer counts (it stays as an attempt), what was
    /// done after it is not done again, and the step is tried anew, a sub-run that failed included. One that no step failed runs again from its journal. Throws SOAR2033 when there is nothing to resume.
    /// </summary>
    public async Task ResumeAsync(RunId id, string by, string? reason = null)
    {
        var run = await parts.Store.FindAsync(id) ?? throw new NotFoundException("run", id.ToString(), "See the runs with: soar runs");
        var control = new ControlRecord("resume", by, string.IsNullOrWhiteSpace(reason) ? null : reason.Trim());
        if (run.Status == RunStatus.Failed)
        {
            await parts.Store.WriteAsync(Resume.Of(run, await parts.Store.ReadJournalAsync(id), control, parts.Now));
            return;
        }

        if (run.Status is RunStatus.Completed or RunStatus.Cancelled)
            throw new SoarException("SOAR2033", $"Run {id} has ended ({run.Status}); only a failed run can be resumed. Start it anew.");
        await parts.Store.SendAsync(new InboxItem(id, $"resume/{parts.Ids.Next()}", InboxKind.Resume, "", Json.Of(control), parts.Now));
    }

    /// <summary>Before which call this dry run has stopped; null when it has not, or the engine was started again since.</summary>
    public StepCall? StoppedBefore(RunId run) => parts.Stops.GetValueOrDefault(run)?.At;

    /// <summary>Lets a dry run go on that stopped. Throws as <see cref="ResumeAsync"/> does.</summary>
    /// <param name="breakpoints">Ids of the steps before which it stops from now on.</param>
    /// <param name="step">Stops before the next step, whichever it is.</param>
    public Task GoOnAsync(RunId run, string by, IReadOnlyList<string> breakpoints, bool step)
    {
        parts.Stops.GetOrAdd(run, _ => new DryRunStops([], stepping: false)).Set(breakpoints, step);
        return ResumeAsync(run, by);
    }

    /// <summary>
    /// Releases a containment and lifts it when nobody holds it any more. Without <paramref name="holder"/> all holders are released, which for more than one needs
    /// <paramref name="force"/>. Throws SOAR2043 when it is not ours, or others hold it.
    /// </summary>
    public Task<ContainmentStatus> LiftAsync(Guid containment, string by, RunId? holder = null, bool force = false, string reason = "") => lifts.LiftAsync(containment, by, reason, holder, force);

    /// <summary>Releases everything that this case holds, and lifts what nobody else holds. Returns what became of each.</summary>
    public Task<IReadOnlyList<CaseLift>> LiftCaseAsync(string caseId, string by, string reason = "") => lifts.LiftCaseAsync(caseId, by, reason);

    /// <summary>
    /// Stops effects: once it returns, none that the switch holds begins any more, in no run and on no engine; what was dispatched is recorded. Held steps wait, their runs' time limits stand
    /// still. Throws SOAR2061 when there is no reason, or it would hold reads. A switch that is on and holds the same is returned instead of a second one.
    /// </summary>
    public Task<KillSwitch> StopEffectsAsync(string by, string reason, string? connector = null, Effect? effect = null, string? playbook = null) =>
        parts.Store.SwitchOnAsync(KillSwitch.New(parts.Ids.Next(), connector, effect, playbook, by, reason, parts.Now));

    /// <summary>Allows effects again: what was held and is held by nothing else goes on, in the order in which it was held.</summary>
    public async Task<KillSwitch> AllowEffectsAsync(Guid killSwitch, string by, string reason = "")
    {
        var lifted = await parts.Store.SwitchOffAsync(killSwitch, by, reason.Trim(), parts.Now);
        lifts.LookNow();
        return lifted;
    }

    /// <summary>Completes when the run has ended, with how it ended.</summary>
    public Task<Run> WhenEndedAsync(RunId id, CancellationToken cancellation = default) => parts.Endings.WhenEndedAsync(id, cancellation);

    /// <summary>What happens in a run (or in all) from now on. Call <paramref name="watching"/> runs when nothing is missed any more.</summary>
    public IAsyncEnumerable<RunEvent> WatchAsync(RunId? run, Action watching, CancellationToken cancellation) => parts.Events.WatchAsync(run, watching, TimeSpan.Zero, parts.Clock, cancellation);

    /// <summary>What happens in all runs from now on, for whoever need not hear of each thing at once: a pause lies between two looks.</summary>
    public IAsyncEnumerable<RunEvent> WatchAsync(TimeSpan pause, CancellationToken cancellation) => parts.Events.WatchAsync(null, () => { }, pause, parts.Clock, cancellation);

    public EngineHealth Health() => parts.Dispatcher.Health();

    /// <summary>Begins nothing more, records what is under way, gives up the leases. What is not done within <paramref name="patience"/> is left to its lease.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        await parts.Dispatcher.CloseAsync();
        await lifts.StopAsync();
        await parts.Dispatcher.LetGoAsync(patience);
    }

    /// <summary>Lets go of everything without a word to the store, as a process does that is killed; for tests.</summary>
    internal async Task AbandonAsync()
    {
        await parts.Dispatcher.DieAsync();
        _ = lifts.StopAsync();
        parts.Dispatcher.Drop();
    }

    public async ValueTask DisposeAsync()
    {
        if (!parts.Dispatcher.IsStopping) await StopAsync(TimeSpan.FromSeconds(10));
        await parts.Host.DisposeAsync();
    }
}

/// <summary>What became of one containment of a case that was lifted.</summary>
/// <param name="Status">How it stands now: Lifted, or still standing for others.</param>
/// <param name="Problem">Why it was not released; null when it was.</param>
public sealed record CaseLift(Guid Containment, ContainmentStatus Status, string? Problem);

/// <summary>How the engine is.</summary>
/// <param name="Driving">Runs under its lease.</param>
/// <param name="Kept">Waiting runs that are still in memory.</param>
/// <param name="LastError">The last time the store could not be asked; null = never.</param>
public sealed record EngineHealth(int Driving, int Kept, string? LastError, DateTimeOffset LastErrorAt);
