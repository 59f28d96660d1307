using System.Text.Json;
using Soar.Server.Tests.Connectors;

namespace Soar.Server.Tests.Commands;

/// <summary>Policy as people meet it: the kill switch, and what a deployment protects, through the real program.</summary>
public sealed class PolicyTests : IDisposable
{
    private readonly Deployment deployment = new();

    public PolicyTests()
    {
        deployment.Set("SOAR_USER", "ana");
        deployment.File("soar.yaml", "approvals: []\nprotected: { allow: [10.77.0.0/16] }\nbudgets: [{ effect: contains, per: hour, targets: 1, ask: head-of-soc }]\nconnectors: { edge: { type: nftables, simulated: true } }\n");
        deployment.File("block.csx", """
            Playbook("block", version: "1.0.0", type: PlaybookType.Mitigation, tlp: Tlp.Amber, summary: "A test.");
            var address = Input<IpAddress>("address", "Which");
            await Firewall.Block(address, 2.Hours);
            return Outcome.Contained();
            """);
    }

    public void Dispose() => deployment.Dispose();

    [Fact]
    public void The_switch_holds_a_run_says_so_everywhere_and_is_on_the_record()
    {
        var (exit, said) = deployment.Soar("killswitch", "on");
        Assert.NotEqual(0, exit);
        (exit, said) = deployment.Soar("killswitch", "on", "--reason", "edge blocks what it should not", "--effect", "contains");
        Assert.True(exit == 0 && said.Contains("holds contains since", StringComparison.Ordinal) && said.Contains("soar killswitch off", StringComparison.Ordinal), said);

        (exit, said) = deployment.Soar("run", "block", "--input", "address=203.0.113.66");
        Assert.True(exit == 3, said);
        const string Held = "by ana because: edge blocks what it should not";
        Assert.Contains("held by the kill switch since", said);
        Assert.Contains(Held, said);
        var run = JsonSerializer.Deserialize<JsonElement>(deployment.Soar("runs", "--json").Output)[0].GetProperty("id").GetString()!;
        foreach (var command in new[] { new[] { "runs" }, ["show", run], ["health"], ["killswitch", "list"] })
        {
            said = deployment.Soar(command).Output;
            Assert.True(said.Contains(Held, StringComparison.Ordinal) || (command[0] == "killswitch" && said.Contains("edge blocks what it should not", StringComparison.Ordinal)), $"{string.Join(' ', command)}: {said}");
        }

        Assert.Contains($"1 of run {run[^8..]}", said);
        Assert.Equal(0, deployment.Soar("killswitch", "off", "--reason", "repaired").Exit);
        Assert.Contains("No kill switch is on", deployment.Soar("killswitch", "list").Output);
        var audit = JsonSerializer.Deserialize<JsonElement>(deployment.Soar("audit", "--json").Output).EnumerateArray().ToList();
        Assert.Equal(["killswitch-off", "start", "killswitch-on"], audit.Select(r => r.GetProperty("what").GetString()));
        Assert.Equal(audit[0].GetProperty("target").GetString(), audit[2].GetProperty("target").GetString());
        Assert.Equal("edge blocks what it should not", audit[2].GetProperty("details").GetProperty("reason").GetString());
        Assert.Equal("repaired", audit[0].GetProperty("details").GetProperty("reason").GetString());
    }

    [Fact]
    public void A_private_address_is_refused_unless_it_is_allowed_and_a_dry_run_tells_before()
    {
        var (exit, said) = deployment.Soar("run", "block", "--input", "address=10.1.2.3", "--dry-run");
        Assert.True(exit == 0 && said.Contains("policy would not let all of it pass", StringComparison.Ordinal) && said.Contains("10.0.0.0/8 is protected (private networks). It would be refused.", StringComparison.Ordinal), said);
        (exit, said) = deployment.Soar("run", "block", "--input", "address=10.1.2.3");
        Assert.True(exit == 1 && said.Contains("10.0.0.0/8 is protected (private networks). Where it is meant", StringComparison.Ordinal), said);
        (exit, said) = deployment.Soar("run", "block", "--input", "address=10.77.2.3");
        Assert.True(exit == 0, said);

        // The hour's budget is spent: the next one is asked about, with exactly what would be done.
        (exit, said) = deployment.Soar("run", "block", "--input", "address=203.0.113.66");
        Assert.True(exit == 3 && said.Contains("head-of-soc is asked: firewall.block of 203.0.113.66 at edge: It would be target 2 of contains within an hour; the budget is 1.", StringComparison.Ordinal), said);
        said = deployment.Soar("questions", "--for", "head-of-soc", "--json").Output;
        var question = JsonSerializer.Deserialize<JsonElement>(said)[0].GetProperty("id").GetString()!;
        Assert.Contains("firewall.block on edge: address: 203.0.113.66", deployment.Soar("questions", question).Output);
        (exit, said) = deployment.Soar("answer", question, "approve", "--as", "head-of-soc");
        Assert.True(exit == 0, said);
        Assert.Contains("203.0.113.66", deployment.Soar("containments").Output);
    }
}
