using System.Text.Json;
using System.Text.Json.Nodes;

namespace Soar.Server.Tests.Fuzz;

/// <summary>Values that a schema allows, with what is at the edge of it among them; the same seed gives the same.</summary>
/// <param name="schemas">The document's components.</param>
/// <param name="known">What there is on this server, by the name of the field or <c>resource.parameter</c>.</param>
internal sealed class OddValues(JsonElement schemas, Random random, IReadOnlyDictionary<string, string[]> known)
{
    /// <summary>Stands for half of a surrogate pair, which no .NET text of ours should hold.</summary>
    public const string Lone = "@lone@";

    private const int DeepestPlausible = 5;

    private static readonly string[] Texts =
    [
        "", " ", "a", "\0", "null", "0", "-1", "true", "NaN", "'; DROP TABLE runs;--", "../../../etc/passwd", "..%2f..%2f", "C:\\aux", "/dev/null", "<script>alert(1)</script>", "{Name}", "{{7*7}}", "$(id)", "%s%n", "a\r\nSet-Cookie: x=y",
        "\u202Etxt.exe", "\uFEFF", "ѓѕјљњќџ", "e\u0301\u0301\u0301", "💣", "ﷺ", "İıſß", Lone, "(((((((((((a*)*)*)*", "*", "%", "_", "-", ".", "..", "1.0.0", "viewer", "2026-13-45", "99999999999999999999", "1e999", "00000000-0000-0000-0000-000000000000", "a b", "a/b", "a?b#c", "&x=1", "\t", "\u0007\u001b[2J",
    ];

    private static readonly string[] Times = ["2026-12-01T12:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1969-12-31T23:59:59Z", "2026-12-01", "2026-12-01T12:00:00", "2016-12-31T23:59:60Z"];

    private static readonly string[] Numbers = ["0", "1", "2", "7", "-1", "50", "100", "500", "501", "2147483647", "-2147483648", "2147483648", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "1.5", "-0", "1e3", "1e400"];

    /// <param name="name">The field's name, by which what is known is found.</param>
    public JsonNode? Of(JsonElement schema, string name, int depth = 0)
    {
        if (schema.TryGetProperty("$ref", out var to)) return Of(schemas.GetProperty(to.GetString()!.Split('/')[^1]), name, depth);
        if (schema.TryGetProperty("oneOf", out var ways)) return Of(Pick(ways.EnumerateArray().ToList()), name, depth);
        if (schema.TryGetProperty("enum", out var words)) return JsonNode.Parse(Pick(words.EnumerateArray().ToList()).GetRawText());
        if (!schema.TryGetProperty("type", out var type)) return Anything(depth);
        return (type.ValueKind == JsonValueKind.Array ? Pick(type.EnumerateArray().ToList()) : type).GetString() switch
        {
            "null" => null,
            "boolean" => random.Next(2) == 0,
            "integer" or "number" => Number(name),
            "array" => Array(schema, name, depth),
            "object" => Object(schema, depth),
            _ => Text(name, schema.TryGetProperty("format", out var format) ? format.GetString() : null),
        };
    }

    /// <summary>A text for a field of this name.</summary>
    public string Text(string name, string? format = null)
    {
        if (known.TryGetValue(name, out var there) && random.Next(4) > 0) return Pick(there);
        if (random.Next(20) == 0) return string.Concat(Enumerable.Repeat(Pick(Texts), random.Next(1, 4_000)));
        return format switch
        {
            "date-time" when random.Next(8) > 0 => Pick(Times),
            "uuid" when random.Next(4) > 0 => new Guid(Enumerable.Range(0, 16).Select(_ => (byte)random.Next(256)).ToArray()).ToString(),
            "int32" or "int64" => Pick(Numbers),
            _ => Pick(Texts),
        };
    }

    /// <summary>A number as it is written, inside and outside of what a field takes.</summary>
    public JsonNode Number(string name = "") => known.TryGetValue(name, out var there) && there.All(text => int.TryParse(text, out _)) && random.Next(2) == 0 ? JsonNode.Parse(Pick(there))! : JsonNode.Parse(random.Next(3) == 0 ? Pick(Numbers) : random.Next(0, 20).ToString(System.Globalization.CultureInfo.InvariantCulture))!;

    /// <summary>Any JSON.</summary>
    public JsonNode? Anything(int depth) => random.Next(depth > DeepestPlausible ? 4 : 6) switch
    {
        0 => null,
        1 => random.Next(2) == 0,
        2 => Number(),
        3 => Pick(Texts),
        4 => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Anything(depth + 1))]),
        _ => new JsonObject(Enumerable.Range(0, random.Next(4)).Select(i => KeyValuePair.Create($"f{i}", Anything(depth + 1)))),
    };

    public T Pick<T>(IReadOnlyList<T> of) => of[random.Next(of.Count)];

    private JsonArray Array(JsonElement schema, string name, int depth)
    {
        var items = schema.TryGetProperty("items", out var each) ? each : default;
        return new JsonArray([.. Enumerable.Range(0, depth > DeepestPlausible ? 0 : random.Next(4)).Select(_ => random.Next(20) == 0 ? null : items.ValueKind == JsonValueKind.Object ? Of(items, name, depth + 1) : Anything(depth + 1))]);
    }

    private JsonObject Object(JsonElement schema, int depth)
    {
        var made = new JsonObject();
        if (!schema.TryGetProperty("properties", out var fields)) return Anything(depth + 1) as JsonObject ?? made;
        var required = schema.TryGetProperty("required", out var must) ? must.EnumerateArray().Select(one => one.GetString()).ToHashSet() : [];
        foreach (var field in fields.EnumerateObject())
            if (required.Contains(field.Name) || (depth <= DeepestPlausible && random.Next(2) == 0)) made[field.Name] = Of(field.Value, field.Name, depth + 1);
        return made;
    }
}
