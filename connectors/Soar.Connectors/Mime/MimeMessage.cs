using System.Net;
using System.Security.Cryptography;

namespace Soar.Connectors.Mime;

/// <summary>A mail as it was received: headers in their order, the tree of parts, and what an analyst asks of it first.</summary>
public sealed record MimeMessage
{
    /// <summary>The root part. A mail without parts has itself as its only one.</summary>
    public required MimePart Root { get; init; }

    public required string? Subject { get; init; }
    public required IReadOnlyList<MimeAddress> From { get; init; }
    public required IReadOnlyList<MimeAddress> Sender { get; init; }
    public required IReadOnlyList<MimeAddress> ReplyTo { get; init; }
    public required IReadOnlyList<MimeAddress> To { get; init; }
    public required IReadOnlyList<MimeAddress> Cc { get; init; }
    public required IReadOnlyList<MimeAddress> ReturnPath { get; init; }

    /// <summary>The <c>Date</c> header with its own offset; null when it is missing or unreadable.</summary>
    public required DateTimeOffset? Date { get; init; }

    /// <summary>Without the angle brackets.</summary>
    public required string? MessageId { get; init; }

    public required IReadOnlyList<string> InReplyTo { get; init; }
    public required IReadOnlyList<string> References { get; init; }

    /// <summary>The text a person reads: the first plain text part, else the HTML part as text. Null when there is neither.</summary>
    public required string? Text { get; init; }

    /// <summary>The first HTML part as it was sent. Never render it: show <see cref="Text"/>.</summary>
    public required string? Html { get; init; }

    public required IReadOnlyList<MimeAttachment> Attachments { get; init; }

    /// <summary>Links of the HTML and text bodies of this message (not of messages attached to it), each once.</summary>
    public required IReadOnlyList<MimeLink> Links { get; init; }

    /// <summary>The <c>Received</c> chain, newest first, as the headers stand.</summary>
    public required IReadOnlyList<ReceivedHop> Received { get; init; }

    /// <summary>Every result of <c>Authentication-Results</c>, <c>ARC-Authentication-Results</c> and <c>Received-SPF</c> headers, newest first. Anybody can write
    /// such a header: use <see cref="Verified"/> with the names of your own servers.</summary>
    public required IReadOnlyList<AuthenticationResult> Authentication { get; init; }

    /// <summary>What is malformed or was cut off, never an exception.</summary>
    public required IReadOnlyList<MimeDefect> Defects { get; init; }

    public IReadOnlyList<MimeHeader> Headers => Root.Headers;

    /// <summary>True when replies would go to another domain than the one the mail claims to come from.</summary>
    public bool ReplyToDiffers => ReplyTo.Count > 0 && From.Count > 0
        && !ReplyTo.Any(reply => From.Any(from => string.Equals(reply.Domain, from.Domain, StringComparison.OrdinalIgnoreCase)));

    /// <summary>The first value of a header, decoded and unfolded; null when it is not there.</summary>
    public string? Header(string name) => Root.Header(name);

    /// <summary>The hop where the mail came in from outside: the newest one whose sending address is not in <paramref name="trusted"/>. What older hops say was
    /// written by strangers. Null when every hop is trusted.</summary>
    public ReceivedHop? FirstUntrustedHop(TrustedPath trusted) => trusted.FirstUntrusted(Received);

    /// <summary>Results that one of our own servers (<paramref name="servers"/>, the authserv-id) wrote for a method such as <c>spf</c>, <c>dkim</c>, <c>dmarc</c>:
    /// those of the topmost header that has any, because a sender can write such headers too, but only below. (RFC 8601 §5 asks our servers to remove those.)</summary>
    public IEnumerable<AuthenticationResult> Verified(string method, IReadOnlySet<string> servers)
    {
        var ours = Authentication.Where(result => string.Equals(result.Method, method, StringComparison.OrdinalIgnoreCase) && servers.Contains(result.Server)).ToList();
        return ours.Where(result => result.Position == ours[0].Position);
    }
}

/// <summary>One header: <see cref="Raw"/> is what stands after the colon byte for byte (as Latin-1, folds included), <see cref="Value"/> is unfolded and decoded (RFC 2047).</summary>
public sealed record MimeHeader(string Name, string Raw, string Value);

/// <summary>A mailbox. <see cref="Group"/> is the RFC 5322 group it was listed in.</summary>
public sealed record MimeAddress(string Display, string Address, string? Group = null)
{
    public string LocalPart => Address.LastIndexOf('@') is var at and >= 0 ? Address[..at] : Address;
    public string Domain => Address.LastIndexOf('@') is var at and >= 0 ? Address[(at + 1)..].ToLowerInvariant() : "";
    public override string ToString() => Display.Length == 0 ? Address : $"{Display} <{Address}>";
}

/// <summary>
/// A part of the tree. A leaf has <see cref="Content"/>, a multipart has <see cref="Parts"/>, an attached message has <see cref="Message"/>. S/MIME's opaque signature
/// (application/pkcs7-mime) has both: the signed part is its only one. Whether the signature holds is not looked at.
/// </summary>
public sealed record MimePart
{
    /// <summary>Position as IMAP numbers it: empty for the root, "1", "2.1" …</summary>
    public required string Path { get; init; }

    public required IReadOnlyList<MimeHeader> Headers { get; init; }

    /// <summary>Lower case, such as <c>text/plain</c>; the default of RFC 2045 when it is missing or unreadable.</summary>
    public required string MediaType { get; init; }

    public required IReadOnlyDictionary<string, string> Parameters { get; init; }

    /// <summary><c>attachment</c>, <c>inline</c> or empty.</summary>
    public required string Disposition { get; init; }

