using System.Globalization;
using System.Text.Json;
using Soar.Errors;

namespace Soar.Cases.Alerts;

/// <summary>A place in an alert that rules name: <c>source.ip</c>, <c>observables.domain</c>, <c>payload.alert.signature</c>. What is not there has no value, and then no rule holds by it.</summary>
public sealed class AlertField
{
    private static readonly Dictionary<string, Func<string, Alert, IEnumerable<FieldValue>>> Fields = new(StringComparer.Ordinal)
    {
        ["instance"] = (instance, _) => One("instance", instance),
        ["detector"] = (_, a) => One("detector", a.Detector),
        ["rule"] = (_, a) => One("rule", a.RuleId),
        ["title"] = (_, a) => One("title", a.Title),
        ["category"] = (_, a) => One("category", a.Category),
        ["severity"] = (_, a) => One("severity", a.Severity == 0 ? null : a.Severity.ToString(CultureInfo.InvariantCulture)), // 0 = nobody has said
        ["tlp"] = (_, a) => One("tlp", a.Tlp?.ToString()),
        ["source.ip"] = (_, a) => One("ip", a.Source?.Ip?.ToString()),
        ["source.port"] = (_, a) => One("port", a.Source?.Port?.ToString(CultureInfo.InvariantCulture)),
        ["source.host"] = (_, a) => One("host", a.Source?.Host),
        ["source.user"] = (_, a) => One("user", a.Source?.User),
        ["destination.ip"] = (_, a) => One("ip", a.Destination?.Ip?.ToString()),
        ["destination.port"] = (_, a) => One("port", a.Destination?.Port?.ToString(CultureInfo.InvariantCulture)),
        ["destination.host"] = (_, a) => One("host", a.Destination?.Host),
        ["destination.user"] = (_, a) => One("user", a.Destination?.User),
        ["observables"] = (_, a) => a.Observables.SelectMany(o => One(o.Type, o.Value)),
        ["raw"] = (_, a) => One("sha256", a.Raw?.Sha256),
    };

    private readonly Func<string, Alert, IEnumerable<FieldValue>> read;

    private AlertField(string name, Func<string, Alert, IEnumerable<FieldValue>> read) => (Name, this.read) = (name, read);

    public string Name { get; }

    /// <summary>Whether its values are numbers, which can be compared.</summary>
    public bool IsNumber => Name is "severity" or "source.port" or "destination.port" || Name.StartsWith("payload.", StringComparison.Ordinal);

    /// <param name="problem">Why there is no such field, with the one that is near; null when there is.</param>
    public static AlertField? Find(string name, out string? problem)
    {
        problem = null;
        if (Fields.TryGetValue(name, out var known)) return new AlertField(name, known);
        if (name.StartsWith("observables.", StringComparison.Ordinal) && name["observables.".Length..] is { Length: > 0 } type)
            return new AlertField(name, (_, alert) => alert.Observables.Where(o => o.Type.Equals(type, StringComparison.OrdinalIgnoreCase)).SelectMany(o => One(o.Type, o.Value)));
        if (name.StartsWith("payload.", StringComparison.Ordinal) && name.Split('.')[1..] is var path && path.All(part => part.Length > 0))
            return new AlertField(name, (_, alert) => One(name, alert.Payload is { } payload ? At(payload, path) : null));
        problem = $"is no field of an alert.{(Nearest.To(name, Fields.Keys) is { } near ? $" Did you mean '{near}'?" : "")} There are {string.Join(", ", Fields.Keys)}, observables.<type> and payload.<path>";
        return null;
    }

    /// <param name="instance">The source's name.</param>
    public IEnumerable<FieldValue> Of(string instance, Alert alert) => read(instance, alert);

    private static IEnumerable<FieldValue> One(string kind, string? text) => string.IsNullOrWhiteSpace(text) ? [] : [new FieldValue(kind.ToLowerInvariant(), text)];

    private static string? At(JsonElement json, IEnumerable<string> path)
    {
        foreach (var part in path)
            if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty(part, out json)) return null;
        return json.ValueKind switch { JsonValueKind.String => json.GetString(), JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => json.GetRawText(), _ => null };
    }
}

/// <param name="Kind">What it is, wherever it stands: <c>ip</c>, <c>host</c>, <c>user</c>, an observable's type.</param>
public readonly record struct FieldValue(string Kind, string Text)
{
    /// <summary>The same for the same thing, however it is written.</summary>
    public string Key => $"{Kind}:{Text.Trim().ToLowerInvariant()}";
}
