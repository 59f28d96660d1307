using System.Globalization;
using System.Text.Json;

namespace Soar.Connectors.Alerts;

/// <summary>
/// A place in a JSON value, in the plain part of JSONPath (RFC 9535): <c>$</c>, <c>.name</c>, <c>['name']</c>, <c>[0]</c>, <c>[-1]</c>, <c>[*]</c>. No filters and no expressions: settings name
/// places, they do not compute.
/// </summary>
internal sealed class JsonPath
{
    private readonly IReadOnlyList<Segment> segments;

    private JsonPath(IReadOnlyList<Segment> segments) => this.segments = segments;

    private readonly record struct Segment(string? Name, int? Index);

    /// <summary>Null with a problem when it is none.</summary>
    public static JsonPath? Parse(string text, out string? problem)
    {
        var read = new List<Segment>();
        problem = text.StartsWith('$') ? null : "does not begin with $";
        for (var at = 1; at < text.Length && problem is null;)
        {
            if (text[at] == '.')
            {
                var end = text.AsSpan(at + 1).IndexOfAny('.', '[');
                end = end < 0 ? text.Length : at + 1 + end;
                if (end == at + 1) problem = $"has no name after the '.' at character {at + 1}";
                else read.Add(text[(at + 1)..end] == "*" ? default : new Segment(text[(at + 1)..end], null));
                at = end;
            }
            else if (text[at] == '[')
            {
                // A quoted name may hold a bracket.
                var quote = at + 1 < text.Length && text[at + 1] is '\'' or '"' ? text[at + 1] : '\0';
                var end = quote == '\0' ? text.IndexOf(']', at) : text.IndexOf($"{quote}]", at + 2, StringComparison.Ordinal) + 1;
                var inside = end > at ? text[(at + 1)..end] : "";
                if (end <= at) problem = $"has no closing bracket for the one at character {at + 1}";
                else if (quote != '\0') read.Add(new Segment(inside[1..^1], null));
                else if (inside == "*") read.Add(default);
                else if (int.TryParse(inside, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index)) read.Add(new Segment(null, index));
                else problem = $"has [{inside}] in it: only a number, * or a quoted name may stand in brackets";
                at = end + 1;
            }
            else
            {
                problem = $"has '{text[at]}' at character {at + 1} where '.' or '[' must stand";
            }
        }
        return problem is null ? new JsonPath(read) : null;
    }

    /// <summary>Every value there; none where the way ends early.</summary>
    public IEnumerable<JsonElement> Find(JsonElement root) => Find(root, 0);

    private IEnumerable<JsonElement> Find(JsonElement value, int from)
    {
        if (from == segments.Count)
            return [value];
        var (name, index) = segments[from];
        return (name, index, value.ValueKind) switch
        {
            ({ } wanted, _, JsonValueKind.Object) => value.TryGetProperty(wanted, out var found) ? Find(found, from + 1) : [],
            (_, { } wanted, JsonValueKind.Array) => (wanted < 0 ? wanted + value.GetArrayLength() : wanted) is var i && i >= 0 && i < value.GetArrayLength() ? Find(value[i], from + 1) : [],
            (null, null, JsonValueKind.Array) => value.EnumerateArray().SelectMany(item => Find(item, from + 1)),
            (null, null, JsonValueKind.Object) => value.EnumerateObject().SelectMany(property => Find(property.Value, from + 1)),
            _ => [],
        };
    }
}
