using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Soar.Runs;

namespace Soar.Server.Display;

/// <summary>What the store keeps as JSON text (a question's details, a run's result) is JSON where programs read it, not a text that has to be read a second time.</summary>
internal static class NestedJson
{
    private static readonly Dictionary<Type, string[]> Fields = new()
    {
        [typeof(Question)] = [nameof(Question.Details)],
        [typeof(Answer)] = [nameof(Answer.Value)],
        [typeof(Run)] = [nameof(Run.Result)],
        [typeof(Containment)] = [nameof(Containment.Arguments), nameof(Containment.PriorState), nameof(Containment.Result)],
    };

    public static void Open(JsonTypeInfo type)
    {
        if (!Fields.TryGetValue(type.Type, out var names)) return;
        foreach (var property in type.Properties.Where(p => names.Contains(p.Name, StringComparer.OrdinalIgnoreCase))) property.CustomConverter = new Opened();
    }

    private sealed class Opened : JsonConverter<string>
    {
        public override string Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => throw new NotSupportedException("This form is for output.");

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options)
        {
            try
            {
                using var json = JsonDocument.Parse(value);
                json.RootElement.WriteTo(writer);
            }
            catch (JsonException)
            {
                writer.WriteStringValue(value); // "done", a cancellation's reason: a text it is
            }
        }
    }
}

/// <summary>A case's id as its text, as those of runs, questions and alerts are.</summary>
internal sealed class CaseIdText : JsonConverter<CaseId>
{
    public override CaseId Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => throw new NotSupportedException("This form is for output.");

    public override void Write(Utf8JsonWriter writer, CaseId value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
