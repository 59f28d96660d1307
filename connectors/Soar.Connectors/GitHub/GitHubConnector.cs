using System.Globalization;
using Soar.Capabilities;
using Soar.Connectors.Http;
using Soar.Connectors.Tickets;

namespace Soar.Connectors.GitHub;

/// <summary>
/// Tickets as issues of one GitHub repository, by a thin client of our own. GitHub takes no idempotency key: it stands in the text, in an HTML comment, and is found in the
/// lists of what was made since the run began; the search index lags behind and is asked only where the lists are too long.
/// </summary>
[Connector("github", "Keeps tickets as GitHub issues, with a token or as a GitHub App.", Proven = "GitHub's official OpenAPI description (mock server); never against GitHub itself", Outside = true, Rate = "80/m")]
public sealed class GitHubConnector : TrackerConnector
{
    private const int MostPages = 10;
    private const int MostTimelinePages = 30;

    private readonly GitHubSettings settings;
    private readonly GitHubClient github;

    public GitHubConnector(GitHubSettings settings, ConnectorServices services)
        : base(settings.LookEvery, text => OneLine(text, 256))
    {
        this.settings = settings;
        github = new GitHubClient(settings, services);
        Simulator = new SimulatedTickets(services.Instance, services.Clock, KeyProblem, StatusProblem);
    }

    public override object Simulator { get; }

    private string Owner => settings.Parts.Owner;
    private string Name => settings.Parts.Name;

    public override ValueTask DisposeAsync()
    {
        github.Dispose();
        return ValueTask.CompletedTask;
    }

    private protected override string? KeyProblem(string ticket) => ticket.Length is > 0 and < 12 && ticket.All(char.IsAsciiDigit) ? null : "GitHub numbers issues. Write the number, for example 17.";

    private protected override string? StatusProblem(TicketStatus status) => status is TicketStatus.New or TicketStatus.Waiting
        ? $"GitHub knows no status '{status}': an issue is open or closed. Set Open, Resolved or Rejected; tell the rest by a comment."
        : null;

    private protected override async Task<Ticket?> FindCreatedAsync(ActionContext context, CancellationToken cancellation)
    {
        var oldest = TicketMark.Oldest(context.Run) ?? DateTimeOffset.UnixEpoch;
        var pages = 0;
        await foreach (var page in github.PagesAsync(settings.At($"repos/{Owner}/{Name}/issues?state=all&sort=created&direction=desc&since={Iso(oldest)}&per_page=100"), MostPages, cancellation))
        {
            var (found, done) = page.Read("list of issues", () =>
            {
                var issues = page.Json().EnumerateArray().ToList();
                // the oldest: a later one may quote it
                var ours = issues.Where(issue => TicketMark.Carries(GitHubJson.Word(issue, "body"), context.Key)).Select(GitHubJson.Issue).LastOrDefault();
                return (ours, issues.Any(issue => issue.GetProperty("created_at").GetDateTimeOffset() < oldest));
            });
            if (found is not null || done)
                return found;
            pages++;
        }
        return pages < MostPages ? null : (await FoundAsync($"\"{TicketMark.Of(context.Key)}\" in:body", 1, cancellation)).FirstOrDefault();
    }

    private protected override async Task<Ticket> PostTicketAsync(string subject, string body, ActionContext context, CancellationToken cancellation)
    {
        var issue = new Dictionary<string, object> { ["title"] = subject, ["body"] = GitHubText.Written(body, context.Key, settings.Markdown) };
        if (settings.Labels.Count > 0)
            issue["labels"] = settings.Labels;
        var made = await github.SendAsync(HttpCall.Changes(HttpMethod.Post, settings.At($"repos/{Owner}/{Name}/issues")).Json(issue), cancellation);
        return made.Read("new issue", () => GitHubJson.Issue(made.Json()));
    }

    private protected override async Task<TicketChange?> FindWrittenAsync(string ticket, TicketChangeKind kind, ActionContext context, CancellationToken cancellation)
    {
        var oldest = TicketMark.Oldest(context.Run) ?? DateTimeOffset.UnixEpoch;
        await foreach (var page in github.PagesAsync(settings.At($"repos/{Owner}/{Name}/issues/{ticket}/comments?since={Iso(oldest)}&per_page=100"), MostTimelinePages, cancellation))
        {
            var found = page.Read("list of comments", () => page.Json().EnumerateArray()
                .Where(comment => TicketMark.Carries(GitHubJson.Word(comment, "body"), context.Key)).Select(comment => GitHubJson.Comment(comment, kind)).FirstOrDefault());
            if (found is not null)
                return found;
        }
        return null;
    }

    private protected override async Task<TicketChange> PostWrittenAsync(string ticket, TicketChangeKind kind, string text, ActionContext context, CancellationToken cancellation)
    {
        var comment = new { body = GitHubText.Written(text, context.Key, settings.Markdown) };
        var made = await github.SendAsync(HttpCall.Changes(HttpMethod.Post, settings.At($"repos/{Owner}/{Name}/issues/{ticket}/comments")).Json(comment), cancellation);
        return made.Read("new comment", () => GitHubJson.Comment(made.Json(), kind));
    }

