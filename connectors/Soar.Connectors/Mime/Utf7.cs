using System.Text;

namespace Soar.Connectors.Mime;

/// <summary>
/// UTF-7 (RFC 2152), and IMAP's own form of it for folder names (RFC 3501 §5.1.3), which differs in three characters. Decoding takes what is there: a run that is no UTF-16 becomes
/// replacement characters, and a shift that nothing closes ends with the text. One pass, no more output than input.
/// </summary>
internal static class Utf7
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+";

    /// <summary>As mail writes it: <c>+</c> shifts, any character that is no Base64 shifts back, a <c>-</c> there is swallowed.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes) => Decode(bytes, (byte)'+', (byte)'/');

    /// <summary>A folder's name as the server writes it.</summary>
    public static string DecodeFolder(string name)
    {
        if (!Ascii.IsValid(name)) // servers that send UTF-8 unasked are answered in kind
            return Charsets.Guess(Encoding.Latin1.GetBytes(name));
        return name.Contains('&') ? Decode(Encoding.ASCII.GetBytes(name), (byte)'&', (byte)',') : name;
    }

    /// <summary>A folder's name as the server wants it.</summary>
    public static string EncodeFolder(string name)
    {
        var result = new StringBuilder(name.Length + 8);
        for (var index = 0; index < name.Length; index++)
        {
            if (name[index] == '&')
            {
                result.Append("&-");
            }
            else if (name[index] is >= ' ' and <= '~')
            {
                result.Append(name[index]);
            }
            else
            {
                var start = index;
                while (index < name.Length && name[index] is < ' ' or > '~')
                    index++;
                var run = Convert.ToBase64String(Encoding.BigEndianUnicode.GetBytes(name[start..index]));
                result.Append('&').Append(run.TrimEnd('=').Replace('/', ',')).Append('-');
                index--;
            }
        }
        return result.ToString();
    }

    private static string Decode(ReadOnlySpan<byte> bytes, byte shift, byte last)
    {
        var result = new StringBuilder(bytes.Length);
        for (var index = 0; index < bytes.Length; index++)
        {
            if (bytes[index] != shift)
            {
                result.Append((char)bytes[index]);
                continue;
            }
            if (index + 1 < bytes.Length && bytes[index + 1] == '-')
            {
                result.Append((char)shift);
                index++;
                continue;
            }
            index++;
            int bits = 0, count = 0;
            for (; index < bytes.Length && Value(bytes[index], last) is var value and >= 0; index++)
            {
                bits = (bits << 6 | value) & 0xFFFFFF;
                count += 6;
                if (count < 16)
                    continue;
                count -= 16;
                result.Append((char)(bits >> count & 0xFFFF));
            }
            if (index < bytes.Length && bytes[index] != '-')
                index--; // it ends the run and stands for itself
        }
        return Whole(result);
    }

    // Halves of surrogate pairs that stand alone are no text.
    private static string Whole(StringBuilder text)
    {
        var result = text.ToString();
        for (var index = 0; index < result.Length; index++)
            if (char.IsSurrogate(result[index]) && !(char.IsHighSurrogate(result[index]) && index + 1 < result.Length && char.IsLowSurrogate(result[++index])))
                return new string([.. result.EnumerateRunes().SelectMany(rune => rune.ToString())]);
        return result;
    }

    private static int Value(byte character, byte last) => character == last ? 63 : character < 128 ? Alphabet.IndexOf((char)character) : -1;
}
