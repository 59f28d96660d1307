using System.Text;

namespace Soar.Connectors.Mime;

/// <summary>RFC 2047 words in headers, with the liberties of real mailers: words without white space between them, characters split over two words, spaces inside.</summary>
internal static class EncodedWords
{
    private const int LongestWord = 4_000;

    /// <summary>Removes folds; 8-bit bytes become characters (UTF-8, else Windows-1252). <paramref name="raw"/> is Latin-1.</summary>
    public static string Unfold(string raw)
    {
        var text = raw;
        if (raw.AsSpan().ContainsAnyInRange('\x80', '\xFF'))
        {
            var bytes = Encoding.Latin1.GetBytes(raw);
            text = Charsets.Guess(bytes);
        }
        if (!text.AsSpan().ContainsAny('\r', '\n', '\0'))
            return text.Trim(' ', '\t');
        var result = new StringBuilder(text.Length);
        foreach (var character in text)
            if (character is not ('\r' or '\n' or '\0'))
                result.Append(character);
        return result.ToString().Trim(' ', '\t');
    }

    public static string Decode(string text, DefectList? defects)
    {
        if (!text.Contains("=?", StringComparison.Ordinal))
            return text;
        var result = new StringBuilder(text.Length);
        var pending = new List<byte>(); // bytes of adjoining words in one charset: a character may be split over them
        string? charset = null;
        var index = 0;
        while (index < text.Length)
        {
            var start = text.IndexOf("=?", index, StringComparison.Ordinal);
            if (start < 0 || !TryWord(text, start, out var end, out var wordCharset, out var bytes))
            {
                Flush();
                var stop = start < 0 ? text.Length : start + 2;
                if (start >= 0)
                    defects?.Add(MimeDefectCode.EncodedWordUnreadable, Charsets.Short(text[start..]));
                result.Append(text, index, stop - index);
                index = stop;
                continue;
            }
            var between = text.AsSpan(index, start - index);
            if (charset is null || !between.IsWhiteSpace())
            {
                Flush();
                result.Append(between);
            }
            if (charset is not null && !string.Equals(charset, wordCharset, StringComparison.OrdinalIgnoreCase))
                Flush();
            charset = wordCharset;
            pending.AddRange(bytes);
            index = end;
        }
        Flush();
        return result.ToString();

        void Flush()
        {
            if (charset is null)
                return;
            var decoded = Charsets.Decode(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(pending), charset, defects);
            foreach (var character in decoded)
                result.Append(character is '\r' or '\n' or '\0' ? ' ' : character); // a decoded word must not forge a line
            pending.Clear();
            charset = null;
        }
    }

    private static bool TryWord(string text, int start, out int end, out string charset, out byte[] bytes)
    {
        end = 0;
        charset = "";
        bytes = [];
        var window = text.AsSpan(start, Math.Min(LongestWord, text.Length - start));
        var first = window[2..].IndexOf('?');
        if (first is <= 0 or > 60 || window.Length < first + 6 || window[first + 4] != '?')
            return false;
        first += 2;
        var kind = window[first + 1] | 0x20;
        var body = window[(first + 3)..];
        var close = body.IndexOf("?=");
        if (close < 0 || kind is not ('b' or 'q'))
            return false;
        // In Q, "=?=41" style words end in "?=" too early only when the body is empty: "=?x?q?=41?=".
        if (close == 0 && kind == 'q' && body.Length > 2 && body[1..].IndexOf("?=") is var later and > 0)
            close = later + 1;
        body = body[..close];
        var name = window[2..first];
        var language = name.IndexOf('*'); // RFC 2231 §5
        charset = (language < 0 ? name : name[..language]).ToString();
        bytes = kind == 'b' ? TransferEncodings.Base64(Latin(body), null) : Q(body);
        end = start + first + 3 + close + 2;
        return true;
    }

    private static byte[] Q(ReadOnlySpan<char> body)
    {
        var output = new byte[body.Length * 3];
        var written = 0;
        for (var index = 0; index < body.Length; index++)
        {
            var character = body[index];
            if (character == '=' && index + 2 < body.Length + 0 && TransferEncodings.Hex(body[index + 1]) is var high and >= 0 && TransferEncodings.Hex(body[index + 2]) is var low and >= 0)
            {
                output[written++] = (byte)(high << 4 | low);
                index += 2;
            }
            else if (character == '_')
            {
                output[written++] = (byte)' ';
            }
            else if (character < 0x80)
            {
                output[written++] = (byte)character;
            }
            else
            {
                written += Encoding.UTF8.GetBytes(body.Slice(index, 1), output.AsSpan(written));
            }
        }
        return output[..written];
    }

    private static byte[] Latin(ReadOnlySpan<char> text)
    {
        var bytes = new byte[text.Length];
        for (var index = 0; index < text.Length; index++)
            bytes[index] = text[index] < 0x80 ? (byte)text[index] : (byte)'?';
        return bytes;
    }
}
