using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Soar.Runs;

namespace Soar.Server.Tests.Http;

/// <summary><c>On.Webhook</c>: a delivery by who has the hook's secret starts its playbook, once.</summary>
public sealed class WebhooksApiTests
{
    private const string Token = "a-token-of-0123456789";
    private const string Gate = "On.Webhook(\"gate\");\nvar address = Input<IpAddress>(\"address\", \"Whom\");\nvar level = Input(\"level\", 1, \"How bad\");\nvar ttl = Input(\"ttl\", 1.Hours, \"How long\");\nvar host = Input<string?>(\"host\", \"Who says so\");\nreturn Outcome.Completed($\"{address} {level} {ttl} {host ?? \"nobody\"}\");";

    public WebhooksApiTests() => Environment.SetEnvironmentVariable("SOAR_TEST_HOOK", Token);

    private static Task<Served> StartAsync(string hook = "", params (string Name, string Body)[] more) =>
        Served.StartAsync($"approvals: []\nhooks:\n  gate: {{ token: 'env:SOAR_TEST_HOOK'{hook} }}\n  closed: {{ perMinute: 5 }}\n", [("gate", Gate), .. more]);

    private static async Task<(int Status, JsonElement Body, HttpResponseMessage Response)> PostAsync(Served served, string body, string hook = "gate", string? token = Token, params (string Name, string Value)[] headers)
    {
        using var client = new HttpClient { BaseAddress = served.Address };
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/hooks/{hook}") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (token is not null) request.Headers.Authorization = new("Bearer", token);
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        var response = await client.SendAsync(request);
        return ((int)response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement, response);
    }

    private static Task<IReadOnlyList<Run>> RunsAsync(Served served) => served.Node.Reader.Runs.ListAsync(null, null, 100);

    private static string Code(JsonElement problem) => problem.GetProperty("code").GetString()!;

    [Fact]
    public async Task A_delivery_starts_its_playbook_with_the_body_s_fields_and_the_same_again_is_the_same_run()
    {
        await using var served = await StartAsync();
        var (status, body, response) = await PostAsync(served, """{"address": "203.0.113.7", "ttl": "2h", "level": 3}""");
        Assert.Equal(202, status);
        var id = body.GetProperty("id").GetString()!;
        Assert.Equal($"/api/runs/{id}", response.Headers.Location!.ToString());
        var run = await served.Node.Engine.WhenEndedAsync(RunId.Parse(id), TestContext.Current.CancellationToken);
        Assert.Contains("203.0.113.7 3 2 hours", run.Result);
        Assert.Equal(("webhook gate", "gate"), (run.StartedBy, run.Playbook));

        Assert.Equal(id, (await PostAsync(served, """{"address": "203.0.113.7", "ttl": "2h", "level": 3}""")).Body.GetProperty("id").GetString());
        Assert.NotEqual(id, (await PostAsync(served, """{"address": "203.0.113.8"}""")).Body.GetProperty("id").GetString());
        Assert.Equal(2, (await RunsAsync(served)).Count);
        var audit = await served.Node.Reader.Audit.ListAsync(null, null, null, 10);
        Assert.Contains(audit, record => record.Entry is { Who: "webhook gate", What: "webhook", Outcome: "done" } && record.Entry.Target == id);
    }

