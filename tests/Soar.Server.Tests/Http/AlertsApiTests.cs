using System.Net;
using System.Text;
using System.Text.Json;
using Soar.Alerts;

namespace Soar.Server.Tests.Http;

/// <summary><c>POST /api/alerts</c>: what is answered as taken is on disk, once, and what is not is named.</summary>
public sealed class AlertsApiTests
{
    private static string Alert(string id, string more = "") =>
        $$$"""{"id": "{{{id}}}", "detector": "siem", "title": "Log-in from two countries", "category": "intrusion", "severity": 70, "time": "2026-11-20T08:14:03Z"{{{more}}}}""";

    private static async Task<(int Status, JsonElement Body, HttpResponseMessage Response)> PostAsync(Browser browser, string body, string type = "application/json", string source = "")
    {
        var response = await browser.SendAsync(HttpMethod.Post, $"/api/alerts{source}", new StringContent(body, Encoding.UTF8, type));
        return ((int)response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement, response);
    }

    private static (int Line, string As, long? Number)[] Answers(JsonElement body) =>
        [.. body.GetProperty("alerts").EnumerateArray().Select(a => (a.GetProperty("line").GetInt32(), a.GetProperty("as").GetString()!, a.TryGetProperty("number", out var number) ? number.GetInt64() : (long?)null))];

    [Fact]
    public async Task A_single_alert_is_new_and_then_known_and_lies_there_as_it_was_sent()
    {
        await using var served = await Served.StartAsync();
        using var administrator = await served.AdministratorAsync();
        var first = await PostAsync(administrator, Alert("4711", """, "source": {"ip": "203.0.113.7", "user": "Ѓорѓи"}, "payload": {"any": ["thing"]}"""), source: "?source=siem");
        Assert.Equal(200, first.Status);
        Assert.Equal([(1, "New", 1L)], Answers(first.Body));
        var again = await PostAsync(administrator, Alert("4711", """, "severity": 3"""), source: "?source=siem");
        Assert.Equal((422, "SOAR6050"), (again.Status, again.Body.GetProperty("code").GetString())); // severity twice
        Assert.Equal([(1, "Known", 1L)], Answers((await PostAsync(administrator, Alert("4711"), source: "?source=siem")).Body));
        Assert.Equal([(1, "New", 2L)], Answers((await PostAsync(administrator, Alert("4711"))).Body));

        var kept = (await served.Node.Reader.Alerts.FindAsync(first.Body.GetProperty("alerts")[0].GetProperty("id").GetString()!))!;
        Assert.Equal(("siem", 2, "Ѓорѓи", """{"any": ["thing"]}"""), (kept.Source, kept.Times, kept.Alert.Source!.User, kept.Alert.Payload!.Value.GetRawText().Replace(":[", ": [")));
        Assert.Equal("api", (await served.Node.Reader.Alerts.FindAsync("2"))!.Source);
    }

    private const string Wants = "On.Alert(alert => alert.Severity >= 70);\nvar who = Input<string>(\"who\", \"Who\", from: alert => alert.Source?.User);\n";

