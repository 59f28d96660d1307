using System.Globalization;
using System.Text;
using Soar.Capabilities;

namespace Soar.Connectors.Mime;

/// <summary>
/// Writes mail in 7 bits (quoted-printable and base64), so that every server takes it unchanged. Lines stay below 78 characters, far from the 998 of RFC 5322.
/// Boundaries come from the Message-ID: the same mail is the same bytes in every attempt.
/// </summary>
internal static partial class MimeWriter
{
    /// <param name="sign">Makes the detached CMS signature over the bytes that are handed to it; null for a mail that is not signed.</param>
    public static byte[] Write(OutgoingMail mail, Func<byte[], DateTimeOffset, byte[]>? sign = null)
    {
        var output = new MemoryStream();
        Header(output, "Message-ID", $"<{Identifier(mail.MessageId)}>");
        Header(output, "Date", mail.Date.ToString("ddd, dd MMM yyyy HH:mm:ss ", CultureInfo.InvariantCulture) + mail.Date.ToString("zzz", CultureInfo.InvariantCulture).Replace(":", "", StringComparison.Ordinal));
        Header(output, "From", Mailbox(mail.From));
        Header(output, "To", string.Join(", ", mail.To.Select(Wire)));
        if (mail.ReplyTo is not null)
            Header(output, "Reply-To", Wire(mail.ReplyTo));
        Header(output, "Subject", EncodeWords(OneLine("the subject", mail.Subject)));
        if (!string.IsNullOrEmpty(mail.InReplyTo))
        {
            Header(output, "In-Reply-To", $"<{Identifier(mail.InReplyTo)}>");
            Header(output, "References", string.Join(' ', mail.References.Append(mail.InReplyTo).Distinct(StringComparer.Ordinal).Select(id => $"<{Identifier(id)}>")));
        }
        if (mail.AutoSubmitted is not null)
            Header(output, "Auto-Submitted", mail.AutoSubmitted);
        Header(output, "MIME-Version", "1.0");
        if (sign is null)
            Body(output, mail);
        else
            Signed(output, mail, sign);
        return output.ToArray();
    }

    /// <summary>The address as every server takes it: a domain beyond ASCII in its xn-- form. A local part beyond ASCII stays, and needs SMTPUTF8.</summary>
    internal static string Wire(EmailAddress address)
    {
        if (Ascii.IsValid(address.Domain))
            return address.Value;
        try
        {
            return address.Value[..^address.Domain.Length] + new IdnMapping().GetAscii(address.Domain);
        }
        catch (ArgumentException e)
        {
            throw ConnectorFailure.Permanent($"'{address}' has a domain that is no valid name.", e, "address");
        }
    }

    /// <summary>multipart/signed (RFC 8551 §3.5.3). What is signed is the first part from its headers to its last line break; the one before the boundary is the boundary's.</summary>
    private static void Signed(Stream output, OutgoingMail mail, Func<byte[], DateTimeOffset, byte[]> sign)
    {
        using var content = new MemoryStream();
        Body(content, mail);
        var boundary = Boundary(mail) + "-signed";
        Header(output, "Content-Type", $"multipart/signed; protocol=\"application/pkcs7-signature\";\r\n micalg=sha-256; boundary=\"{boundary}\"");
        Line(output, "");
        Line(output, $"--{boundary}");
        content.WriteTo(output);
        Line(output, "");
        Part(output, boundary, () => File(output, new OutgoingFile("smime.p7s", "application/pkcs7-signature", sign(content.ToArray(), mail.Date))));
        Line(output, $"--{boundary}--");
    }

    private static string Boundary(OutgoingMail mail) => $"soar-{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(mail.MessageId)).AsSpan(0, 12))}";

    private static void Body(Stream output, OutgoingMail mail)
    {
        var boundary = Boundary(mail);
        if (mail.Report is { } report)
        {
            Header(output, "Content-Type", $"multipart/report; report-type=feedback-report;\r\n boundary=\"{boundary}\"");
            Line(output, "");
            Part(output, boundary, () => Texts(output, mail, boundary + "-text"));
            Part(output, boundary, () =>
            {
                Header(output, "Content-Type", "message/feedback-report");
                Header(output, "Content-Disposition", "inline");
                Line(output, "");
                foreach (var (name, value) in report.Fields)
                    Header(output, OneLine("a report field", name), EncodeWords(OneLine(name, value)));
            });
            if (report.Original is { } original)
                Part(output, boundary, () => Original(output, original));
            foreach (var file in mail.Files.Prepend(report.Xarf))
                Part(output, boundary, () => File(output, file));
            Line(output, $"--{boundary}--");
        }
        else if (mail.Files.Count > 0)
        {
            Header(output, "Content-Type", $"multipart/mixed; boundary=\"{boundary}\"");
            Line(output, "");
            Part(output, boundary, () => Texts(output, mail, boundary + "-text"));
            foreach (var file in mail.Files)
                Part(output, boundary, () => File(output, file));
            Line(output, $"--{boundary}--");
        }
        else
        {
            Texts(output, mail, boundary);
        }
    }

    private static void Part(Stream output, string boundary, Action write)
    {
        Line(output, $"--{boundary}");
        write();
    }

    private static void Texts(Stream output, OutgoingMail mail, string boundary)
    {
        if (mail.Html is null)
        {
            Text(output, "plain", mail.Text);
            return;
        }
        Header(output, "Content-Type", $"multipart/alternative; boundary=\"{boundary}\"");
        Line(output, "");
        Part(output, boundary, () => Text(output, "plain", mail.Text));
        Part(output, boundary, () => Text(output, "html", mail.Html));
        Line(output, $"--{boundary}--");
    }

