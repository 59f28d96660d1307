using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Soar.Scripting.Compare;
using Soar.Server.Display;
using Soar.Server.Node;
using Soar.Server.Settings;
using Soar.Server.Versions;
using Soar.Storage;
using Spectre.Console;

namespace Soar.Server.Commands;

/// <summary><c>soar versions</c>: what is published, what differs, and going back.</summary>
internal static class VersionCommands
{
    public static Command Versions()
    {
        var name = new Argument<string?>("playbook") { Description = "A playbook's name. Default: all that are published.", Arity = ArgumentArity.ZeroOrOne };
        var json = Json();
        var command = new Command("versions", "Lists published versions: who wrote and reviewed each, from which commit, which one new runs take.") { name, json, Show(), Compare(), RollBack(), Withdraw() };
        CommandContext.Handle(command, async (context, _) =>
        {
            using var store = SoarNode.OpenReader(context.Workspace);
            var asked = context.Parsed.GetValue(name);
            var versions = await store.Versions.ListAsync(asked);
            IReadOnlyList<VersionTurn> turns = asked is null ? [] : await store.Versions.TurnsAsync(asked);
            var reviews = await store.Reviews.ListAsync(asked, inHand: true, 100);
            if (context.Parsed.GetValue(json)) { context.Terminal.Json(new { versions, turns, reviews = reviews.Select(r => new { r.Id, r.Playbook, r.Version, r.Content, r.Author, r.State, r.Reviewer, r.SubmittedAt, r.Note }) }); return CommandContext.Done; }
            if (versions.Count == 0) context.Terminal.Line(asked is null ? "Nothing is published: the files of the folder are what runs. 'soar publish <playbook>' publishes one." : $"{Terminal.Safe(asked)} is not published. 'soar publish {Terminal.Safe(asked)}' publishes its file.");
            else Print(context.Terminal, versions);
            foreach (var turn in turns)
                context.Terminal.Line($"  {RunsCommands.Time(turn.At)} {(turn.Version is { } to ? $"{Terminal.Safe(to)} became current" : "withdrawn")}, by {Terminal.Safe(turn.By)}{(turn.Reason.Length > 0 ? $": {Terminal.Safe(turn.Reason)}" : "")}");
            foreach (var review in reviews)
                context.Terminal.Line($"[yellow]…[/] {Terminal.Safe(review.Playbook)} {Terminal.Safe(review.Version)} by {Terminal.Safe(review.Author)} {(review.State == ReviewState.Open ? "waits to be reviewed" : $"was approved by {Terminal.Safe(review.Reviewer)} and waits to be published")}");
            return CommandContext.Done;
        });
        return command;
    }

