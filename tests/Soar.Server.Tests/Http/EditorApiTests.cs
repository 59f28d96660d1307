using System.Net;
using System.Text.Json;

namespace Soar.Server.Tests.Http;

/// <summary><c>/api/editor</c> and <c>/api/drafts</c>: a playbook while it is written.</summary>
public sealed class EditorApiTests
{
    private const string Head = "Playbook(\"note\", version: \"1.0.0\", type: PlaybookType.Investigation, tlp: Tlp.Amber, summary: \"A test.\");\n";

    private static Task<Served> StartAsync() => Served.StartAsync(playbooks: ("note", "await Note(\"a\");\nreturn Outcome.Completed();\n"));

    [Fact]
    public async Task A_text_is_drawn_checked_edited_and_completed()
    {
        await using var served = await StartAsync();
        using var administrator = await served.AdministratorAsync();
        using var engineer = await served.UserAsync(administrator, "eva", "engineer");

        var drawn = await engineer.PostAsync("/api/editor/diagram", new { text = Head + "await Note(nobody);\n" }, HttpStatusCode.OK);
        Assert.Contains(drawn.GetProperty("graph").GetProperty("nodes").EnumerateArray(), node => node.GetProperty("id").GetString() == "note");
        var found = await engineer.PostAsync("/api/editor/check", new { text = Head + "await Note(nobody);\n" }, HttpStatusCode.OK);
        var finding = Assert.Single(found.GetProperty("diagnostics").EnumerateArray());
        Assert.Equal((2, 12), (finding.GetProperty("line").GetInt32(), finding.GetProperty("column").GetInt32()));

        var text = Head + "// Tell\nawait Note(\"a\");\n";
        var edited = await engineer.PostAsync("/api/editor/edit", new { text, edit = new { @do = "Insert", at = "tell", place = "After", code = "await Wait(1.Hours);" } }, HttpStatusCode.OK);
        var change = Assert.Single(edited.GetProperty("changes").EnumerateArray());
        Assert.Equal((text.Length, 0, "await Wait(1.Hours);\n"), (change.GetProperty("start").GetInt32(), change.GetProperty("length").GetInt32(), change.GetProperty("text").GetString()));
        Assert.Contains(edited.GetProperty("graph").GetProperty("nodes").EnumerateArray(), node => node.GetProperty("id").GetString() == "wait");

        var copied = await engineer.PostAsync("/api/editor/copy", new { text, thing = "tell" }, HttpStatusCode.OK);
        Assert.Equal("// Tell\nawait Note(\"a\");\n", copied.GetProperty("code").GetString());

        var line = await engineer.PostAsync("/api/editor/edit", new { text, edit = new { @do = "SetHeaderLine", code = "var ttl = Input(\"ttl\", 1.Hours, \"How long\");" } }, HttpStatusCode.OK);
        Assert.Equal(["Playbook", "Input"], line.GetProperty("graph").GetProperty("header").GetProperty("lines").EnumerateArray().Select(one => one.GetProperty("word").GetString()));

        var completed = await engineer.PostAsync("/api/editor/complete", new { text = Head + "await Firewall.", position = Head.Length + 15 }, HttpStatusCode.OK);
        Assert.Contains(completed.GetProperty("completions").EnumerateArray(), one => one.GetProperty("name").GetString() == "Block" && one.GetProperty("summary").GetString()!.Length > 10);
    }

