using System.Text;
using Soar.Capabilities;
using Soar.Connectors.Mime;

namespace Soar.Connectors.Imap;

/// <summary>A mailbox without mails, where every mail that is named can be read, moved and deleted, and every answer has come.</summary>
internal sealed class ImapSimulator(ImapSettings settings) : IMailbox
{
    public Task<MailSearch> SearchAsync(
        string? folder = null, string? from = null, string? to = null, string? subject = null, string? text = null, string? messageId = null, DateTimeOffset? since = null,
        DateTimeOffset? before = null, bool unseen = false, int limit = 100, ActionContext context = null!, CancellationToken cancellation = default) => Task.FromResult(new MailSearch([], 0));

    public Task<ReadMail> ReadAsync(MailRef mail, ActionContext context, CancellationToken cancellation) =>
        MailAsync(mail, $"Message-ID: <{mail.MessageId ?? "simulated@soar.invalid"}>", context, cancellation);

    public Task<MailReply> AwaitReplyAsync(string messageId, bool automatic = false, MailRef? after = null, ActionContext context = null!, CancellationToken cancellation = default) =>
        ReplyAsync(settings, messageId.Trim('<', '>'), context, cancellation);

    public Task<MovedMail> MoveAsync(MailRef mail, string folder, ActionContext context, CancellationToken cancellation) => Task.FromResult(Moved(mail, folder));

    public Task<MovedMail> QuarantineAsync(MailRef mail, TimeSpan duration, ActionContext context, CancellationToken cancellation) => Task.FromResult(Moved(mail, settings.Quarantine));

    public Task ReleaseAsync(MailRef mail, MovedMail? result = null, ActionContext context = null!, CancellationToken cancellation = default) => Task.CompletedTask;

    public Task<DeletedMail> DeleteAsync(MailRef mail, ActionContext context, CancellationToken cancellation) => Task.FromResult(new DeletedMail(WasThere: true, "simulated"));

    public Task<Probe<MovedMail>> ProbeMoveAsync(MailRef mail, string folder, ActionContext context, CancellationToken cancellation) => Task.FromResult(Probe.Absent<MovedMail>());

    public Task<Probe<MovedMail>> ProbeQuarantineAsync(MailRef mail, TimeSpan duration, ActionContext context, CancellationToken cancellation) => Task.FromResult(Probe.Absent<MovedMail>());

    public Task<Probe<DeletedMail>> ProbeDeleteAsync(MailRef mail, ActionContext context, CancellationToken cancellation) => Task.FromResult(Probe.Absent<DeletedMail>());

    /// <summary>An answer that nobody gave, to a mail that nobody got.</summary>
    public static async Task<MailReply> ReplyAsync(ImapSettings settings, string messageId, ActionContext context, CancellationToken cancellation)
    {
        var id = MailRef.IsMessageId(messageId) ? messageId : "simulated@soar.invalid";
        var read = await MailAsync(new MailRef(settings.Folder, 1, 1, "simulated-answer@soar.invalid"), $"Message-ID: <simulated-answer@soar.invalid>\r\nIn-Reply-To: <{id}>", context, cancellation);
        return new MailReply(read.Place, read.Raw, read.Mail, Automatic: false, "In-Reply-To");
    }

    private static async Task<ReadMail> MailAsync(MailRef place, string headers, ActionContext context, CancellationToken cancellation)
    {
        var bytes = Encoding.ASCII.GetBytes($"From: Simulated <nobody@soar.invalid>\r\nSubject: Simulated mail\r\n{headers}\r\n\r\nNobody wrote this.\r\n");
        using var content = new MemoryStream(bytes, writable: false);
        var raw = await context.Artifacts.PutAsync(content, "simulated.eml", "message/rfc822", cancellation);
        return new ReadMail(place, raw, new MimeCapability(new MimeSettings()).Read(bytes));
    }

    private static MovedMail Moved(MailRef mail, string folder) => new(new MailRef(folder, 1, 1, mail.MessageId), "simulated");
}
