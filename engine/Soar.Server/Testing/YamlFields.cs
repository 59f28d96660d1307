using System.Globalization;
using Soar.Server.Settings;
using YamlDotNet.RepresentationModel;

namespace Soar.Server.Testing;

/// <summary>Reads fields of YAML mappings; what is wrong is noted with its line.</summary>
internal sealed class YamlFields(string file)
{
    public readonly record struct Entry(string Key, YamlNode Value, int Line);

    public string File { get; } = file;
    public List<string> Problems { get; } = [];

    public void Problem(YamlNode node, string field, string what) => Problems.Add($"{File}:{node.Start.Line}: {field} {what}");

    /// <summary>The node as a mapping that has no other keys than these.</summary>
    public YamlMappingNode? Map(YamlNode node, string what, params string[] known)
    {
        if (node is not YamlMappingNode map)
        {
            Problem(node, what, $"must be a mapping with {string.Join(", ", known)}.");
            return null;
        }

        foreach (var key in map.Children.Keys)
        {
            var name = (key as YamlScalarNode)?.Value ?? "";
            if (!known.Contains(name, StringComparer.Ordinal)) Problem(key, $"'{name}'", $"is not known in {what}.{YamlBinder.Suggest(name, known)}");
        }

        return map;
    }

    public YamlNode? Find(YamlMappingNode map, string key) => map.Children.TryGetValue(new YamlScalarNode(key), out var node) ? node : null;

    public string? Text(YamlMappingNode map, string key)
    {
        if (Find(map, key) is not { } node) return null;
        if (node is YamlScalarNode scalar) return scalar.Value ?? "";
        Problem(node, key, "must be a text.");
        return null;
    }

    public IReadOnlyList<string> Texts(YamlNode node, string what)
    {
        var texts = OneOrMany(node).Select(child => (child as YamlScalarNode)?.Value).ToList();
        if (texts.Contains(null)) Problem(node, what, "must be a text or a list of texts.");
        return [.. texts.OfType<string>()];
    }

    public TimeSpan? Duration(YamlMappingNode map, string key)
    {
        if (Text(map, key) is not { } text) return null;
        if (DurationText.TryParse(text, out var duration)) return duration;
        Problem(Find(map, key)!, key, $"is '{text}' but must be a duration such as 30s, 5m, 24h or 30d.");
        return null;
    }

    public DateTimeOffset? Time(YamlMappingNode map, string key)
    {
        if (Text(map, key) is not { } text) return null;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)) return time.ToUniversalTime();
        Problem(Find(map, key)!, key, $"is '{text}' but must be a time such as 2026-01-01T08:00:00Z.");
        return null;
    }

    public int? Number(YamlMappingNode map, string key)
    {
        if (Text(map, key) is not { } text) return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 100_000) return number;
        Problem(Find(map, key)!, key, $"is '{text}' but must be a whole number up to 100000.");
        return null;
    }

    public bool Flag(YamlMappingNode map, string key)
    {
        if (Text(map, key) is not { } text) return false;
        if (bool.TryParse(text, out var flag)) return flag;
        Problem(Find(map, key)!, key, $"is '{text}' but must be true or false.");
        return false;
    }

    public T? Choice<T>(YamlMappingNode map, string key) where T : struct, Enum
    {
        if (Text(map, key) is not { } text) return null;
        if (Enum.TryParse<T>(text.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var value) && Enum.IsDefined(value)) return value;
        Problem(Find(map, key)!, key, $"is '{text}' but must be one of {string.Join(", ", Enum.GetNames<T>().Select(Kebab))}.");
        return null;
    }

    public IEnumerable<YamlNode> Items(YamlMappingNode map, string key) => Find(map, key) is { } node ? OneOrMany(node) : [];

    public IReadOnlyList<Entry> Named(YamlMappingNode map, string key)
    {
        switch (Find(map, key))
        {
            case null or YamlScalarNode { Value: "" }:
                return [];
            case YamlMappingNode entries:
                return [.. entries.Children.Select(child => new Entry(((YamlScalarNode)child.Key).Value ?? "", child.Value, (int)child.Key.Start.Line))];
            case { } other:
                Problem(other, key, "must be a mapping of names and values.");
                return [];
        }
    }

    public static IReadOnlyList<YamlNode> OneOrMany(YamlNode node) => node is YamlSequenceNode sequence ? [.. sequence.Children] : [node];

    /// <summary>Puts a number where <c>{n}</c> stands.</summary>
    public static string Fill(string text, int n) => text.Replace("{n}", n.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    private static string Kebab(string name) => string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i == 0 ? "" : "-") + char.ToLowerInvariant(c) : c.ToString()));
}
