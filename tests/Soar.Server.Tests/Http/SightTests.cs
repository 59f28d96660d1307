using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Soar.Runs;
using Soar.Server.Accounts;
using Soar.Server.Http;
using Soar.Storage;

namespace Soar.Server.Tests.Http;

/// <summary>
/// Every route × somebody who may everything and sees little: a case, alerts, runs and playbooks bear a mark and lie beyond their clearance, or in a folder that they do not see. Whatever is read, the mark is in no answer;
/// whatever is written, it is as if nothing were there. A route that is new is asked too: with every id there is when it reads, and by the table below when it writes.
/// </summary>
public sealed class SightTests
{
    /// <summary>Stands in texts, never in what a request sends.</summary>
    private const string Mark = "zqxmark";

    private static readonly Grant Little = new(Tlp.Amber, ["open"], ["open"], ["open"]);

    private const string Settings = """
        approvals: []
        roles: { shift-lead: [lea], analyst-lead: [root.admin] }
        alerts: { same: { within: 0s }, cases: [{ name: attacker, by: [source.ip] }] }
        connectors: { edge: { type: nftables, simulated: true } }
        http: { loginsPerMinute: 1000 }
        """;

    private static string Text(string name, string tlp, string body) =>
        $"Playbook(\"{name}\", version: \"1.0.0\", type: PlaybookType.Investigation, tlp: Tlp.{tlp}, summary: \"A test {(name.StartsWith("plain", StringComparison.Ordinal) ? "of nothing" : Mark)}.\");\n{body}";

    private static string Deeds(string address) => $$"""
        On.Schedule("0 0 3 ? * *", "Etc/UTC");
        await Note("{{Mark}} note");
        await Case.Observable(new Observable("ip", "{{address}}"), Verdict.Suspicious);
        await Firewall.Block(IpAddress.Parse("{{address}}"), 4.Hours);
        await Ask("shift-lead", "{{Mark}} question", within: 4.Hours);
        return Outcome.Completed("{{Mark}}");
        """;

