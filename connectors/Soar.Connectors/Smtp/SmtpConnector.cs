using Soar.Capabilities;
using Soar.Connectors.Mime;

namespace Soar.Connectors.Smtp;

/// <summary>Sends mail through one server. The Message-ID comes from the idempotency key, so that a mail whose outcome is unknown can be found.</summary>
[Connector("smtp", "Sends mail through a mail server (SMTP with STARTTLS or TLS, AUTH PLAIN and LOGIN, signed by S/MIME).", Proven = "Postfix 3.7 with Dovecot 2.3; signatures verified by OpenSSL 3.0")]
public sealed class SmtpConnector(SmtpSettings settings, ConnectorServices services) : IConnector, IMail
{
    public object Simulator { get; } = new SmtpSimulator(settings);

    public async Task<SentMail> SendAsync(EmailAddress to, Text subject, Text body, IReadOnlyList<Artifact>? attachments = null, string? inReplyTo = null,
        ActionContext context = null!, CancellationToken cancellation = default)
    {
        var mail = Compose(settings, [to], subject.ToString(), body.ToString(), context.Key, services.Clock) with { InReplyTo = string.IsNullOrEmpty(inReplyTo) ? null : inReplyTo };
        return await SendAsync(mail, attachments, context, cancellation);
    }

    public async Task<SentMail> ReplyAsync(EmailAddress to, MailThread thread, Text body, IReadOnlyList<Artifact>? attachments = null, ActionContext context = null!, CancellationToken cancellation = default) =>
        await SendAsync(Answer(settings, to, thread, body, context.Key, services.Clock), attachments, context, cancellation);

    private async Task<SentMail> SendAsync(OutgoingMail mail, IReadOnlyList<Artifact>? attachments, ActionContext context, CancellationToken cancellation)
    {
        var files = new List<OutgoingFile>();
        foreach (var attachment in attachments ?? [])
            files.Add(await LoadAsync(settings, attachment, context));
        var sent = await DeliverAsync(settings, mail with { Files = files }, services.Clock, cancellation);
        return new SentMail(mail.MessageId, sent.Response, sent.Refused);
    }

    public Task<ConnectorTest> TestAsync(CancellationToken cancellation) => ConnectorTest.OfAsync(async () =>
    {
        await using var client = await SmtpClient.ConnectAsync(settings.Server(), services.Clock, cancellation);
        var offered = string.Join(", ", client.Capabilities.Keys);
        await client.QuitAsync(cancellation);
        return new ConnectorTest(true, $"{settings.Server()} answers{(string.IsNullOrEmpty(settings.User) ? "" : $" and takes the login of {settings.User}")}. It offers {offered}.{Signature()}");
    });

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private string Signature()
    {
        using var signer = SmimeSigner.Load(settings, services.Clock);
        if (signer is null)
            return "";
        return $" Mails are signed until {signer.Until:yyyy-MM-dd}{(signer.Until - services.Clock.GetUtcNow() < TimeSpan.FromDays(30) ? ", which is soon: renew the certificate" : "")}."
            + (settings.From is { } from && !signer.IsFor(from) ? $" The certificate is not made for {from}: mail programs will warn of the signature." : "");
    }

    /// <summary>Hands a composed mail over; what other connectors send goes the same way.</summary>
    internal static async Task<SmtpAccepted> DeliverAsync(SmtpSettings settings, OutgoingMail mail, TimeProvider clock, CancellationToken cancellation)
    {
        using var signer = SmimeSigner.Load(settings, clock);
        var message = MimeWriter.Write(mail, signer is null ? null : signer.Sign);
        if (message.Length > settings.MaxBytes)
            throw ConnectorFailure.Permanent($"The mail has {message.Length} bytes; at most {settings.MaxBytes} are sent (setting maxBytes). Send fewer or smaller attachments.", reason: "too-large");
        await using var client = await SmtpClient.ConnectAsync(settings.Server(), clock, cancellation);
        var accepted = await client.SendAsync(MimeWriter.Wire(EmailAddress.Parse(mail.From.Address)), [.. mail.To.Select(MimeWriter.Wire)], message, cancellation);
        await client.QuitAsync(cancellation);
        return accepted;
    }