    [Fact]
    public async Task Whoever_waits_is_answered_when_the_runs_that_its_alert_started_have_ended_and_a_repeat_of_it_hears_the_same()
    {
        await using var served = await Served.StartAsync("approvals: []\n", ("answers", Wants + "await Note($\"{who} was seen\");\nreturn Outcome.Completed($\"{who} is known\");\n"));
        await using var triggers = served.Node.WatchAlerts();
        using var administrator = await served.AdministratorAsync();
        var first = await PostAsync(administrator, Alert("w-1", ""","source": {"user": "ana"}"""), source: "?wait=60");
        var run = Assert.Single(first.Body.GetProperty("runs").EnumerateArray());
        Assert.Equal(("answers", "Completed", "alert 1"), (run.GetProperty("playbook").GetString(), run.GetProperty("status").GetString(), run.GetProperty("startedBy").GetString()));
        Assert.Contains("ana is known", run.GetProperty("result").ToString());

        // The answer got lost, and the sender asks again: the same run, no second one.
        var again = await PostAsync(administrator, Alert("w-1", ""","source": {"user": "ana"}"""), source: "?wait=60");
        Assert.Equal((1, run.GetProperty("id").GetString()), (again.Body.GetProperty("known").GetInt32(), again.Body.GetProperty("runs")[0].GetProperty("id").GetString()));
        Assert.Empty((await PostAsync(administrator, Alert("w-2").Replace("70", "3"), source: "?wait=60")).Body.GetProperty("runs").EnumerateArray());
        var repeat = (await PostAsync(administrator, Alert("w-3", ""","source": {"user": "ana"}"""), source: "?wait=60")).Body;
        Assert.Equal((1, 0), (repeat.GetProperty("duplicate").GetInt32(), repeat.GetProperty("runs").GetArrayLength()));
        Assert.False((await PostAsync(administrator, Alert("w-1", ""","source": {"user": "ana"}"""))).Body.TryGetProperty("runs", out _));
        Assert.Equal(1, (await administrator.GetAsync("/api/runs?playbook=answers")).GetProperty("runs").GetArrayLength());
    }

    [Fact]
    public async Task Whoever_waits_no_longer_than_a_run_takes_hears_how_it_stands_and_only_who_may_read_runs_may_wait()
    {
        await using var served = await Served.StartAsync("approvals: []\n", ("asks", Wants + "await Ask(\"shift-lead\", $\"{who}?\", within: 1.Hours);\nreturn Outcome.Completed();\n"));
        using var administrator = await served.AdministratorAsync();
        // Nobody asks playbooks here: the alert goes on waiting, and is answered all the same.
        Assert.Empty((await PostAsync(administrator, Alert("w-1", ""","source": {"user": "ana"}"""), source: "?wait=1")).Body.GetProperty("runs").EnumerateArray());
        await using (served.Node.WatchAlerts())
        {
            var (status, body, _) = await PostAsync(administrator, Alert("w-2", ""","source": {"user": "boris"}"""), source: "?wait=5");
            Assert.Equal((200, "Waiting"), (status, body.GetProperty("runs")[0].GetProperty("status").GetString()));
        }

        foreach (var wait in new[] { "0", "61", "-1" }) Assert.Equal((400, "SOAR6007"), Refusal(await PostAsync(administrator, Alert("w-3"), source: $"?wait={wait}")));
        Assert.Equal((400, "SOAR6007"), Refusal(await PostAsync(administrator, $"[{Alert("w-3")},{Alert("w-4")}]", source: "?wait=5")));
        var token = (await administrator.PostAsync("/api/tokens", new { name = "siem", scopes = new[] { "SendAlerts" } }, HttpStatusCode.Created)).GetProperty("value").GetString();
        using var siem = served.Browser();
        siem.Token = token;
        Assert.Equal((403, "SOAR6002"), Refusal(await PostAsync(siem, Alert("w-3"), source: "?wait=5")));
        Assert.Null(await served.Node.Reader.Alerts.FindAsync("3"));

        static (int, string?) Refusal((int Status, JsonElement Body, HttpResponseMessage Response) answer) => (answer.Status, answer.Body.GetProperty("code").GetString());
    }

