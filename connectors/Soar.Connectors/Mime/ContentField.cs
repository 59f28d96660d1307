using System.Globalization;
using System.Text;

namespace Soar.Connectors.Mime;

/// <summary>A value with parameters: <c>Content-Type</c>, <c>Content-Disposition</c>. RFC 2231 continuations and charsets, and unquoted values with blanks as they are sent.</summary>
internal sealed record ContentField(string Value, IReadOnlyDictionary<string, string> Parameters)
{
    private const int MostParameters = 200;

    public static readonly ContentField None = new("", new Dictionary<string, string>());

    public static ContentField Parse(string? text, DefectList defects)
    {
        if (string.IsNullOrWhiteSpace(text))
            return None;
        var plain = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var pieces = new Dictionary<string, SortedDictionary<int, (string Text, bool Encoded)>>(StringComparer.OrdinalIgnoreCase);
        var index = 0;
        var value = Token(text, ref index, stopAtEquals: false).Trim().ToLowerInvariant();
        var count = 0;
        while (index < text.Length)
        {
            if (text[index] is ';' or ' ' or '\t')
            {
                index++;
                continue;
            }
            if (count++ >= MostParameters)
            {
                defects.Add(MimeDefectCode.ParameterUnreadable, $"more than {MostParameters} parameters; the rest is not read");
                break;
            }
            var name = Token(text, ref index, stopAtEquals: true).Trim();
            if (index >= text.Length || text[index] != '=')
            {
                if (name.Length > 0)
                    defects.Add(MimeDefectCode.ParameterUnreadable, Charsets.Short(name));
                continue;
            }
            index++;
            Collect(name, ParameterValue(text, ref index), plain, pieces, defects);
        }
        foreach (var (name, parts) in pieces)
            plain[name] = Join(parts, defects);
        return new ContentField(value, plain);
    }

    private static void Collect(string name, string value, Dictionary<string, string> plain,
        Dictionary<string, SortedDictionary<int, (string, bool)>> pieces, DefectList defects)
    {
        var star = name.IndexOf('*');
        if (star < 0)
        {
            if (!plain.TryAdd(name, EncodedWords.Decode(value, defects))) // RFC 2047 in a parameter is forbidden and common
                defects.Add(MimeDefectCode.ParameterUnreadable, $"'{Charsets.Short(name)}' is given twice; the first counts");
            return;
        }
        var rest = name[(star + 1)..];
        var encoded = rest.EndsWith('*') || rest.Length == 0;
        var number = rest.TrimEnd('*');
        var position = 0;
        if (number.Length > 0 && !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out position))
        {
            defects.Add(MimeDefectCode.ParameterUnreadable, Charsets.Short(name));
            return;
        }
        var baseName = name[..star];
        if (!pieces.TryGetValue(baseName, out var parts))
            pieces[baseName] = parts = [];
        parts.TryAdd(position, (value, encoded));
    }

    // The charset stands in the first piece only: name*0*=utf-8''%e2%82%ac; name*1="plain"
    private static string Join(SortedDictionary<int, (string Text, bool Encoded)> parts, DefectList defects)
    {
        string? charset = null;
        var bytes = new List<byte>();
        var first = true;
        foreach (var (text, encoded) in parts.Values)
        {
            var rest = text;
            if (first && encoded)
            {
                var quote = text.IndexOf('\'');
                var second = quote < 0 ? -1 : text.IndexOf('\'', quote + 1);
                if (second > 0)
                    (charset, rest) = (text[..quote], text[(second + 1)..]);
            }
            first = false;
            if (encoded)
                Percent(rest, bytes);
            else
                bytes.AddRange(Encoding.UTF8.GetBytes(rest));
        }
        return Charsets.Decode(bytes.ToArray(), charset, defects);
    }

    private static void Percent(string text, List<byte> bytes)
    {
        for (var index = 0; index < text.Length; index++)
        {
            if (text[index] == '%' && index + 2 < text.Length && TransferEncodings.Hex(text[index + 1]) is var high and >= 0 && TransferEncodings.Hex(text[index + 2]) is var low and >= 0)
            {
                bytes.Add((byte)(high << 4 | low));
                index += 2;
            }
            else if (text[index] < 0x80)
            {
                bytes.Add((byte)text[index]);
            }
            else
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(text, index, 1));
            }
        }
    }

    private static string ParameterValue(string text, ref int index)
    {
        while (index < text.Length && text[index] is ' ' or '\t')
            index++;
        if (index < text.Length && text[index] == '"')
        {
            var result = new StringBuilder();
            for (index++; index < text.Length && text[index] != '"'; index++)
            {
                // "C:\path\file" is written by old mailers: a backslash escapes only what needs it
                if (text[index] == '\\' && index + 1 < text.Length && text[index + 1] is '"' or '\\')
                    index++;
                result.Append(text[index]);
            }
            index++;
            while (index < text.Length && text[index] != ';')
                index++; // comments and junk behind a quoted value
            return result.ToString();
        }
        var start = index;
        while (index < text.Length && text[index] != ';')
            index++;
        var value = text[start..index];
        var comment = value.IndexOf(" (", StringComparison.Ordinal);
        return (comment > 0 && value.TrimEnd().EndsWith(')') && !value.Contains('.') ? value[..comment] : value).Trim();
    }

    private static string Token(string text, ref int index, bool stopAtEquals)
    {
        var start = index;
        while (index < text.Length && text[index] != ';' && !(stopAtEquals && text[index] == '='))
            index++;
        var token = text[start..index];
        var comment = token.IndexOf('(');
        return comment >= 0 ? token[..comment] : token;
    }
}
