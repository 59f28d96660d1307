using System.Text.Json;
using System.Text.Json.Nodes;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.Jira;

namespace Soar.Tests.Connectors.Jira;

public sealed class JiraConnectorTests : IAsyncLifetime
{
    private readonly FakeJira jira = new();

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => jira.DisposeAsync();

    private static CancellationToken None => CancellationToken.None;

    private static ActionContext Context(string key = "00112233445566778899aabbccddeeff") =>
        Given.Context(key) with { Run = new RunId(Guid.CreateVersion7(new DateTimeOffset(2026, 11, 24, 11, 0, 0, TimeSpan.Zero))) };

    private JiraConnector Connector(JiraEdition edition = JiraEdition.Cloud, Func<JiraSettings, JiraSettings>? with = null, TimeProvider? clock = null)
    {
        var settings = new JiraSettings { Address = jira.Address, Edition = edition, User = edition == JiraEdition.Cloud ? "soar@cert.example" : null, Token = new Secret("s3cret"), Project = "SOC", Timeout = TimeSpan.FromMilliseconds(1_500) };
        settings = with?.Invoke(settings) ?? settings;
        Assert.Empty(settings.Problems());
        return new JiraConnector(settings, Given.Services(clock: clock));
    }

    private static async Task<ConnectorFailure> Fails(Func<Task> act)
    {
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(act);
        Assert.DoesNotContain("s3cret", failure.ToString());
        return failure;
    }

    [Theory]
    [InlineData(JiraEdition.Cloud)]
    [InlineData(JiraEdition.DataCenter)]
    public async Task An_issue_is_created_once_under_its_key(JiraEdition edition)
    {
        await using var connector = Connector(edition);
        Assert.Equal(ProbeAnswer.Absent, (await connector.ProbeCreateAsync("Attack", "body", Context(), None)).Answer);
        var made = await connector.CreateAsync("Attack", "From 203.0.113.66\nfor an hour\n\nsecond block", Context(), None);
        Assert.Equal(("SOC-1", TicketStatus.New, "To Do", new Uri(jira.Address, "browse/SOC-1").ToString()), (made.Key, made.Status, made.StatusName, made.Link));
        Assert.Equal(made, await connector.CreateAsync("Attack", "body", Context(), None));
        Assert.Equal((ProbeAnswer.Present, true), ((await connector.ProbeCreateAsync("Attack", "body", Context(), None)) is var probe ? (probe.Answer, probe.Ours) : default));
        Assert.Equal(ProbeAnswer.Absent, (await connector.ProbeCreateAsync("Attack", "body", Context("ff112233445566778899aabbccddeeff"), None)).Answer);
        Assert.Single(jira.Issues);
    }

    [Fact]
    public async Task A_repeat_gives_the_search_index_its_time_before_it_creates_another()
    {
        await using var connector = Connector(clock: new CatchingUp(() => jira.Indexed = true));
        jira.Instead = request =>
        {
            if (request.Method != "POST")
                return null;
            jira.Open("Attack", "soar", "soar-00112233445566778899aabbccddeeff");
            jira.Indexed = false;
            return "drop";
        };
        Assert.Equal(FailureKind.Unknown, (await Fails(() => connector.CreateAsync("Attack", "body", Context(), None))).Kind);
        Assert.Equal("SOC-1", (await connector.CreateAsync("Attack", "body", Context() with { Attempt = 2 }, None)).Key);
        Assert.Single(jira.Issues);
    }

