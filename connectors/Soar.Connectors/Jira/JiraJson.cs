using System.Globalization;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Connectors.Http;
using Soar.Connectors.Tickets;

namespace Soar.Connectors.Jira;

/// <summary>Issues, comments and histories as both editions give them.</summary>
internal static class JiraJson
{
    public static readonly IReadOnlyDictionary<TicketStatus, string> DefaultWords = new Dictionary<TicketStatus, string>
    {
        [TicketStatus.New] = "To Do", [TicketStatus.Open] = "In Progress", [TicketStatus.Resolved] = "Done",
    };

    public static Ticket Issue(JsonElement issue, StatusWords words, Uri address)
    {
        var (key, fields) = (Word(issue, "key"), issue.GetProperty("fields"));
        if (key.Length == 0)
            throw new FormatException("it has no key");
        var status = fields.GetProperty("status");
        var (name, category) = (Word(status, "name"), Inner(status, "statusCategory", "key"));
        return new Ticket
        {
            Key = key, Subject = Word(fields, "summary"), StatusName = name, Closed = category == "done",
            // A workflow has more statuses than there are words for; their category still tells.
            Status = words.Of(name) is var known && known != TicketStatus.Other ? known : category switch { "new" => TicketStatus.New, "indeterminate" => TicketStatus.Open, "done" => TicketStatus.Resolved, _ => TicketStatus.Other },
            Owner = Inner(fields, "assignee", "displayName") is { Length: > 0 } owner ? owner : null, Created = Time(Word(fields, "created")), Link = $"{address.GetLeftPart(UriPartial.Path).TrimEnd('/')}/browse/{key}",
        };
    }

    /// <param name="own">What <see cref="Account"/> says of ourselves; null where everything is ours.</param>
    public static TicketChange Comment(JsonElement comment, TicketChangeKind kind, string? own) => new()
    {
        Id = "c" + Number(comment), Kind = kind, By = Inner(comment, "author", "displayName"), At = Time(Word(comment, "created")), Text = TicketMark.Plain(JiraText.Read(comment.GetProperty("body"))),
        Automatic = own is null || (comment.TryGetProperty("author", out var author) && Account(author) == own),
    };

    /// <summary>One entry of the history; what it changed is told in one line.</summary>
    public static TicketChange History(JsonElement entry, string own)
    {
        var items = entry.GetProperty("items").EnumerateArray().ToList();
        var status = items.Exists(item => Word(item, "field") == "status");
        return new TicketChange
        {
            Id = "e" + Number(entry), Kind = status ? TicketChangeKind.Status : TicketChangeKind.Other, By = Inner(entry, "author", "displayName"), At = Time(Word(entry, "created")),
            Text = string.Join("; ", items.Select(item => $"{(Word(item, "field") == "status" ? "" : Word(item, "field") + ": ")}{Word(item, "fromString")} → {Word(item, "toString")}")),
            Automatic = entry.TryGetProperty("author", out var author) && Account(author) == own,
        };
    }

    /// <summary>Whom an account belongs to: the cloud's id, the data center's key.</summary>
    public static string Account(JsonElement user) => user.ValueKind != JsonValueKind.Object ? "" : Word(user, "accountId") is { Length: > 0 } id ? id : Word(user, "key") is { Length: > 0 } key ? key : Word(user, "name");

    /// <summary>Jira's words for a refusal.</summary>
    public static string Message(HttpReply reply)
    {
        try
        {
            using var document = JsonDocument.Parse(reply.Body);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return "";
            var general = root.TryGetProperty("errorMessages", out var messages) && messages.ValueKind == JsonValueKind.Array ? messages.EnumerateArray().Select(message => message.ToString()) : [];
            var fields = root.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Object ? errors.EnumerateObject().Select(error => $"{error.Name}: {error.Value}") : [];
            return string.Join("; ", general.Concat(fields).Append(Word(root, "message")).Where(said => said.Length > 0));
        }
        catch (JsonException)
        {
            return ""; // a page of something in front: its status tells
        }
    }

    public static string Word(JsonElement item, string name) => item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    public static string Inner(JsonElement item, string name, string field) => item.TryGetProperty(name, out var inner) && inner.ValueKind == JsonValueKind.Object ? Word(inner, field) : "";

    private static string Number(JsonElement item) => long.Parse(item.GetProperty("id").ToString(), NumberStyles.None, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);

    // "2021-01-17T12:34:00.000+0000": the offset without the colon that .NET wants.
    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(
        text.Length > 5 && text[^5] is '+' or '-' ? text.Insert(text.Length - 2, ":") : text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
}
