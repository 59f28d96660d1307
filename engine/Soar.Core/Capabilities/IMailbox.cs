namespace Soar.Capabilities;

/// <summary>A mail that a search found: enough to decide whether to read it. Everything but <see cref="Mail"/>, <see cref="Received"/> and <see cref="Size"/> is its sender's claim.</summary>
public sealed record FoundMail
{
    public required MailRef Mail { get; init; }
    public string From { get; init; } = "";
    public EmailAddress? FromAddress { get; init; }
    public string Subject { get; init; } = "";

    /// <summary>When the server got it.</summary>
    public DateTimeOffset? Received { get; init; }
    public long Size { get; init; }
    public bool Seen { get; init; }

    public override string ToString() => $"{From}: {Subject}";
}

/// <summary>What a search found, the newest first. <paramref name="Total"/> is how many there are; <paramref name="Mails"/> holds no more than were asked for.</summary>
public sealed record MailSearch(IReadOnlyList<FoundMail> Mails, int Total);

/// <summary>A mail, whole and taken apart.</summary>
/// <param name="Place">Where it lies now.</param>
/// <param name="Raw">Its bytes as the server holds them, for <c>Evidence.Seal</c> and scanners.</param>
/// <param name="Mail">Taken apart as <c>Mime.Read</c> does.</param>
public sealed record ReadMail(MailRef Place, Artifact Raw, ParsedMail Mail);

/// <summary>An answer to a mail of ours. Who wrote it is its sender's claim, as with every mail.</summary>
/// <param name="Place">Where it lies.</param>
/// <param name="Raw">Its bytes as the server holds them.</param>
/// <param name="Mail">Taken apart as <c>Mime.Read</c> does.</param>
/// <param name="Automatic">A machine says that it wrote it: a receipt, an absence notice.</param>
/// <param name="MatchedBy">How it was known to be an answer: <c>In-Reply-To</c>, <c>References</c>, or <c>subject</c>, which is the weakest.</param>
public sealed record MailReply(MailRef Place, Artifact Raw, ParsedMail Mail, bool Automatic, string MatchedBy);

/// <summary>A mail that was moved.</summary>
/// <param name="Mail">Where it lies now.</param>
/// <param name="Evidence">The server's words.</param>
public sealed record MovedMail(MailRef Mail, string Evidence);

/// <summary>A mail that is gone.</summary>
/// <param name="WasThere">False when it was gone before.</param>
/// <param name="Evidence">The server's words.</param>
public sealed record DeletedMail(bool WasThere, string Evidence);

[Capability("Mailbox", "Reads and tidies the mail of one account.")]
public interface IMailbox
{
    /// <summary>Finds mails of one folder. All that is given must fit; texts fit as parts, whatever the case.</summary>
    /// <param name="folder">Default: where new mail comes in (the instance's <c>folder</c>).</param>
    /// <param name="from">Part of the sender's name or address.</param>
    /// <param name="to">Part of a recipient's name or address.</param>
    /// <param name="subject">Part of the subject.</param>
    /// <param name="text">Part of headers or body; servers without an index read every mail for it.</param>
    /// <param name="messageId">The exact Message-ID.</param>
    /// <param name="since">The server got it then or later.</param>
    /// <param name="before">The server got it earlier than that.</param>
    /// <param name="unseen">True for those only that nobody has read.</param>
    /// <param name="limit">How many at most, the newest. Default: 100; 1000 at most.</param>
    [Action(Effect.ReadsOnly, TimeoutSeconds = 120)]
    Task<MailSearch> SearchAsync(
        string? folder = null, string? from = null, string? to = null, string? subject = null, string? text = null, string? messageId = null, DateTimeOffset? since = null,
        DateTimeOffset? before = null, bool unseen = false, int limit = 100, ActionContext context = null!, CancellationToken cancellation = default);

