using System.Collections.Concurrent;
using Soar.Capabilities;
using Soar.Connectors.Mime;

namespace Soar.Connectors.Imap;

/// <summary>Finds answers to our mails. Each wait looks through the folder once and from then on only at what came since, and asks the server only when something did.</summary>
internal sealed class ReplyFinder(ImapSettings settings, ImapAccount account, MailWatch watch, MailTaker taker, TimeProvider clock)
{
    /// <summary>Looks even when nothing seems to have come: what the watch hears is the server's word.</summary>
    private static readonly TimeSpan Trust = TimeSpan.FromMinutes(10);
    private const int MostCandidates = 200;
    private const int MostRemembered = 100_000;

    private readonly ConcurrentDictionary<string, Looked> looked = new();

    /// <summary>The oldest answer that is wanted; ends NotYet when there is none.</summary>
    public async Task<MailReply> AwaitAsync(ReplyWanted wanted, ActionContext context, CancellationToken cancellation)
    {
        if (!MailRef.IsMessageId(wanted.MessageId))
            throw ConnectorFailure.Permanent($"'{ImapParser.Shown(wanted.MessageId)}' is no Message-ID. Hand over what Mail.Send, Mail.Reply or Isp.Report returned: id@host.", reason: "message-id");
        watch.Start();
        var (listening, count, now) = (watch.Listening, watch.Count, clock.GetUtcNow());
        looked.TryGetValue(wanted.Key, out var before);
        if (before is not null && listening && before.Count == count && now - before.At < Trust)
            throw NotYet(wanted);

        var found = await account.AskAsync(client => LookAsync(client, wanted, before, new Looked(0, 0, listening ? count : -1, now), context, cancellation), cancellation);
        if (found is null)
            throw NotYet(wanted);
        looked.TryRemove(wanted.Key, out _);
        return found;
    }

    private ConnectorFailure NotYet(ReplyWanted wanted) => ConnectorFailure.NotYet($"Nobody has answered <{wanted.MessageId}> yet.", settings.LookEvery);

    private async Task<MailReply?> LookAsync(ImapClient client, ReplyWanted wanted, Looked? before, Looked after, ActionContext context, CancellationToken cancellation)
    {
        var folder = await client.OpenAsync(settings.Folder, write: false, cancellation)
            ?? throw ConnectorFailure.Permanent($"{account.Server} has no folder '{settings.Folder}' for {settings.User}. Set folder to the one where new mail comes in.", reason: "no-folder");
        var from = before?.Validity == folder.Validity ? before.Next : 1;
        var uids = (await client.SearchAsync(wanted.Search(from), cancellation)).Where(uid => uid >= from).Take(MostCandidates).ToList();
        foreach (var message in await client.FetchAsync(uids, cancellation))
            if (!IsBefore(message, folder, wanted.After) && ReplyMatch.Of(message.Header, wanted) is { } match
                && await JudgeAsync(client, folder, message, match, wanted, context, cancellation) is { } reply)
                return reply;
        // With too many candidates the rest is looked at the next time.
        if (looked.Count >= MostRemembered)
            looked.Clear();
        looked[wanted.Key] = uids.Count == MostCandidates ? after with { Validity = folder.Validity, Next = uids[^1] + 1, Count = -1 } : after with { Validity = folder.Validity, Next = folder.Next };
        return null;
    }

    private async Task<MailReply?> JudgeAsync(ImapClient client, ImapFolder folder, ImapMessage message, ReplyMatch match, ReplyWanted wanted, ActionContext context, CancellationToken cancellation)
    {
        if (match.By != ReplyMatch.Report && match.Automatic && !wanted.Automatic)
            return null;
        var read = await taker.TakeAsync(client, new LocatedMail(folder, message), context, cancellation);
        if (match.By != ReplyMatch.Report)
            return new MailReply(read.Place, read.Raw, read.Mail, match.Automatic, match.By);
        if (ReplyMatch.Undelivered(MimeReader.Read(await taker.BytesAsync(read.Raw, context, cancellation)), wanted.MessageId) is { } words)
            throw ConnectorFailure.Permanent($"<{wanted.MessageId}> could not be delivered, so nobody will answer it: {words}. The report lies at {read.Place}.", reason: "undelivered");
        return null;
    }

    private static bool IsBefore(ImapMessage message, ImapFolder folder, MailRef? after) => after is not null
        && (MailFinder.SameFolder(after.Folder, folder.Name) && after.UidValidity == folder.Validity ? message.Uid <= after.Uid : message.MessageId is not null && message.MessageId == after.MessageId);

    /// <param name="Next">Mails below this UID were looked at.</param>
    /// <param name="Count">What the watch had counted before that look; -1 when it was not listening.</param>
    private sealed record Looked(uint Validity, uint Next, long Count, DateTimeOffset At);
}
