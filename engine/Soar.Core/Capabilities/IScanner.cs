namespace Soar.Capabilities;

/// <summary>What one scanner says of some bytes.</summary>
/// <param name="Source">The connector instance that scanned.</param>
/// <param name="Verdict">
/// Malicious or Suspicious when a signature matched. Unknown when none did, or when the bytes could not be looked at as a whole: that no signature
/// matches does not make anything Benign.
/// </param>
/// <param name="Signatures">Names of the signatures that matched, as the scanner writes them.</param>
/// <param name="Details">The scanner's version and its own words.</param>
public sealed record ScanReport(string Source, Verdict Verdict, IReadOnlyList<string> Signatures, string Details);

[Capability("Scanner", "Scans bytes for what is known to be malicious.")]
public interface IScanner
{
    /// <summary>Scans an artifact's bytes. Larger ones than the instance takes fail the step with <c>too-large</c>, never as clean.</summary>
    /// <param name="artifact">The bytes, for example <c>Alert.Raw</c> or an attachment.</param>
    [Action(Effect.ReadsOnly, TimeoutSeconds = 180)]
    Task<ScanReport> ScanAsync(Artifact artifact, ActionContext context, CancellationToken cancellation);
}
