using System.Globalization;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Connectors.Http;
using Soar.Connectors.Tickets;

namespace Soar.Connectors.RequestTracker;

/// <summary>
/// Tickets in Request Tracker 5, by its REST2 interface. RT answers 200 with a sentence where it did nothing, and drops what it does not know: what counts is what is read
/// back. The key of a new ticket is a link (<c>RefersTo: soar:…</c>), made in the same transaction as the ticket, found by an exact search and visible beside the other links;
/// that of a comment is its last line.
/// </summary>
[Connector("request-tracker", "Keeps tickets in Request Tracker 5.", Proven = "Request Tracker 5.0.3")]
public sealed class RequestTrackerConnector : TrackerConnector
{
    // A transaction's number is a version: RT counts them over all tickets.
    private const string NoVersion = "0";
    private const string OwnUser = "Creator = '__CurrentUser__'";
    private const string TicketFields = "Subject,Status,Owner,Created,Resolved";
    private const int MostEntries = 50;

    private readonly RequestTrackerSettings settings;
    private readonly HttpAccess http;
    private readonly StatusWords words;

    public RequestTrackerConnector(RequestTrackerSettings settings, ConnectorServices services)
        : base(settings.LookEvery, text => OneLine(text, 200, System.Text.Encoding.UTF8.GetByteCount)) // RT cuts subjects after 200 bytes
    {
        this.settings = settings;
        http = new HttpAccess(settings.Rules() with { MaxBytes = 8 * 1024 * 1024, Authorise = request => request.Headers.TryAddWithoutValidation("Authorization", $"token {settings.Token!.Reveal()}") }, services);
        words = new StatusWords(RtJson.DefaultWords, settings.Statuses);
        Simulator = new SimulatedTickets(services.Instance, services.Clock, KeyProblem, StatusProblem);
    }

    public override object Simulator { get; }

    public override ValueTask DisposeAsync()
    {
        http.Dispose();
        return ValueTask.CompletedTask;
    }

    private protected override string? KeyProblem(string ticket) => ticket.Length is > 0 and < 19 && ticket.All(char.IsAsciiDigit) ? null : "RT numbers its tickets. Write the number, for example 4711.";

    private protected override string? StatusProblem(TicketStatus status) => null;

    private protected override async Task<Ticket?> FindCreatedAsync(ActionContext context, CancellationToken cancellation)
    {
        var query = $"RefersTo = '{TicketMark.Of(context.Key)}'";
        var found = await SendAsync(HttpCall.Reads(settings.At($"REST/2.0/tickets?query={query}&orderby=id&order=ASC&per_page=1")), cancellation);
        return found.Read("list of tickets", () => RtJson.Items(found.Json()).Select(item => RtJson.Word(item, "id")).FirstOrDefault()) is { } number
            ? await ReadAsync(number, cancellation) with { Version = NoVersion }
            : null;
    }

    private protected override async Task<Ticket> PostTicketAsync(string subject, string body, ActionContext context, CancellationToken cancellation)
    {
        var ticket = new Dictionary<string, object>
        {
            ["Queue"] = settings.Queue, ["Subject"] = subject, ["Content"] = body, ["ContentType"] = "text/plain", ["RefersTo"] = TicketMark.Of(context.Key),
        };
        if (settings.Requestor is { } requestor)
            ticket["Requestor"] = requestor.Value;
        var made = await SendAsync(HttpCall.Changes(HttpMethod.Post, settings.At($"REST/2.0/ticket")).Json(ticket), cancellation);
        var number = made.Read("new ticket", () => RtJson.Word(made.Json(), "id"));
        return await ReadBackAsync(number, cancellation) with { Version = NoVersion };
    }

    private protected override async Task<TicketChange?> FindWrittenAsync(string ticket, TicketChangeKind kind, ActionContext context, CancellationToken cancellation)
    {
        await ReadAsync(ticket, cancellation); // for a ticket that is not there RT only says that the message could not be recorded
        var written = await TransactionsAsync($"{EntriesOf(ticket)} AND {OwnUser} AND Type = '{RtJson.TypeOf(kind)}'", "DESC", cancellation);
        var oldest = TicketMark.Oldest(context.Run);
        foreach (var entry in written.Where(entry => oldest is null || entry.Change.At >= oldest))
            if (await ContentAsync(entry.Change.Id, HttpCall.Reads, cancellation) is var text && TicketMark.Carries(text, context.Key))
                return entry.Change with { Text = TicketMark.Plain(text), Automatic = true };
        return null;
    }

