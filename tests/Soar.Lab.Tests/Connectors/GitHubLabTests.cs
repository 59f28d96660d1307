using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.GitHub;
using Soar.Lab.Tests.Range;

namespace Soar.Lab.Tests.Connectors;

/// <summary>Every request that the connector makes, as a mock built from GitHub's official OpenAPI description takes it; and GitHub's own example answers, as the connector reads them.</summary>
public sealed class GitHubLabTests : IClassFixture<GitHubMock>
{
    private readonly GitHubMock github;

    public GitHubLabTests(GitHubMock github)
    {
        github.Require();
        this.github = github;
        github.Calls.Clear();
        github.Rewrite = (_, answer) => answer;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static ActionContext Context() => new()
    {
        Run = new RunId(Guid.CreateVersion7()), Step = "step", Key = new IdempotencyKey("00112233445566778899aabbccddeeff"), Attempt = 1, Artifacts = null!,
    };

    private GitHubConnector Connector(Func<GitHubSettings, GitHubSettings> with)
    {
        var settings = with(new GitHubSettings { Address = github.Address, Repository = "octocat/Hello-World" });
        Assert.Empty(settings.Problems());
        return new GitHubConnector(settings, new ConnectorServices("github", TimeProvider.System, NullLogger.Instance, null!, "."));
    }

    [Fact]
    public async Task Every_action_with_a_token_is_as_the_description_wants_it_and_its_example_answers_are_understood()
    {
        await using var connector = Connector(settings => settings with { Token = new Secret("github_pat_x"), Labels = ["soar"] });
        var test = await connector.TestAsync(Token);
        Assert.True(test.Ok, test.Message);
        var made = await connector.CreateAsync("Attack from 203.0.113.66", "evidence", Context(), Token);
        Assert.Equal(("1347", "Found a bug", TicketStatus.Open), (made.Key, made.Subject, made.Status));
        Assert.Equal("octocat", made.Owner);
        var comment = await connector.CommentAsync("1347", "blocked", Context(), Token);
        Assert.Equal(("c1", "octocat", "Me too"), (comment.Id, comment.By, comment.Text));
        await connector.ReplyAsync("1347", "done", Context(), Token);
        // The mock forgets: it answers an open issue whatever was set, which the connector notices.
        foreach (var status in new[] { TicketStatus.Resolved, TicketStatus.Rejected })
            Assert.Equal("status", (await Assert.ThrowsAsync<ConnectorFailure>(() => connector.SetStatusAsync("1347", status, Context(), Token))).Reason);
        Assert.NotEmpty(await connector.SearchAsync("bug", Context(), Token));
        var changes = await connector.ChangesAsync("1347", "", Context(), Token);
        Assert.NotEmpty(changes.Changes);
        Assert.All(changes.Changes, change => Assert.NotEmpty(change.By));
        Assert.Equal(ProbeAnswer.Absent, (await connector.ProbeCreateAsync("x", "y", Context(), Token)).Answer);
        Agreed();
        Assert.Contains(github.Calls, call => call.Path.Contains("page=2", StringComparison.Ordinal)); // the second page is asked for as the description wants it too
    }

    [Fact]
    public async Task Every_request_of_an_app_is_as_the_description_wants_it()
    {
        using var key = RSA.Create(2048);
        await using var connector = Connector(settings => settings with { App = "Iv23.client", PrivateKey = new Secret(key.ExportRSAPrivateKeyPem()) });
        var test = await connector.TestAsync(Token);
        Assert.True(test.Ok, test.Message);
        Assert.Equal("1347", (await connector.CreateAsync("x", "y", Context(), Token)).Key);
        Agreed();
        Assert.Contains(github.Calls, call => call is { Method: "POST", Path: "/app/installations/1/access_tokens", Status: 201 });
    }

    [Fact]
    public async Task Opening_a_closed_issue_is_as_the_description_wants_it()
    {
        await using var connector = Connector(settings => settings with { Token = new Secret("github_pat_x") });
        github.Rewrite = (method, answer) => method == "GET" ? answer.Replace("\"state\":\"open\"", "\"state\":\"closed\"", StringComparison.Ordinal) : answer;
        Assert.Equal(TicketStatus.Open, (await connector.SetStatusAsync("1347", TicketStatus.Open, Context(), Token)).Status);
        Agreed();
        Assert.Contains(github.Calls, call => call is { Method: "PATCH", Status: 200 });
    }

    /// <summary>The proof above is worth nothing if the mock takes everything.</summary>
    [Theory]
    [InlineData("POST", "repos/o/r/issues", """{"body":"no title"}""")]
    [InlineData("POST", "repos/o/r/issues", """{"title":"x","labels":"soar"}""")]
    [InlineData("POST", "repos/o/r/issues/1/comments", """{"text":"wrong field"}""")]
    [InlineData("PATCH", "repos/o/r/issues/1", """{"state":"resolved"}""")]
    [InlineData("PATCH", "repos/o/r/issues/1", """{"state":"closed","state_reason":"done"}""")]
    [InlineData("POST", "app/installations/1/access_tokens", """{"permissions":{"issues":"all"}}""")]
    [InlineData("GET", "repos/o/r/issues?state=everything", null)]
    [InlineData("GET", "search/issues", null)]
    public async Task The_mock_refuses_what_is_not_as_the_description_wants_it(string method, string path, string? body)
    {
        using var http = new HttpClient();
        Assert.Equal(422, await SendAsync(http, new HttpMethod(method), path, body));
    }

    private void Agreed()
    {
        Assert.NotEmpty(github.Calls);
        Assert.All(github.Calls, call => Assert.True(call.Status is 200 or 201 && call.Violations.Count == 0, $"{call.Method} {call.Path}: {call.Status} {string.Join("; ", call.Violations)}"));
    }

    private async Task<int> SendAsync(HttpClient http, HttpMethod method, string path, string? body)
    {
        using var request = new HttpRequestMessage(method, new Uri(github.Address, path));
        request.Headers.Accept.ParseAdd("application/vnd.github+json");
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await http.SendAsync(request, Token);
        return (int)answer.StatusCode;
    }
}
