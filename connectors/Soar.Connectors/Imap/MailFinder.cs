using Soar.Capabilities;

namespace Soar.Connectors.Imap;

/// <summary>A mail where it lies; its folder is the one that is open.</summary>
internal sealed record LocatedMail(ImapFolder Folder, ImapMessage Message)
{
    public MailRef Place => new(Folder.Name, Folder.Validity, Message.Uid, Message.MessageId);
}

/// <summary>Finds a mail again: exactly where it lay, else by its Message-ID, wherever somebody moved it.</summary>
internal sealed class MailFinder(ImapClient client, CancellationToken cancellation)
{
    private const int MostOfOneId = 50;

    /// <summary>INBOX is INBOX however it is written (RFC 3501 §5.1); all other names are as they are.</summary>
    public static bool SameFolder(string one, string other) =>
        string.Equals(one, other, string.Equals(one, "INBOX", StringComparison.OrdinalIgnoreCase) ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);

    /// <summary>The mail at exactly this place, its folder open; null when it is not there (any more).</summary>
    public async Task<LocatedMail?> AtAsync(MailRef mail, bool write)
    {
        var folder = await client.OpenAsync(mail.Folder, write, cancellation);
        if (folder is null || folder.Validity != mail.UidValidity || mail.Uid == 0)
            return null;
        return await client.FetchAsync([mail.Uid], cancellation) is [var message] ? new LocatedMail(folder, message) : null;
    }

    /// <summary>Mails of one folder with exactly this Message-ID; its folder is open.</summary>
    public async Task<IReadOnlyList<LocatedMail>> InAsync(string folder, string? messageId, bool write)
    {
        if (messageId is null || await client.OpenAsync(folder, write, cancellation) is not { Count: > 0 } opened)
            return [];
        // The server looks for a part of the header, whatever the case: what it finds is compared.
        var uids = await client.SearchAsync(new ImapCommand("UID SEARCH HEADER \"Message-ID\"").Text(messageId), cancellation);
        var found = await client.FetchAsync([.. uids.Take(MostOfOneId)], cancellation);
        return [.. found.Where(message => message.MessageId == messageId).Select(message => new LocatedMail(opened, message))];
    }

    /// <summary>Everywhere in the account. No folder is open for changes afterwards.</summary>
    public async Task<IReadOnlyList<LocatedMail>> AnywhereAsync(string? messageId)
    {
        if (messageId is null)
            return [];
        var found = new List<LocatedMail>();
        foreach (var folder in (await client.FoldersAsync(cancellation)).Where(folder => folder is { Openable: true, Virtual: false }))
            found.AddRange(await InAsync(folder.Name, messageId, write: false));
        return found;
    }

    /// <summary>Where it lay, else the one mail with its Message-ID, its folder open. Null: it is gone. Several with that Message-ID are a failure: one of them may be somebody's trap.</summary>
    public async Task<LocatedMail?> FindAsync(MailRef mail, bool write)
    {
        if (await AtAsync(mail, write) is { } there)
            return there;
        var elsewhere = await AnywhereAsync(mail.MessageId);
        if (elsewhere.Count > 1)
            throw ConnectorFailure.Permanent($"{mail} is not where it lay, and several mails have its Message-ID: {string.Join("; ", elsewhere.Select(found => found.Place))}. Search for the one that is meant.", reason: "ambiguous");
        return elsewhere.Count == 0 ? null : await AtAsync(elsewhere[0].Place, write);
    }

    public async Task<LocatedMail> RequireAsync(MailRef mail, bool write) => await FindAsync(mail, write) ?? throw Gone(mail);

    public static ConnectorFailure Gone(MailRef mail) => ConnectorFailure.Permanent(
        $"{mail} is not there any more{(mail.MessageId is null ? ", and having no Message-ID it cannot be found elsewhere" : ", and no folder holds a mail with its Message-ID")}. Somebody deleted or moved it.", reason: "gone");
}
