using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Soar.Connectors.CrowdSec;

/// <summary>A decision as the local API tells it: what bouncers enforce.</summary>
internal sealed record CrowdSecDecision
{
    public required long Id { get; init; }
    public required string Value { get; init; }
    public required string Scope { get; init; }
    public required string Type { get; init; }
    public required string Scenario { get; init; }
    public required string Duration { get; init; }
    public string Origin { get; init; } = "";

    /// <summary>Made by Soar. The scenario carries the key of the effect.</summary>
    public bool IsSoars => Origin == CrowdSecAlert.Origin && Scenario.StartsWith(CrowdSecAlert.Prefix, StringComparison.Ordinal);

    public TimeSpan Left => GoDuration.Parse(Duration);
}

/// <summary>An alert as the local API tells it.</summary>
internal sealed record CrowdSecAlert
{
    public const string Origin = "soar";
    public const string Prefix = "soar/";
    public const string Submission = Prefix + "submission";
    public const string Sighting = Prefix + "sighting";

    public required long Id { get; init; }
    public required string Scenario { get; init; }
    public string Message { get; init; } = "";

    [JsonPropertyName("scenario_hash")]
    public string ScenarioHash { get; init; } = "";

    [JsonPropertyName("machine_id")]
    public string MachineId { get; init; } = "";

    [JsonPropertyName("start_at")]
    public string StartAt { get; init; } = "";

    [JsonPropertyName("created_at")]
    public string CreatedAt { get; init; } = "";

    /// <summary>"2026-11-24 16:32:53 +0000 UTC" as Go prints times, or RFC 3339.</summary>
    public DateTimeOffset At => Time(StartAt) ?? Time(CreatedAt) ?? throw new FormatException($"alert {Id} has no time");

    /// <summary>What the API takes for a new alert; nothing in it is optional. <c>remediation</c> is false: the profiles that CrowdSec ships then decide nothing of their own.</summary>
    public static object New(string scenario, string key, string message, DateTimeOffset at, Observable observable, IReadOnlyList<object> decisions)
    {
        var time = at.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return new Dictionary<string, object>
        {
            ["scenario"] = scenario, ["scenario_hash"] = key, ["scenario_version"] = "", ["message"] = message, ["events_count"] = 1, ["start_at"] = time, ["stop_at"] = time, ["capacity"] = 0, ["leakspeed"] = "0",
            ["simulated"] = false, ["remediation"] = false, ["events"] = Array.Empty<object>(), ["source"] = Source(observable), ["decisions"] = decisions,
        };
    }

    public static object Ban(string scenario, IpAddress address, long seconds) =>
        new { duration = $"{seconds.ToString(CultureInfo.InvariantCulture)}s", scenario, scope = ScopeOf(address), type = "ban", value = address.ToString(), origin = Origin };

    public static string ScopeOf(IpAddress address) => address.IsNetwork ? "Range" : "Ip";

    /// <summary>Scope and value, as both decisions and alerts are asked for.</summary>
    public static (string Scope, string Value) Where(Observable observable) =>
        (observable.Type == "ip" ? ScopeOf(IpAddress.Parse(observable.Value)) : observable.Type, observable.Value);

    private static Dictionary<string, string> Source(Observable observable)
    {
        var (scope, value) = Where(observable);
        var source = new Dictionary<string, string> { ["scope"] = scope, ["value"] = value };
        if (observable.Type == "ip")
            source[scope == "Ip" ? "ip" : "range"] = value;
        return source;
    }

    private static DateTimeOffset? Time(string text) =>
        DateTimeOffset.TryParse(text.Replace(" UTC", "", StringComparison.Ordinal), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}

/// <summary>Durations as Go prints them: <c>1h59m59.65s</c>, <c>-3m</c>.</summary>
internal static class GoDuration
{
    private static readonly (string Unit, double Seconds)[] Units = [("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("h", 3600), ("m", 60), ("s", 1)];

    public static TimeSpan Parse(string text)
    {
        var rest = text.AsSpan().TrimStart('-');
        double seconds = 0;
        if (rest.Length == 0)
            throw new FormatException("an empty duration");
        while (rest.Length > 0)
        {
            var length = rest.IndexOfAnyExcept("0123456789.");
            if (length <= 0 || !double.TryParse(rest[..length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                throw new FormatException($"'{text}' is no duration");
            rest = rest[length..];
            var found = false;
            foreach (var (unit, each) in Units)
            {
                if (!rest.StartsWith(unit, StringComparison.Ordinal))
                    continue;
                seconds += number * each;
                rest = rest[unit.Length..];
                found = true;
                break;
            }
            if (!found)
                throw new FormatException($"'{text}' is no duration");
        }
        return TimeSpan.FromSeconds(text.StartsWith('-') ? -seconds : seconds);
    }
}
