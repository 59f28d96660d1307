using System.Net;
using Soar.Runs;
using Soar.Server.Tests.Connectors;

namespace Soar.Server.Tests.Http;

/// <summary>Holds and retention through the real server and the command line.</summary>
public sealed class RetentionApiTests
{
    [Fact]
    public async Task An_analyst_puts_a_case_on_hold_and_only_an_administrator_ends_it()
    {
        await using var served = await Served.StartAsync("retention: { runs: 400d }\n", ("opens", "await Case.Open(\"Hoax mails\", 70);\nreturn Outcome.Completed();\n"));
        using var ana = await served.AdministratorAsync("ana");
        using var boris = await served.UserAsync(ana, "boris", "analyst");
        await RunsApiTests.FollowAsync(served, (await boris.PostAsync("/api/runs", new { playbook = "opens" }, HttpStatusCode.Created)).GetProperty("id").GetString()!);
        await boris.RefusedAsync(HttpMethod.Put, "/api/cases/1/hold", new { reason = "" }, 422, "SOAR2014");
        Assert.Equal("boris", (await boris.AnswerAsync(HttpMethod.Put, "/api/cases/1/hold", new { reason = "Order 12/2026" }, HttpStatusCode.OK)).GetProperty("heldBy").GetString());
        await boris.RefusedAsync(HttpMethod.Delete, "/api/cases/1/hold?reason=over", null, 403, "SOAR6002");
        var retention = await boris.GetAsync("/api/retention");
        Assert.Equal((0, "Order 12/2026"), (retention.GetProperty("due").GetProperty("runs").GetInt32(), retention.GetProperty("held")[0].GetProperty("holdReason").GetString()));
        Assert.False(retention.GetProperty("keep").TryGetProperty("alerts", out _));
        await ana.AnswerAsync(HttpMethod.Delete, "/api/cases/1/hold?reason=over", null, HttpStatusCode.OK);
        Assert.Empty((await boris.GetAsync("/api/retention")).GetProperty("held").EnumerateArray());
    }

    [Fact]
    public void The_command_line_tells_what_would_go_and_removes_nothing_by_telling_it()
    {
        using var deployment = new Deployment();
        deployment.File("soar.yaml", "retention: { runs: 30d }\n");
        deployment.File("opens.csx", "Playbook(\"opens\", version: \"1.0.0\", type: PlaybookType.Investigation, tlp: Tlp.Amber, summary: \"A test.\");\nawait Case.Open(\"Hoax mails\", 70);\nreturn Outcome.Completed();\n");
        Assert.Equal(0, deployment.Soar("run", "opens").Exit);
        Assert.Equal(0, deployment.Soar("cases", "hold", "1", "--reason", "Order 12/2026").Exit);
        var (exit, told) = deployment.Soar("retention");
        Assert.Equal(0, exit);
        Assert.Contains("Runs are kept for 30 days: 0 would go now.", told);
        Assert.Contains("Alerts are kept for good", told);
        Assert.Contains("Order 12/2026", told);
        Assert.Contains("0 runs and 0 alerts would go.", deployment.Soar("retention", "apply", "--dry-run").Output);
        Assert.Contains("0 runs and 0 alerts went.", deployment.Soar("retention", "apply").Output);
        Assert.Contains("is not on hold", deployment.Soar("cases", "release", "1", "--reason", "over") is var first && first.Exit == 0 ? deployment.Soar("cases", "release", "1", "--reason", "over").Output : first.Output);
        Assert.Contains("retention", deployment.Soar("audit").Output);
        deployment.File("soar.yaml", "retention: { runs: 2h }\n");
        Assert.Contains("retention.runs", deployment.Soar("retention").Output);
    }
}
