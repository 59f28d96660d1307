using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Soar.Capabilities;
using Soar.Server.Settings;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Soar.Server.Testing;

/// <summary>
/// Turns YAML into JSON. Where a type is known it decides what a scalar means (<c>12h</c> is a duration, <c>1</c> may be a text), unknown and missing fields are problems
/// with their line, and the value is proven to be one of that type.
/// </summary>
internal sealed class YamlJson(string file)
{
    private static readonly JsonSerializerOptions Options = SoarJson.Options;

    public List<string> Problems { get; } = [];

    /// <summary>The node as JSON of this type (null: whatever it looks like). Null when there is a problem.</summary>
    public JsonElement? Read(YamlNode node, Type? type, string where)
    {
        var before = Problems.Count;
        var json = Convert(node, type, where);
        if (Problems.Count > before) return null;
        var element = JsonSerializer.SerializeToElement(json, Options);
        if (type is null) return element;
        try
        {
            // Once through the type, so that what is left out has its default.
            return JsonSerializer.SerializeToElement(element.Deserialize(type, Options), type, Options);
        }
        catch (Exception problem) when (problem is JsonException or FormatException or ArgumentException or SoarException or NotSupportedException)
        {
            Problem(node, where, $"is no {NameOf(type)}: {problem.Message}");
            return null;
        }
    }

    private JsonNode? Convert(YamlNode node, Type? type, string where)
    {
        if (type is not null) type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(JsonElement) || type == typeof(object)) type = null;
        if (node is YamlScalarNode scalar) return Scalar(scalar, type, where);
        var info = type is null ? null : Options.GetTypeInfo(type);
        switch (node)
        {
            case YamlSequenceNode sequence when info is null or { Kind: JsonTypeInfoKind.Enumerable }:
                return new JsonArray([.. sequence.Children.Select((child, i) => Convert(child, info?.ElementType, $"{where}[{i}]"))]);
            case YamlMappingNode map when info is null or { Kind: JsonTypeInfoKind.Dictionary }:
                var plain = new JsonObject();
                foreach (var (key, value) in map.Children) plain[Key(key)] = Convert(value, info?.ElementType, $"{where}.{Key(key)}");
                return plain;
            case YamlMappingNode map when info.Kind == JsonTypeInfoKind.Object:
                return Object(map, info, where);
            default:
                Problem(node, where, $"is {(node is YamlMappingNode ? "a mapping" : "a list")} where a {NameOf(type!)} is expected.");
                return null;
        }
    }

    private JsonObject Object(YamlMappingNode map, JsonTypeInfo info, string where)
    {
        var result = new JsonObject();
        foreach (var (keyNode, value) in map.Children)
        {
            var key = Key(keyNode);
            if (info.Properties.FirstOrDefault(p => p.Name == key) is { } property) result[key] = Convert(value, property.PropertyType, $"{where}.{key}");
            else Problem(keyNode, $"{where}.{key}", $"is no field of {NameOf(info.Type)}.{YamlBinder.Suggest(key, info.Properties.Select(p => p.Name))}");
        }

        foreach (var property in info.Properties.Where(p => !result.ContainsKey(p.Name)))
        {
            if (property.IsRequired || property.AssociatedParameter is { HasDefaultValue: false, IsNullable: false })
                Problem(map, $"{where}.{property.Name}", $"is missing: a {NameOf(info.Type)} has one.");
        }

        return result;
    }

    private JsonNode? Scalar(YamlScalarNode node, Type? type, string where)
    {
        var text = node.Value ?? "";
        var quoted = node.Style is ScalarStyle.SingleQuoted or ScalarStyle.DoubleQuoted or ScalarStyle.Literal or ScalarStyle.Folded;
        if (!quoted && text is "" or "~" or "null") return null;
        if (type == typeof(TimeSpan))
        {
            if (DurationText.TryParse(text, out var duration)) return JsonValue.Create(duration.ToString("c", CultureInfo.InvariantCulture));
            Problem(node, where, $"is '{text}' but must be a duration such as 30s, 5m or 24h.");
            return null;
        }

        if (type is { IsEnum: true } && !Enum.GetNames(type).Contains(text, StringComparer.OrdinalIgnoreCase))
        {
            Problem(node, where, $"is '{text}' but must be one of {string.Join(", ", Enum.GetNames(type))}.");
            return null;
        }

        var number = type is null ? !quoted : type == typeof(int) || type == typeof(long) || type == typeof(double) || type == typeof(decimal);
        if (number && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)) return JsonValue.Create(whole);
        if (number && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real)) return JsonValue.Create(real);
        if ((type is null ? !quoted : type == typeof(bool)) && text is "true" or "false") return JsonValue.Create(text == "true");
        return JsonValue.Create(text);
    }

    private void Problem(YamlNode node, string where, string what) => Problems.Add($"{file}:{node.Start.Line}: {where} {what}");

    private static string Key(YamlNode node) => (node as YamlScalarNode)?.Value ?? node.ToString();

    private static string NameOf(Type type) => type.IsGenericType ? $"{type.Name.Split('`')[0]} of {NameOf(type.GetGenericArguments()[^1])}" : type.Name;
}
