using Soar.Capabilities;

namespace Soar.Connectors.Imap;

/// <summary>Moves mails and puts them back; each step may be repeated, because it first looks where the mail is.</summary>
internal sealed class MailMover(ImapClient client, MailFinder finder, CancellationToken cancellation)
{
    /// <summary>Moves a mail, wherever it is by now; one that lies there is left alone.</summary>
    /// <param name="make">Make the folder where it is missing.</param>
    public async Task<MovedMail> MoveAsync(MailRef mail, string folder, bool make)
    {
        var there = await finder.AtAsync(mail, write: true);
        if (there is null || MailFinder.SameFolder(there.Folder.Name, folder))
        {
            // An earlier attempt may have done it, or a person.
            var already = there is null ? await finder.InAsync(folder, mail.MessageId, write: false) : [there];
            if (already is [var one])
                return new MovedMail(one.Place, "It lay there already.");
            there = await finder.RequireAsync(mail, write: true);
        }
        try
        {
            return await MoveAsync(there, folder);
        }
        catch (ConnectorFailure failure) when (make && failure.Reason == "no-folder")
        {
            await client.CreateAsync(folder, cancellation);
            return await MoveAsync(await finder.RequireAsync(mail, write: true), folder);
        }
    }

    private async Task<MovedMail> MoveAsync(LocatedMail mail, string folder)
    {
        var copied = false;
        if (!client.Capabilities.Contains("MOVE"))
        {
            // COPY and EXPUNGE are two: an attempt that was cut between them left its copy.
            copied = (await finder.InAsync(folder, mail.Message.MessageId, write: false)).Any(copy => copy.Message.Size == mail.Message.Size);
            mail = await finder.RequireAsync(mail.Place, write: true);
        }
        var (to, words) = await client.MoveAsync(mail.Message.Uid, folder, copied, cancellation);
        if (to is not null)
            return new MovedMail(new MailRef(folder, to.Validity, to.Uid, mail.Message.MessageId), words);
        // The server did not say where it put it (no UIDPLUS), or there was nothing to move any more.
        if (await finder.InAsync(folder, mail.Message.MessageId, write: false) is [.., var newest])
            return new MovedMail(newest.Place, words);
        if (await finder.AtAsync(mail.Place, write: false) is not null)
            throw ConnectorFailure.Permanent($"The server says that it moved {mail.Place}, and the mail is still there: {words}", reason: "not-moved");
        if (mail.Message.MessageId is not null || client.Capabilities.Contains("UIDPLUS"))
            throw ConnectorFailure.Transient($"{mail.Place} was moved by somebody else at the same moment.", reason: "moved");
        return new MovedMail(new MailRef(folder, 0, 0, null), $"{words} (where in the folder, the server does not say)");
    }

    /// <summary>Where the mail lies in quarantine; null when it does not. What <paramref name="moved"/> says is exact; otherwise its Message-ID must be the only one.</summary>
    public async Task<LocatedMail?> InQuarantineAsync(MailRef mail, MovedMail? moved, string quarantine)
    {
        foreach (var place in new[] { moved?.Mail, mail })
            if (place is not null && MailFinder.SameFolder(place.Folder, quarantine) && await finder.AtAsync(place, write: true) is { } exact)
                return exact;
        // Where it lay, it still lies: then one of the same Message-ID in quarantine is another mail.
        if (await finder.AtAsync(mail, write: false) is not null)
            return null;
        var found = await finder.InAsync(quarantine, mail.MessageId, write: true);
        return found.Count < 2 ? found.FirstOrDefault()
            : throw ConnectorFailure.Permanent($"Several mails in {quarantine} have the Message-ID of {mail}: {string.Join("; ", found.Select(one => one.Place))}. Move the one that is meant by hand.", reason: "ambiguous");
    }

    /// <summary>Puts a mail back where it lay; where that folder is gone, to where new mail comes in.</summary>
    public async Task ReleaseAsync(MailRef mail, MovedMail? moved, ImapSettings settings)
    {
        if (await InQuarantineAsync(mail, moved, settings.Quarantine) is not { } held)
            return;
        var home = MailFinder.SameFolder(mail.Folder, settings.Quarantine) ? settings.Folder : mail.Folder;
        try
        {
            await MoveAsync(held, home);
        }
        catch (ConnectorFailure failure) when (failure.Reason is "no-folder" && !MailFinder.SameFolder(home, settings.Folder))
        {
            await MoveAsync((await InQuarantineAsync(mail, moved, settings.Quarantine))!, settings.Folder);
        }
    }
}
