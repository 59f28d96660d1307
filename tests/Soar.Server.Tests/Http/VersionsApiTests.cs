using System.Net;
using System.Text.Json;
using Soar.Runs;

namespace Soar.Server.Tests.Http;

/// <summary><c>/api/reviews</c> and <c>/api/playbooks/{name}/versions</c>: from a draft to what runs, and back.</summary>
public sealed class VersionsApiTests
{
    private static string Text(string version, string body, string name = "note") =>
        $"Playbook(\"{name}\", version: \"{version}\", type: PlaybookType.Investigation, tlp: Tlp.Amber, summary: \"A test.\");\n{body}\nreturn Outcome.Completed(\"{version}\");\n";

    private sealed class Desk : IAsyncDisposable
    {
        public required Served Served { get; init; }
        public required Browser Root { get; init; }
        public required Browser Eva { get; init; }
        public required Browser Goran { get; init; }

        public static async Task<Desk> OpenAsync(string settings = "approvals: []\n", string? tests = null)
        {
            var served = await Served.StartAsync(settings, ("note", "await Note(\"file\");\nreturn Outcome.Completed(\"1.0.0\");\n"), ("caller", "await Run(\"note\");\nreturn Outcome.Completed();\n"));
            if (tests is not null) await File.WriteAllTextAsync(Path.Combine(served.Node.Tools.Workspace.Playbooks, "note.tests.yaml"), tests);
            var root = await served.AdministratorAsync();
            return new Desk { Served = served, Root = root, Eva = await served.UserAsync(root, "eva", "engineer"), Goran = await served.UserAsync(root, "goran", "engineer") };
        }

        public async Task<int> SaveAsync(Browser who, string text, int basedOn = 0) =>
            (await who.AnswerAsync(HttpMethod.Put, "/api/drafts/note", new { source = text, basedOn }, HttpStatusCode.OK)).GetProperty("version").GetInt32();

        public async Task<string> SubmitAsync(Browser who, string text, int basedOn = 0)
        {
            var draft = await SaveAsync(who, text, basedOn);
            return (await who.PostAsync("/api/reviews", new { playbook = "note", draft, note = "please" }, HttpStatusCode.Created)).GetProperty("id").GetString()!;
        }

        public async Task PublishAsync(string text, int basedOn = 0)
        {
            var review = await SubmitAsync(Eva, text, basedOn);
            await Goran.PostAsync($"/api/reviews/{review}/decision", new { approve = true }, HttpStatusCode.OK);
            await Eva.PostAsync($"/api/reviews/{review}/publish", null, HttpStatusCode.OK);
        }

        /// <summary>The version that a run started by name goes by.</summary>
        public async Task<string> RunAsync(string playbook = "note")
        {
            var id = (await Eva.PostAsync("/api/runs", new { playbook }, HttpStatusCode.Created)).GetProperty("id").GetString()!;
            return (await Eva.GetAsync($"/api/runs/{id}")).GetProperty("run").GetProperty("version").GetString()!;
        }

        public async ValueTask DisposeAsync()
        {
            Root.Dispose();
            Eva.Dispose();
            Goran.Dispose();
            await Served.DisposeAsync();
        }
    }

    private static string[] Each(JsonElement list, string field) => [.. list.EnumerateArray().Select(one => one.GetProperty(field).GetString()!)];

