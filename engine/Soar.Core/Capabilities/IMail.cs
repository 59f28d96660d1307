namespace Soar.Capabilities;

/// <summary>A mail that was accepted.</summary>
/// <param name="MessageId">Its Message-ID, derived from the idempotency key.</param>
/// <param name="Response">The server's answer after the final dot.</param>
/// <param name="Refused">Recipients that the server refused, with its words.</param>
public sealed record SentMail(string MessageId, string Response, IReadOnlyDictionary<string, string> Refused);

/// <summary>What a mail must say to stand in the thread of another one: <c>mail.Thread</c> of a mail that was read.</summary>
/// <param name="MessageId">Message-ID of the mail that is answered.</param>
/// <param name="Subject">Its subject; <c>Re:</c> is put before it.</param>
/// <param name="References">The Message-IDs of the thread before it, the first one first.</param>
public sealed record MailThread(string MessageId, string Subject, IReadOnlyList<string> References);

[Capability("Mail", "Sends mail.")]
public interface IMail
{
    /// <summary>Sends one mail in plain text. It counts as sent when the server took responsibility for it (its answer to the final dot).</summary>
    /// <param name="to">The recipient.</param>
    /// <param name="subject">One line.</param>
    /// <param name="body">Plain text.</param>
    /// <param name="attachments">Artifacts to attach, with their names and media types.</param>
    /// <param name="inReplyTo">Message-ID of the mail this one answers.</param>
    [Action(Effect.Notifies, NoInverse = "A mail cannot be taken back.", TimeoutSeconds = 720)]
    Task<SentMail> SendAsync([Target] EmailAddress to, Text subject, Text body, [MayBeEmpty] IReadOnlyList<Artifact>? attachments = null, [MayBeEmpty] string? inReplyTo = null,
        ActionContext context = null!, CancellationToken cancellation = default);

    /// <summary>
    /// Answers a mail in its thread, as its readers' programs show it (In-Reply-To, References, <c>Re:</c>). Who gets it is said, not taken from the mail: its sender chose where answers would go.
    /// </summary>
    /// <param name="to">The recipient, for example <c>mail.FromAddress</c>.</param>
    /// <param name="thread">Of the mail that is answered: <c>mail.Thread</c>.</param>
    /// <param name="body">Plain text.</param>
    /// <param name="attachments">Artifacts to attach, with their names and media types.</param>
    [Action(Effect.Notifies, NoInverse = "A mail cannot be taken back.", TimeoutSeconds = 720)]
    Task<SentMail> ReplyAsync([Target] EmailAddress to, MailThread thread, Text body, [MayBeEmpty] IReadOnlyList<Artifact>? attachments = null,
        ActionContext context = null!, CancellationToken cancellation = default) => throw ConnectorFailure.Permanent("This instance cannot answer in a thread. Nothing was sent; use Send.", reason: "unsupported");
}
