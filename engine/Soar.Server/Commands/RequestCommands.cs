using System.CommandLine;
using Soar.Cases;
using Soar.Capabilities;
using Soar.Server.Display;
using Soar.Server.Node;
using Spectre.Console;

namespace Soar.Server.Commands;

/// <summary><c>soar requests</c>: who was asked what, how it stands, what is due when.</summary>
internal static class RequestCommands
{
    public static Command Requests()
    {
        var all = new Option<bool>("--all") { Description = "Those that are over, too." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("requests", "Lists requests to providers, points of contact, Interpol and Europol that are not over, with what is due.") { all, json, Show() };
        CommandContext.Handle(command, async (context, _) =>
        {
            using var reader = SoarNode.OpenReader(context.Workspace);
            var rows = await reader.Requests.ListAsync(openOnly: !context.Parsed.GetValue(all));
            if (context.Parsed.GetValue(json)) { context.Terminal.Json(rows); return CommandContext.Done; }
            if (rows.Count == 0) { context.Terminal.Line("No request is open."); return CommandContext.Done; }
            var table = Terminal.Table("request", "kind", "to", "what", "status", "due (UTC)", "prolongs", "run");
            foreach (var row in rows)
            {
                table.AddRow(Terminal.Safe(row.Reference), row.Kind.ToString().ToLowerInvariant(), Terminal.Safe(row.Addressee), Terminal.Short(row.Subject, 50), row.Status.ToString().ToLowerInvariant(),
                    Due(row), Terminal.Safe(row.Extends ?? ""), ShortId.Of(row.Run));
            }

            context.Terminal.Ansi.Write(table);
            return CommandContext.Done;
        });
        return command;
    }

    private static Command Show()
    {
        var which = new Argument<string>("request") { Description = "Its reference (R-2026-0007) or number." };
        var command = new Command("show", "Shows everything that happened to a request.") { which };
        CommandContext.Handle(command, async (context, _) =>
        {
            using var reader = SoarNode.OpenReader(context.Workspace);
            var text = context.Parsed.GetRequiredValue(which);
            var found = await reader.Requests.FindAsync(text) ?? throw new NotFoundException("request", text, "'soar requests --all' lists them.");
            context.Terminal.Line($"[bold]{Terminal.Safe(found.Reference)}[/] {found.Kind.ToString().ToLowerInvariant()} to {Terminal.Safe(found.Addressee)}: {Terminal.Safe(found.Subject)}");
            if (found.Extends is not null) context.Terminal.Line($"It prolongs {Terminal.Safe(found.Extends)}.");
            var table = Terminal.Table("at (UTC)", "status", "note", "due (UTC)", "run", "step");
            foreach (var entry in await reader.Requests.HistoryAsync(found.Number))
            {
                table.AddRow(RunsCommands.Time(entry.At), entry.Status.ToString().ToLowerInvariant(), Terminal.Safe(entry.Note), entry.Due is { } due ? RunsCommands.Time(due) : "",
                    ShortId.Of(entry.Run), Terminal.Safe(entry.Step));
            }

            context.Terminal.Ansi.Write(table);
            return CommandContext.Done;
        });
        return command;
    }

    private static string Due(LegalRequest row) => row.Due is not { } due ? "" : due < TimeProvider.System.GetUtcNow() ? $"[red]{RunsCommands.Time(due)} overdue[/]" : RunsCommands.Time(due);
}