    private static Command Show()
    {
        var (name, version) = (Name(), new Argument<string>("version") { Description = "A published version, current, or file. Default: current.", DefaultValueFactory = _ => Comparison.Current });
        var command = new Command("show", "Prints the text of a version.") { name, version };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            using var store = SoarNode.OpenReader(context.Workspace);
            var playbook = context.Parsed.GetRequiredValue(name);
            Console.Out.Write((await Comparison.TextAsync(playbook, context.Parsed.GetValue(version)!, FileOf(context.Workspace, playbook), store, mayEdit: true, cancellation)).Source);
            return CommandContext.Done;
        });
        return command;
    }

    private static Command Compare()
    {
        var name = Name();
        var from = new Argument<string>("from") { Description = "A published version, current, file, or draft. Default: current.", DefaultValueFactory = _ => Comparison.Current };
        var to = new Argument<string>("to") { Description = "The same. Default: file, as it stands in the folder.", DefaultValueFactory = _ => Comparison.InFolder };
        var json = Json();
        var command = new Command("compare", "Shows how two texts of a playbook differ: lines, and what that is on the diagram. Exit code 1 when they do.") { name, from, to, json };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            using var store = SoarNode.OpenReader(context.Workspace);
            var (playbook, parsed) = (context.Parsed.GetRequiredValue(name), context.Parsed);
            var file = FileOf(context.Workspace, playbook);
            var both = Comparison.Of(
                playbook, await Comparison.TextAsync(playbook, parsed.GetValue(from)!, file, store, mayEdit: true, cancellation),
                await Comparison.TextAsync(playbook, parsed.GetValue(to)!, file, store, mayEdit: true, cancellation), cancellation);
            if (parsed.GetValue(json)) context.Terminal.Json(both);
            else Print(context.Terminal, both);
            return both.Text.Count == 0 ? CommandContext.Done : CommandContext.Failed;
        });
        return command;
    }

    private static Command RollBack()
    {
        var (name, reason) = (Name(), Reason());
        var version = new Argument<string?>("version") { Description = "The version to go back to. Default: the one that was current before.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("roll-back", "Makes an earlier version current again: new runs take it, runs under way stay on theirs.") { name, version, reason };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            var playbook = context.Parsed.GetRequiredValue(name);
            var to = context.Parsed.GetValue(version) ?? await BeforeAsync(context, playbook);
            var changed = await TurnAsync(context, new RollBackCall(playbook, to, context.Parsed.GetRequiredValue(reason), context.User), cancellation);
            context.Terminal.Line(changed ? $"[green]✔[/] {Terminal.Safe(playbook)} {Terminal.Safe(to)} is current again; runs under way stay on theirs." : $"{Terminal.Safe(playbook)} {Terminal.Safe(to)} is current already.");
            return CommandContext.Done;
        });
        return command;
    }

    private static Command Withdraw()
    {
        var (name, reason) = (Name(), Reason());
        var command = new Command("withdraw", "Ends that a playbook is published: its file in the folder is what runs, or nothing when it has none.") { name, reason };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            var playbook = context.Parsed.GetRequiredValue(name);
            var changed = await TurnAsync(context, new RollBackCall(playbook, null, context.Parsed.GetRequiredValue(reason), context.User), cancellation);
            context.Terminal.Line(changed ? $"[green]✔[/] {Terminal.Safe(playbook)} is withdrawn; {(FileOf(context.Workspace, playbook) is null ? "it has no file, so nothing starts it any more." : "its file in the folder is what runs from now on.")}" : $"{Terminal.Safe(playbook)} is withdrawn already.");
            return CommandContext.Done;
        });
        return command;
    }

    private static async Task<bool> TurnAsync(CommandContext context, RollBackCall call, CancellationToken cancellation)
    {
        await using var node = await NodeConnection.OpenAsync(context, cancellation);
        return (await node.CallAsync(Calls.RollBack, call, cancellation)).GetBoolean();
    }

    private static async Task<string> BeforeAsync(CommandContext context, string playbook)
    {
        using var store = SoarNode.OpenReader(context.Workspace);
        var turns = await store.Versions.TurnsAsync(playbook);
        return turns.Skip(1).Select(turn => turn.Version).FirstOrDefault(version => version is not null && version != turns[0].Version)
            ?? throw new NotFoundException("earlier version of", playbook, $"'soar versions {playbook}' lists what was published.");
    }

    private static void Print(Terminal terminal, IReadOnlyList<PublishedVersion> versions)
    {
        var table = Terminal.Table("playbook", "version", "", "published (UTC)", "written by", "reviewed by", "commit", "tests", "content");
        foreach (var one in versions)
        {
            table.AddRow(Terminal.Safe(one.Playbook), Terminal.Safe(one.Version), one.Current ? "[green]current[/]" : "", RunsCommands.Time(one.PublishedAt), Terminal.Safe(one.Author), one.Reviewer is null ? "[yellow]nobody[/]" : Terminal.Safe(one.Reviewer),
                Terminal.Short(one.Commit, 13), one.Tests.ToString(CultureInfo.InvariantCulture), one.Content[..12]);
        }

        terminal.Ansi.Write(table);
    }

    private static void Print(Terminal terminal, Comparison both)
    {
        if (both.Text.Count == 0) { terminal.Line($"{Terminal.Safe(both.Playbook)}: {Terminal.Safe(both.From)} and {Terminal.Safe(both.To)} are the same."); return; }
        terminal.Line($"[bold]{Terminal.Safe(both.Playbook)}[/]: [red]- {Terminal.Safe(both.From)}[/] [green]+ {Terminal.Safe(both.To)}[/]");
        foreach (var hunk in both.Text)
        {
            terminal.Line($"[grey]{Terminal.Safe(hunk.Head)}[/]");
            foreach (var line in hunk.Lines)
            {
                var (sign, colour) = line.Change switch { LineChange.Added => ("+", "green"), LineChange.Removed => ("-", "red"), _ => (" ", "default") };
                terminal.Line($"[{colour}]{sign} {Terminal.Safe(line.Text)}[/]");
            }
        }

        if (both.Diagram.Header.Count + both.Diagram.Things.Count == 0) { terminal.Line("On the diagram nothing differs."); return; }
        terminal.Line("On the diagram:");
        foreach (var field in both.Diagram.Header) terminal.Line($"  header: {Field(field)}");
        foreach (var thing in both.Diagram.Things)
        {
            terminal.Line($"  {thing.Change.ToString().ToLowerInvariant()}: {Terminal.Safe(thing.Label)} [grey]({Terminal.Safe(thing.Id)}, line {thing.ToLine ?? thing.FromLine})[/]");
            foreach (var field in thing.Fields) terminal.Line($"    {Field(field)}");
        }
    }

    private static string Field(FieldChange field) => $"{field.Field}: {(field.From.Length == 0 ? "nothing" : Terminal.Short(field.From, 120))} → {(field.To.Length == 0 ? "nothing" : Terminal.Short(field.To, 120))}";

    private static string? FileOf(Workspace workspace, string playbook) => workspace.PlaybookFiles().FirstOrDefault(file => Path.GetFileNameWithoutExtension(file) == playbook);

    private static Argument<string> Name() => new("playbook") { Description = "A playbook's name." };

    private static Option<string> Reason() => new("--reason", "-r") { Description = "Why: it stands in the playbook's history and in the audit.", Required = true };

    private static Option<bool> Json() => new("--json") { Description = "Print JSON." };
}
