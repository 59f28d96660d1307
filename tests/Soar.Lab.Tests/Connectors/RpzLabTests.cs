using Microsoft.Extensions.Logging.Abstractions;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.DnsProtocol;
using Soar.Connectors.Rpz;
using Soar.Lab.Tests.Range;

namespace Soar.Lab.Tests.Connectors;

/// <summary>A real BIND with a response policy zone: what is sinkholed is answered falsely to a user's dig, what is released truly again.</summary>
public sealed class RpzLabTests : IClassFixture<NameServer>
{
    private static readonly DomainName Www = DomainName.Parse("www.evil.example");
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private readonly NameServer server;

    public RpzLabTests(NameServer server)
    {
        NameServer.Require();
        this.server = server;
        server.Update("update delete www.evil.example.rpz.soar\nupdate delete *.www.evil.example.rpz.soar\nupdate delete www.evil.example._soar.rpz.soar\nupdate delete foreign.evil.example._soar.rpz.soar\nupdate delete *.foreign.evil.example.rpz.soar");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static ActionContext Context(string key = "aa") => new() { Run = default, Step = "sinkhole", Key = new IdempotencyKey(key), Attempt = 1, Artifacts = null! };

    private RpzConnector Connector(Func<RpzSettings, RpzSettings>? with = null, TimeProvider? clock = null)
    {
        var settings = new RpzSettings { Server = "127.0.0.1", Port = server.Port, Zone = DomainName.Parse(NameServer.Zone), KeyName = DomainName.Parse(NameServer.Key), KeySecret = new Secret(server.Secret) };
        settings = with?.Invoke(settings) ?? settings;
        Assert.Empty(settings.Problems());
        return new RpzConnector(settings, new ConnectorServices("rpz", clock ?? TimeProvider.System, NullLogger.Instance, null!, "."));
    }

    [Fact]
    public async Task A_name_is_answered_NXDOMAIN_until_it_is_released()
    {
        await using var dns = Connector();
        Assert.Contains("203.0.113.66", server.Dig("www.evil.example"));
        var sinkhole = await dns.SinkholeAsync(Www, Hour, false, Context(), Token);
        Assert.Equal(("NXDOMAIN", false, true), (sinkhole.Answer, sinkhole.Subdomains, sinkhole.Effective));
        Assert.Contains("soar:aa", sinkhole.Evidence);
        Assert.Contains("NXDOMAIN", server.Dig("www.evil.example"));
        Assert.Contains("203.0.113.67", server.Dig("deep.www.evil.example")); // below: not asked for
        Assert.Contains("203.0.113.65", server.Dig("evil.example"));
        Assert.Equal("NXDOMAIN", (await dns.ResolveAsync(Www, DnsRecordType.A, Context(), Token)).Status);

        await dns.ReleaseAsync(Www, Context("bb"), Token);
        Assert.True(SpinWait.SpinUntil(() => server.Dig("www.evil.example").Contains("203.0.113.66"), TimeSpan.FromSeconds(5)));
        Assert.DoesNotContain("soar:", server.Entries());
        await dns.ReleaseAsync(Www, Context("bb"), Token); // once more is no error
    }

    [Fact]
    public async Task Subdomains_go_along_when_asked_and_an_address_is_answered_by_setting()
    {
        await using var dns = Connector(settings => settings with { Sinkhole = [IpAddress.Parse("198.51.100.66"), IpAddress.Parse("2001:db8:b::66")] });
        var sinkhole = await dns.SinkholeAsync(Www, Until.Lifted, true, Context(), Token);
        Assert.Equal((true, true), (sinkhole.Subdomains, sinkhole.Effective));
        foreach (var name in new[] { "www.evil.example", "deep.www.evil.example", "not.there.www.evil.example" })
        {
            Assert.Contains("198.51.100.66", server.Dig(name));
            Assert.Contains("2001:db8:b::66", server.Dig(name, "AAAA"));
        }
        Assert.Equal(["198.51.100.66"], (await dns.ResolveAsync(DomainName.Parse("deep.www.evil.example"), DnsRecordType.A, Context(), Token)).Records.Select(record => record.Data));
        await dns.ReleaseAsync(Www, Context(), Token);
        Assert.True(SpinWait.SpinUntil(() => server.Dig("deep.www.evil.example").Contains("203.0.113.67"), TimeSpan.FromSeconds(5)));
        Assert.DoesNotContain("www.evil.example", server.Entries());
    }

    [Fact]
    public async Task A_probe_tells_ours_from_others_and_from_a_wildcard_above()
    {
        await using var dns = Connector();
        var deep = DomainName.Parse("deep.www.evil.example");
        Assert.Equal(ProbeAnswer.Absent, (await dns.ProbeSinkholeAsync(Www, Hour, false, Context(), Token)).Answer);
        await dns.SinkholeAsync(Www, Hour, true, Context(), Token);
        var ours = await dns.ProbeSinkholeAsync(Www, Hour, true, Context(), Token);
        Assert.Equal((ProbeAnswer.Present, true, "NXDOMAIN"), (ours.Answer, ours.Ours, ours.Result!.Answer));
        var others = await dns.ProbeSinkholeAsync(Www, Hour, false, Context("bb"), Token);
        Assert.Equal((ProbeAnswer.Present, false), (others.Answer, others.Ours));
        Assert.Equal(ProbeAnswer.Absent, (await dns.ProbeSinkholeAsync(deep, Hour, false, Context(), Token)).Answer); // only its parent's wildcard stands
        var found = await dns.ProbeSinkholeAsync(DomainName.Parse("foreign.evil.example"), Hour, false, Context(), Token);
        Assert.Equal((ProbeAnswer.Present, false), (found.Answer, found.Ours));
        Assert.Equal(ProbeAnswer.Absent, (await dns.ProbeSinkholeAsync(DomainName.Parse("allowed.evil.example"), Hour, false, Context(), Token)).Answer);
    }

    [Fact]
    public async Task A_repeat_changes_nothing_and_another_case_takes_over_without_narrowing()
    {
        await using var dns = Connector();
        await dns.SinkholeAsync(Www, Hour, true, Context(), Token);
        var before = server.Entries();
        await dns.SinkholeAsync(Www, Hour, true, Context(), Token);
        Assert.Equal(before, server.Entries()); // the serial too
        var second = await dns.SinkholeAsync(Www, Hour, false, Context("bb"), Token);
        Assert.True(second.Subdomains);
        Assert.Contains("soar:bb", server.Entries());
        Assert.DoesNotContain("soar:aa", server.Entries());
        await dns.ReleaseAsync(Www, Context(), Token);
        Assert.DoesNotContain("www.evil.example", server.Entries());
    }

    [Fact]
    public async Task What_somebody_else_did_stays_as_it_is()
    {
        await using var dns = Connector();
        var foreign = DomainName.Parse("foreign.evil.example");
        var before = server.Entries();
        Assert.Contains("not marked as Soar's", (await dns.SinkholeAsync(foreign, Hour, false, Context(), Token)).Evidence);
        Assert.Equal("not-ours", (await Assert.ThrowsAsync<ConnectorFailure>(() => dns.ReleaseAsync(foreign, Context(), Token))).Reason);
        Assert.Equal("passthru", (await Assert.ThrowsAsync<ConnectorFailure>(() => dns.SinkholeAsync(DomainName.Parse("allowed.evil.example"), Hour, false, Context(), Token))).Reason);
        Assert.Equal(before, server.Entries());

        await dns.SinkholeAsync(foreign, Hour, true, Context(), Token); // adds what is missing, and takes back only that
        Assert.Contains("*.foreign.evil.example.rpz.soar", server.Entries());
        await dns.ReleaseAsync(foreign, Context(), Token);
        Assert.DoesNotContain("*.foreign.evil.example", server.Entries());
        Assert.Contains("foreign.evil.example.rpz.soar.", server.Entries());
    }

    [Fact]
    public async Task IDN_and_every_spelling_of_a_name_are_one_name()
    {
        await using var dns = Connector();
        await dns.SinkholeAsync(DomainName.Parse("BÜCHER.Example."), Hour, false, Context(), Token);
        Assert.Contains("NXDOMAIN", server.Dig("xn--bcher-kva.example"));
        Assert.Equal(ProbeAnswer.Present, (await dns.ProbeSinkholeAsync(DomainName.Parse("xn--bcher-kva.example"), Hour, false, Context(), Token)).Answer);
        await dns.ReleaseAsync(DomainName.Parse("bücher.example"), Context(), Token);
        Assert.DoesNotContain("xn--bcher", server.Entries());
    }

    [Fact]
    public async Task Every_type_of_record_is_resolved_as_zone_files_write_it()
    {
        await using var dns = Connector();
        async Task<IEnumerable<string>> Ask(string name, DnsRecordType type) => (await dns.ResolveAsync(DomainName.Parse(name), type, Context(), Token)).Records.Select(record => $"{record.Type} {record.Data}");
        Assert.Equal(["MX 10 www.evil.example"], await Ask("mail.evil.example", DnsRecordType.Mx));
        Assert.Equal(["CNAME www.evil.example", "A 203.0.113.66"], await Ask("alias.evil.example", DnsRecordType.A));
        Assert.Equal(["AAAA 2001:db8:a::66"], await Ask("www.evil.example", DnsRecordType.Aaaa));
        Assert.Equal(["NS localhost"], await Ask("evil.example", DnsRecordType.Ns));
        Assert.Equal(["SOA localhost root.localhost 1 60 60 60 60"], await Ask("evil.example", DnsRecordType.Soa));
        Assert.Equal(["TXT \"v=spf1 -all\" \"two \\034words\\034\""], await Ask("note.evil.example", DnsRecordType.Txt));
        Assert.Empty(await Ask("www.evil.example", DnsRecordType.Mx));
    }

    [Fact]
    public async Task A_wrong_key_a_key_without_rights_a_wrong_clock_and_a_wrong_server_are_told_apart()
    {
        var before = server.Entries();
        async Task<(FailureKind, string)> Fails(Func<RpzSettings, RpzSettings> with, TimeProvider? clock = null)
        {
            await using var dns = Connector(with, clock);
            Assert.False((await dns.TestAsync(Token)).Ok);
            var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => dns.SinkholeAsync(Www, Hour, false, Context(), Token));
            Assert.DoesNotContain(server.Secret, failure.ToString());
            return (failure.Kind, failure.Reason);
        }

        Assert.Equal((FailureKind.Permanent, "tsig"), await Fails(settings => settings with { KeySecret = new Secret(Convert.ToBase64String(new byte[32])) }));
        Assert.Equal((FailureKind.Permanent, "tsig"), await Fails(settings => settings with { KeyName = DomainName.Parse("nobody") }));
        Assert.Equal((FailureKind.Permanent, "tsig"), await Fails(settings => settings with { KeyAlgorithm = TsigAlgorithm.HmacSha512 }));
        Assert.Equal((FailureKind.Permanent, "tsig"), await Fails(settings => settings, new LateClock(TimeSpan.FromHours(1))));
        Assert.Equal((FailureKind.Permanent, "refused"), await Fails(settings => settings with { KeyName = DomainName.Parse("reader"), KeySecret = new Secret(server.ReaderSecret) }));
        Assert.Equal((FailureKind.Permanent, "notauth"), await Fails(settings => settings with { Zone = DomainName.Parse("rpz.elsewhere") }));
        Assert.Equal((FailureKind.Transient, "unreachable"), await Fails(settings => settings with { Port = LoopbackPort.Take() }));
        server.Signal("-STOP");
        try
        {
            Assert.Equal((FailureKind.Transient, "timeout"), await Fails(settings => settings with { Timeout = TimeSpan.FromSeconds(1) })); // it had not come to the update
        }
        finally
        {
            server.Signal("-CONT");
        }
        Assert.Equal(before, server.Entries());
        await using var right = Connector();
        var test = await right.TestAsync(Token);
        Assert.True(test.Ok, test.Message);
        Assert.Equal(before, server.Entries()); // the serial too: a test changes nothing
    }

