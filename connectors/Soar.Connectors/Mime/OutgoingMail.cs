using Soar.Capabilities;

namespace Soar.Connectors.Mime;

/// <summary>A mail to send. Every text is checked when it is written; line breaks in a header are refused, not removed.</summary>
internal sealed record OutgoingMail
{
    public required string MessageId { get; init; }
    public required DateTimeOffset Date { get; init; }
    public required MimeAddress From { get; init; }
    public required IReadOnlyList<EmailAddress> To { get; init; }
    public required string Subject { get; init; }
    public required string Text { get; init; }
    public string? Html { get; init; }
    public EmailAddress? ReplyTo { get; init; }
    public string? InReplyTo { get; init; }
    public IReadOnlyList<string> References { get; init; } = [];
    public IReadOnlyList<OutgoingFile> Files { get; init; } = [];
    public FeedbackReport? Report { get; init; }

    /// <summary>RFC 3834: tells other machines not to answer. <c>auto-generated</c>, or <c>auto-replied</c> for an answer; null only for what a person wrote.</summary>
    public string? AutoSubmitted { get; init; } = "auto-generated";
}