    [Fact]
    public async Task A_draft_becomes_what_runs_once_somebody_else_approved_it_and_going_back_is_one_request()
    {
        await using var desk = await Desk.OpenAsync();
        var review = await desk.SubmitAsync(desk.Eva, Text("1.1.0", "await Note(\"new\");"));
        Assert.Equal("1.0.0", await desk.RunAsync());
        await desk.Eva.RefusedAsync(HttpMethod.Post, $"/api/reviews/{review}/publish", null, 409, "SOAR2075");
        await desk.Goran.PostAsync($"/api/reviews/{review}/comments", new { text = "why new?", line = 2 }, HttpStatusCode.NoContent);

        var seen = await desk.Goran.GetAsync($"/api/reviews/{review}");
        Assert.True(seen.GetProperty("review").GetProperty("mayDecide").GetBoolean());
        Assert.Contains("await Note(\"new\")", seen.GetProperty("source").GetString(), StringComparison.Ordinal);
        Assert.Equal(["why new?"], Each(seen.GetProperty("comments"), "text"));
        await desk.Goran.RefusedAsync(HttpMethod.Post, $"/api/reviews/{review}/decision", new { approve = false }, 400, "SOAR6007");
        await desk.Goran.PostAsync($"/api/reviews/{review}/decision", new { approve = true, reason = "fine" }, HttpStatusCode.OK);
        var published = await desk.Eva.PostAsync($"/api/reviews/{review}/publish", null, HttpStatusCode.OK);
        Assert.Equal(("Published", "eva", "goran"), (published.GetProperty("end").GetString(), published.GetProperty("author").GetString(), published.GetProperty("reviewer").GetString()));
        Assert.Equal("1.1.0", await desk.RunAsync());
        await desk.Eva.RefusedAsync(HttpMethod.Get, "/api/drafts/note", null, 404, "SOAR2004");

        var shown = await desk.Eva.GetAsync("/api/playbooks/note");
        Assert.True(shown.GetProperty("differs").GetBoolean());
        Assert.Equal("1.1.0", shown.GetProperty("published").GetProperty("version").GetString());
        Assert.Contains("await Note(\"new\")", shown.GetProperty("source").GetString(), StringComparison.Ordinal);
        var row = (await desk.Eva.GetAsync("/api/playbooks")).GetProperty("playbooks").EnumerateArray().Single(p => p.GetProperty("name").GetString() == "note");
        Assert.Equal(("1.1.0", true), (row.GetProperty("published").GetString(), row.GetProperty("differs").GetBoolean()));

        await desk.PublishAsync(Text("1.2.0", "await Note(\"newer\");"));
        Assert.Equal("1.2.0", await desk.RunAsync());
        Assert.True((await desk.Goran.PostAsync("/api/playbooks/note/roll-back", new { version = "1.1.0", reason = "too new" }, HttpStatusCode.OK)).GetProperty("changed").GetBoolean());
        Assert.Equal("1.1.0", await desk.RunAsync());
        var list = await desk.Eva.GetAsync("/api/playbooks/note/versions");
        Assert.Equal(["1.2.0", "1.1.0"], Each(list.GetProperty("versions"), "version"));
        Assert.Equal(["too new", "published", "published"], Each(list.GetProperty("turns"), "reason"));

        await desk.Goran.RefusedAsync(HttpMethod.Post, "/api/playbooks/note/roll-back", new { version = "9.9.9", reason = "?" }, 404, "SOAR2004");
        await desk.Goran.PostAsync("/api/playbooks/note/roll-back", new { reason = "not any more" }, HttpStatusCode.OK);
        Assert.Equal("1.0.0", await desk.RunAsync());

        var audit = (await desk.Root.GetAsync("/api/audit?max=100")).GetProperty("records").EnumerateArray().Select(r => r.GetProperty("what").GetString()).ToHashSet();
        Assert.Superset(new HashSet<string?> { "submit-draft", "comment-review", "decide-review", "publish-review", "roll-back" }, audit);
    }

