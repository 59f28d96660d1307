using System.Text.Json.Nodes;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.Jira;

namespace Soar.Tests.Connectors.Jira;

/// <summary>
/// Requests equal Atlassian's published examples: method, path, query, headers, and JSON-equal bodies. Its examples show every field that there is; what Soar does not send is taken out
/// of them here by name, and what it adds, its key, is put in. Cloud: https://developer.atlassian.com/cloud/jira/platform/rest/v3/ (made from
/// https://developer.atlassian.com/cloud/jira/platform/swagger-v3.v3.json).
/// </summary>
public sealed class JiraExamplesTests : IAsyncLifetime
{
    private const string Key = "00112233445566778899aabbccddeeff";
    private const string Lorem = "Lorem ipsum dolor sit amet, consectetur adipiscing elit. Pellentesque eget venenatis elit. Duis eu justo eget augue iaculis fermentum. Sed semper quam laoreet nisi egestas at posuere augue semper.";
    private readonly FakeJira jira = new();

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => jira.DisposeAsync();

    private static CancellationToken None => CancellationToken.None;

    private JiraConnector Connector(JiraSettings settings)
    {
        settings = settings with { Address = jira.Address };
        Assert.Empty(settings.Problems());
        return new JiraConnector(settings, Given.Services());
    }

    private JiraConnector Cloud(Func<JiraSettings, JiraSettings>? with = null)
    {
        var settings = new JiraSettings { User = "email@example.com", Token = new Secret("<api_token>"), Project = "10000", IssueType = "10000" };
        return Connector(with?.Invoke(settings) ?? settings);
    }

    private JiraConnector DataCenter(Func<JiraSettings, JiraSettings>? with = null)
    {
        var settings = new JiraSettings { Edition = JiraEdition.DataCenter, Token = new Secret("pat"), Project = "TEST", IssueType = "Bug" };
        return Connector(with?.Invoke(settings) ?? settings);
    }

