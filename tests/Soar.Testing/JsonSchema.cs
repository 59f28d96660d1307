using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Soar.Testing;

/// <summary>
/// Validates JSON against published schemas in a folder (JSON Schema 2020-12, as much of it as they use). A word that it does not know is an error of the test, never ignored; formats are
/// checked where a schema demands them, and tell nothing inside <c>if</c>, as the standard has it.
/// </summary>
public sealed class JsonSchema
{
    private static readonly HashSet<string> Notes = ["$schema", "$id", "$comment", "title", "description", "examples", "default", "contentEncoding", "$defs", "x-recommended", "deprecated"];
    private readonly ConcurrentDictionary<string, JsonElement> files = new();

    /// <summary>What is wrong, each with where; empty when the document fits.</summary>
    public IReadOnlyList<string> Problems(string file, JsonElement document)
    {
        var problems = new List<string>();
        Check(Load(file), file, document, "$", problems, formats: true);
        return problems;
    }

    private JsonElement Load(string file) => files.GetOrAdd(Path.GetFullPath(file), path => JsonDocument.Parse(File.ReadAllText(path)).RootElement);

    private bool Fits(JsonElement schema, string file, JsonElement value, bool formats)
    {
        var problems = new List<string>();
        Check(schema, file, value, "", problems, formats);
        return problems.Count == 0;
    }

