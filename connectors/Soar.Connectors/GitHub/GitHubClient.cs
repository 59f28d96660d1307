using System.Runtime.CompilerServices;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Connectors.Http;

namespace Soar.Connectors.GitHub;

/// <summary>
/// GitHub's REST API as far as Soar needs it: the version that the requests are written for, the credential, pages by the <c>Link</c> header, both kinds of rate limits, refusals in
/// GitHub's own words.
/// </summary>
internal sealed class GitHubClient : IDisposable
{
    private const string ApiVersion = "2022-11-28";

    // Where a secondary limit says no time, GitHub asks for a minute at least.
    private static readonly TimeSpan SecondaryLimit = TimeSpan.FromMinutes(1);

    private readonly GitHubSettings settings;
    private readonly HttpAccess http;
    private readonly Pace pace;
    private readonly GitHubApp? app;
    private string? login;

    public GitHubClient(GitHubSettings settings, ConnectorServices services)
    {
        (this.settings, pace) = (settings, services.Pace);
        http = new HttpAccess(settings.Rules() with { MaxBytes = 16 * 1024 * 1024 }, services); // a page of issues with long texts
        app = settings.Token is null && settings.PrivateKey is not null ? new GitHubApp(settings, services.Clock, SendOnceAsync) : null;
    }

    public async Task<HttpReply> SendAsync(HttpCall call, CancellationToken cancellation)
    {
        if (app is null)
            return await SendOnceAsync(call.With(request => request.Headers.Authorization = new("Bearer", settings.Token!.Reveal())), cancellation);
        for (var again = false; ; again = true)
        {
            var token = await app.TokenAsync(cancellation);
            var reply = await ReceiveAsync(call.With(request => request.Headers.Authorization = new("Bearer", token)), cancellation);
            if (reply.Status != 401)
                return Judged(reply, call);
            // The token was taken back before its time; refused is surely not done, so once more with a new one.
            app.Forget(token);
            if (again)
                throw Refused(reply);
        }
    }

    /// <summary>Page after page as GitHub's <c>Link</c> header leads, at most so many.</summary>
    public async IAsyncEnumerable<HttpReply> PagesAsync(Uri first, int most, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var next = first;
        for (var page = 0; next is not null && page < most; page++)
        {
            var reply = await SendAsync(HttpCall.Reads(next), cancellation);
            yield return reply;
            next = Next(reply);
        }
    }

    /// <summary>The user that this instance's changes are signed with; asked for once.</summary>
    public async Task<string> LoginAsync(CancellationToken cancellation)
    {
        if (login is not null)
            return login;
        if (app is not null)
            return login = await app.LoginAsync(cancellation);
        var user = await SendAsync(HttpCall.Reads(settings.At($"user")), cancellation);
        return login = user.Read("user", () => user.Json().GetProperty("login").GetString()!);
    }

    public void Dispose()
    {
        app?.Dispose();
        http.Dispose();
    }

    /// <summary>The address of the next page; null on the last.</summary>
    internal static Uri? Next(HttpReply reply)
    {
        foreach (var link in (reply.Header("Link") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var end = link.IndexOf('>', StringComparison.Ordinal);
            if (end > 1 && link[0] == '<' && link[end..].Contains("rel=\"next\"", StringComparison.Ordinal) && Uri.TryCreate(reply.Address, link[1..end], out var next))
                return next;
        }
        return null;
    }

    private async Task<HttpReply> SendOnceAsync(HttpCall call, CancellationToken cancellation) => Judged(await ReceiveAsync(call, cancellation), call);

    private Task<HttpReply> ReceiveAsync(HttpCall call, CancellationToken cancellation) =>
        http.AnyAsync(call.Accept("application/vnd.github+json").Header("X-GitHub-Api-Version", ApiVersion), cancellation);

    private HttpReply Judged(HttpReply reply, HttpCall call) => reply.IsSuccess || call.Answers.Contains(reply.Status) ? reply : throw Refused(reply);

    private ConnectorFailure Refused(HttpReply reply)
    {
        var words = Words(reply);
        var failure = http.Refused(reply, words);
        if (reply.Status is not (403 or 429) || failure.RetryAfter is not null || !words.Contains("rate limit", StringComparison.OrdinalIgnoreCase))
            return failure;
        pace.Hold(SecondaryLimit); // everybody who uses this instance
        return ConnectorFailure.Transient($"GitHub's rate limit is used up: {words}", SecondaryLimit, reason: "429");
    }

    /// <summary>GitHub's message, what is wrong with which field, and which permission it asks for.</summary>
    private static string Words(HttpReply reply)
    {
        var said = "";
        try
        {
            using var document = JsonDocument.Parse(reply.Body);
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.String)
                said = message.GetString()!;
            if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Array)
                said += string.Concat(errors.EnumerateArray().Take(5).Select(error => "; " + error.GetRawText()));
        }
        catch (JsonException)
        {
            // a page of something in between: its status tells
        }
        return reply.Status == 403 && reply.Header("X-Accepted-GitHub-Permissions") is { } needed ? $"{said} (it needs {needed})" : said;
    }
}
