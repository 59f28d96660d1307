using Microsoft.Extensions.Logging.Abstractions;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.Mime;
using Soar.Connectors.Smtp;
using Soar.Lab.Tests.Range;

namespace Soar.Lab.Tests.Connectors;

/// <summary>Real Postfix, real TLS, real mailboxes: what counts as sent is in the mailbox, and nothing that was refused is.</summary>
public sealed class SmtpLabTests : IClassFixture<MailServers>
{
    private static readonly EmailAddress Abuse = EmailAddress.Parse("abuse@isp.example");
    private static int keys;
    private readonly MailServers servers;

    public SmtpLabTests(MailServers servers)
    {
        MailServers.Require();
        this.servers = servers;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static ActionContext Context(IArtifacts? artifacts = null) => new()
    {
        Run = default, Step = "send", Key = new IdempotencyKey($"{Interlocked.Increment(ref keys):x32}"), Attempt = 1, Artifacts = artifacts!,
    };

    private SmtpSettings Settings(SmtpTls tls) => new()
    {
        Host = "localhost", Tls = tls, CaFile = servers.CaFile, From = EmailAddress.Parse("soc@cert.example"), FromName = "СОЦ / SOC",
        Port = tls switch { SmtpTls.None => servers.Plain, SmtpTls.StartTls => servers.StartTls, _ => servers.Implicit },
        User = tls == SmtpTls.None ? null : "soc@cert.example", Password = tls == SmtpTls.None ? null : new Secret("secret"),
    };

    private static SmtpConnector Connector(SmtpSettings settings)
    {
        Assert.Empty(settings.Problems());
        return new SmtpConnector(settings, new ConnectorServices("mail", TimeProvider.System, NullLogger.Instance, null!, "."));
    }

    [Theory]
    [InlineData(SmtpTls.None)]
    [InlineData(SmtpTls.StartTls)]
    [InlineData(SmtpTls.Implicit)]
    public async Task A_sent_mail_is_in_the_mailbox_with_its_Message_ID_and_unchanged(SmtpTls tls)
    {
        await using var connector = Connector(Settings(tls));
        var test = await connector.TestAsync(Token);
        Assert.True(test.Ok, test.Message);
        var context = Context(new OneArtifact("a,b\r\n.\r\n\0\xFF"u8.ToArray()));
        var body = "Здраво,\n.\n..two dots\nFrom here on: " + new string('x', 2_000) + "\ntrailing blank \nend";
        var sent = await connector.SendAsync(Abuse, "Пријава: " + new string('ш', 100), body, [new Artifact("", 9, "доказ \"1\".bin", "application/x-evidence")], "1@isp.example", context, Token);
        Assert.Equal($"soar.{context.Key}@cert.example", sent.MessageId);
        Assert.StartsWith("250", sent.Response);

        var mail = MimeReader.Read(await servers.DeliveredAsync(Abuse.Value, sent.MessageId, TimeSpan.FromSeconds(20)));
        Assert.Equal("Пријава: " + new string('ш', 100), mail.Subject);
        Assert.Equal(body, mail.Text!.ReplaceLineEndings("\n").TrimEnd('\n'));
        Assert.Equal(("СОЦ / SOC", "soc@cert.example"), (mail.From[0].Display, mail.From[0].Address));
        Assert.Equal(["1@isp.example"], mail.InReplyTo);
        Assert.Equal("a,b\r\n.\r\n\0\xFF"u8.ToArray(), mail.Attachments.Single().Content.ToArray());
        Assert.Equal("доказ \"1\".bin".Replace('"', '_'), mail.Attachments.Single().FileName);
        Assert.Equal("auto-generated", mail.Header("Auto-Submitted"));
        Assert.Empty(mail.Defects);
    }

    [Fact]
    public async Task A_relay_that_is_denied_is_permanent()
    {
        await using var connector = Connector(Settings(SmtpTls.None));
        var failure = await Fails(connector, EmailAddress.Parse("x@outside.example"));
        Assert.Equal((FailureKind.Permanent, "554"), (failure.Kind, failure.Reason));
        Assert.Contains("Relay access denied", failure.Message);
    }

    [Fact]
    public async Task A_wrong_password_is_permanent_and_never_shown()
    {
        await using var connector = Connector(Settings(SmtpTls.StartTls) with { Password = new Secret("hunter2") });
        var failure = await Fails(connector);
        Assert.Equal((FailureKind.Permanent, "535"), (failure.Kind, failure.Reason));
        Assert.DoesNotContain("hunter2", failure.ToString());
    }

    [Theory]
    [InlineData(SmtpTls.StartTls)]
    [InlineData(SmtpTls.Implicit)]
    public async Task A_certificate_that_nobody_we_trust_signed_is_refused(SmtpTls tls)
    {
        await using var connector = Connector(Settings(tls) with { CaFile = null });
        var failure = await Fails(connector);
        Assert.Equal((FailureKind.Permanent, "certificate"), (failure.Kind, failure.Reason));
        Assert.Contains("caFile", failure.Message);
    }

    [Fact]
    public async Task A_mail_that_is_too_large_for_the_server_is_permanent_before_it_is_sent()
    {
        await using var connector = Connector(Settings(SmtpTls.StartTls));
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => connector.SendAsync(Abuse, "big", new string('x', 300_000), null, null, Context(), Token));
        Assert.Equal((FailureKind.Permanent, "too-large"), (failure.Kind, failure.Reason));
    }

