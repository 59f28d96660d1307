using Microsoft.Extensions.Logging.Abstractions;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.Unbound;
using Soar.Lab.Tests.Range;

namespace Soar.Lab.Tests.Connectors;

/// <summary>A real Unbound: what is sinkholed is answered falsely to a user's dig, what is released truly again.</summary>
public sealed class UnboundLabTests : IClassFixture<Resolver>
{
    private static readonly DomainName Www = DomainName.Parse("www.evil.example");
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private readonly Resolver server;

    public UnboundLabTests(Resolver server)
    {
        Resolver.Require();
        this.server = server;
        server.Control("local_zone_remove", "www.evil.example.");
        server.Control("local_data_remove", "www.evil.example._soar.invalid.");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static ActionContext Context(string key = "aa") => new() { Run = default, Step = "sinkhole", Key = new IdempotencyKey(key), Attempt = 1, Artifacts = null! };

    private UnboundConnector Connector(Func<UnboundSettings, UnboundSettings>? with = null)
    {
        var settings = new UnboundSettings { Command = server.Command, ResolverPort = server.Port };
        settings = with?.Invoke(settings) ?? settings;
        Assert.Empty(settings.Problems());
        return new UnboundConnector(settings, new ConnectorServices("unbound", TimeProvider.System, NullLogger.Instance, null!, "."));
    }

    [Theory]
    [InlineData(true, null, "NXDOMAIN", "NXDOMAIN", "NXDOMAIN")]
    [InlineData(false, null, "NODATA", "NOERROR", "203.0.113.67")]
    [InlineData(true, "198.51.100.66", "198.51.100.66", "198.51.100.66", "198.51.100.66")]
    [InlineData(false, "198.51.100.66", "198.51.100.66", "198.51.100.66", "203.0.113.67")]
    public async Task A_name_is_answered_falsely_until_it_is_released(bool subdomains, string? address, string answer, string seen, string below)
    {
        // Outside of the resolver's own zone nothing answers: deep.www lies in it and must keep answering unless it was asked for.
        await using var dns = Connector(settings => settings with { Sinkhole = address is null ? [] : [IpAddress.Parse(address)] });
        Assert.Contains("203.0.113.66", server.Dig("www.evil.example"));
        var sinkhole = await dns.SinkholeAsync(Www, Hour, subdomains, Context(), Token);
        Assert.Equal((answer, subdomains, true), (sinkhole.Answer, sinkhole.Subdomains, sinkhole.Effective));
        Assert.Contains("soar:aa", sinkhole.Evidence);
        Assert.Contains(seen, server.Dig("www.evil.example"));
        Assert.DoesNotContain("203.0.113.66", server.Dig("www.evil.example"));
        Assert.DoesNotContain("2001:db8", server.Dig("www.evil.example", "AAAA"));
        Assert.Contains("203.0.113.65", server.Dig("evil.example"));
        if (subdomains)
            Assert.Contains(below, server.Dig("deep.www.evil.example"));

        await dns.ReleaseAsync(Www, Context("bb"), Token);
        Assert.Contains("203.0.113.66", server.Dig("www.evil.example"));
        Assert.Contains("203.0.113.67", server.Dig("deep.www.evil.example"));
        Assert.DoesNotContain("soar", server.Control("list_local_data"));
        await dns.ReleaseAsync(Www, Context("bb"), Token); // once more is no error
    }

    [Fact]
    public async Task A_probe_tells_ours_from_others_and_from_none()
    {
        await using var dns = Connector();
        Assert.Equal(ProbeAnswer.Absent, (await dns.ProbeSinkholeAsync(Www, Hour, false, Context(), Token)).Answer);
        await dns.SinkholeAsync(Www, Hour, false, Context(), Token);
        Assert.Equal((ProbeAnswer.Present, true), await dns.ProbeSinkholeAsync(Www, Hour, false, Context(), Token) is var ours ? (ours.Answer, ours.Ours) : default);
        Assert.Equal((ProbeAnswer.Present, false), await dns.ProbeSinkholeAsync(Www, Hour, false, Context("bb"), Token) is var other ? (other.Answer, other.Ours) : default);
        Assert.Equal(ProbeAnswer.Absent, (await dns.ProbeSinkholeAsync(Www, Hour, true, Context(), Token)).Answer); // its subdomains are not
        Assert.Equal((ProbeAnswer.Present, false), await dns.ProbeSinkholeAsync(DomainName.Parse("foreign.example"), Hour, true, Context(), Token) is var found ? (found.Answer, found.Ours) : default);
    }

    [Fact]
    public async Task Another_case_takes_over_and_widens_but_never_narrows()
    {
        await using var dns = Connector();
        await dns.SinkholeAsync(Www, Hour, false, Context(), Token);
        Assert.True((await dns.SinkholeAsync(Www, Hour, true, Context("bb"), Token)).Subdomains);
        Assert.Contains("NXDOMAIN", server.Dig("deep.www.evil.example"));
        var third = await dns.SinkholeAsync(Www, Hour, false, Context("cc"), Token);
        Assert.Equal((true, "NXDOMAIN"), (third.Subdomains, third.Answer));
        var data = server.Control("list_local_data");
        Assert.Contains("soar:cc", data);
        Assert.DoesNotContain("soar:bb", data);
    }

    [Fact]
    public async Task What_somebody_else_did_stays_as_it_is()
    {
        await using var dns = Connector();
        var foreign = DomainName.Parse("foreign.example");
        Assert.Contains("not marked as Soar's", (await dns.SinkholeAsync(foreign, Hour, true, Context(), Token)).Evidence);
        Assert.Equal("not-ours", (await Assert.ThrowsAsync<ConnectorFailure>(() => dns.ReleaseAsync(foreign, Context(), Token))).Reason);
        Assert.Contains("NXDOMAIN", server.Dig("foreign.example"));
    }

    [Fact]
    public async Task IDN_is_one_name_in_every_spelling()
    {
        await using var dns = Connector();
        await dns.SinkholeAsync(DomainName.Parse("Bücher.example."), Hour, true, Context(), Token);
        Assert.Contains("NXDOMAIN", server.Dig("xn--bcher-kva.example"));
        await dns.ReleaseAsync(DomainName.Parse("xn--bcher-kva.example"), Context(), Token);
        Assert.Contains("203.0.113.70", server.Dig("xn--bcher-kva.example"));
    }

    [Fact]
    public async Task A_control_that_is_away_missing_or_hangs_is_told_apart()
    {
        async Task<(FailureKind, string)> Fails(Func<UnboundSettings, UnboundSettings> with)
        {
            await using var dns = Connector(with);
            Assert.False((await dns.TestAsync(Token)).Ok);
            var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => dns.SinkholeAsync(Www, Hour, false, Context(), Token));
            return (failure.Kind, failure.Reason);
        }

        Assert.Equal((FailureKind.Transient, "unreachable"), await Fails(settings => settings with { Command = [.. server.Command, "-s", "127.0.0.1@1"] }));
        Assert.Equal((FailureKind.Permanent, "not-installed"), await Fails(settings => settings with { Command = ["/does/not/exist"] }));
        server.Signal("-STOP");
        try
        {
            Assert.Equal((FailureKind.Transient, "timeout"), await Fails(settings => settings with { Timeout = TimeSpan.FromSeconds(1) }));
        }
        finally
        {
            server.Signal("-CONT");
        }
        await using var right = Connector();
        var test = await right.TestAsync(Token);
        Assert.True(test.Ok, test.Message);
    }
}