    [Fact]
    public async Task What_is_never_to_be_sinkholed_is_refused_before_anything_is_sent()
    {
        await using var dns = Connector(settings => settings with { Never = [DomainName.Parse("cert.example"), DomainName.Parse("login.evil.example")], Port = LoopbackPort.Take() });
        foreach (var (name, subdomains, reason) in new[] { ("www.cert.example", false, "never"), ("cert.example", false, "never"), ("evil.example", true, "never"), ("example", true, "too-wide") })
            Assert.Equal((FailureKind.Permanent, reason), await Assert.ThrowsAsync<ConnectorFailure>(() => dns.SinkholeAsync(DomainName.Parse(name), Hour, subdomains, Context(), Token)) is var failure ? (failure.Kind, failure.Reason) : default);
        var longName = DomainName.Parse(string.Join('.', Enumerable.Repeat(new string('a', 60), 4)));
        Assert.Equal("too-long", (await Assert.ThrowsAsync<ConnectorFailure>(() => dns.SinkholeAsync(longName, Hour, false, Context(), Token))).Reason);
    }

    [Fact]
    public async Task An_answer_lost_after_the_update_is_unknown_and_the_probe_settles_it()
    {
        // Cut at the update's record of our mark, delivered: the server has made the change, its answer is lost.
        await using var proxy = new CutProxy(server.Port, "soar:aa"u8.ToArray(), deliver: true);
        await using (var cut = Connector(settings => settings with { Port = proxy.Port, Resolver = "127.0.0.1", ResolverPort = server.Port }))
        {
            var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => cut.SinkholeAsync(Www, Hour, false, Context(), Token));
            Assert.Equal((FailureKind.Unknown, "connection"), (failure.Kind, failure.Reason));
        }
        await using var dns = Connector();
        Assert.Equal((ProbeAnswer.Present, true), await dns.ProbeSinkholeAsync(Www, Hour, false, Context(), Token) is var probe ? (probe.Answer, probe.Ours) : default);
    }

    private sealed class LateClock(TimeSpan late) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() - late;
    }
}
