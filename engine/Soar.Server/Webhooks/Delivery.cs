using System.Text.Json;
using Soar.Alerts;
using Soar.Connectors.Alerts;
using Soar.Hosting;
using Soar.Server.Settings;

namespace Soar.Server.Webhooks;

/// <summary>What somebody who may has posted to a webhook.</summary>
/// <param name="Id">The sender's id of it, else the body's SHA-256; either says which it is.</param>
internal sealed record Delivery(string Hook, WebhookSettings Settings, string Id, byte[] Body)
{
    /// <summary>The inputs that it gives a playbook, by the mapping or by their names. Throws SOAR6007 where it is no JSON object.</summary>
    public IReadOnlyDictionary<string, JsonElement> Inputs(PlaybookHeader header)
    {
        using var json = Parse();
        var root = json.RootElement;
        if (Settings.Inputs.Count == 0)
        {
            if (root.ValueKind != JsonValueKind.Object) throw new SoarException("SOAR6007", "The body must be a JSON object: its fields are the playbook's inputs.");
            return InputText.Read(header, root.EnumerateObject().ToDictionary(field => field.Name, field => field.Value.Clone(), StringComparer.Ordinal));
        }

        var inputs = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (input, place) in Settings.Inputs)
        {
            var text = MappedText.Parse(place, out _)!;
            // A text stays one, also where the body has a number at that place.
            JsonElement? value = header.Inputs.FirstOrDefault(i => i.Name == input)?.Type.TrimEnd('?') == "string" ? text.Of(root) is { } words ? JsonSerializer.SerializeToElement(words) : null : text.ValueOf(root);
            if (value is { } found) inputs[input] = found;
        }

        return InputText.Read(header, inputs);
    }

    private JsonDocument Parse()
    {
        try
        {
            // Parsed twice: what cannot be a character is read as U+FFFD, as in alerts; and no field may stand there twice.
            JsonDocument.Parse(Body, new JsonDocumentOptions { AllowDuplicateProperties = false }).Dispose();
            return AlertJson.Parse(Body);
        }
        catch (JsonException error)
        {
            throw new SoarException("SOAR6007", $"The body is no valid JSON{(error.LineNumber is { } line ? $", line {line + 1}" : "")}: {error.Message}", error);
        }
    }
}
