using Soar.Testing.Contract;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.GitHub;
using Soar.Tests.Engine;

namespace Soar.Tests.Connectors.GitHub;

public sealed class GitHubAppTests : IAsyncLifetime
{
    private static readonly RSA Key = RSA.Create(2048);
    private readonly FakeGitHub github = new();
    private readonly ManualClock clock = new();
    private readonly List<string> refused = [];
    private int tokens;

    public GitHubAppTests()
    {
        github.Instead = request => (request.Method, request.Target) switch
        {
            ("GET", "/repos/cert/incidents/installation") when Proven(request) => LoopbackHttp.Answer(200, """{"id":4711}"""),
            ("POST", "/app/installations/4711/access_tokens") when Proven(request) =>
                LoopbackHttp.Answer(201, $$"""{"token":"ghs_{{++tokens}}","expires_at":"{{clock.GetUtcNow().AddHours(1):yyyy-MM-ddTHH:mm:ssZ}}","repository_selection":"selected"}"""),
            ("GET", "/app") when Proven(request) => LoopbackHttp.Answer(200, """{"slug":"soar-desk"}"""),
            _ when request.Headers["Authorization"] is var given && given.StartsWith("Bearer ghs_", StringComparison.Ordinal) && !refused.Contains(given[7..]) => null,
            _ => LoopbackHttp.Answer(401, """{"message":"Bad credentials"}"""),
        };
        github.User = _ => "soar-desk[bot]";
    }

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => github.DisposeAsync();

    private static CancellationToken None => CancellationToken.None;

    private GitHubConnector Connector()
    {
        var settings = new GitHubSettings { Address = github.Address, Repository = "cert/incidents", App = "Iv23.client", PrivateKey = new Secret(Key.ExportRSAPrivateKeyPem()) };
        Assert.Empty(settings.Problems());
        return new GitHubConnector(settings, Given.Services(clock: clock));
    }

    private bool Proven(HttpAsked request)
    {
        var parts = request.Headers["Authorization"]["Bearer ".Length..].Split('.');
        Assert.True(Key.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        Assert.Equal("""{"alg":"RS256","typ":"JWT"}""", Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[0])));
        var claims = JsonSerializer.Deserialize<JsonElement>(Base64Url.DecodeFromChars(parts[1]));
        Assert.Equal("Iv23.client", claims.GetProperty("iss").GetString());
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        Assert.InRange(claims.GetProperty("iat").GetInt64(), now - 120, now - 1);
        Assert.InRange(claims.GetProperty("exp").GetInt64(), now + 60, now + 600);
        return true;
    }

    [Fact]
    public async Task An_app_proves_itself_gets_a_token_for_issues_of_its_repository_and_keeps_it_until_it_ends()
    {
        await using var connector = Connector();
        await connector.CreateAsync("Attack", "body", Given.Context(), None);
        await connector.FindAsync("1", Given.Context(), None);
        Assert.Equal("""{"repositories":["incidents"],"permissions":{"issues":"write"}}""", Assert.Single(github.Requests, request => request.Target.EndsWith("access_tokens", StringComparison.Ordinal)).Body);
        Assert.Equal(1, tokens);
        clock.Advance(57.Minutes);
        await connector.FindAsync("1", Given.Context(), None);
        Assert.Equal(1, tokens);
        clock.Advance(2.Minutes); // a minute before its end
        await connector.FindAsync("1", Given.Context(), None);
        Assert.Equal(2, tokens);
        Assert.Equal("Bearer ghs_2", github.Requests[^1].Headers["Authorization"]);
        Assert.Single(github.Requests, request => request.Target.EndsWith("/installation", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_hundred_runs_at_once_ask_for_one_token()
    {
        await using var connector = Connector();
        github.Open("Attack", "text", "ana");
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => connector.FindAsync("1", Given.Context(), None)));
        Assert.Equal(1, tokens);
    }

    [Fact]
    public async Task A_token_that_was_taken_back_is_replaced_once_and_the_issue_is_created_once()
    {
        await using var connector = Connector();
        github.Open("Attack", "text", "ana");
        await connector.FindAsync("1", Given.Context(), None);
        refused.Add("ghs_1");
        await connector.CreateAsync("Second", "body", Given.Context(), None);
        Assert.Equal((2, 2), (tokens, github.Issues.Count));
        refused.AddRange(["ghs_2", "ghs_3", "ghs_4"]);
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => connector.FindAsync("1", Given.Context(), None));
        Assert.Equal((FailureKind.Permanent, "401", 3), (failure.Kind, failure.Reason, tokens));
    }

    [Fact]
    public async Task What_the_app_does_is_its_own()
    {
        await using var connector = Connector();
        var ticket = await connector.CreateAsync("Attack", "body", Given.Context(), None);
        await connector.CommentAsync("1", "asked", Given.Context("aa112233445566778899aabbccddeeff"), None);
        Assert.True(Assert.Single((await connector.ChangesAsync("1", ticket.Version, Given.Context(), None)).Changes).Automatic);
        var test = await connector.TestAsync(None);
        Assert.True(test.Ok, test.Message);
        Assert.Contains("soar-desk[bot]", test.Message);
    }

    [Fact]
    public async Task An_app_that_is_not_installed_or_lacks_the_permission_says_so_and_nothing_was_done()
    {
        await using var connector = Connector();
        var before = github.Instead!;
        github.Instead = request => request.Target.EndsWith("access_tokens", StringComparison.Ordinal)
            ? LoopbackHttp.Answer(422, """{"message":"The permissions requested are not granted to this installation."}""") : before(request);
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => connector.CreateAsync("x", "y", Given.Context(), None));
        Assert.Equal(FailureKind.Permanent, failure.Kind);
        Assert.Contains("not granted", failure.Message);
        Assert.DoesNotContain("PRIVATE KEY", failure.ToString());
        github.Instead = request => request.Target.EndsWith("access_tokens", StringComparison.Ordinal) ? LoopbackHttp.Answer(500, "{}") : before(request);
        Assert.Equal(FailureKind.Transient, (await Assert.ThrowsAsync<ConnectorFailure>(() => connector.CreateAsync("x", "y", Given.Context(), None))).Kind);
        github.Instead = _ => LoopbackHttp.Answer(404, """{"message":"Not Found"}""");
        Assert.Equal("404", (await Assert.ThrowsAsync<ConnectorFailure>(() => connector.CreateAsync("x", "y", Given.Context(), None))).Reason);
    }
}
