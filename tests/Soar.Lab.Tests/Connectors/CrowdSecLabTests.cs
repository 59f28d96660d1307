using Microsoft.Extensions.Logging.Abstractions;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.CrowdSec;
using Soar.Lab.Tests.Range;

namespace Soar.Lab.Tests.Connectors;

/// <summary>A real CrowdSec: what it shows its own tool and its bouncers is what counts.</summary>
public sealed class CrowdSecLabTests : IClassFixture<CrowdSecServer>
{
    private static int used;
    private readonly CrowdSecServer crowdsec;
    private readonly IpAddress address = IpAddress.Parse($"203.0.113.{Interlocked.Increment(ref used)}"); // one for each test

    public CrowdSecLabTests(CrowdSecServer crowdsec)
    {
        CrowdSecServer.Require();
        this.crowdsec = crowdsec;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static ActionContext Context(string key = "00aa11bb22cc33dd44ee55ff00aa11bb") => new() { Run = default, Step = "block", Key = new IdempotencyKey(key), Attempt = 1, Artifacts = null! };

    private CrowdSecConnector Connector(Func<CrowdSecSettings, CrowdSecSettings>? with = null)
    {
        var settings = new CrowdSecSettings { Address = new Uri($"http://127.0.0.1:{crowdsec.Port}/"), BouncerKey = new Secret(crowdsec.BouncerKey), Password = new Secret(CrowdSecServer.Password) };
        settings = with?.Invoke(settings) ?? settings;
        Assert.Empty(settings.Problems());
        return new CrowdSecConnector(settings, new ConnectorServices("crowd", TimeProvider.System, NullLogger.Instance, null!, "."));
    }

    /// <summary>What every bouncer reads.</summary>
    private string Stream() => Tools.Must("curl", "-sS", "-H", $"X-Api-Key: {crowdsec.BouncerKey}", $"http://127.0.0.1:{crowdsec.Port}/v1/decisions/stream?startup=true");

    [Theory]
    [InlineData(null)]
    [InlineData("198.51.100.0/24")]
    [InlineData("2001:db8::66")]
    [InlineData("2001:db8:1::/48")]
    public async Task A_block_is_a_decision_for_every_bouncer_until_it_is_released(string? target)
    {
        await using var firewall = Connector();
        var blocked = target is null ? address : IpAddress.Parse(target);
        Assert.Equal(ProbeAnswer.Absent, (await firewall.ProbeBlockAsync(blocked, TimeSpan.FromHours(2), Context(), Token)).Answer);
        var block = await firewall.BlockAsync(blocked, TimeSpan.FromHours(2), Context(), Token);
        Assert.InRange(block.Until!.Value - DateTimeOffset.UtcNow, TimeSpan.FromMinutes(119), TimeSpan.FromHours(2));
        Assert.Contains(Context().Key.Value, block.Evidence);
        var again = await firewall.BlockAsync(blocked, TimeSpan.FromHours(2), Context(), Token);
        Assert.Equal(blocked, again.Address);
        Assert.Equal(2, Stream().Split($"\"value\":\"{blocked}\"").Length); // one decision
        Assert.Contains(blocked.ToString(), crowdsec.Cscli("decisions", "list", "-a"));
        var probe = await firewall.ProbeBlockAsync(blocked, TimeSpan.FromHours(2), Context(), Token);
        Assert.Equal((ProbeAnswer.Present, true), (probe.Answer, probe.Ours));
        Assert.False((await firewall.ProbeBlockAsync(blocked, TimeSpan.FromHours(2), Context("ff"), Token)).Ours);
        Assert.Contains(await firewall.BlockedAsync(Context(), Token), one => one.Address == blocked);

        for (var i = 0; i < 2; i++)
            await firewall.UnblockAsync(blocked, Context(), Token);
        Assert.DoesNotContain($"\"value\":\"{blocked}\"", Stream().Split("\"new\"")[^1]);
        Assert.Equal(ProbeAnswer.Absent, (await firewall.ProbeBlockAsync(blocked, TimeSpan.FromHours(2), Context(), Token)).Answer);
    }

    [Fact]
    public async Task A_block_is_never_shortened_and_is_extended_beside_the_old_one()
    {
        await using var firewall = Connector();
        await firewall.BlockAsync(address, TimeSpan.FromHours(2), Context("aa"), Token);
        var shorter = await firewall.BlockAsync(address, TimeSpan.FromHours(1), Context("bb"), Token);
        Assert.Contains("soar/aa", shorter.Evidence);
        var longer = await firewall.BlockAsync(address, TimeSpan.FromHours(3), Context("bb"), Token);
        Assert.True(longer.Until > DateTimeOffset.UtcNow.AddHours(2.9));
        await firewall.UnblockAsync(address, Context(), Token);
        Assert.Equal(ProbeAnswer.Absent, (await firewall.ProbeBlockAsync(address, TimeSpan.FromHours(1), Context("aa"), Token)).Answer);
        var forever = await firewall.BlockAsync(address, Until.Lifted, Context("cc"), Token);
        Assert.True(forever.Until > DateTimeOffset.UtcNow.AddYears(9));
    }

    [Fact]
    public async Task What_CrowdSec_decided_itself_is_told_and_neither_touched_nor_taken_for_ours()
    {
        await using var crowd = Connector();
        Assert.Equal(Verdict.Unknown, (await crowd.LookupAsync(address, Context(), Token)).Verdict);
        crowdsec.Cscli("decisions", "add", "--ip", address.ToString(), "--duration", "1h", "--reason", "by hand");
        var report = await crowd.LookupAsync(address, Context(), Token);
        Assert.Equal(("crowd", Verdict.Malicious), (report.Source, report.Verdict));
        Assert.Contains($"ban of {address} for by hand by cscli", report.Details);

        Assert.Equal(ProbeAnswer.Absent, (await crowd.ProbeBlockAsync(address, TimeSpan.FromHours(1), Context(), Token)).Answer);
        await crowd.BlockAsync(address, TimeSpan.FromHours(2), Context(), Token);
        await crowd.UnblockAsync(address, Context(), Token);
        Assert.Contains("by hand", crowdsec.Cscli("decisions", "list", "--value", address.ToString()));
        crowdsec.Cscli("decisions", "delete", "--ip", address.ToString());

        await crowd.BlockAsync(address, TimeSpan.FromHours(2), Context("dd"), Token);
        Assert.Equal((Verdict.Unknown, "only Soar itself has decided about it"), await crowd.LookupAsync(address, Context(), Token) is var own ? (own.Verdict, own.Details) : default);
    }

    [Fact]
    public async Task An_address_within_a_decided_range_and_names_are_looked_up_too()
    {
        await using var crowd = Connector();
        crowdsec.Cscli("decisions", "add", "--range", "192.0.2.0/24", "--duration", "1h", "--reason", "bad network", "--type", "captcha");
        crowdsec.Cscli("decisions", "add", "--scope", "domain", "--value", "evil.example", "--duration", "1h", "--reason", "phishing");
        Assert.Equal(Verdict.Suspicious, (await crowd.LookupAsync(IpAddress.Parse("192.0.2.7"), Context(), Token)).Verdict);
        Assert.Equal(Verdict.Suspicious, (await crowd.LookupAsync(IpAddress.Parse("192.0.2.0/24"), Context(), Token)).Verdict);
        Assert.Equal(Verdict.Malicious, (await crowd.LookupObservableAsync(new Observable("domain", "EVIL[.]example"), Context(), Token)).Verdict);
        Assert.Equal(Verdict.Unknown, (await crowd.LookupObservableAsync(new Observable("sha256", new string('a', 64)), Context(), Token)).Verdict);
    }

    [Fact]
    public async Task Submissions_and_sightings_are_alerts_once_and_decide_nothing()
    {
        await using var crowd = Connector();
        var observable = new Observable("ip", address.ToString());
        var seenAt = new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);
        var submitted = await crowd.SubmitAsync(observable, Verdict.Malicious, "scans our mail servers", Context("aa"), Token);
        Assert.Equal(submitted, await crowd.SubmitAsync(observable, Verdict.Malicious, "scans our mail servers", Context("aa"), Token));
        var sighted = await crowd.SightAsync(observable, SightingKind.Seen, seenAt, Context("bb"), Token);
        Assert.NotEqual(submitted.Id, sighted.Id);
        Assert.Equal((ProbeAnswer.Present, true), await crowd.ProbeSightAsync(observable, SightingKind.Seen, seenAt, Context("bb"), Token) is var probe ? (probe.Answer, probe.Ours) : default);
        Assert.Equal(ProbeAnswer.Absent, (await crowd.ProbeSubmitAsync(observable, Verdict.Malicious, "", Context("bb"), Token)).Answer);
        var seen = Assert.Single(await crowd.SightingsAsync(observable, Context(), Token));
        Assert.Equal((SightingKind.Seen, seenAt, "soar"), (seen.Kind, seen.At, seen.By));
        Assert.Equal(Verdict.Unknown, (await crowd.LookupAsync(address, Context(), Token)).Verdict);
        Assert.DoesNotContain(address.ToString(), Stream());
        Assert.Contains("scans our mail servers", crowdsec.Cscli("alerts", "inspect", submitted.Id, "-o", "json"));
    }

    [Fact]
    public async Task Wrong_credentials_are_told_and_a_session_that_was_ended_is_begun_anew()
    {
        await using var stranger = Connector(settings => settings with { BouncerKey = new Secret("wrong") });
        Assert.False((await stranger.TestAsync(Token)).Ok);
        await using var impostor = Connector(settings => settings with { Password = new Secret("wrong") });
        Assert.False((await impostor.TestAsync(Token)).Ok);
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => impostor.BlockAsync(address, TimeSpan.FromHours(1), Context(), Token));
        Assert.Equal((FailureKind.Permanent, "401"), (failure.Kind, failure.Reason));

        await using var crowd = Connector();
        Assert.True((await crowd.TestAsync(Token)).Ok);
        await crowd.BlockAsync(address, TimeSpan.FromHours(1), Context(), Token);
        await crowd.UnblockAsync(address, Context(), Token);
    }
}
