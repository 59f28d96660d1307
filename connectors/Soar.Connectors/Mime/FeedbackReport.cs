namespace Soar.Connectors.Mime;

/// <summary>
/// A machine-readable report (RFC 5965) in an outgoing mail: <see cref="Fields"/> become message/feedback-report; then follow the mail that is reported (<see cref="Original"/>), where
/// there is one, and <see cref="Xarf"/>.
/// </summary>
internal sealed record FeedbackReport(IReadOnlyList<(string Name, string Value)> Fields, OutgoingFile Xarf, OutgoingFile? Original);
