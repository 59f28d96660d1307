using System.CommandLine;
using Soar.Cases;
using Soar.Hosting;
using Soar.Runs;
using Soar.Scripting.Compile;
using Soar.Server.Display;
using Soar.Server.Node;
using Soar.Server.Settings;
using Soar.Server.Versions;
using Spectre.Console;

namespace Soar.Server.Commands;

/// <summary><c>soar triggers</c>: what starts which playbook by itself, what it has started, and what went wrong with it.</summary>
internal static class TriggerCommands
{
    public static Command Triggers()
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var max = new Option<int>("--max") { Description = "How many errors. Default 20.", DefaultValueFactory = _ => 20 };
        var command = new Command("triggers", "Lists what starts playbooks by itself, the runs it has started last, and what went wrong with it. 'soar serve' is what does it.") { max, json };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            await using var tools = Toolchain.Open(context.Workspace, context.Clock);
            IReadOnlyList<CatalogEntry> entries;
            using (var store = SoarNode.TryOpenReader(context.Workspace)) entries = await CurrentPlaybooks.ReadAsync(tools, PlaybookCommands.Files(context.Workspace, []), store, cancellation);
            var rows = new List<Row>();
            IReadOnlyList<TriggerError> errors = [];
            if (File.Exists(SoarNode.DatabaseOf(context.Workspace)))
            {
                using var reader = SoarNode.OpenReader(context.Workspace);
                errors = await reader.Cases.TriggerErrorsAsync(context.Parsed.GetValue(max));
                foreach (var header in entries.Select(e => e.Header).OfType<PlaybookHeader>())
                    rows.AddRange(Of(header, await reader.Runs.ListAsync(null, header.Name, 100), tools.Settings.Triggers, await reader.Runs.LineAsync(header.Name)));
            }
            else
            {
                rows.AddRange(entries.Select(e => e.Header).OfType<PlaybookHeader>().SelectMany(header => Of(header, [], tools.Settings.Triggers, 0)));
            }

            if (context.Parsed.GetValue(json)) { context.Terminal.Json(new { triggers = rows, errors }); return CommandContext.Done; }
            Show(context.Terminal, rows, errors, tools.Settings.Hooks);
            return CommandContext.Done;
        });
        return command;
    }

    /// <param name="Here">What soar.yaml sets otherwise.</param>
    /// <param name="InLine">How many runs of the playbook wait for those that are under way.</param>
    private sealed record Row(string Playbook, string Version, string Kind, string Text, string Here, int InLine, RunId? Last, string? StartedBy, DateTimeOffset? At);

    private static IEnumerable<Row> Of(PlaybookHeader header, IReadOnlyList<Run> runs, IReadOnlyDictionary<string, TriggerSettings> settings, int inLine)
    {
        var here = settings.GetValueOrDefault(header.Name);
        foreach (var trigger in header.Triggers)
        {
            var last = runs.FirstOrDefault(r => r.TriggerKey?.StartsWith($"{trigger.Kind}/", StringComparison.Ordinal) == true);
            yield return new Row(header.Name, header.Version, trigger.Kind, trigger.Text, (trigger.Kind is "alert" or "case" ? here : here is null ? null : here with { Enabled = true, Maintenance = [] })?.Words() ?? "", inLine, last?.Id, last?.StartedBy, last?.CreatedAt);
        }
    }

    // Whatever keeps a webhook from starting something is told here, because its sender is told as little as can be.
    private static void Webhooks(Terminal terminal, IReadOnlyList<Row> rows, IReadOnlyDictionary<string, WebhookSettings> hooks)
    {
        foreach (var hook in rows.Where(row => row.Kind == "webhook").GroupBy(row => row.Text, StringComparer.Ordinal))
        {
            if (hook.Count() > 1) terminal.Line($"[yellow]![/] {Terminal.Safe(string.Join(", ", hook.Select(row => row.Playbook)))} all have the webhook {Terminal.Safe(hook.Key)}: it starts none of them. Give each its own.");
            if (hooks.GetValueOrDefault(hook.Key)?.Open == true) terminal.Line($"Webhook {Terminal.Safe(hook.Key)} is open: POST /api/hooks/{Terminal.Safe(hook.Key)} of 'soar serve' starts it.");
            else terminal.Line($"[yellow]![/] Webhook {Terminal.Safe(hook.Key)} is closed. {Terminal.Safe(PlaybookWarnings.HowToOpen(hook.Key))}");
        }

        foreach (var name in hooks.Keys.Where(name => rows.All(row => row.Kind != "webhook" || row.Text != name)))
            terminal.Line($"[yellow]![/] hooks: {Terminal.Safe(name)} of soar.yaml is no playbook's On.Webhook: what is posted there starts nothing.");
    }

    private static void Show(Terminal terminal, IReadOnlyList<Row> rows, IReadOnlyList<TriggerError> errors, IReadOnlyDictionary<string, WebhookSettings> hooks)
    {
        if (rows.Count == 0) terminal.Line("No playbook has a trigger: all are started by people.");
        else
        {
            var table = Terminal.Table("playbook", "starts on", "when", "here", "last run", "started (UTC)", "by");
            foreach (var row in rows)
                table.AddRow($"{Terminal.Safe(row.Playbook)} {Terminal.Safe(row.Version)}", Terminal.Safe(row.Kind), Terminal.Short(row.Text, 80), Terminal.Safe(row.Here), row.Last?.ToString() ?? "", row.At is { } at ? RunsCommands.Time(at) : "", Terminal.Safe(row.StartedBy));
            terminal.Ansi.Write(table);
            foreach (var line in rows.Where(row => row.InLine > 0).DistinctBy(row => row.Playbook))
                terminal.Line($"[yellow]…[/] {Terminal.Safe($"{line.InLine} {Plural.Word(line.InLine, "run")} of {line.Playbook} {(line.InLine == 1 ? "waits" : "wait")} in line: 'soar runs --playbook {line.Playbook}'")}");
            if (rows.Any(row => row.Kind == "schedule")) terminal.Line("'soar schedules' shows when each schedule fires next, and what soar.yaml sets otherwise.");
        }

        Webhooks(terminal, rows, hooks);

        foreach (var error in errors)
        {
            terminal.Line($"[red]✘[/] {RunsCommands.Time(error.At)} {Terminal.Safe(error.Playbook)} was not started for {Terminal.Safe(error.Subject)}{(error.Times > 1 ? $" ({error.Times} times)" : "")}");
            terminal.Line($"    {Terminal.Safe(error.Message, lines: true)}");
        }
    }
}
