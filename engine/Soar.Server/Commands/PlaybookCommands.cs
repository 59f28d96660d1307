using System.CommandLine;
using System.Text;
using Soar.Scripting;
using Soar.Scripting.Compile;
using Soar.Server.Display;
using Soar.Server.Node;
using Soar.Server.Settings;
using Soar.Server.Versions;

namespace Soar.Server.Commands;

/// <summary><c>soar check</c>, <c>catalog</c>, <c>graph</c> and <c>complete</c>: playbooks without running them.</summary>
internal static class PlaybookCommands
{
    public static Command Check()
    {
        var paths = new Argument<string[]>("playbooks") { Description = "Names, files or folders. Default: all playbooks.", Arity = ArgumentArity.ZeroOrMore };
        var json = Json();
        var command = new Command("check", "Checks playbooks and shows everything that is wrong with them, without running any.") { paths, json };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            var files = Files(context.Workspace, context.Parsed.GetValue(paths) ?? []);
            await using var tools = Toolchain.Open(context.Workspace, context.Clock);
            using var store = SoarNode.TryOpenReader(context.Workspace);
            var entries = await new PlaybookWarnings(tools, store).WithAsync(files, await tools.CheckAsync(files, cancellation), cancellation);
            var diagnostics = entries.SelectMany(e => e.Diagnostics).ToList();
            var errors = diagnostics.Count(d => d.Severity == PlaybookSeverity.Error);
            if (context.Parsed.GetValue(json))
            {
                context.Terminal.Json(new { playbooks = entries.Count, errors, warnings = diagnostics.Count - errors, diagnostics });
                return errors == 0 ? CommandContext.Done : CommandContext.Failed;
            }

            foreach (var d in diagnostics)
            {
                var (word, colour) = d.Severity == PlaybookSeverity.Error ? ("error", "red") : ("warning", "yellow");
                var file = Path.GetRelativePath(Environment.CurrentDirectory, d.File);
                context.Terminal.Line($"{Terminal.Safe(file)}:{d.Line}:{d.Column}: [{colour}]{word}[/] {Terminal.Safe(d.Code)}: {Terminal.Safe(d.Sentence())}");
            }

            context.Terminal.Line(errors == 0
                ? $"[green]✔[/] {Plural.Of(entries.Count, "playbook")} checked, no errors{(diagnostics.Count > 0 ? $", {Plural.Of(diagnostics.Count, "warning")}" : "")}"
                : $"[red]✘[/] {Plural.Of(errors, "error")} in {Plural.Of(entries.Count(e => e.HasErrors), "playbook")} of {entries.Count}");
            return errors == 0 ? CommandContext.Done : CommandContext.Failed;
        });
        return command;
    }

    public static Command Catalog()
    {
        var json = Json();
        var command = new Command("catalog", "Lists the playbooks that can be run, from their headers: what is published, and the folder's files of all others. None is executed.") { json };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            await using var tools = Toolchain.Open(context.Workspace, context.Clock);
            IReadOnlyList<CatalogEntry> entries;
            using (var store = SoarNode.TryOpenReader(context.Workspace)) entries = await CurrentPlaybooks.ReadAsync(tools, Files(context.Workspace, []), store, cancellation);
            if (context.Parsed.GetValue(json))
            {
                context.Terminal.Json(entries.Select(e => new { file = e.File, header = e.Header, effects = Effects(tools, e), errors = e.Diagnostics.Count(d => d.Severity == PlaybookSeverity.Error) }));
                return CommandContext.Done;
            }

            foreach (var entry in entries)
            {
                var terminal = context.Terminal;
                var file = Terminal.Safe(entry.File);
                if (entry.Header is not { } header) { terminal.Line($"[red]✘[/] {file}: its header cannot be read; 'soar check' tells why\n"); continue; }
                terminal.Line($"[bold]{Terminal.Safe(header.Name)}[/] {Terminal.Safe(header.Version)}  {header.Type}  {header.Tlp.Words()}  [grey]{file}[/]");
                terminal.Line($"  {Terminal.Safe(header.Summary)}");
                foreach (var trigger in header.Triggers) terminal.Line($"  [grey]starts on[/] {Terminal.Safe(trigger.Kind)}: {Terminal.Safe(trigger.Text)}");
                foreach (var input in header.Inputs)
                    terminal.Line($"  [grey]input[/] {Terminal.Safe(input.Name)} ({Terminal.Safe(input.Type)}{(input.DefaultJson is null ? "" : $", default {Terminal.Safe(input.DefaultJson)}")}{(input.From is null ? "" : ", from the alert")}): {Terminal.Safe(input.Description)}");
                terminal.Line($"  [grey]uses[/] {Terminal.Safe(string.Join(", ", header.Capabilities))}  [grey]effects[/] {Terminal.Safe(string.Join(", ", Effects(tools, entry)))}");
                if (entry.HasErrors) terminal.Line("  [red]✘ has errors; 'soar check' shows them[/]");
                terminal.Line();
            }

            if (entries.Count == 0) context.Terminal.Line($"No playbooks in {Terminal.Safe(context.Workspace.Playbooks)}. 'soar new <name>' makes one.");
            return CommandContext.Done;
        });
        return command;
    }

    public static Command Graph()
    {
        var playbook = new Argument<string>("playbook") { Description = "A playbook's name, or the path of a .csx file." };
        var svg = new Option<string?>("--svg") { Description = "Write a standalone picture to this file (- prints it)." };
        var json = new Option<bool>("--json") { Description = "Print the diagram as JSON." };
        var command = new Command("graph", "Draws a playbook: Mermaid by default, JSON, or an SVG picture.") { playbook, svg, json };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            var file = context.Workspace.Playbook(context.Parsed.GetRequiredValue(playbook));
            var diagram = Diagram.Of(await File.ReadAllTextAsync(file, cancellation), file, cancellation);
            if (context.Parsed.GetValue(svg) is { } target)
            {
                var picture = DiagramSvg.Write(diagram);
                if (Path.GetDirectoryName(Path.GetFullPath(target)) is { } into && target != "-" && !Directory.Exists(into))
                    throw new SoarException("SOAR5001", $"There is no folder '{into}' for the picture.");
                if (target == "-") Console.Out.WriteLine(picture);
                else
                {
                    await File.WriteAllTextAsync(target, picture, Encoding.UTF8, cancellation);
                    context.Terminal.Line($"Drawn: {Terminal.Safe(target)}");
                }
            }
            else
            {
                Console.Out.WriteLine(context.Parsed.GetValue(json) ? DiagramJson.Write(diagram) : DiagramMermaid.Write(diagram));
            }

            return CommandContext.Done;
        });
        return command;
    }

    /// <summary>For editors: what may be written at a place. An unsaved text comes by standard input.</summary>
    public static Command Complete()
    {
        var playbook = new Argument<string>("playbook") { Description = "A playbook's name, the path of a .csx file, or - for a text on standard input." };
        var place = new Argument<string>("place") { Description = "Line and column, both from 1: 12:27." };
        var json = Json();
        var command = new Command("complete", "Tells an editor what may be written at a place of a playbook, which need not be finished.") { playbook, place, json };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            var named = context.Parsed.GetRequiredValue(playbook);
            var file = named == "-" ? "standard input" : context.Workspace.Playbook(named);
            var text = named == "-" ? await Console.In.ReadToEndAsync(cancellation) : await File.ReadAllTextAsync(file, cancellation);
            var position = Position(text, context.Parsed.GetRequiredValue(place));
            await using var tools = Toolchain.Open(context.Workspace, context.Clock);
            var found = await tools.CompleteAsync(text, file, position, cancellation);
            if (context.Parsed.GetValue(json)) context.Terminal.Json(found);
            else foreach (var one in found) context.Terminal.Line($"[bold]{Terminal.Safe(one.Name)}[/]  [grey]{one.Kind}[/]  {Terminal.Safe(one.Signature)}{(one.Overloads > 0 ? $" (+{one.Overloads})" : "")}{(one.Summary.Length > 0 ? "  " + Terminal.Safe(one.Summary) : "")}");
            return CommandContext.Done;
        });
        return command;
    }

    private static int Position(string text, string place)
    {
        var lines = text.Split('\n');
        return place.Split(':') is [var first, var second] && int.TryParse(first, out var line) && int.TryParse(second, out var column)
            && line >= 1 && line <= lines.Length && column >= 1 && column <= lines[line - 1].Length + 1
            ? lines.Take(line - 1).Sum(l => l.Length + 1) + column - 1
            : throw new SoarException("SOAR5001", $"'{place}' is no place in this text. Write line:column, both from 1, for example 12:27; the text has {Plural.Of(lines.Length, "line")}.");
    }

    /// <summary>The .csx files that the arguments name; all of the workspace's when they name none.</summary>
    public static IReadOnlyList<string> Files(Workspace workspace, IReadOnlyList<string> names)
    {
        static string[] In(string folder) => [.. Directory.GetFiles(folder, "*.csx", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        if (names.Count == 0)
        {
            if (!Directory.Exists(workspace.Playbooks))
                throw new SoarException("SOAR5004", $"There is no folder '{workspace.Playbooks}'. Give --playbooks, or work in the folder that holds your soar.yaml.");
            return workspace.PlaybookFiles();
        }

        return [.. names.SelectMany(name => Directory.Exists(name) ? In(Path.GetFullPath(name)) : [workspace.Playbook(name)]).Distinct(StringComparer.Ordinal)];
    }

    private static IEnumerable<string> Effects(Toolchain tools, CatalogEntry entry) =>
        entry.Header?.Actions.Select(tools.Catalog.Find).OfType<Capabilities.ActionDescriptor>().Select(a => a.Effect).Distinct().Order().Select(e => e.ToString()) ?? [];


    private static Option<bool> Json() => new("--json") { Description = "Print JSON." };
}