    [Fact]
    public async Task A_connection_cut_after_the_final_dot_is_unknown_and_the_mail_is_there_once()
    {
        await using var proxy = new CutProxy(servers.Plain, "\r\n.\r\n"u8.ToArray(), deliver: true);
        await using var connector = Connector(Settings(SmtpTls.None) with { Port = proxy.Port });
        var context = Context();
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => connector.SendAsync(Abuse, "cut", "body", null, null, context, Token));
        Assert.Equal(FailureKind.Unknown, failure.Kind);
        await servers.DeliveredAsync(Abuse.Value, $"soar.{context.Key}@cert.example", TimeSpan.FromSeconds(20));
        Assert.Single(servers.Find(Abuse.Value, $"soar.{context.Key}@cert.example"));
    }

    [Theory]
    [InlineData("EHLO")]
    [InlineData("MAIL FROM")]
    [InlineData("RCPT TO")]
    [InlineData("DATA\r\n")]
    public async Task A_connection_cut_before_the_final_dot_is_surely_not_sent(string trigger)
    {
        await using var proxy = new CutProxy(servers.Plain, System.Text.Encoding.ASCII.GetBytes(trigger), deliver: false);
        await using var connector = Connector(Settings(SmtpTls.None) with { Port = proxy.Port });
        var context = Context();
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => connector.SendAsync(Abuse, "cut", "body", null, null, context, Token));
        Assert.Equal(FailureKind.Transient, failure.Kind);
        Assert.Empty(servers.Find(Abuse.Value, $"soar.{context.Key}@cert.example"));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_transient()
    {
        await using var connector = Connector(Settings(SmtpTls.StartTls) with { Port = LoopbackPort.Take() });
        Assert.Equal(FailureKind.Transient, (await Fails(connector)).Kind);
        Assert.False((await connector.TestAsync(Token)).Ok);
    }

    [Fact]
    public async Task Seven_hundred_warnings_sent_eight_at_a_time_arrive_once_each()
    {
        await using var connector = Connector(Settings(SmtpTls.None));
        var contexts = Enumerable.Range(0, 700).Select(_ => Context()).ToList();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await Parallel.ForEachAsync(contexts, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (context, cancellation) =>
            await connector.SendAsync(EmailAddress.Parse("facilities@cert.example"), "Warning", $"reference {context.Key}", null, null, context, cancellation));
        TestContext.Current.SendDiagnosticMessage($"700 mails accepted in {clock.Elapsed.TotalSeconds:0.0} s");
        var delivered = await servers.AllDeliveredAsync("facilities@cert.example", 700, TimeSpan.FromSeconds(120));
        Assert.Equal(contexts.Select(context => $"soar.{context.Key}@cert.example").Order(), delivered.Select(mail => MimeReader.Read(mail).MessageId!).Order());
    }

    private static Task<ConnectorFailure> Fails(SmtpConnector connector, EmailAddress? to = null) =>
        Assert.ThrowsAsync<ConnectorFailure>(() => connector.SendAsync(to ?? Abuse, "subject", "body", null, null, Context(), Token));

    private sealed class OneArtifact(byte[] content) : IArtifacts
    {
        public Task<Artifact> PutAsync(Stream content, string name, string mediaType, CancellationToken cancellation) => throw new InvalidOperationException("nothing is stored here");
        public Stream Open(Artifact artifact) => new MemoryStream(content);
    }
}