    [Fact]
    public async Task Nobody_reviews_a_text_in_which_they_had_a_hand()
    {
        await using var desk = await Desk.OpenAsync();
        var first = await desk.SaveAsync(desk.Goran, Text("1.1.0", "await Note(\"his\");"));
        var review = await desk.SubmitAsync(desk.Eva, Text("1.1.0", "await Note(\"hers\");"), first);
        foreach (var writer in new[] { desk.Eva, desk.Goran })
        {
            Assert.False((await writer.GetAsync($"/api/reviews/{review}")).GetProperty("review").GetProperty("mayDecide").GetBoolean());
            Assert.Contains("goran, eva", await writer.RefusedAsync(HttpMethod.Post, $"/api/reviews/{review}/decision", new { approve = true }, 403, "SOAR2074"), StringComparison.Ordinal);
        }

        await desk.Root.PostAsync($"/api/reviews/{review}/decision", new { approve = false, reason = "no" }, HttpStatusCode.OK);
        Assert.Contains("was refused by root.admin (no)", await desk.Eva.RefusedAsync(HttpMethod.Post, $"/api/reviews/{review}/publish", null, 409, "SOAR2075"), StringComparison.Ordinal);
        Assert.Contains("SOAR2074", (await desk.Root.GetAsync("/api/audit?max=100")).GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_does_not_compile_or_has_another_s_version_or_is_not_the_draft_is_not_even_submitted()
    {
        await using var desk = await Desk.OpenAsync();
        await desk.PublishAsync(Text("1.1.0", "await Note(\"new\");"));
        async Task<string> RefusedAsync(string text, int status, string code)
        {
            var stands = await desk.Eva.SendAsync(HttpMethod.Get, "/api/drafts/note");
            var basedOn = stands.IsSuccessStatusCode ? JsonDocument.Parse(await stands.Content.ReadAsStringAsync()).RootElement.GetProperty("version").GetInt32() : 0;
            var draft = await desk.SaveAsync(desk.Eva, text, basedOn);
            return await desk.Eva.RefusedAsync(HttpMethod.Post, "/api/reviews", new { playbook = "note", draft }, status, code);
        }

        Assert.Contains("note.csx:2:", await RefusedAsync(Text("1.2.0", "nonsense();"), 422, "SOAR2071"), StringComparison.Ordinal);
        Assert.Contains("says that it is 'other'", await RefusedAsync(Text("1.2.0", "", "other"), 422, "SOAR2071"), StringComparison.Ordinal);
        Assert.Contains("raise the version", await RefusedAsync(Text("1.1.0", "await Note(\"newer\");"), 409, "SOAR2070"), StringComparison.Ordinal);
        await desk.Eva.RefusedAsync(HttpMethod.Post, "/api/reviews", new { playbook = "note", draft = 1 }, 409, "SOAR2073");
    }

    [Fact]
    public async Task A_draft_whose_tests_fail_is_not_submitted_and_one_whose_tests_pass_says_how_many()
    {
        await using var desk = await Desk.OpenAsync(tests: "tests:\n  - name: It says its version\n    expect: { outcome: Completed, steps: [note] }\n");
        var draft = await desk.SaveAsync(desk.Eva, Text("1.1.0", ""));
        var why = await desk.Eva.RefusedAsync(HttpMethod.Post, "/api/reviews", new { playbook = "note", draft }, 422, "SOAR2072");
        Assert.Contains("It says its version", why, StringComparison.Ordinal);
        draft = await desk.SaveAsync(desk.Eva, Text("1.1.0", "await Note(\"new\");"), draft);
        var submitted = await desk.Eva.PostAsync("/api/reviews", new { playbook = "note", draft }, HttpStatusCode.Created);
        Assert.Equal(1, submitted.GetProperty("tests").GetInt32());

        // And what fails when it is to be published is not published, though it was approved.
        var review = submitted.GetProperty("id").GetString();
        await desk.Goran.PostAsync($"/api/reviews/{review}/decision", new { approve = true }, HttpStatusCode.OK);
        await File.WriteAllTextAsync(Path.Combine(desk.Served.Node.Tools.Workspace.Playbooks, "note.tests.yaml"), "tests:\n  - name: It does nothing\n    expect: { outcome: Completed, steps: [] }\n    never: [note]\n");
        await desk.Eva.RefusedAsync(HttpMethod.Post, $"/api/reviews/{review}/publish", null, 422, "SOAR2072");
        Assert.Equal("1.0.0", await desk.RunAsync());
    }

    [Fact]
    public async Task A_draft_that_another_version_has_overtaken_is_not_published_until_it_says_that_it_knows_it()
    {
        await using var desk = await Desk.OpenAsync();
        await desk.PublishAsync(Text("1.1.0", "await Note(\"one\");"));
        await desk.PublishAsync(Text("1.2.0", "await Note(\"two\");"));
        var text = Text("1.3.0", "await Note(\"three\");");
        var review = await desk.SubmitAsync(desk.Eva, text);
        await desk.Goran.PostAsync($"/api/reviews/{review}/decision", new { approve = true }, HttpStatusCode.OK);
        await desk.Goran.PostAsync("/api/playbooks/note/roll-back", new { version = "1.1.0", reason = "two is bad" }, HttpStatusCode.OK);
        await desk.Eva.RefusedAsync(HttpMethod.Post, $"/api/reviews/{review}/publish", null, 409, "SOAR2073");
        Assert.Equal("1.1.0", await desk.RunAsync());

        var content = (await desk.Eva.GetAsync("/api/playbooks/note")).GetProperty("published").GetProperty("content").GetString();
        var version = (await desk.Eva.GetAsync("/api/drafts/note")).GetProperty("version").GetInt32();
        var draft = (await desk.Eva.AnswerAsync(HttpMethod.Put, "/api/drafts/note", new { source = text, basedOn = version, from = content }, HttpStatusCode.OK)).GetProperty("version").GetInt32();
        var again = (await desk.Eva.PostAsync("/api/reviews", new { playbook = "note", draft }, HttpStatusCode.Created)).GetProperty("id").GetString();
        await desk.Goran.PostAsync($"/api/reviews/{again}/decision", new { approve = true }, HttpStatusCode.OK);
        await desk.Eva.PostAsync($"/api/reviews/{again}/publish", null, HttpStatusCode.OK);
        Assert.Equal("1.3.0", await desk.RunAsync());
    }

    [Fact]
    public async Task A_run_under_way_and_its_sub_playbook_stay_on_their_versions()
    {
        await using var desk = await Desk.OpenAsync();
        await desk.PublishAsync(Text("1.1.0", "await Receive<string>(\"go\");"));
        var parent = (await desk.Eva.PostAsync("/api/runs", new { playbook = "caller" }, HttpStatusCode.Created)).GetProperty("id").GetString();
        JsonElement child;
        while ((child = (await desk.Eva.GetAsync("/api/runs?playbook=note")).GetProperty("runs").EnumerateArray().FirstOrDefault()).ValueKind == JsonValueKind.Undefined || child.GetProperty("status").GetString() != nameof(RunStatus.Waiting)) await Task.Yield();
        await desk.PublishAsync(Text("1.2.0", "await Note(\"other\");"));
        var id = child.GetProperty("id").GetString();
        await desk.Eva.PostAsync($"/api/runs/{id}/signals", new { name = "go", value = "on" }, HttpStatusCode.OK);
        while ((child = (await desk.Eva.GetAsync($"/api/runs/{id}")).GetProperty("run")).GetProperty("status").GetString() is not (nameof(RunStatus.Completed) or nameof(RunStatus.Failed))) await Task.Yield();
        Assert.Equal(("Completed", "1.1.0"), (child.GetProperty("status").GetString(), child.GetProperty("version").GetString()));
        Assert.Contains("1.1.0", child.GetProperty("result").GetRawText(), StringComparison.Ordinal);
        Assert.Contains("Receive<string>", (await desk.Eva.GetAsync($"/api/runs/{id}/playbook")).GetProperty("source").GetString(), StringComparison.Ordinal);
        Assert.NotNull(parent);
    }

    [Fact]
    public async Task Two_texts_are_compared_line_by_line_and_on_the_diagram_and_users_of_a_sub_playbook_are_named()
    {
        await using var desk = await Desk.OpenAsync();
        await desk.PublishAsync(Text("1.1.0", "await Note(\"one\");"));
        await desk.PublishAsync(Text("1.2.0", "await Note(\"one\");\nawait Wait(1.Hours);"));
        var both = await desk.Eva.GetAsync("/api/playbooks/note/compare?from=1.1.0&to=current");
        Assert.Equal(("1.1.0", "1.2.0 (current)"), (both.GetProperty("from").GetString(), both.GetProperty("to").GetString()));
        var lines = Assert.Single(both.GetProperty("text").EnumerateArray()).GetProperty("lines").EnumerateArray().Where(l => l.GetProperty("change").GetString() == "Added").Select(l => l.GetProperty("text").GetString());
        Assert.Contains("await Wait(1.Hours);", lines);
        var things = both.GetProperty("diagram").GetProperty("things").EnumerateArray().Select(t => $"{t.GetProperty("change").GetString()} {t.GetProperty("id").GetString()}").ToList();
        Assert.Contains("Added wait", things);
        Assert.DoesNotContain(things, thing => thing.EndsWith(" note", StringComparison.Ordinal));
        Assert.Equal("version", both.GetProperty("diagram").GetProperty("header")[0].GetProperty("field").GetString());
        await desk.Eva.RefusedAsync(HttpMethod.Get, "/api/playbooks/note/compare?from=1.1.0&to=draft", null, 404, "SOAR2004");
        Assert.NotEmpty((await desk.Eva.GetAsync("/api/playbooks/note/compare?from=current&to=file")).GetProperty("text").EnumerateArray());
        await desk.SaveAsync(desk.Eva, Text("1.3.0", ""));
        Assert.Equal("draft 5", (await desk.Eva.GetAsync("/api/playbooks/note/compare?from=current&to=draft")).GetProperty("to").GetString());
        using var viewer = await desk.Served.UserAsync(desk.Root, "vera", "viewer");
        await viewer.RefusedAsync(HttpMethod.Get, "/api/playbooks/note/compare?from=current&to=draft", null, 404, "SOAR2004");

        var version = await desk.Eva.GetAsync("/api/playbooks/note/versions/1.1.0");
        Assert.Contains("await Note(\"one\")", version.GetProperty("source").GetString(), StringComparison.Ordinal);
        Assert.Contains(version.GetProperty("graph").GetProperty("nodes").EnumerateArray(), node => node.GetProperty("id").GetString() == "note");
        var user = Assert.Single((await desk.Eva.GetAsync("/api/playbooks/note/used-by")).GetProperty("playbooks").EnumerateArray());
        Assert.Equal(("caller", "1.0.0", 2), (user.GetProperty("playbook").GetString(), user.GetProperty("version").GetString(), user.GetProperty("line").GetInt32()));
    }

    [Fact]
    public async Task A_draft_s_tests_and_a_connector_s_users_go_by_what_is_published()
    {
        await using var desk = await Desk.OpenAsync("approvals: []\nconnectors: { edge: { type: nftables, simulated: true } }\n");
        await desk.PublishAsync(Text("1.1.0", "await Firewall.Block(IpAddress.Parse(\"203.0.113.7\"), 1.Hours);"));
        await File.WriteAllTextAsync(Path.Combine(desk.Served.Node.Tools.Workspace.Playbooks, "caller.tests.yaml"), "tests:\n  - name: Passes on what it heard\n    expect: { outcome: Completed, reason: \"heard 1.1.0\" }\n");
        var source = "Playbook(\"caller\", version: \"1.1.0\", type: PlaybookType.Investigation, tlp: Tlp.Amber, summary: \"A test.\");\nvar heard = await Run(\"note\");\nreturn Outcome.Completed($\"heard {heard.Reason}\");\n";
        var test = Assert.Single((await desk.Eva.PostAsync("/api/drafts/caller/tests", new { source }, HttpStatusCode.OK)).GetProperty("tests").EnumerateArray());
        Assert.True(test.GetProperty("status").GetString() == "Passed", test.ToString());

        // The file of it blocks nothing.
        var edge = Assert.Single((await desk.Eva.GetAsync("/api/connectors")).GetProperty("connectors").EnumerateArray());
        Assert.Equal(["note"], edge.GetProperty("playbooks").EnumerateArray().Select(one => one.GetString()));
    }

    [Fact]
    public async Task Where_only_published_playbooks_run_a_file_runs_dry_and_one_s_own_text_may_be_published_where_nobody_reviews()
    {
        await using var desk = await Desk.OpenAsync("approvals: []\nversions: { required: true, review: none }\n");
        Assert.Contains("is not published", await desk.Eva.RefusedAsync(HttpMethod.Post, "/api/runs", new { playbook = "note" }, 409, "SOAR2076"), StringComparison.Ordinal);
        await desk.Eva.PostAsync("/api/runs", new { playbook = "note", mode = "DryRun" }, HttpStatusCode.Created);
        var review = await desk.SubmitAsync(desk.Eva, Text("1.1.0", ""));
        await desk.Eva.PostAsync($"/api/reviews/{review}/publish", null, HttpStatusCode.OK);
        Assert.Equal("1.1.0", await desk.RunAsync());
    }
}
