using System.Net;
using System.Text;

namespace Soar.Server.Tests.Http;

/// <summary>Whatever is sent, the answer is a problem document with its code, and never 500.</summary>
public sealed class ProblemTests
{
    [Fact]
    public async Task Every_bad_request_is_answered_with_its_code_and_says_what_is_wrong()
    {
        await using var served = await Served.StartAsync("http: { maxRequestBytes: 2048, loginsPerMinute: 1000 }\n");
        using var ana = await served.AdministratorAsync("ana");

        await ana.RefusedAsync(HttpMethod.Get, "/api/nothing", null, 404, "SOAR6008");
        await ana.RefusedAsync(HttpMethod.Get, "/api/runs/not-an-id", null, 404, "SOAR6008");
        await ana.RefusedAsync(HttpMethod.Get, "/api/runs/01890000-0000-7000-8000-000000000000", null, 404, "SOAR2004");
        Assert.Contains("GET", await ana.RefusedAsync(HttpMethod.Delete, "/api/audit", null, 405, "SOAR6009"));
        await ana.RefusedAsync(HttpMethod.Post, "/api/login", new StringContent("name=ana", Encoding.UTF8, "application/x-www-form-urlencoded"), 415, "SOAR6010");
        await ana.RefusedAsync(HttpMethod.Post, "/api/login", new StringContent(new string(' ', 4000) + "{}", Encoding.UTF8, "application/json"), 413, "SOAR6011");
        foreach (var (body, said) in new[]
        {
            ("", "needs a body"), ("{", "no valid JSON"), ("[]", "of another kind"), ("null", "needs a body"), ("{}", "missing: 'name', 'password'"), ("""{"name":"a"}""", "missing: 'password'"),
            ("""{"name":"a","password":5}""", "$.password"), ("""{"name":"a","password":null}""", "$.password"), ("""{"name":"a","password":"b","admin":true}""", "no field 'admin'"), ("""{"name":"a","name":"b","password":"c"}""", "'name' stands there twice"),
        })
        {
            var detail = await ana.RefusedAsync(HttpMethod.Post, "/api/login", body, 400, "SOAR6007");
            Assert.True(detail.Contains(said, StringComparison.Ordinal), $"{body}: {detail}");
            Assert.DoesNotContain("Soar.Server", detail);
        }

        await ana.RefusedAsync(HttpMethod.Get, "/api/runs?before=x", null, 400, "SOAR6007");
        await ana.RefusedAsync(HttpMethod.Get, "/api/audit?before=99999999999999999999", null, 400, "SOAR6007");
        await ana.RefusedAsync(HttpMethod.Patch, "/api/users/ana", new { roles = new[] { "root" } }, 422, "SOAR6013");
        await ana.RefusedAsync(HttpMethod.Patch, "/api/users/no.body", new { roles = new[] { "viewer" } }, 404, "SOAR2004");
    }

    [Fact]
    public async Task What_no_field_can_hold_is_refused_wherever_it_stands()
    {
        await using var served = await Served.StartAsync("roles: { shift-lead: [ana] }\nrota:\n  shift-lead:\n    zone: Europe/Skopje\n    weekly: [{ from: \"08:00\", until: \"20:00\", who: [ana] }]\n", ("told", "var who = Input(\"who\", \"nobody\", \"Who\");\nreturn Outcome.Completed(who);\n"));
        using var ana = await served.AdministratorAsync("ana");

        // A null within a list, and half a character in what a handler reads for itself.
        Assert.Contains("null stands there", await ana.RefusedAsync(HttpMethod.Post, "/api/users", """{"name":"eve","roles":["viewer",null]}""", 400, "SOAR6007"));
        Assert.Contains("null stands there", await ana.RefusedAsync(HttpMethod.Put, "/api/lists/x", """{"basedOn":0,"columns":["a"],"rows":[["1"],null]}""", 400, "SOAR6007"));
        Assert.Contains("half a character", await ana.RefusedAsync(HttpMethod.Post, "/api/runs", """{"playbook":"told","inputs":{"who":"a\ud800"}}""", 400, "SOAR6007"));
        await ana.RefusedAsync(HttpMethod.Post, "/api/runs", """{"playbook":"told","inputs":{"a\udc00":1}}""", 400, "SOAR6007");
        await ana.RefusedAsync(HttpMethod.Post, "/api/alerts", """{"id":"1","detector":"d","title":"t","category":"c","time":"2026-12-01T12:00:00Z","observables":[null]}""", 422, "SOAR6050");

        // An encoding that nobody knows, and one that is not JSON's.
        foreach (var charset in new[] { "nonsense", "utf-16" })
        {
            var body = new StringContent("""{"name":"a","password":"b"}""");
            body.Headers.Remove("Content-Type");
            body.Headers.TryAddWithoutValidation("Content-Type", $"application/json; charset={charset}");
            await ana.RefusedAsync(HttpMethod.Post, "/api/login", body, 415, "SOAR6010");
        }

        // Times around which no days can be reckoned.
        foreach (var time in new[] { "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z" })
        {
            await ana.RefusedAsync(HttpMethod.Get, $"/api/cases/metrics?until={time}", null, 400, "SOAR6007");
            await ana.RefusedAsync(HttpMethod.Get, $"/api/rota?at={time}", null, 400, "SOAR6007");
        }
    }

    [Fact]
    public async Task Every_answer_carries_the_headers_that_keep_a_browser_safe_and_no_other_site_is_let_in()
    {
        await using var served = await Served.StartAsync();
        using var browser = served.Browser();
        foreach (var path in new[] { "/api/me", "/health/live", "/nothing" })
        {
            using var response = await browser.SendAsync(HttpMethod.Get, path);
            var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
            Assert.Contains("script-src 'self';", policy);
            Assert.Contains("frame-ancestors 'none'", policy);
            Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
            Assert.DoesNotContain(response.Headers, h => h.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase) || h.Key == "Server");
        }

        using var preflight = await browser.SendAsync(HttpMethod.Options, "/api/login");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, preflight.StatusCode);
    }

    [Theory]
    [InlineData("203.0.113.9", "127.0.0.0/8", "203.0.113.9")]
    [InlineData("203.0.113.9", null, "127.0.0.1")]
    public async Task Only_a_proxy_that_is_named_is_believed(string forwarded, string? proxies, string expected)
    {
        await using var served = await Served.StartAsync(proxies is null ? "approvals: []\n" : $"http: {{ proxies: [{proxies}] }}\n");
        using var administrator = await served.AdministratorAsync();
        using var client = new HttpClient { BaseAddress = served.Address };
        client.DefaultRequestHeaders.Add("X-Forwarded-For", forwarded);
        using var login = await client.PostAsync("/api/login", new StringContent("""{"name":"eve","password":"wrong"}""", Encoding.UTF8, "application/json"));

        var record = (await administrator.GetAsync("/api/audit?who=eve")).GetProperty("records")[0];
        Assert.Equal(expected, record.GetProperty("origin").GetString());
    }
}