    [Fact]
    public async Task Everything_in_the_palette_can_be_inserted_and_draws()
    {
        await using var served = await StartAsync();
        using var administrator = await served.AdministratorAsync();
        var entries = (await administrator.GetAsync("/api/editor/palette")).GetProperty("entries").EnumerateArray().ToList();
        Assert.True(entries.Count > 60, $"{entries.Count}");
        Assert.All(["Firewall", "Language", "Flow", "Playbooks"], group => Assert.Contains(entries, entry => entry.GetProperty("group").GetString() == group));
        foreach (var entry in entries)
        {
            var code = entry.GetProperty("code").GetString()!;
            var result = entry.TryGetProperty("result", out var named) ? named.GetString() : null;
            var after = Soar.Scripting.Edit.PlaybookEditor.Apply(Head + "await Note(\"a\");\n", "test.csx", new Soar.Scripting.Edit.PlaybookEdit.Insert("note", Soar.Scripting.Edit.EditPlace.After, code, result));
            Assert.Empty(after.Diagram.Errors);
        }

        // Where nothing is left to be given, it compiles as it is.
        var text = Head + string.Concat(entries.Where(entry => entry.GetProperty("group").GetString() == "Language" && !entry.GetProperty("code").GetString()!.Contains("items", StringComparison.Ordinal)).Select(entry => entry.GetProperty("code").GetString() + "\n"));
        Assert.Empty(await served.Node.Tools.CheckTextAsync(text, "test.csx", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Every_word_of_the_palette_that_is_no_action_is_translated_in_the_console()
    {
        await using var served = await StartAsync();
        using var administrator = await served.AdministratorAsync();
        using var texts = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Connectors.Deployment.Root(), "designer", "src", "texts", "mk.json")));
        var words = texts.RootElement.GetProperty("palette").GetProperty("words").EnumerateObject().Select(word => word.Name).Order(StringComparer.Ordinal);
        var entries = (await administrator.GetAsync("/api/editor/palette")).GetProperty("entries").EnumerateArray().Select(entry => (Group: entry.GetProperty("group").GetString()!, Name: entry.GetProperty("name").GetString()!));
        Assert.Equal(entries.Where(entry => entry.Group is "Flow" or "Language").Select(entry => $"{entry.Group}/{entry.Name.Replace(":", "", StringComparison.Ordinal)}").Order(StringComparer.Ordinal), words);
    }

    [Fact]
    public async Task An_edit_that_cannot_be_made_is_refused_with_its_code()
    {
        await using var served = await StartAsync();
        using var administrator = await served.AdministratorAsync();
        Task<string> RefusedAsync(string text, object edit, int status, string code) => administrator.RefusedAsync(HttpMethod.Post, "/api/editor/edit", new { text, edit }, status, code);
        await RefusedAsync(Head + "await Note(", new { @do = "Delete", thing = "note" }, 422, "SOAR1952");
        await RefusedAsync(Head, new { @do = "Delete", thing = "start" }, 422, "SOAR1953");
        await RefusedAsync(Head, new { @do = "Delete", thing = "note" }, 422, "SOAR1954");
        await RefusedAsync(Head + "await Note(\"a\");\n", new { @do = "SetArgument", thing = "note", parameter = "text", position = 0, value = "a b" }, 422, "SOAR1955");
        Assert.Contains("edit.thing", await RefusedAsync(Head, new { @do = "Delete" }, 400, "SOAR6007"), StringComparison.Ordinal);
        await RefusedAsync(Head, new { @do = "Explode" }, 400, "SOAR6007");
    }

    /// <summary>An editor gives up most of its checks, because somebody goes on typing: that must not cost the compiler's warm process.</summary>
    [Fact]
    public async Task A_check_that_is_given_up_leaves_the_compiler_warm_and_the_next_one_is_answered()
    {
        await using var served = await StartAsync();
        using var administrator = await served.AdministratorAsync();
        await served.Node.Tools.CheckTextAsync(Head, "test.csx", TestContext.Current.CancellationToken);
        var started = served.Node.Tools.CompilersStarted;
        for (var i = 0; i < 8; i++)
        {
            using var left = new CancellationTokenSource();
            var given = served.Node.Tools.CheckTextAsync($"{Head}await Note(\"{i}\");\n", "test.csx", left.Token);
            await left.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        }

        var found = await administrator.PostAsync("/api/editor/check", new { text = Head + "await Note(nobody);\n" }, HttpStatusCode.OK);
        Assert.Single(found.GetProperty("diagnostics").EnumerateArray());
        Assert.Equal(started, served.Node.Tools.CompilersStarted);
    }

