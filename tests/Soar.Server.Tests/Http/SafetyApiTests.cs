using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Soar.Server.Tests.Http;

/// <summary>Kill switches, schedules, connectors and lists through the real server and engine.</summary>
public sealed class SafetyApiTests
{
    private const string Blocks = """
        await Firewall.Block(IpAddress.Parse("203.0.113.66"), 1.Hours);
        return Outcome.Contained();
        """;

    [Fact]
    public async Task A_kill_switch_by_the_API_holds_what_it_names_until_it_is_turned_off_and_the_audit_says_who_did_both()
    {
        await using var served = await Served.StartAsync("approvals: []\nconnectors: { edge-1: { type: nftables, simulated: true } }\n", ("blocks", Blocks));
        using var ana = await served.AdministratorAsync("ana");
        using var engineer = await served.UserAsync(ana, "eva", "engineer");

        await engineer.RefusedAsync(HttpMethod.Put, "/api/kill-switches", new { reason = " " }, 409, "SOAR2061");
        await engineer.RefusedAsync(HttpMethod.Put, "/api/kill-switches", new { reason = "drill", connector = "edge-9" }, 404, "SOAR2004");
        await engineer.RefusedAsync(HttpMethod.Put, "/api/kill-switches", new { reason = "drill", playbook = "block" }, 404, "SOAR5004");
        await engineer.RefusedAsync(HttpMethod.Put, "/api/kill-switches", new { reason = "drill", effect = "ReadsOnly" }, 409, "SOAR2061");
        var on = await engineer.AnswerAsync(HttpMethod.Put, "/api/kill-switches", new { reason = "drill", connector = "edge-1", effect = "Contains" }, HttpStatusCode.OK);
        var id = on.GetProperty("id").GetString()!;
        Assert.Equal(("contains at edge-1", "eva"), (on.GetProperty("scope").GetString(), on.GetProperty("by").GetString()));
        Assert.Equal(id, (await engineer.AnswerAsync(HttpMethod.Put, "/api/kill-switches", new { reason = "again", connector = "EDGE-1", effect = "Contains" }, HttpStatusCode.OK)).GetProperty("id").GetString());

        var run = (await ana.PostAsync("/api/runs", new { playbook = "blocks" }, HttpStatusCode.Created)).GetProperty("id").GetString()!;
        await RunsApiTests.FollowAsync(served, run, throughWaits: false);
        var listed = Assert.Single((await engineer.GetAsync("/api/kill-switches")).GetProperty("switches").EnumerateArray());
        var held = Assert.Single(listed.GetProperty("held").EnumerateArray());
        Assert.Equal((run, "firewall.block", "edge-1"), (held.GetProperty("run").GetString(), held.GetProperty("action").GetString(), held.GetProperty("instance").GetString()));
        var connector = Assert.Single((await engineer.GetAsync("/api/connectors")).GetProperty("connectors").EnumerateArray());
        Assert.Equal(id, Assert.Single(connector.GetProperty("heldBy").EnumerateArray()).GetString());

        await engineer.RefusedAsync(HttpMethod.Delete, $"/api/kill-switches/{id}", null, 403, "SOAR6002");
        await ana.AnswerAsync(HttpMethod.Delete, $"/api/kill-switches/{id}?reason=repaired", null, HttpStatusCode.OK);
        await ana.RefusedAsync(HttpMethod.Delete, $"/api/kill-switches/{id}", null, 404, "SOAR2004");
        await RunsApiTests.FollowAsync(served, run);
        Assert.Equal("Completed", (await ana.GetAsync($"/api/runs/{run}")).GetProperty("run").GetProperty("status").GetString());
        Assert.Empty((await ana.GetAsync("/api/kill-switches")).GetProperty("switches").EnumerateArray());
        Assert.Equal("repaired", Assert.Single((await ana.GetAsync("/api/kill-switches?all=true")).GetProperty("switches").EnumerateArray()).GetProperty("liftReason").GetString());
        var audit = (await ana.GetAsync($"/api/audit?on=kill%20switch%20{id}")).GetProperty("records").EnumerateArray().Select(r => $"{r.GetProperty("who").GetString()} {r.GetProperty("what").GetString()}");
        Assert.Equal(["ana killswitch-off", "ana killswitch-off", "eva killswitch-on", "eva killswitch-on"], audit);
    }

    [Fact]
    public async Task Schedules_are_listed_with_their_next_due_times_and_what_the_deployment_sets_otherwise()
    {
        await using var served = await Served.StartAsync(
            "schedules: { tidy: { zone: Europe/Kyiv }, tidy/2: { enabled: false }, gone: { enabled: false } }\nmaintenance: { always: { from: 2020-01-01T00:00Z, until: 2100-01-01T00:00Z } }\n",
            ("tidy", "On.Schedule(\"0 30 6 ? * MON-FRI\", \"UTC\");\nOn.Schedule(\"0 0 3 * * ?\", \"UTC\");\nreturn Outcome.Completed();\n"));
        using var ana = await served.AdministratorAsync("ana");
        var list = await ana.GetAsync("/api/schedules");
        Assert.Equal(["gone"], list.GetProperty("unknown").EnumerateArray().Select(u => u.GetString()));
        var schedules = list.GetProperty("schedules").EnumerateArray().ToList();
        Assert.Equal([("tidy", "Europe/Kyiv", true, 5), ("tidy/2", "UTC", false, 0)], schedules.Select(s =>
            (s.GetProperty("name").GetString()!, s.GetProperty("zone").GetString()!, s.GetProperty("enabled").GetBoolean(), s.GetProperty("next").GetArrayLength())));
        Assert.Equal("always", schedules[0].GetProperty("maintenance").GetString());
        Assert.Equal("tidy", (await ana.GetAsync("/api/schedules/tidy%2F2")).GetProperty("schedule").GetProperty("playbook").GetString());
        await ana.RefusedAsync(HttpMethod.Get, "/api/schedules/tidy%2F3", null, 404, "SOAR2004");
    }