    /// <summary>What a writing route is asked with. Null: it writes nothing of a case, an alert, a run or a playbook.</summary>
    private static readonly Dictionary<string, string?> Writes = new(StringComparer.Ordinal)
    {
        ["POST /api/setup"] = null, ["POST /api/login"] = null, ["POST /api/me/logins/{provider}"] = null, ["DELETE /api/users/{name}/logins/{provider}"] = null, ["POST /api/password"] = null, ["POST /api/logout"] = null,
        ["PUT /api/me/totp"] = null, ["DELETE /api/users/{name}/totp"] = null, ["POST /api/users/"] = null, ["PATCH /api/users/{name}"] = null, ["POST /api/users/{name}/code"] = null, ["POST /api/tokens/"] = null, ["DELETE /api/tokens/{id:guid}"] = null,
        ["POST /api/runs/"] = """{"playbook": "{name}"}""",
        ["POST /api/runs/{id:guid}/cancel"] = "{}", ["POST /api/runs/{id:guid}/pause"] = "{}", ["POST /api/runs/{id:guid}/resume"] = "{}", ["POST /api/runs/{id:guid}/signals"] = """{"name": "go"}""",
        ["POST /api/questions/{id:guid}/answer"] = """{"answer": "approve"}""", ["POST /api/questions/{id:guid}/claim"] = "{}", ["POST /api/questions/{id:guid}/delegate"] = """{"to": "root.admin", "reason": "why not"}""",
        ["POST /api/containments/{id:guid}/lift"] = "{}",
        ["POST /api/editor/diagram"] = null, ["POST /api/editor/edit"] = null, ["POST /api/editor/copy"] = null, ["POST /api/editor/check"] = null, ["POST /api/editor/complete"] = null, // of the text that is sent
        ["PUT /api/drafts/{name}"] = """{"source": "Playbook(\"x\", version: \"2.0.0\", type: PlaybookType.Investigation, tlp: Tlp.Clear, summary: \"x\");", "basedOn": 0}""",
        ["DELETE /api/drafts/{name}"] = "", ["POST /api/playbooks/{name}/roll-back"] = """{"reason": "back"}""",
        ["POST /api/reviews/"] = """{"playbook": "{name}", "draft": 1}""", ["POST /api/reviews/{id:guid}/comments"] = """{"text": "x"}""", ["POST /api/reviews/{id:guid}/decision"] = """{"approve": true}""",
        ["POST /api/reviews/{id:guid}/withdraw"] = "{}", ["POST /api/reviews/{id:guid}/publish"] = "",
        ["POST /api/drafts/{name}/dry-run"] = "{}", ["POST /api/drafts/dry-runs/{id:guid}/answer"] = """{"answer": "approve"}""", ["POST /api/drafts/{name}/tests"] = "{}", ["POST /api/drafts/dry-runs/{id:guid}/continue"] = "{}", ["POST /api/drafts/{name}/rehearsal"] = "{}",
        ["POST /api/alerts/"] = null, // takes what is sent
        ["POST /api/alerts/{id}/ask-again"] = "",
        ["POST /api/hooks/{hook}"] = null, ["POST /answer/{link}"] = null, // by a secret of their own
        ["PATCH /api/cases/{id}"] = """{"owner": "lea"}""", ["POST /api/cases/{id}/notes"] = """{"text": "x"}""", ["POST /api/cases/{id}/tasks"] = """{"title": "x"}""", ["PATCH /api/cases/{id}/tasks/{number:long}"] = """{"done": true}""",
        ["PUT /api/cases/{id}/hold"] = """{"reason": "x"}""", ["DELETE /api/cases/{id}/hold"] = "", ["POST /api/cases/{id}/merge"] = """{"into": "1"}""", ["POST /api/cases/{id}/split"] = """{"title": "x"}""",
        ["PUT /api/kill-switches/"] = """{"reason": "x", "playbook": "{name}"}""", ["DELETE /api/kill-switches/{id:guid}"] = "",
        ["POST /api/connectors/{name}/test"] = null, ["PUT /api/credentials/{name}"] = null, ["DELETE /api/credentials/{name}"] = null, ["POST /api/credentials/rotate"] = null,
        ["PUT /api/lists/{name}"] = null, ["POST /api/lists/{name}/import"] = null, // lists have no TLP
    };

    /// <summary>Reading routes in whose answers the mark stands for whoever sees everything: what is planted reaches them, so that its absence tells something.</summary>
    private static readonly string[] Marked =
    [
        "/api/runs/{id:guid}", "/api/runs/{id:guid}/playbook", "/api/questions/", "/api/questions/{id:guid}", "/api/playbooks/", "/api/playbooks/{name}", "/api/drafts/{name}", "/api/reviews/{id:guid}", "/api/playbooks/{name}/compare",
        "/api/playbooks/{name}/versions/{version}", "/api/alerts/", "/api/alerts/{id}", "/api/cases/", "/api/cases/{id}", "/api/cases/{id}/timeline", "/api/cases/{id}/related", "/api/kill-switches/", "/api/retention", "/api/audit",
    ];

