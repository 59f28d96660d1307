using Soar.Connectors.Http;
using Soar.Connectors.Tickets;

namespace Soar.Connectors.Jira;

/// <summary>Which Jira: they differ in the form of texts, in how one logs in, and in two addresses.</summary>
public enum JiraEdition
{
    /// <summary>Atlassian's, REST v3.</summary>
    Cloud,

    /// <summary>One's own, REST v2.</summary>
    DataCenter,
}

/// <summary>A Jira and the project that Soar opens issues in.</summary>
public sealed record JiraSettings : HttpServiceSettings
{
    [Setting("cloud (REST v3) or data-center (REST v2). Default: cloud.")]
    public JiraEdition Edition { get; init; }

    [Setting("Mail address of the account that the API token belongs to; for cloud only.")]
    public string? User { get; init; }

    [Setting("API token (cloud) or personal access token (data-center) of a user of Soar's own.")]
    public Secret? Token { get; init; }

    [Setting("Key or id of the project that new issues go to.")]
    public string Project { get; init; } = "";

    [Setting("Name or id of the new issues' type. Default: Task.")]
    public string IssueType { get; init; } = "Task";

    [Setting("Labels of new issues, besides the one that carries the key. Default: none.")]
    public IReadOnlyList<string> Labels { get; init; } = [];

    [Setting("The workflow's words for new, open, waiting, resolved and rejected. Default: To Do, In Progress, none, Done, none.")]
    public IReadOnlyDictionary<string, string> Statuses { get; init; } = new Dictionary<string, string>();

    [Setting("Resolutions that are set with resolved and rejected, where the transition asks for one, for example { resolved: Done }. Default: none.")]
    public IReadOnlyDictionary<string, string> Resolutions { get; init; } = new Dictionary<string, string>();

    [Setting("Project role that alone sees comments; replies are seen by everybody who sees the issue. Default: none, all see both.")]
    public string? CommentRole { get; init; }

    [Setting("How often an issue is looked at while a run waits for a change. Default: 2m.")]
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromMinutes(2);

    public override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems())
            yield return problem;
        if (Token is null)
            yield return "token: is missing; write env:NAME or file:/path of a token";
        if (string.IsNullOrEmpty(User) == (Edition == JiraEdition.Cloud))
            yield return "user: the account's mail address belongs to a cloud token, and to that only";
        if (Project.Length == 0 || !Project.All(character => char.IsAsciiLetterOrDigit(character) || character == '_'))
            yield return "project: is missing or no key; write for example SOC";
        if (string.IsNullOrWhiteSpace(IssueType))
            yield return "issueType: is empty; write the name of a type of issue in the project";
        if (Labels.Any(label => label.Length == 0 || label.Any(char.IsWhiteSpace)))
            yield return "labels: Jira's labels hold no blanks";
        foreach (var problem in StatusWords.Problems(Statuses))
            yield return problem;
        foreach (var name in Resolutions.Keys.Where(name => name is not ("resolved" or "rejected")))
            yield return $"resolutions: '{name}' is none; write resolved or rejected";
        if (LookEvery < TimeSpan.FromSeconds(15))
            yield return "lookEvery: is too often; write 15s or more";
    }
}
