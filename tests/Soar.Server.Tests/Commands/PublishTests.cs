using System.Diagnostics;
using System.Text.Json;
using Soar.Server.Tests.Connectors;
using Soar.Server.Versions;

namespace Soar.Server.Tests.Commands;

/// <summary><c>soar publish</c> and <c>soar versions</c>, with the real program, and with a real git working tree.</summary>
public sealed class PublishTests : IDisposable
{
    private readonly Deployment deployment = new();

    public PublishTests()
    {
        deployment.File("soar.yaml", "approvals: []\nplaybooks: playbooks\n");
        deployment.Set("SOAR_USER", "ana");
        Write("1.0.0", "await Note(\"one\");");
    }

    public void Dispose() => deployment.Dispose();

    private static string Text(string version, string body, string name = "note") =>
        $"Playbook(\"{name}\", version: \"{version}\", type: PlaybookType.Investigation, tlp: Tlp.Amber, summary: \"A test.\");\n{body}\nreturn Outcome.Completed(\"{version}\");\n";

    private string Write(string version, string body, string name = "note") => deployment.File($"playbooks/{name}.csx", Text(version, body, name));

    private string Said(int exit, params string[] arguments)
    {
        var (code, output) = deployment.Soar(arguments);
        Assert.True(code == exit, $"soar {string.Join(' ', arguments)}: {code} instead of {exit}: {output}");
        return output;
    }