    public required string TransferEncoding { get; init; }

    /// <summary>The name as the sender gave it. It may hold anything: see <see cref="MimeAttachment.SafeName"/>.</summary>
    public required string? FileName { get; init; }

    /// <summary>Decoded from the transfer encoding; the bytes themselves for an identity encoding; empty for a multipart that could be taken apart.</summary>
    public required ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>The bytes as they stood in the mail, before decoding.</summary>
    public required ReadOnlyMemory<byte> RawContent { get; init; }

    public required IReadOnlyList<MimePart> Parts { get; init; }
    public required MimeMessage? Message { get; init; }

    /// <summary>The content in its charset, for text parts; null for all others.</summary>
    public required string? Text { get; init; }

    /// <summary>Field blocks of <c>message/delivery-status</c> (one per recipient) and <c>message/feedback-report</c> (RFC 5965).</summary>
    public required IReadOnlyList<IReadOnlyList<MimeHeader>> Fields { get; init; }

    public string? Header(string name)
    {
        foreach (var header in Headers)
            if (string.Equals(header.Name, name, StringComparison.OrdinalIgnoreCase))
                return header.Value;
        return null;
    }

    /// <summary>This part and all below it in reading order, without descending into attached messages.</summary>
    public IEnumerable<MimePart> Walk()
    {
        yield return this;
        foreach (var part in Parts)
            foreach (var below in part.Walk())
                yield return below;
    }
}

/// <summary>A part that a person would see as a file. Hashes are lower-case hexadecimal over the decoded bytes, computed when first asked for: messages inside
/// messages would otherwise be hashed once per layer.</summary>
public sealed class MimeAttachment(string partPath, string? fileName, string mediaType, bool inline, ReadOnlyMemory<byte> content)
{
    private string? sha256, sha1, md5;

    public string PartPath { get; } = partPath;
    public string? FileName { get; } = fileName;
    public string MediaType { get; } = mediaType;
    public bool Inline { get; } = inline;
    public ReadOnlyMemory<byte> Content { get; } = content;
    public int Size => Content.Length;
    public string Sha256 => sha256 ??= Convert.ToHexStringLower(SHA256.HashData(Content.Span));
    public string Sha1 => sha1 ??= Convert.ToHexStringLower(SHA1.HashData(Content.Span));
    public string Md5 => md5 ??= Convert.ToHexStringLower(MD5.HashData(Content.Span));

    /// <summary>A name that can be shown and written: no path, no control or direction-changing characters, at most 200 characters.</summary>
    public string SafeName => FileNames.Safe(FileName, MediaType);
}

/// <summary>Where a link was found.</summary>
public enum LinkSource { Anchor, Text, Image, Form, Frame }

/// <summary>A link. <see cref="Text"/> is what the reader sees. <see cref="Mismatch"/>: the text names another host than the link leads to.</summary>
public sealed record MimeLink(string Url, string Host, string Text, LinkSource Source, bool Mismatch);

/// <summary>One <c>Received</c> header. <see cref="Ip"/> is the address the receiving server saw; <see cref="FromName"/> is only what the sender said (HELO).</summary>
public sealed record ReceivedHop(
    string? FromName, string? ReverseName, IPAddress? Ip, string? By, string? With, string? Id, string? For, DateTimeOffset? Time);

/// <summary>One method's result, such as dkim=fail with header.d=example.com. <see cref="Position"/> counts the headers from the top: our own server's stands above
/// whatever a sender wrote under its name.</summary>
public sealed record AuthenticationResult(
    string Server, string Method, string Result, string? Reason, IReadOnlyDictionary<string, string> Properties, int Position = 0);

/// <summary>Something malformed. <see cref="Code"/> is stable; <see cref="PartPath"/> says where.</summary>
public sealed record MimeDefect(MimeDefectCode Code, string PartPath, string Detail);

public enum MimeDefectCode
{
    HeaderLineUnreadable, HeaderTooLong, TooManyHeaders, HeaderBlockTooLong, HeadersNotSeparated, DuplicateHeader,
    AddressUnreadable, TooManyAddresses, DateUnreadable, ParameterUnreadable, EncodedWordUnreadable,
    BoundaryMissing, BoundaryNotFound, MultipartNotClosed, TooDeep, TooManyParts,
    TransferEncodingUnknown, Base64Damaged, QuotedPrintableDamaged, UuencodeDamaged, EncodedContainer,
    CharsetUnknown, CharsetWrong, FileNameDeceptive, TooManyLinks, TooManyHops, TooManyDefects,
    CharsetObsolete, Encrypted, SignedContentUnreadable,
}

/// <summary>Bounds within which hostile mail is read. What exceeds them is cut off and named in the defects.</summary>
public sealed record MimeLimits
{
    public int Depth { get; init; } = 50;
    public int Parts { get; init; } = 1_000;

    /// <summary>In bytes, for one header with its folds.</summary>
    public int HeaderLength { get; init; } = 64 * 1024;

    /// <summary>In bytes, for the header block of one part.</summary>
    public int HeaderBlockLength { get; init; } = 1024 * 1024;

    /// <summary>Of the whole mail, all parts together.</summary>
    public int Headers { get; init; } = 5_000;

    /// <summary>In one header.</summary>
    public int Addresses { get; init; } = 2_000;

    public int Links { get; init; } = 2_000;
    public int Hops { get; init; } = 100;
    public int Defects { get; init; } = 200;

    /// <summary>Messages inside transfer-encoded messages, and signed content (S/MIME) inside its signature, that are decoded again; each such layer costs a copy.</summary>
    public int EncodedLayers { get; init; } = 3;

    public static MimeLimits Default { get; } = new();
}