    private void AssertSent(string method, string target, string? body = null)
    {
        var request = Assert.Single(jira.Requests, request => request.Method == method && request.Target == target);
        Assert.Equal("application/json", request.Headers["Accept"]);
        if (body is null)
            return;
        Assert.Equal("application/json", request.Headers["Content-Type"]);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(body), JsonNode.Parse(request.Body)), request.Body);
    }

    private static string Paragraphs(params string[] texts) =>
        $$$"""{"type":"doc","version":1,"content":[{{{string.Join(',', texts.Select(text => $$$"""{"type":"paragraph","content":[{"type":"text","text":"{{{text}}}"}]}"""))}}}]}""";

    /// <summary>Cloud, "Create issue" and "Get issue"; basic auth for REST APIs: <c>--user email@example.com:&lt;api_token&gt;</c>.</summary>
    [Fact]
    public async Task An_issue_of_the_cloud()
    {
        await using var connector = Cloud(settings => settings with { Labels = ["bugfix", "blitz_test"] });
        await connector.CreateAsync("Main order flow broken", "Order entry fails when selecting supplier.", Given.Context(), None);
        // of the example: without assignee, components, custom fields, duedate, environment, fixVersions, parent, priority, reporter, security, timetracking, versions, update
        AssertSent("POST", "/rest/api/3/issue", $$$"""
            {"fields":{"description":{"content":[{"content":[{"text":"Order entry fails when selecting supplier.","type":"text"}],"type":"paragraph"}],"type":"doc","version":1},
             "issuetype":{"id":"10000"},"labels":["bugfix","blitz_test","soar-{{{Key}}}"],"project":{"id":"10000"},"summary":"Main order flow broken"}}
            """);
        AssertSent("GET", "/rest/api/3/issue/SOC-1?fields=summary%2Cstatus%2Cassignee%2Ccreated");
        Assert.All(jira.Requests, request => Assert.Equal("Basic " + Convert.ToBase64String("email@example.com:<api_token>"u8), request.Headers["Authorization"]));
    }

    /// <summary>Cloud, "Add comment" and "Get comments".</summary>
    [Fact]
    public async Task A_comment_of_the_cloud()
    {
        await using var connector = Cloud(settings => settings with { CommentRole = "Administrators" });
        jira.Open("x", "mia");
        await connector.CommentAsync("SOC-1", Lorem, Given.Context(), None);
        AssertSent("POST", "/rest/api/3/issue/SOC-1/comment", $$$"""{"body":{{{Paragraphs(Lorem, $"[soar:{Key}]")}}},"visibility":{"identifier":"Administrators","type":"role","value":"Administrators"}}""");
        AssertSent("GET", "/rest/api/3/issue/SOC-1/comment?startAt=0&maxResults=100&orderBy=-created");
        await connector.ReplyAsync("SOC-1", Lorem, Given.Context("ff112233445566778899aabbccddeeff"), None);
        Assert.DoesNotContain("visibility", jira.Requests[^1].Body);
    }

    /// <summary>Cloud, "Get transitions", "Transition issue", "Get changelogs", "Get current user".</summary>
    [Fact]
    public async Task A_transition_of_the_cloud()
    {
        await using var connector = Cloud(settings => settings with { Resolutions = new Dictionary<string, string> { ["resolved"] = "Fixed" } });
        jira.Open("x", "mia");
        await connector.SetStatusAsync("SOC-1", TicketStatus.Resolved, Given.Context(), None);
        AssertSent("GET", "/rest/api/3/issue/SOC-1/transitions");
        // of the example: without assignee, historyMetadata, update
        AssertSent("POST", "/rest/api/3/issue/SOC-1/transitions", """{"fields":{"resolution":{"name":"Fixed"}},"transition":{"id":"5"}}""");
        AssertSent("GET", "/rest/api/3/issue/SOC-1/changelog?startAt=0&maxResults=100");
        AssertSent("GET", "/rest/api/3/myself");
    }

    /// <summary>Cloud, "Search for issues using JQL enhanced search (GET)" and "Get my permissions".</summary>
    [Fact]
    public async Task A_search_and_a_test_of_the_cloud()
    {
        await using var connector = Cloud(settings => settings with { Project = "HSP" });
        jira.Open("Some words here", "mia");
        await connector.SearchAsync("Some words", Given.Context(), None);
        AssertSent("GET", "/rest/api/3/search/jql?jql=project%20%3D%20%22HSP%22%20AND%20summary%20~%20%22%5C%22Some%20words%5C%22%22%20ORDER%20BY%20created%20DESC&maxResults=50&fields=summary%2Cstatus%2Cassignee%2Ccreated");
        Assert.True((await connector.TestAsync(None)).Ok);
        AssertSent("GET", "/rest/api/3/mypermissions?permissions=BROWSE_PROJECTS%2CCREATE_ISSUES%2CADD_COMMENTS%2CTRANSITION_ISSUES&projectKey=HSP");
    }

    /// <summary>
    /// Data Center: https://developer.atlassian.com/server/jira/platform/jira-rest-api-example-create-issue-7897248, .../jira-rest-api-example-add-comment-8946422 and
    /// .../jira-rest-api-example-query-issues-6291606. Texts stand between noformat marks, so that they are shown as they are.
    /// </summary>
    [Fact]
    public async Task Issue_comment_and_search_of_the_data_center()
    {
        await using var connector = DataCenter(settings => settings with { CommentRole = "Administrators" });
        await connector.CreateAsync("REST ye merry gentlemen.", "Creating of an issue using project keys and issue type names using the REST API", Given.Context(), None);
        AssertSent("POST", "/rest/api/2/issue", $$$"""
            {"fields":{"project":{"key":"TEST"},"summary":"REST ye merry gentlemen.",
             "description":"{noformat}\nCreating of an issue using project keys and issue type names using the REST API\n{noformat}","issuetype":{"name":"Bug"},"labels":["soar-{{{Key}}}"]}}
            """);
        await connector.CommentAsync("SOC-1", "This is a comment that only administrators can see.", Given.Context(), None);
        AssertSent("POST", "/rest/api/2/issue/SOC-1/comment", $$$"""
            {"body":"{noformat}\nThis is a comment that only administrators can see.\n\n[soar:{{{Key}}}]\n{noformat}","visibility":{"type":"role","value":"Administrators"}}
            """);
        AssertSent("GET", $"/rest/api/2/search?jql=labels%20%3D%20%22soar-{Key}%22%20AND%20project%20%3D%20%22TEST%22%20ORDER%20BY%20created%20ASC&maxResults=1&fields=summary%2Cstatus%2Cassignee%2Ccreated");
        await connector.ChangesAsync("SOC-1", "", Given.Context(), None);
        AssertSent("GET", "/rest/api/2/issue/SOC-1?fields=created&expand=changelog");
        Assert.All(jira.Requests, request => Assert.Equal("Bearer pat", request.Headers["Authorization"]));
    }

    /// <summary>Cloud, the example answers of "Get transitions" (names and categories as published), "Get changelogs" and "Add comment".</summary>
    [Fact]
    public async Task Published_answers_are_understood()
    {
        await using var connector = Cloud();
        jira.Open("x", "mia");
        jira.Instead = request => request.Target switch
        {
            var target when target.Contains("/changelog", StringComparison.Ordinal) => LoopbackHttp.Answer(200, """
                {"isLast":false,"maxResults":2,"startAt":2,"total":5,"values":[
                 {"author":{"accountId":"5b10a2844c20165700ede21g","active":true,"displayName":"Mia Krystof"},"created":"1970-01-18T06:27:50.429+0000","id":"10001",
                  "items":[{"field":"fields","fieldtype":"jira","fieldId":"fieldId","from":null,"fromString":"","to":null,"toString":"label-1"}]},
                 {"author":{"accountId":"5b10a2844c20165700ede21g","active":true,"displayName":"Mia Krystof"},"created":"1970-01-18T06:27:51.429+0000","id":"10002",
                  "items":[{"field":"fields","fieldtype":"jira","fieldId":"fieldId","from":null,"fromString":"label-1","to":null,"toString":"label-1 label-2"}]}]}
                """),
            var target when target.Contains("/comment", StringComparison.Ordinal) => LoopbackHttp.Answer(200, $$$"""
                {"comments":[{"author":{"accountId":"5b10a2844c20165700ede21g","active":false,"displayName":"Mia Krystof"},"body":{{{Paragraphs(Lorem)}}},"created":"2021-01-17T12:34:00.000+0000","id":"10000",
                 "updated":"2021-01-18T23:45:00.000+0000","visibility":{"identifier":"Administrators","type":"role","value":"Administrators"}}],"maxResults":1,"startAt":0,"total":1}
                """),
            _ => null,
        };
        var changes = await connector.ChangesAsync("SOC-1", "", Given.Context(), None);
        Assert.Equal([("e10001", "fields:  → label-1"), ("e10002", "fields: label-1 → label-1 label-2"), ("c10000", Lorem)], changes.Changes.Select(change => (change.Id, change.Text)));
        Assert.All(changes.Changes, change => Assert.Equal(("Mia Krystof", false), (change.By, change.Automatic)));
        Assert.Equal(new DateTimeOffset(2021, 1, 17, 12, 34, 0, TimeSpan.Zero), changes.Changes[2].At);
        Assert.Equal("c10000-e10002", changes.Ticket.Version);
    }
}
