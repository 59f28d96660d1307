using Soar.Connectors;

namespace Soar.Server.Settings;

/// <summary><c>telemetry:</c> of the settings: to whom <c>soar serve</c> tells what it does.</summary>
internal sealed record TelemetrySettings
{
    [Setting("An OpenTelemetry collector's OTLP/HTTP address, for traces (a span per step) and metrics: http://127.0.0.1:4318. Default: none; GET /metrics is there in any case.")]
    public string? Otlp { get; init; }

    [Setting("A header for the collector: Authorization: Bearer …. Default: none.")]
    public Secret? OtlpHeader { get; init; }

    [Setting("How often metrics are sent to the collector. Default: 60s.")]
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(60);

    public IEnumerable<string> Problems()
    {
        if (Otlp is not null && !(Uri.TryCreate(Otlp, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")) yield return $"otlp: {Otlp} is no http:// or https:// address";
        if (OtlpHeader is { } header && !header.Reveal().Contains(':', StringComparison.Ordinal)) yield return "otlpHeader: has no colon: write name: value";
        if (OtlpHeader is not null && Otlp is null) yield return "otlpHeader: is of no use without otlp";
        if (Every < TimeSpan.FromSeconds(1)) yield return $"every: {Every} is less than a second";
    }
}
