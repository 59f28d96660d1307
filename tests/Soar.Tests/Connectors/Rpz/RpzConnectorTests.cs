using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.Rpz;
using Soar.Tests.Connectors.DnsProtocol;

namespace Soar.Tests.Connectors.Rpz;

public sealed class RpzConnectorTests
{
    private static readonly DomainName Evil = DomainName.Parse("evil.example");
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static RpzConnector Connector(FakePrimary server, TimeSpan? timeout = null) => new(
        new RpzSettings
        {
            Server = "127.0.0.1", Port = server.Port, Zone = DomainName.Parse("rpz.soar"), KeyName = DomainName.Parse(FakePrimary.KeyName), KeySecret = new Secret(Convert.ToBase64String(FakePrimary.Secret)),
            Timeout = timeout ?? TimeSpan.FromSeconds(10), EffectWithin = TimeSpan.Zero,
        },
        Given.Services());

    /// <summary>Nothing stands in the zone; every look is answered so, every change by the reply.</summary>
    private static FakePrimary Empty(DnsReply change) => new(asked => asked switch
    {
        { Update: true, Changes: > 0 } => change,
        { Update: true } => new DnsReply { Rcode = 3 },
        _ => new DnsReply { Rcode = 3, Signed = asked.Name.EndsWith("rpz.soar", StringComparison.Ordinal) },
    });

    private static async Task<ConnectorFailure> Fails(DnsReply change, TimeSpan? timeout = null)
    {
        await using var server = Empty(change);
        await using var connector = Connector(server, timeout);
        return await Assert.ThrowsAsync<ConnectorFailure>(() => connector.SinkholeAsync(Evil, Hour, false, Given.Context(), Token));
    }

    [Theory]
    [InlineData(1, FailureKind.Permanent, "formerr")]
    [InlineData(2, FailureKind.Transient, "servfail")]
    [InlineData(4, FailureKind.Permanent, "notimp")]
    [InlineData(5, FailureKind.Permanent, "refused")]
    [InlineData(6, FailureKind.Transient, "moved")]
    [InlineData(8, FailureKind.Transient, "moved")]
    [InlineData(9, FailureKind.Permanent, "notauth")]
    public async Task A_signed_refusal_is_surely_not_done(int rcode, FailureKind kind, string reason)
    {
        var failure = await Fails(new DnsReply { Rcode = rcode });
        Assert.Equal((kind, reason), (failure.Kind, failure.Reason));
    }

    [Fact]
    public async Task What_cannot_be_believed_after_the_update_was_sent_is_unknown()
    {
        foreach (var (change, reason) in new[]
        {
            (new DnsReply { Signed = false }, "tsig"),
            (new DnsReply { Signed = false, Rcode = 5 }, "tsig"),
            (new DnsReply { Spoiled = true }, "tsig"),
            (new DnsReply { Close = true }, "connection"),
            (new DnsReply { Raw = [] }, "garbage"),
            (new DnsReply { Raw = "HTTP/1.1 400 Bad Request"u8.ToArray() }, "garbage"),
        })
        {
            var failure = await Fails(change);
            Assert.Equal((FailureKind.Unknown, reason), (failure.Kind, failure.Reason));
        }
        Assert.Equal((FailureKind.Unknown, "timeout"), await Fails(new DnsReply { Hang = true }, TimeSpan.FromMilliseconds(300)) is var slow ? (slow.Kind, slow.Reason) : default);
    }

