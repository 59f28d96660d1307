using Microsoft.Extensions.Logging.Abstractions;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.Nftables;
using Soar.Connectors.Ssh;
using Soar.Lab.Tests.Range;

namespace Soar.Lab.Tests.Connectors;

/// <summary>A real nftables gateway between real namespaces: what is blocked stops, what is released passes.</summary>
public sealed class NftablesLabTests : IClassFixture<NetworkRange>
{
    private static readonly IpAddress Attacker = IpAddress.Parse(NetworkRange.Attacker4);
    private readonly NetworkRange range;

    public NftablesLabTests(NetworkRange range)
    {
        NetworkRange.Require();
        this.range = range;
        range.LoadTable();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static ActionContext Context(string key = "00aa11bb22cc33dd44ee55ff00aa11bb") => new()
    {
        Run = default, Step = "block", Key = new IdempotencyKey(key), Attempt = 1, Artifacts = null!,
    };

    private NftablesConnector Local(Func<NftablesSettings, NftablesSettings>? with = null)
    {
        var settings = new NftablesSettings { Command = ["ip", "netns", "exec", range.Gateway, "nft"] };
        return new NftablesConnector(with?.Invoke(settings) ?? settings, new ConnectorServices("edge", TimeProvider.System, NullLogger.Instance, null!, "."));
    }

    private NftablesConnector OverSsh(SshGateway gateway, Func<SshAccess, SshAccess>? with = null, TimeSpan? timeout = null)
    {
        var ssh = new SshAccess { Host = "127.0.0.1", Port = gateway.Port, User = "root", Key = gateway.Key, KnownHosts = gateway.KnownHosts };
        var settings = new NftablesSettings { Ssh = with?.Invoke(ssh) ?? ssh, Timeout = timeout ?? TimeSpan.FromSeconds(20) };
        Assert.Empty(settings.Problems());
        return new NftablesConnector(settings, new ConnectorServices("edge", TimeProvider.System, NullLogger.Instance, null!, "."));
    }

    [Fact]
    public async Task A_local_block_stops_packets_and_its_release_lets_them_pass()
    {
        await using var firewall = Local();
        await BlocksAndReleases(firewall);
    }

    [Fact]
    public async Task A_block_over_ssh_stops_packets_and_its_release_lets_them_pass()
    {
        Tools.Require("ssh", "sshd", "ssh-keygen");
        using var gateway = new SshGateway(range);
        await using var firewall = OverSsh(gateway);
        await BlocksAndReleases(firewall);
    }

    private async Task BlocksAndReleases(NftablesConnector firewall)
    {
        var test = await firewall.TestAsync(Token);
        Assert.True(test.Ok, test.Message);
        Assert.True(range.Pings(NetworkRange.Victim4));
        Assert.True(range.Fetches());

        var clock = System.Diagnostics.Stopwatch.StartNew();
        var block = await firewall.BlockAsync(Attacker, TimeSpan.FromHours(24), Context(), Token);
        TestContext.Current.SendDiagnosticMessage($"blocked in {clock.ElapsedMilliseconds} ms");
        Assert.Contains("soar:00aa11bb22cc33dd44ee55ff00aa11bb", block.Evidence);
        Assert.InRange(block.Until!.Value - DateTimeOffset.UtcNow, TimeSpan.FromHours(23), TimeSpan.FromHours(24));
        Assert.False(range.Pings(NetworkRange.Victim4));
        Assert.False(range.Fetches());

        var held = Assert.Single(await firewall.BlockedAsync(Context(), Token));
        Assert.Equal(Attacker, held.Address);
        Assert.Matches("\"match\":\"ip saddr\",\"packets\":[1-9]", held.Evidence);

        await firewall.UnblockAsync(Attacker, Context(), Token);
        Assert.True(range.Pings(NetworkRange.Victim4));
        Assert.True(range.Fetches());
        await firewall.UnblockAsync(Attacker, Context(), Token); // once more is no error
        Assert.Empty(await firewall.BlockedAsync(Context(), Token));
    }

    [Fact]
    public async Task A_block_ends_by_itself_when_its_time_is_over()
    {
        await using var firewall = Local();
        await firewall.BlockAsync(Attacker, TimeSpan.FromSeconds(2), Context(), Token);
        Assert.False(range.Pings(NetworkRange.Victim4));
        Assert.True(range.PingsWithin(NetworkRange.Victim4, seconds: 8));
        Assert.Equal(ProbeAnswer.Absent, (await firewall.ProbeBlockAsync(Attacker, TimeSpan.FromSeconds(2), Context(), Token)).Answer);
    }

    /// <summary>The gateway as its own machine reaches it, or over ssh with the forced command.</summary>
    public enum Way { Local, OverSsh }

    private (NftablesConnector Firewall, SshGateway? Gateway) Reached(Way way)
    {
        if (way == Way.Local) return (Local(), null);
        Tools.Require("ssh", "sshd", "ssh-keygen");
        var gateway = new SshGateway(range);
        return (OverSsh(gateway), gateway);
    }

    public static TheoryData<Way, string, string> Targets => new(
        from way in Enum.GetValues<Way>()
        from target in new[] { ("203.0.113.0/24", NetworkRange.Victim4), (NetworkRange.Attacker6, NetworkRange.Victim6), ("2001:db8:a::/64", NetworkRange.Victim6) }
        select (way, target.Item1, target.Item2));

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Networks_and_IPv6_are_blocked_too(Way way, string target, string victim)
    {
        var (firewall, gateway) = Reached(way);
        using var reached = gateway;
        await using var closing = firewall;
        var address = IpAddress.Parse(target);
        Assert.True(range.PingsWithin(victim, seconds: 5)); // the first IPv6 packet may wait for neighbour discovery
        var block = await firewall.BlockAsync(address, Until.Lifted, Context(), Token);
        Assert.Equal((address, null), (block.Address, block.Until));
        Assert.False(range.Pings(victim));
        await firewall.UnblockAsync(address, Context(), Token);
        Assert.True(range.PingsWithin(victim, seconds: 5));
    }

    [Fact]
    public async Task A_probe_tells_our_block_from_another_one_and_from_none()
    {
        await using var firewall = Local();
        Assert.Equal(ProbeAnswer.Absent, (await firewall.ProbeBlockAsync(Attacker, TimeSpan.FromHours(1), Context(), Token)).Answer);
        await firewall.BlockAsync(Attacker, TimeSpan.FromHours(1), Context(), Token);
        var ours = await firewall.ProbeBlockAsync(Attacker, TimeSpan.FromHours(1), Context(), Token);
        Assert.Equal((ProbeAnswer.Present, true), (ours.Answer, ours.Ours));
        Assert.Equal(Attacker, ours.Result!.Address);
        var others = await firewall.ProbeBlockAsync(Attacker, TimeSpan.FromHours(1), Context("ff"), Token);
        Assert.Equal((ProbeAnswer.Present, false), (others.Answer, others.Ours));
    }

    [Theory]
    [InlineData(Way.Local), InlineData(Way.OverSsh)]
    public async Task A_repeated_block_renews_and_a_shorter_one_of_another_case_never_shortens(Way way)
    {
        var (firewall, gateway) = Reached(way);
        using var reached = gateway;
        await using var closing = firewall;
        await firewall.BlockAsync(Attacker, TimeSpan.FromHours(1), Context("aa"), Token);
        var shorter = await firewall.BlockAsync(Attacker, TimeSpan.FromMinutes(1), Context("bb"), Token);
        Assert.True(shorter.Until > DateTimeOffset.UtcNow + TimeSpan.FromMinutes(50));
        Assert.Contains("soar:aa", shorter.Evidence);
        var longer = await firewall.BlockAsync(Attacker, TimeSpan.FromHours(2), Context("bb"), Token);
        Assert.True(longer.Until > DateTimeOffset.UtcNow + TimeSpan.FromMinutes(110));
        Assert.Contains("soar:bb", longer.Evidence);
        var readBack = Assert.Single(await firewall.BlockedAsync(Context(), Token));
        Assert.True(readBack.Until > DateTimeOffset.UtcNow + TimeSpan.FromMinutes(110));
    }

    [Fact]
    public async Task A_hundred_blocks_at_once_all_stand_and_one_cancelled_in_the_queue_is_surely_not_done()
    {
        await using var firewall = Local();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(1, 100).Select(host => firewall.BlockAsync(IpAddress.Parse($"203.0.113.{host}"), TimeSpan.FromHours(1), Context(), Token)));
        TestContext.Current.SendDiagnosticMessage($"100 blocks in {clock.ElapsedMilliseconds} ms");
        Assert.Equal(100, (await firewall.BlockedAsync(Context(), Token)).Count);

        using var cancel = new CancellationTokenSource();
        var first = firewall.BlockAsync(IpAddress.Parse("203.0.113.201"), TimeSpan.FromHours(1), Context(), Token);
        var queued = firewall.BlockAsync(IpAddress.Parse("203.0.113.202"), TimeSpan.FromHours(1), Context(), cancel.Token);
        await cancel.CancelAsync();
        await first;
        Assert.Equal((FailureKind.Transient, "cancelled"), await Assert.ThrowsAsync<ConnectorFailure>(() => queued) is var failure ? (failure.Kind, failure.Reason) : default);
        Assert.Equal(101, (await firewall.BlockedAsync(Context(), Token)).Count);
    }

