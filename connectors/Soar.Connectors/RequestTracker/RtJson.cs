using System.Globalization;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Connectors.Http;
using Soar.Connectors.Mime;
using Soar.Connectors.Tickets;

namespace Soar.Connectors.RequestTracker;

/// <summary>REST2's JSON. Numbers come as numbers or as texts, a missing date as 1970, people and queues as objects with an id.</summary>
internal static class RtJson
{
    /// <summary>The most that REST2 gives on one page.</summary>
    public const int PageSize = 100;

    public static readonly IReadOnlyDictionary<TicketStatus, string> DefaultWords = new Dictionary<TicketStatus, string>
    {
        [TicketStatus.New] = "new", [TicketStatus.Open] = "open", [TicketStatus.Waiting] = "stalled", [TicketStatus.Resolved] = "resolved", [TicketStatus.Rejected] = "rejected",
    };

    public static IEnumerable<JsonElement> Items(JsonElement page) => Field(page, "items").EnumerateArray();

    /// <summary>A field that RT always sends; an answer without it is none of RT's.</summary>
    public static string Word(JsonElement item, string name) => Field(item, name) switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        // Most objects refer to a record; values of an entry may be settings of an extension, as they are.
        { ValueKind: JsonValueKind.Object } value => value.TryGetProperty("id", out _) ? Word(value, "id") : value.GetRawText(),
        _ => "",
    };

    private static JsonElement Field(JsonElement item, string name) => item.ValueKind != JsonValueKind.Object
        ? throw new JsonException($"an object with '{name}' was expected where there is: {item.ValueKind}")
        : item.TryGetProperty(name, out var value) ? value : throw new JsonException($"it has no '{name}'");

    public static Ticket Ticket(JsonElement item, StatusWords words, Uri address)
    {
        var (key, status) = (Word(item, "id"), Word(item, "Status"));
        return new Ticket
        {
            Key = key, Subject = Word(item, "Subject"), Status = words.Of(status), StatusName = status, Closed = Time(item, "Resolved") > DateTimeOffset.UnixEpoch,
            Owner = Word(item, "Owner") is var owner && owner is not ("" or "Nobody") ? owner : null, Created = Time(item, "Created"),
            Link = $"{address.GetLeftPart(UriPartial.Path).TrimEnd('/')}/Ticket/Display.html?id={key}",
        };
    }

    /// <summary>A transaction, and whether somebody wrote something in it.</summary>
    public static (TicketChange Change, bool Written) Entry(JsonElement item)
    {
        var type = Word(item, "Type");
        var kind = type switch
        {
            "Comment" => TicketChangeKind.Comment,
            "Correspond" or "Create" => TicketChangeKind.Reply,
            "Status" => TicketChangeKind.Status,
            _ => TicketChangeKind.Other,
        };
        var (before, after) = (Optional(item, "OldValue"), Optional(item, "NewValue"));
        var field = Optional(item, "Field") is { Length: > 0 } named && named != type ? $"{type} {named}" : type;
        var text = kind switch
        {
            TicketChangeKind.Status => $"{before} → {after}",
            TicketChangeKind.Other => before.Length + after.Length > 0 ? $"{field}: {before} → {after}" : field,
            _ => "",
        };
        var change = new TicketChange { Id = Word(item, "id"), Kind = kind, By = Word(item, "Creator"), At = Time(item, "Created"), Text = text };
        return (change, kind is TicketChangeKind.Comment or TicketChangeKind.Reply);
    }

    /// <summary>The part that somebody wrote: the first text that is no attached file, plain before HTML. Null where there is none.</summary>
    public static string? TextPart(JsonElement parts) => Items(parts)
        .Where(part => Optional(part, "Filename").Length == 0 && Optional(part, "ContentType").StartsWith("text/", StringComparison.Ordinal))
        .OrderBy(part => Optional(part, "ContentType").StartsWith("text/plain", StringComparison.Ordinal) ? 0 : 1)
        .Select(part => Word(part, "id")).FirstOrDefault();

    /// <summary>A text part's text. A part that is asked for by itself comes in base64, in UTF-8 or, where RT saw no need for it, in Latin 1.</summary>
    public static string Content(JsonElement part)
    {
        var text = Charsets.Guess(Convert.FromBase64String(Optional(part, "Content")));
        return Optional(part, "ContentType").StartsWith("text/html", StringComparison.Ordinal) ? new HtmlText(text, new MimeLimits()).Read().Trim() : text;
    }

    /// <summary>The number in an ETag: <c>"33"</c>, also where a server in front has made it a weak one.</summary>
    public static string? Version(string? etag) => etag?.Replace("W/", "", StringComparison.Ordinal).Trim('"') is { Length: > 0 and < 19 } number && number.All(char.IsAsciiDigit) ? number : null;

    /// <summary>The queue's links tell what this user may do in it.</summary>
    public static bool MayCreateIn(JsonElement queue) => Word(queue, "Disabled") is "0" or "" && Field(queue, "_hyperlinks").EnumerateArray().Any(link => Optional(link, "ref") == "create");

    public static string TypeOf(TicketChangeKind kind) => kind == TicketChangeKind.Reply ? "Correspond" : "Comment";

    /// <summary>RT's words for a refusal: <c>{"message":"…"}</c>.</summary>
    public static string Message(HttpReply reply)
    {
        try
        {
            using var document = JsonDocument.Parse(reply.Body);
            return document.RootElement.ValueKind == JsonValueKind.Object ? Optional(document.RootElement, "message").Trim() : "";
        }
        catch (JsonException)
        {
            return ""; // a page of the web server in front: its status tells
        }
    }

    /// <summary>What RT says of a change: a list of sentences.</summary>
    public static string Sentences(HttpReply reply) => reply.Read("list of sentences", () => string.Join(' ', reply.Json().EnumerateArray().Select(sentence => sentence.GetString()))) is { Length: > 0 } said
        ? said
        : "it says nothing of it.";

    private static string Optional(JsonElement item, string name) => item.TryGetProperty(name, out _) ? Word(item, name) : "";

    private static DateTimeOffset Time(JsonElement item, string name) => Optional(item, name) is { Length: > 0 } text
        ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal)
        : DateTimeOffset.UnixEpoch;
}
