using System.Globalization;
using Soar.Capabilities;

namespace Soar.Connectors.Imap;

/// <summary>
/// Reads and tidies one account's mail. A mail is found exactly where it lay, by UIDVALIDITY and UID, else by its Message-ID, wherever it was moved; so every action may be repeated,
/// also by another session or after the server gave new UIDs.
/// </summary>
[Connector("imap", "Reads, moves, quarantines and deletes mail and awaits answers (IMAP with TLS, IDLE, MOVE, UIDPLUS).", Proven = "Dovecot 2.3 with Postfix 3.7")]
public sealed class ImapConnector : IConnector, IMailbox
{
    private const int MostFound = 1_000;

    private readonly ImapSettings settings;
    private readonly ImapAccount account;
    private readonly MailWatch watch;
    private readonly MailTaker taker;

    public ImapConnector(ImapSettings settings, ConnectorServices services)
    {
        this.settings = settings;
        account = new ImapAccount(settings, services.Clock);
        watch = new MailWatch(account.Server, settings.Folder, services.Clock, why => Log.NotListening(services.Log, services.Instance, why));
        taker = new MailTaker(settings, services.Mime);
        Replies = new ReplyFinder(settings, account, watch, taker, services.Clock);
        Simulator = new ImapSimulator(settings);
    }

    public object Simulator { get; }

    /// <summary>Other connectors' mails are answered here too.</summary>
    internal ReplyFinder Replies { get; }

    public Task<MailSearch> SearchAsync(
        string? folder = null, string? from = null, string? to = null, string? subject = null, string? text = null, string? messageId = null, DateTimeOffset? since = null,
        DateTimeOffset? before = null, bool unseen = false, int limit = 100, ActionContext context = null!, CancellationToken cancellation = default)
    {
        if (limit is < 1 or > MostFound)
            throw ConnectorFailure.Permanent($"limit is {limit} but must be 1 to {MostFound}.", reason: "argument");
        var where = string.IsNullOrEmpty(folder) ? settings.Folder : folder;
        var search = new ImapCommand("UID SEARCH");
        if (new[] { from, to, subject, text }.Any(part => part is not null && !System.Text.Ascii.IsValid(part)))
            search.Then("CHARSET UTF-8");
        foreach (var (key, value) in new[] { ("FROM", from), ("TO", to), ("SUBJECT", subject), ("TEXT", text), ("HEADER \"Message-ID\"", messageId?.Trim('<', '>')) })
            if (!string.IsNullOrEmpty(value))
                search.Then(key).Text(value);
        // The server compares days, in its own zone: a day more on each side, and the time is compared here.
        if (since is { } first)
            search.Then($"SINCE {Day(first.AddDays(-1))}");
        if (before is { } last)
            search.Then($"BEFORE {Day(last.AddDays(2))}");
        search.Then(unseen ? "UNSEEN" : "ALL");
        return account.AskAsync(async client =>
        {
            var opened = await client.OpenAsync(where, write: false, cancellation) ?? throw NoFolder(where);
            var uids = await client.SearchAsync(search, cancellation);
            // By day the server finds too many: then all of them must be looked at to count those that fit.
            var timed = since is not null || before is not null;
            var told = await client.FetchAsync(timed ? uids : [.. uids.TakeLast(limit)], cancellation);
            var fit = told.Where(message => !(message.Received < since) && !(message.Received >= before) && (messageId is null || message.MessageId == messageId.Trim('<', '>'))).ToList();
            return new MailSearch([.. fit.TakeLast(limit).Reverse().Select(message => Found(opened, message))], timed || messageId is not null ? fit.Count : uids.Count);
        }, cancellation);
    }

    public Task<ReadMail> ReadAsync(MailRef mail, ActionContext context, CancellationToken cancellation) => account.AskAsync(async client =>
        await taker.TakeAsync(client, await new MailFinder(client, cancellation).RequireAsync(mail, write: false), context, cancellation), cancellation);

    public Task<MailReply> AwaitReplyAsync(string messageId, bool automatic = false, MailRef? after = null, ActionContext context = null!, CancellationToken cancellation = default) =>
        Replies.AwaitAsync(new ReplyWanted(messageId.Trim('<', '>'), Reference: null, FromDomain: null, automatic, after), context, cancellation);

    public Task<MovedMail> MoveAsync(MailRef mail, string folder, ActionContext context, CancellationToken cancellation) =>
        ChangeAsync((mover, _) => mover.MoveAsync(mail, folder, make: false), cancellation);

    public Task<MovedMail> QuarantineAsync(MailRef mail, TimeSpan duration, ActionContext context, CancellationToken cancellation) =>
        ChangeAsync((mover, _) => mover.MoveAsync(mail, settings.Quarantine, make: true), cancellation);

    public Task ReleaseAsync(MailRef mail, MovedMail? result = null, ActionContext context = null!, CancellationToken cancellation = default) =>
        ChangeAsync(async (mover, _) =>
        {
            await mover.ReleaseAsync(mail, result, settings);
            return true;
        }, cancellation);

