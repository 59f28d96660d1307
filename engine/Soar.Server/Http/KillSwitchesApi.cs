using Microsoft.AspNetCore.Http.HttpResults;
using Soar.Capabilities;
using Soar.Runs;
using Soar.Server.Accounts;
using Soar.Server.Node;

namespace Soar.Server.Http;

/// <summary><c>/api/kill-switches</c>: stopping effects, and allowing them again.</summary>
internal static class KillSwitchesApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var switches = routes.MapGroup("/api/kill-switches").WithTags("kill switches");
        switches.MapGet("", ListAsync).Needs(Permission.ReadRuns).WithSummary("The switches that are on, and the effects that each holds; with all=true those that were turned off too.");
        switches.MapPut("", StopAsync).Needs(Permission.StopEffects).WithSummary("Stops effects: once this is answered none that the switch holds begins any more. What is named narrows it; nothing named: every effect but lifts. One that holds the same and is on is answered instead of a second one.")
            .Example("""{"reason": "edge-2 blocks what it should not", "connector": "edge-2", "effect": "Contains"}""");
        switches.MapDelete("/{id:guid}", AllowAsync).Needs(Permission.AllowEffects).WithSummary("Allows effects again: what was held and is held by nothing else goes on, in the order in which it was held.");
    }

    /// <param name="Scope">What it holds, in words.</param>
    /// <param name="Held">The effects that it holds now; one that several switches hold stands with the oldest.</param>
    internal sealed record SwitchView(
        Guid Id, string Scope, string? Connector, Effect? Effect, string? Playbook, string By, string Reason, DateTimeOffset Since, DateTimeOffset? LiftedAt, string? LiftedBy, string? LiftReason, IReadOnlyList<HeldView> Held)
    {
        public static SwitchView Of(KillSwitch s, IEnumerable<HeldEffect> held) => new(
            s.Id, s.Scope(), s.Connector, s.Effect, s.Playbook, s.By, s.Reason, s.Since, s.LiftedAt, s.LiftedBy, s.LiftReason,
            [.. held.Where(h => h.By?.Id == s.Id).Select(h => new HeldView(h.Run, h.Path, h.Action, h.Instance, h.Effect, h.Playbook, h.Since))]);
    }

    /// <param name="Path">The step, within its run.</param>
    internal sealed record HeldView(RunId Run, string Path, string Action, string Instance, Effect Effect, string Playbook, DateTimeOffset Since);

    internal sealed record SwitchList(IReadOnlyList<SwitchView> Switches);

    /// <param name="Reason">Why: it stands on every run that is held.</param>
    /// <param name="Connector">Only at this connector instance.</param>
    /// <param name="Effect">Only effects of this class; lifts are held by a switch that names them and by no other.</param>
    /// <param name="Playbook">Only what runs of this playbook do.</param>
    internal sealed record Stop(string Reason, string? Connector = null, Effect? Effect = null, string? Playbook = null);

    private static async Task<Ok<SwitchList>> ListAsync(Sight sight, NodeReader reader, bool? all)
    {
        var held = await sight.OfRunsAsync(await reader.Runs.HeldAsync(null), effect => effect.Run);
        return TypedResults.Ok(new SwitchList([.. (await sight.SwitchesAsync(all == true)).Select(s => SwitchView.Of(s, held))]));
    }

    private static async Task<Ok<SwitchView>> StopAsync(Stop body, Caller caller, Sight sight, SoarNode node, NodeReader reader, CancellationToken cancellation)
    {
        if (body.Playbook is { } named) await sight.PlaybookAsync(named);
        // A name that fits nothing would hold nothing, and be believed in.
        if (body.Playbook is { } playbook) PlaybooksApi.FileOf(node, playbook);
        var call = Calls.With(new StopEffectsCall(body.Connector, body.Effect, body.Playbook, body.Reason, caller.Name));
        var on = (KillSwitch)(await node.HandleAsync(Calls.StopEffects, call, caller.Actor, _ => Task.CompletedTask, cancellation))!;
        return TypedResults.Ok(SwitchView.Of(on, await sight.OfRunsAsync(await reader.Runs.HeldAsync(null), effect => effect.Run)));
    }

    private static async Task<Ok<SwitchView>> AllowAsync(Guid id, string? reason, Caller caller, Sight sight, SoarNode node, CancellationToken cancellation)
    {
        if ((await sight.SwitchesAsync(all: true)).All(s => s.Id != id))
            throw new NotFoundException("kill switch", id.ToString(), "'soar killswitch list' names those that are on.");
        var call = Calls.With(new AllowEffectsCall(id, reason ?? "", caller.Name));
        return TypedResults.Ok(SwitchView.Of((KillSwitch)(await node.HandleAsync(Calls.AllowEffects, call, caller.Actor, _ => Task.CompletedTask, cancellation))!, []));
    }
}
