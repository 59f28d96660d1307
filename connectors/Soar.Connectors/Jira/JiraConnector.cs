using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Connectors.Http;
using Soar.Connectors.Tickets;

namespace Soar.Connectors.Jira;

/// <summary>
/// Tickets as issues of one Jira project, in the cloud or one's own. The key of a new issue is a label, which the search finds exactly; that of a comment is its last line. The search
/// index lags behind by seconds, so a repeat looks twice before it creates.
/// </summary>
[Connector("jira", "Keeps tickets in Jira, Cloud or Data Center.", Proven = "Atlassian's published examples; never against a Jira", Outside = true, Rate = "5/s")]
public sealed class JiraConnector : TrackerConnector
{
    private const int PageSize = 100;
    private const int MostPages = 20;
    private const string Fields = "summary,status,assignee,created";
    private const string Rights = "BROWSE_PROJECTS,CREATE_ISSUES,ADD_COMMENTS,TRANSITION_ISSUES";
    private static readonly TimeSpan IndexLag = TimeSpan.FromSeconds(5);

    private readonly JiraSettings settings;
    private readonly TimeProvider clock;
    private readonly HttpAccess http;
    private readonly StatusWords words;
    private string? account;

    public JiraConnector(JiraSettings settings, ConnectorServices services)
        : base(settings.LookEvery, text => OneLine(text, 255))
    {
        (this.settings, clock) = (settings, services.Clock);
        http = new HttpAccess(settings.Rules() with { MaxBytes = 8 * 1024 * 1024, Authorise = Authorise }, services); // a page of long comments
        words = new StatusWords(JiraJson.DefaultWords, settings.Statuses);
        Simulator = new SimulatedTickets(services.Instance, services.Clock, KeyProblem, StatusProblem);
    }

    public override object Simulator { get; }

    private bool Cloud => settings.Edition == JiraEdition.Cloud;

    public override ValueTask DisposeAsync()
    {
        http.Dispose();
        return ValueTask.CompletedTask;
    }

    private protected override string? KeyProblem(string ticket)
    {
        var dash = ticket.LastIndexOf('-');
        return dash > 0 && char.IsAsciiLetterUpper(ticket[0]) && ticket[..dash].All(character => char.IsAsciiLetterUpper(character) || char.IsAsciiDigit(character) || character == '_')
            && ticket.Length - dash is > 1 and < 12 && ticket[(dash + 1)..].All(char.IsAsciiDigit)
            ? null : "Jira names issues by project and number. Write for example SOC-17.";
    }

    private protected override string? StatusProblem(TicketStatus status) => words.Of(status) is null
        ? $"This instance has no word for '{status}' (it has: {words.Known()}). Write the workflow's own into statuses."
        : null;

    private protected override async Task<Ticket?> FindCreatedAsync(ActionContext context, CancellationToken cancellation)
    {
        var query = $"labels = \"{Label(context)}\" AND project = \"{settings.Project}\" ORDER BY created ASC";
        var found = await FoundAsync(query, 1, cancellation);
        if (found.Count == 0 && context.Attempt > 1)
        {
            // An attempt before this one may just have created it.
            await Task.Delay(IndexLag, clock, cancellation);
            found = await FoundAsync(query, 1, cancellation);
        }
        return found.FirstOrDefault();
    }

    private protected override async Task<Ticket> PostTicketAsync(string subject, string body, ActionContext context, CancellationToken cancellation)
    {
        var fields = new Dictionary<string, object>
        {
            ["project"] = Named(settings.Project, "key"), ["issuetype"] = Named(settings.IssueType, "name"), ["summary"] = subject,
            ["description"] = Cloud ? JiraText.Document(body) : JiraText.Wiki(body), ["labels"] = settings.Labels.Append(Label(context)).ToArray(),
        };
        var made = await SendAsync(HttpCall.Changes(HttpMethod.Post, At($"issue")).Json(new { fields }), cancellation);
        var key = made.Read("new issue", () => JiraJson.Word(made.Json(), "key"));
        if (KeyProblem(key) is not null)
            throw made.Garbage("does not say which issue it made");
        return await ReadBackAsync(key, cancellation);
    }

    private protected override async Task<TicketChange?> FindWrittenAsync(string ticket, TicketChangeKind kind, ActionContext context, CancellationToken cancellation)
    {
        var oldest = TicketMark.Oldest(context.Run) ?? DateTimeOffset.UnixEpoch;
        TicketChange? found = null;
        await foreach (var page in CommentPagesAsync(ticket, "-created", cancellation))
        {
            var (ours, older) = page.Read("list of comments", () =>
            {
                var comments = page.Json().GetProperty("comments").EnumerateArray().ToList();
                // the oldest: a later one may quote it
                var carrying = comments.LastOrDefault(comment => TicketMark.Carries(JiraText.Read(comment.GetProperty("body")), context.Key));
                return (carrying.ValueKind == JsonValueKind.Undefined ? null : JiraJson.Comment(carrying, kind, own: null), comments.Exists(comment => JiraJson.Comment(comment, kind, own: null).At < oldest));
            });
            found = ours ?? found;
            if (older)
                break;
        }
        return found;
    }

