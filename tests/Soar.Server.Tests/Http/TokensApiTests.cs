using System.Net;
using Soar.Server.Node;

namespace Soar.Server.Tests.Http;

/// <summary>What a program may do with a token, and how it ends.</summary>
public sealed class TokensApiTests
{
    [Fact]
    public async Task A_token_does_what_it_was_made_for_and_no_more_until_it_is_revoked()
    {
        await using var served = await Served.StartAsync("approvals: []\n", ("quick", "return Outcome.Completed();\n"));
        using var administrator = await served.AdministratorAsync("root.admin");
        using var vera = await served.UserAsync(administrator, "vera", "analyst");
        var made = await vera.PostAsync("/api/tokens", new { name = "ci", scopes = new[] { "ReadRuns", "StartRuns" } }, HttpStatusCode.Created);
        using var program = served.Browser();
        program.Token = made.GetProperty("value").GetString();

        await program.PostAsync("/api/runs", new { playbook = "quick" }, HttpStatusCode.Created);
        Assert.Equal("vera", (await program.GetAsync("/api/runs")).GetProperty("runs")[0].GetProperty("startedBy").GetString());
        Assert.Contains("ReadQuestions", await program.RefusedAsync(HttpMethod.Get, "/api/questions", null, 403, "SOAR6002"));
        await program.RefusedAsync(HttpMethod.Post, "/api/tokens", new { name = "another", scopes = new[] { "ReadRuns" } }, 403, "SOAR6002");
        await program.RefusedAsync(HttpMethod.Put, "/api/me/totp", new { password = Served.Password, secret = "x", code = "1" }, 403, "SOAR6002");
        var started = (await administrator.GetAsync("/api/audit?who=vera")).GetProperty("records").EnumerateArray().Single(r => r.GetProperty("what").GetString() == "start");
        Assert.Equal("127.0.0.1 token ci", started.GetProperty("origin").GetString());

        // The owner's roles are looked at each time.
        await administrator.AnswerAsync(HttpMethod.Patch, "/api/users/vera", new { roles = new[] { "viewer" } }, HttpStatusCode.NoContent);
        await program.RefusedAsync(HttpMethod.Post, "/api/runs", new { playbook = "quick" }, 403, "SOAR6002");

        await vera.LoginAsync("vera");
        await vera.AnswerAsync(HttpMethod.Delete, $"/api/tokens/{made.GetProperty("id").GetString()}", null, HttpStatusCode.NoContent);
        await program.RefusedAsync(HttpMethod.Get, "/api/runs", null, 401, "SOAR6001");
    }

    [Fact]
    public async Task A_detector_s_token_sends_alerts_of_its_own_source_and_of_no_other()
    {
        await using var served = await Served.StartAsync();
        using var administrator = await served.AdministratorAsync();
        Assert.Contains("no name of a source", await administrator.RefusedAsync(HttpMethod.Post, "/api/tokens", new { name = "siem", scopes = new[] { "ReadRuns" }, source = "A SIEM" }, 422, "SOAR6013"));
        var made = await administrator.PostAsync("/api/tokens", new { name = "siem", scopes = new[] { "SendAlerts", "ReadAlerts" }, source = "siem-1" }, HttpStatusCode.Created);
        Assert.Equal("siem-1", (await administrator.GetAsync("/api/tokens")).GetProperty("tokens")[0].GetProperty("source").GetString());
        using var siem = served.Browser();
        siem.Token = made.GetProperty("value").GetString();
        object Alert(string id) => new { id, detector = "siem", category = "intrusion", severity = 50, time = "2027-03-01T12:00:00Z", title = "seen" };

        await siem.AnswerAsync(HttpMethod.Post, "/api/alerts", Alert("1"), HttpStatusCode.OK);
        await siem.AnswerAsync(HttpMethod.Post, "/api/alerts?source=siem-1", Alert("2"), HttpStatusCode.OK);
        Assert.Contains("siem-1 and of no other", await siem.RefusedAsync(HttpMethod.Post, "/api/alerts?source=siem-2", Alert("3"), 403, "SOAR6002"));
        Assert.All((await siem.GetAsync("/api/alerts")).GetProperty("alerts").EnumerateArray(), alert => Assert.Equal("siem-1", alert.GetProperty("source").GetString()));
        Assert.Equal(2, (await siem.GetAsync("/api/alerts")).GetProperty("alerts").GetArrayLength());
    }

    [Fact]
    public async Task A_token_is_refused_with_everything_that_is_wrong_and_nothing_of_it_is_kept_but_its_hash()
    {
        await using var served = await Served.StartAsync();
        using var administrator = await served.AdministratorAsync();
        using var vera = await served.UserAsync(administrator, "vera", "viewer");

        var problem = await vera.RefusedAsync(HttpMethod.Post, "/api/tokens", new { name = "", scopes = new[] { "StartRuns", "Everything", "ManageTokens" }, days = 5000 }, 422, "SOAR6013");
        foreach (var part in new[] { "1 to 64 characters", "vera may not StartRuns", "'Everything' is no scope", "'ManageTokens' is no scope", "within 366 days" }) Assert.Contains(part, problem);
        var value = (await vera.PostAsync("/api/tokens", new { name = "ci", scopes = new[] { "ReadRuns" } }, HttpStatusCode.Created)).GetProperty("value").GetString()!;
        await vera.RefusedAsync(HttpMethod.Post, "/api/tokens", new { name = "ci", scopes = new[] { "ReadRuns" } }, 409, "SOAR6014");

        await served.Node.HandleAsync(Calls.Backup, Calls.With(new BackupCall(Path.Combine(Path.GetDirectoryName(served.Node.Tools.Workspace.Store)!, "copy"))), Actor.CommandLine, _ => Task.CompletedTask, CancellationToken.None);
        var stored = System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(served.Node.Tools.Workspace.Store)!, "copy", "soar.db")));
        Assert.Contains("vera", stored);
        Assert.DoesNotContain(value, stored);
        Assert.DoesNotContain(value["soar_".Length..], stored);
        Assert.DoesNotContain(Served.Password, stored);
        Assert.DoesNotContain(vera.Antiforgery!, stored);
    }
}
