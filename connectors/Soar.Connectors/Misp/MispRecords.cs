using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Soar.Capabilities;
using Soar.Connectors.Intel;

namespace Soar.Connectors.Misp;

/// <summary>An attribute as restSearch tells it, its sightings within. MISP writes numbers as text.</summary>
internal sealed record MispAttribute
{
    public required string Id { get; init; }
    public required string Type { get; init; }
    public required string Value { get; init; }

    [JsonPropertyName("to_ids")]
    public bool ToIds { get; init; }

    [JsonPropertyName("event_id")]
    public string EventId { get; init; } = "";
    public string Comment { get; init; } = "";

    [JsonPropertyName("Event")]
    public MispEvent? Event { get; init; }

    [JsonPropertyName("Sighting")]
    public IReadOnlyList<MispSighting> Sightings { get; init; } = [];

    /// <summary>Whether it speaks of exactly this observable: MISP takes <c>%</c> in a searched value for a wildcard. Composites (<c>filename|sha256</c>) hold two values.</summary>
    public bool Is(Observable form) => Value.Split('|').Append(Value).Any(part => ObservableForm.Of(form.Type, part) is { } same && same.Value == form.Value);
}

/// <summary>The event that an attribute belongs to, or a new one.</summary>
internal sealed record MispEvent
{
    public string Id { get; init; } = "";
    public string Info { get; init; } = "";
    public string Uuid { get; init; } = "";
}

/// <summary>One sighting.</summary>
internal sealed record MispSighting
{
    public required string Id { get; init; }
    public string Type { get; init; } = "0";
    public string Source { get; init; } = "";

    [JsonPropertyName("date_sighting")]
    public required string DateSighting { get; init; }

    [JsonPropertyName("Organisation")]
    public MispOrganisation? Organisation { get; init; }

    public DateTimeOffset At => DateTimeOffset.FromUnixTimeSeconds(long.Parse(DateSighting, NumberStyles.None, CultureInfo.InvariantCulture));
}

internal sealed record MispOrganisation(string Name = "");

/// <summary>What MISP is told, in the words of its API.</summary>
internal static class MispForm
{
    /// <summary>The same for every attempt of an effect: MISP holds an event of this UUID once.</summary>
    public static string Uuid(IdempotencyKey key, string what)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes($"{key}/{what}"))[..16];
        (bytes[6], bytes[8]) = ((byte)((bytes[6] & 0x0F) | 0x80), (byte)((bytes[8] & 0x3F) | 0x80)); // RFC 9562, version 8
        return new Guid(bytes, bigEndian: true).ToString();
    }

    public static string Source(IdempotencyKey key) => $"soar:{key}";

    public static object Search(Observable form) => new Dictionary<string, object> { ["returnFormat"] = "json", ["value"] = form.Value, ["includeSightings"] = 1, ["limit"] = 200 };

    public static object Event(Observable form, Verdict verdict, string comment, string tlp, MispDistribution distribution, DateTimeOffset now, IdempotencyKey key)
    {
        var (type, category) = form.Type switch
        {
            "ip" => ("ip-src", "Network activity"),
            "domain" => ("domain", "Network activity"),
            "url" => ("url", "Network activity"),
            "email" => ("email-src", "Payload delivery"),
            "file" => ("filename", "Payload delivery"),
            var hash => (hash, "Payload delivery"),
        };
        var attribute = new Dictionary<string, object>
        {
            // "5" is MISP's word for: as the event.
            ["uuid"] = Uuid(key, "attribute"), ["type"] = type, ["category"] = category, ["to_ids"] = verdict == Verdict.Malicious, ["distribution"] = "5", ["comment"] = comment, ["value"] = form.Value,
        };
        return new Dictionary<string, object>
        {
            ["Event"] = new Dictionary<string, object>
            {
                ["uuid"] = Uuid(key, "event"), ["date"] = now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), ["threat_level_id"] = "4", ["info"] = $"Soar: {verdict.ToString().ToLowerInvariant()} {form.Type}",
                ["published"] = false, ["analysis"] = "0", ["distribution"] = ((int)distribution).ToString(CultureInfo.InvariantCulture), ["Attribute"] = new[] { attribute },
                ["Tag"] = new[] { new { name = tlp } },
            },
        };
    }

    public static object Sighting(Observable form, SightingKind kind, DateTimeOffset at, IdempotencyKey key) => new Dictionary<string, object>
    {
        ["values"] = new[] { form.Value }, ["timestamp"] = at.ToUnixTimeSeconds(), ["type"] = kind == SightingKind.Seen ? "0" : "1", ["source"] = Source(key),
    };
}
