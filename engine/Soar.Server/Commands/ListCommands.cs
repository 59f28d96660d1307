using System.CommandLine;
using Soar.Server.Display;
using Soar.Server.Node;
using Spectre.Console;

namespace Soar.Server.Commands;

/// <summary><c>soar lists</c>: the SOC's versioned tables, imported from CSV and read by playbooks as <c>Lists["name"]</c>.</summary>
internal static class ListCommands
{
    public static Command Lists()
    {
        var command = new Command("lists", "Shows the versioned tables that playbooks read.") { Show(), Import() };
        CommandContext.Handle(command, async (context, _) =>
        {
            using var reader = SoarNode.OpenReader(context.Workspace);
            var lists = (await reader.Lists.VersionsAsync(null)).DistinctBy(l => l.Name).ToList();
            if (lists.Count == 0) { context.Terminal.Line("No lists. 'soar lists import <name> <file.csv>' makes one."); return CommandContext.Done; }
            var table = Terminal.Table("list", "version", "rows", "columns", "imported (UTC)", "by");
            foreach (var list in lists)
                table.AddRow(Terminal.Safe(list.Name), $"{list.Version}", $"{list.Rows}", Terminal.Safe(string.Join(", ", list.Columns)), RunsCommands.Time(list.At), Terminal.Safe(list.By));
            context.Terminal.Ansi.Write(table);
            return CommandContext.Done;
        });
        return command;
    }

    private static Command Show()
    {
        var name = new Argument<string>("name") { Description = "The list's name." };
        var command = new Command("show", "Prints a list's newest version.") { name };
        CommandContext.Handle(command, async (context, _) =>
        {
            using var reader = SoarNode.OpenReader(context.Workspace);
            var list = await reader.Lists.ReadAsync(context.Parsed.GetRequiredValue(name), version: null)
                ?? throw new NotFoundException("list", context.Parsed.GetRequiredValue(name), "'soar lists' names them.");
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
            context.Terminal.Line($"List [bold]{Terminal.Safe(context.Parsed.GetRequiredValue(name))}[/] is at version {result.GetProperty("version").GetInt32()} with {result.GetProperty("rows").GetInt32()} rows.");
            return CommandContext.Done;
        });
        return command;
    }
}
