using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.GitHub;

namespace Soar.Tests.Connectors.GitHub;

public sealed class GitHubConnectorTests : IAsyncLifetime
{
    private readonly FakeGitHub github = new();

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => github.DisposeAsync();

    private static ActionContext Context(string key = "00112233445566778899aabbccddeeff") =>
        Given.Context(key) with { Run = new RunId(Guid.CreateVersion7(new DateTimeOffset(2026, 11, 24, 11, 0, 0, TimeSpan.Zero))) };

    private GitHubConnector Connector(Func<GitHubSettings, GitHubSettings>? with = null)
    {
        var settings = new GitHubSettings { Address = github.Address, Repository = "cert/incidents", Token = new Secret("s3cret"), Timeout = TimeSpan.FromMilliseconds(1_500) };
        settings = with?.Invoke(settings) ?? settings;
        Assert.Empty(settings.Problems());
        return new GitHubConnector(settings, Given.Services());
    }

    private static CancellationToken None => CancellationToken.None;

    private static async Task<ConnectorFailure> Fails(Func<Task> act)
    {
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(act);
        Assert.DoesNotContain("s3cret", failure.ToString());
        return failure;
    }

    [Fact]
    public async Task An_issue_is_created_once_under_its_key_which_no_reader_sees()
    {
        await using var connector = Connector(settings => settings with { Labels = ["soar", "incident"] });
        var context = Context();
        Assert.Equal(ProbeAnswer.Absent, (await connector.ProbeCreateAsync("Attack", "body", context, None)).Answer);
        var made = await connector.CreateAsync("Attack\non us", "From 203.0.113.66 ```` @everyone <img src=x>", context, None);
        Assert.Equal(("1", "Attack on us", TicketStatus.Open, false), (made.Key, made.Subject, made.Status, made.Closed));
        var post = Assert.Single(github.Requests, request => request.Method == "POST");
        Assert.Equal("""{"title":"Attack on us","body":"`````text\nFrom 203.0.113.66 ```` @everyone <img src=x>\n`````\n\n<!-- soar:00112233445566778899aabbccddeeff -->","labels":["soar","incident"]}""", post.Body);
        Assert.Equal(("Bearer s3cret", "2022-11-28", "application/vnd.github+json"), (post.Headers["Authorization"], post.Headers["X-GitHub-Api-Version"], post.Headers["Accept"]));
        Assert.StartsWith("Soar", post.Headers["User-Agent"]);

        Assert.Equal(made, await connector.CreateAsync("Attack\non us", "other", context, None));
        Assert.Single(github.Issues);
        var probe = await connector.ProbeCreateAsync("Attack", "body", context, None);
        Assert.Equal((ProbeAnswer.Present, true, made), (probe.Answer, probe.Ours, probe.Result));
        Assert.Equal(ProbeAnswer.Absent, (await connector.ProbeCreateAsync("Attack", "body", Context("ff" + context.Key.Value[2..]), None)).Answer);
    }

    [Fact]
    public async Task A_lost_answer_is_unknown_and_the_repeat_finds_the_issue()
    {
        await using var connector = Connector();
        var context = Context();
        github.Instead = request =>
        {
            if (request.Method != "POST")
                return null;
            github.Open("Attack", System.Text.Json.Nodes.JsonNode.Parse(request.Body)!["body"]!.ToString(), "soar-desk");
            return "drop";
        };
        Assert.Equal(FailureKind.Unknown, (await Fails(() => connector.CreateAsync("Attack", "body", context, None))).Kind);
        Assert.Equal("1", (await connector.CreateAsync("Attack", "body", context, None)).Key);
        Assert.Single(github.Issues);
    }

    [Fact]
    public async Task A_key_is_found_on_a_later_page_by_the_Link_header()
    {
        await using var connector = Connector();
        var context = Context();
        await connector.CreateAsync("Ours", "body", context, None);
        for (var i = 0; i < 25; i++)
            github.Open($"Other {i}", "text", "ana");
        github.PageSize = 10;
        var before = github.Requests.Count;
        Assert.Equal("1", (await connector.ProbeCreateAsync("Ours", "body", context, None)).Result!.Key);
        Assert.Equal(3, github.Requests.Count - before);
    }

