using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Soar.Runs;
using Soar.Server.Accounts;
using Soar.Server.Node;

namespace Soar.Server.Http;

/// <summary><c>/api/containments</c>: what is blocked, disabled or sinkholed, for whom and until when; and letting it go.</summary>
internal static class ContainmentsApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var containments = routes.MapGroup("/api/containments").WithTags("containments");
        containments.MapGet("", ListAsync).Needs(Permission.ReadContainments).WithSummary("What stands; with all=true what was lifted too.");
        containments.MapPost("/{id:guid}/lift", LiftAsync).Needs(Permission.LiftContainments).WithSummary("Releases a containment, and lifts it when nobody holds it any more.");
    }

    /// <param name="Until">Null: until somebody lifts it.</param>
    /// <param name="Holders">The runs for which it stands.</param>
    internal sealed record ContainmentView(
        Guid Id, string Action, string Instance, string Target, JsonElement Arguments, ContainmentStatus Status, DateTimeOffset Since, DateTimeOffset? Until, string? Note, int LiftAttempts, IReadOnlyList<Holder> Holders)
    {
        public static ContainmentView Of(Containment c) => new(
            c.Id, c.Action, c.Instance, c.Target, JsonDocument.Parse(c.Arguments).RootElement, c.Status, c.Since, c.Until, c.Note, c.LiftAttempts, c.Holders);
    }

    internal sealed record ContainmentList(IReadOnlyList<ContainmentView> Containments);

    /// <param name="Force">Lift although several runs hold it.</param>
    internal sealed record Lift(string Reason = "", bool Force = false);

    private static async Task<Ok<ContainmentList>> ListAsync(Sight sight, string? caseId, bool? all)
    {
        var ofCase = caseId is null ? null : (await sight.CaseAsync(caseId)).Id.ToString();
        return TypedResults.Ok(new ContainmentList([.. (await sight.ContainmentsAsync(ofCase, standingOnly: all != true)).Select(ContainmentView.Of)]));
    }

    private static async Task<Ok<ContainmentView>> LiftAsync(Guid id, Lift? body, Caller caller, Sight sight, SoarNode node)
    {
        if (await FindAsync(sight, id) is null) throw new NotFoundException("containment", id.ToString(), "GET /api/containments lists what stands.");
        var call = new LiftCall(id, null, caller.Name, body?.Force ?? false, body?.Reason ?? "");
        await node.RecordedAsync(Calls.Lift, Calls.With(call), caller.Actor, node.Engine.LiftAsync(id, call.By, force: call.Force, reason: call.Reason));
        return TypedResults.Ok(ContainmentView.Of((await FindAsync(sight, id))!));
    }

    private static async Task<Containment?> FindAsync(Sight sight, Guid id) => (await sight.ContainmentsAsync(null, standingOnly: false)).FirstOrDefault(c => c.Id == id);
}