    [Fact]
    public async Task Every_line_of_NDJSON_is_answered_with_its_number_or_with_the_field_that_is_wrong()
    {
        await using var served = await Served.StartAsync();
        using var administrator = await served.AdministratorAsync();
        string[] lines =
        [
            Alert("a"), "", Alert("b"), "{ cut", Alert("c").Replace("70", "101"), Alert("d").Replace("\"title\": \"Log-in from two countries\", ", ""), Alert("e", ""","colour": "red" """), Alert("a"), "[]",
            Alert("f").Replace("70", "\"high\""), Alert("g").Replace("03Z", "03"), Alert("h").Replace("\"siem\"", "null"), Alert("i", ""","source": {"ip": "nowhere"}"""), Alert("j") + "\r",
        ];
        var (status, body, _) = await PostAsync(administrator, string.Join('\n', lines), "application/x-ndjson");
        Assert.Equal(207, status);
        Assert.Equal((3, 1, 9), (body.GetProperty("new").GetInt32(), body.GetProperty("known").GetInt32(), body.GetProperty("refused").GetInt32()));
        Assert.Equal([(1, "New", 1L), (3, "New", 2L), (8, "Known", 1L), (14, "New", 3L)], Answers(body).Where(a => a.As != "Refused"));
        var refused = body.GetProperty("alerts").EnumerateArray().Where(a => a.GetProperty("as").GetString() == "Refused").ToDictionary(a => a.GetProperty("line").GetInt32());
        Assert.Equal([4, 5, 6, 7, 9, 10, 11, 12, 13], refused.Keys);
        foreach (var (line, field) in new[] { (5, "severity"), (6, "title"), (7, "colour"), (10, "severity"), (11, "time"), (12, "detector"), (13, "source.ip") }) Assert.Equal(field, refused[line].GetProperty("field").GetString());
        Assert.All(refused.Values, r => Assert.DoesNotContain("Soar.", r.GetProperty("problem").GetString()));
        Assert.Contains("101", refused[5].GetProperty("problem").GetString());
        Assert.Contains("JSON", refused[4].GetProperty("problem").GetString());
        var unreadable = await served.Node.Reader.Alerts.UnreadableAsync("api", 100);
        Assert.Equal(9, unreadable.Count);
        Assert.Contains(unreadable, u => u.Text == "{ cut");
    }

    [Fact]
    public async Task An_array_is_taken_in_one_commit_and_too_many_are_refused_whole()
    {
        await using var served = await Served.StartAsync("approvals: []\nhttp: { maxRequestBytes: 600000 }\n");
        using var administrator = await served.AdministratorAsync();
        var taken = await PostAsync(administrator, $"[{string.Join(',', Enumerable.Range(1, 1_000).Select(n => Alert($"{n}")))}]");
        Assert.Equal((200, 1_000, 0), (taken.Status, taken.Body.GetProperty("new").GetInt32(), taken.Body.GetProperty("refused").GetInt32()));
        Assert.Equal(Enumerable.Range(1, 1_000).Select(n => (n, "New", (long?)n)), Answers(taken.Body));
        var many = await PostAsync(administrator, string.Join('\n', Enumerable.Range(1_001, 1_001).Select(n => Alert($"{n}"))), "application/x-ndjson");
        Assert.Equal((413, "SOAR6011"), (many.Status, many.Body.GetProperty("code").GetString()));
        var large = await PostAsync(administrator, Alert("large", $", \"payload\": \"{new string('x', 600_000)}\""));
        Assert.Equal((413, "SOAR6011"), (large.Status, large.Body.GetProperty("code").GetString()));
        Assert.Equal(1_000, (await served.Node.Reader.Alerts.ListAsync(null, null, 5_000)).Count);
        Assert.Empty(await served.Node.Reader.Alerts.UnreadableAsync(null, 10));
        Assert.Empty(Answers((await PostAsync(administrator, "[]")).Body));
    }

    [Fact]
    public async Task What_is_no_alert_at_all_is_refused_with_what_is_wrong()
    {
        await using var served = await Served.StartAsync("approvals: []\nconnectors:\n  sensor: { type: suricata-eve, simulated: true }\n");
        using var administrator = await served.AdministratorAsync();
        foreach (var (body, type, source, status, code, words) in new[]
        {
            ("", "application/json", "", 400, "SOAR6007", "needs a body"), (" \n", "application/x-ndjson", "", 400, "SOAR6007", "needs a body"), ("{}", "text/plain", "", 415, "SOAR6010", "application/json"),
            ("{}", "application/json", "?source=Big%20One", 400, "SOAR6007", "'source' cannot be"), (Alert("a"), "application/json", "?source=sensor", 400, "SOAR6007", "connector instance"),
            ("{\"id\": ", "application/json", "", 422, "SOAR6050", "JSON"), ("7", "application/json", "", 422, "SOAR6050", "JSON object"), ("{}", "application/json", "", 422, "SOAR6050", "'id'"),
            (Alert("a", ", \"raw\": {\"sha256\": \"00\", \"size\": 1, \"name\": \"x\", \"mediaType\": \"y\"}"), "application/json", "", 422, "SOAR6050", "raw"),
            (Alert("a", $", \"payload\": \"{new string('x', 1_100_000)}\""), "application/json", "", 422, "SOAR6050", "larger than 1024 KiB"),
        })
        {
            var answer = await PostAsync(administrator, body, type, source);
            Assert.True(answer.Status == status && answer.Body.GetProperty("code").GetString() == code, $"{body[..Math.Min(body.Length, 100)]}: {answer.Body}");
            Assert.Contains(words, answer.Body.GetProperty("detail").GetString());
        }

        Assert.Empty(await served.Node.Reader.Alerts.ListAsync(null, null, 10));
    }