    private void Check(JsonElement schema, string file, JsonElement value, string where, List<string> problems, bool formats)
    {
        if (schema.ValueKind == JsonValueKind.False) problems.Add($"{where} may not be there");
        if (schema.ValueKind != JsonValueKind.Object) return;
        foreach (var word in schema.EnumerateObject())
        {
            var rule = word.Value;
            void Wrong(bool wrong, string what)
            {
                if (wrong) problems.Add($"{where}: {what}");
            }

            switch (word.Name)
            {
                case "$ref":
                    var (target, inFile) = Refer(rule.GetString()!, file);
                    Check(target, inFile, value, where, problems, formats);
                    break;
                case "type":
                    Wrong(!(rule.ValueKind == JsonValueKind.Array ? rule.EnumerateArray().ToArray() : [rule]).Any(type => Is(type.GetString()!, value)), $"is no {rule}");
                    break;
                case "const":
                    Wrong(!JsonElement.DeepEquals(rule, value), $"is not {rule}");
                    break;
                case "enum":
                    Wrong(!rule.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)), $"'{value}' is none of {rule}");
                    break;
                case "allOf":
                    foreach (var all in rule.EnumerateArray()) Check(all, file, value, where, problems, formats);
                    break;
                case "anyOf":
                    Wrong(!rule.EnumerateArray().Any(one => Fits(one, file, value, formats)), "fits none of anyOf");
                    break;
                case "oneOf":
                    Wrong(rule.EnumerateArray().Count(one => Fits(one, file, value, formats)) != 1, "does not fit exactly one of oneOf");
                    break;
                case "not":
                    Wrong(Fits(rule, file, value, formats), "fits what it must not");
                    break;
                case "if":
                    var branch = Fits(rule, file, value, formats: false) ? "then" : "else";
                    if (schema.TryGetProperty(branch, out var next)) Check(next, file, value, where, problems, formats);
                    break;
                case "then" or "else":
                    break;
                case "required" when value.ValueKind == JsonValueKind.Object:
                    foreach (var name in rule.EnumerateArray()) Wrong(!value.TryGetProperty(name.GetString()!, out _), $"lacks {name}");
                    break;
                case "properties" when value.ValueKind == JsonValueKind.Object:
                    foreach (var property in rule.EnumerateObject())
                        if (value.TryGetProperty(property.Name, out var member)) Check(property.Value, file, member, $"{where}.{property.Name}", problems, formats);
                    break;
                case "additionalProperties" when value.ValueKind == JsonValueKind.Object:
                    foreach (var member in value.EnumerateObject().Where(member => !(schema.TryGetProperty("properties", out var known) && known.TryGetProperty(member.Name, out _))))
                        Check(rule, file, member.Value, $"{where}.{member.Name}", problems, formats);
                    break;
                case "items" when value.ValueKind == JsonValueKind.Array:
                    foreach (var (item, index) in value.EnumerateArray().Select((item, index) => (item, index))) Check(rule, file, item, $"{where}[{index}]", problems, formats);
                    break;
                case "minItems" or "maxItems" when value.ValueKind == JsonValueKind.Array:
                    Wrong(word.Name == "minItems" ? value.GetArrayLength() < rule.GetInt32() : value.GetArrayLength() > rule.GetInt32(), $"has {value.GetArrayLength()} items");
                    break;
                case "uniqueItems" when value.ValueKind == JsonValueKind.Array && rule.GetBoolean():
                    Wrong(value.EnumerateArray().Select(item => item.GetRawText()).Distinct().Count() != value.GetArrayLength(), "has an item twice");
                    break;
                case "pattern" when value.ValueKind == JsonValueKind.String:
                    Wrong(!Matches(value.GetString()!, rule.GetString()!), $"'{value}' does not match {rule}");
                    break;
                case "minLength" or "maxLength" when value.ValueKind == JsonValueKind.String:
                    var length = value.GetString()!.EnumerateRunes().Count();
                    Wrong(word.Name == "minLength" ? length < rule.GetInt32() : length > rule.GetInt32(), $"has {length} characters");
                    break;
                case "minimum" or "maximum" when value.ValueKind == JsonValueKind.Number:
                    Wrong(word.Name == "minimum" ? value.GetDouble() < rule.GetDouble() : value.GetDouble() > rule.GetDouble(), $"{value} is out of bounds");
                    break;
                case "format" when value.ValueKind == JsonValueKind.String && formats:
                    Wrong(!HasFormat(rule.GetString()!, value.GetString()!), $"'{value}' is no {rule}");
                    break;
                case "required" or "properties" or "additionalProperties" or "items" or "minItems" or "maxItems" or "uniqueItems" or "pattern" or "minLength" or "maxLength" or "minimum" or "maximum" or "format":
                    break; // says nothing of a value of this kind
                default:
                    if (!Notes.Contains(word.Name)) throw new NotSupportedException($"{file}: this validator does not know '{word.Name}'. Teach it.");
                    break;
            }
        }
    }

    private (JsonElement Schema, string File) Refer(string reference, string file)
    {
        var hash = reference.IndexOf('#');
        var (path, pointer) = hash < 0 ? (reference, "") : (reference[..hash], reference[(hash + 1)..]);
        var inFile = path.Length == 0 ? file : Path.Combine(Path.GetDirectoryName(file)!, path);
        var schema = pointer.Split('/', StringSplitOptions.RemoveEmptyEntries).Aggregate(Load(inFile), (at, name) => at.GetProperty(name));
        return (schema, inFile);
    }

    private static bool Is(string type, JsonElement value) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.GetDouble() % 1 == 0,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        _ => throw new NotSupportedException($"This validator does not know the type '{type}'."),
    };

    private static bool HasFormat(string format, string text) => format switch
    {
        "date-time" => Matches(text, @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$") && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _),
        "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "uuid" => Guid.TryParseExact(text, "D", out _),
        "email" => Soar.EmailAddress.TryParse(text, null, out _),
        "hostname" => text.Length <= 253 && Matches(text, @"^[A-Za-z0-9]([A-Za-z0-9-]{0,62})(\.[A-Za-z0-9]([A-Za-z0-9-]{0,62}))*$"),
        "ipv4" => text.Count(character => character == '.') == 3 && IPAddress.TryParse(text, out var four) && four.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork,
        "ipv6" => IPAddress.TryParse(text, out var six) && six.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6,
        "uri" => Uri.TryCreate(text, UriKind.Absolute, out _),
        _ => throw new NotSupportedException($"This validator does not know the format '{format}'."),
    };

    private static bool Matches(string text, string pattern) => Regex.IsMatch(text, pattern, RegexOptions.ECMAScript, TimeSpan.FromSeconds(5));
}
