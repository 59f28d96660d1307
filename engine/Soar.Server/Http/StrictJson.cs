using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Soar.Server.Http;

/// <summary>What is no value of any field of ours although the framework takes it: a null within a list, and half a character within JSON that a handler reads for itself.</summary>
internal static class StrictJson
{
    public static void Apply(JsonSerializerOptions options)
    {
        options.Converters.Add(new WholeCharacters());
        options.TypeInfoResolver = (options.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver()).WithAddedModifier(NoNullWithin);
    }

    // Whether an element may be null is not to be seen in its type; here none may.
    private static void NoNullWithin(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Enumerable || type.ElementType is not { IsValueType: false }) return;
        type.OnDeserialized = list =>
        {
            foreach (var item in (IEnumerable)list)
                if (item is null) throw new JsonException(NullWithin);
        };
    }

    /// <summary>What <see cref="Edge.Words"/> knows it by.</summary>
    public const string NullWithin = "The list doesn't allow setting null.";

    /// <summary>An escape such as <c>\ud800</c> without its other half is JSON, and no text: whoever reads it later would throw.</summary>
    private sealed class WholeCharacters : JsonConverter<JsonElement>
    {
        public override JsonElement Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
        {
            var json = JsonElement.ParseValue(ref reader);
            try
            {
                Look(json);
                return json;
            }
            catch (InvalidOperationException half)
            {
                throw new JsonException("A text holds half a character.", half);
            }
        }

        public override void Write(Utf8JsonWriter writer, JsonElement value, JsonSerializerOptions options) => value.WriteTo(writer);

        private static void Look(JsonElement json)
        {
            switch (json.ValueKind)
            {
                case JsonValueKind.String:
                    json.GetString();
                    break;
                case JsonValueKind.Array:
                    foreach (var item in json.EnumerateArray()) Look(item);
                    break;
                case JsonValueKind.Object:
                    foreach (var field in json.EnumerateObject())
                    {
                        _ = field.Name;
                        Look(field.Value);
                    }

                    break;
            }
        }
    }
}
