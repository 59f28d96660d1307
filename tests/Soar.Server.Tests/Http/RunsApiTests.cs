using System.Net;
using Soar.Runs;
using Soar.Server.Node;

namespace Soar.Server.Tests.Http;

/// <summary>Runs, questions and containments through the real server and engine.</summary>
public sealed class RunsApiTests
{
    private const string Asks = """
        var decision = await Ask("shift-lead", "Go on?", within: 1.Hours);
        if (!decision.Approved) return Outcome.Escalated(decision.Reason);
        return Outcome.Completed($"{decision.By} said yes");
        """;

    [Fact]
    public async Task A_run_is_started_asked_about_and_answered_by_whoever_is_logged_in_and_the_audit_says_so()
    {
        await using var served = await Served.StartAsync("roles: { shift-lead: [boris] }\n", ("asks", Asks));
        using var ana = await served.AdministratorAsync("ana");
        using var boris = await served.UserAsync(ana, "boris");
        using var vera = await served.UserAsync(ana, "vera", "analyst");

        await ana.RefusedAsync(HttpMethod.Post, "/api/runs", new { playbook = "asks", by = "somebody else" }, 400, "SOAR6007");
        var id = (await ana.PostAsync("/api/runs", new { playbook = "asks" }, HttpStatusCode.Created)).GetProperty("id").GetString()!;
        await FollowAsync(served, id);

        Assert.Empty((await vera.GetAsync("/api/questions?mine=true")).GetProperty("questions").EnumerateArray());
        var question = Assert.Single((await boris.GetAsync("/api/questions?mine=true")).GetProperty("questions").EnumerateArray());
        Assert.Equal(("Go on?", id), (question.GetProperty("text").GetString(), question.GetProperty("run").GetString()));
        var answer = $"/api/questions/{question.GetProperty("id").GetString()}/answer";
        await vera.RefusedAsync(HttpMethod.Post, answer, new { answer = "approve" }, 403, "SOAR2034");
        await boris.RefusedAsync(HttpMethod.Post, answer, new { answer = "refuse" }, 422, "SOAR5001");
        await boris.PostAsync(answer, new { answer = "approve", reason = "seen" }, HttpStatusCode.OK);
        await boris.RefusedAsync(HttpMethod.Post, answer, new { answer = "approve" }, 404, "SOAR2004");
        await FollowAsync(served, id);

        var story = await vera.GetAsync($"/api/runs/{id}");
        Assert.Equal("Completed", story.GetProperty("run").GetProperty("status").GetString());
        Assert.Equal("ana", story.GetProperty("run").GetProperty("startedBy").GetString());
        Assert.Contains("boris said yes", story.GetProperty("run").GetProperty("result").ToString());
        Assert.Equal(["Started", "Asked", "Delivered", "Ended"], story.GetProperty("timeline").EnumerateArray().Select(e => e.GetProperty("kind").GetString()));
        await ana.RefusedAsync(HttpMethod.Post, $"/api/runs/{id}/cancel", null, 409, "SOAR5007");
        await ana.RefusedAsync(HttpMethod.Post, $"/api/runs/{id}/signals", new { name = "late" }, 409, "SOAR5007");

        var records = (await ana.GetAsync("/api/audit?max=500")).GetProperty("records").EnumerateArray().Select(r => $"{r.GetProperty("who").GetString()} {r.GetProperty("what").GetString()} {r.GetProperty("origin").GetString()} {r.GetProperty("outcome").GetString()![..4]}").ToList();
        Assert.Contains("ana start 127.0.0.1 done", records);
        Assert.Contains("vera answer 127.0.0.1 SOAR", records);
        Assert.Contains("boris answer 127.0.0.1 done", records);
        Assert.Contains("boris sign-in 127.0.0.1 done", records);
        Assert.DoesNotContain((await ana.GetAsync("/api/audit?max=500")).ToString(), Served.Password);
    }

    [Fact]
    public async Task Whoever_waits_for_a_run_hears_how_it_ended_or_stands()
    {
        await using var served = await Served.StartAsync("roles: { shift-lead: [boris] }\n", ("asks", Asks), ("quick", "await Note(\"x\");\nreturn Outcome.Completed(\"done\");\n"));
        using var ana = await served.AdministratorAsync("ana");
        var ended = await ana.PostAsync("/api/runs?wait=60", new { playbook = "quick" }, HttpStatusCode.Created);
        Assert.Equal((ended.GetProperty("id").GetString(), "Completed"), (ended.GetProperty("run").GetProperty("id").GetString(), ended.GetProperty("run").GetProperty("status").GetString()));
        Assert.Equal("Waiting", (await ana.PostAsync("/api/runs?wait=3", new { playbook = "asks" }, HttpStatusCode.Created)).GetProperty("run").GetProperty("status").GetString());
        Assert.False((await ana.PostAsync("/api/runs", new { playbook = "quick" }, HttpStatusCode.Created)).TryGetProperty("run", out _));
        await ana.RefusedAsync(HttpMethod.Post, "/api/runs?wait=61", new { playbook = "quick" }, 400, "SOAR6007");
    }

