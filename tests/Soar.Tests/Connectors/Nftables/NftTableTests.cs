using Soar.Capabilities;
using Soar.Connectors.Firewalls;
using Soar.Connectors.Nftables;
using Soar.Connectors.Ssh;
using Soar.Connectors.Processes;

namespace Soar.Tests.Connectors.Nftables;

public sealed class NftTableTests
{
    private const string Listing = """
        {"nftables":[{"metainfo":{"version":"1.0.6"}},{"table":{"family":"inet","name":"soar","handle":1}},
        {"set":{"family":"inet","name":"blocked4","table":"soar","type":"ipv4_addr","flags":["timeout"],"elem":[
          {"elem":{"val":"203.0.113.66","timeout":86400,"expires":86399,"comment":"soar:aa"}},"198.51.100.7"]}},
        {"set":{"family":"inet","name":"blocked6","table":"soar","type":"ipv6_addr","flags":["timeout"]}},
        {"set":{"family":"inet","name":"blocknet4","table":"soar","type":"ipv4_addr","flags":["interval","timeout"],"elem":[
          {"elem":{"val":{"prefix":{"addr":"203.0.113.0","len":24}},"timeout":60,"expires":59}},{"range":["10.0.0.0","10.0.0.5"]},{"prefix":{"addr":"192.168.0.0","len":16}}]}},
        {"set":{"family":"inet","name":"others","table":"soar","type":"ipv4_addr","elem":["1.2.3.4"]}},
        {"rule":{"family":"inet","table":"soar","chain":"forward","handle":6,"expr":[{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"saddr"}},"right":"@blocked4"}},{"counter":{"packets":7,"bytes":588}},{"drop":null}]}},
        {"rule":{"family":"inet","table":"soar","chain":"forward","handle":7,"expr":[{"match":{"op":"==","left":{"meta":{"key":"iif"}},"right":"lo"}},{"accept":null}]}}]}
        """;

    [Fact]
    public void Elements_are_read_in_every_form_that_nft_prints()
    {
        var table = NftTable.Parse(Listing, "here");
        Assert.Equal(["203.0.113.66", "198.51.100.7", "203.0.113.0/24", "10.0.0.0/30", "10.0.0.4/31", "192.168.0.0/16"], table.Elements.Select(element => element.Address.ToString()));
        var element = table.Find(IpAddress.Parse("203.0.113.66"))!;
        Assert.Equal((TimeSpan.FromSeconds(86_399), "soar:aa"), (element.Expires!.Value, element.Comment));
        Assert.Equal("""{"element":{"val":"203.0.113.66","timeout":86400,"expires":86399,"comment":"soar:aa"},"set":"blocked4","rules":[{"match":"ip saddr","packets":7,"bytes":588}]}""", table.Evidence(element));
        Assert.Equal(IpAddress.Parse("203.0.113.0/24"), table.Covering(IpAddress.Parse("203.0.113.9"))!.Address);
    }

    [Fact]
    public void What_would_let_packets_pass_is_named() => Assert.Equal(
        ["no rule drops packets of set blocked6", "no rule drops packets of set blocknet4", "set blocknet6 is missing"], NftTable.Parse(Listing, "here").Problems());