    /// <summary>Reads a whole mail, without marking it as seen. One that was moved is found again by its Message-ID, in any folder; one that is gone fails the step with the code <c>gone</c>.</summary>
    [Action(Effect.ReadsOnly, TimeoutSeconds = 300)]
    Task<ReadMail> ReadAsync(MailRef mail, ActionContext context, CancellationToken cancellation);

    /// <summary>
    /// Waits until somebody answers a mail of ours, for weeks if need be; the run is forgotten meanwhile. <c>.Timeout(3.Days)</c> ends the wait with <c>StepTimedOut</c>. A mail that comes back as
    /// undeliverable fails the step with the code <c>undelivered</c>, because then nobody will.
    /// </summary>
    /// <param name="messageId">From <c>Mail.Send</c>, <c>Mail.Reply</c> or <c>Isp.Report</c>.</param>
    /// <param name="automatic">True to take an answer that a machine gave. Default: those are passed over.</param>
    /// <param name="after">The answer that was had before, to await the next one.</param>
    [Action(Effect.ReadsOnly, Waits = true, TimeoutSeconds = 120)]
    Task<MailReply> AwaitReplyAsync(string messageId, bool automatic = false, MailRef? after = null, ActionContext context = null!, CancellationToken cancellation = default);

    /// <summary>Moves a mail to another folder, which must exist. One that lies there already is left alone.</summary>
    [Action(Effect.Records, SafeToRepeat = true, Probe = nameof(ProbeMoveAsync), TimeoutSeconds = 120, NoInverse = "Move it back: the mail that was moved says where it lay.")]
    Task<MovedMail> MoveAsync([Target] MailRef mail, string folder, ActionContext context, CancellationToken cancellation);

    /// <summary>
    /// Takes a mail out of its readers' sight, into the instance's quarantine folder, for a time; then the ledger puts it back where it lay. The folder is made when it is not there.
    /// </summary>
    /// <param name="mail">From <c>Mailbox.Search</c>.</param>
    /// <param name="duration">How long; <c>Until.Lifted</c> for no end, which is what a mail that is malicious for good needs.</param>
    [Action(Effect.Contains, SafeToRepeat = true, Inverse = nameof(ReleaseAsync), Probe = nameof(ProbeQuarantineAsync), TimeoutSeconds = 120)]
    Task<MovedMail> QuarantineAsync([Target] MailRef mail, [LeaseTime] TimeSpan duration, ActionContext context, CancellationToken cancellation);

    /// <summary>Puts a quarantined mail back where it lay. One that is not in quarantine any more is no error.</summary>
    /// <param name="mail">The mail as it was handed to <c>Mailbox.Quarantine</c>.</param>
    /// <param name="result">What <c>Mailbox.Quarantine</c> returned; needed only for a mail without Message-ID.</param>
    [Action(Effect.Lifts, SafeToRepeat = true, TimeoutSeconds = 120)]
    Task ReleaseAsync([Target] MailRef mail, [MayBeEmpty] MovedMail? result = null, ActionContext context = null!, CancellationToken cancellation = default);

    /// <summary>Deletes a mail for good; no trash folder keeps it. One that is gone is no error.</summary>
    [Action(Effect.Destroys, SafeToRepeat = true, Probe = nameof(ProbeDeleteAsync), TimeoutSeconds = 120, NoInverse = "What was expunged is gone. Read and seal it before, or use Quarantine, which is put back.")]
    Task<DeletedMail> DeleteAsync([Target] MailRef mail, ActionContext context, CancellationToken cancellation);

    [Probe]
    Task<Probe<MovedMail>> ProbeMoveAsync(MailRef mail, string folder, ActionContext context, CancellationToken cancellation);

    [Probe]
    Task<Probe<MovedMail>> ProbeQuarantineAsync(MailRef mail, TimeSpan duration, ActionContext context, CancellationToken cancellation);

    [Probe]
    Task<Probe<DeletedMail>> ProbeDeleteAsync(MailRef mail, ActionContext context, CancellationToken cancellation);
}
