using Soar.Capabilities;

namespace Soar.Connectors.Clamd;

/// <summary>Scans with a ClamAV daemon. The bytes are streamed to it; nothing is written to a disk here.</summary>
[Connector("clamd", "Scans bytes with ClamAV's daemon.", Proven = "ClamAV 1.4.6")]
public sealed class ClamdConnector(ClamdSettings settings, ConnectorServices services) : IConnector, IScanner
{
    private readonly ClamdClient client = new(settings, services.Clock);

    public object Simulator { get; } = new ClamdSimulator(settings, services.Instance);

    public async Task<ScanReport> ScanAsync(Artifact artifact, ActionContext context, CancellationToken cancellation)
    {
        Allowed(settings, artifact);
        var version = await client.VersionAsync(cancellation); // which signatures said it belongs to what they said
        await using var content = StoredBytes.Open(context, artifact);
        return Judge(await client.ScanAsync(content, cancellation), version);
    }

    public Task<ConnectorTest> TestAsync(CancellationToken cancellation) => ConnectorTest.OfAsync(async () =>
    {
        return new ConnectorTest(true, $"{client.Where} answers: {await client.VersionAsync(cancellation)}.");
    });

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    internal static void Allowed(ClamdSettings settings, Artifact artifact)
    {
        if (artifact.Size > settings.MaxBytes)
            throw TooLarge($"'{artifact.Name}' has {artifact.Size} bytes; at most {settings.MaxBytes} are scanned (setting maxBytes).");
    }

    internal ScanReport Judge(string answer, string version)
    {
        const string Stream = "stream: ";
        var words = answer.StartsWith(Stream, StringComparison.Ordinal) ? answer[Stream.Length..] : answer;
        if (words == "OK")
            return new ScanReport(services.Instance, Verdict.Unknown, [], $"{version}: no signature matches");
        if (words.EndsWith(" FOUND", StringComparison.Ordinal))
        {
            var signature = words[..^" FOUND".Length];
            return new ScanReport(services.Instance, VerdictOf(signature), [signature], $"{version}: {words}");
        }
        if (words.Contains("size limit exceeded", StringComparison.OrdinalIgnoreCase))
            throw TooLarge($"{client.Where}: {answer.TrimEnd('.')}. Raise its StreamMaxLength, or lower maxBytes to what it takes.");
        if (words.EndsWith("ERROR", StringComparison.Ordinal))
            throw ConnectorFailure.Transient($"{client.Where} could not scan: {answer}", reason: "clamd");
        throw ConnectorFailure.Transient($"{client.Where} answered what no clamd answers: '{(answer.Length > 200 ? answer[..200] : answer)}'. Is this its port?", reason: "garbage");
    }

    /// <summary>Heuristics and unwanted programs are a reason to look, not a proof; a file over clamd's limits was not looked at as a whole.</summary>
    internal static Verdict VerdictOf(string signature) => signature switch
    {
        _ when signature.StartsWith("Heuristics.Limits.Exceeded", StringComparison.Ordinal) => Verdict.Unknown,
        _ when signature.StartsWith("Heuristics.", StringComparison.Ordinal) || signature.StartsWith("PUA.", StringComparison.Ordinal) => Verdict.Suspicious,
        _ => Verdict.Malicious,
    };

    private static ConnectorFailure TooLarge(string message) => ConnectorFailure.Permanent(message, reason: "too-large");
}

/// <summary>Refuses what is too large; knows no signature.</summary>
internal sealed class ClamdSimulator(ClamdSettings settings, string instance) : IScanner
{
    public Task<ScanReport> ScanAsync(Artifact artifact, ActionContext context, CancellationToken cancellation)
    {
        ClamdConnector.Allowed(settings, artifact);
        return Task.FromResult(new ScanReport(instance, Verdict.Unknown, [], "simulated"));
    }
}