    [Fact]
    public async Task A_token_made_for_sending_alerts_sends_them_and_can_do_nothing_else()
    {
        await using var served = await Served.StartAsync();
        using var administrator = await served.AdministratorAsync();
        using var sender = served.Browser();
        sender.Token = (await administrator.PostAsync("/api/tokens", new { name = "siem", scopes = new[] { "SendAlerts" } }, HttpStatusCode.Created)).GetProperty("value").GetString();
        Assert.Equal(200, (await PostAsync(sender, Alert("a"))).Status);
        await sender.RefusedAsync(HttpMethod.Get, "/api/alerts", null, 403, "SOAR6002");
        using var reader = served.Browser();
        reader.Token = (await administrator.PostAsync("/api/tokens", new { name = "board", scopes = new[] { "ReadAlerts" } }, HttpStatusCode.Created)).GetProperty("value").GetString();
        await reader.RefusedAsync(HttpMethod.Post, "/api/alerts", Alert("b"), 403, "SOAR6002");
        Assert.Single(await served.Node.Reader.Alerts.ListAsync(null, null, 10));
    }

    [Fact]
    public async Task A_full_intake_takes_nothing_says_when_to_come_again_and_takes_the_same_then()
    {
        await using var served = await Served.StartAsync("approvals: []\nalerts: { mostWaiting: 10 }\n");
        using var administrator = await served.AdministratorAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var taken = 0;
        (int Status, JsonElement Body, HttpResponseMessage Response) full;
        // What waits is counted ten times a second at most, so some more than ten may be taken.
        while ((full = await PostAsync(administrator, $"[{Alert($"{taken + 1}")}]")).Status == 200 && !patience.IsCancellationRequested) taken++;
        Assert.True(taken >= 10, $"{taken}");
        Assert.Equal((429, "SOAR2050"), (full.Status, full.Body.GetProperty("code").GetString()));
        Assert.InRange(full.Response.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        Assert.Equal(429, (await PostAsync(administrator, $"[{Alert("late")}, {{}}]")).Status);
        Assert.Equal((taken, 0), (await served.Node.Reader.Alerts.CountWaitingAsync(), (await served.Node.Reader.Alerts.UnreadableAsync(null, 10)).Count));

        await using var looking = served.Node.WatchAlerts();
        (int Status, JsonElement Body, HttpResponseMessage Response) later;
        while ((later = await PostAsync(administrator, $"[{Alert("late")}, {{}}]")).Status == 429) patience.Token.ThrowIfCancellationRequested();
        Assert.Equal(207, later.Status);
        Assert.Equal([(1, "New", taken + 1L), (2, "Refused", null)], Answers(later.Body));
    }

    [Fact]
    public async Task A_repeat_and_what_a_rule_suppresses_are_told_to_the_sender_and_shown()
    {
        await using var served = await Served.StartAsync("""
            approvals: []
            alerts:
              same: { within: 1h, by: [rule, source.ip] }
              suppress:
                - { name: scanner, when: { source.ip: 203.0.113.0/28, severity: '<80' }, reason: our own }
                - { name: over, when: { source.ip: '*' }, until: 2026-01-01 }
            """);
        using var administrator = await served.AdministratorAsync();
        string From(string id, string ip) => Alert(id, $$""","ruleId": "r-1", "source": {"ip": "{{ip}}"}""");
        var (status, body, _) = await PostAsync(administrator, $"[{From("a", "203.0.113.66")}, {From("b", "203.0.113.7")}, {From("c", "203.0.113.66")}, {From("d", "203.0.113.67")}, {From("c", "203.0.113.66")}]");
        Assert.Equal(200, status);
        Assert.Equal((2, 1, 1, 1, 0), (body.GetProperty("new").GetInt32(), body.GetProperty("known").GetInt32(), body.GetProperty("duplicate").GetInt32(), body.GetProperty("suppressed").GetInt32(), body.GetProperty("refused").GetInt32()));
        Assert.Equal([(1, "New", 1L), (2, "Suppressed", 2L), (3, "Duplicate", 3L), (4, "New", 4L), (5, "Known", 3L)], Answers(body));
        Assert.Equal("scanner", body.GetProperty("alerts")[1].GetProperty("suppressedBy").GetString());
        Assert.Equal(1, body.GetProperty("alerts")[2].GetProperty("duplicateOf").GetInt64());

        var first = await administrator.GetAsync("/api/alerts/1");
        Assert.Equal(1, first.GetProperty("duplicates").GetInt32());
        Assert.Equal("c", Assert.Single((await administrator.GetAsync("/api/alerts/1/duplicates")).GetProperty("alerts").EnumerateArray()).GetProperty("alert").GetProperty("id").GetString());
        Assert.Equal("The rule 'scanner' suppresses it: our own.", (await administrator.GetAsync("/api/alerts?state=Suppressed")).GetProperty("alerts")[0].GetProperty("reason").GetString());
    }

    [Fact]
    public async Task An_alert_shows_its_case_and_the_case_its_alerts()
    {
        await using var served = await Served.StartAsync("approvals: []\nalerts: { cases: [{ name: attacker, by: [source.ip], title: 'From {source.ip}' }], route: [{ name: portal, when: { rule: c }, severity: 99, tlp: red }] }\n");
        using var administrator = await served.AdministratorAsync();
        string From(string id, string ip) => Alert(id, $$""","ruleId": "{{id}}", "source": {"ip": "{{ip}}"}""");
        await PostAsync(administrator, $"[{From("a", "203.0.113.66")}, {From("b", "203.0.113.7")}, {From("c", "203.0.113.66")}]");
        var alert = await administrator.GetAsync("/api/alerts/3");
        Assert.Equal(1, alert.GetProperty("caseNumber").GetInt32());
        var story = await administrator.GetAsync($"/api/cases/{alert.GetProperty("caseId").GetString()}");
        Assert.Equal(("From 203.0.113.66", 2, "alert 1"), story.GetProperty("case") is var file ? (file.GetProperty("title").GetString(), file.GetProperty("alerts").GetInt32(), file.GetProperty("openedBy").GetString()) : default);
        Assert.Equal((99, "portal", 70), alert.GetProperty("alert").GetProperty("severity").GetInt32() is var severity ? (severity, alert.GetProperty("routed").GetProperty("rule").GetString(), alert.GetProperty("routed").GetProperty("severity").GetInt32()) : default);
        Assert.Equal(99, story.GetProperty("case").GetProperty("severity").GetInt32());
        Assert.Equal(["a", "c"], story.GetProperty("alerts").EnumerateArray().Select(a => a.GetProperty("alert").GetProperty("id").GetString()));
        Assert.Equal([2, 1], (await administrator.GetAsync("/api/cases")).GetProperty("cases").EnumerateArray().Select(c => c.GetProperty("number").GetInt32()));
    }

    [Fact]
    public async Task Fifty_who_send_the_same_at_once_have_one_alert()
    {
        await using var served = await Served.StartAsync();
        using var administrator = await served.AdministratorAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => PostAsync(administrator, Alert("one"))));
        Assert.Single(answers, a => Answers(a.Body)[0].As == "New");
        Assert.Equal(50, Assert.Single(await served.Node.Reader.Alerts.ListAsync(null, null, 10)).Times);
    }
}
