using System.Text;
using System.Text.Json;

namespace Soar.Connectors.Alerts;

/// <summary>
/// What a setting of a mapping says: a place (<c>$.rule.name</c>), or a text, in which <c>{$.host}</c> stands for the value at that place. A text with a hole for which there is nothing gives nothing:
/// half a sentence is no value.
/// </summary>
public sealed class MappedText
{
    private readonly IReadOnlyList<(string Text, JsonPath? Path)> parts;

    private MappedText(IReadOnlyList<(string, JsonPath?)> parts) => this.parts = parts;

    /// <summary>Null with a problem when it cannot be read.</summary>
    public static MappedText? Parse(string text, out string? problem)
    {
        var read = new List<(string, JsonPath?)>();
        problem = null;
        if (text.StartsWith('$'))
        {
            read.Add(("", JsonPath.Parse(text, out problem)));
            return problem is null ? new MappedText(read) : null;
        }
        for (var at = 0; at < text.Length && problem is null;)
        {
            var hole = text.IndexOf("{$", at, StringComparison.Ordinal);
            if (hole < 0)
            {
                read.Add((text[at..], null));
                break;
            }
            var end = text.IndexOf('}', hole);
            if (hole > at)
                read.Add((text[at..hole], null));
            if (end < 0)
                problem = $"has no '}}' for the '{{' at character {hole + 1}";
            else
                read.Add(("", JsonPath.Parse(text[(hole + 1)..end], out problem)));
            at = end + 1;
        }
        return problem is null ? new MappedText(read) : null;
    }

    /// <summary>One text; null when there is none, or an empty one.</summary>
    public string? Of(JsonElement root)
    {
        var text = new StringBuilder();
        foreach (var (words, path) in parts)
        {
            if (path is null)
                text.Append(words);
            else if (path.Find(root).Select(Scalar).FirstOrDefault(value => value is not null) is { } value)
                text.Append(value);
            else
                return null;
        }
        var all = text.ToString().Trim();
        return all.Length == 0 ? null : all;
    }

    /// <summary>What is at a place as it is there, list and object too; a text where the setting is one. Null when there is nothing, or it is null or empty.</summary>
    public JsonElement? ValueOf(JsonElement root)
    {
        if (parts is [(_, { } path)] && path.Find(root).FirstOrDefault() is { ValueKind: JsonValueKind.Array or JsonValueKind.Object or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False } value)
            return value.Clone();
        return Of(root) is { } text ? JsonSerializer.SerializeToElement(text) : null;
    }

    /// <summary>Every value at a place, where the setting is one.</summary>
    public IEnumerable<string> AllOf(JsonElement root) => parts is [(_, { } path)]
        ? path.Find(root).SelectMany(value => value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(Scalar) : [Scalar(value)]).OfType<string>().Where(value => value.Length > 0)
        : Of(root) is { } one ? [one] : [];

    private static string? Scalar(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!.Trim() is { Length: > 0 } text and not "-" ? text : null,
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => null,
    };
}