    [Fact]
    public async Task What_somebody_else_blocked_for_good_stays_as_it_is()
    {
        range.Nft($"add element inet soar blocked4 {{ {Attacker} comment \"by hand\" }}");
        await using var firewall = Local();
        var block = await firewall.BlockAsync(Attacker, TimeSpan.FromHours(1), Context(), Token);
        Assert.Null(block.Until);
        Assert.Contains("by hand", block.Evidence);
        Assert.Contains("by hand", range.Listed());
    }

    [Fact]
    public async Task What_must_never_be_blocked_is_refused_before_anything_runs()
    {
        await using var firewall = Local(settings => settings with { Never = [IpAddress.Parse("198.51.100.0/24")] });
        foreach (var (target, reason) in new[] { ("198.51.100.10", "never"), ("198.51.0.0/16", "never"), ("127.0.0.1", "never"), ("203.0.0.0/8", "too-wide"), ("2001::/16", "too-wide") })
        {
            var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => firewall.BlockAsync(IpAddress.Parse(target), TimeSpan.FromHours(1), Context(), Token));
            Assert.Equal((FailureKind.Permanent, reason), (failure.Kind, failure.Reason));
        }
        Assert.DoesNotContain("elements", range.Listed());
    }

    [Fact]
    public async Task A_network_that_overlaps_a_blocked_one_is_a_permanent_failure_with_its_remedy()
    {
        await using var firewall = Local();
        await firewall.BlockAsync(IpAddress.Parse("203.0.113.0/24"), TimeSpan.FromHours(1), Context(), Token);
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => firewall.BlockAsync(IpAddress.Parse("203.0.112.0/23"), TimeSpan.FromHours(1), Context(), Token));
        Assert.Equal(FailureKind.Permanent, failure.Kind);
        Assert.Contains("unblock that one first", failure.Message);
    }

    [Fact]
    public async Task A_missing_table_is_told_with_its_remedy()
    {
        range.Nft("delete table inet soar");
        await using var firewall = Local();
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => firewall.BlockAsync(Attacker, TimeSpan.FromHours(1), Context(), Token));
        Assert.Equal(FailureKind.Permanent, failure.Kind);
        Assert.Contains("soar.nft", failure.Message);
        Assert.False((await firewall.TestAsync(Token)).Ok);
        range.Nft("add table inet soar");
        Assert.Contains("set blocked4 is missing", (await firewall.TestAsync(Token)).Message);
    }

    [Fact]
    public void The_forced_command_refuses_everything_but_its_three_commands()
    {
        Tools.Require("ssh", "sshd", "ssh-keygen");
        using var gateway = new SshGateway(range);
        var before = range.Listed();
        string[] commands =
        [
            "block 203.0.113.66;reboot 60 aa",
            "block 203.0.113.66 60 aa; touch /tmp/soar-injected",
            "block $(touch /tmp/soar-injected) 60 aa",
            "block `id` 60 aa",
            "block 203.0.113.66 60 aa\nunblock 203.0.113.67",
            "block 203.0.113.66 60",
            "block 203.0.113.66 0 aa",
            "block 203.0.113.66 60 aa extra",
            "block 203.0.113.266 60 aa",
            "block 203.0.113.66/33 60 aa",
            "block 203.0.113.66} 60 aa",
            "block @blocked4 60 aa",
            "block 203.0.113.1-203.0.113.9 60 aa",
            "block * 60 aa",
            "block 203.0.113.66 60 AA\"",
            "unblock",
            "list -a",
            "flush ruleset",
            "nft flush ruleset",
            "bash",
            "",
            " ",
        ];
        Assert.All(commands, command => Assert.Equal(64, gateway.Raw(command).ExitCode));
        Assert.Equal(before, range.Listed());
        Assert.False(File.Exists("/tmp/soar-injected"));
        Assert.Equal(0, gateway.Raw("list").ExitCode); // it is not simply refusing everything
    }

    [Fact]
    public async Task A_gateway_that_is_away_hangs_or_is_not_the_one_we_know_is_told_apart()
    {
        Tools.Require("ssh", "sshd", "ssh-keygen");
        using var gateway = new SshGateway(range);
        async Task<ConnectorFailure> Fails(NftablesConnector firewall)
        {
            await using (firewall)
                return await Assert.ThrowsAsync<ConnectorFailure>(() => firewall.BlockAsync(Attacker, TimeSpan.FromHours(1), Context(), Token));
        }

        var stranger = Path.Combine(range.Folder, "other_hosts");
        File.WriteAllText(stranger, $"[127.0.0.1]:{gateway.Port} {File.ReadAllText(gateway.Key + ".pub")}");
        var impostor = await Fails(OverSsh(gateway, ssh => ssh with { KnownHosts = stranger }));
        Assert.Equal((FailureKind.Permanent, "denied"), (impostor.Kind, impostor.Reason));

        var wrongUser = await Fails(OverSsh(gateway, ssh => ssh with { User = "nobody" }));
        Assert.Equal((FailureKind.Permanent, "denied"), (wrongUser.Kind, wrongUser.Reason));

        var away = await Fails(OverSsh(gateway, ssh => ssh with { Port = LoopbackPort.Take() }));
        Assert.Equal(FailureKind.Transient, away.Kind);

        gateway.Signal("-STOP");
        var hanging = await Fails(OverSsh(gateway, ssh => ssh with { ConnectTimeout = TimeSpan.FromSeconds(1) }, timeout: TimeSpan.FromSeconds(3)));
        Assert.Equal(FailureKind.Transient, hanging.Kind);
        gateway.Signal("-CONT");
        Assert.DoesNotContain("elements", range.Listed());
    }
}