    private static void Text(Stream output, string kind, string text)
    {
        Header(output, "Content-Type", $"text/{kind}; charset=utf-8");
        Header(output, "Content-Transfer-Encoding", "quoted-printable");
        Line(output, "");
        QuotedPrintable(output, text);
    }

    /// <summary>
    /// The mail that is reported. It must not be encoded (RFC 2046 §5.2.1), so it goes along whole only when every server passes it unchanged; otherwise its headers do, and
    /// the caller attaches it as a file (<see cref="PassesWhole"/>).
    /// </summary>
    private static void Original(Stream output, OutgoingFile mail)
    {
        if (PassesWhole(mail.Content.Span))
        {
            Header(output, "Content-Type", "message/rfc822");
            Header(output, "Content-Disposition", "attachment;" + FileNameParameter(FileNames.Safe(mail.Name, mail.MediaType)));
            Line(output, "");
            output.Write(WithWholeLineEnds(mail.Content.Span));
            Line(output, "");
            return;
        }
        var end = HeadersEnd(mail.Content.Span);
        Header(output, "Content-Type", "text/rfc822-headers; charset=utf-8");
        Header(output, "Content-Transfer-Encoding", "quoted-printable");
        Line(output, "");
        QuotedPrintable(output, Charsets.Guess(mail.Content.Span[..end]));
    }

    /// <summary>Seven bits, no NUL, no carriage return alone, no line over 998 characters.</summary>
    internal static bool PassesWhole(ReadOnlySpan<byte> mail)
    {
        if (mail.ContainsAnyExceptInRange((byte)1, (byte)127))
            return false;
        while (mail.Length > 0)
        {
            var end = mail.IndexOf((byte)'\n');
            var line = end < 0 ? mail : mail[..end];
            if (end >= 0 && line.EndsWith("\r"u8))
                line = line[..^1];
            if (line.Contains((byte)'\r') || line.Length > 998)
                return false;
            mail = end < 0 ? [] : mail[(end + 1)..];
        }
        return true;
    }

    private static byte[] WithWholeLineEnds(ReadOnlySpan<byte> mail) => Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(mail).Replace("\r\n", "\n", StringComparison.Ordinal).Replace("\n", "\r\n", StringComparison.Ordinal));

    private static int HeadersEnd(ReadOnlySpan<byte> mail)
    {
        var ends = new[] { mail.IndexOf("\r\n\r\n"u8), mail.IndexOf("\n\n"u8) }.Where(at => at >= 0).DefaultIfEmpty(mail.Length);
        return Math.Min(ends.Min(), 64 * 1024);
    }

    private static void File(Stream output, OutgoingFile file)
    {
        var name = FileNames.Safe(file.Name, file.MediaType);
        // message/rfc822 must not be encoded (RFC 2046 §5.2.1): as an opaque file it passes every server unchanged
        var type = file.MediaType is "message/rfc822" || !IsMediaType(file.MediaType) ? "application/octet-stream" : file.MediaType;
        Header(output, "Content-Type", type);
        Header(output, "Content-Transfer-Encoding", "base64");
        Header(output, "Content-Disposition", "attachment;" + FileNameParameter(name));
        Line(output, "");
        var content = file.Content.Span;
        for (var at = 0; at < content.Length; at += 57)
            Line(output, Convert.ToBase64String(content.Slice(at, Math.Min(57, content.Length - at))));
    }

    // RFC 2231, in pieces of one line each; the plain form where it suffices.
    private static string FileNameParameter(string name)
    {
        if (Ascii.IsValid(name) && name.Length <= 60 && !name.AsSpan().ContainsAny('"', '\\'))
            return $"\r\n filename=\"{name}\"";
        var encoded = Uri.EscapeDataString(name);
        var result = new StringBuilder();
        for (int at = 0, piece = 0; at < encoded.Length; piece++)
        {
            var length = Math.Min(50, encoded.Length - at);
            // never between the parts of one %XX
            while (at + length < encoded.Length && (encoded[at + length - 1] == '%' || encoded[at + length - 2] == '%'))
                length--;
            result.Append(CultureInfo.InvariantCulture, $"{(piece > 0 ? ";" : "")}\r\n filename*{piece}*={(piece == 0 ? "utf-8''" : "")}{encoded.AsSpan(at, length)}");
            at += length;
        }
        return result.ToString();
    }

    private static bool IsMediaType(string text) =>
        text.Split('/') is [var type, var subtype] && type.Length is > 0 and < 60 && subtype.Length is > 0 and < 100
        && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '/' or '-' or '+' or '.' or '_');

    private static string Mailbox(MimeAddress address)
    {
        if (!EmailAddress.TryParse(address.Address, null, out var parsed))
            throw ConnectorFailure.Permanent($"'{address.Address}' is not a mail address. Set from to name@example.org.", reason: "address");
        var display = OneLine("the sender's name", address.Display);
        if (display.Length == 0)
            return Wire(parsed);
        var phrase = Ascii.IsValid(display) ? "\"" + display.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"" : EncodeWords(display);
        return $"{phrase} <{Wire(parsed)}>";
    }

    private static string OneLine(string what, string text)
    {
        foreach (var character in text)
            if (char.IsControl(character) && character != '\t' || character is '\u2028' or '\u2029')
                throw ConnectorFailure.Permanent($"A line break or control character in {what} was refused: it could forge a header. Write {what} in one line.", reason: "header-injection");
        return text;
    }

    internal static string Identifier(string id)
    {
        var text = id.Trim('<', '>');
        if (text.Length is 0 or > 400 || text.Any(character => character is <= ' ' or > '~' or '<' or '>'))
            throw ConnectorFailure.Permanent($"'{Charsets.Short(OneLine("a Message-ID", id))}' is not a Message-ID. Write it as it stands in the mail: id@host.", reason: "message-id");
        return text;
    }
}