    private protected override async Task<TicketChange> PostWrittenAsync(string ticket, TicketChangeKind kind, string text, ActionContext context, CancellationToken cancellation)
    {
        var message = new Dictionary<string, object> { ["Content"] = TicketMark.Signed(text, context.Key), ["ContentType"] = "text/plain" };
        var address = kind == TicketChangeKind.Reply ? settings.At($"REST/2.0/ticket/{ticket}/correspond") : settings.At($"REST/2.0/ticket/{ticket}/comment");
        var made = await SendAsync(HttpCall.Changes(HttpMethod.Post, address).Json(message), cancellation);
        // "/REST/2.0/transaction/33"
        var number = made.Header("Location")?.Split('/')[^1];
        if (number is null || KeyProblem(number) is not null)
            throw made.Garbage("does not say which entry it made");
        var entry = await SendAsync(HttpCall.ReadsBack(settings.At($"REST/2.0/transaction/{number}")), cancellation);
        return entry.Read("entry of a ticket", () => RtJson.Entry(entry.Json()).Change) with
        {
            Text = TicketMark.Plain(await ContentAsync(number, HttpCall.ReadsBack, cancellation)), Automatic = true,
        };
    }

    private protected override async Task<Ticket> ReadAsync(string ticket, CancellationToken cancellation) =>
        TicketOf(await SendAsync(HttpCall.Reads(settings.At($"REST/2.0/ticket/{ticket}")), cancellation));

    private protected override async Task<Ticket> PutStatusAsync(Ticket now, TicketStatus status, CancellationToken cancellation)
    {
        var change = HttpCall.Changes(HttpMethod.Put, settings.At($"REST/2.0/ticket/{now.Key}")).Json(new Dictionary<string, object> { ["Status"] = words.Of(status)! })
            .Header("If-Match", $"\"{now.Version}\"").Takes(412);
        var answer = await SendAsync(change, cancellation);
        if (answer.Status == 412)
            throw ConnectorFailure.Transient($"Ticket {now.Key} was changed by somebody at the same moment; its status is still '{now.StatusName}'.", reason: "412");
        var after = await ReadBackAsync(now.Key, cancellation);
        // RT answers 200 and says in a sentence that it did not.
        return after.Status == status
            ? after
            : throw ConnectorFailure.Permanent($"RT did not set the status of ticket {now.Key} to '{words.Of(status)}': {RtJson.Sentences(answer)} Look at the queue's life cycle and this user's rights, or set statuses.", reason: "status");
    }

    private protected override async Task<TicketChanges> ReadChangesAsync(string ticket, string since, bool texts, CancellationToken cancellation)
    {
        if (since.Length > 0 && KeyProblem(since) is not null)
            throw ConnectorFailure.Permanent($"'{OneLine(since)}' is no version of a ticket in RT. Hand over the Version of a ticket as it was read.", reason: "version");
        var now = await ReadAsync(ticket, cancellation);
        if (now.Version == since)
            return new TicketChanges(now, []);
        var after = $"{EntriesOf(now.Key)} AND id > {(since.Length == 0 ? NoVersion : since)} AND id <= {now.Version} AND Type != 'EmailRecord' AND Type != 'CommentEmailRecord'";
        var entries = await TransactionsAsync(after, "ASC", cancellation);
        var own = entries.Count == 0 ? [] : (await TransactionsAsync($"{after} AND {OwnUser}", "ASC", cancellation)).Select(entry => entry.Change.Id).ToHashSet(StringComparer.Ordinal);
        var changes = new List<TicketChange>();
        foreach (var (change, written) in entries)
        {
            var text = texts && written ? TicketMark.Plain(await ContentAsync(change.Id, HttpCall.Reads, cancellation)) : change.Text;
            changes.Add(change with { Text = text, Automatic = own.Contains(change.Id) || change.By == "RT_System" });
        }
        // More than one page: the version is that of the last one told, so that the next look tells the rest.
        return new TicketChanges(entries.Count < RtJson.PageSize ? now : now with { Version = entries[^1].Change.Id }, changes);
    }