    [Fact]
    public async Task What_somebody_does_not_see_is_in_no_answer_and_nothing_is_done_to_it()
    {
        await using var served = await StartAsync();
        using var root = await served.AdministratorAsync();
        using var ana = await served.UserAsync(root, "ana", "engineer");
        using var lea = await served.UserAsync(root, "lea", Little, Access.Given.ToArray());
        var planted = await PlantAsync(served, root, ana);
        var routes = served.Server.Endpoints.OfType<RouteEndpoint>().SelectMany(e => e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(method => (Method: method, Path: e.RoutePattern.RawText!))).ToList();

        var problems = new List<string>();
        foreach (var (_, path) in routes.Where(route => route.Method == "GET" && route.Path is not ("/api/events" or "/api/openapi.json")))
        {
            var (seen, hidden) = (false, 0);
            foreach (var asked in planted.Requests(path))
            {
                var (_, all) = await ReadAsync(root, HttpMethod.Get, asked, null);
                seen |= planted.Shows(all, asked);
                var (status, answer) = await ReadAsync(lea, HttpMethod.Get, asked, null);
                if (planted.Shows(answer, asked)) problems.Add($"GET {asked} shows {planted.Shown(answer, asked)}: {Around(answer, planted.Shown(answer, asked)!)}");
                if (status is HttpStatusCode.InternalServerError) problems.Add($"GET {asked}: {answer}");
                if (status is HttpStatusCode.NotFound) hidden++;
            }

            if (Marked.Contains(path) && !seen) problems.Add($"GET {path}: the mark is not in it for who sees everything either");
        }

        var before = JsonSerializer.Serialize(await StateAsync(root, planted));
        foreach (var (method, path) in routes.Where(route => route.Method is not ("GET" or "HEAD")))
        {
            if (!Writes.TryGetValue($"{method} {path}", out var body)) problems.Add($"{method} {path}: this test does not know what to ask it with");
            if (body is null) continue;
            foreach (var (asked, sent) in planted.Changes(path, body))
            {
                var (status, answer) = await ReadAsync(lea, new HttpMethod(method), asked, sent.Length == 0 ? null : sent);
                if (status is not (HttpStatusCode.NotFound or HttpStatusCode.Forbidden)) problems.Add($"{method} {asked} {sent}: {(int)status} {answer[..Math.Min(answer.Length, 200)]}");
                if (planted.Shows(answer, asked + sent)) problems.Add($"{method} {asked} {sent} shows {planted.Shown(answer, asked + sent)}");
            }
        }

        Assert.True(problems.Count == 0, string.Join("\n", problems));
        Assert.Equal(before, JsonSerializer.Serialize(await StateAsync(root, planted)));
    }

    [Fact]
    public async Task Events_of_runs_that_somebody_does_not_see_do_not_reach_them()
    {
        await using var served = await StartAsync();
        using var root = await served.AdministratorAsync();
        using var lea = await served.UserAsync(root, "lea", Little, "analyst");
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var response = await lea.SendAsync(HttpMethod.Get, "/api/events", whole: false);
        using var stream = new StreamReader(await response.Content.ReadAsStreamAsync(patience.Token));
        var heard = new StringBuilder();
        while (await stream.ReadLineAsync(patience.Token) is { } line && !line.Contains("ready", StringComparison.Ordinal)) heard.AppendLine(line);
        var hidden = new List<string>();
        foreach (var name in new[] { "veiled", "strict" }) hidden.Add((await root.PostAsync("/api/runs", new { playbook = name }, HttpStatusCode.Created)).GetProperty("id").GetString()!);
        foreach (var run in hidden) await WaitsAsync(served, run);
        var open = (await lea.PostAsync("/api/runs", new { playbook = "plain" }, HttpStatusCode.Created)).GetProperty("id").GetString()!;
        while (await stream.ReadLineAsync(patience.Token) is { } line)
        {
            heard.AppendLine(line);
            if (line.Contains(open, StringComparison.Ordinal) && line.Contains("\"Ended\"", StringComparison.Ordinal)) break;
        }

        Assert.Contains(open, heard.ToString());
        Assert.DoesNotContain(Mark, heard.ToString());
        Assert.All(hidden, run => Assert.DoesNotContain(run, heard.ToString()));
    }

