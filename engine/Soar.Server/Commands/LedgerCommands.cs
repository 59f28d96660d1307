using System.CommandLine;
using Soar.Capabilities;
using Soar.Runs;
using Soar.Server.Display;
using Soar.Server.Node;
using Spectre.Console;

namespace Soar.Server.Commands;

/// <summary><c>soar containments</c> and <c>soar lift</c>: what is contained, why, until when; and letting it go.</summary>
internal static class LedgerCommands
{
    public static Command Containments()
    {
        var all = new Option<bool>("--all") { Description = "Lifted ones too." };
        var caseId = new Option<string?>("--case") { Description = "Only those of this case: its number or id." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("containments", "Lists what is blocked, disabled or sinkholed, by whom and until when.") { all, caseId, json };
        CommandContext.Handle(command, async (context, _) =>
        {
            using var reader = SoarNode.OpenReader(context.Workspace);
            var ofCase = context.Parsed.GetValue(caseId) is { } given ? (await reader.CaseAsync(given)).Id.ToString() : null;
            var rows = await reader.Runs.ContainmentsAsync(null, ofCase, standingOnly: !context.Parsed.GetValue(all));
            if (context.Parsed.GetValue(json)) { context.Terminal.Json(rows); return CommandContext.Done; }
            if (rows.Count == 0) { context.Terminal.Line("Nothing is contained."); return CommandContext.Done; }
            var switches = await reader.Runs.SwitchesAsync(all: false);
            var table = Terminal.Table("containment", "what", "where", "target", "status", "since (UTC)", "until (UTC)", "held by", "what happened");
            foreach (var row in rows)
            {
                var holders = row.Holders.Where(h => h.ReleasedAt is null).ToList();
                table.AddRow(ShortId.Of(row.Id), Terminal.Safe(row.Action), Terminal.Safe(row.Instance), Terminal.Safe(row.Target), Status(row.Status) + Late(row, switches, context.Clock.GetUtcNow()),
                    RunsCommands.Time(row.Since), row.Until is { } until ? RunsCommands.Time(until) : "lifted by hand",
                    string.Join(" ", holders.Select(h => "run " + ShortId.Of(h.Run))), $"[grey]{Terminal.Safe(row.Note)}[/]");
            }

            context.Terminal.Ansi.Write(table);
            return CommandContext.Done;
        });
        return command;
    }

    public static Command Lift()
    {
        var which = new Argument<string?>("containment") { Description = $"Its target, which lifts it wherever it is contained; or the containment: {Meant.ByPart}.", Arity = ArgumentArity.ZeroOrOne };
        var caseId = new Option<string?>("--case") { Description = "Lift everything that this case (its number or id) holds." };
        var force = new Option<bool>("--force") { Description = "Lift although other runs still hold it." };
        var reason = new Option<string>("--reason", "-r") { Description = "Why, for the ledger.", DefaultValueFactory = _ => "" };
        var command = new Command("lift", "Lifts a containment, or all of a case.") { which, caseId, force, reason };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            var text = context.Parsed.GetValue(which);
            var ofCase = context.Parsed.GetValue(caseId);
            if (text is null == (ofCase is null)) throw new SoarException("SOAR5001", "Say which: soar lift <containment>, or soar lift --case <case>.");
            var targets = new List<Guid?> { null };
            if (text is not null)
            {
                using var reader = SoarNode.OpenReader(context.Workspace);
                targets = [.. (await Meant.ContainmentsAsync(reader.Runs, text)).Select(c => (Guid?)c.Id)];
            }

            await using var node = await NodeConnection.OpenAsync(context, cancellation);
            var failed = false;
            foreach (var target in targets)
            {
                var result = await node.CallAsync(Calls.Lift, new LiftCall(target, ofCase, context.User, context.Parsed.GetValue(force), context.Parsed.GetValue(reason)!), cancellation);
                if (result.GetArrayLength() == 0) context.Terminal.Line($"Case {Terminal.Safe(ofCase)} holds nothing that stands.");
                foreach (var line in result.EnumerateArray())
                {
                    var lifted = line.GetProperty("lifted").GetBoolean();
                    // Of a case its own hold is asked for; what other cases hold stands as it should.
                    failed |= !(lifted || (ofCase is not null && line.GetProperty("released").GetBoolean()));
                    context.Terminal.Line($"{(lifted ? "[green]✔[/]" : "[yellow]…[/]")} {Terminal.Safe(line.GetProperty("text").GetString())}");
                }
            }

            return failed ? CommandContext.Failed : CommandContext.Done;
        });
        return command;
    }

    /// <summary>Its time is over, and a kill switch that names lifts keeps it standing.</summary>
    private static string Late(Containment row, IReadOnlyList<KillSwitch> switches, DateTimeOffset now) =>
        row.Status is ContainmentStatus.Active or ContainmentStatus.LiftFailed && row.Until <= now && switches.FirstOrDefault(s => s.Holds(row.Instance, Effect.Lifts, "")) is { } by
            ? $" [red]lift held by the kill switch {Terminal.Safe(by.Words())}[/]" : "";

    private static string Status(ContainmentStatus status) => status switch
    {
        ContainmentStatus.Active => "[green]active[/]",
        ContainmentStatus.Found => "[blue]found[/]",
        ContainmentStatus.Lifted => "[grey]lifted[/]",
        ContainmentStatus.LiftFailed or ContainmentStatus.Unknown => $"[red]{status.ToString().ToLowerInvariant()}[/]",
        _ => $"[yellow]{status.ToString().ToLowerInvariant()}[/]",
    };
}
