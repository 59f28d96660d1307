using Soar.Capabilities;
using Soar.Connectors.Processes;
using Soar.Connectors.Unbound;

namespace Soar.Tests.Connectors.Unbound;

public sealed class UnboundControlTests
{
    private static readonly DomainName Evil = DomainName.Parse("evil.example");

    private const string Zones = "test. static\nevil.example. always_nxdomain\nwww.evil.example. transparent\n";
    private const string Data = "localhost.\t10800\tIN\tA\t127.0.0.1\nevil.example._soar.invalid.\t60\tIN\tTXT\t\"soar:aa\" \"subdomains\" \"NXDOMAIN\"\n";

    [Fact]
    public void Zones_and_marks_are_read_as_unbound_lists_them()
    {
        var evil = UnboundControl.Find(Evil, Zones, Data);
        Assert.Equal(("always_nxdomain", true, "NXDOMAIN"), (evil.Type, evil.Below, evil.Answer));
        Assert.True(evil.IsOurs(new IdempotencyKey("aa")));
        Assert.False(evil.IsOurs(new IdempotencyKey("bb")));
        var www = UnboundControl.Find(DomainName.Parse("www.evil.example"), Zones, Data);
        Assert.Equal((true, false, false), (www.Covers(subdomains: false), www.Covers(subdomains: true), www.Marked));
        Assert.False(UnboundControl.Find(DomainName.Parse("example"), Zones, Data).Stands);
    }

    [Theory]
    [InlineData(1, "[1700000000] unbound-control[1:0] error: connect: Connection refused for /run/unbound.ctl", "", FailureKind.Transient, "unreachable")]
    [InlineData(3, "", "unbound is stopped", FailureKind.Transient, "unreachable")]
    [InlineData(1, "", "error cannot parse name a..b at 3: Empty label", FailureKind.Permanent, "unbound")]
    [InlineData(1, "[1700000000] unbound-control[1:0] fatal error: could not open /etc/unbound/unbound.conf: Permission denied", "", FailureKind.Permanent, "denied")]
    [InlineData(null, "took longer than 10 seconds and was ended", "", FailureKind.Unknown, "timeout")]
    public void Every_way_of_failing_has_its_outcome(int? exit, string errors, string output, FailureKind kind, string reason)
    {
        var failure = Assert.Throws<ConnectorFailure>(() => UnboundControl.Require(new ToolResult(exit, output, errors), changed: true));
        Assert.Equal((kind, reason), (failure.Kind, failure.Reason));
        if (kind == FailureKind.Unknown)
            Assert.Equal(FailureKind.Transient, Assert.Throws<ConnectorFailure>(() => UnboundControl.Require(new ToolResult(exit, output, errors), changed: false)).Kind);
    }

    [Fact]
    public async Task A_change_that_breaks_off_after_its_first_command_is_unknown()
    {
        // "false" fails at once: as the first command nothing was done, as the second one something was.
        var first = new UnboundControl(new UnboundSettings { Command = ["false"] }, TimeProvider.System);
        Assert.Equal(FailureKind.Permanent, (await Assert.ThrowsAsync<ConnectorFailure>(() => first.ChangeAsync([["x"]], CancellationToken.None))).Kind);
        var second = new UnboundControl(new UnboundSettings { Command = ["test", "0", "-lt"] }, TimeProvider.System);
        Assert.Equal(FailureKind.Unknown, (await Assert.ThrowsAsync<ConnectorFailure>(() => second.ChangeAsync([["1"], ["0"]], CancellationToken.None))).Kind);
    }

    [Fact]
    public async Task The_mark_comes_before_the_zone_and_every_word_is_one_argument()
    {
        await using var connector = new UnboundConnector(new UnboundSettings { Sinkhole = [IpAddress.Parse("198.51.100.66")] }, Given.Services());
        Assert.Equal(
            [
                "local_data evil.example._soar.invalid. 60 IN TXT \"soar:aa\" \"subdomains\" \"198.51.100.66\"", "local_zone evil.example. transparent", "local_data evil.example. 60 IN A 198.51.100.66",
                "local_zone evil.example. redirect",
            ],
            connector.Plan(new LocalZone(Evil, null, []), subdomains: true, new IdempotencyKey("aa")).Select(words => string.Join(' ', words)));
    }

    [Fact]
    public void Settings_name_every_problem_at_once()
    {
        Assert.Empty(new UnboundSettings().Problems());
        var settings = new UnboundSettings { Command = [], Sinkhole = [IpAddress.Parse("198.51.100.0/24")], Ttl = TimeSpan.FromDays(2), Resolver = "", ResolverPort = 0, Timeout = TimeSpan.Zero };
        Assert.Equal(["command", "sinkhole", "ttl", "resolver", "resolverPort", "timeout"], settings.Problems().Select(problem => problem[..problem.IndexOf(':')]));
    }
}
