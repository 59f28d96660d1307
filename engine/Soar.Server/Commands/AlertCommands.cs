using System.CommandLine;
using Soar.Alerts;
using Soar.Server.Display;
using Soar.Server.Node;
using Spectre.Console;

namespace Soar.Server.Commands;

/// <summary><c>soar alerts</c>: what came in, what became of each, and what could not be read.</summary>
internal static class AlertCommands
{
    public static Command Alerts()
    {
        var state = new Option<AlertState?>("--state") { Description = "Only alerts that stand so." };
        var source = new Option<string?>("--source") { Description = "Only alerts of this connector instance." };
        var max = Max();
        var json = Json();
        var command = new Command("alerts", "Lists the alerts that came in, newest first, with what became of each. 'soar serve' is what takes them.") { state, source, max, json, Show(), Retry(), Sources(), Unreadable() };
        CommandContext.Handle(command, async (context, _) =>
        {
            using var reader = SoarNode.OpenReader(context.Workspace);
            var alerts = await reader.Alerts.ListAsync(context.Parsed.GetValue(state), context.Parsed.GetValue(source), context.Parsed.GetValue(max));
            if (context.Parsed.GetValue(json)) { context.Terminal.Json(alerts); return CommandContext.Done; }
            if (alerts.Count == 0) { context.Terminal.Line("No alerts. Sources in soar.yaml hand them over while 'soar serve' runs."); return CommandContext.Done; }
            var table = Terminal.Table("alert", "received (UTC)", "source", "category", "severity", "title", "state", "runs");
            foreach (var alert in alerts)
            {
                table.AddRow($"{alert.Number}", RunsCommands.Time(alert.ReceivedAt), Terminal.Short(alert.Source, 30), Terminal.Short(alert.Alert.Category, 20), $"{alert.Alert.Severity}",
                    Terminal.Short(alert.Alert.Title, 70) + Times(alert), State(alert), Terminal.Safe(string.Join(", ", alert.Triggers.Where(t => t.Run is not null).Select(t => $"{t.Playbook} {ShortId.Of(t.Run!.Value)}"))));
            }

            context.Terminal.Ansi.Write(table);
            return CommandContext.Done;
        });
        return command;
    }

    private static Command Show()
    {
        var id = Id();
        var json = Json();
        var command = new Command("show", "Shows an alert: its state, which triggers wanted it and which did not, and its runs.") { id, json };
        CommandContext.Handle(command, async (context, _) =>
        {
            using var reader = SoarNode.OpenReader(context.Workspace);
            var alert = await FindAsync(reader, context.Parsed.GetRequiredValue(id));
            if (context.Parsed.GetValue(json)) { context.Terminal.Json(alert); return CommandContext.Done; }
            Print(context.Terminal, alert);
            if (alert.Duplicates > 0) context.Terminal.Line($"repeated by {alert.Duplicates}: alerts {string.Join(", ", (await reader.Alerts.DuplicatesAsync(alert.Number, 20)).Select(d => d.Number))}{(alert.Duplicates > 20 ? " …" : "")}");
            foreach (var trigger in alert.Triggers.OrderBy(t => t.Verdict)) await PrintAsync(context.Terminal, reader, trigger);
            if (alert.State == AlertState.Waiting) context.Terminal.Line("It waits to be looked at; 'soar serve' does that.");
            else if (alert.State is AlertState.Duplicate or AlertState.Suppressed) context.Terminal.Line($"[grey]It started nothing. To have it looked at for itself: soar alerts retry {alert.Number}[/]");
            else if (alert.Triggers.Any(t => t.Verdict == TriggerVerdict.Failed)) context.Terminal.Line($"[grey]Once that is mended: soar alerts retry {alert.Number}[/]");
            return CommandContext.Done;
        });
        return command;
    }