    internal static OutgoingMail Compose(SmtpSettings settings, IReadOnlyList<EmailAddress> to, string subject, string body, IdempotencyKey key, TimeProvider clock) => new()
    {
        MessageId = MessageId(settings, key),
        Date = clock.GetUtcNow(),
        From = new MimeAddress(settings.FromName, settings.From?.Value ?? ""),
        ReplyTo = settings.ReplyTo,
        To = to,
        Subject = subject,
        Text = body,
    };

    /// <summary>A mail that its readers' programs show below the one that it answers.</summary>
    internal static OutgoingMail Answer(SmtpSettings settings, EmailAddress to, MailThread thread, Text body, IdempotencyKey key, TimeProvider clock) =>
        Compose(settings, [to], ReplySubject(thread.Subject), body.ToString(), key, clock) with { InReplyTo = thread.MessageId, References = thread.References, AutoSubmitted = "auto-replied" };

    // The subject is a stranger's: it is made one line instead of refused.
    internal static string ReplySubject(string subject)
    {
        var line = VisibleText.Line(subject);
        line = line.Length > 200 ? line[..200] : line;
        return line.StartsWith("Re:", StringComparison.OrdinalIgnoreCase) ? line : $"Re: {line}".TrimEnd();
    }

    internal static string MessageId(SmtpSettings settings, IdempotencyKey key) => $"soar.{key}@{settings.From?.Domain ?? "soar.invalid"}";

    internal static async Task<OutgoingFile> LoadAsync(SmtpSettings settings, Artifact artifact, ActionContext context)
    {
        if (artifact.Size > settings.MaxBytes)
            throw ConnectorFailure.Permanent($"The attachment '{artifact.Name}' has {artifact.Size} bytes; mails of at most {settings.MaxBytes} are sent (setting maxBytes).", reason: "too-large");
        try
        {
            await using var stream = context.Artifacts.Open(artifact);
            using var content = new MemoryStream((int)artifact.Size);
            await stream.CopyToAsync(content, CancellationToken.None); // local and short; cancelled here, it would look as if something had been sent
            return new OutgoingFile(artifact.Name, artifact.MediaType, content.ToArray());
        }
        catch (NotFoundException e)
        {
            throw ConnectorFailure.Permanent($"The attachment '{artifact.Name}' is not in the store any more; nothing was sent. {e.Message}", e, "attachment");
        }
        catch (IOException e)
        {
            throw ConnectorFailure.Transient($"The attachment '{artifact.Name}' cannot be read: {e.Message}. Nothing was sent.", inner: e, reason: "attachment");
        }
    }
}

/// <summary>Answers as a server would that takes everything; composes the mail, so that what would be refused here is refused too.</summary>
internal sealed class SmtpSimulator(SmtpSettings settings) : IMail
{
    public Task<SentMail> SendAsync(EmailAddress to, Text subject, Text body, IReadOnlyList<Artifact>? attachments = null, string? inReplyTo = null,
        ActionContext context = null!, CancellationToken cancellation = default)
    {
        var sender = settings.From is null ? settings with { From = EmailAddress.Parse("soar@soar.invalid") } : settings;
        var mail = SmtpConnector.Compose(sender, [to], subject.ToString(), body.ToString(), context.Key, TimeProvider.System) with { InReplyTo = string.IsNullOrEmpty(inReplyTo) ? null : inReplyTo };
        MimeWriter.Write(mail);
        return Task.FromResult(new SentMail(mail.MessageId, "250 simulated", new Dictionary<string, string>()));
    }

    public Task<SentMail> ReplyAsync(EmailAddress to, MailThread thread, Text body, IReadOnlyList<Artifact>? attachments = null, ActionContext context = null!, CancellationToken cancellation = default)
    {
        var sender = settings.From is null ? settings with { From = EmailAddress.Parse("soar@soar.invalid") } : settings;
        var mail = SmtpConnector.Answer(sender, to, thread, body, context.Key, TimeProvider.System);
        MimeWriter.Write(mail);
        return Task.FromResult(new SentMail(mail.MessageId, "250 simulated", new Dictionary<string, string>()));
    }
}
