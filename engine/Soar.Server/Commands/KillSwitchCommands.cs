using System.CommandLine;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Runs;
using Soar.Server.Display;
using Soar.Server.Node;
using Spectre.Console;

namespace Soar.Server.Commands;

/// <summary><c>soar killswitch</c>: stops effects now, and allows them again.</summary>
internal static class KillSwitchCommands
{
    public static Command KillSwitch()
    {
        var command = new Command("killswitch", "Stops effects at once, and allows them again: reads go on, what waits goes on waiting, what was held is done when the switch is off.") { On(), Off(), List() };
        return command;
    }

    private static Command On()
    {
        var connector = new Option<string?>("--connector") { Description = "Only at this connector instance." };
        var effect = new Option<Effect?>("--effect") { Description = "Only effects of this class: records, notifies, contains, destroys; lifts are held only when they are named here." };
        var playbook = new Option<string?>("--playbook") { Description = "Only what runs of this playbook do." };
        var reason = new Option<string>("--reason", "-r") { Description = "Why: it stands on every run that is held.", Required = true };
        var command = new Command("on", "Stops effects: once this returns, none begins any more. Without options all of them, lifts excepted.") { connector, effect, playbook, reason };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            var parsed = context.Parsed;
            // A name that fits nothing would hold nothing, and be believed in.
            var name = parsed.GetValue(playbook) is { } given ? Path.GetFileNameWithoutExtension(context.Workspace.Playbook(given)) : null;
            var call = new StopEffectsCall(parsed.GetValue(connector), parsed.GetValue(effect), name, parsed.GetRequiredValue(reason), context.User);
            var on = await SwitchOnAsync(context, call, cancellation);
            context.Terminal.Line($"[red]■[/] The kill switch {on.Id} holds [bold]{Terminal.Safe(on.Scope())}[/] {Terminal.Safe(on.Words())}");
            context.Terminal.Line($"  What was dispatched before is recorded. To allow effects again: soar killswitch off {on.Id}");
            return CommandContext.Done;
        });
        return command;
    }

    private static async Task<KillSwitch> SwitchOnAsync(CommandContext context, StopEffectsCall call, CancellationToken cancellation)
    {
        await using var owner = await OwnerClient.ConnectAsync(context.Workspace.Socket, cancellation);
        if (owner is null) return await SoarNode.StopEffectsAsync(context.Workspace, call, context.Clock);
        var answer = await OwnerClient.CallAsync(owner, Calls.StopEffects, call, _ => Task.CompletedTask, cancellation);
        return answer.Deserialize<KillSwitch>(SoarJson.Options)!;
    }

    private static Command Off()
    {
        var which = new Argument<string?>("switch") { Description = "Its id; part of it is enough. May be left out when one is on.", Arity = ArgumentArity.ZeroOrOne };
        var reason = new Option<string>("--reason", "-r") { Description = "Why, for the record.", DefaultValueFactory = _ => "" };
        var command = new Command("off", "Allows effects again: what was held goes on in the order in which it was held.") { which, reason };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            KillSwitch found;
            int held;
            using (var reader = SoarNode.OpenReader(context.Workspace))
            {
                found = Find(await reader.Runs.SwitchesAsync(all: false), context.Parsed.GetValue(which));
                held = (await reader.Runs.HeldAsync(null)).Count(h => h.By?.Id == found.Id);
            }

            await using var node = await NodeConnection.OpenAsync(context, cancellation);
            await node.CallAsync(Calls.AllowEffects, new AllowEffectsCall(found.Id, context.Parsed.GetValue(reason)!, context.User), cancellation);
            context.Terminal.Line($"[green]✔[/] {Terminal.Safe(Capital(found.Scope()))} may begin again; {(held == 0 ? "nothing was held" : held == 1 ? "one effect goes on" : $"{held} effects go on")}.");
            if (held > 0 && node.IsOwner) context.Terminal.Line("  Nothing runs until a soar command opens the store again; 'soar serve' keeps the engine running.");
            return CommandContext.Done;
        });
        return command;
    }

    private static Command List()
    {
        var all = new Option<bool>("--all") { Description = "Those that were turned off too." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("list", "Lists the switches that are on, and what each holds.") { all, json };
        CommandContext.Handle(command, async (context, _) =>
        {
            using var reader = SoarNode.OpenReader(context.Workspace);
            var switches = await reader.Runs.SwitchesAsync(context.Parsed.GetValue(all));
            var held = await reader.Runs.HeldAsync(null);
            if (context.Parsed.GetValue(json)) { context.Terminal.Json(new { switches, held }); return CommandContext.Done; }
            if (switches.Count == 0) { context.Terminal.Line("No kill switch is on: effects may begin."); return CommandContext.Done; }
            var table = Terminal.Table("switch", "holds", "since (UTC)", "by", "because", "off (UTC)", "held now");
            foreach (var one in switches)
            {
                var mine = held.Where(h => h.By?.Id == one.Id).ToList();
                table.AddRow(one.Id.ToString(), Terminal.Safe(one.Scope()), RunsCommands.Time(one.Since), Terminal.Safe(one.By), Terminal.Short(one.Reason, 80),
                    one.LiftedAt is { } off ? $"{RunsCommands.Time(off)} by {Terminal.Safe(one.LiftedBy)}" : "[red]on[/]",
                    mine.Count == 0 ? "" : $"{mine.Count} of {string.Join(" ", mine.Select(h => h.Run).Distinct().Take(5).Select(r => "run " + ShortId.Of(r)))}");
            }

            context.Terminal.Ansi.Write(table);
            return CommandContext.Done;
        });
        return command;
    }

    private static KillSwitch Find(IReadOnlyList<KillSwitch> on, string? text)
    {
        var found = text is null ? on : [.. on.Where(s => s.Id.ToString().StartsWith(text, StringComparison.OrdinalIgnoreCase) || s.Id.ToString().EndsWith(text, StringComparison.OrdinalIgnoreCase))];
        return found.Count switch
        {
            1 => found[0],
            0 => throw new NotFoundException("kill switch that is on", text ?? "", "'soar killswitch list' lists them."),
            _ => throw new SoarException("SOAR5001", $"{found.Count} switches are on that may be meant. Say which: {string.Join(", ", found.Select(s => $"{s.Id} ({s.Scope()})"))}"),
        };
    }

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
