using System.Text.Json;
using Soar.Capabilities;

namespace Soar.Engine;

/// <summary>
/// Looks at an effect's arguments before anything happens: a value that is missing, empty or means "everything" is a mistake upstream, never an instruction.
/// </summary>
internal static class ArgumentCheck
{
    private static readonly HashSet<string> Wildcards = new(StringComparer.OrdinalIgnoreCase) { "*", "%", "any", "all", "0.0.0.0/0", "::/0", "0.0.0.0", "::", "*.*", "*@*" };

    /// <summary>What is wrong, for people; null when nothing is.</summary>
    public static string? Problem(ActionDescriptor action, JsonElement arguments)
    {
        foreach (var parameter in action.Parameters)
        {
            var given = arguments.ValueKind == JsonValueKind.Object && arguments.TryGetProperty(parameter.Name, out var value) ? value : default;
            if (given.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
            {
                if (parameter.MayBeEmpty || (parameter.HasDefault && parameter.Default is not (null or ""))) continue;
                return $"{action.Id} needs '{parameter.Name}', which is missing or null. Look at where the playbook takes it from.";
            }

            if (Empty(given) && !parameter.MayBeEmpty) return $"{action.Id}: '{parameter.Name}' is empty. Look at where the playbook takes it from.";
            if (Wildcard(given) is { } wildcard) return $"{action.Id}: '{parameter.Name}' is '{wildcard}', which means everything. Name what is meant.";
            if (Misfit(parameter, given) is { } misfit) return $"{action.Id}: '{parameter.Name}' is not a {parameter.Type.Name}: {misfit}";
        }

        return null;
    }

    private static bool Empty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => string.IsNullOrWhiteSpace(value.GetString()),
        JsonValueKind.Array => value.GetArrayLength() == 0 || value.EnumerateArray().Any(item => item.ValueKind == JsonValueKind.Null || Empty(item)),
        _ => false,
    };

    private static string? Wildcard(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String when Wildcards.Contains(value.GetString()!.Trim()) => value.GetString(),
        JsonValueKind.Array => value.EnumerateArray().Select(Wildcard).FirstOrDefault(found => found is not null),
        _ => null,
    };

    private static string? Misfit(ActionParameter parameter, JsonElement value)
    {
        try
        {
            value.Deserialize(parameter.Type, SoarJson.Options);
            return null;
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException or SoarException)
        {
            return e.Message;
        }
    }
}