    [Fact]
    public async Task Nothing_is_seen_that_was_not_given_and_nobody_gives_or_narrows_themselves_to_more()
    {
        await using var served = await StartAsync("sight: { analyst: { clearance: amber, see: [open] }, auditor: { clearance: red } }\n");
        using var root = await served.AdministratorAsync();
        using var bare = await served.UserAsync(root, "bare", (Grant?)null, "viewer");
        using var ana = await served.UserAsync(root, "ana", (Grant?)null, "analyst");
        using var lea = await served.UserAsync(root, "lea", Little, "administrator");
        Assert.Empty((await bare.GetAsync("/api/playbooks")).GetProperty("playbooks").EnumerateArray());
        Assert.Equal("Clear", (await bare.GetAsync("/api/me")).GetProperty("sight").GetProperty("clearance").GetString());
        // By the settings the role sees, and may not run what it sees.
        Assert.Equal(["plain"], (await ana.GetAsync("/api/playbooks")).GetProperty("playbooks").EnumerateArray().Select(p => p.GetProperty("name").GetString()));
        await ana.RefusedAsync(HttpMethod.Post, "/api/runs", new { playbook = "plain" }, 403, "SOAR6002");
        await ana.RefusedAsync(HttpMethod.Post, "/api/runs", new { playbook = "veiled" }, 404, "SOAR5004");

        // Nobody gives what they have not, nor takes over the account of who sees further.
        await lea.RefusedAsync(HttpMethod.Post, "/api/users", new { name = "eve", roles = new[] { "viewer" }, sight = Grant.Everything }, 403, "SOAR6002");
        await lea.RefusedAsync(HttpMethod.Patch, "/api/users/lea", new { sight = Grant.Everything }, 403, "SOAR6002");
        await lea.RefusedAsync(HttpMethod.Post, "/api/users", new { name = "eve", roles = new[] { "auditor" } }, 403, "SOAR6002"); // by the role
        await lea.RefusedAsync(HttpMethod.Patch, "/api/users/bare", new { roles = new[] { "auditor" } }, 403, "SOAR6002");
        await lea.RefusedAsync(HttpMethod.Patch, "/api/users/root.admin", new { displayName = "x" }, 403, "SOAR6002");
        await lea.RefusedAsync(HttpMethod.Post, "/api/users/root.admin/code", null, 403, "SOAR6002");
        await lea.PostAsync("/api/users", new { name = "eve", roles = new[] { "viewer" }, sight = Little }, HttpStatusCode.Created);
        await root.RefusedAsync(HttpMethod.Patch, "/api/users/eve", new { sight = Grant.Everything with { See = ["../etc"] } }, 422, "SOAR6013");

        // A token is never more than its owner, and less where it says so.
        var wide = (await lea.PostAsync("/api/tokens", new { name = "wide", scopes = new[] { "ReadPlaybooks" }, sight = Grant.Everything }, HttpStatusCode.Created)).GetProperty("value").GetString();
        var narrow = (await root.PostAsync("/api/tokens", new { name = "narrow", scopes = new[] { "ReadPlaybooks" }, sight = Little }, HttpStatusCode.Created)).GetProperty("value").GetString();
        foreach (var token in new[] { wide, narrow })
        {
            using var program = served.Browser();
            program.Token = token;
            Assert.Equal(["plain"], (await program.GetAsync("/api/playbooks")).GetProperty("playbooks").EnumerateArray().Select(p => p.GetProperty("name").GetString()));
        }

        // What is taken away is gone with the next log-in, which is needed at once.
        await root.AnswerAsync(HttpMethod.Patch, "/api/users/lea", new { sight = Grant.Nothing }, HttpStatusCode.NoContent);
        await lea.RefusedAsync(HttpMethod.Get, "/api/playbooks", null, 401, "SOAR6001");
        Assert.Equal(HttpStatusCode.Forbidden, (await ReadAsync(ana, HttpMethod.Get, "/metrics", null)).Status);
    }