    [Fact]
    public async Task Issues_from_before_the_run_are_not_paged_through()
    {
        await using var connector = Connector();
        github.Now = new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);
        for (var i = 0; i < 50; i++)
            github.Open($"Old {i}", "text", "ana");
        github.PageSize = 10;
        Assert.Equal(ProbeAnswer.Absent, (await connector.ProbeCreateAsync("x", "y", Context(), None)).Answer);
        Assert.Contains("since=2026-11-23T11%3A00%3A00Z", Assert.Single(github.Requests).Target);
    }

    [Fact]
    public async Task Where_too_many_issues_are_newer_the_search_is_asked()
    {
        await using var connector = Connector();
        var context = Context();
        await connector.CreateAsync("Ours", "body", context, None);
        for (var i = 0; i < 25; i++)
            github.Open($"Other {i}", "text", "ana");
        github.PageSize = 2;
        Assert.Equal("1", (await connector.ProbeCreateAsync("Ours", "body", context, None)).Result!.Key);
        Assert.Contains("/search/issues?q=%22soar%3A00112233445566778899aabbccddeeff%22%20in%3Abody%20repo%3Acert%2Fincidents%20is%3Aissue&", github.Requests[^1].Target);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_comment_and_a_reply_are_written_once_under_their_keys(bool markdown)
    {
        await using var connector = Connector(settings => settings with { Markdown = markdown });
        github.Open("Attack", "text", "ana");
        foreach (var key in new[] { "aa112233445566778899aabbccddeeff", "bb112233445566778899aabbccddeeff" })
        {
            var first = await connector.CommentAsync("1", "Blocked\n\nat **the** gateway", Context(key), None);
            Assert.Equal((TicketChangeKind.Comment, "Blocked\n\nat **the** gateway", "soar-desk", true), (first.Kind, first.Text, first.By, first.Automatic));
            Assert.Equal(first, await connector.CommentAsync("1", "Blocked\n\nat **the** gateway", Context(key), None));
            Assert.Equal(first, (await connector.ProbeCommentAsync("1", "x", Context(key), None)).Result);
        }

        var reply = await connector.ReplyAsync("1", "Dear ana", Context("cc112233445566778899aabbccddeeff"), None);
        Assert.Equal(TicketChangeKind.Reply, reply.Kind);
        Assert.Equal(ProbeAnswer.Absent, (await connector.ProbeReplyAsync("1", "x", Context("dd112233445566778899aabbccddeeff"), None)).Answer);
        Assert.Equal(3, github.Timelines[1].Count);
        Assert.Equal(markdown, !((string)github.Timelines[1][0]["body"]!).StartsWith("```", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_status_is_set_with_its_reason_and_left_alone_when_it_is_set_already()
    {
        await using var connector = Connector();
        github.Open("Attack", "text", "ana");
        Assert.Equal((TicketStatus.Resolved, "closed (completed)", true), Of(await connector.SetStatusAsync("1", TicketStatus.Resolved, Context(), None)));
        await connector.SetStatusAsync("1", TicketStatus.Resolved, Context(), None);
        Assert.Equal((TicketStatus.Open, "open", false), Of(await connector.SetStatusAsync("1", TicketStatus.Open, Context(), None)));
        Assert.Equal((TicketStatus.Rejected, "closed (not_planned)", true), Of(await connector.SetStatusAsync("1", TicketStatus.Rejected, Context(), None)));
        Assert.Equal(ProbeAnswer.Present, (await connector.ProbeSetStatusAsync("1", TicketStatus.Rejected, Context(), None)).Answer);
        Assert.Equal(ProbeAnswer.Absent, (await connector.ProbeSetStatusAsync("1", TicketStatus.Resolved, Context(), None)).Answer);
        Assert.Equal(3, github.Requests.Count(request => request.Method == "PATCH"));

        var stuck = await Fails(() => connector.SetStatusAsync("1", TicketStatus.Resolved, Context(), None)); // closed stays closed: GitHub ignores the reason
        Assert.Equal((FailureKind.Permanent, "status"), (stuck.Kind, stuck.Reason));
        foreach (var unknown in new[] { TicketStatus.New, TicketStatus.Waiting, TicketStatus.Other })
            Assert.Equal("status", (await Fails(() => connector.SetStatusAsync("1", unknown, Context(), None))).Reason);

        static (TicketStatus, string, bool) Of(Ticket ticket) => (ticket.Status, ticket.StatusName, ticket.Closed);
    }

    [Fact]
    public async Task A_wait_ends_with_what_somebody_else_did_and_nothing_is_told_twice_or_missed()
    {
        await using var connector = Connector();
        var ticket = await connector.CreateAsync("Attack", "body", Context(), None);
        await connector.CommentAsync(ticket.Key, "asked", Context("aa112233445566778899aabbccddeeff"), None);
        github.Happens(1, "subscribed", "ana");
        var waits = await Fails(() => connector.AwaitChangeAsync(ticket.Key, ticket.Version, Context(), None));
        Assert.Equal((FailureKind.NotYet, TimeSpan.FromMinutes(2)), (waits.Kind, waits.RetryAfter));

        github.Happens(1, "commented", "ana", ("body", "on it"));
        github.Happens(1, "labeled", "ana", ("label", System.Text.Json.Nodes.JsonNode.Parse("""{"name":"urgent"}""")));
        var news = await connector.AwaitChangeAsync(ticket.Key, ticket.Version, Context(), None);
        Assert.Equal([("asked", true), ("on it", false), ("labeled: urgent", false)], news.Changes.Select(change => (change.Text, change.Automatic)));
        Assert.Equal(FailureKind.NotYet, (await Fails(() => connector.AwaitChangeAsync(ticket.Key, news.Ticket.Version, Context(), None))).Kind);

        // A comment that is deleted, and one in the same second as the last look, hide nothing.
        github.Timelines[1].RemoveAll(entry => (string?)entry["body"] == "on it");
        github.Happens(1, "renamed", "ana", ("rename", System.Text.Json.Nodes.JsonNode.Parse("""{"from":"Attack","to":"Big attack"}""")));
        github.Issues[0]["state"] = "closed";
        github.Issues[0]["state_reason"] = "duplicate";
        github.Happens(1, "closed", "ana", ("state_reason", "duplicate"));
        var later = await connector.AwaitChangeAsync(ticket.Key, news.Ticket.Version, Context(), None);
        Assert.Equal(["renamed: Attack → Big attack", "open → closed (duplicate)"], later.Changes.Select(change => change.Text));
        Assert.Equal((TicketStatus.Rejected, true), (later.Ticket.Status, later.Ticket.Closed));
        var fresh = await connector.FindAsync(ticket.Key, Context(), None);
        Assert.Equal(FailureKind.NotYet, (await Fails(() => connector.AwaitChangeAsync(ticket.Key, fresh.Version, Context(), None))).Kind);
        Assert.Equal("version", (await Fails(() => connector.ChangesAsync("1", "17", Context(), None))).Reason);
    }

    [Fact]
    public async Task A_search_cannot_leave_its_repository()
    {
        await using var connector = Connector();
        github.Open("Zebra one", "text", "ana");
        github.Open("Zebra two", "text", "ana");
        Assert.Equal(["1", "2"], (await connector.SearchAsync("zebra", Context(), None)).Select(ticket => ticket.Key).Order());
        await connector.SearchAsync("x\" repo:other/secret \"", Context(), None);
        Assert.Contains("q=%22x%20%20repo%3Aother%2Fsecret%20%20%22%20in%3Atitle%20repo%3Acert%2Fincidents%20is%3Aissue&", github.Requests[^1].Target.Replace("%20%20%20", "%20%20", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(400, FailureKind.Permanent)]
    [InlineData(401, FailureKind.Permanent)]
    [InlineData(403, FailureKind.Permanent)]
    [InlineData(404, FailureKind.Permanent)]
    [InlineData(409, FailureKind.Permanent)]
    [InlineData(410, FailureKind.Permanent)]
    [InlineData(412, FailureKind.Permanent)]
    [InlineData(422, FailureKind.Permanent)]
    [InlineData(429, FailureKind.Transient)]
    [InlineData(500, FailureKind.Unknown)]
    [InlineData(503, FailureKind.Transient)]
    public async Task A_refusal_keeps_its_meaning_and_GitHubs_words(int status, FailureKind kind)
    {
        await using var connector = Connector();
        github.Open("Attack", "text", "ana");
        github.Instead = request => request.Method == "GET" ? null : LoopbackHttp.Answer(status, """{"message":"Validation Failed","errors":[{"field":"title","code":"missing"}]}""");
        foreach (var act in new Func<Task>[]
        {
            () => connector.CreateAsync("x", "y", Context(), None), () => connector.CommentAsync("1", "x", Context(), None), () => connector.SetStatusAsync("1", TicketStatus.Resolved, Context(), None),
        })
        {
            var failure = await Fails(act);
            Assert.Equal(kind, failure.Kind);
            Assert.Contains("Validation Failed", failure.Message);
            Assert.Contains("\"field\":\"title\"", failure.Message);
        }
    }

    [Theory]
    [InlineData(403, "You have exceeded a secondary rate limit. Please wait.", "Retry-After: 30", 30)]
    [InlineData(429, "You have exceeded a secondary rate limit. Please wait.", "X: y", 60)]
    [InlineData(403, "You have exceeded a secondary rate limit. Please wait.", "X: y", 60)]
    [InlineData(403, "API rate limit exceeded for installation", "X-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: RESET", 600)]
    [InlineData(429, "API rate limit exceeded for installation", "X-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: RESET", 600)]
    public async Task A_rate_limit_is_transient_with_the_wait_that_GitHub_asks_for(int status, string words, string header, int seconds)
    {
        await using var connector = Connector();
        header = header.Replace("RESET", DateTimeOffset.UtcNow.AddSeconds(600).ToUnixTimeSeconds().ToString(), StringComparison.Ordinal);
        github.Instead = request => request.Method == "GET" ? null : LoopbackHttp.Answer(status, $$"""{"message":"{{words}}"}""", headers: header);
        var failure = await Fails(() => connector.CreateAsync("x", "y", Context(), None));
        Assert.Equal((FailureKind.Transient, "429"), (failure.Kind, failure.Reason));
        Assert.InRange(failure.RetryAfter!.Value.TotalSeconds, seconds - 20, seconds);
    }

    [Fact]
    public async Task A_missing_permission_is_named()
    {
        await using var connector = Connector();
        github.Instead = request => request.Method == "GET" ? null
            : LoopbackHttp.Answer(403, """{"message":"Resource not accessible by personal access token"}""", headers: "X-Accepted-GitHub-Permissions: issues=write");
        var failure = await Fails(() => connector.CreateAsync("x", "y", Context(), None));
        Assert.Equal((FailureKind.Permanent, "403"), (failure.Kind, failure.Reason));
        Assert.Contains("it needs issues=write", failure.Message);
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
        github.Open("Attack", "text", "ana");
        github.Instead = request => request.Method == "GET" ? null : answer;
        Assert.Equal(FailureKind.Unknown, (await Fails(() => connector.CreateAsync("x", "y", Context(), None))).Kind);
        Assert.Equal(FailureKind.Unknown, (await Fails(() => connector.CommentAsync("1", "y", Context(), None))).Kind);
        github.Instead = request => request.Method == "GET" ? answer.Replace("201 Created", "200 OK", StringComparison.Ordinal) : null;
        Assert.Equal(FailureKind.Transient, (await Fails(() => connector.CreateAsync("x", "y", Context(), None))).Kind);
        Assert.Equal(FailureKind.Transient, (await Fails(() => connector.FindAsync("1", Context(), None))).Kind);
        Assert.Single(github.Issues);
    }

    [Fact]
    public async Task The_test_tells_a_repository_without_issues_and_one_that_is_not_there()
    {
        await using var connector = Connector();
        Assert.True((await connector.TestAsync(None)).Ok);
        Assert.DoesNotContain(github.Requests, request => request.Method != "GET");
        github.Instead = request => request.Target == "/repos/cert/incidents" ? LoopbackHttp.Answer(200, """{"has_issues":false}""") : null;
        Assert.Contains("switched off", (await connector.TestAsync(None)).Message);
        github.Instead = _ => LoopbackHttp.Answer(404, """{"message":"Not Found"}""");
        Assert.False((await connector.TestAsync(None)).Ok);
    }

    [Fact]
    public void Settings_name_every_problem_at_once()
    {
        var problems = new GitHubSettings { Repository = "incidents", App = "Iv1.x", Token = new Secret("x"), LookEvery = TimeSpan.FromSeconds(1) }.Problems();
        Assert.Equal(["repository", "token", "privateKey", "lookEvery"], problems.Select(problem => problem[..problem.IndexOf(':')]));
        Assert.Equal(["privateKey"], new GitHubSettings { Repository = "a/b", App = "Iv1.x", PrivateKey = new Secret("no pem") }.Problems().Select(problem => problem[..problem.IndexOf(':')]));
        Assert.Equal(["repository", "token"], new GitHubSettings { Repository = "a/.." }.Problems().Select(problem => problem[..problem.IndexOf(':')]));
    }
}
