using Microsoft.AspNetCore.Http.HttpResults;
using Soar.Alerts;
using Soar.Server.Accounts;
using Soar.Server.Node;

namespace Soar.Server.Http;

/// <summary><c>/api/alerts</c>: what came in, and what became of each.</summary>
internal static class AlertsApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var alerts = routes.MapGroup("/api/alerts").WithTags("alerts");
        alerts.MapGet("", ListAsync).Needs(Permission.ReadAlerts).WithSummary("Alerts, newest first, each with what every playbook said to it.");
        alerts.MapGet("/{id}", ShowAsync).Needs(Permission.ReadAlerts).WithSummary("One alert, by its number or id.");
        alerts.MapPost("/{id}/ask-again", AskAgainAsync).Needs(Permission.StartRuns).WithSummary("Asks every playbook about it again, after one was mended or written; what it has started is not started again.");
    }

    internal sealed record AlertList(IReadOnlyList<AlertRecord> Alerts);

    private static async Task<Ok<AlertList>> ListAsync(NodeReader reader, AlertState? state, string? source, int? max) =>
        TypedResults.Ok(new AlertList(await reader.Alerts.ListAsync(state, source, Paging.Of(max))));

    private static async Task<Ok<AlertRecord>> ShowAsync(string id, NodeReader reader) => TypedResults.Ok(await FindAsync(reader, id));

    private static async Task<Ok<RunsApi.Done>> AskAgainAsync(string id, Caller caller, SoarNode node, NodeReader reader, CancellationToken cancellation)
    {
        var call = Calls.With(new AskAgainCall((await FindAsync(reader, id)).Id, caller.Name));
        return TypedResults.Ok(new RunsApi.Done((bool)(await node.HandleAsync(Calls.AskAgain, call, caller.Actor, _ => Task.CompletedTask, cancellation))!));
    }

    private static async Task<AlertRecord> FindAsync(NodeReader reader, string id) => await reader.Alerts.FindAsync(id) ?? throw new NotFoundException("alert", id, "GET /api/alerts lists them with their numbers.");
}