    [Fact]
    public async Task A_text_made_to_exhaust_the_stack_is_answered_and_the_server_lives()
    {
        await using var served = await StartAsync();
        using var administrator = await served.AdministratorAsync();
        foreach (var text in new[] { new string('(', 20_000), "List" + string.Concat(Enumerable.Repeat("<List", 20_000)), Head + "var x = 1" + string.Concat(Enumerable.Repeat(" + 1", 40_000)) + ";\n", Head + string.Concat(Enumerable.Repeat("if (true) { ", 10_000)) })
        {
            using var answer = await administrator.SendAsync(HttpMethod.Post, "/api/editor/diagram", new { text });
            Assert.True((int)answer.StatusCode < 500, $"{answer.StatusCode}");
        }

        await administrator.RefusedAsync(HttpMethod.Post, "/api/editor/edit", new { text = Head + "await Note(\"a\");\n", edit = new { @do = "SetArgument", thing = "note", parameter = "text", position = 0, value = new string('(', 20_000) } }, 422, "SOAR1957");
        await administrator.GetAsync("/api/me");
    }

    [Fact]
    public async Task Who_saves_a_draft_over_somebody_else_s_is_told_who_that_was()
    {
        await using var served = await StartAsync();
        using var administrator = await served.AdministratorAsync();
        using var eva = await served.UserAsync(administrator, "eva", "engineer");
        using var goran = await served.UserAsync(administrator, "goran", "engineer");
        await eva.RefusedAsync(HttpMethod.Get, "/api/drafts/note", null, 404, "SOAR2004");
        await eva.RefusedAsync(HttpMethod.Put, "/api/drafts/nothing", new { source = "x", basedOn = 0 }, 404, "SOAR5004");
        var first = await eva.AnswerAsync(HttpMethod.Put, "/api/drafts/note", new { source = "hers", basedOn = 0 }, HttpStatusCode.OK);
        Assert.Equal((1, "eva"), (first.GetProperty("version").GetInt32(), first.GetProperty("savedBy").GetString()));

        Assert.Contains("eva saved", await goran.RefusedAsync(HttpMethod.Put, "/api/drafts/note", new { source = "his", basedOn = 0 }, 409, "SOAR6060"), StringComparison.Ordinal);
        Assert.Equal("hers", (await goran.GetAsync("/api/drafts/note")).GetProperty("source").GetString());
        await goran.AnswerAsync(HttpMethod.Put, "/api/drafts/note", new { source = "his", basedOn = 1 }, HttpStatusCode.OK);
        Assert.Contains("goran saved", await eva.RefusedAsync(HttpMethod.Delete, "/api/drafts/note?version=1", null, 409, "SOAR6060"), StringComparison.Ordinal);
        await eva.AnswerAsync(HttpMethod.Delete, "/api/drafts/note?version=2", null, HttpStatusCode.NoContent);
        Assert.Contains("discarded by eva", await goran.RefusedAsync(HttpMethod.Put, "/api/drafts/note", new { source = "late", basedOn = 2 }, 409, "SOAR6060"), StringComparison.Ordinal);
        await goran.RefusedAsync(HttpMethod.Get, "/api/drafts/note", null, 404, "SOAR2004");
    }

