using Soar.Capabilities;
using Soar.Connectors.Smtp;

namespace Soar.Tests.Connectors.Smtp;

public sealed class SmtpConnectorTests
{
    private static readonly EmailAddress To = EmailAddress.Parse("a@x.example");

    private static async Task<ConnectorFailure> Fails(SmtpSettings settings, IReadOnlyList<Artifact>? attachments = null, string subject = "s", string? inReplyTo = null)
    {
        await using var connector = new SmtpConnector(settings with { From = EmailAddress.Parse("soc@cert.example") }, Given.Services());
        return await Assert.ThrowsAsync<ConnectorFailure>(() => connector.SendAsync(To, subject, "body", attachments, inReplyTo, Given.Context(artifacts: new Nothing()), CancellationToken.None));
    }

    [Fact]
    public async Task What_is_wrong_before_anything_is_sent_is_never_unknown()
    {
        // nobody listens there: none of these may even try to connect
        var nowhere = new SmtpSettings { Host = "127.0.0.1", Port = 1, Tls = SmtpTls.None };
        foreach (var (failure, reason) in new[]
        {
            (await Fails(nowhere, subject: "a\r\nBcc: x@y.example"), "header-injection"),
            (await Fails(nowhere, inReplyTo: "<a@b>\r\nX: y"), "header-injection"),
            (await Fails(nowhere, [new Artifact("ab", 5, "gone.bin", "x/y")]), "attachment"),
            (await Fails(nowhere, [new Artifact("ab", 500_000_000, "big.bin", "x/y")]), "too-large"),
        })
            Assert.Equal((FailureKind.Permanent, reason), (failure.Kind, failure.Reason));
        Assert.Equal((FailureKind.Transient, "connection"), await Fails(nowhere) is var refused ? (refused.Kind, refused.Reason) : default);
    }

    [Fact]
    public async Task A_CA_file_that_cannot_be_read_is_permanent_and_named()
    {
        await using var scripted = new ScriptedServer(("EHLO", "250-test\r\n250 STARTTLS"), ("STARTTLS", "220 go"));
        var failure = await Fails(new SmtpSettings { Host = "127.0.0.1", Port = scripted.Port, CaFile = "/does/not/exist.pem" });
        Assert.Equal((FailureKind.Permanent, "ca-file"), (failure.Kind, failure.Reason));
        Assert.Contains("/does/not/exist.pem", failure.Message);
    }

    [Fact]
    public async Task The_same_effect_has_the_same_Message_ID_in_every_attempt()
    {
        async Task<string> Send(int attempt)
        {
            await using var scripted = new ScriptedServer();
            await using var connector = new SmtpConnector(new SmtpSettings { Host = "127.0.0.1", Port = scripted.Port, Tls = SmtpTls.None, From = EmailAddress.Parse("soc@cert.example") }, Given.Services());
            var sent = await connector.SendAsync(To, "s", "b", null, null, Given.Context() with { Attempt = attempt }, CancellationToken.None);
            Assert.Contains($"Message-ID: <{sent.MessageId}>", scripted.Heard);
            return sent.MessageId;
        }
        Assert.Equal(await Send(1), await Send(2));
    }

    [Fact]
    public void Settings_name_every_problem_at_once()
    {
        var settings = new SmtpSettings { Host = "a b", Port = 70_000, Tls = SmtpTls.None, User = "u", FromName = "a\nb", CaFile = "/nowhere", MaxBytes = 1 };
        Assert.Equal(["host", "port", "from", "fromName", "user", "password", "caFile", "maxBytes"], settings.Problems().Select(problem => problem[..problem.IndexOf(':')]));
    }

    [Theory]
    [InlineData("mail.cert.example:25", false)]
    [InlineData("smtps://mail.cert.example", false)]
    [InlineData("mail.cert.example", true)]
    [InlineData("mail", true)]
    [InlineData("2001:db8::25", true)]
    public void A_host_is_a_name_or_an_address_without_its_port(string host, bool fits)
    {
        Assert.Equal(fits, !new SmtpSettings { Host = host, From = To }.Problems().Any(problem => problem.StartsWith("host: ", StringComparison.Ordinal)));
        Assert.Equal(fits, !new Soar.Connectors.Imap.ImapSettings { Host = host }.Problems().Any(problem => problem.StartsWith("host: ", StringComparison.Ordinal)));
    }

    private sealed class Nothing : IArtifacts
    {
        public Task<Artifact> PutAsync(Stream content, string name, string mediaType, CancellationToken cancellation) => throw new InvalidOperationException("nothing is stored here");
        public Stream Open(Artifact artifact) => throw new NotFoundException("artifact", artifact.Sha256, "It was never stored.");
    }
}