    [Fact]
    public async Task Runs_are_paged_without_a_gap_and_filtered()
    {
        await using var served = await Served.StartAsync("approvals: []\n", ("quick", "await Note(\"x\");\nreturn Outcome.Completed();\n"), ("other", "return Outcome.Completed();\n"));
        using var ana = await served.AdministratorAsync("ana");
        var started = new List<string>();
        for (var i = 0; i < 5; i++) started.Insert(0, (await ana.PostAsync("/api/runs", new { playbook = "quick" }, HttpStatusCode.Created)).GetProperty("id").GetString()!);
        await ana.PostAsync("/api/runs", new { playbook = "other" }, HttpStatusCode.Created);

        var seen = new List<string>();
        for (string? before = ""; before is not null;)
        {
            var page = await ana.GetAsync($"/api/runs?playbook=quick&startedBy=ana&max=2{before}");
            seen.AddRange(page.GetProperty("runs").EnumerateArray().Select(r => r.GetProperty("id").GetString()!));
            before = page.TryGetProperty("next", out var next) ? $"&before={next.GetString()}" : null;
        }

        Assert.Equal(started, seen);
        Assert.Empty((await ana.GetAsync("/api/runs?startedBy=nobody")).GetProperty("runs").EnumerateArray());
        Assert.Contains("'max'", await ana.RefusedAsync(HttpMethod.Get, "/api/runs?max=0", null, 400, "SOAR6007"));
        Assert.Contains("'status' cannot be 'foo'", await ana.RefusedAsync(HttpMethod.Get, "/api/runs?status=foo", null, 400, "SOAR6007"));
    }

    [Fact]
    public async Task What_cannot_be_started_says_why()
    {
        await using var served = await Served.StartAsync("approvals: []\n", ("wants", "var address = Input<IpAddress>(\"address\", \"Which\");\nawait Note($\"{address}\");\nreturn Outcome.Completed();\n"), ("broken", "return 5\n"));
        using var ana = await served.AdministratorAsync("ana");

        Assert.Contains("wants", await ana.RefusedAsync(HttpMethod.Post, "/api/runs", new { playbook = "want" }, 404, "SOAR5004"));
        await ana.RefusedAsync(HttpMethod.Post, "/api/runs", new { playbook = "../wants" }, 404, "SOAR5004");
        await ana.RefusedAsync(HttpMethod.Post, "/api/runs", new { playbook = "/etc/passwd" }, 404, "SOAR5004");
        Assert.Contains("address", await ana.RefusedAsync(HttpMethod.Post, "/api/runs", new { playbook = "wants" }, 422, "SOAR2021"));
        await ana.RefusedAsync(HttpMethod.Post, "/api/runs", new { playbook = "wants", inputs = new { adress = "203.0.113.7" } }, 422, "SOAR5001");
        await ana.RefusedAsync(HttpMethod.Post, "/api/runs", new { playbook = "wants", mode = "Test" }, 422, "SOAR5001");
        await ana.RefusedAsync(HttpMethod.Post, "/api/runs", new { playbook = "wants", alert = new { id = "", detector = "", title = "", category = "", time = DateTimeOffset.UnixEpoch } }, 422, "SOAR5002");
        using var broken = await ana.SendAsync(HttpMethod.Post, "/api/runs", new { playbook = "broken" });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, broken.StatusCode);
        Assert.Empty((await ana.GetAsync("/api/runs")).GetProperty("runs").EnumerateArray());

        var rows = (await ana.GetAsync("/api/playbooks")).GetProperty("playbooks").EnumerateArray().ToList();
        Assert.Equal(["broken", "wants"], rows.Select(r => r.GetProperty("name").GetString()));
        Assert.True(rows[0].GetProperty("errors").GetInt32() > 0);
        var shown = await ana.GetAsync("/api/playbooks/wants");
        Assert.StartsWith("Playbook(\"wants\"", shown.GetProperty("source").GetString());
        Assert.True(shown.GetProperty("graph").TryGetProperty("nodes", out _), shown.GetProperty("graph").ToString());
    }

    [Fact]
    public async Task A_signal_reaches_its_run_and_a_containment_is_lifted_by_name()
    {
        await using var served = await Served.StartAsync("approvals: []\nconnectors: { edge: { type: nftables, simulated: true } }\n",
            ("blocks", "await Firewall.Block(IpAddress.Parse(\"203.0.113.7\"), 2.Hours);\nvar word = await Receive<string>(\"word\", within: 1.Hours);\nreturn Outcome.Completed(word.Value);\n"));
        using var ana = await served.AdministratorAsync("ana");
        var id = (await ana.PostAsync("/api/runs", new { playbook = "blocks" }, HttpStatusCode.Created)).GetProperty("id").GetString()!;
        await FollowAsync(served, id, throughWaits: false);

        await ana.RefusedAsync(HttpMethod.Post, $"/api/runs/{id}/signals", new { name = "word", value = 5 }, 422, "SOAR2037");
        Assert.True((await ana.PostAsync($"/api/runs/{id}/signals", new { name = "word", value = "over", id = "one" }, HttpStatusCode.OK)).GetProperty("changed").GetBoolean());
        await FollowAsync(served, id);
        Assert.Contains("over", (await ana.GetAsync($"/api/runs/{id}")).GetProperty("run").GetProperty("result").ToString());

        var standing = Assert.Single((await ana.GetAsync("/api/containments")).GetProperty("containments").EnumerateArray());
        Assert.Equal("203.0.113.7", standing.GetProperty("target").GetString());
        var lifted = await ana.PostAsync($"/api/containments/{standing.GetProperty("id").GetString()}/lift", new { reason = "a mistake" }, HttpStatusCode.OK);
        Assert.Equal("Lifted", lifted.GetProperty("status").GetString());
        Assert.Equal("ana", Assert.Single(lifted.GetProperty("holders").EnumerateArray()).GetProperty("releasedBy").GetString());
        Assert.Empty((await ana.GetAsync("/api/containments")).GetProperty("containments").EnumerateArray());
    }

    /// <summary>Until it has ended, or waits for somebody.</summary>
    internal static Task FollowAsync(Served served, string run, bool throughWaits = true) =>
        served.Node.HandleAsync(Calls.Follow, Calls.With(new FollowCall(RunId.Parse(run), throughWaits)), Actor.CommandLine, _ => Task.CompletedTask, CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(2));
}
