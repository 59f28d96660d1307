using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Soar.Engine;
using Soar.Runs;
using Soar.Server.Accounts;
using Soar.Server.Node;
using Soar.Server.Rehearsals;
using Soar.Server.Settings;
using Soar.Server.Testing;
using Soar.Storage;

namespace Soar.Server.Http;

/// <summary><c>/api/drafts</c>: playbooks that somebody is changing. A draft starts by nothing and acts on nothing; it is a text that is kept while it is worked on, and tried.</summary>
internal static class DraftsApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var drafts = routes.MapGroup("/api/drafts").WithTags("drafts");
        drafts.MapGet("/{name}", ShowAsync).Needs(Permission.EditPlaybooks).WithSummary("The draft of a playbook; 404 when there is none.");
        drafts.MapPut("/{name}", SaveAsync).Needs(Permission.EditPlaybooks).WithSummary("Saves the draft of a playbook; 409 when somebody else saved since the version that it is based on.");
        drafts.MapDelete("/{name}", DiscardAsync).Needs(Permission.EditPlaybooks).WithSummary("Discards the draft of a playbook; 409 when it is another version by now.");
        drafts.MapPost("/{name}/dry-run", DryRunAsync).Needs(Permission.EditPlaybooks).WithSummary("Starts a dry run of a draft, on a past alert or one that is given, and answers with its id: reads reach products, effects are simulated, its questions are for the caller.");
        drafts.MapPost("/dry-runs/{id:guid}/answer", AnswerAsync).Needs(Permission.EditPlaybooks).WithSummary("Answers a question of a dry run that the caller started: who tries a playbook plays everybody in it.");
        drafts.MapGet("/dry-runs/{id:guid}/stop", ShowStopAsync).Needs(Permission.EditPlaybooks).WithSummary("Before which step a dry run has stopped that the caller follows, and what the step would get.");
        drafts.MapPost("/dry-runs/{id:guid}/continue", ContinueAsync).Needs(Permission.EditPlaybooks).WithSummary("Lets a dry run go on that the caller follows: to the next breakpoint, or by one step.");
        drafts.MapPost("/{name}/tests", TestAsync).Needs(Permission.EditPlaybooks).WithSummary("Runs the playbook's tests with a draft, and tells which ways they took. Nothing reaches a product.");
        drafts.MapPost("/{name}/rehearsal", RehearseAsync).Needs(Permission.EditPlaybooks).WithSummary("What a draft would have done about the alerts that came in last, beside what is published: differences first. Every product is simulated and nothing is kept; a minute at most; whoever hangs up stops it. Needs ReadAlerts too.");
    }

    /// <param name="BasedOn">The version that this text was made from; 0 = from the playbook's file.</param>
    /// <param name="From">The content (SHA-256) of a published version that the text takes into account by now; null = the one that was current when the draft was begun.</param>
    internal sealed record DraftBody(string Source, int BasedOn, string? From = null);

    /// <param name="Writers">Everybody who saved it since it was begun; none of them reviews it.</param>
    /// <param name="BegunFrom">The content of the version that it was begun from; another one that is current by now has to be taken into account before it can be published.</param>
    internal sealed record DraftView(string Playbook, int Version, string Source, string SavedBy, DateTimeOffset SavedAt, IReadOnlyList<string> Writers, string? BegunFrom)
    {
        public static DraftView Of(Draft draft) => new(draft.Playbook, draft.Version, draft.Source ?? "", draft.SavedBy, draft.SavedAt, draft.Writers, draft.BegunFrom);
    }

    private static async Task<Ok<DraftView>> ShowAsync(string name, NodeReader reader, Sight sight)
    {
        await sight.MayEditAsync(name);
        return TypedResults.Ok(DraftView.Of(await reader.Drafts.FindAsync(name) ?? throw new NotFoundException("draft of the playbook", name, "GET /api/playbooks/{name} has what is published.")));
    }

    private static async Task<Ok<DraftView>> SaveAsync(string name, DraftBody body, Caller caller, Sight sight, SoarNode node)
    {
        await sight.MayEditAsync(name);
        await sight.MayWriteAsync(body.Source, name);
        await PlaybooksApi.KnownAsync(node, name);
        var saved = await node.Reader.Drafts.SaveAsync(name, body.BasedOn, body.Source, caller.Name, node.Clock.GetUtcNow(), body.From);
        return saved.Saved ? TypedResults.Ok(DraftView.Of(saved.Draft!)) : throw Changed(name, saved.Draft);
    }

    private static async Task<NoContent> DiscardAsync(string name, int version, Caller caller, Sight sight, SoarNode node)
    {
        await sight.MayEditAsync(name);
        var gone = await node.Reader.Drafts.DiscardAsync(name, version, caller.Name, node.Clock.GetUtcNow());
        return gone.Saved ? TypedResults.NoContent() : throw Changed(name, gone.Draft);
    }

    /// <param name="Source">The text to be tried; null = the draft as it is saved, or what is published where there is none.</param>
    /// <param name="Inputs">By name; texts are read as the input's type is written: "24h", "203.0.113.7".</param>
    /// <param name="Breakpoints">Ids of steps of its diagram before which it stops: it is paused then.</param>
    /// <param name="Step">It stops before its first step.</param>
    internal sealed record DryRunBody(string? Source = null, Alert? Alert = null, IReadOnlyDictionary<string, JsonElement>? Inputs = null, IReadOnlyList<string>? Breakpoints = null, bool Step = false);

    /// <param name="Step">The step's path.</param>
    /// <param name="Line">Of the text.</param>
    /// <param name="Arguments">What it would get.</param>
    internal sealed record StoppedAt(string Step, string Action, string Instance, string? Title, int Line, JsonElement Arguments);

    /// <param name="At">Null while it goes on, when it has ended, and when the server was started again since.</param>
    internal sealed record StopView(RunStatus Status, StoppedAt? At);

    /// <param name="Breakpoints">From now on; ids of steps.</param>
    /// <param name="Step">Only by one step.</param>
    internal sealed record ContinueBody(IReadOnlyList<string>? Breakpoints = null, bool Step = false);

    /// <param name="Source">As for a dry run.</param>
    internal sealed record TestBody(string? Source = null);

    /// <param name="Failures">Everything that was expected and did not happen, or the other way round.</param>
    internal sealed record TestedView(string Name, int Line, TestStatus Status, double Milliseconds, IReadOnlyList<string> Failures);

    /// <param name="File">The file of the tests; null when the playbook has none.</param>
    /// <param name="Problem">What is wrong with the file as a whole.</param>
    /// <param name="Branches">How many ways the playbook has that a run can take.</param>
    /// <param name="Taken">The branches of its diagram that the tests took, by id.</param>
    internal sealed record TestsView(string? File, IReadOnlyList<TestedView> Tests, string? Problem, int Branches, IReadOnlyList<string> Taken, IReadOnlyList<string> Untaken);

    /// <param name="Source">As for a dry run.</param>
    /// <param name="Alerts">How many, newest first: 1 to 100.</param>
    /// <param name="Refuse">Whoever is asked refuses; else everybody agrees at once.</param>
    internal sealed record RehearsalBody(string? Source = null, int Alerts = Rehearsal.MostAlerts, bool Refuse = false);

    /// <param name="Number">The alert's.</param>
    /// <param name="Differences">What the draft would have done otherwise than what is published, heaviest first; empty where nothing.</param>
    /// <param name="Published">Null where nothing is published, or it does not compile.</param>
    internal sealed record RehearsedView(long Number, AlertId Alert, string Title, string Category, string Source, DateTimeOffset ReceivedAt, IReadOnlyList<RehearsalDifference> Differences, RehearsedRun Draft, RehearsedRun? Published);

    /// <param name="Against">The version that runs now, with which the draft was compared; null = none.</param>
    /// <param name="Problem">Why it was compared with none.</param>
    /// <param name="Alerts">Those that differ first.</param>
    /// <param name="Unreached">For how many alerts the time did not suffice.</param>
    internal sealed record RehearsalView(string? Against, string? Problem, IReadOnlyList<RehearsedView> Alerts, int Unreached);

    private static async Task<Created<RunsApi.Started>> DryRunAsync(string name, DryRunBody body, Caller caller, Sight sight, SoarNode node, CancellationToken cancellation)
    {
        await sight.MayEditAsync(name);
        RunsApi.Complete(body.Alert);
        var file = await PlaybooksApi.KnownAsync(node, name) ?? $"{name}.csx";
        var call = new RunCall(file, body.Alert, body.Inputs ?? new Dictionary<string, JsonElement>(), RunMode.DryRun, caller.Name);
        var id = await node.RecordedAsync(Calls.Start, Calls.With(call), caller.Actor, BeginAsync());
        return TypedResults.Created($"/api/runs/{id}", new RunsApi.Started(id));

        async Task<RunId> BeginAsync()
        {
            var playbook = await node.Playbooks.FromTextAsync(await TextAsync(name, body.Source, file, sight, node), file, cancellation);
            return await node.Engine.StartAsync(playbook, new StartRequest { Alert = body.Alert, Inputs = InputText.Read(playbook.Header, call.Inputs), Mode = RunMode.DryRun, StartedBy = caller.Name, Stops = new DryRunStops(body.Breakpoints ?? [], body.Step) });
        }
    }

    private static async Task<Ok<StopView>> ShowStopAsync(Guid id, Caller caller, Sight sight, SoarNode node)
    {
        var run = await FollowedAsync(id, caller, sight);
        var at = run.Status == RunStatus.Paused ? node.Engine.StoppedBefore(run.Id) : null;
        return TypedResults.Ok(new StopView(run.Status, at is null ? null : new StoppedAt(at.Path, at.Action, at.Instance, at.Options?.Title, at.Line, JsonDocument.Parse(at.Arguments).RootElement)));
    }

    private static async Task<NoContent> ContinueAsync(Guid id, ContinueBody body, Caller caller, Sight sight, SoarNode node)
    {
        var run = await FollowedAsync(id, caller, sight);
        var call = new ControlCall(run.Id, caller.Name, "");
        await node.RecordedAsync(Calls.Resume, Calls.With(call), caller.Actor, node.Engine.GoOnAsync(run.Id, caller.Name, body.Breakpoints ?? [], body.Step));
        return TypedResults.NoContent();
    }

    private static async Task<Run> FollowedAsync(Guid id, Caller caller, Sight sight)
    {
        var run = await sight.RunAsync(id);
        return run.Mode == RunMode.DryRun && run.StartedBy == caller.Name ? run
            : throw new SoarException("SOAR6002", $"Run {id} is no dry run that {caller.Name} started. POST /api/runs/{id}/resume lets others go on.");
    }

    private static async Task<Ok<QuestionsApi.QuestionView>> AnswerAsync(Guid id, QuestionsApi.GivenAnswer body, Caller caller, Sight sight, SoarNode node)
    {
        var question = (await node.Reader.Runs.QuestionsAsync(null, QuestionStatus.Open)).FirstOrDefault(open => open.Id.Value == id) is { } asked && await sight.SeesAsync(asked.Run) ? asked : throw new NotFoundException("open question", id.ToString(), "It was answered, or its run has ended.");
        if (await node.Reader.Runs.FindAsync(question.Run) is not { Mode: RunMode.DryRun } run || run.StartedBy != caller.Name)
            throw new SoarException("SOAR6002", $"Question {id} is of no dry run that {caller.Name} started. POST /api/questions/{id}/answer takes answers to all others.");
        return await QuestionsApi.AnswerAsync(id, body, caller, sight, node);
    }

    private static async Task<Ok<TestsView>> TestAsync(string name, TestBody body, Sight sight, SoarNode node, CancellationToken cancellation)
    {
        await sight.MayEditAsync(name);
        var file = await PlaybooksApi.KnownAsync(node, name) ?? $"{name}.csx";
        var result = await node.DraftTests.RunAsync(await TextAsync(name, body.Source, file, sight, node), file, cancellation);
        return TypedResults.Ok(new TestsView(
            result.TestFile is null ? null : Path.GetFileName(result.TestFile),
            [.. result.Results.Select(one => new TestedView(one.Test.Name, one.Test.Line, one.Status, Math.Round(one.Took.TotalMilliseconds, 1), one.Failures))],
            result.Problem, result.Coverage?.All ?? 0, [.. result.Coverage?.Diagram.Branches.Where(branch => result.Coverage.Taken.Contains(branch.Id)).Select(branch => branch.Id) ?? []], [.. (result.Coverage?.Untaken ?? []).Select(branch => branch.Id)]));
    }

    private static async Task<Ok<RehearsalView>> RehearseAsync(string name, RehearsalBody body, Caller caller, Sight sight, SoarNode node, CancellationToken cancellation)
    {
        await sight.MayEditAsync(name);
        if (!caller.May.Contains(Permission.ReadAlerts)) throw new SoarException("SOAR6002", $"{caller.Name} may not read alerts, and a rehearsal shows them. An administrator gives the role, or the token its scope.");
        if (body.Alerts is < 1 or > Rehearsal.MostAlerts) throw new SoarException("SOAR6007", $"alerts: cannot be {body.Alerts}; 1 to {Rehearsal.MostAlerts}.");
        var file = await PlaybooksApi.KnownAsync(node, name) ?? $"{name}.csx";
        var rehearsed = await node.Rehearsals.RunAsync(name, await TextAsync(name, body.Source, file, sight, node), file, new RehearsalTerms(body.Alerts, Agree: !body.Refuse, await sight.HorizonAsync()), cancellation);
        return TypedResults.Ok(new RehearsalView(rehearsed.Against, rehearsed.Problem, [.. rehearsed.Alerts.Select(View)], rehearsed.Unreached));

        static RehearsedView View(RehearsedAlert played) => new(
            played.Alert.Number, played.Alert.Id, played.Alert.Alert.Title, played.Alert.Alert.Category, played.Alert.Source, played.Alert.ReceivedAt, played.Differences, played.Draft, played.Published);
    }

    /// <summary>What is tried: whoever tries it may write it.</summary>
    private static async Task<string> TextAsync(string name, string? given, string file, Sight sight, SoarNode node)
    {
        var text = given ?? (await node.Reader.Drafts.FindAsync(name))?.Source ?? (await node.Playbooks.CurrentAsync(name))?.Source ?? await File.ReadAllTextAsync(file);
        await sight.MayWriteAsync(text, name);
        return text;
    }

    private static SoarException Changed(string name, Draft? stands) => new("SOAR6060", stands switch
    {
        { Source: null } => $"The draft of '{name}' was discarded by {stands.SavedBy} at {stands.SavedAt:u}. Nothing was saved. Begin anew from the published playbook, or save with basedOn 0.",
        { } => $"{stands.SavedBy} saved the draft of '{name}' at {stands.SavedAt:u}; it is version {stands.Version} now. Nothing was saved over it: look at theirs first (then basedOn {stands.Version} saves).",
        null => $"There is no draft of '{name}' (any more). Save with basedOn 0.",
    });
}
