using Soar.Server.Tests.Connectors;

namespace Soar.Server.Tests.Commands;

/// <summary><c>soar do</c>: one line of C#, checked, approved and on record like a playbook.</summary>
public sealed class DoTests : IDisposable
{
    private readonly Deployment deployment = new();

    public DoTests() => deployment.File("soar.yaml", """
        connectors:
          registry: { type: rdap, simulated: true }
          edge: { type: nftables, simulated: true }
        """);

    public void Dispose() => deployment.Dispose();

    [Theory]
    [InlineData("1 + 1", "Completed: 2")]
    [InlineData("await Isp.Owner(IpAddress.Parse(\"203.0.113.7\"))", "\"address\":\"203.0.113.7\"")]
    [InlineData("var a = IpAddress.Parse(\"203.0.113.7\"); await Isp.Owner(a)", "\"network\":\"203.0.113.0/24\"")]
    [InlineData("await Firewall.Unblock(IpAddress.Parse(\"203.0.113.7\"))", "firewall-unblock on edge")]
    [InlineData("await Note(\"seen\"); return Outcome.Completed(\"done\");", "Completed: done")]
    public void The_last_expression_is_the_value_and_the_run_is_on_record(string line, string expected)
    {
        var (exit, output) = deployment.Soar("do", line);
        Assert.Equal(0, exit);
        Assert.Contains(expected, output);
        Assert.Contains("one-line-command 0.0.0-x", deployment.Soar("runs").Output);
    }

    [Theory]
    [InlineData("await Inttel.Lookup(1)", "column 7: CS0103")]
    [InlineData("var x = 1; var y = System.IO.File.ReadAllText(\"/etc/passwd\"); y", "column 30: SOAR1221")]
    [InlineData("Firewall.Block(IpAddress.Parse(\"203.0.113.7\"), 1.Hours)", "SOAR1230")]
    [InlineData("}", "column 1: CS1022")]
    [InlineData(" ", "There is nothing to do")]
    public void What_is_wrong_is_told_at_the_column_that_was_typed_and_nothing_runs(string line, string expected)
    {
        var (exit, output) = deployment.Soar("do", line);
        Assert.NotEqual(0, exit);
        Assert.Contains(expected, output);
        Assert.DoesNotContain("one-line-command 0.0.0", deployment.Soar("runs").Output);
    }

    [Fact]
    public void An_effect_that_needs_approval_is_refused()
    {
        const string Block = "await Firewall.Block(IpAddress.Parse(\"203.0.113.7\"), 2.Hours)";
        var (exit, output) = deployment.Soar("do", Block);
        Assert.Equal(1, exit);
        Assert.Contains("firewall.block at edge needs a decision", output);
    }
}
