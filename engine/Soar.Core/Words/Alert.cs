using System.Text.Json;

namespace Soar;

/// <summary>
/// Something a detector said. Names follow OCSF/ECS where they exist. Immutable; a run journals the snapshot it started with.
/// </summary>
public sealed record Alert
{
    /// <summary>The detector's own id of this alert; with <see cref="Detector"/> it makes intake idempotent.</summary>
    public required string Id { get; init; }

    /// <summary>Which detector said it, for example <c>suricata</c>.</summary>
    public required string Detector { get; init; }

    /// <summary>The rule that fired: its text.</summary>
    public required string Title { get; init; }

    /// <summary>The rule's id at the detector, for example <c>1:2019284</c>.</summary>
    public string? RuleId { get; init; }

    /// <summary>Normalised category: <c>intrusion</c>, <c>recon</c>, <c>malware</c>, <c>phishing</c>, <c>threat</c>, <c>policy</c>, <c>other</c>.</summary>
    public required string Category { get; init; }

    /// <summary>0–100, 0 = unset.</summary>
    public int Severity { get; init; }

    /// <summary>When it happened, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Who did it, as far as the detector knows.</summary>
    public Endpoint? Source { get; init; }

    /// <summary>To whom.</summary>
    public Endpoint? Destination { get; init; }

    /// <summary>Facts seen, beyond source and destination.</summary>
    public IReadOnlyList<Observable> Observables { get; init; } = [];

    /// <summary>The raw message as an artifact, where the detector gave one (a reported mail).</summary>
    public Artifact? Raw { get; init; }

    /// <summary>How far it may travel, where its detector says so; the run that it starts keeps to it.</summary>
    public Tlp? Tlp { get; init; }

    /// <summary>The detector's own JSON, kept whole.</summary>
    public JsonElement? Payload { get; init; }
}

/// <summary>One side of a connection.</summary>
public sealed record Endpoint(IpAddress? Ip = null, int? Port = null, string? Host = null, string? User = null);

/// <summary>A fact seen: <paramref name="Type"/> is <c>ip</c>, <c>domain</c>, <c>url</c>, <c>email</c>, <c>sha256</c>, <c>sha1</c>, <c>md5</c>, <c>file</c>.</summary>
public sealed record Observable(string Type, string Value);

/// <summary>
/// Bytes kept once under their hash. Playbooks hold this handle; the bytes stay in the store and travel to connectors only.
/// </summary>
/// <param name="Sha256">64 lower-case hex digits.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Name">A file name for people, never used as a path.</param>
/// <param name="MediaType">Claimed media type, for example <c>message/rfc822</c>.</param>
public sealed record Artifact(string Sha256, long Size, string Name, string MediaType);