    private protected override async Task<TicketChange> PostWrittenAsync(string ticket, TicketChangeKind kind, string text, ActionContext context, CancellationToken cancellation)
    {
        var signed = TicketMark.Signed(text, context.Key);
        var comment = new Dictionary<string, object> { ["body"] = Cloud ? JiraText.Document(signed) : JiraText.Wiki(signed) };
        if (kind == TicketChangeKind.Comment && settings.CommentRole is { } role)
            comment["visibility"] = Cloud ? new { type = "role", value = role, identifier = role } : new { type = "role", value = role };
        var made = await SendAsync(HttpCall.Changes(HttpMethod.Post, At($"issue/{ticket}/comment")).Json(comment), cancellation);
        return made.Read("new comment", () => JiraJson.Comment(made.Json(), kind, own: null));
    }

    // The history first: a version must not run ahead of what the issue shows.
    private protected override async Task<Ticket> ReadAsync(string ticket, CancellationToken cancellation)
    {
        var (_, version) = await EntriesAsync(ticket, EntryVersion.Beginning, cancellation);
        return await IssueAsync(HttpCall.Reads(IssueAddress(ticket)), cancellation) with { Version = version.ToString() };
    }

    private protected override async Task<Ticket> PutStatusAsync(Ticket now, TicketStatus status, CancellationToken cancellation)
    {
        var ways = await SendAsync(HttpCall.Reads(At($"issue/{now.Key}/transitions")), cancellation);
        var known = ways.Read("list of transitions", () => ways.Json().GetProperty("transitions").EnumerateArray()
            .Select(way => (Id: JiraJson.Word(way, "id"), To: JiraJson.Inner(way, "to", "name"))).ToList());
        if (known.Find(way => words.Of(way.To) == status) is not { Id: { Length: > 0 } id })
            throw ConnectorFailure.Permanent($"No transition leads from '{now.StatusName}' to '{words.Of(status)}' for this user. {now.Key} can go to: {string.Join(", ", known.Select(way => way.To))}. Set statuses, or change the workflow.", reason: "status");
        var change = new Dictionary<string, object> { ["transition"] = new { id } };
        if (settings.Resolutions.TryGetValue(status.ToString().ToLowerInvariant(), out var resolution))
            change["fields"] = new { resolution = new { name = resolution } };
        var answer = await SendAsync(HttpCall.Changes(HttpMethod.Post, At($"issue/{now.Key}/transitions")).Json(change).Takes(409), cancellation);
        if (answer.Status == 409)
            throw ConnectorFailure.Transient($"{now.Key} was changed by somebody at the same moment; its status is still '{now.StatusName}'.", reason: "409");
        var after = await ReadBackAsync(now.Key, cancellation);
        return after.Status == status
            ? after
            : throw ConnectorFailure.Permanent($"{now.Key} is '{after.StatusName}' after the transition to '{words.Of(status)}': a rule of the workflow moved it on, or somebody did.", reason: "status");
    }

    private protected override async Task<TicketChanges> ReadChangesAsync(string ticket, string since, bool texts, CancellationToken cancellation)
    {
        var from = EntryVersion.Parse(since) ?? throw ConnectorFailure.Permanent($"'{OneLine(since)}' is no version of an issue. Hand over the Version of a ticket as it was read.", reason: "version");
        var (entries, version) = await EntriesAsync(ticket, from, cancellation);
        return new TicketChanges(await IssueAsync(HttpCall.Reads(IssueAddress(ticket)), cancellation) with { Version = version.ToString() }, entries);
    }

