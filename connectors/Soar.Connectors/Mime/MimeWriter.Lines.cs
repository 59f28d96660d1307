using System.Globalization;
using System.Text;
using Soar.Capabilities;

namespace Soar.Connectors.Mime;

/// <summary>How texts become lines of seven bits.</summary>
internal static partial class MimeWriter
{
    /// <summary>RFC 2047: pure ASCII is folded at blanks; everything else becomes words of at most 75 characters, never splitting a character.</summary>
    internal static string EncodeWords(string text)
    {
        if (Ascii.IsValid(text) && !text.Contains("=?", StringComparison.Ordinal) && text.Split(' ').All(word => word.Length < 900))
            return Fold(text);
        var words = new List<string>();
        var chunk = new List<byte>();
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            var length = rune.EncodeToUtf8(bytes);
            if (chunk.Count + length > 42) // 42 bytes are 56 characters of base64, and 12 for the word's frame
            {
                words.Add($"=?utf-8?B?{Convert.ToBase64String(chunk.ToArray())}?=");
                chunk.Clear();
            }
            chunk.AddRange(bytes[..length]);
        }
        words.Add($"=?utf-8?B?{Convert.ToBase64String(chunk.ToArray())}?=");
        return string.Join("\r\n ", words);
    }

    private static string Fold(string text)
    {
        var result = new StringBuilder(text.Length + 16);
        var length = 12; // the header's name stands before
        foreach (var word in text.Split(' '))
        {
            if (result.Length > 0)
            {
                var fold = length + word.Length > 74 && word.Length > 0;
                result.Append(fold ? "\r\n " : " ");
                length = fold ? 1 : length + 1;
            }
            result.Append(word);
            length += word.Length;
        }
        return result.ToString();
    }

    private static void QuotedPrintable(Stream output, string text)
    {
        var line = new StringBuilder();
        foreach (var source in text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n'))
        {
            var bytes = Encoding.UTF8.GetBytes(source);
            for (var index = 0; index < bytes.Length; index++)
            {
                var value = bytes[index];
                var last = index == bytes.Length - 1;
                var plain = value is >= 33 and <= 126 && value != '=' || (value is (byte)' ' or (byte)'\t' && !last);
                // "From " and "." at a line's start are changed by old servers
                if (line.Length == 0 && (value == '.' || (value == 'F' && source.AsSpan(Math.Min(source.Length, index)).StartsWith("From "))))
                    plain = false;
                var token = plain ? ((char)value).ToString() : $"={value:X2}";
                if (line.Length + token.Length > 75)
                {
                    Line(output, line.Append('=').ToString());
                    line.Clear();
                    if (token == ".")
                        token = "=2E";
                }
                line.Append(token);
            }
            Line(output, line.ToString());
            line.Clear();
        }
    }

    private static void Header(Stream output, string name, string value) => Line(output, $"{name}: {value}");

    private static void Line(Stream output, string line)
    {
        output.Write(Encoding.UTF8.GetBytes(line));
        output.Write("\r\n"u8);
    }
}