    // The timeline first: a version must not run ahead of what the issue shows.
    private protected override async Task<Ticket> ReadAsync(string ticket, CancellationToken cancellation)
    {
        var (_, version) = await TimelineAsync(ticket, EntryVersion.Beginning, cancellation);
        return await IssueAsync(ticket, cancellation) with { Version = version.ToString() };
    }

    private protected override async Task<Ticket> PutStatusAsync(Ticket now, TicketStatus status, CancellationToken cancellation)
    {
        object change = status switch
        {
            TicketStatus.Resolved => new { state = "closed", state_reason = "completed" },
            TicketStatus.Rejected => new { state = "closed", state_reason = "not_planned" },
            _ => new { state = "open", state_reason = "reopened" },
        };
        var answer = await github.SendAsync(HttpCall.Changes(HttpMethod.Patch, settings.At($"repos/{Owner}/{Name}/issues/{now.Key}")).Json(change), cancellation);
        var after = answer.Read("issue", () => GitHubJson.Issue(answer.Json()));
        return after.Status == status
            ? after
            : throw ConnectorFailure.Permanent($"GitHub left issue {now.Key} '{after.StatusName}': it takes a new reason only when the state changes. Set Open first.", reason: "status");
    }

    private protected override async Task<TicketChanges> ReadChangesAsync(string ticket, string since, bool texts, CancellationToken cancellation)
    {
        var from = EntryVersion.Parse(since) ?? throw ConnectorFailure.Permanent($"'{OneLine(since)}' is no version of an issue. Hand over the Version of a ticket as it was read.", reason: "version");
        var (entries, version) = await TimelineAsync(ticket, from, cancellation);
        var own = entries.Count > 0 ? await github.LoginAsync(cancellation) : "";
        var issue = await IssueAsync(ticket, cancellation);
        return new TicketChanges(issue with { Version = version.ToString() }, [.. entries.Select(entry => entry with { Automatic = string.Equals(entry.By, own, StringComparison.OrdinalIgnoreCase) })]);
    }

    private protected override async Task<IReadOnlyList<Ticket>> SearchAsync(string words, CancellationToken cancellation) =>
        await FoundAsync($"\"{words.Replace('"', ' ').Replace('\\', ' ')}\" in:title", 50, cancellation);

    private protected override async Task<ConnectorTest> TryOutAsync(CancellationToken cancellation)
    {
        var repository = await github.SendAsync(HttpCall.Reads(settings.At($"repos/{Owner}/{Name}")), cancellation);
        var (issues, archived) = repository.Read("repository", () => (repository.Json().GetProperty("has_issues").GetBoolean(), repository.Json().TryGetProperty("archived", out var old) && old.GetBoolean()));
        if (!issues || archived)
            return new ConnectorTest(false, $"{settings.Repository} {(archived ? "is archived" : "has its issues switched off")}. Choose another repository, or change it there.");
        await github.SendAsync(HttpCall.Reads(settings.At($"repos/{Owner}/{Name}/issues?per_page=1")), cancellation);
        var login = await github.LoginAsync(cancellation);
        // An app's token is asked for with the permission to write, which GitHub refuses where the app has none.
        return new ConnectorTest(true, settings.App is null
            ? $"{settings.Repository} answers; its issues can be read as {login}. Whether they may be written GitHub tells only when one is: the token needs Issues: read and write."
            : $"{settings.Repository} answers; its issues can be read and written as {login}.");
    }

    private async Task<Ticket> IssueAsync(string ticket, CancellationToken cancellation)
    {
        var issue = await github.SendAsync(HttpCall.Reads(settings.At($"repos/{Owner}/{Name}/issues/{ticket}")), cancellation);
        return issue.Read("issue", () => GitHubJson.Issue(issue.Json()));
    }

    private async Task<(List<TicketChange> Entries, EntryVersion Version)> TimelineAsync(string ticket, EntryVersion from, CancellationToken cancellation)
    {
        var (entries, version) = (new List<TicketChange>(), from);
        await foreach (var page in github.PagesAsync(settings.At($"repos/{Owner}/{Name}/issues/{ticket}/timeline?per_page=100"), MostTimelinePages, cancellation))
        {
            foreach (var entry in page.Read("timeline", () => page.Json().EnumerateArray().Select(GitHubJson.Entry).OfType<TicketChange>().ToList()))
            {
                if (from.Knows(entry.Id))
                    continue;
                entries.Add(entry);
                version = version.With(entry.Id);
            }
        }
        return (entries, version);
    }

    private async Task<IReadOnlyList<Ticket>> FoundAsync(string query, int most, CancellationToken cancellation)
    {
        var q = $"{query} repo:{settings.Repository} is:issue";
        var found = await github.SendAsync(HttpCall.Reads(settings.At($"search/issues?q={q}&sort=created&order=desc&per_page={most}")), cancellation);
        return found.Read("search", () => found.Json().GetProperty("items").EnumerateArray().Select(GitHubJson.Issue).ToList());
    }

    private static string Iso(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