    [Theory]
    [InlineData("")]
    [InlineData("table inet soar {}")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"nftables":[{"set":{"name":"blocked4","elem":["not an address"]}}]}""")]
    public void Anything_but_nfts_json_is_an_unknown_outcome(string output) =>
        Assert.Equal(FailureKind.Unknown, Assert.Throws<ConnectorFailure>(() => NftTable.Parse(output, "here")).Kind);

    [Theory]
    [InlineData(255, "ssh: connect to host gw port 22: Connection refused", FailureKind.Transient, "unreachable")]
    [InlineData(255, "soar@gw: Permission denied (publickey).", FailureKind.Permanent, "denied")]
    [InlineData(255, "Host key verification failed.", FailureKind.Permanent, "denied")]
    [InlineData(255, "client_loop: send disconnect: Broken pipe", FailureKind.Unknown, "connection")]
    [InlineData(null, "took longer than 20 seconds", FailureKind.Unknown, "timeout")]
    [InlineData(64, "soar-nft: refused: not a key", FailureKind.Permanent, "refused")]
    [InlineData(127, "block: command not found", FailureKind.Permanent, "no-forced-command")]
    [InlineData(1, "Error: Could not process rule: No such file or directory", FailureKind.Permanent, "nft")]
    [InlineData(1, "Error: Could not process rule: Device or resource busy", FailureKind.Transient, "busy")]
    public void Every_way_of_failing_has_its_outcome(int? exit, string errors, FailureKind kind, string reason)
    {
        var failure = Assert.Throws<ConnectorFailure>(() => NftFailures.Require(new ToolResult(exit, "", errors), "here", changed: true));
        Assert.Equal((kind, reason), (failure.Kind, failure.Reason));
        if (kind == FailureKind.Unknown)
            Assert.Equal(FailureKind.Transient, Assert.Throws<ConnectorFailure>(() => NftFailures.Require(new ToolResult(exit, "", errors), "here", changed: false)).Kind);
    }

    [Fact]
    public void Settings_name_every_problem_at_once()
    {
        var settings = new NftablesSettings
        {
            Table = "inet soar; flush ruleset", Command = [], WidestV4 = 0, Timeout = TimeSpan.Zero,
            Ssh = new SshAccess { Host = "-oProxyCommand=touch /tmp/x", User = "a b", Key = "/nowhere", KnownHosts = "" },
        };
        Assert.Equal(["table", "command", "widestV4", "timeout", "ssh.host", "ssh.user", "ssh.key", "ssh.knownHosts"], settings.Problems().Select(problem => problem[..problem.IndexOf(':')]));
        Assert.Empty(new NftablesSettings().Problems());
    }

    [Fact]
    public async Task The_simulator_refuses_what_the_firewall_refuses_and_touches_nothing()
    {
        await using var connector = new NftablesConnector(new NftablesSettings { Command = ["/does/not/exist"], Never = [IpAddress.Parse("198.51.100.1")] }, Given.Services());
        var simulator = (IFirewall)connector.Simulator;
        var block = await simulator.BlockAsync(IpAddress.Parse("203.0.113.66"), TimeSpan.FromHours(1), Given.Context(), CancellationToken.None);
        Assert.Equal("simulated", block.Evidence);
        await Assert.ThrowsAsync<ConnectorFailure>(() => simulator.BlockAsync(IpAddress.Parse("198.51.100.0/24"), TimeSpan.FromHours(1), Given.Context(), CancellationToken.None));
        var missing = await Assert.ThrowsAsync<ConnectorFailure>(() => connector.BlockAsync(IpAddress.Parse("203.0.113.66"), TimeSpan.FromHours(1), Given.Context(), CancellationToken.None));
        Assert.Equal((FailureKind.Permanent, "not-installed"), (missing.Kind, missing.Reason));
        Assert.Contains("Install it, or set command", missing.Message);
    }

    [Fact]
    public async Task A_command_that_was_written_as_one_text_is_told_how_it_is_written()
    {
        await using var connector = new NftablesConnector(new NftablesSettings { Command = ["sudo -n nft"] }, Given.Services());
        Assert.Contains("Write it word by word: [sudo, -n, nft].", (await connector.TestAsync(CancellationToken.None)).Message);
    }

    [Theory]
    [InlineData(0.2, 1)]
    [InlineData(60, 60)]
    [InlineData(60.001, 61)]
    public void Durations_are_whole_seconds_rounded_up(double seconds, long expected) => Assert.Equal(expected, FirewallLimits.Seconds(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void No_end_must_be_said_and_nonsense_is_refused()
    {
        Assert.Null(FirewallLimits.Seconds(Until.Lifted));
        Assert.Throws<ConnectorFailure>(() => FirewallLimits.Seconds(TimeSpan.Zero));
        Assert.Throws<ConnectorFailure>(() => FirewallLimits.Seconds(TimeSpan.FromDays(4_000)));
    }
}
