using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Soar.Alerts;
using Soar.Connectors.Alerts;

namespace Soar.Connectors.Syslog;

/// <summary>Which messages are alerts: the first rule that fits makes one of it.</summary>
internal sealed class SyslogRules(SyslogSettings settings, TimeProvider clock)
{
    private readonly IReadOnlyList<(string Name, SyslogRuleSettings When, Regex? Pattern, AlertMap Map)> rules =
        [.. settings.Alerts.Select(rule => (rule.Key, rule.Value, rule.Value.ReadPattern(), new AlertMap(rule.Value)))];

    public void Read(ReadOnlyMemory<byte> bytes, Hearing hearing)
    {
        if (SyslogMessage.Read(bytes.Span, out var problem) is not { } message)
        {
            hearing.Unreadable(bytes.Span, problem);
            return;
        }
        foreach (var (name, when, pattern, map) in rules)
        {
            if (!Fits(when, message))
                continue;
            var match = pattern?.Match(message.Message);
            if (match is { Success: false })
                continue;
            using var json = JsonDocument.Parse(Json(message, match).ToJsonString());
            // Syslog has no id: who sends a message again after a break sends the same bytes.
            var id = Convert.ToHexStringLower(SHA256.HashData(bytes.Span).AsSpan(0, 16));
            var defaults = new AlertDefaults(message.App ?? "syslog", message.Time ?? clock.GetUtcNow())
            {
                Id = id, RuleId = name, Title = message.Message.Length > 200 ? message.Message[..200] : message.Message, Severity = SeverityOf(message.Level), DestinationHost = message.Host,
            };
            if (map.Read(json.RootElement, defaults, out problem) is { } alert)
                hearing.Alert(alert);
            else
                hearing.Unreadable(bytes.Span, $"By the rule {name} it is an alert, but {problem}.");
            return;
        }
        hearing.Ignore();
    }

    private static bool Fits(SyslogRuleSettings when, SyslogMessage message) => message.Level <= when.AtLeast
        && (when.App is null || string.Equals(when.App, message.App, StringComparison.OrdinalIgnoreCase))
        && (when.Host is null || string.Equals(when.Host, message.Host, StringComparison.OrdinalIgnoreCase))
        && (when.MsgId is null || when.MsgId == message.MsgId)
        && (when.Facility is null || when.Facility == message.Facility);

    private static int SeverityOf(SyslogLevel level) => level switch
    {
        SyslogLevel.Emergency => 100, SyslogLevel.Alert => 90, SyslogLevel.Critical => 80, SyslogLevel.Error => 60, SyslogLevel.Warning => 40, SyslogLevel.Notice => 20, _ => 10,
    };

    private static JsonObject Json(SyslogMessage message, Match? match)
    {
        var json = new JsonObject
        {
            ["time"] = message.Time?.ToString("O"), ["host"] = message.Host, ["app"] = message.App, ["procId"] = message.ProcId, ["msgId"] = message.MsgId,
            ["facility"] = message.Facility, ["level"] = message.Level.ToString().ToLowerInvariant(), ["priority"] = message.Priority, ["message"] = message.Message,
            ["data"] = new JsonObject(message.Data.Select(element => KeyValuePair.Create(element.Key, (JsonNode?)new JsonObject(element.Value.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value)))))),
        };
        if (match is not null)
            json["match"] = new JsonObject(match.Groups.Values.Where(group => group.Success && !char.IsAsciiDigit(group.Name[0])).Select(group => KeyValuePair.Create(group.Name, (JsonNode?)group.Value)));
        if (message.Message.StartsWith('{') && Inner(message.Message) is { } inner)
            json["json"] = inner;
        return json;
    }

    private static JsonNode? Inner(string text)
    {
        try
        {
            using var json = AlertJson.Parse(Encoding.UTF8.GetBytes(text));
            return json.RootElement.ValueKind == JsonValueKind.Object ? JsonObject.Create(json.RootElement.Clone()) : null;
        }
        catch (JsonException)
        {
            return null; // it only looks like it
        }
    }
}