    private void Git(params string[] arguments)
    {
        var start = new ProcessStartInfo("git", ["-C", Path.Combine(deployment.Home, "playbooks"), "-c", "user.name=Бојан Илиев", "-c", "user.email=bojan@soc.example", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEnd() + process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, error);
    }

    [Fact]
    public void What_is_published_runs_until_something_else_is_whatever_becomes_of_the_file()
    {
        Assert.Contains("Nothing is published", Said(0, "do", "1+1") is { } ? Said(0, "versions") : "", StringComparison.Ordinal);
        var published = Said(0, "publish", "note", "--review-by", "bojan");
        Assert.Contains("note 1.0.0 is published: by ana, reviewed by bojan, no tests", published, StringComparison.Ordinal);
        Write("1.0.0", "await Note(\"two\");");
        var run = Said(0, "run", "note");
        Assert.Contains("SOAR2008", run, StringComparison.Ordinal);
        Assert.Contains("Completed: 1.0.0", run, StringComparison.Ordinal);
        Assert.Contains("one", Said(0, "show", "last"), StringComparison.Ordinal);
        Assert.Contains("SOAR2076", Said(1, "run", Path.Combine("playbooks", "note.csx")), StringComparison.Ordinal);
        Assert.Contains("two", Said(0, "run", Path.Combine("playbooks", "note.csx"), "--dry-run"), StringComparison.Ordinal);

        Assert.Contains("SOAR2070", Said(1, "publish", "note"), StringComparison.Ordinal);
        Write("1.1.0", "await Note(\"two\");");
        var compared = Said(1, "versions", "compare", "note");
        Assert.Contains("- await Note(\"one\");", compared, StringComparison.Ordinal);
        Assert.Contains("+ await Note(\"two\");", compared, StringComparison.Ordinal);
        Assert.Contains("changed: ", compared, StringComparison.Ordinal);
        Assert.Contains("note 1.1.0 is published: by ana, reviewed by nobody", Said(0, "publish", "note", "--note", "two is better"), StringComparison.Ordinal);
        Assert.Contains("note 1.1.0 is what is published already", Said(0, "publish"), StringComparison.Ordinal);
        Assert.Contains("Completed: 1.1.0", Said(0, "run", "note"), StringComparison.Ordinal);

        Assert.Contains("note 1.0.0 is current again", Said(0, "versions", "roll-back", "note", "--reason", "two is worse"), StringComparison.Ordinal);
        Assert.Contains("Completed: 1.0.0", Said(0, "run", "note"), StringComparison.Ordinal);
        Assert.Equal(Text("1.0.0", "await Note(\"one\");"), Said(0, "versions", "show", "note"));
        var json = JsonSerializer.Deserialize<JsonElement>(Said(0, "versions", "note", "--json"));
        Assert.Equal(["1.1.0", "1.0.0"], json.GetProperty("versions").EnumerateArray().Select(v => v.GetProperty("version").GetString()));
        Assert.Contains("two is worse", Said(0, "versions", "note"), StringComparison.Ordinal);

        // Without its file it goes on running, and one is told how to end that.
        File.Delete(Path.Combine(deployment.Home, "playbooks", "note.csx"));
        Assert.Contains("Completed: 1.0.0", Said(0, "run", "note"), StringComparison.Ordinal);
        Assert.Contains("soar versions withdraw note", Said(0, "publish"), StringComparison.Ordinal);
        Said(0, "versions", "withdraw", "note", "--reason", "not used");
        Assert.Contains("SOAR5004", Said(2, "run", "note"), StringComparison.Ordinal);
        var audit = Said(0, "audit");
        Assert.Contains("publish", audit, StringComparison.Ordinal);
        Assert.Contains("SOAR2070", audit, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_several_none_is_published_when_one_is_refused_and_all_that_is_wrong_is_told()
    {
        Write("1.0.0", "nonsense();", "broken");
        Write("1.0.0", "await Note(\"a\");", "tested");
        deployment.File("playbooks/tested.tests.yaml", "tests:\n  - name: It does nothing\n    expect: { outcome: Completed, never: [note] }\n");
        var refused = Said(1, "publish");
        Assert.Contains("None of the 3 playbooks was published", refused, StringComparison.Ordinal);
        Assert.Contains("SOAR2071 broken was not published: it does not compile", refused, StringComparison.Ordinal);
        Assert.Contains("SOAR2072 tested was not published: its tests fail", refused, StringComparison.Ordinal);
        Assert.Contains("It does nothing", refused, StringComparison.Ordinal);
        Assert.Contains("Nothing is published", Said(0, "versions"), StringComparison.Ordinal);
        Assert.Contains("SOAR2074", Said(1, "publish", "note", "--review-by", "Ana"), StringComparison.Ordinal);
    }

    [Fact]
    public void Author_commit_and_reviewer_are_those_of_the_file_s_last_commit_and_changes_without_one_have_none()
    {
        Git("init", "-q");
        Git("add", ".");
        Git("commit", "-q", "-m", "Notes\n\nReviewed-by: Горан <goran@soc.example>");
        var json = JsonSerializer.Deserialize<JsonElement>(Said(0, "publish", "--json"))[0];
        Assert.Equal(("Бојан Илиев <bojan@soc.example>", "Горан <goran@soc.example>", 40), (json.GetProperty("author").GetString(), json.GetProperty("reviewer").GetString(), json.GetProperty("commit").GetString()!.Length));

        Write("1.1.0", "await Note(\"two\");");
        var dirty = Said(0, "publish");
        Assert.Contains("note.csx is taken without a commit: it has changes that no commit holds", dirty, StringComparison.Ordinal);
        Assert.Contains("note 1.1.0 is published: by ana, reviewed by nobody, no tests", dirty, StringComparison.Ordinal);

        // Going back by git goes back here.
        Git("checkout", "-q", ".");
        Assert.Contains("note 1.0.0 was published before, and is current again", Said(0, "publish"), StringComparison.Ordinal);
        Write("1.2.0", "await Note(\"three\");");
        Assert.Contains("by Vera, reviewed by nobody, commit abc", Said(0, "publish", "--author", "Vera", "--commit", "abc"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_git_on_the_machine_one_is_told_and_outside_of_a_working_tree_nobody_asks_for_it()
    {
        var file = Path.Combine(deployment.Home, "playbooks", "note.csx");
        Assert.Equal(new GitFacts(null, null, null, null), await GitFacts.OfAsync(file, "no-such-git", CancellationToken.None));
        Directory.CreateDirectory(Path.Combine(deployment.Home, ".git"));
        Assert.Contains("there is no program 'no-such-git'", (await GitFacts.OfAsync(file, "no-such-git", CancellationToken.None)).Problem, StringComparison.Ordinal);
        Assert.Contains("git says:", (await GitFacts.OfAsync(file, "git", CancellationToken.None)).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_everything_is_reviewed_a_text_without_a_reviewer_is_refused_and_check_tells_what_does_not_run()
    {
        deployment.File("soar.yaml", "approvals: []\nplaybooks: playbooks\nversions: { required: true, review: all }\n");
        Assert.Contains("SOAR2076", Said(1, "run", "note"), StringComparison.Ordinal);
        Assert.Contains("2", Said(0, "do", "1+1"), StringComparison.Ordinal);
        Assert.Contains("SOAR2077", Said(1, "publish", "note"), StringComparison.Ordinal);
        Said(0, "publish", "note", "--review-by", "bojan");
        Assert.Contains("Completed: 1.0.0", Said(0, "run", "note"), StringComparison.Ordinal);
        Write("1.0.0", "await Note(\"two\");\nOn.Webhook(\"gate\");");
        Assert.Contains("warning SOAR2008: This text does not run: note 1.0.0 is published, with another one.", Said(1, "check"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_catalogue_shows_what_is_published_and_the_files_of_all_others()
    {
        Said(0, "publish", "note");
        Write("1.1.0", "await Note(\"two\");");
        Write("3.0.0", "await Note(\"three\");", "other");
        using var catalog = JsonDocument.Parse(Said(0, "catalog", "--json"));
        Assert.Equal(["note 1.0.0", "other 3.0.0"], catalog.RootElement.EnumerateArray().Select(entry => entry.GetProperty("header")).Select(header => $"{header.GetProperty("name").GetString()} {header.GetProperty("version").GetString()}"));
    }
}
