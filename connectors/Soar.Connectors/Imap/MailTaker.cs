using Soar.Capabilities;
using Soar.Connectors.Mime;

namespace Soar.Connectors.Imap;

/// <summary>Takes whole mails from the server: streamed to an artifact, then taken apart.</summary>
internal sealed class MailTaker(ImapSettings settings, IMime? mime)
{
    private readonly IMime mime = mime ?? new MimeCapability(new MimeSettings());

    /// <summary>The mail's folder must be open.</summary>
    public async Task<ReadMail> TakeAsync(ImapClient client, LocatedMail mail, ActionContext context, CancellationToken cancellation)
    {
        Allowed(mail, mail.Message.Size);
        Artifact? raw = null;
        var there = await client.TakeAsync(mail.Message.Uid, async (size, content, token) =>
        {
            Allowed(mail, size);
            raw = await KeepAsync(content, $"mail-{mail.Message.Uid}.eml", context, token);
        }, cancellation);
        if (!there || raw is null)
            throw MailFinder.Gone(mail.Place);
        return new ReadMail(mail.Place, raw, await mime.ReadAsync(raw, context, cancellation));
    }

    public async Task<ReadOnlyMemory<byte>> BytesAsync(Artifact raw, ActionContext context, CancellationToken cancellation)
    {
        await using var stream = StoredBytes.Open(context, raw);
        var bytes = new byte[raw.Size];
        await stream.ReadExactlyAsync(bytes, cancellation);
        return bytes;
    }

    private static async Task<Artifact> KeepAsync(Stream content, string name, ActionContext context, CancellationToken cancellation)
    {
        try
        {
            return await context.Artifacts.PutAsync(content, name, "message/rfc822", cancellation);
        }
        catch (SoarException e) when (e is not ConnectorFailure)
        {
            // Ours, unless the connection broke, which the reader of the literal tells by itself.
            throw ConnectorFailure.Transient($"The mail could not be stored: {e.Message}", inner: e, reason: "artifact");
        }
    }

    private void Allowed(LocatedMail mail, long size)
    {
        if (size > settings.MaxBytes)
            throw ConnectorFailure.Permanent($"{mail.Place} has {size} bytes; mails of at most {settings.MaxBytes} are read (setting maxBytes).", reason: "too-large");
    }
}