    private static Command Retry()
    {
        var id = Id();
        var command = new Command("retry", "Asks every playbook about an alert again, after one was mended or written; what the alert has started is not started again.") { id };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            AlertRecord alert;
            using (var reader = SoarNode.OpenReader(context.Workspace)) alert = await FindAsync(reader, context.Parsed.GetRequiredValue(id));
            await using var node = await NodeConnection.OpenAsync(context, cancellation);
            var again = (await node.CallAsync(Calls.AskAgain, new AskAgainCall(alert.Id, context.User), cancellation)).GetBoolean();
            context.Terminal.Line(again ? $"Alert {alert.Number} waits to be looked at again{(node.IsOwner ? "; 'soar serve' does that" : "")}." : $"Alert {alert.Number} waits already.");
            return CommandContext.Done;
        });
        return command;
    }

    private static Command Sources()
    {
        var json = Json();
        var command = new Command("sources", "Counts what each source has handed over: alerts, repeats, messages that are no alerts, and what could not be read.") { json };
        CommandContext.Handle(command, async (context, _) =>
        {
            using var reader = SoarNode.OpenReader(context.Workspace);
            var sources = await reader.Alerts.SourcesAsync();
            if (context.Parsed.GetValue(json)) { context.Terminal.Json(sources); return CommandContext.Done; }
            if (sources.Count == 0) { context.Terminal.Line("No source has handed over anything yet."); return CommandContext.Done; }
            var table = Terminal.Table("source", "alerts", "of these duplicates", "suppressed", "repeated", "no alerts", "unreadable", "last (UTC)");
            foreach (var source in sources)
                table.AddRow(Terminal.Safe(source.Source), $"{source.Alerts}", $"{source.Duplicates}", $"{source.Suppressed}", $"{source.Repeated}", $"{source.Ignored}", source.Unreadable > 0 ? $"[red]{source.Unreadable}[/]" : "0", RunsCommands.Time(source.LastAt));
            context.Terminal.Ansi.Write(table);
            if (sources.Any(s => s.Unreadable > 0)) context.Terminal.Line("'soar alerts unreadable' shows what could not be read.");
            return CommandContext.Done;
        });
        return command;
    }

    private static Command Unreadable()
    {
        var source = new Option<string?>("--source") { Description = "Only what this connector instance could not read." };
        var max = Max();
        var json = Json();
        var command = new Command("unreadable", "Shows what sources got and could not read, newest first.") { source, max, json };
        CommandContext.Handle(command, async (context, _) =>
        {
            using var reader = SoarNode.OpenReader(context.Workspace);
            var inputs = await reader.Alerts.UnreadableAsync(context.Parsed.GetValue(source), context.Parsed.GetValue(max));
            if (context.Parsed.GetValue(json)) { context.Terminal.Json(inputs); return CommandContext.Done; }
            if (inputs.Count == 0) context.Terminal.Line("Everything that came could be read.");
            foreach (var input in inputs)
            {
                context.Terminal.Line($"[red]✘[/] {RunsCommands.Time(input.LastAt)} {Terminal.Safe(input.Source)}: {Terminal.Safe(input.Problem)}{(input.Times > 1 ? $" ({input.Times} times since {RunsCommands.Time(input.FirstAt)})" : "")}");
                context.Terminal.Line($"    [grey]{Terminal.Short(input.Text, 300)}[/]");
            }

            return CommandContext.Done;
        });
        return command;
    }

    private static void Print(Terminal terminal, AlertRecord record)
    {
        var alert = record.Alert;
        terminal.Line($"[bold]alert {record.Number}[/]  {State(record)}  {Terminal.Safe(alert.Title)}");
        terminal.Line($"[grey]{record.Id}, {Terminal.Safe(record.Source)}: {Terminal.Safe(alert.Detector)} {Terminal.Safe(alert.Id)}[/]");
        terminal.Line($"category {Terminal.Safe(alert.Category)}, severity {alert.Severity}{(alert.RuleId is null ? "" : $", rule {Terminal.Safe(alert.RuleId)}")}{(alert.Tlp is { } tlp ? $", {tlp.Words()}" : "")}");
        if (Side(alert.Source) is { Length: > 0 } from) terminal.Line($"from {from}");
        if (Side(alert.Destination) is { Length: > 0 } to) terminal.Line($"to {to}");
        if (alert.Observables.Count > 0) terminal.Line($"seen: {Terminal.Short(string.Join(", ", alert.Observables.Select(o => $"{o.Type} {o.Value}")), 500)}");
        terminal.Line($"happened {RunsCommands.Time(alert.Time)}, received {RunsCommands.Time(record.ReceivedAt)}{(record.Times > 1 ? $", {record.Times} times, last {RunsCommands.Time(record.LastAt)}" : "")}{(record.ResolvedAt is { } over ? $", over since {RunsCommands.Time(over)}" : "")}");
        if (record.Routed is { } was) terminal.Line($"weighed by the rule '{Terminal.Safe(was.Rule)}'; its detector said severity {was.Severity}{(was.Tlp is { } said ? $", {said.Words()}" : "")}");
        if (record.CaseNumber is { } number) terminal.Line($"case {number}");
        if (record.Reason is not null) terminal.Line(Terminal.Safe(record.Reason));
        terminal.Line();
    }

    private static async Task PrintAsync(Terminal terminal, NodeReader reader, TriggerAnswer trigger)
    {
        var name = $"{Terminal.Safe(trigger.Playbook)} {Terminal.Safe(trigger.Version)}".TrimEnd();
        var run = trigger.Run is { } id ? await reader.Runs.FindAsync(id) : null;
        terminal.Line(trigger.Verdict switch
        {
            TriggerVerdict.Started => $"[green]✔[/] {name}: run {trigger.Run}{(run is null ? "" : $", {RunText.Word(run.Status)}")}",
            TriggerVerdict.NotWanted => $"[grey]–[/] {name}: {(trigger.Message is { } off ? Terminal.Safe(off) : "its trigger said no")}",
            _ => $"[red]✘[/] {name}: {Terminal.Safe(trigger.Message)}",
        });
        foreach (var when in trigger.When.Split('\n', StringSplitOptions.RemoveEmptyEntries)) terminal.Line($"    [grey]{Terminal.Short(when, 300)}[/]");
    }

    private static async Task<AlertRecord> FindAsync(NodeReader reader, string id) => await reader.Alerts.FindAsync(id) ?? throw new NotFoundException("alert", id, "'soar alerts' lists them.");

    private static string Side(Endpoint? side) => side is null ? "" : Terminal.Safe(string.Join(" ", new[]
    {
        side.Ip?.ToString(), side.Host, side.Port is { } port ? $"port {port}" : null, side.User is null ? null : $"user {side.User}",
    }.OfType<string>()));

    private static string Times(AlertRecord alert) => (alert.Times + alert.Duplicates > 1 ? $" [grey]×{alert.Times + alert.Duplicates}[/]" : "") + (alert.ResolvedAt is null ? "" : " [grey](over)[/]");

    private static string State(AlertRecord alert)
    {
        var failed = alert.Triggers.Count(t => t.Verdict == TriggerVerdict.Failed);
        return alert.State switch
        {
            AlertState.Waiting => "[yellow]waiting[/]",
            AlertState.Started => $"[green]started[/]{(failed > 0 ? $" [red]({failed} failed)[/]" : "")}",
            AlertState.NoTrigger => "no trigger",
            AlertState.Duplicate => $"[grey]duplicate of {alert.DuplicateOf}[/]",
            AlertState.Suppressed => $"[grey]suppressed by {Terminal.Short(alert.SuppressedBy, 40)}[/]",
            _ => "[red]failed[/]",
        };
    }

    private static Argument<string> Id() => new("alert") { Description = "The alert's number, or its id." };

    private static Option<int> Max() => new("--max") { Description = "How many. Default 50.", DefaultValueFactory = _ => 50 };

    private static Option<bool> Json() => new("--json") { Description = "Print JSON." };
}
