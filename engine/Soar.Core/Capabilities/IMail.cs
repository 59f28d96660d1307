namespace Soar.Capabilities;

/// <summary>A mail that was accepted.</summary>
/// <param name="MessageId">Its Message-ID, derived from the idempotency key.</param>
/// <param name="Response">The server's answer after the final dot.</param>
/// <param name="Refused">Recipients that the server refused, with its words.</param>
public sealed record SentMail(string MessageId, string Response, IReadOnlyDictionary<string, string> Refused);

[Capability("Mail", "Sends mail.")]
public interface IMail
{
    /// <summary>Sends one mail in plain text. It counts as sent when the server took responsibility for it (its answer to the final dot).</summary>
    /// <param name="to">The recipient.</param>
    /// <param name="subject">One line.</param>
    /// <param name="body">Plain text.</param>
    /// <param name="attachments">Artifacts to attach, with their names and media types.</param>
    /// <param name="inReplyTo">Message-ID of the mail this one answers.</param>
    [Action(Effect.Notifies, NoInverse = "A mail cannot be taken back.")]
    Task<SentMail> SendAsync([Target] EmailAddress to, Text subject, Text body, [MayBeEmpty] IReadOnlyList<Artifact>? attachments = null, [MayBeEmpty] string? inReplyTo = null,
        ActionContext context = null!, CancellationToken cancellation = default);
}
