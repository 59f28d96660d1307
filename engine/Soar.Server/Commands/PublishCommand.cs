using System.CommandLine;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Server.Display;
using Soar.Server.Node;
using Soar.Server.Versions;
using Soar.Storage;

namespace Soar.Server.Commands;

/// <summary><c>soar publish</c>: texts of the folder become versions, and what new runs take.</summary>
internal static class PublishCommand
{
    public static Command Create()
    {
        var names = new Argument<string[]>("playbooks") { Description = "Names, files or folders. Default: all playbooks; those that are published as they stand are left alone.", Arity = ArgumentArity.ZeroOrMore };
        var author = new Option<string?>("--author") { Description = "Who wrote it. Default: the author of the file's last commit, else you." };
        var commit = new Option<string?>("--commit") { Description = "The commit that it comes from. Default: the file's last one, where the folder is a git working tree." };
        var reviewer = new Option<string?>("--review-by") { Description = "Who reviewed it, other than the author. Default: what Reviewed-by: of the commit says, else nobody." };
        var note = new Option<string>("--note") { Description = "A word on it, for the record.", DefaultValueFactory = _ => "" };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("publish", "Publishes playbooks once they compile and their tests pass: new runs take them from then on, runs under way stay on theirs. All of them, or none.") { names, author, commit, reviewer, note, json };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            var parsed = context.Parsed;
            var files = PlaybookCommands.Files(context.Workspace, parsed.GetValue(names) ?? []);
            var twice = files.GroupBy(f => Path.GetFileNameWithoutExtension(f), StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1);
            if (twice is not null) throw new SoarException("SOAR5004", $"'{twice.Key}' is the name of several files: {string.Join(", ", twice)}. Rename all but one.");
            var texts = new List<TextToPublish>();
            foreach (var file in files)
            {
                var git = parsed.GetValue(author) is not null && parsed.GetValue(commit) is not null ? null : await GitFacts.OfAsync(file, "git", cancellation);
                if (git?.Problem is { } problem) context.Terminal.Error($"{Path.GetFileName(file)} is taken without a commit: {problem}. --author and --commit say them.", "!");
                var reviewed = parsed.GetValue(reviewer) ?? (git?.Reviewer is { } by && by != git.Author ? by : null);
                texts.Add(new TextToPublish(file, await File.ReadAllTextAsync(file, cancellation), parsed.GetValue(author) ?? git?.Author ?? context.User, reviewed, parsed.GetValue(commit) ?? git?.Commit));
            }

            IReadOnlyList<PublishedView> came;
            await using (var node = await NodeConnection.OpenAsync(context, cancellation))
                came = (await node.CallAsync(Calls.Publish, new PublishCall(texts, parsed.GetValue(note)!, context.User), cancellation)).Deserialize<PublishedView[]>(SoarJson.Options)!;
            if (parsed.GetValue(json)) { context.Terminal.Json(came); return CommandContext.Done; }
            foreach (var one in came) Say(context.Terminal, one);
            if ((parsed.GetValue(names) ?? []).Length == 0) await SayLeftAsync(context, files);
            return CommandContext.Done;
        });
        return command;
    }

    private static void Say(Terminal terminal, PublishedView one)
    {
        var what = $"{Terminal.Safe(one.Playbook)} {Terminal.Safe(one.Version)}";
        switch (one.End)
        {
            case PublishEnd.Unchanged:
                terminal.Line($"[grey]=[/] {what} is what is published already");
                return;
            case PublishEnd.CurrentAgain:
                terminal.Line($"[green]✔[/] {what} was published before, and is current again");
                return;
            default:
                terminal.Line($"[green]✔[/] {what} is published: by {Terminal.Safe(one.Author)}, {(one.Reviewer is null ? "[yellow]reviewed by nobody[/]" : $"reviewed by {Terminal.Safe(one.Reviewer)}")}"
                    + $"{(one.Commit is null ? "" : $", commit {Terminal.Short(one.Commit, 13)}")}, {(one.Tests == 0 ? "[yellow]no tests[/]" : $"{Plural.Of(one.Tests, "test")} passed")}");
                return;
        }
    }

    // What is published goes on running when its file is deleted: nobody may be surprised by that.
    private static async Task SayLeftAsync(CommandContext context, IReadOnlyList<string> files)
    {
        using var store = SoarNode.OpenReader(context.Workspace);
        var here = files.Select(f => Path.GetFileNameWithoutExtension(f)).ToHashSet(StringComparer.Ordinal);
        foreach (var left in (await store.Versions.CurrentAsync()).Where(text => !here.Contains(text.Playbook)))
            context.Terminal.Line($"[yellow]![/] {Terminal.Safe(left.Playbook)} {Terminal.Safe(left.Version)} is published, and has no file here: it goes on running. 'soar versions withdraw {Terminal.Safe(left.Playbook)}' ends that.");
    }
}