    [Fact]
    public async Task Nobody_gets_at_a_playbook_by_writing_one_that_starts_it_nor_writes_beyond_their_clearance()
    {
        await using var served = await StartAsync();
        using var root = await served.AdministratorAsync();
        using var lea = await served.UserAsync(root, "lea", Little, "engineer");
        var calls = Text("plain", "Amber", "await Run(\"veiled\");\nreturn Outcome.Completed();\n");
        await lea.RefusedAsync(HttpMethod.Put, "/api/drafts/plain", new { source = calls, basedOn = 0 }, 404, "SOAR5004");
        await lea.RefusedAsync(HttpMethod.Post, "/api/drafts/plain/dry-run", new { source = calls }, 404, "SOAR5004");
        foreach (var hidden in new[] { "const string name = \"plain\"; await Run(name);", "await Run(\"vei\" + \"led\");", "await Run(inputs: new { }, playbook: \"veiled\");", "var run = Run;", "await Run<string>(\"vei\" + Alert!.Title);", "await this.Run(\"v\" + \"eiled\");" })
            await lea.RefusedAsync(HttpMethod.Put, "/api/drafts/plain", new { source = Text("plain", "Amber", hidden + "\nreturn Outcome.Completed();\n"), basedOn = 0 }, 403, "SOAR6002");
        await lea.RefusedAsync(HttpMethod.Put, "/api/drafts/plain", new { source = Text("plain", "Red", "return Outcome.Completed();\n"), basedOn = 0 }, 403, "SOAR6002");
        await lea.AnswerAsync(HttpMethod.Put, "/api/drafts/plain", new { source = Text("plain", "Amber", "return Outcome.Completed();\n"), basedOn = 0 }, HttpStatusCode.OK);
    }

    private static Task<Served> StartAsync(string more = "") => Served.StartAsync(
        Settings + "\n" + more,
        [
            ("open/plain.csx", Text("plain", "Clear", "await Note(\"nothing\");\nreturn Outcome.Completed();\n")),
            ("open/strict.csx", Text("strict", "Red", Deeds("203.0.113.77"))),
            ("hidden/veiled.csx", Text("veiled", "Clear", Deeds("203.0.113.78"))),
        ],
        []);

    /// <summary>Everything that bears the mark, and the ids by which it could be asked for.</summary>
    private sealed record Planted(IReadOnlyList<string> Guids, IReadOnlyList<string> Cases, IReadOnlyList<string> Alerts)
    {
        private static readonly string[] Names = ["strict", "veiled"];

        public IEnumerable<string> Requests(string path)
        {
            foreach (var filled in Fill(path))
            {
                yield return filled;
                if (path == "/api/playbooks/{name}/compare") yield return $"{filled}?from=file&to=draft";
                if (path == "/api/playbooks/{name}/compare") yield return $"{filled}?from=1.0.0&to=file";
                if (path == "/api/calendar") yield return $"{filled}?from=2030-01-01T00:00:00Z&until=2030-01-03T00:00:00Z";
                if (path == "/api/cases/") yield return $"{filled}?text=title";
                if (path.EndsWith("s/", StringComparison.Ordinal)) yield return $"{filled}?all=true";
                if (path == "/api/containments/") foreach (var one in Cases) yield return $"{filled}?caseId={one}";
                if (path == "/api/runs/") foreach (var name in Names) yield return $"{filled}?playbook={name}";
                if (path == "/api/audit") foreach (var one in Cases.Concat(Guids)) yield return $"{filled}?on={Uri.EscapeDataString(one)}";
            }
        }

        public IEnumerable<(string Path, string Body)> Changes(string path, string body) => Fill(path).SelectMany(filled => body.Contains("{name}", StringComparison.Ordinal) ? Names.Select(name => (filled, body.Replace("{name}", name, StringComparison.Ordinal))) : [(filled, body)]);

