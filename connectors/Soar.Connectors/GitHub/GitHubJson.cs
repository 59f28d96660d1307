using System.Globalization;
using System.Text.Json;
using Soar.Capabilities;

namespace Soar.Connectors.GitHub;

/// <summary>Issues and their timelines as GitHub's REST API gives them.</summary>
internal static class GitHubJson
{
    // Made by somebody's looking at the issue, or of other repositories, or without a number of their own.
    private static readonly HashSet<string> Noise = ["subscribed", "unsubscribed", "mentioned", "cross-referenced", "committed", "reviewed", "line-commented", "commit-commented"];

    public static Ticket Issue(JsonElement issue)
    {
        var (state, reason) = (Word(issue, "state"), Word(issue, "state_reason"));
        var closed = state == "closed";
        return new Ticket
        {
            Key = issue.GetProperty("number").GetInt64().ToString(CultureInfo.InvariantCulture), Subject = Word(issue, "title"), Closed = closed,
            Status = !closed ? TicketStatus.Open : reason is "not_planned" or "duplicate" ? TicketStatus.Rejected : TicketStatus.Resolved,
            StatusName = closed && reason.Length > 0 ? $"closed ({reason})" : state,
            Owner = Login(issue, "assignee") is { Length: > 0 } owner ? owner : null, Created = issue.GetProperty("created_at").GetDateTimeOffset(), Link = Word(issue, "html_url"),
        };
    }

    public static TicketChange Comment(JsonElement comment, TicketChangeKind kind) => new()
    {
        Id = "c" + Number(comment), Kind = kind, By = Login(comment, "user"), At = comment.GetProperty("created_at").GetDateTimeOffset(), Text = GitHubText.Read(Word(comment, "body")), Automatic = true,
    };

    /// <summary>An entry of a timeline; null for what is no change of the issue.</summary>
    public static TicketChange? Entry(JsonElement entry)
    {
        var happened = Word(entry, "event");
        if (Noise.Contains(happened) || !entry.TryGetProperty("id", out var id) || id.ValueKind != JsonValueKind.Number)
            return null;
        var written = happened == "commented";
        return new TicketChange
        {
            Id = (written ? "c" : "e") + Number(entry), By = Login(entry, written ? "user" : "actor"), At = entry.GetProperty("created_at").GetDateTimeOffset(),
            Kind = written ? TicketChangeKind.Comment : happened is "closed" or "reopened" ? TicketChangeKind.Status : TicketChangeKind.Other,
            Text = happened switch
            {
                "commented" => GitHubText.Read(Word(entry, "body")),
                "closed" => Word(entry, "state_reason") is { Length: > 0 } reason ? $"open → closed ({reason})" : "open → closed",
                "reopened" => "closed → open",
                "labeled" or "unlabeled" => $"{happened}: {Inner(entry, "label", "name")}",
                "assigned" or "unassigned" => $"{happened}: {Inner(entry, "assignee", "login")}",
                "milestoned" or "demilestoned" => $"{happened}: {Inner(entry, "milestone", "title")}",
                "renamed" => $"renamed: {Inner(entry, "rename", "from")} → {Inner(entry, "rename", "to")}",
                _ => happened,
            },
        };
    }

    public static string Word(JsonElement item, string name) => item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static string Number(JsonElement item) => item.GetProperty("id").GetInt64().ToString(CultureInfo.InvariantCulture);

    private static string Inner(JsonElement item, string name, string field) => item.TryGetProperty(name, out var inner) && inner.ValueKind == JsonValueKind.Object ? Word(inner, field) : "";

    private static string Login(JsonElement item, string name) => Inner(item, name, "login");
}