    [Theory]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(18)]
    public async Task A_server_that_does_not_take_our_signature_says_which_remedy(int error)
    {
        var failure = await Fails(new DnsReply { Rcode = 9, TsigError = error });
        Assert.Equal((FailureKind.Permanent, "tsig"), (failure.Kind, failure.Reason));
    }

    [Fact]
    public async Task An_update_that_was_taken_but_cannot_be_read_back_is_unknown()
    {
        var failure = await Fails(new DnsReply());
        Assert.Equal((FailureKind.Unknown, "not-there"), (failure.Kind, failure.Reason));
    }

    [Fact]
    public async Task The_change_carries_its_prerequisites_and_our_mark_in_one_update()
    {
        await using var server = Empty(new DnsReply { Rcode = 5 });
        await using var connector = Connector(server);
        await Assert.ThrowsAsync<ConnectorFailure>(() => connector.SinkholeAsync(Evil, Hour, true, Given.Context("aa"), Token));
        var update = Assert.Single(server.Asked, asked => asked.Changes > 0).Message;
        byte[] start = [.. FakePrimary.Name("rpz.soar"), 0, 6, 0, 1];
        Assert.Equal(start, update[12..(12 + start.Length)]);
        Assert.Equal((3, 3), (update[7], update[9])); // nothing at the three names yet; three records
        foreach (var owner in new[] { "evil.example.rpz.soar", "*.evil.example.rpz.soar" })
        {
            Assert.True(Holds(update, [.. FakePrimary.Name(owner), 0, 255, 0, 254, 0, 0, 0, 0, 0, 0]));
            Assert.True(Holds(update, [.. FakePrimary.Name(owner), 0, 5, 0, 1, 0, 0, 0, 60, 0, 1, 0])); // CNAME .
        }
        Assert.True(Holds(update, [.. FakePrimary.Name("evil.example._soar.rpz.soar"), 0, 16, 0, 1]));
        Assert.True(Holds(update, "\u0007soar:aa\u0004name\u000asubdomains"u8.ToArray()));
    }

    private static bool Holds(byte[] message, byte[] part) => message.AsSpan().IndexOf(part) > 0;

    [Fact]
    public async Task A_server_that_does_not_hold_the_zone_is_told_with_its_remedy()
    {
        await using var server = new FakePrimary(asked => new DnsReply { Authoritative = false, Rcode = 3 });
        await using var connector = Connector(server);
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => connector.ProbeSinkholeAsync(Evil, Hour, false, Given.Context(), Token));
        Assert.Equal((FailureKind.Permanent, "not-authoritative"), (failure.Kind, failure.Reason));
    }

    [Fact]
    public async Task Cancelling_while_looking_is_surely_not_done_and_while_changing_unknown()
    {
        foreach (var (hangs, kind) in new[] { (0, FailureKind.Transient), (1, FailureKind.Unknown) })
        {
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var server = new FakePrimary(asked =>
            {
                var hang = asked.Update && (hangs == 0 || asked.Changes > 0);
                if (hang)
                    reached.TrySetResult();
                return new DnsReply { Rcode = 3, Hang = hang };
            });
            await using var connector = Connector(server);
            using var stop = new CancellationTokenSource();
            var sinkhole = connector.SinkholeAsync(Evil, Hour, false, Given.Context(), stop.Token);
            await reached.Task.WaitAsync(Token);
            await stop.CancelAsync();
            var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => sinkhole).WaitAsync(TimeSpan.FromSeconds(5), Token);
            Assert.Equal((kind, "cancelled"), (failure.Kind, failure.Reason));
        }
    }

    [Theory]
    [InlineData(2, FailureKind.Transient, "servfail")]
    [InlineData(5, FailureKind.Permanent, "refused")]
    public async Task A_resolver_that_refuses_a_question_fails_it(int rcode, FailureKind kind, string reason)
    {
        await using var server = new FakePrimary(_ => new DnsReply { Rcode = rcode, Signed = false });
        await using var connector = Connector(server);
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => connector.ResolveAsync(Evil, DnsRecordType.A, Given.Context(), Token));
        Assert.Equal((kind, reason), (failure.Kind, failure.Reason));
    }

    [Fact]
    public void Settings_name_every_problem_at_once()
    {
        Assert.Equal(["server", "zone", "keyName", "keySecret"], new RpzSettings().Problems().Select(problem => problem[..problem.IndexOf(':')]));
        var settings = new RpzSettings
        {
            Server = "ns 1", Port = 0, Zone = Evil, KeyName = Evil, KeySecret = new Secret("hunter2!"), Sinkhole = [IpAddress.Parse("198.51.100.0/24")], Ttl = TimeSpan.FromDays(2), ResolverPort = 70_000,
            EffectWithin = TimeSpan.FromSeconds(-1), Timeout = TimeSpan.Zero,
        };
        Assert.Equal(["server", "port", "keySecret", "sinkhole", "ttl", "resolverPort", "effectWithin", "timeout"], settings.Problems().Select(problem => problem[..problem.IndexOf(':')]));
        Assert.All(settings.Problems(), problem => Assert.DoesNotContain("hunter2", problem));
    }

    [Fact]
    public async Task The_simulator_refuses_what_the_connector_refuses()
    {
        await using var connector = new RpzConnector(new RpzSettings { Never = [DomainName.Parse("cert.example")] }, Given.Services());
        var simulator = (IDns)connector.Simulator;
        Assert.Equal("NXDOMAIN", (await simulator.SinkholeAsync(Evil, Hour, true, Given.Context(), Token)).Answer);
        Assert.Equal("never", (await Assert.ThrowsAsync<ConnectorFailure>(() => simulator.SinkholeAsync(DomainName.Parse("www.cert.example"), Hour, false, Given.Context(), Token))).Reason);
        Assert.Equal("duration", (await Assert.ThrowsAsync<ConnectorFailure>(() => simulator.SinkholeAsync(Evil, TimeSpan.Zero, false, Given.Context(), Token))).Reason);
    }
}
