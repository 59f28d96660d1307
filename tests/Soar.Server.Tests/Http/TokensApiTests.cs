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