        private IEnumerable<string> Fill(string path)
        {
            path = path.TrimEnd('/').Replace("{version}", "1.0.0", StringComparison.Ordinal).Replace("{number:long}", "1", StringComparison.Ordinal).Replace("{hook}", "gate", StringComparison.Ordinal).Replace("{provider}", "corp", StringComparison.Ordinal).Replace("{link}", "none", StringComparison.Ordinal);
            if (path == "/api/drafts/{name}") path += "?version=1"; // of what is discarded
            if (path.Contains("{id:guid}", StringComparison.Ordinal)) return Guids.Select(id => path.Replace("{id:guid}", id, StringComparison.Ordinal));
            if (path.Contains("/cases/{id}", StringComparison.Ordinal)) return Cases.Select(id => path.Replace("{id}", id, StringComparison.Ordinal));
            if (path.Contains("{id}", StringComparison.Ordinal)) return Alerts.Select(id => path.Replace("{id}", id, StringComparison.Ordinal));
            return path.Contains("{name}", StringComparison.Ordinal) ? Names.Select(name => path.Replace("{name}", name, StringComparison.Ordinal)) : [path];
        }

        /// <summary>The mark, or an id or name of what bears it, unless it was sent.</summary>
        public string? Shown(string answer, string sent) =>
            new[] { Mark, "\"strict\"", "\"veiled\"", "203.0.113.77", "203.0.113.78" }.Concat(Guids).FirstOrDefault(word => answer.Contains(word, StringComparison.Ordinal) && !sent.Contains(word.Trim('"'), StringComparison.Ordinal));

        public bool Shows(string answer, string sent) => Shown(answer, sent) is not null;
    }

    private static async Task<Planted> PlantAsync(Served served, Browser root, Browser ana)
    {
        // Alerts: one that its detector calls red, and one that is red by its case.
        object Alert(string id, string ip, string? tlp) => new { id, detector = "siem", title = $"{Mark} {id}", category = "recon", severity = 40, time = "2026-11-20T08:14:03Z", source = new { ip }, tlp, payload = new { raw = Mark } };
        await root.PostAsync("/api/alerts", Alert("a", "203.0.113.77", "Red"), HttpStatusCode.OK);
        await root.PostAsync("/api/alerts", Alert("b", "203.0.113.78", null), HttpStatusCode.OK);
        await root.PostAsync("/api/alerts", Alert("c", "203.0.113.78", null), HttpStatusCode.OK);
        foreach (var number in new[] { 1, 2 })
        {
            await root.AnswerAsync(HttpMethod.Patch, $"/api/cases/{number}", new { title = $"{Mark} title {number}", tlp = "Red" }, HttpStatusCode.OK);
            await root.PostAsync($"/api/cases/{number}/notes", new { text = $"{Mark} by hand" }, HttpStatusCode.Created);
            await root.PostAsync($"/api/cases/{number}/tasks", new { title = $"{Mark} task" }, HttpStatusCode.Created);
            await root.AnswerAsync(HttpMethod.Put, $"/api/cases/{number}/hold", new { reason = $"{Mark} hold" }, HttpStatusCode.OK);
        }

        // A third one that they see, about the same as the second: its runs are not theirs.
        await root.PostAsync("/api/alerts", new { id = "d", detector = "siem", title = "Plain", category = "recon", severity = 40, time = "2026-11-20T08:14:03Z", source = new { ip = "203.0.113.79" } }, HttpStatusCode.OK);

        var ids = new List<string>();
        foreach (var (name, of) in new[] { ("strict", "1"), ("veiled", "2"), ("veiled", "3"), ("strict", "3"), ("veiled", null) })
        {
            var run = (await root.PostAsync("/api/runs", new { playbook = name, @case = of }, HttpStatusCode.Created)).GetProperty("id").GetString()!;
            await WaitsAsync(served, run);
            ids.Add(run);
        }

        ids.AddRange((await root.GetAsync("/api/questions")).GetProperty("questions").EnumerateArray().Select(q => q.GetProperty("id").GetString()!));
        ids.AddRange((await root.GetAsync("/api/containments")).GetProperty("containments").EnumerateArray().Select(c => c.GetProperty("id").GetString()!));
        foreach (var (name, tlp) in new[] { ("strict", "Red"), ("veiled", "Clear") })
        {
            await ana.AnswerAsync(HttpMethod.Put, $"/api/drafts/{name}", new { source = Text(name, tlp, $"await Note(\"{Mark} draft\");\nreturn Outcome.Completed();\n"), basedOn = 0 }, HttpStatusCode.OK);
            var review = (await ana.PostAsync("/api/reviews", new { playbook = name, draft = 1, note = Mark }, HttpStatusCode.Created)).GetProperty("id").GetString()!;
            await root.PostAsync($"/api/reviews/{review}/decision", new { approve = true, reason = Mark }, HttpStatusCode.OK);
            await root.PostAsync($"/api/reviews/{review}/publish", null, HttpStatusCode.OK);
            await ana.AnswerAsync(HttpMethod.Put, $"/api/drafts/{name}", new { source = Text(name, tlp, $"await Note(\"{Mark} second draft\");\nreturn Outcome.Completed();\n").Replace("1.0.0", "1.1.0"), basedOn = 0 }, HttpStatusCode.OK);
            ids.Add(review);
            ids.Add((await ana.PostAsync("/api/reviews", new { playbook = name, draft = await DraftAsync(ana, name), note = Mark }, HttpStatusCode.Created)).GetProperty("id").GetString()!);
            ids.Add((await root.AnswerAsync(HttpMethod.Put, "/api/kill-switches", new { reason = $"{Mark} switch", playbook = name }, HttpStatusCode.OK)).GetProperty("id").GetString()!);
        }

        var cases = (await root.GetAsync("/api/cases")).GetProperty("cases").EnumerateArray().Where(c => c.GetProperty("number").GetInt32() < 3).SelectMany(c => new[] { c.GetProperty("number").ToString(), c.GetProperty("id").GetString()! });
        var alerts = (await root.GetAsync("/api/alerts")).GetProperty("alerts").EnumerateArray().Where(a => a.GetProperty("number").GetInt32() < 4).SelectMany(a => new[] { a.GetProperty("number").ToString(), a.GetProperty("id").GetString()! });
        return new Planted(ids, [.. cases], [.. alerts]);
    }