    [Theory]
    [InlineData(JiraEdition.Cloud)]
    [InlineData(JiraEdition.DataCenter)]
    public async Task A_comment_and_a_reply_are_written_once_and_read_as_they_were_written(JiraEdition edition)
    {
        await using var connector = Connector(edition);
        var issue = jira.Open("Attack", "ana");
        const string Text = "Blocked *at* {noformat}\n[the|http://evil.example] gateway\n\nlast line";
        var comment = await connector.CommentAsync("SOC-1", Text, Context(), None);
        Assert.Equal((TicketChangeKind.Comment, "soar", true), (comment.Kind, comment.By, comment.Automatic));
        Assert.Equal(edition == JiraEdition.Cloud ? Text : Text.Replace("{noformat}", "{ noformat}", StringComparison.Ordinal), comment.Text);
        // somebody quotes it: theirs is not ours
        jira.Comments(issue, "ana", JsonNode.Parse(JsonSerializer.Serialize("> [soar:00112233445566778899aabbccddeeff] really?"))!);
        Assert.Equal(comment, await connector.CommentAsync("SOC-1", Text, Context(), None));
        Assert.Equal(comment, (await connector.ProbeCommentAsync("SOC-1", Text, Context(), None)).Result);
        var reply = await connector.ReplyAsync("SOC-1", "Dear ana", Context("aa112233445566778899aabbccddeeff"), None);
        Assert.Equal(TicketChangeKind.Reply, reply.Kind);
        Assert.Equal(ProbeAnswer.Absent, (await connector.ProbeReplyAsync("SOC-1", "x", Context("bb112233445566778899aabbccddeeff"), None)).Answer);
        Assert.Equal(3, issue["comments"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_status_is_a_transition_that_leads_to_its_word()
    {
        await using var connector = Connector(with: settings => settings with { Statuses = new Dictionary<string, string> { ["waiting"] = "peer review" } });
        var issue = jira.Open("Attack", "ana");
        Assert.Equal((TicketStatus.Open, "In Progress"), Of(await connector.SetStatusAsync("SOC-1", TicketStatus.Open, Context(), None)));
        Assert.Equal((TicketStatus.Waiting, "Peer Review"), Of(await connector.SetStatusAsync("SOC-1", TicketStatus.Waiting, Context(), None)));
        Assert.Equal((TicketStatus.Resolved, "Done"), Of(await connector.SetStatusAsync("SOC-1", TicketStatus.Resolved, Context(), None)));
        await connector.SetStatusAsync("SOC-1", TicketStatus.Resolved, Context(), None);
        Assert.Equal(3, issue["history"]!.AsArray().Count);
        Assert.True((await connector.FindAsync("SOC-1", Context(), None)).Closed);
        Assert.Equal(ProbeAnswer.Present, (await connector.ProbeSetStatusAsync("SOC-1", TicketStatus.Resolved, Context(), None)).Answer);

        static (TicketStatus, string) Of(Ticket ticket) => (ticket.Status, ticket.StatusName);
    }

    [Fact]
    public async Task A_status_without_a_word_or_a_way_is_permanent_and_says_where_the_issue_can_go()
    {
        await using var connector = Connector(with: settings => settings with { Statuses = new Dictionary<string, string> { ["rejected"] = "Won't do" } });
        jira.Open("Attack", "ana");
        Assert.Contains("no word for 'Waiting'", (await Fails(() => connector.SetStatusAsync("SOC-1", TicketStatus.Waiting, Context(), None))).Message);
        var failure = await Fails(() => connector.SetStatusAsync("SOC-1", TicketStatus.Rejected, Context(), None));
        Assert.Equal((FailureKind.Permanent, "status"), (failure.Kind, failure.Reason));
        Assert.Contains("To Do, In Progress, Done, Peer Review", failure.Message);
        jira.Instead = request => request.Method == "POST" ? LoopbackHttp.Answer(409, "{}") : null;
        Assert.Equal((FailureKind.Transient, "409"), (await Fails(() => connector.SetStatusAsync("SOC-1", TicketStatus.Open, Context(), None))) is var conflict ? (conflict.Kind, conflict.Reason) : default);
    }

    [Fact]
    public async Task A_status_that_no_word_is_said_for_is_read_by_its_category()
    {
        await using var connector = Connector();
        var issue = jira.Open("Attack", "ana");
        jira.Moves(issue, "ana", "Peer Review");
        var found = await connector.FindAsync("SOC-1", Context(), None);
        Assert.Equal((TicketStatus.Open, "Peer Review", false), (found.Status, found.StatusName, found.Closed));
    }

    [Theory]
    [InlineData(JiraEdition.Cloud)]
    [InlineData(JiraEdition.DataCenter)]
    public async Task A_wait_ends_with_what_somebody_else_did(JiraEdition edition)
    {
        await using var connector = Connector(edition);
        var ticket = await connector.CreateAsync("Attack", "body", Context(), None);
        await connector.CommentAsync(ticket.Key, "asked", Context(), None);
        await connector.SetStatusAsync(ticket.Key, TicketStatus.Open, Context(), None);
        var waits = await Fails(() => connector.AwaitChangeAsync(ticket.Key, ticket.Version, Context(), None));
        Assert.Equal((FailureKind.NotYet, TimeSpan.FromMinutes(2)), (waits.Kind, waits.RetryAfter));

        jira.Now = jira.Now.AddMinutes(1);
        jira.Comments(jira.Issues[0], "ana", JsonNode.Parse("""{"type":"doc","version":1,"content":[{"type":"paragraph","content":[{"type":"mention","attrs":{"text":"@soar"}},{"type":"text","text":" see "},{"type":"inlineCard","attrs":{"url":"https://x.example"}}]},{"type":"bulletList","content":[{"type":"listItem","content":[{"type":"paragraph","content":[{"type":"text","text":"one"}]}]},{"type":"listItem","content":[{"type":"paragraph","content":[{"type":"text","text":"two"}]}]}]}]}""")!);
        jira.Now = jira.Now.AddMinutes(1);
        jira.Moves(jira.Issues[0], "ana", "Done");
        var news = await connector.AwaitChangeAsync(ticket.Key, ticket.Version, Context(), None);
        Assert.Equal(["asked", "To Do → In Progress", "@soar see https://x.example\n\none\ntwo", "In Progress → Done"], news.Changes.Select(change => change.Text));
        Assert.Equal([true, true, false, false], news.Changes.Select(change => change.Automatic));
        Assert.True(news.Ticket.Closed);
        Assert.Equal(FailureKind.NotYet, (await Fails(() => connector.AwaitChangeAsync(ticket.Key, news.Ticket.Version, Context(), None))).Kind);
    }

    [Theory]
    [InlineData(400, FailureKind.Permanent)]
    [InlineData(401, FailureKind.Permanent)]
    [InlineData(403, FailureKind.Permanent)]
    [InlineData(404, FailureKind.Permanent)]
    [InlineData(412, FailureKind.Permanent)]
    [InlineData(413, FailureKind.Permanent)]
    [InlineData(429, FailureKind.Transient)]
    [InlineData(500, FailureKind.Unknown)]
    [InlineData(503, FailureKind.Transient)]
    public async Task A_refusal_keeps_its_meaning_and_Jiras_words(int status, FailureKind kind)
    {
        await using var connector = Connector();
        jira.Open("Attack", "ana");
        jira.Instead = request => request.Method == "GET" ? null : LoopbackHttp.Answer(status, """{"errorMessages":["Field 'priority' is required"],"errors":{"summary":"too long"}}""", headers: "Retry-After: 1");
        foreach (var act in new Func<Task>[]
        {
            () => connector.CreateAsync("x", "y", Context(), None), () => connector.CommentAsync("SOC-1", "x", Context(), None), () => connector.SetStatusAsync("SOC-1", TicketStatus.Resolved, Context(), None),
        })
        {
            var failure = await Fails(act);
            // a 403 that says when to come again is a rate limit
            Assert.Equal(status == 403 ? FailureKind.Transient : kind, failure.Kind);
            Assert.Contains("Field 'priority' is required; summary: too long", failure.Message);
            if (failure.Kind == FailureKind.Transient)
                Assert.Equal(TimeSpan.FromSeconds(1), failure.RetryAfter);
        }
    }

    [Theory]
    [InlineData("drop")]
    [InlineData("hang")]
    [InlineData("HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\ncut")]
    [InlineData("HTTP/1.1 201 Created\r\nContent-Length: 4\r\n\r\n<ht>")]
    [InlineData("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}")]
    public async Task What_may_have_arrived_is_unknown_and_what_is_read_is_transient(string answer)
    {
        await using var connector = Connector();
        jira.Open("Attack", "ana");
        jira.Instead = request => request.Method == "GET" ? null : answer;
        Assert.Equal(FailureKind.Unknown, (await Fails(() => connector.CreateAsync("x", "y", Context(), None))).Kind);
        Assert.Equal(FailureKind.Unknown, (await Fails(() => connector.CommentAsync("SOC-1", "y", Context(), None))).Kind);
        jira.Instead = request => request.Method == "GET" ? answer.Replace("201 Created", "200 OK", StringComparison.Ordinal) : null;
        Assert.Equal(FailureKind.Transient, (await Fails(() => connector.CreateAsync("x", "y", Context(), None))).Kind);
        Assert.Equal(FailureKind.Transient, (await Fails(() => connector.FindAsync("SOC-1", Context(), None))).Kind);
        Assert.Single(jira.Issues);
    }

    [Theory]
    [InlineData("")]
    [InlineData("17")]
    [InlineData("soc-1")]
    [InlineData("SOC-1/../SOC-2")]
    [InlineData("SOC-")]
    [InlineData("SOC-1?x")]
    public async Task What_is_no_key_never_reaches_Jira(string ticket)
    {
        await using var connector = Connector();
        Assert.Equal("key", (await Fails(() => connector.FindAsync(ticket, Context(), None))).Reason);
        Assert.Equal("key", (await Fails(() => connector.CommentAsync(ticket, "x", Context(), None))).Reason);
        Assert.Equal("version", (await Fails(() => connector.ChangesAsync("SOC-1", "17", Context(), None))).Reason);
        Assert.Empty(jira.Requests);
    }

    [Fact]
    public async Task The_test_names_the_permissions_that_are_missing()
    {
        await using var connector = Connector();
        Assert.True((await connector.TestAsync(None)).Ok);
        jira.Instead = _ => LoopbackHttp.Answer(200, """{"permissions":{"BROWSE_PROJECTS":{"havePermission":true},"CREATE_ISSUES":{"havePermission":false},"ADD_COMMENTS":{"havePermission":true}}}""");
        var test = await connector.TestAsync(None);
        Assert.False(test.Ok);
        Assert.Contains("CREATE_ISSUES, TRANSITION_ISSUES", test.Message);
        jira.Instead = _ => LoopbackHttp.Answer(401, "Client must be authenticated to access this resource.", "text/plain");
        Assert.False((await connector.TestAsync(None)).Ok);
    }

    [Fact]
    public void Settings_name_every_problem_at_once()
    {
        var problems = new JiraSettings { Project = "a b", IssueType = "", Labels = ["two words"], Statuses = new Dictionary<string, string> { ["done"] = "x" }, Resolutions = new Dictionary<string, string> { ["open"] = "x" } }.Problems();
        Assert.Equal(["address", "token", "user", "project", "issueType", "labels", "statuses", "resolutions"], problems.Select(problem => problem[..problem.IndexOf(':')]));
        Assert.Equal(["user"], new JiraSettings { Address = jira.Address, Edition = JiraEdition.DataCenter, User = "x", Token = new Secret("x"), Project = "SOC" }.Problems().Select(problem => problem[..problem.IndexOf(':')]));
    }

    /// <summary>A clock on which the five seconds that a repeat waits pass at once, and the index catches up in them.</summary>
    private sealed class CatchingUp(Action index) : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime != TimeSpan.FromSeconds(5))
                return base.CreateTimer(callback, state, dueTime, period);
            index();
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
