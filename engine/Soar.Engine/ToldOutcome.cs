using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Soar.Capabilities;
using Soar.Runs;

namespace Soar.Engine;

/// <summary>
/// What a person tells of an effect whose outcome nothing else can tell: that it was not done, or that it was. Where the action gives something that the playbook goes on with, they tell that as well:
/// nobody makes it up, and the playbook never gets a null where its type has none.
/// </summary>
internal static class ToldOutcome
{
    public const string NotDone = "not-done";
    private const string Done = "done";

    /// <summary>As strict as the compiler that checked the playbook: what may not be null or missing there may not be here.</summary>
    private static readonly JsonSerializerOptions Strict = new(SoarJson.Options) { RespectNullableAnnotations = true, TypeInfoResolver = new DefaultJsonTypeInfoResolver().WithAddedModifier(Demand) };

    public static bool IsDone(Answer answer) => answer.Value is not (null or NotDone);

    /// <summary>What the step delivers.</summary>
    public static ReadOnlyMemory<byte> ResultOf(Answer answer) => answer.Value is null or Done ? Json.Null : Encoding.UTF8.GetBytes(answer.Value);

    /// <summary>Why the answer cannot be taken; null when it can.</summary>
    public static string? Problem(Question question, Answer answer, ActionCatalog catalog)
    {
        if (answer.Value == NotDone) return null;
        var details = JsonDocument.Parse(question.Details).RootElement;
        // An action that this deployment does not know any more gives nothing that could be checked.
        if (catalog.Find(details.GetProperty("action").GetString()!) is not { } action) return answer.Value is Done ? null : "Answer done or not-done: was it done at the product?";
        if (answer.Value == Done)
        {
            return Example(action, details.GetProperty("arguments")) is { } example
                ? $"{action.Id} gives a {action.ResultType!.Name}, and the playbook goes on with it: look at the product, and answer done with what it gave, as JSON: --value '{example}'"
                : null;
        }

        return Misfit(action, answer.Value);
    }

    /// <summary>JSON of the shape that the action gives, with what is known from its arguments; null where it gives nothing, or may give nothing.</summary>
    public static string? Example(ActionDescriptor action, JsonElement arguments) =>
        action.ResultType is null || action.ResultMayBeNull ? null : Example(action.ResultType, arguments, depth: 0)?.ToJsonString(SoarJson.Options);

    private static string? Misfit(ActionDescriptor action, string? value)
    {
        JsonElement json;
        try
        {
            json = JsonDocument.Parse(value ?? "").RootElement;
        }
        catch (JsonException)
        {
            return "Answer done or not-done: was it done at the product?";
        }

        if (action.ResultType is null) return $"{action.Id} gives nothing: answer done without a value.";
        try
        {
            return json.Deserialize(action.ResultType, Strict) is not null || action.ResultMayBeNull ? null : $"{action.Id} gives a {action.ResultType.Name}; null is none.";
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException or NotSupportedException)
        {
            return $"What {action.Id} gave must be a {action.ResultType.Name}: {e.Message}";
        }
    }

    // Our own JSON leaves nulls out, so only what cannot be null has to be there.
    private static void Demand(JsonTypeInfo type)
    {
        foreach (var property in type.Properties.Where(p => p.AssociatedParameter is { HasDefaultValue: false, IsNullable: false } && Nullable.GetUnderlyingType(p.PropertyType) is null)) property.IsRequired = true;
    }

    private static JsonNode? Example(Type type, JsonElement arguments, int depth)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        if (plain == typeof(string)) return "…";
        if (plain == typeof(bool)) return false;
        if (plain.IsEnum) return Enum.GetNames(plain)[0];
        if (plain.IsPrimitive || plain == typeof(decimal)) return 0;
        if (plain == typeof(TimeSpan)) return "01:00:00";
        if (plain == typeof(DateTimeOffset)) return "2026-03-29T12:00:00+00:00";
        if (plain == typeof(IpAddress)) return "203.0.113.7";
        if (plain == typeof(EmailAddress)) return "name@example.org";
        if (plain == typeof(DomainName)) return "example.org";
        if (plain == typeof(MailRef)) return "INBOX;UIDVALIDITY=385759045/;UID=20";
        if (plain == typeof(JsonElement)) return new JsonObject();
        if (plain == typeof(Uri)) return "https://example.org/";
        if (plain.IsAssignableTo(typeof(System.Collections.IDictionary)) || plain.Name.StartsWith("IReadOnlyDictionary", StringComparison.Ordinal)) return new JsonObject();
        if (plain.IsAssignableTo(typeof(System.Collections.IEnumerable))) return new JsonArray();
        // A type with a form of its own is a text in JSON: ids, references.
        if (plain.IsDefined(typeof(JsonConverterAttribute), inherit: false)) return "00000000-0000-7000-8000-000000000000";
        var example = new JsonObject();
        if (depth > 3) return example;
        var nullability = new NullabilityInfoContext();
        foreach (var property in plain.GetProperties().Where(p => p.GetIndexParameters().Length == 0 && (p.SetMethod is not null || IsParameter(plain, p))))
        {
            if (nullability.Create(property).ReadState == NullabilityState.Nullable) continue;
            var name = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            example[name] = arguments.ValueKind == JsonValueKind.Object && arguments.TryGetProperty(name, out var known) && Fits(known, property.PropertyType)
                ? JsonNode.Parse(known.GetRawText())
                : Example(property.PropertyType, arguments, depth + 1);
        }

        return example;
    }

    private static bool IsParameter(Type type, PropertyInfo property) =>
        type.GetConstructors().Any(c => c.GetParameters().Any(p => p.Name!.Equals(property.Name, StringComparison.OrdinalIgnoreCase)));

    private static bool Fits(JsonElement value, Type type)
    {
        try
        {
            return value.Deserialize(type, Strict) is not null;
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException or NotSupportedException)
        {
            return false;
        }
    }
}
