using Microsoft.AspNetCore.Http.HttpResults;
using Soar.Cases;
using Soar.Server.Accounts;
using Soar.Server.Node;

namespace Soar.Server.Http;

/// <summary>What people do with cases: <c>/api/cases/{id}/…</c>. Every change stands in the case's timeline and in the audit.</summary>
internal static class CaseWorkApi
{
    private const int MostEvents = 500, MostRelated = 50;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var cases = routes.MapGroup("/api/cases").WithTags("cases");
        cases.MapGet("/metrics", MetricsAsync).Needs(Permission.ReadCases).WithSummary("How the cases went that were opened in a time (30 days back unless 'from' says otherwise): how many stand how, and how long it took to acknowledge, contain and close them.");
        cases.MapPatch("/{id}", ChangeAsync).Needs(Permission.WorkCases).WithSummary("Changes what is given: title, severity, priority, TLP, status with resolution, owner, whether it is a declared incident.")
            .Example("""{"status": "Closed", "resolution": "FalsePositive", "reason": "The scanner is ours."}""");
        cases.MapPost("/{id}/notes", NoteAsync).Needs(Permission.WorkCases).WithSummary("Adds a note, Markdown. It is kept as text; whoever shows it must let nothing in it run.").Example("""{"text": "Called the provider: **they preserve** the logs."}""");
        cases.MapPost("/{id}/tasks", AddTaskAsync).Needs(Permission.WorkCases).WithSummary("Adds something to be done.").Example("""{"title": "Ask the registry who owns the domain", "assignee": "ana", "due": "2026-12-01T12:00:00Z"}""");
        cases.MapPatch("/{id}/tasks/{number:long}", ChangeTaskAsync).Needs(Permission.WorkCases).WithSummary("Changes a task: title, assignee, due time, whether it is done.").Example("""{"done": true}""");
        cases.MapGet("/{id}/timeline", TimelineAsync).Needs(Permission.ReadCases).WithSummary("Everything that happened in a case, oldest first: what people did, alerts, runs, notes, observables, evidence, containments.");
        cases.MapGet("/{id}/related", RelatedAsync).Needs(Permission.ReadCases).WithSummary("Cases that are about the same things, those that share most first.");
        cases.MapPut("/{id}/hold", HoldAsync).Needs(Permission.WorkCases).WithSummary("Puts the case on hold: everything that belongs to it is kept, whatever the settings say. One that stands is left as it is.").Example("""{"reason": "Order 12/2026 of the court in Skopje"}""");
        cases.MapDelete("/{id}/hold", ReleaseAsync).Needs(Permission.ReleaseHolds).WithSummary("Ends the hold; 'reason' says why.");
        routes.MapGet("/api/retention", RetentionAsync).Needs(Permission.ReadCases).WithTags("retention").WithSummary("How long what is over is kept, what would be removed now, and which cases are on hold. Nothing is removed.");
        cases.MapPost("/{id}/merge", MergeAsync).Needs(Permission.WorkCases).WithSummary("Puts everything that lies in this case into another one and closes it as its duplicate; answers the other one.").Example("""{"into": "12", "reason": "The same attacker"}""");
        cases.MapPost("/{id}/split", SplitAsync).Needs(Permission.WorkCases).WithSummary("Opens a new case for some of its alerts and runs; answers the new one.").Example("""{"title": "Another attacker", "alerts": [19, 23]}""");
    }

    internal sealed record NoteBody(string Text);

    internal sealed record TaskBody(string Title, string? Assignee = null, DateTimeOffset? Due = null);

    /// <param name="Into">The other case, by its number or id.</param>
    internal sealed record MergeBody(string Into, string Reason = "");

    /// <param name="Alerts">By number.</param>
    internal sealed record SplitBody(string Title, IReadOnlyList<long>? Alerts = null, IReadOnlyList<RunId>? Runs = null);

    internal sealed record HoldBody(string Reason);

    /// <param name="Keep">What the settings say; what they do not say is kept for good.</param>
    /// <param name="Due">What would go now; null for who does not see everything.</param>
    internal sealed record RetentionView(Settings.RetentionSettings Keep, Removed? Due, IReadOnlyList<CaseFile> Held);

    internal sealed record Timeline(IReadOnlyList<CaseEvent> Events);

    internal sealed record Related(IReadOnlyList<RelatedCase> Cases);

    private static async Task<Ok<CaseMetrics>> MetricsAsync(DateTimeOffset? from, DateTimeOffset? until, Sight sight, SoarNode node)
    {
        var end = AskedTime.Of("until", until ?? node.Clock.GetUtcNow());
        return TypedResults.Ok(await node.Reader.Cases.MetricsAsync(AskedTime.Of("from", from ?? end.AddDays(-30)), end, await sight.HorizonAsync()));
    }

    private static async Task<Ok<CaseFile>> ChangeAsync(string id, CaseEdit body, Caller caller, Sight sight, SoarNode node)
    {
        var call = new ChangeCaseCall(await IdAsync(sight, id), body, caller.Name);
        return TypedResults.Ok(await node.RecordedAsync(Calls.ChangeCase, Calls.With(call), caller.Actor, node.Reader.Cases.ChangeAsync(call.Case, body, caller.Name, node.Clock.GetUtcNow())));
    }

    private static async Task<Created<PersonsNote>> NoteAsync(string id, NoteBody body, Caller caller, Sight sight, SoarNode node)
    {
        var call = new NoteCaseCall(await IdAsync(sight, id), body.Text, caller.Name);
        return TypedResults.Created($"/api/cases/{id}", await node.RecordedAsync(Calls.NoteCase, Calls.With(call), caller.Actor, node.Reader.Cases.NoteAsync(call.Case, body.Text, caller.Name, node.Clock.GetUtcNow())));
    }

    private static async Task<Created<CaseTask>> AddTaskAsync(string id, TaskBody body, Caller caller, Sight sight, SoarNode node)
    {
        var call = new AddTaskCall(await IdAsync(sight, id), body.Title, body.Assignee, body.Due, caller.Name);
        return TypedResults.Created($"/api/cases/{id}", await node.RecordedAsync(
            Calls.AddTask, Calls.With(call), caller.Actor, node.Reader.Cases.AddTaskAsync(call.Case, body.Title, body.Assignee, body.Due, caller.Name, node.Clock.GetUtcNow())));
    }

    private static async Task<Ok<CaseTask>> ChangeTaskAsync(string id, long number, TaskEdit body, Caller caller, Sight sight, SoarNode node)
    {
        var call = new ChangeTaskCall(await IdAsync(sight, id), number, body, caller.Name);
        return TypedResults.Ok(await node.RecordedAsync(Calls.ChangeTask, Calls.With(call), caller.Actor, node.Reader.Cases.ChangeTaskAsync(call.Case, number, body, caller.Name, node.Clock.GetUtcNow())));
    }

    private static async Task<Ok<Timeline>> TimelineAsync(string id, Sight sight, SoarNode node) => TypedResults.Ok(new Timeline(await node.Reader.Cases.TimelineAsync(await IdAsync(sight, id), MostEvents, await sight.HorizonAsync())));

    private static async Task<Ok<Related>> RelatedAsync(string id, Sight sight, SoarNode node) => TypedResults.Ok(new Related(await node.Reader.Cases.RelatedAsync(await IdAsync(sight, id), MostRelated, await sight.HorizonAsync())));

    private static async Task<Ok<CaseFile>> MergeAsync(string id, MergeBody body, Caller caller, Sight sight, SoarNode node)
    {
        var call = new MergeCaseCall(await IdAsync(sight, id), await IdAsync(sight, body.Into), body.Reason, caller.Name);
        return TypedResults.Ok(await node.RecordedAsync(Calls.MergeCase, Calls.With(call), caller.Actor, node.Reader.Cases.MergeAsync(call.Case, call.Into, body.Reason, caller.Name, node.Clock.GetUtcNow())));
    }

    private static async Task<Ok<CaseFile>> SplitAsync(string id, SplitBody body, Caller caller, Sight sight, SoarNode node)
    {
        // Each by itself: what is not seen is not there.
        foreach (var alert in body.Alerts ?? []) await sight.AlertAsync(alert.ToString(System.Globalization.CultureInfo.InvariantCulture));
        foreach (var run in body.Runs ?? []) await sight.RunAsync(run.Value);
        var call = new SplitCaseCall(await IdAsync(sight, id), body.Title, body.Alerts ?? [], body.Runs ?? [], caller.Name);
        return TypedResults.Ok(await node.RecordedAsync(
            Calls.SplitCase, Calls.With(call), caller.Actor, node.Cases.SplitAsync(call.Case, body.Title, [.. call.Alerts.Distinct()], [.. call.Runs.Distinct()], caller.Name, node.Clock.GetUtcNow())));
    }

    private static async Task<Ok<CaseFile>> HoldAsync(string id, HoldBody body, Caller caller, Sight sight, SoarNode node)
    {
        var call = new HoldCaseCall(await IdAsync(sight, id), body.Reason, caller.Name);
        return TypedResults.Ok(await node.RecordedAsync(Calls.HoldCase, Calls.With(call), caller.Actor, node.Reader.Cases.HoldAsync(call.Case, call.Reason, caller.Name, node.Clock.GetUtcNow())));
    }

    private static async Task<Ok<CaseFile>> ReleaseAsync(string id, string? reason, Caller caller, Sight sight, SoarNode node)
    {
        var call = new HoldCaseCall(await IdAsync(sight, id), reason ?? "", caller.Name);
        return TypedResults.Ok(await node.RecordedAsync(Calls.ReleaseCase, Calls.With(call), caller.Actor, node.Reader.Cases.ReleaseAsync(call.Case, call.Reason, caller.Name, node.Clock.GetUtcNow())));
    }

    private static async Task<Ok<RetentionView>> RetentionAsync(Sight sight, SoarNode node) => TypedResults.Ok(new RetentionView(
        node.Tools.Settings.Retention, sight.Given.SeesEverything ? await node.Retention.LookAsync() : null, await node.Reader.Cases.HeldAsync(await sight.HorizonAsync())));

    private static async Task<CaseId> IdAsync(Sight sight, string id) => (await sight.CaseAsync(id)).Id;
}