    private static async Task<int> DraftAsync(Browser who, string name) => (await who.GetAsync($"/api/drafts/{name}")).GetProperty("version").GetInt32();

    /// <summary>What the attempts must not have changed.</summary>
    private static async Task<object> StateAsync(Browser root, Planted planted)
    {
        var state = new List<string>();
        foreach (var path in new[] { "/api/questions?all=true", "/api/containments?all=true", "/api/kill-switches?all=true", "/api/reviews?all=true", "/api/drafts/strict", "/api/drafts/veiled", "/api/cases/1", "/api/cases/2", "/api/runs", "/api/playbooks/veiled/versions" })
            state.Add((await root.GetAsync(path)).GetRawText());
        return state;
    }

    private static async Task WaitsAsync(Served served, string run)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while ((await served.Node.Reader.Runs.QuestionsAsync(RunId.Parse(run), QuestionStatus.Open)).Count == 0)
        {
            patience.Token.ThrowIfCancellationRequested();
            if (await served.Node.Reader.Runs.FindAsync(RunId.Parse(run)) is { Status: RunStatus.Failed } failed) Assert.Fail(failed.Result);
            await Task.Yield();
        }
    }

    private static async Task<(HttpStatusCode Status, string Text)> ReadAsync(Browser browser, HttpMethod method, string path, string? body)
    {
        using var response = await browser.SendAsync(method, path, body);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static string Around(string text, string word)
    {
        var at = text.IndexOf(word, StringComparison.Ordinal);
        return text[Math.Max(0, at - 80)..Math.Min(text.Length, at + 80)];
    }
}
