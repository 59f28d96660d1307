using System.Globalization;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Hosting;

namespace Soar.Server.Display;

/// <summary>What a step gave, in one short line: the few fields by which a person knows it. The whole of it stands in <c>soar show --json</c>.</summary>
internal static class ResultText
{
    private const int MostFields = 3;

    /// <summary>Fields that tell people most, in the order in which they are said.</summary>
    private static readonly string[] Telling =
    [
        "name", "title", "subject", "verdict", "summary", "text", "reference", "number", "abuseContact", "abuse", "status", "state", "to", "recipient", "mailbox", "address", "domain", "target", "user", "url",
        "network", "reply", "messageId", "version",
    ];

    /// <param name="json">Null or empty where there is nothing to show.</param>
    public static string Of(string action, string? json, int length = 90)
    {
        if (string.IsNullOrEmpty(json)) return "";
        JsonElement value;
        try
        {
            value = JsonDocument.Parse(json).RootElement;
        }
        catch (JsonException)
        {
            return "";
        }

        var text = action is BuiltIns.Ask or BuiltIns.Todo ? Decided(value) : action == BuiltIns.Receive && value.ValueKind == JsonValueKind.Object && value.TryGetProperty("value", out var carried) ? Say(carried) : Say(value);
        return text.Length <= length ? text : text[..(length - 1)] + "…";
    }

    private static string Decided(JsonElement value)
    {
        if (value.Deserialize<Decision>(SoarJson.Options) is not { } decision) return "";
        return $"{decision.Kind.ToString().ToLowerInvariant()}{(decision.By.Length > 0 ? $" by {decision.By}" : "")}{(decision.Reason.Length > 0 ? $": {decision.Reason}" : "")}";
    }

    private static string Say(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Null or JsonValueKind.Undefined:
                return "";
            case JsonValueKind.Array:
                return value.GetArrayLength() == 1 ? Say(value[0]) : Plural.Of(value.GetArrayLength(), "item");
            case JsonValueKind.Object:
                var fields = value.EnumerateObject().Where(p => p.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number && p.Value.ToString().Length > 0).ToList();
                var told = Telling.Select(name => fields.Find(p => p.Name == name)).Where(p => p.Value.ValueKind != JsonValueKind.Undefined).DefaultIfEmpty().ToList();
                var said = told is [{ Value.ValueKind: JsonValueKind.Undefined }] ? fields : told;
                return string.Join(", ", said.Take(MostFields).Select(p => Timeline.Compact(p.Value, 60)));
            default:
                return Timeline.Compact(value, 200);
        }
    }

    /// <summary>How long something took, as people say it; empty for what nobody notices.</summary>
    public static string Took(TimeSpan time) => time.TotalSeconds switch
    {
        < 0.1 => "",
        < 10 => time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s",
        < 120 => time.TotalSeconds.ToString("0", CultureInfo.InvariantCulture) + " s",
        _ => Durations.Say(TimeSpan.FromMinutes(Math.Round(time.TotalMinutes))),
    };
}
