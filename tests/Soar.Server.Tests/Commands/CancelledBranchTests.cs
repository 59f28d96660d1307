using Soar.Server.Tests.Connectors;

namespace Soar.Server.Tests.Commands;

public sealed class CancelledBranchTests : IDisposable
{
    private readonly Deployment deployment = new();

    public void Dispose() => deployment.Dispose();

    [Fact]
    public void What_a_cancelled_branch_had_blocked_is_shown_as_standing_and_can_be_lifted()
    {
        deployment.File("soar.yaml", "jail: accept-weaker\nhosts: 1\napprovals: []\nconnectors: { edge: { type: nftables, simulated: true } }\n");
        deployment.File("race.csx", """
            Playbook("race", version: "1.0.0", type: PlaybookType.Mitigation, tlp: Tlp.Amber, summary: "A test.");
            await Any(All(Firewall.Block(IpAddress.Parse("203.0.113.66"), 2.Hours), Receive<string>("never")), Receive<string>("enough"));
            return Outcome.Completed();
            """);
        var (exit, said) = deployment.Soar("run", "race");
        Assert.True(exit == 3, said);
        (exit, said) = deployment.Soar("signal", "last", "enough");
        Assert.True(exit == 0, said);
        Assert.Contains("completed", deployment.Soar("runs").Output, StringComparison.OrdinalIgnoreCase);

        said = deployment.Soar("containments").Output;
        Assert.Contains("203.0.113.66", said);
        (exit, said) = deployment.Soar("lift", "203.0.113.66", "--reason", "a customer of ours");
        Assert.True(exit == 0, said);
        Assert.DoesNotContain("203.0.113.66", deployment.Soar("containments").Output);
    }
}
