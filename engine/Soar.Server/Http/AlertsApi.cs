using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Soar.Alerts;
using Soar.Runs;
using Soar.Server.Accounts;
using Soar.Server.Node;

namespace Soar.Server.Http;

/// <summary><c>/api/alerts</c>: what came in, and what became of each; and the way in for programs.</summary>
internal static class AlertsApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var alerts = routes.MapGroup("/api/alerts").WithTags("alerts");
        alerts.MapGet("", ListAsync).Needs(Permission.ReadAlerts).WithSummary("Alerts, newest first, each with what every playbook said to it.");
        alerts.MapPost("", TakeAsync).Needs(Permission.SendAlerts).Accepts<Alert>("application/json", SentAlerts.Ndjson, SentAlerts.OtherNdjson).Produces<Taken>(StatusCodes.Status207MultiStatus)
            .WithSummary("Takes an alert, an array of them, or one a line (NDJSON), and answers for each when they are on disk. The same again, by source and id, is known and starts nothing. 207: some were refused; 429: nothing was taken, come again. With 'wait' (seconds, 1 to 60) a single alert is answered when the runs that it started have ended, and with them.");
        alerts.MapGet("/{id}", ShowAsync).Needs(Permission.ReadAlerts).WithSummary("One alert, by its number or id.");
        alerts.MapGet("/{id}/duplicates", DuplicatesAsync).Needs(Permission.ReadAlerts).WithSummary("The alerts that repeat this one, newest first, each as it came.");
        alerts.MapPost("/{id}/ask-again", AskAgainAsync).Needs(Permission.StartRuns).WithSummary("Asks every playbook about it again, after one was mended or written; what it has started is not started again. A repeat, or what was suppressed, then stands for itself.");
    }

    internal sealed record AlertList(IReadOnlyList<AlertRecord> Alerts);

    internal enum Reception { New, Known, Duplicate, Suppressed, Refused }

    /// <param name="Line">From 1: of NDJSON the line, of an array the position.</param>
    /// <param name="Number">The alert's, under which it is found; null when it was refused.</param>
    /// <param name="Field">The field that is wrong, where it is one.</param>
    /// <param name="DuplicateOf">The number of the alert that it repeats.</param>
    /// <param name="SuppressedBy">The rule that suppresses it.</param>
    internal sealed record TakenAlert(int Line, Reception As, long? Number = null, AlertId? Id = null, string? Field = null, string? Problem = null, long? DuplicateOf = null, string? SuppressedBy = null);

    /// <param name="Refused">So many were no alerts; what came is kept with what could not be read.</param>
    /// <param name="Runs">Where the sender waited: the runs that the alert started, as they ended, or stood when the wait was over.</param>
    internal sealed record Taken(int New, int Known, int Duplicate, int Suppressed, int Refused, IReadOnlyList<TakenAlert> Alerts, IReadOnlyList<RunsApi.RunView>? Runs = null);

    private static async Task<Ok<AlertList>> ListAsync(NodeReader reader, Sight sight, AlertState? state, string? source, int? max) =>
        TypedResults.Ok(new AlertList(await sight.ShownAsync(await reader.Alerts.ListAsync(state, source, Paging.Of(max), await sight.HorizonAsync()))));

    private static async Task<Results<Ok<Taken>, JsonHttpResult<Taken>>> TakeAsync(string? source, int? wait, HttpContext context, Caller caller, Sight sight, SoarNode node, IOptions<JsonOptions> json, CancellationToken cancellation)
    {
        var from = SourceOf(source, caller, node);
        var patience = Patience.Of(wait, caller);
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, cancellation);
        var sent = SentAlerts.Read(body.GetBuffer().AsMemory(0, (int)body.Length), context.Request.ContentType, json.Value.SerializerOptions, out var one);
        if (patience is not null && !one) throw new SoarException("SOAR6007", "'wait' is for a single alert: what comes of many is asked for later, with GET /api/alerts/{number}.");
        var heard = new Heard
        {
            Alerts = [.. sent.Where(s => s.Alert is not null).Select(s => new IncomingAlert(s.Alert!))],
            Unreadable = [.. sent.Where(s => s.Alert is null).Select(s => new UnreadableInput(s.Text, $"It is no complete alert: {s.Problem}."))],
        };
        try
        {
            // Once begun it is not taken back when the sender goes away: it comes again, and is known.
            var accepted = await node.Intake.AcceptAsync(from, heard, CancellationToken.None);
            var runs = patience is { } time && accepted is [{ Problem: null } kept] ? await sight.OfRunsAsync(await node.Outcomes.OfAlertAsync(kept.Id, time, cancellation), run => run.Id) : null;
            return Answer(sent, accepted, one, runs);
        }
        catch (IntakeFullException full)
        {
            context.Response.Headers.RetryAfter = Math.Ceiling(full.RetryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            throw;
        }
    }

    private static Results<Ok<Taken>, JsonHttpResult<Taken>> Answer(List<SentAlert> sent, IReadOnlyList<AcceptedAlert> accepted, bool one, IReadOnlyList<Run>? runs)
    {
        var next = 0;
        var answers = sent.Select(s => s.Alert is null ? new TakenAlert(s.Line, Reception.Refused, Field: s.Field, Problem: s.Problem) : Answer(s.Line, accepted[next++])).ToList();
        int Count(Reception how) => answers.Count(a => a.As == how);
        var refused = answers.Find(a => a.As == Reception.Refused);
        if (one && refused is not null) throw new SoarException("SOAR6050", $"The alert was not taken: {refused.Problem!.TrimEnd('.')}. 'soar alerts unreadable' shows what came.");
        var taken = new Taken(Count(Reception.New), Count(Reception.Known), Count(Reception.Duplicate), Count(Reception.Suppressed), Count(Reception.Refused), answers, runs?.Select(RunsApi.RunView.Of).ToList());
        return refused is null ? TypedResults.Ok(taken) : TypedResults.Json(taken, statusCode: StatusCodes.Status207MultiStatus);
    }

    private static TakenAlert Answer(int line, AcceptedAlert accepted) => accepted.Problem is { } problem
        ? new TakenAlert(line, Reception.Refused, Problem: problem)
        : new TakenAlert(
            line, !accepted.New ? Reception.Known : accepted.DuplicateOf is not null ? Reception.Duplicate : accepted.SuppressedBy is not null ? Reception.Suppressed : Reception.New,
            accepted.Number, accepted.Id, DuplicateOf: accepted.DuplicateOf, SuppressedBy: accepted.SuppressedBy);

    /// <summary>A sender speaks for itself: not for a connector instance, whose ids are another's.</summary>
    private static string SourceOf(string? given, Caller caller, SoarNode node)
    {
        if (caller.Source is { } only && given is not null && given != only) throw new SoarException("SOAR6002", $"This token sends alerts of the source {only} and of no other: leave 'source' out, or make a token for {given}.");
        var source = caller.Source ?? given ?? "api";
        if (!AlertSource.IsName(source)) throw new SoarException("SOAR6007", $"'source' cannot be '{source}': it names the sender, with 1 to 60 letters a to z, digits and . _ -");
        if (node.Tools.Registry.Instances.Any(i => i.Name.Equals(source, StringComparison.OrdinalIgnoreCase)))
            throw new SoarException("SOAR6007", $"'source' cannot be '{source}': that is a connector instance of soar.yaml, which hands over its alerts itself.");
        return source;
    }

    private static async Task<Ok<AlertRecord>> ShowAsync(string id, Sight sight) => TypedResults.Ok(await sight.AlertAsync(id));

    private static async Task<Ok<AlertList>> DuplicatesAsync(string id, Sight sight, NodeReader reader, int? max) =>
        TypedResults.Ok(new AlertList(await sight.ShownAsync(await reader.Alerts.DuplicatesAsync((await sight.AlertAsync(id)).Number, Paging.Of(max), await sight.HorizonAsync()))));

    private static async Task<Ok<RunsApi.Done>> AskAgainAsync(string id, Caller caller, Sight sight, SoarNode node, CancellationToken cancellation)
    {
        var call = Calls.With(new AskAgainCall((await sight.AlertAsync(id)).Id, caller.Name));
        return TypedResults.Ok(new RunsApi.Done((bool)(await node.HandleAsync(Calls.AskAgain, call, caller.Actor, _ => Task.CompletedTask, cancellation))!));
    }
}
