namespace Soar.Alerts;

/// <summary>What every alert must have, wherever it comes from.</summary>
public static class AlertCheck
{
    /// <summary>An alert of which every copy (store, journal, playbook) must be held is no place for files.</summary>
    public const int MostBytes = 1 << 20;

    /// <summary>Problems as <c>field: what is wrong</c>; empty when it can be taken.</summary>
    public static IEnumerable<string> Problems(Alert alert)
    {
        // JSON null passes for a required text; an alert without these cannot be told from another.
        foreach (var (field, value) in new[] { ("id", alert.Id), ("detector", alert.Detector), ("title", alert.Title), ("category", alert.Category) })
            if (string.IsNullOrWhiteSpace(value)) yield return $"{field}: is missing";
        if (alert.Severity is < 0 or > 100) yield return $"severity: is {alert.Severity}; it goes from 1 to 100, 0 is unset";
        foreach (var (field, port) in new[] { ("source", alert.Source?.Port), ("destination", alert.Destination?.Port) })
            if (port is < 0 or > 65_535) yield return $"{field}.port: is {port}; ports go from 0 to 65535";
        if (alert.Id?.Length > 500) yield return "id: is longer than 500 characters";
    }
}
