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
            object? typed = input.Type.TrimEnd('?') switch
            {
                "TimeSpan" => DurationText.TryParse(text, out var duration) ? duration : null,
                "int" or "long" => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole : null,
                "double" or "decimal" => decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out var number) ? number : null,
                "bool" => bool.TryParse(text, out var flag) ? flag : null,
                _ => text,
            };
            if (typed is null) problems.Add($"'{name}' is '{text}' but must be {Shape(input.Type)}.");
            else read[name] = JsonSerializer.SerializeToElement(typed, typed.GetType(), SoarJson.Options);
        }

        return problems.Count == 0 ? read : throw new SoarException("SOAR5001", string.Join(" ", problems));
    }

    private static string Shape(string type) => type.TrimEnd('?') switch
    {
        "TimeSpan" => "a duration such as 30s, 5m, 24h or 7d",
        "bool" => "true or false",
        "int" or "long" => "a whole number",
        _ => "a number",
    };
}
