using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Soar.Alerts;

namespace Soar.Server.Http;

/// <summary>One alert as it was sent: read, or with what is wrong.</summary>
/// <param name="Line">From 1: of NDJSON the line, of an array the position.</param>
/// <param name="Text">What came, where it cannot be taken.</param>
/// <param name="Field">The field that is wrong, where it is one: <c>severity</c>, <c>observables[0].type</c>.</param>
internal sealed record SentAlert(int Line, string Text, Alert? Alert, string? Field = null, string? Problem = null);

/// <summary>Reads the body of <c>POST /api/alerts</c>: an alert, an array, or one a line (NDJSON). What cannot be read of it does not keep the others from being read.</summary>
internal static partial class SentAlerts
{
    /// <summary>More are no single commit any more: runs wait behind it.</summary>
    public const int Most = 1_000;

    public const string Ndjson = "application/x-ndjson", OtherNdjson = "application/ndjson";

    /// <param name="one">It was a single alert, so that its sender looks at the status only.</param>
    /// <exception cref="SoarException">SOAR6007 when there is nothing in it, SOAR6011 when there are more than <see cref="Most"/>.</exception>
    public static List<SentAlert> Read(ReadOnlyMemory<byte> body, string? contentType, JsonSerializerOptions options, out bool one)
    {
        one = false;
        if (body.Span.Trim(" \t\r\n"u8).IsEmpty) throw new SoarException("SOAR6007", "The request needs a body: an alert, an array of them, or one a line as application/x-ndjson.");
        var sent = contentType?.Contains("ndjson", StringComparison.OrdinalIgnoreCase) == true ? Lines(body, options) : Document(body, options, out one);
        return sent.Count <= Most ? sent : throw new SoarException("SOAR6011", $"There are {sent.Count} alerts in the request, of which nothing was taken: send at most {Most} at a time.");
    }

    private static List<SentAlert> Document(ReadOnlyMemory<byte> body, JsonSerializerOptions options, out bool one)
    {
        one = true;
        try
        {
            using var json = AlertJson.Parse(body);
            one = json.RootElement.ValueKind != JsonValueKind.Array;
            return one ? [Of(1, json.RootElement, options)] : [.. json.RootElement.EnumerateArray().Take(Most + 1).Select((item, index) => Of(index + 1, item, options))];
        }
        catch (JsonException error)
        {
            return [new SentAlert(1, Encoding.UTF8.GetString(body.Span), null, null, Edge.Words(error))];
        }
    }

    private static List<SentAlert> Lines(ReadOnlyMemory<byte> body, JsonSerializerOptions options)
    {
        var sent = new List<SentAlert>();
        for (var number = 1; !body.IsEmpty && sent.Count <= Most; number++)
        {
            var end = body.Span.IndexOf((byte)'\n');
            var line = end < 0 ? body : body[..end];
            body = end < 0 ? default : body[(end + 1)..];
            if (line.Span.Trim(" \t\r"u8).IsEmpty) continue;
            try
            {
                using var json = AlertJson.Parse(line);
                sent.Add(Of(number, json.RootElement, options));
            }
            catch (JsonException error)
            {
                sent.Add(new SentAlert(number, Encoding.UTF8.GetString(line.Span), null, null, Edge.Words(error)));
            }
        }

        return sent;
    }

    private static SentAlert Of(int line, JsonElement json, JsonSerializerOptions options)
    {
        if (json.ValueKind != JsonValueKind.Object) return new SentAlert(line, json.GetRawText(), null, null, "an alert is a JSON object");
        try
        {
            var alert = json.Deserialize<Alert>(options)!;
            var problems = AlertCheck.Problems(alert).Concat(OfThisWay(alert, json)).ToList();
            return problems.Count == 0 ? new SentAlert(line, "", alert) : new SentAlert(line, json.GetRawText(), null, problems[0][..problems[0].IndexOf(':')], string.Join("; ", problems));
        }
        catch (JsonException error)
        {
            return new SentAlert(line, json.GetRawText(), null, FieldOf(error), Edge.Words(error));
        }
    }

    private static IEnumerable<string> OfThisWay(Alert alert, JsonElement json)
    {
        // Whoever could name an artifact by its hash would hand bytes that are not theirs to a playbook.
        if (alert.Raw is not null) yield return "raw: cannot be sent this way; what the detector said belongs into payload";
        // Without a zone it would be the time of whatever place the server stands at.
        if (json.EnumerateObject().First(field => field.Name.Equals("time", StringComparison.OrdinalIgnoreCase)).Value.GetString() is { } time && !Zoned().IsMatch(time)) yield return $"time: {time} has no zone; write {time}Z or {time}+02:00";
        if (alert.Observables.Any(o => string.IsNullOrWhiteSpace(o.Type) || string.IsNullOrWhiteSpace(o.Value))) yield return "observables: one lacks its type or value";
    }

    private static string? FieldOf(JsonException error) =>
        Missing().Match(error.Message) is { Success: true } missing ? missing.Groups[1].Value
        : Unknown().Match(error.Message) is { Success: true } unknown ? unknown.Groups[1].Value
        : error.Path is { Length: > 2 } path ? path[2..] : null;

    [GeneratedRegex("missing required properties including: '(.*?)'", RegexOptions.Singleline, 1000)]
    private static partial Regex Missing();

    [GeneratedRegex("The JSON property '(.*?)' could not be mapped", RegexOptions.Singleline, 1000)]
    private static partial Regex Unknown();

    [GeneratedRegex(@"(Z|[+-]\d\d:?\d\d)$", RegexOptions.None, 1000)]
    private static partial Regex Zoned();
}