    private protected override Task<IReadOnlyList<Ticket>> SearchAsync(string words, CancellationToken cancellation) =>
        FoundAsync($"project = \"{settings.Project}\" AND summary ~ \"\\\"{string.Concat(words.Where(character => character is not ('"' or '\\')))}\\\"\" ORDER BY created DESC", 50, cancellation);

    private protected override async Task<ConnectorTest> TryOutAsync(CancellationToken cancellation)
    {
        var name = settings.Project.All(char.IsAsciiDigit) ? "projectId" : "projectKey";
        var allowed = await SendAsync(HttpCall.Reads(new Uri(At($"mypermissions?permissions={Rights}") + $"&{name}={settings.Project}")), cancellation);
        var missing = allowed.Read("list of permissions", () =>
        {
            var permissions = allowed.Json().GetProperty("permissions");
            return Rights.Split(',').Where(right => !permissions.TryGetProperty(right, out var given) || !given.GetProperty("havePermission").GetBoolean()).ToList();
        });
        return missing.Count == 0
            ? new ConnectorTest(true, $"{settings.Address!.Host} answers; issues may be created, commented and moved on in {settings.Project}.")
            : new ConnectorTest(false, $"{settings.Address!.Host} answers, but this user lacks in {settings.Project}: {string.Join(", ", missing)}. Give it these permissions.");
    }

    private static string Label(ActionContext context) => $"soar-{context.Key.Value}";

    private static Dictionary<string, string> Named(string value, string name) => new() { [value.All(char.IsAsciiDigit) ? "id" : name] = value };

    private Uri At(FormattableString path) => settings.At(FormattableStringFactory.Create((Cloud ? "rest/api/3/" : "rest/api/2/") + path.Format, path.GetArguments()));

    private Uri IssueAddress(string ticket) => At($"issue/{ticket}?fields={Fields}");

    private async Task<Ticket> ReadBackAsync(string ticket, CancellationToken cancellation) => await IssueAsync(HttpCall.ReadsBack(IssueAddress(ticket)), cancellation);

    private async Task<Ticket> IssueAsync(HttpCall call, CancellationToken cancellation)
    {
        var issue = await SendAsync(call, cancellation);
        return issue.Read("issue", () => JiraJson.Issue(issue.Json(), words, settings.Address!));
    }

    private async Task<IReadOnlyList<Ticket>> FoundAsync(string jql, int most, CancellationToken cancellation)
    {
        var found = await SendAsync(HttpCall.Reads(Cloud ? At($"search/jql?jql={jql}&maxResults={most}&fields={Fields}") : At($"search?jql={jql}&maxResults={most}&fields={Fields}")), cancellation);
        return found.Read("search", () => found.Json().GetProperty("issues").EnumerateArray().Select(issue => JiraJson.Issue(issue, words, settings.Address!)).ToList());
    }

    /// <summary>Comments and history after a version, in order of time.</summary>
    private async Task<(List<TicketChange> Entries, EntryVersion Version)> EntriesAsync(string ticket, EntryVersion from, CancellationToken cancellation)
    {
        var own = await AccountAsync(cancellation);
        var entries = new List<TicketChange>();
        await foreach (var page in CommentPagesAsync(ticket, "created", cancellation))
            entries.AddRange(page.Read("list of comments", () => page.Json().GetProperty("comments").EnumerateArray().Select(comment => JiraJson.Comment(comment, TicketChangeKind.Comment, own)).ToList()));
        entries.AddRange(await HistoryAsync(ticket, own, cancellation));
        entries = [.. entries.Where(entry => !from.Knows(entry.Id)).OrderBy(entry => entry.At)];
        return (entries, entries.Aggregate(from, (version, entry) => version.With(entry.Id)));
    }

    private async Task<List<TicketChange>> HistoryAsync(string ticket, string own, CancellationToken cancellation)
    {
        if (!Cloud)
        {
            var whole = await SendAsync(HttpCall.Reads(At($"issue/{ticket}?fields=created&expand=changelog")), cancellation);
            return whole.Read("history", () => whole.Json().GetProperty("changelog").GetProperty("histories").EnumerateArray().Select(entry => JiraJson.History(entry, own)).ToList());
        }
        var entries = new List<TicketChange>();
        for (var page = 0; page < MostPages; page++)
        {
            var part = await SendAsync(HttpCall.Reads(At($"issue/{ticket}/changelog?startAt={page * PageSize}&maxResults={PageSize}")), cancellation);
            var values = part.Read("history", () => part.Json().GetProperty("values").EnumerateArray().Select(entry => JiraJson.History(entry, own)).ToList());
            entries.AddRange(values);
            if (values.Count < PageSize)
                break;
        }
        return entries;
    }

    private async IAsyncEnumerable<HttpReply> CommentPagesAsync(string ticket, string order, [EnumeratorCancellation] CancellationToken cancellation)
    {
        for (var page = 0; page < MostPages; page++)
        {
            var part = await SendAsync(HttpCall.Reads(At($"issue/{ticket}/comment?startAt={page * PageSize}&maxResults={PageSize}&orderBy={order}")), cancellation);
            yield return part;
            if (part.Read("list of comments", () => part.Json().GetProperty("comments").GetArrayLength()) < PageSize)
                break;
        }
    }

    private async Task<string> AccountAsync(CancellationToken cancellation)
    {
        if (account is not null)
            return account;
        var myself = await SendAsync(HttpCall.Reads(At($"myself")), cancellation);
        return account = myself.Read("account", () => JiraJson.Account(myself.Json()) is { Length: > 0 } own ? own : throw new FormatException("it has no name"));
    }

    private void Authorise(HttpRequestMessage request) => request.Headers.Authorization = Cloud
        ? new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{settings.User}:{settings.Token!.Reveal()}")))
        : new("Bearer", settings.Token!.Reveal());

    private async Task<HttpReply> SendAsync(HttpCall call, CancellationToken cancellation)
    {
        var reply = await http.AnyAsync(call.Accept("application/json"), cancellation);
        return reply.IsSuccess || call.Answers.Contains(reply.Status) ? reply : throw http.Refused(reply, JiraJson.Message(reply));
    }
}