    private protected override async Task<IReadOnlyList<Ticket>> SearchAsync(string words, CancellationToken cancellation)
    {
        var query = $"Subject LIKE '{words.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";
        var found = await SendAsync(HttpCall.Reads(settings.At($"REST/2.0/tickets?query={query}&orderby=id&order=DESC&per_page={MostEntries}&fields={TicketFields}")), cancellation);
        return found.Read("list of tickets", () => RtJson.Items(found.Json()).Select(item => RtJson.Ticket(item, this.words, settings.Address!)).ToList());
    }

    private protected override async Task<ConnectorTest> TryOutAsync(CancellationToken cancellation)
    {
        var about = await SendAsync(HttpCall.Reads(settings.At($"REST/2.0/rt")), cancellation);
        var version = about.Read("version", () => RtJson.Word(about.Json(), "Version"));
        var queue = await SendAsync(HttpCall.Reads(settings.At($"REST/2.0/queue/{settings.Queue}")).Takes(403, 404), cancellation);
        if (!queue.IsSuccess)
            return new ConnectorTest(false, $"Request Tracker {version} answers, but has no queue '{settings.Queue}' that this token's user may see. Set queue to the name of one, or give the right SeeQueue.");
        return queue.Read("queue", () => RtJson.MayCreateIn(queue.Json()))
            ? new ConnectorTest(true, $"Request Tracker {version} answers; tickets may be created in '{settings.Queue}'.")
            : new ConnectorTest(false, $"Request Tracker {version} answers, but this token's user may not create tickets in '{settings.Queue}'. Give it the rights that engine/docs/connectors.md lists.");
    }

    // TicketId alone finds what happened to the user, queue or dashboard of the same number as well.
    private static string EntriesOf(string ticket) => $"ObjectType = 'RT::Ticket' AND TicketId = {ticket}";

    private async Task<Ticket> ReadBackAsync(string ticket, CancellationToken cancellation) =>
        TicketOf(await SendAsync(HttpCall.ReadsBack(settings.At($"REST/2.0/ticket/{ticket}")), cancellation));

    private Ticket TicketOf(HttpReply reply) => reply.Read("ticket", () => RtJson.Ticket(reply.Json(), words, settings.Address!)) with
    {
        // Without it nobody could tell whether anything has happened, and a wait would be for ever.
        Version = RtJson.Version(reply.Header("ETag")) ?? throw ConnectorFailure.Permanent($"{HttpAccess.Show(reply.Address)} answered without RT's ETag. Something in between takes it away or changes it; let it through.", reason: "etag"),
    };

    private async Task<List<(TicketChange Change, bool Written)>> TransactionsAsync(string query, string order, CancellationToken cancellation)
    {
        var call = HttpCall.Reads(settings.At($"REST/2.0/transactions?query={query}&orderby=id&order={order}&per_page={RtJson.PageSize}&fields={"Type,Field,OldValue,NewValue,Created,Creator"}"));
        var found = await SendAsync(call, cancellation);
        return found.Read("list of entries", () => RtJson.Items(found.Json()).Select(RtJson.Entry).ToList());
    }

    /// <summary>What was written, without the files that hang on it: those can be large, so they are not fetched.</summary>
    private async Task<string> ContentAsync(string transaction, Func<Uri, HttpCall> call, CancellationToken cancellation)
    {
        var parts = await SendAsync(call(settings.At($"REST/2.0/transaction/{transaction}/attachments?per_page={RtJson.PageSize}&fields={"ContentType,Filename"}")), cancellation);
        if (parts.Read("list of parts", () => RtJson.TextPart(parts.Json())) is not { } part)
            return "";
        var text = await SendAsync(call(settings.At($"REST/2.0/attachment/{part}")), cancellation);
        return text.Read("text of an entry", () => RtJson.Content(text.Json()));
    }

    /// <summary>Every request: a refusal in RT's own words.</summary>
    private async Task<HttpReply> SendAsync(HttpCall call, CancellationToken cancellation)
    {
        var reply = await http.AnyAsync(call, cancellation);
        return reply.IsSuccess || call.Answers.Contains(reply.Status) ? reply : throw http.Refused(reply, RtJson.Message(reply));
    }
}
