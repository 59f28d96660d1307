using System.Globalization;
using System.Text.Json;
using Soar.Alerts;
using Soar.Connectors.Alerts;

namespace Soar.Connectors.Alertmanager;

/// <summary>
/// A message of Alertmanager's webhook, version 4 (<see href="https://prometheus.io/docs/alerting/latest/configuration/#webhook_config"/>). An alert is what its fingerprint and the time at which it began
/// name: a message that repeats it, or says that it is over, is about the same alert.
/// </summary>
internal sealed class AlertmanagerMessage(AlertmanagerSettings settings)
{
    private readonly Dictionary<string, int> severities = new(
        new Dictionary<string, int> { ["critical"] = 90, ["error"] = 70, ["high"] = 70, ["warning"] = 50, ["medium"] = 50, ["low"] = 30, ["info"] = 10 }.Where(known => !settings.Severities.Keys.Contains(known.Key, StringComparer.OrdinalIgnoreCase)).Concat(settings.Severities),
        StringComparer.OrdinalIgnoreCase);

    public void Read(Posted posted, Hearing hearing)
    {
        using var json = AlertJson.Parse(posted.Body);
        var root = json.RootElement;
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("alerts", out var alerts) || alerts.ValueKind != JsonValueKind.Array)
        {
            hearing.Unreadable(posted.Body, "It is JSON, but no message of Alertmanager's webhook: it has no list 'alerts'.");
            return;
        }
        foreach (var alert in alerts.EnumerateArray())
            Read(alert, hearing);
        if (root.TryGetProperty("truncatedAlerts", out var left) && left.ValueKind == JsonValueKind.Number && left.TryGetInt64(out var count) && count > 0)
            hearing.Unreadable(posted.Body, $"Alertmanager left {count} alerts out of this message. Set max_alerts: 0 at its webhook.");
    }

    private void Read(JsonElement json, Hearing hearing)
    {
        if (json.ValueKind != JsonValueKind.Object || Text(json, "fingerprint") is not { } fingerprint || Time(json, "startsAt") is not { } began)
        {
            hearing.Unreadable(json.GetRawText(), "An alert of Alertmanager's has a fingerprint and a time startsAt.");
            return;
        }
        var name = Label(json, "alertname");
        var alert = new Alert
        {
            Id = $"{fingerprint}/{began.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)}",
            Detector = "alertmanager",
            Title = Annotation(json, "summary") ?? Annotation(json, "title") ?? Annotation(json, "description") ?? name ?? "(no alertname)",
            RuleId = name,
            Category = Label(json, settings.CategoryLabel)?.ToLowerInvariant() ?? settings.Category,
            Severity = Label(json, settings.SeverityLabel) is { } word ? severities.GetValueOrDefault(word) : 0,
            Time = began,
            Destination = Label(json, "instance") is { } instance ? Side(instance) : null,
            Observables = [.. Texts(json).SelectMany(ObservableText.Find).Distinct()],
            Payload = json.Clone(),
        };
        hearing.Alert(alert, Text(json, "status") == "resolved" ? Time(json, "endsAt") ?? began : null);
    }

    // "web1:9100", "[2001:db8::1]:9100", "192.0.2.7"
    private static Endpoint Side(string instance)
    {
        var colon = instance.LastIndexOf(':');
        var port = colon > 0 && (instance.IndexOf(':') == colon || instance[colon - 1] == ']') && int.TryParse(instance.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 65_535 ? number : (int?)null;
        var host = (port is null ? instance : instance[..colon]).Trim('[', ']');
        return IpAddress.TryParse(host, null, out var address) ? new Endpoint(address, port) : new Endpoint(null, port, host);
    }

    private static IEnumerable<string> Texts(JsonElement json) => new[] { "labels", "annotations" }
        .Where(part => json.TryGetProperty(part, out var map) && map.ValueKind == JsonValueKind.Object)
        .SelectMany(part => json.GetProperty(part).EnumerateObject()).Where(property => property.Value.ValueKind == JsonValueKind.String && property.Name != "instance").Select(property => property.Value.GetString()!);

    private static string? Label(JsonElement json, string name) => json.TryGetProperty("labels", out var labels) && labels.ValueKind == JsonValueKind.Object ? Text(labels, name) : null;

    private static string? Annotation(JsonElement json, string name) => json.TryGetProperty("annotations", out var annotations) && annotations.ValueKind == JsonValueKind.Object ? Text(annotations, name) : null;

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { } text && !string.IsNullOrWhiteSpace(text) ? text : null;

    // "0001-01-01T00:00:00Z" is Go's word for no time.
    private static DateTimeOffset? Time(JsonElement json, string name) => Text(json, name) is { } text && AlertMap.ReadTime(text) is { Year: > 1 } time ? time : null;
}