    [Fact]
    public async Task The_sender_s_id_tells_a_delivery_whatever_its_body_and_both_at_once_start_one_run()
    {
        await using var served = await StartAsync(", deliveryHeader: X-GitHub-Delivery");
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => PostAsync(served, $$"""{"address": "203.0.113.{{i}}"}""", headers: ("X-GitHub-Delivery", "72d3162e/1"))));
        Assert.All(answers, answer => Assert.Equal(202, answer.Status));
        Assert.Single(answers.Select(answer => answer.Body.GetProperty("id").GetString()).Distinct());
        Assert.Single(await RunsAsync(served));
        var wrong = await PostAsync(served, "{}", headers: ("X-GitHub-Delivery", new string('x', 300)));
        Assert.Equal((400, "SOAR6007"), (wrong.Status, Code(wrong.Body)));
        Assert.Contains("X-GitHub-Delivery", wrong.Body.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task The_same_body_after_the_window_is_a_new_delivery()
    {
        await using var served = await StartAsync(", sameWithin: 1ms");
        var seen = new HashSet<string>();
        for (var i = 0; i < 3; i++)
        {
            var began = served.Node.Clock.GetUtcNow();
            seen.Add((await PostAsync(served, """{"address": "203.0.113.7"}""")).Body.GetProperty("id").GetString()!);
            SpinWait.SpinUntil(() => served.Node.Clock.GetUtcNow() - began > TimeSpan.FromMilliseconds(20));
        }

        Assert.Equal(3, seen.Count);
    }

    [Fact]
    public async Task Who_does_not_have_the_secret_learns_nothing_and_starts_nothing()
    {
        await using var served = await StartAsync();
        var answers = new[]
        {
            await PostAsync(served, "{}", token: null), await PostAsync(served, "{}", token: "another-token-0123456789"), await PostAsync(served, "{}", hook: "closed"), await PostAsync(served, "{}", hook: "nowhere"),
            await PostAsync(served, "{}", token: null, headers: ("Authorization", "Basic " + Convert.ToBase64String("x:y"u8))),
        };
        Assert.All(answers, answer => Assert.Equal((401, "SOAR6040"), (answer.Status, Code(answer.Body))));
        Assert.Single(answers.Select(answer => answer.Body.GetProperty("detail").GetString()).Distinct());
        using var administrator = await served.AdministratorAsync();
        await administrator.RefusedAsync(HttpMethod.Post, "/api/hooks/gate", new { address = "203.0.113.7" }, 401, "SOAR6040");
        Assert.Empty(await RunsAsync(served));
        Assert.Empty(await served.Node.Reader.Cases.TriggerErrorsAsync(10));
    }

    [Fact]
    public async Task A_signature_over_the_body_opens_the_hook_and_one_over_another_body_does_not()
    {
        Environment.SetEnvironmentVariable("SOAR_TEST_HOOK", Token);
        await using var served = await Served.StartAsync("approvals: []\nhooks:\n  gate: { signingSecret: 'env:SOAR_TEST_HOOK' }\n", ("gate", Gate));
        const string Body = """{"address": "203.0.113.7"}""";
        var signed = "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Token), Encoding.UTF8.GetBytes(Body)));
        Assert.Equal(401, (await PostAsync(served, """{"address": "203.0.113.8"}""", token: null, headers: ("X-Hub-Signature-256", signed))).Status);
        Assert.Equal(401, (await PostAsync(served, Body, token: null)).Status);
        Assert.Equal(202, (await PostAsync(served, Body, token: null, headers: ("X-Hub-Signature-256", signed))).Status);
        Assert.Single(await RunsAsync(served));
    }

    [Fact]
    public async Task The_mapping_says_where_the_inputs_are_and_everything_else_is_left_alone()
    {
        await using var served = await StartAsync(", inputs: { address: '$.event.ips[0]', level: $.event.level, host: $.event.number, ttl: 30m }");
        var (status, body, _) = await PostAsync(served, """{"event": {"ips": ["203.0.113.9"], "level": 7, "number": 42}, "more": [1, 2]}""");
        Assert.Equal(202, status);
        var run = await served.Node.Engine.WhenEndedAsync(RunId.Parse(body.GetProperty("id").GetString()!), TestContext.Current.CancellationToken);
        Assert.Contains("203.0.113.9 7 30 minutes 42", run.Result);
    }

    [Fact]
    public async Task What_cannot_be_an_input_is_refused_by_name_and_shown_with_the_triggers()
    {
        await using var served = await StartAsync();
        var missing = await PostAsync(served, """{"level": 3}""");
        Assert.Equal((422, "SOAR2021"), (missing.Status, Code(missing.Body)));
        Assert.Contains("address (IpAddress: Whom)", missing.Body.GetProperty("detail").GetString());
        foreach (var (text, code, names) in new[]
        {
            ("""{"address": "nowhere"}""", "SOAR2021", "'address'"), ("""{"address": "203.0.113.7", "ttl": "long"}""", "SOAR5001", "'ttl'"), ("""{"adress": "203.0.113.7"}""", "SOAR5001", "'adress'"),
            ("[]", "SOAR6007", "JSON object"), ("{\n", "SOAR6007", "line"), ("""{"level": 1, "level": 2}""", "SOAR6007", "level"),
        })
        {
            var refused = await PostAsync(served, text);
            Assert.True(refused.Status == (code == "SOAR6007" ? 400 : 422) && Code(refused.Body) == code, $"{text}: {refused.Body}");
            Assert.Contains(names, refused.Body.GetProperty("detail").GetString());
        }

        Assert.Empty(await RunsAsync(served));
        var error = Assert.Single(await served.Node.Reader.Cases.TriggerErrorsAsync(10));
        Assert.Equal(("webhook gate", "gate@1.0.0", 7), (error.Subject, error.Playbook, error.Times));
        Assert.Contains(await served.Node.Reader.Audit.ListAsync(null, null, null, 10), record => record.Entry.Outcome.StartsWith("SOAR2021", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Too_much_is_413_and_too_often_429_with_the_time_to_come_again()
    {
        await using var served = await StartAsync(", maxBytes: 1024, perMinute: 1");
        var large = await PostAsync(served, $$"""{"address": "{{new string('1', 2_000)}}"}""");
        Assert.Equal((413, "SOAR6011"), (large.Status, Code(large.Body)));
        Assert.Equal(202, (await PostAsync(served, """{"address": "203.0.113.7"}""")).Status);
        var often = await PostAsync(served, """{"address": "203.0.113.8"}""");
        Assert.Equal((429, "SOAR6041"), (often.Status, Code(often.Body)));
        Assert.InRange(often.Response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Assert.Single(await RunsAsync(served));
    }

    [Fact]
    public async Task A_hook_that_two_playbooks_have_starts_neither()
    {
        await using var served = await StartAsync("", ("second", "On.Webhook(\"gate\");\nreturn Outcome.Completed();"));
        var (status, body, _) = await PostAsync(served, """{"address": "203.0.113.7"}""");
        Assert.Equal((409, "SOAR6042"), (status, Code(body)));
        Assert.Contains("gate, second", body.GetProperty("detail").GetString());
        Assert.Empty(await RunsAsync(served));
        Assert.Equal("webhook gate", Assert.Single(await served.Node.Reader.Cases.TriggerErrorsAsync(10)).Subject);
    }

    [Fact]
    public async Task A_body_that_is_not_said_to_be_JSON_is_415()
    {
        await using var served = await StartAsync();
        using var client = new HttpClient { BaseAddress = served.Address };
        client.DefaultRequestHeaders.Authorization = new("Bearer", Token);
        using var answer = await client.PostAsync("/api/hooks/gate", new FormUrlEncodedContent([new("address", "203.0.113.7")]));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
    }
}
