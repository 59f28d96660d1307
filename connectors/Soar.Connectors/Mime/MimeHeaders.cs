using System.Text;

namespace Soar.Connectors.Mime;

/// <summary>True for a line that ends the headers although no blank line came: a boundary of an open multipart.</summary>
internal delegate bool EndsHeaders(ReadOnlySpan<byte> line);

/// <summary>Splits a header block into headers. A line that is none ends the block, as every mail reader does, and is named in the defects.</summary>
internal static class MimeHeaders
{
    /// <summary>Reads headers from <paramref name="position"/> and leaves it at the first byte of the body.</summary>
    public static List<MimeHeader> Read(ReadOnlySpan<byte> data, ref int position, ref int budget, MimeLimits limits, DefectList defects, EndsHeaders? ends = null)
    {
        var headers = new List<MimeHeader>();
        var blockEnd = (int)Math.Min(data.Length, (long)position + limits.HeaderBlockLength);
        var start = -1; // of the header being gathered
        var nameLength = 0;
        var first = true;
        while (true)
        {
            if (position >= blockEnd)
            {
                if (position < data.Length)
                    defects.Add(MimeDefectCode.HeaderBlockTooLong, $"more than {limits.HeaderBlockLength} bytes of headers; the rest counts as body");
                break;
            }
            var line = LineAt(data, position, out var next);
            if (line.IsEmpty)
            {
                Finish(data, position, ref budget);
                position = next;
                return headers;
            }
            if (line[0] == '-' && ends is not null && ends(line.TrimEnd(" \t"u8)))
                break;
            if (line[0] is (byte)' ' or (byte)'\t')
            {
                if (start < 0)
                    defects.Add(MimeDefectCode.HeaderLineUnreadable, "a continuation line before any header");
            }
            else if (NameLength(line) is var length and > 0)
            {
                Finish(data, position, ref budget);
                (start, nameLength) = (position, length);
            }
            else if (first && (line.StartsWith("From "u8) || line.StartsWith(">From "u8)))
            {
                // the separator line of an mbox file
            }
            else
            {
                defects.Add(MimeDefectCode.HeadersNotSeparated, "a line that is no header ended the headers; it counts as body");
                break;
            }
            first = false;
            position = next;
        }
        Finish(data, Math.Min(position, data.Length), ref budget);
        return headers;

        void Finish(ReadOnlySpan<byte> all, int end, ref int left)
        {
            if (start < 0)
                return;
            if (left-- > 0)
                headers.Add(Make(all[start..end], nameLength, limits, defects));
            else if (left == -1)
                defects.Add(MimeDefectCode.TooManyHeaders, $"more than {limits.Headers} headers; the rest is not read");
            start = -1;
        }
    }

    private static MimeHeader Make(ReadOnlySpan<byte> bytes, int nameLength, MimeLimits limits, DefectList defects)
    {
        var name = Encoding.ASCII.GetString(bytes[..nameLength].TrimEnd(" \t"u8));
        var value = bytes[(nameLength + 1)..].TrimEnd("\r\n"u8);
        if (value.Length > limits.HeaderLength)
        {
            defects.Add(MimeDefectCode.HeaderTooLong, $"{name}: {value.Length} bytes, cut to {limits.HeaderLength}");
            value = value[..limits.HeaderLength];
        }
        var raw = Encoding.Latin1.GetString(value);
        return new MimeHeader(name, raw, EncodedWords.Decode(EncodedWords.Unfold(raw), defects));
    }

    /// <summary>The line without its break; <paramref name="next"/> is where the next begins.</summary>
    internal static ReadOnlySpan<byte> LineAt(ReadOnlySpan<byte> data, int position, out int next)
    {
        var rest = data[position..];
        var end = rest.IndexOf((byte)'\n');
        next = end < 0 ? data.Length : position + end + 1;
        var line = end < 0 ? rest : rest[..end];
        return line.Length > 0 && line[^1] == '\r' ? line[..^1] : line;
    }

    // RFC 5322 §2.2: printable ASCII but the colon. White space before the colon is obsolete syntax and still seen.
    private static int NameLength(ReadOnlySpan<byte> line)
    {
        var colon = line[..Math.Min(line.Length, 1_000)].IndexOf((byte)':');
        if (colon <= 0)
            return -1;
        var name = line[..colon].TrimEnd(" \t"u8);
        return name.Length > 0 && !name.ContainsAnyExceptInRange((byte)33, (byte)126) ? colon : -1;
    }
}
