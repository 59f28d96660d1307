using System.Text.Json.Serialization;

namespace Soar.Capabilities;

/// <summary>A mail, taken apart. Everything in it is the sender's claim unless it says otherwise.</summary>
public sealed record ParsedMail
{
    public string? MessageId { get; init; }
    public string Subject { get; init; } = "";
    public string From { get; init; } = "";
    public EmailAddress? FromAddress { get; init; }
    public IReadOnlyList<EmailAddress> ReplyTo { get; init; } = [];
    public IReadOnlyList<EmailAddress> To { get; init; } = [];
    public IReadOnlyList<EmailAddress> Cc { get; init; } = [];
    public DateTimeOffset? Date { get; init; }

    /// <summary>The first relay outside our trusted hosts, from the Received chain: where the mail came from.</summary>
    public MailHop? Origin { get; init; }

    /// <summary>The Received chain, newest first.</summary>
    public IReadOnlyList<MailHop> Hops { get; init; } = [];

    /// <summary>SPF, DKIM and DMARC results by method, from our own server's Authentication-Results only: <c>spf</c> → <c>fail</c>.</summary>
    public IReadOnlyDictionary<string, string> Authentication { get; init; } = new Dictionary<string, string>();

    /// <summary>Plain text of the body; made from HTML when there is no text part. At most 64 KiB.</summary>
    public string Body { get; init; } = "";

    /// <summary>The same for people: what it names is written so that nobody clicks it by accident (<c>hxxps://evil[.]example</c>).</summary>
    public string DefangedBody { get; init; } = "";

    /// <summary>What subject and body name (see <c>ObservableText</c>): each once, in the order of the text, at most 200.</summary>
    public IReadOnlyList<Observable> Observables { get; init; } = [];
    public IReadOnlyList<MailLink> Links { get; init; } = [];
    public IReadOnlyList<MailAttachment> Attachments { get; init; } = [];

    /// <summary>A mail attached as a whole (a reported mail), taken apart too.</summary>
    public IReadOnlyList<ParsedMail> Forwarded { get; init; } = [];

    /// <summary>What was malformed.</summary>
    public IReadOnlyList<string> Defects { get; init; } = [];

    /// <summary>Message-IDs of the mails that this one answers.</summary>
    public IReadOnlyList<string> InReplyTo { get; init; } = [];

    /// <summary>Message-IDs of its thread, the first one first.</summary>
    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>For <c>Mail.Reply</c>; null for a mail without Message-ID, which cannot be answered in its thread.</summary>
    [JsonIgnore]
    public MailThread? Thread => MessageId is null ? null : new(MessageId, Subject, References.Count > 0 ? References : InReplyTo.Count == 1 ? InReplyTo : []);
}

/// <summary>One relay of a mail.</summary>
public sealed record MailHop(IpAddress? Ip, string? From, string? By, DateTimeOffset? At);

/// <summary>A link in a mail; <paramref name="Deceptive"/> when its text names another host than its target.</summary>
public sealed record MailLink(string Url, string Host, string Text, bool Deceptive);

/// <summary>An attachment with the hash of its decoded bytes.</summary>
public sealed record MailAttachment(string Name, string MediaType, long Size, string Sha256, string Sha1, string Md5)
{
    /// <summary>Its decoded bytes, for scanners and as evidence; null where a mail has more attachments than are kept.</summary>
    public Artifact? Artifact { get; init; }
}

[Capability("Mime", "Takes raw mails apart.", BuiltIn = true, Proven = "Python's email package on every sample mail, and a fuzzer")]
public interface IMime
{
    /// <summary>Reads a raw mail (RFC 5322 and MIME, as found in the wild). Malformed parts become defects, not errors. Attachments are kept as artifacts.</summary>
    /// <param name="mail">The raw mail, for example <c>Alert.Raw</c>.</param>
    [Action(Effect.ReadsOnly)]
    Task<ParsedMail> ReadAsync(Artifact mail, ActionContext context, CancellationToken cancellation);
}
