using System.CommandLine;
using Soar.Cases;
using Soar.Server.Display;
using Soar.Server.Node;
using Spectre.Console;

namespace Soar.Server.Commands;

/// <summary><c>soar lists</c>: the SOC's versioned tables, imported from CSV and read by playbooks as <c>Lists["name"]</c>.</summary>
internal static class ListCommands
{
    public static Command Lists()
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("lists", "Shows the versioned tables that playbooks read.") { Show(), History(), Import(), json };
        CommandContext.Handle(command, async (context, _) =>
        {
            using var reader = SoarNode.OpenReader(context.Workspace);
            var lists = (await reader.Lists.VersionsAsync(null)).DistinctBy(l => l.Name).ToList();
            if (context.Parsed.GetValue(json)) { context.Terminal.Json(lists); return CommandContext.Done; }
            if (lists.Count == 0) { context.Terminal.Line("No lists. 'soar lists import <name> <file.csv>' makes one."); return CommandContext.Done; }
            Write(context.Terminal, lists);
            return CommandContext.Done;
        });
        return command;
    }

    private static void Write(Terminal terminal, IReadOnlyList<ListVersion> versions)
    {
        var table = Terminal.Table("list", "version", "rows", "columns", "imported (UTC)", "by");
        foreach (var list in versions)
            table.AddRow(Terminal.Safe(list.Name), $"{list.Version}", $"{list.Rows}", Terminal.Safe(string.Join(", ", list.Columns)), RunsCommands.Time(list.At), Terminal.Safe(list.By));
        terminal.Ansi.Write(table);
    }

    private static Command History()
    {
        var name = new Argument<string>("name") { Description = "The list's name." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("history", "Lists a list's versions, newest first: who imported which, when.") { name, json };
        CommandContext.Handle(command, async (context, _) =>
        {
            using var reader = SoarNode.OpenReader(context.Workspace);
            var versions = await reader.Lists.VersionsAsync(context.Parsed.GetRequiredValue(name));
            if (versions.Count == 0) throw new NotFoundException("list", context.Parsed.GetRequiredValue(name), "'soar lists' names them.");
            if (context.Parsed.GetValue(json)) context.Terminal.Json(versions);
            else Write(context.Terminal, versions);
            return CommandContext.Done;
        });
        return command;
    }

    private static Command Show()
    {
        var name = new Argument<string>("name") { Description = "The list's name." };
        var version = new Option<int?>("--version", "-v") { Description = "This version, for example the one that a run read. Default: the newest." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("show", "Prints a version of a list.") { name, version, json };
        CommandContext.Handle(command, async (context, _) =>
        {
            using var reader = SoarNode.OpenReader(context.Workspace);
            var (wanted, which) = (context.Parsed.GetRequiredValue(name), context.Parsed.GetValue(version));
            var list = await reader.Lists.ReadAsync(wanted, which) ?? throw (which is null
                ? new NotFoundException("list", wanted, "'soar lists' names them.")
                : new NotFoundException("list version", $"{wanted} {which}", $"'soar lists history {wanted}' names them."));
            if (context.Parsed.GetValue(json)) { context.Terminal.Json(list); return CommandContext.Done; }
            if (!Console.IsOutputRedirected) context.Terminal.Line($"[bold]{Terminal.Safe(wanted)}[/] version {list.Version}");
            var table = Terminal.Table([.. list.Columns.Select(c => Terminal.Safe(c))]);
            foreach (var row in list.Rows) table.AddRow([.. list.Columns.Select(c => Terminal.Safe(row[c]))]);
            context.Terminal.Ansi.Write(table);
            return CommandContext.Done;
        });
        return command;
    }

    private static Command Import()
    {
        var name = new Argument<string>("name") { Description = "The list's name, for example facilities." };
        var file = new Argument<string>("file") { Description = "A CSV file (RFC 4180) whose first line names the columns; - reads standard input." };
        var command = new Command("import", "Imports a CSV file as the list's next version; runs that read an older one keep it.") { name, file };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            var path = context.Parsed.GetRequiredValue(file);
            if (path != "-" && !File.Exists(path)) throw new SoarException("SOAR5002", $"There is no file '{path}'.");
            var csv = path == "-" ? await Console.In.ReadToEndAsync(cancellation) : await File.ReadAllTextAsync(path, cancellation);
            await using var node = await NodeConnection.OpenAsync(context, cancellation);
            var result = await node.CallAsync(Calls.ImportList, new ImportListCall(context.Parsed.GetRequiredValue(name), csv, context.User), cancellation);
            context.Terminal.Line($"List [bold]{Terminal.Safe(context.Parsed.GetRequiredValue(name))}[/] is at version {result.GetProperty("version").GetInt32()} with {Plural.Of(result.GetProperty("rows").GetInt32(), "row")}.");
            return CommandContext.Done;
        });
        return command;
    }
}
