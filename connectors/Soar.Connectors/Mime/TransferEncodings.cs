namespace Soar.Connectors.Mime;

/// <summary>Decoders for bodies (RFC 2045) that take what arrives: damage is named, never thrown. Each is one pass and allocates at most its input once.</summary>
internal static class TransferEncodings
{
    public static bool IsIdentity(string encoding) => encoding is "" or "7bit" or "8bit" or "binary";

    public static ReadOnlyMemory<byte> Decode(ReadOnlyMemory<byte> raw, string encoding, DefectList defects)
    {
        switch (encoding)
        {
            case "base64":
                return Base64(raw.Span, defects);
            case "quoted-printable":
                return QuotedPrintable(raw.Span, defects);
            case "uuencode" or "x-uuencode" or "uue" or "x-uue":
                return Uuencode(raw.Span, defects);
            default:
                if (!IsIdentity(encoding))
                    defects.Add(MimeDefectCode.TransferEncodingUnknown, $"transfer encoding '{Charsets.Short(encoding)}' is unknown; the bytes are as they came");
                return raw;
        }
    }

    /// <summary>Foreign characters are skipped, as every mail client does; reading ends at the padding.</summary>
    public static byte[] Base64(ReadOnlySpan<byte> text, DefectList? defects)
    {
        var output = new byte[text.Length / 4 * 3 + 3];
        int written = 0, bits = 0, count = 0, foreign = 0, index = 0;
        for (; index < text.Length; index++)
        {
            var value = Value(text[index]);
            if (value >= 0)
            {
                bits = bits << 6 | value;
                if (++count == 4)
                {
                    output[written++] = (byte)(bits >> 16);
                    output[written++] = (byte)(bits >> 8);
                    output[written++] = (byte)bits;
                    bits = count = 0;
                }
            }
            else if (text[index] == '=')
            {
                if (count >= 2)
                    break;
                foreign++;
            }
            else if (text[index] is not ((byte)'\r' or (byte)'\n' or (byte)' ' or (byte)'\t'))
            {
                foreign++;
            }
        }
        var padded = index < text.Length;
        switch (count)
        {
            case 1:
                foreign++;
                break;
            case 2:
                output[written++] = (byte)(bits >> 4);
                break;
            case 3:
                output[written++] = (byte)(bits >> 10);
                output[written++] = (byte)(bits >> 2);
                break;
        }
        if (foreign > 0)
            defects?.Add(MimeDefectCode.Base64Damaged, $"{foreign} characters outside the base64 alphabet were skipped");
        if (count is 2 or 3 && !padded)
            defects?.Add(MimeDefectCode.Base64Damaged, "the padding is missing: the content may be cut off");
        if (padded && text[index..].ContainsAnyExcept("= \t\r\n"u8))
            defects?.Add(MimeDefectCode.Base64Damaged, "there is more text behind the padding; it was not decoded");
        return written == output.Length ? output : output[..written];
    }

    public static byte[] QuotedPrintable(ReadOnlySpan<byte> text, DefectList? defects)
    {
        var output = new byte[text.Length];
        int written = 0, damaged = 0;
        for (var index = 0; index < text.Length; index++)
        {
            var next = text[index..].IndexOf((byte)'=');
            var plain = next < 0 ? text[index..] : text.Slice(index, next);
            plain.CopyTo(output.AsSpan(written));
            written += plain.Length;
            if (next < 0)
                break;
            index += next;
            var rest = text[(index + 1)..];
            if (rest.Length >= 2 && Hex(rest[0]) is var high and >= 0 && Hex(rest[1]) is var low and >= 0)
            {
                output[written++] = (byte)(high << 4 | low);
                index += 2;
            }
            else if (SoftBreak(rest) is var skip and >= 0)
            {
                index += skip;
            }
            else
            {
                output[written++] = (byte)'=';
                damaged++;
            }
        }
        if (damaged > 0)
            defects?.Add(MimeDefectCode.QuotedPrintableDamaged, $"{damaged} times a '=' that starts nothing");
        return output[..written];
    }

    // "=" at a line's end, white space before the break allowed (RFC 2045 §6.7); the last "=" of the text counts as one.
    private static int SoftBreak(ReadOnlySpan<byte> rest)
    {
        var index = 0;
        while (index < rest.Length && index < 80 && rest[index] is (byte)' ' or (byte)'\t')
            index++;
        if (index == rest.Length)
            return index;
        if (rest[index] == '\n')
            return index + 1;
        return rest[index] == '\r' ? index + 1 + (index + 1 < rest.Length && rest[index + 1] == '\n' ? 1 : 0) : -1;
    }

    public static byte[] Uuencode(ReadOnlySpan<byte> text, DefectList? defects)
    {
        var output = new byte[text.Length];
        var written = 0;
        bool begun = false, ended = false, damaged = false;
        while (text.Length > 0 && !ended)
        {
            var end = text.IndexOf((byte)'\n');
            var line = (end < 0 ? text : text[..end]).TrimEnd((byte)'\r');
            text = end < 0 ? [] : text[(end + 1)..];
            if (!begun)
                begun = line.StartsWith("begin "u8);
            else if (line.SequenceEqual("end"u8))
                ended = true;
            else if (line.Length > 0)
                damaged |= !UuLine(line, output, ref written);
        }
        if (!begun || !ended || damaged)
            defects?.Add(MimeDefectCode.UuencodeDamaged, !begun ? "no 'begin' line" : !ended ? "no 'end' line" : "lines shorter than they say or with foreign characters");
        return output[..written];
    }

    private static bool UuLine(ReadOnlySpan<byte> line, byte[] output, ref int written)
    {
        if (line[0] is < 32 or > 96)
            return false;
        var length = (line[0] - 32) & 63;
        var body = line[1..];
        var start = written;
        for (var index = 0; written - start < length; index += 4)
        {
            if (index >= body.Length)
                return false;
            int At(ReadOnlySpan<byte> from, int at) => at < from.Length ? (from[at] - 32) & 63 : 0; // trailing spaces are often cut off
            var bits = At(body, index) << 18 | At(body, index + 1) << 12 | At(body, index + 2) << 6 | At(body, index + 3);
            for (var shift = 16; shift >= 0 && written - start < length; shift -= 8)
                output[written++] = (byte)(bits >> shift);
        }
        return true;
    }

    internal static int Hex(int character) => character switch
    {
        >= '0' and <= '9' => character - '0',
        >= 'A' and <= 'F' => character - 'A' + 10,
        >= 'a' and <= 'f' => character - 'a' + 10,
        _ => -1,
    };

    private static int Value(byte character) => character switch
    {
        >= (byte)'A' and <= (byte)'Z' => character - 'A',
        >= (byte)'a' and <= (byte)'z' => character - 'a' + 26,
        >= (byte)'0' and <= (byte)'9' => character - '0' + 52,
        (byte)'+' => 62,
        (byte)'/' => 63,
        _ => -1,
    };
}