    [Fact]
    public async Task Connectors_are_shown_with_their_settings_and_no_secret_and_tested_with_an_answer_that_helps()
    {
        const string Secret = "c4nary-t0ken-11";
        Environment.SetEnvironmentVariable("SAFETY_API_TOKEN", Secret);
        await using var served = await Served.StartAsync(
            "connectors:\n  edge-1: { type: nftables, simulated: true, rate: 4/m }\n  inventory: { type: http, address: 'http://127.0.0.1:1/', token: 'env:SAFETY_API_TOKEN' }\n", ("blocks", Blocks));
        using var ana = await served.AdministratorAsync("ana");
        var list = await ana.GetAsync("/api/connectors");
        Assert.DoesNotContain(Secret, list.ToString());
        var byName = list.GetProperty("connectors").EnumerateArray().ToDictionary(c => c.GetProperty("name").GetString()!);
        Assert.Equal(("nftables", true, "4/m", "blocks"), (
            byName["edge-1"].GetProperty("type").GetString(), byName["edge-1"].GetProperty("simulated").GetBoolean(), byName["edge-1"].TryGetProperty("rate", out var rate) ? rate.GetString() : "4/m", byName["edge-1"].GetProperty("playbooks")[0].GetString()));
        var settings = byName["inventory"].GetProperty("settings").EnumerateArray().ToDictionary(s => s.GetProperty("setting").GetString()!);
        Assert.Contains("127.0.0.1:1", settings["address"].GetProperty("value").GetString());
        Assert.True(settings["token"].GetProperty("secret").GetBoolean());
        Assert.False(settings["token"].TryGetProperty("value", out _));
        Assert.True(settings["address"].GetProperty("about").GetString()!.Length > 10);

        var test = await ana.PostAsync("/api/connectors/inventory/test", null, HttpStatusCode.OK);
        Assert.False(test.GetProperty("ok").GetBoolean());
        Assert.True(test.GetProperty("message").GetString()!.Length > 20, test.ToString());
        Assert.False((await ana.PostAsync("/api/connectors/edge-1/test", null, HttpStatusCode.OK)).TryGetProperty("ok", out _));
        var one = await ana.GetAsync("/api/connectors/inventory");
        Assert.Equal("ana", one.GetProperty("connector").GetProperty("lastTest").GetProperty("by").GetString());
        Assert.NotEmpty((await ana.GetAsync("/api/connectors/edge-1")).GetProperty("actions").EnumerateArray());
        Assert.Contains("inventory", await ana.RefusedAsync(HttpMethod.Post, "/api/connectors/inventori/test", null, 404, "SOAR2004"));
        Assert.Single((await ana.GetAsync("/api/audit?on=connector%20inventory")).GetProperty("records").EnumerateArray());
    }

    [Fact]
    public async Task A_list_is_imported_edited_and_read_in_every_version_and_nobody_saves_over_what_they_have_not_seen()
    {
        await using var served = await Served.StartAsync();
        using var ana = await served.AdministratorAsync("ana");
        await ana.RefusedAsync(HttpMethod.Post, "/api/lists/facilities/import", "{}", 415, "SOAR6010");
        Assert.Equal(1, (await ana.PostAsync("/api/lists/facilities/import", Csv("name,mail\nTown hall,a@example.org\n"), HttpStatusCode.OK)).GetProperty("version").GetInt32());
        await ana.RefusedAsync(HttpMethod.Post, "/api/lists/facilities/import", Csv("name,mail\nTown hall\n"), 422, "SOAR2011");

        object Table(int basedOn, params string[][] rows) => new { basedOn, columns = new[] { "name", "mail" }, rows };
        Assert.Equal(2, (await ana.AnswerAsync(HttpMethod.Put, "/api/lists/facilities", Table(1, ["Town hall", "b@example.org"], ["School", ""]), HttpStatusCode.OK)).GetProperty("version").GetInt32());
        Assert.Contains("ana saved version 2", await ana.RefusedAsync(HttpMethod.Put, "/api/lists/facilities", Table(1, ["Other", "c@example.org"]), 409, "SOAR2013"));
        await ana.RefusedAsync(HttpMethod.Put, "/api/lists/facilities", Table(2, ["Town hall"]), 422, "SOAR2011");
        await ana.RefusedAsync(HttpMethod.Put, "/api/lists/other", Table(1, ["Town hall", "x"]), 409, "SOAR2013");

        Assert.Equal("b@example.org", (await ana.GetAsync("/api/lists/facilities")).GetProperty("rows")[0][1].GetString());
        Assert.Equal("a@example.org", (await ana.GetAsync("/api/lists/facilities?version=1")).GetProperty("rows")[0][1].GetString());
        await ana.RefusedAsync(HttpMethod.Get, "/api/lists/facilities?version=3", null, 404, "SOAR2004");
        Assert.Equal(2, (await ana.GetAsync("/api/lists/facilities/versions")).GetProperty("ofList").GetArrayLength());
        Assert.Single((await ana.GetAsync("/api/lists")).GetProperty("lists").EnumerateArray());
        Assert.Equal(6, (await ana.GetAsync("/api/audit?max=100")).GetProperty("records").EnumerateArray().Count(r => r.GetProperty("what").GetString() == "import-list"));
    }

    private static StringContent Csv(string text) => new(text, Encoding.UTF8, new MediaTypeHeaderValue("text/csv"));
}
