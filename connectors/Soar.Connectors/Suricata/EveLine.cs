using System.Text.Json;
using Soar.Alerts;
using Soar.Connectors.Alerts;

namespace Soar.Connectors.Suricata;

/// <summary>One line of EVE: an alert, another event, or something that cannot be read.</summary>
internal static class EveLine
{
    /// <summary>Longer ones are no events of Suricata's.</summary>
    public const int Longest = 4 << 20;

    public static void Read(ReadOnlyMemory<byte> line, Hearing hearing)
    {
        // A file that was truncated under a writer without O_APPEND begins with zeros.
        line = line.Trim("\0 \t\r\n"u8);
        if (line.IsEmpty)
            return;
        try
        {
            using var json = AlertJson.Parse(line);
            var root = json.RootElement;
            if (SuricataEve.IsAlert(root))
                hearing.Alert(SuricataEve.Read(root));
            else if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("event_type", out var type) && type.ValueKind == JsonValueKind.String && type.GetString() != "alert")
                hearing.Ignore();
            else
                hearing.Unreadable(line.Span, "It is JSON, but no EVE event: 'event_type' is missing, or an alert event has no 'alert'.");
        }
        catch (JsonException e)
        {
            hearing.Unreadable(line.Span, $"It is not JSON: {e.Message}");
        }
        catch (SoarException e)
        {
            hearing.Unreadable(line.Span, e.Message);
        }
    }
}
