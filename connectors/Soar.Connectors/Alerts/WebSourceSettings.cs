using Soar.Connectors.Serving;

namespace Soar.Connectors.Alerts;

/// <summary>A source that others send to by HTTP POST.</summary>
public abstract record WebSourceSettings : ListenSettings
{
    internal const int ShortestSecret = 16;

    [Setting("Path that is posted to. Default: /.")]
    public string Path { get; init; } = "/";

    [Setting("Token that senders give: as Bearer token, or as password of HTTP Basic with any user. At least 16 characters.")]
    public Secret? Token { get; init; }

    [Setting("Largest request in bytes; a larger one is answered with 413. Default: 1048576.")]
    public int MaxBytes { get; init; } = 1 << 20;

    public override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems())
            yield return problem;
        if (!Path.StartsWith('/') || Path.Contains('?') || Path.Contains(' '))
            yield return $"path: '{Path}' is no path; write for example /alerts";
        foreach (var problem in SenderToken.Problems(Token))
            yield return problem;
        if (MaxBytes is < 1_024 or > 64 << 20)
            yield return $"maxBytes: {MaxBytes} is no size for a request; write 1 KiB to 64 MiB";
    }
}
