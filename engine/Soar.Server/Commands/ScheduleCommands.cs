using System.CommandLine;
using System.Globalization;
using Soar.Hosting;
using Soar.Server.Display;
using Soar.Server.Node;
using Soar.Server.Schedules;
using Soar.Server.Versions;
using Soar.Storage;
using Spectre.Console;

namespace Soar.Server.Commands;

/// <summary><c>soar schedules</c>: what the clock starts, when next, and what became of due times.</summary>
internal static class ScheduleCommands
{
    private const int NextOnes = 5;

    public static Command Schedules()
    {
        var json = Json();
        var command = new Command("schedules", "Lists the schedules of the playbooks as this deployment has them, when each fires next, and what became of its last due time. 'soar serve' is what fires them.") { json, Show() };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            var (rows, strangers) = await ReadAsync(context, cancellation);
            if (context.Parsed.GetValue(json)) { context.Terminal.Json(new { schedules = rows, unknown = strangers }); return CommandContext.Done; }
            Print(context.Terminal, rows, strangers);
            return CommandContext.Done;
        });
        return command;
    }

    private static Command Show()
    {
        var name = new Argument<string>("schedule") { Description = "Its name as 'soar schedules' lists it." };
        var max = new Option<int>("--max") { Description = "How many due times. Default 30.", DefaultValueFactory = _ => 30 };
        var json = Json();
        var command = new Command("show", "Shows a schedule: its next due times, and what became of past ones: started, queued, skipped and why, missed.") { name, max, json };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            var asked = context.Parsed.GetRequiredValue(name);
            var (rows, _) = await ReadAsync(context, cancellation);
            var row = rows.FirstOrDefault(r => r.Name == asked);
            IReadOnlyList<ScheduleFiring> firings = [];
            IReadOnlyList<ScheduleMisses> misses = [];
            if (File.Exists(SoarNode.DatabaseOf(context.Workspace)))
            {
                using var reader = SoarNode.OpenReader(context.Workspace);
                firings = await reader.Schedules.ListAsync(asked, context.Parsed.GetValue(max));
                misses = await reader.Schedules.MissesAsync(asked, context.Parsed.GetValue(max));
            }

            // One that no playbook has any more still has a past.
            if (row is null && firings.Count == 0) throw new NotFoundException("schedule", asked, "'soar schedules' lists them.");
            if (context.Parsed.GetValue(json)) { context.Terminal.Json(new { schedule = row, firings, misses }); return CommandContext.Done; }
            if (row is null) context.Terminal.Line($"[yellow]![/] No playbook has the schedule {Terminal.Safe(asked)} any more.");
            else Print(context.Terminal, row);
            Print(context.Terminal, firings, misses);
            return CommandContext.Done;
        });
        return command;
    }

    private static Option<bool> Json() => new("--json") { Description = "Print JSON." };

    private sealed record Row(string Name, string Playbook, string Version, ScheduleHeader Says, bool Enabled, string? Problem, IReadOnlyList<DateTimeOffset> Next, ScheduleFiring? Last);

    private static async Task<(IReadOnlyList<Row> Rows, IReadOnlyList<string> Strangers)> ReadAsync(CommandContext context, CancellationToken cancellation)
    {
        await using var tools = Toolchain.Open(context.Workspace, context.Clock);
        using var reader = File.Exists(SoarNode.DatabaseOf(context.Workspace)) ? SoarNode.OpenReader(context.Workspace) : null;
        var entries = await CurrentPlaybooks.ReadAsync(tools, PlaybookCommands.Files(context.Workspace, []), reader, cancellation);
        var book = ScheduleBook.Of(entries.Where(e => !e.HasErrors).Select(e => e.Header).OfType<PlaybookHeader>(), tools.Settings);
        var now = context.Clock.GetUtcNow();
        var holidays = Holidays.Read(tools.Settings.Calendars, context.Workspace.SettingsFolder, now);
        var rows = new List<Row>();
        foreach (var schedule in book.Schedules)
        {
            var last = reader is null ? null : (await reader.Schedules.ListAsync(schedule.Name, 1)).FirstOrDefault();
            rows.Add(new Row(schedule.Name, schedule.Playbook, schedule.Version, schedule.Says, schedule.Enabled, schedule.Problem, schedule.Fires ? FireTimes.Next(schedule, holidays.Of(schedule), now, NextOnes) : [], last));
        }

        return (rows, book.Strangers);
    }

    private static void Print(Terminal terminal, IReadOnlyList<Row> rows, IReadOnlyList<string> strangers)
    {
        if (rows.Count == 0) terminal.Line("No playbook has a schedule.");
        else
        {
            var table = Terminal.Table("schedule", "when", "calendar", "missed", "overlap", "next in its zone", "next (UTC)", "last due (UTC)", "became");
            foreach (var row in rows)
            {
                table.AddRow($"{Terminal.Safe(row.Name)} [grey]{Terminal.Safe(row.Version)}[/]", Terminal.Safe($"{row.Says.Cron} {row.Says.Zone}"), Terminal.Safe(row.Says.Calendar), Word(row.Says.Missed), Word(row.Says.Overlap),
                    row.Enabled ? row.Problem is not null ? "[red]it does not fire[/]" : row.Next is [var next, ..] ? InZone(next, row.Says.Zone) : "never again" : "[yellow]disabled[/]",
                    row.Next is [var utc, ..] ? Utc(utc) : "", row.Last is { } last ? Utc(last.Due) : "", row.Last is { } one ? Became(one) : "");
            }

            terminal.Ansi.Write(table);
        }

        foreach (var row in rows.Where(r => r.Problem is not null)) terminal.Line($"[red]✘[/] {Terminal.Safe(row.Name)}: {Terminal.Safe(row.Problem)}");
        foreach (var stranger in strangers) terminal.Line($"[yellow]![/] soar.yaml has '{Terminal.Safe(stranger)}' under 'schedules', and no playbook has such a schedule.");
    }

    private static void Print(Terminal terminal, Row row)
    {
        terminal.Line($"{Terminal.Safe(row.Name)} starts {Terminal.Safe(row.Playbook)} {Terminal.Safe(row.Version)}: {Terminal.Safe(row.Says.Cron)} {Terminal.Safe(row.Says.Zone)}{(row.Says.Calendar is { } calendar ? $", not on the days of {Terminal.Safe(calendar)}" : "")}");
        terminal.Line($"  missed: {Word(row.Says.Missed)}; overlap: {Word(row.Says.Overlap)}{(row.Enabled ? "" : "; [yellow]disabled in soar.yaml[/]")}");
        if (row.Problem is not null) terminal.Line($"  [red]✘[/] It does not fire: {Terminal.Safe(row.Problem)}");
        if (row.Problem is null && row.Enabled && row.Next.Count == 0) terminal.Line("  It never fires again.");
        foreach (var next in row.Next) terminal.Line($"  next {InZone(next, row.Says.Zone)} [grey]({Utc(next)} UTC)[/]");
    }

    private static void Print(Terminal terminal, IReadOnlyList<ScheduleFiring> firings, IReadOnlyList<ScheduleMisses> misses)
    {
        foreach (var miss in misses)
        {
            var count = miss.Times < FireTimes.MostCounted ? $"{miss.Times}" : $"{miss.Times} or more";
            terminal.Line($"[yellow]![/] {count} due time{(miss.Times == 1 ? "" : "s")} from {Utc(miss.First)} to {Utc(miss.Last)} UTC passed while no server ran: {(miss.Policy == Missed.Skip ? "skipped" : $"one run for them all, that of {Utc(miss.First)}")}");
        }

        if (firings.Count == 0) { terminal.Line("  No due time has come yet."); return; }
        var table = Terminal.Table("due (UTC)", "handed over", "became", "run", "why");
        foreach (var firing in firings) table.AddRow(Utc(firing.Due), Utc(firing.Fired), Became(firing), firing.Run?.ToString() ?? "", Terminal.Safe(firing.Reason));
        terminal.Ansi.Write(table);
    }

    private static string Became(ScheduleFiring firing) => firing.State switch
    {
        FiringState.Started => "[green]started[/]",
        FiringState.Skipped => "[yellow]skipped[/]",
        FiringState.Failed => "[red]not started[/]",
        var state => state.ToString().ToLowerInvariant(),
    };

    private static string Word<T>(T value) where T : struct, Enum => string.Concat(value.ToString().Select((c, i) => char.IsUpper(c) ? (i == 0 ? "" : "-") + char.ToLowerInvariant(c) : c.ToString()));

    private static string InZone(DateTimeOffset at, string zone) => TimeZoneInfo.ConvertTime(at, TimeZoneInfo.FindSystemTimeZoneById(zone)).ToString("ddd yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);

    private static string Utc(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