    public Task<DeletedMail> DeleteAsync(MailRef mail, ActionContext context, CancellationToken cancellation) => account.ChangeAsync(async client =>
    {
        var finder = new MailFinder(client, cancellation);
        if (await finder.AtAsync(mail, write: true) is { } there)
            return new DeletedMail(WasThere: true, await client.ExpungeAsync(there.Message.Uid, cancellation));
        // Never by its Message-ID alone, which a sender can copy from a mail that must stay.
        if (await finder.AnywhereAsync(mail.MessageId) is { Count: > 0 } elsewhere)
            throw ConnectorFailure.Permanent($"{mail} is not where it lay; a mail with its Message-ID lies at {string.Join("; ", elsewhere.Select(found => found.Place))}. If that is the one, delete it there.", reason: "moved");
        return new DeletedMail(WasThere: false, "It was not there any more.");
    }, cancellation);

    public Task<Probe<MovedMail>> ProbeMoveAsync(MailRef mail, string folder, ActionContext context, CancellationToken cancellation) => ProbePlaceAsync(mail, folder, cancellation);

    public Task<Probe<MovedMail>> ProbeQuarantineAsync(MailRef mail, TimeSpan duration, ActionContext context, CancellationToken cancellation) => ProbePlaceAsync(mail, settings.Quarantine, cancellation);

    public Task<Probe<DeletedMail>> ProbeDeleteAsync(MailRef mail, ActionContext context, CancellationToken cancellation) => account.AskAsync(async client =>
    {
        var finder = new MailFinder(client, cancellation);
        if (await finder.AtAsync(mail, write: false) is not null)
            return Probe.Absent<DeletedMail>();
        return (await finder.AnywhereAsync(mail.MessageId)).Count == 0 ? Probe.Present(new DeletedMail(WasThere: true, "It is gone."), ours: false) : Probe.CannotTell<DeletedMail>();
    }, cancellation);

    public Task<ConnectorTest> TestAsync(CancellationToken cancellation) => ConnectorTest.OfAsync(async () =>
    {
        return await account.AskAsync(async client =>
        {
            var folder = await client.OpenAsync(settings.Folder, write: false, cancellation) ?? throw NoFolder(settings.Folder);
            var quarantine = (await client.FoldersAsync(cancellation)).Any(listed => MailFinder.SameFolder(listed.Name, settings.Quarantine));
            var offered = new[] { "IDLE", "MOVE", "UIDPLUS" }.Where(client.Capabilities.Contains).ToList();
            return new ConnectorTest(true, $"{account.Server} takes the login of {settings.User}; {folder.Name} holds {folder.Count} mails. It offers {(offered.Count == 0 ? "none of IDLE, MOVE, UIDPLUS" : string.Join(", ", offered))}."
                + (quarantine ? "" : $" The folder '{settings.Quarantine}' is not there yet; the first quarantine makes it."));
        }, cancellation);
    });

    public async ValueTask DisposeAsync()
    {
        await watch.DisposeAsync();
        await account.DisposeAsync();
    }

    private Task<T> ChangeAsync<T>(Func<MailMover, MailFinder, Task<T>> work, CancellationToken cancellation) => account.ChangeAsync(client =>
    {
        var finder = new MailFinder(client, cancellation);
        return work(new MailMover(client, finder, cancellation), finder);
    }, cancellation);

    /// <summary>Where it lay it still is: not done. In the folder it is: done, though nothing tells by whom.</summary>
    private Task<Probe<MovedMail>> ProbePlaceAsync(MailRef mail, string folder, CancellationToken cancellation) => account.AskAsync(async client =>
    {
        var finder = new MailFinder(client, cancellation);
        if (await finder.AtAsync(mail, write: false) is { } there)
            return MailFinder.SameFolder(there.Folder.Name, folder) ? Probe.Present(new MovedMail(there.Place, "It lies there."), ours: false) : Probe.Absent<MovedMail>();
        var found = await finder.InAsync(folder, mail.MessageId, write: false);
        if (found.Count > 0)
            return Probe.Present(new MovedMail(found[^1].Place, "It lies there."), ours: false);
        return mail.MessageId is null ? Probe.CannotTell<MovedMail>() : Probe.Absent<MovedMail>();
    }, cancellation);

    private static FoundMail Found(ImapFolder folder, ImapMessage message)
    {
        var from = message.Header.From.Count > 0 ? message.Header.From[0] : null;
        return new FoundMail
        {
            Mail = new LocatedMail(folder, message).Place,
            From = from?.ToString() ?? "",
            FromAddress = EmailAddress.TryParse(from?.Address, null, out var address) ? address : null,
            Subject = message.Header.Subject ?? "",
            Received = message.Received,
            Size = message.Size,
            Seen = message.Flags.Contains("\\Seen"),
        };
    }

    private ConnectorFailure NoFolder(string folder) => ConnectorFailure.Permanent($"{account.Server} has no folder '{folder}' for {settings.User}, or keeps it from that user.", reason: "no-folder");

    private static string Day(DateTimeOffset time) => time.UtcDateTime.ToString("d-MMM-yyyy", CultureInfo.InvariantCulture);
}
