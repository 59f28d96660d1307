using System.Text.Json;
using Soar.Capabilities;

namespace Soar.Engine;

/// <summary>Checks an input's JSON against the C# type that the playbook's header names. A type of the playbook's own is checked by the playbook.</summary>
internal static class InputTypes
{
    private static readonly Dictionary<string, Type> Known = new(StringComparer.Ordinal)
    {
        ["string"] = typeof(string), ["Text"] = typeof(string), ["bool"] = typeof(bool), ["int"] = typeof(int), ["long"] = typeof(long), ["double"] = typeof(double), ["decimal"] = typeof(decimal),
        ["TimeSpan"] = typeof(TimeSpan), ["DateTimeOffset"] = typeof(DateTimeOffset), ["DateOnly"] = typeof(DateOnly), ["IpAddress"] = typeof(IpAddress),
        ["EmailAddress"] = typeof(EmailAddress), ["DomainName"] = typeof(DomainName), ["Artifact"] = typeof(Artifact), ["Observable"] = typeof(Observable), ["Alert"] = typeof(Alert), ["Tlp"] = typeof(Tlp), ["Verdict"] = typeof(Verdict),
    };

    /// <summary>What is wrong; null when it fits or the type is not ours to judge.</summary>
    public static string? Problem(string type, JsonElement value)
    {
        var name = type.TrimEnd('?');
        if (value.ValueKind == JsonValueKind.Null && type.EndsWith('?')) return null;
        if (Element(name) is { } element)
        {
            return value.ValueKind != JsonValueKind.Array
                ? "it is not a list"
                : value.EnumerateArray().Select((item, i) => Problem(element, item) is { } problem ? $"item {i + 1}: {problem}" : null).FirstOrDefault(p => p is not null);
        }

        if (!Known.TryGetValue(name, out var known)) return null;
        try
        {
            value.Deserialize(known, SoarJson.Options);
            return null;
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException)
        {
            return value.ToString() + " does not fit";
        }
    }

    private static string? Element(string type)
    {
        if (type.EndsWith("[]", StringComparison.Ordinal)) return type[..^2];
        foreach (var list in new[] { "IReadOnlyList<", "IEnumerable<", "List<", "IReadOnlyCollection<" })
        {
            if (type.StartsWith(list, StringComparison.Ordinal) && type.EndsWith('>')) return type[list.Length..^1];
        }

        return null;
    }
}
