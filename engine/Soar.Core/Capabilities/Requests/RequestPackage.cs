namespace Soar.Capabilities;

/// <summary>A request as it is handed over: for people (PDF, HTML), for machines (JSON), with a manifest of hashes and its signature.</summary>
/// <param name="Reference">The reference under which it is tracked.</param>
/// <param name="Title">One line: the subject of the mail that carries it.</param>
/// <param name="Text">The covering text.</param>
/// <param name="Files">Form as PDF and HTML, the request as JSON, the attachments, <c>manifest.txt</c> (SHA-256 of all, as sha256sum reads it) and, where a certificate is set, <c>manifest.p7s</c>.</param>
/// <param name="Archive">All of these in one ZIP file.</param>
/// <param name="SignedBy">The signing certificate's subject; null when no certificate is set.</param>
/// <param name="Place">The file in the outbox; null when no outbox is set.</param>
public sealed record RequestPackage(string Reference, string Title, string Text, IReadOnlyList<Artifact> Files, Artifact Archive, string? SignedBy, string? Place);

[Capability("Preservation", "Makes requests for expedited preservation of data (Budapest Convention, Articles 16, 29, 30).")]
public interface IPreservation
{
    /// <summary>
    /// Makes the request as a package: refused by name when an item of Article 29(2) is missing. Nothing leaves the house: hand <c>Title</c>, <c>Text</c> and <c>Files</c> to <c>Mail.Send</c>,
    /// or carry the archive over.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="reference">From <c>Requests.Open</c>.</param>
    [Action(Effect.Records, SafeToRepeat = true, NoInverse = "It lies here only; delete the file of the outbox if it is not to be carried over.")]
    Task<RequestPackage> PrepareAsync(PreservationRequest request, string reference, ActionContext context, CancellationToken cancellation);
}

[Capability("Europol", "Makes messages ready for SIENA, which the national unit enters.")]
public interface IEuropol
{
    /// <summary>Makes the message as a package for the national unit; refused by name when a handling or evaluation code is missing.</summary>
    /// <param name="message">The message.</param>
    /// <param name="reference">From <c>Requests.Open</c>.</param>
    [Action(Effect.Records, SafeToRepeat = true, NoInverse = "It lies here only; delete the file of the outbox if it is not to be carried over.")]
    Task<RequestPackage> PackageAsync(SienaMessage message, string reference, ActionContext context, CancellationToken cancellation);
}
