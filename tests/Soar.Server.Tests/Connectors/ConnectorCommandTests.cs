using Soar.Testing.Contract;

namespace Soar.Server.Tests.Connectors;

/// <summary><c>soar connectors</c>, as an engineer uses it.</summary>
public sealed class ConnectorCommandTests : IDisposable
{
    private readonly Deployment deployment = new();

    public void Dispose() => deployment.Dispose();

    [Fact]
    public void The_list_tells_instances_types_and_what_each_is_proven_against()
    {
        deployment.File("soar.yaml", """
            connectors:
              edge: { type: nftables, simulated: true, default: true, clearance: amber+strict }
              web: { type: http, address: "https://api.example/", rate: 4/m burst 1 }
            """);
        var (exit, list) = deployment.Soar("connectors");
        Assert.Equal(0, exit);
        Assert.Contains("edge: nftables (Firewall), default, simulated, cleared for TLP:AMBER+STRICT, proven against nftables", list);
        Assert.Contains("web: http (Http), cleared for TLP:AMBER, at most 4/m burst 1, proven against", list);
        Assert.Contains("smtp (Mail)", list);
    }

    [Fact]
    public void The_list_tells_what_is_built_in_with_its_proof_and_a_part_that_is_unproven()
    {
        deployment.File("soar.yaml", "");
        var list = string.Join(' ', deployment.Soar("connectors").Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        var builtIn = list[list.IndexOf("Built in (no connector", StringComparison.Ordinal)..];
        foreach (var line in new[] { "Mime: Takes raw mails apart. proven by Python's email package", "Requests: The register of requests", "Contacts: The directory of contacts", "proven by an invented list in a real database" })
            Assert.Contains(line, builtIn);
        Assert.Contains("proven in part: packages: openssl cms, poppler and chromium; notices: unproven (", list);
        Assert.DoesNotContain("proven against packages:", list);
    }

    [Fact]
    public void A_type_shows_its_settings_and_what_each_action_does_to_the_world()
    {
        deployment.File("soar.yaml", "");
        var (exit, shown) = deployment.Soar("connectors", "nftables");
        Assert.Equal(0, exit);
        foreach (var line in new[]
        {
            "ssh: Gateway reached by ssh, where soar-nft", "knownHosts: File with the", "of every instance:", "clearance: The highest TLP", "rate: How often",
            "Firewall.Block(IpAddress address, TimeSpan duration) → FirewallBlock", "Contains; safe to repeat under its key; undone by Unblock; has a probe; 3 attempts of 30 seconds; for TLP:RED unless the instance says otherwise.",
        }) Assert.Contains(line, shown);
        var (_, http) = deployment.Soar("connectors", "http");
        foreach (var line in new[] { "It asks others", "Called at most 20/s", "password (secret: env:NAME or file:/path): Password for HTTP Basic.", "never repeated by itself; not undone: What a POST does", "a person is asked about an unknown outcome", "for TLP:AMBER" })
            Assert.Contains(line, http);
        var (unknown, why) = deployment.Soar("connectors", "nftable");
        Assert.True(unknown == 2 && why.Contains("Did you mean 'nftables'?", StringComparison.Ordinal), why);
    }

    [Fact]
    public void A_type_is_shown_also_while_the_settings_are_wrong()
    {
        deployment.File("soar.yaml", "connectors:\n  mail: { type: smtp, prot: 25 }");
        var (exit, shown) = deployment.Soar("connectors", "smtp");
        Assert.Equal(0, exit);
        Assert.Contains("The settings cannot be used as they are; 'soar connectors' says why.", shown);
        Assert.Contains("port: TCP port.", shown);
        var (wrong, why) = deployment.Soar("connectors");
        Assert.True(wrong == 2 && why.Contains("connectors.mail.prot is not a setting here. Did you mean 'port'?", StringComparison.Ordinal), why);
    }

    [Fact]
    public async Task A_test_tells_of_each_instance_and_its_exit_code_tells_of_all()
    {
        await using var well = new HttpOtherSide(_ => new HttpTold(200, "{}"), () => "");
        await using var unwilling = new HttpOtherSide(_ => new HttpTold(401, "{}"), () => "");
        deployment.File("soar.yaml", $$"""
            connectors:
              good: { type: http, address: "{{well.Address}}" }
              bad: { type: http, address: "{{unwilling.Address}}" }
              pretended: { type: nftables, simulated: true }
            """);
        var (all, output) = deployment.Soar("connectors", "test");
        Assert.Equal(1, all);
        Assert.Contains("✔ good (http): http://127.0.0.1", output);
        Assert.Contains("✘ bad (http): ", output);
        Assert.Contains("answered 401: {}. Check this instance's credentials and their rights.", output);
        Assert.Contains("– pretended (nftables): simulated, nothing to reach", output);
        Assert.Contains("1 of 3 cannot be used", output);
        Assert.Equal(0, deployment.Soar("connectors", "test", "good").Exit);
        Assert.Equal(1, deployment.Soar("connectors", "test", "bad").Exit);
        var (unknown, why) = deployment.Soar("connectors", "test", "goof");
        Assert.True(unknown == 2 && why.Contains("Did you mean 'good'?", StringComparison.Ordinal), why);
    }
}
