using System.Globalization;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Hosting;

namespace Soar.Server.Settings;

/// <summary>Inputs as people type them become the JSON that their declared type has: <c>24h</c> a duration, <c>5</c> a number.</summary>
internal static class InputText
{
    public static IReadOnlyDictionary<string, JsonElement> Read(PlaybookHeader header, IReadOnlyDictionary<string, JsonElement> given)
    {
        var problems = new List<string>();
        var read = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (name, value) in given)
        {
            if (header.Inputs.FirstOrDefault(i => i.Name == name) is not { } input)
            {
                problems.Add($"'{name}' is not an input of {header.Name}.{YamlBinder.Suggest(name, header.Inputs.Select(i => i.Name))}");
                continue;
            }

            if (value.ValueKind != JsonValueKind.String) { read[name] = value; continue; }
            var text = value.GetString()!;
            var typed = Typed(input.Type.TrimEnd('?'), text);
            if (typed is null) problems.Add($"'{name}' is '{text}' but must be {Shape(input.Type)}.");
            else read[name] = JsonSerializer.SerializeToElement(typed, typed.GetType(), SoarJson.Options);
        }

        return problems.Count == 0 ? read : throw new SoarException("SOAR5001", string.Join(" ", problems));
    }

    /// <summary>What a person types into a form's field, as JSON of the field's type; null where an optional field is left empty.</summary>
    public static bool TryField(FormField field, string text, out JsonElement? value, out string problem)
    {
        (value, problem) = (null, "");
        text = text.Trim();
        if (text.Length == 0)
        {
            if (field.Required) problem = $"{field.Name} is needed";
            return !field.Required;
        }

        object? typed = field.Type == "choice" ? field.Choices?.FirstOrDefault(choice => choice.Equals(text, StringComparison.OrdinalIgnoreCase)) : Typed(field.Type, text);
        if (typed is null)
        {
            problem = $"'{text}' must be {(field.Choices is { Count: > 0 } choices ? $"one of {string.Join(", ", choices)}" : Shape(field.Type))}";
            return false;
        }

        value = JsonSerializer.SerializeToElement(typed, typed.GetType(), SoarJson.Options);
        return true;
    }

    // The names of C# types are an input's, the others a form field's.
    private static object? Typed(string type, string text) => type switch
    {
        "TimeSpan" or "duration" => DurationText.TryParse(text, out var duration) ? duration : null,
        "int" or "long" => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole : null,
        "double" or "decimal" or "number" => decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out var number) ? number : null,
        "bool" => text.ToLowerInvariant() switch { "true" or "yes" => true, "false" or "no" => false, _ => null },
        // A day stays a day; a time without a zone is UTC.
        "date" when DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) => day,
        "date" => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null,
        _ => text,
    };

    public static string Shape(string type) => type.TrimEnd('?') switch
    {
        "TimeSpan" or "duration" => "a duration such as 30s, 5m, 24h or 7d",
        "bool" => "true or false",
        "int" or "long" => "a whole number",
        "date" => "a date such as 2026-03-29, or a time such as 2026-03-29 14:30",
        _ => "a number",
    };
}