    [Fact]
    public async Task A_draft_is_dry_run_on_an_alert_by_an_engineer_and_asks_nobody_else()
    {
        await using var served = await Served.StartAsync("approvals: []\nroles: { shift-lead: [lead] }\n", ("note", "await Note(\"a\");\nreturn Outcome.Completed();\n"));
        using var administrator = await served.AdministratorAsync();
        using var eva = await served.UserAsync(administrator, "eva", "engineer");
        var text = Head + "On.Alert(alert => true);\nvar title = Input<string>(\"title\", \"What\", from: alert => alert.Title);\nvar decision = await Ask(\"shift-lead\", title, within: 1.Hours);\nawait Note(decision.By);\nreturn Outcome.Completed(title);\n";
        var alert = new { id = "1", detector = "d", title = "Log-in from two countries", category = "intrusion", time = "2026-11-30T03:00:00Z" };
        var id = (await eva.PostAsync("/api/drafts/note/dry-run", new { source = text, alert }, HttpStatusCode.Created)).GetProperty("id").GetString()!;
        JsonElement question;
        while ((await eva.GetAsync($"/api/questions?run={id}")).GetProperty("questions") is var questions && questions.GetArrayLength() == 0 | (question = questions.EnumerateArray().FirstOrDefault()).ValueKind == JsonValueKind.Undefined) await Task.Yield();
        Assert.Equal(("eva", "Log-in from two countries"), (question.GetProperty("who").GetString(), question.GetProperty("text").GetString()));
        using var goran = await served.UserAsync(administrator, "goran", "engineer");
        var answer = $"/api/drafts/dry-runs/{question.GetProperty("id").GetString()}/answer";
        await goran.RefusedAsync(HttpMethod.Post, answer, new { answer = "approve" }, 403, "SOAR6002");
        await eva.PostAsync(answer, new { answer = "approve" }, HttpStatusCode.OK);
        Assert.Contains("Log-in from two countries", (await served.Node.Engine.WhenEndedAsync(new RunId(Guid.Parse(id)))).Result, StringComparison.Ordinal);
        var run = await eva.GetAsync($"/api/runs/{id}");
        Assert.Equal("DryRun", run.GetProperty("run").GetProperty("mode").GetString());
        Assert.Contains("await Ask(", (await eva.GetAsync($"/api/runs/{id}/playbook")).GetProperty("source").GetString(), StringComparison.Ordinal);

        Assert.Contains("has 1 error", await eva.RefusedAsync(HttpMethod.Post, "/api/drafts/note/dry-run", new { source = Head + "nonsense();" }, 422, "SOAR1000"), StringComparison.Ordinal);
        Assert.Contains("title", await eva.RefusedAsync(HttpMethod.Post, "/api/drafts/note/dry-run", new { source = text, alert = alert with { title = "" } }, 422, "SOAR5002"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_tests_beside_a_playbook_run_with_its_draft_and_tell_the_ways_they_took()
    {
        await using var served = await Served.StartAsync("approvals: []\n", ("note", "var much = Input(\"much\", false, \"How much\");\nif (much)\n    await Note(\"b\");\nreturn Outcome.Completed();\n"));
        using var administrator = await served.AdministratorAsync();
        var file = Path.Combine(served.Node.Tools.Workspace.Playbooks, "note.csx");
        Assert.False((await administrator.PostAsync("/api/drafts/note/tests", new { }, HttpStatusCode.OK)).TryGetProperty("file", out var none) && none.ValueKind != JsonValueKind.Null);
        await File.WriteAllTextAsync(Path.ChangeExtension(file, ".tests.yaml"), "nonsense: true\n");
        Assert.Contains("nonsense", (await administrator.PostAsync("/api/drafts/note/tests", new { }, HttpStatusCode.OK)).GetProperty("problem").GetString(), StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.ChangeExtension(file, ".tests.yaml"), "tests:\n  - name: Little is not noted\n    expect: { outcome: Completed, steps: [] }\n");
        var published = await administrator.PostAsync("/api/drafts/note/tests", new { }, HttpStatusCode.OK);
        Assert.Equal("Passed", Assert.Single(published.GetProperty("tests").EnumerateArray()).GetProperty("status").GetString());
        Assert.Single(published.GetProperty("taken").EnumerateArray());
        Assert.Single(published.GetProperty("untaken").EnumerateArray());

        var draft = (await File.ReadAllTextAsync(file)).Replace("Outcome.Completed", "Outcome.Contained", StringComparison.Ordinal);
        var tested = Assert.Single((await administrator.PostAsync("/api/drafts/note/tests", new { source = draft }, HttpStatusCode.OK)).GetProperty("tests").EnumerateArray());
        Assert.Equal("Failed", tested.GetProperty("status").GetString());
        Assert.NotEmpty(tested.GetProperty("failures").EnumerateArray());
    }

    [Fact]
    public async Task Whoever_reads_a_playbook_sees_that_somebody_is_changing_it()
    {
        await using var served = await StartAsync();
        using var administrator = await served.AdministratorAsync();
        using var eva = await served.UserAsync(administrator, "eva", "engineer");
        using var vera = await served.UserAsync(administrator, "vera", "viewer");
        Assert.False((await vera.GetAsync("/api/playbooks/note")).TryGetProperty("draft", out var none) && none.ValueKind != JsonValueKind.Null);
        await eva.AnswerAsync(HttpMethod.Put, "/api/drafts/note", new { source = "hers", basedOn = 0 }, HttpStatusCode.OK);
        var draft = (await vera.GetAsync("/api/playbooks/note")).GetProperty("draft");
        Assert.Equal((1, "eva"), (draft.GetProperty("version").GetInt32(), draft.GetProperty("savedBy").GetString()));
    }

    [Fact]
    public async Task A_dry_run_stops_at_a_breakpoint_shows_the_values_goes_on_by_a_step_and_only_for_who_follows_it()
    {
        await using var served = await StartAsync();
        using var administrator = await served.AdministratorAsync();
        using var eva = await served.UserAsync(administrator, "eva", "engineer");
        using var goran = await served.UserAsync(administrator, "goran", "engineer");
        var source = Head + "var where = Input(\"where\", \"here\", \"A place\");\nawait Note(\"before\");\n// Tell\nawait Note(where);\nawait Note(\"after\");\nreturn Outcome.Completed();\n";
        var id = (await eva.PostAsync("/api/drafts/note/dry-run", new { source, inputs = new { where = "there" }, breakpoints = new[] { "tell" } }, HttpStatusCode.Created)).GetProperty("id").GetString()!;
        Assert.Equal("tell", await StoodAsync());
        var at = (await eva.GetAsync($"/api/drafts/dry-runs/{id}/stop")).GetProperty("at");
        Assert.Equal(("there", 5), (at.GetProperty("arguments").GetProperty("text").GetString(), at.GetProperty("line").GetInt32()));
        await goran.RefusedAsync(HttpMethod.Post, $"/api/drafts/dry-runs/{id}/continue", new { }, 403, "SOAR6002");
        await eva.PostAsync($"/api/drafts/dry-runs/{id}/continue", new { step = true }, HttpStatusCode.NoContent);
        Assert.Equal("note-2", await StoodAsync("tell"));
        await eva.PostAsync($"/api/drafts/dry-runs/{id}/continue", new { }, HttpStatusCode.NoContent);
        Assert.Equal(Soar.Runs.RunStatus.Completed, (await served.Node.Engine.WhenEndedAsync(new RunId(Guid.Parse(id)))).Status);
        Assert.False((await eva.GetAsync($"/api/drafts/dry-runs/{id}/stop")).TryGetProperty("at", out _));

        async Task<string> StoodAsync(string? last = null)
        {
            while (true)
            {
                var stop = await eva.GetAsync($"/api/drafts/dry-runs/{id}/stop");
                if (stop.TryGetProperty("at", out var at) && at.GetProperty("step").GetString() is { } step && step != last) return step;
                Assert.True(stop.GetProperty("status").GetString() is "Running" or "Paused" or "Waiting", $"it stood nowhere: {stop}");
                await Task.Yield();
            }
        }
    }
}
