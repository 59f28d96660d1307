using System.Text;

namespace Soar.Connectors.Mime;

/// <summary>Address lists (RFC 5322 with its obsolete forms): groups, comments, quoted strings, routes, and what spammers write instead. One pass, no recursion.</summary>
internal static class MimeAddresses
{
    public static IReadOnlyList<MimeAddress> Parse(IEnumerable<MimeHeader> headers, MimeLimits limits, DefectList? defects)
    {
        var result = new List<MimeAddress>();
        foreach (var header in headers)
            if (!new Scanner(EncodedWords.Unfold(header.Raw), result, limits.Addresses, defects).Run())
                defects?.Add(MimeDefectCode.TooManyAddresses, $"{header.Name}: more than {limits.Addresses} addresses; the rest is not read");
        return result;
    }

    public static IReadOnlyList<MimeAddress> Parse(string value)
    {
        var result = new List<MimeAddress>();
        new Scanner(value, result, int.MaxValue, null).Run();
        return result;
    }

    private sealed class Scanner(string text, List<MimeAddress> result, int limit, DefectList? defects)
    {
        private readonly StringBuilder words = new();   // display name, or a bare address
        private readonly StringBuilder comment = new();
        private string? angle;
        private string? group;
        private bool quoted; // words hold a quoted string, so an @ in them is not an address
        private int index;
        private int found;

        /// <summary>False when the limit was reached.</summary>
        public bool Run()
        {
            while (index < text.Length)
            {
                var character = text[index];
                switch (character)
                {
                    case '"':
                        Quoted();
                        continue;
                    case '(':
                        Comment();
                        continue;
                    case '<':
                        Angle();
                        continue;
                    case ',':
                        Flush();
                        break;
                    case ';':
                        Flush();
                        group = null;
                        break;
                    case ':' when angle is null && group is null && words.Length > 0 && !Holds('@'):
                        group = Decoded(words);
                        words.Clear();
                        quoted = false;
                        break;
                    case '\\' when index + 1 < text.Length:
                        words.Append(text[++index]);
                        break;
                    default:
                        words.Append(character);
                        break;
                }
                index++;
                if (found >= limit)
                    return index >= text.Length;
            }
            Flush();
            return true;
        }

        private bool Holds(char character)
        {
            for (var at = 0; at < words.Length && at < 400; at++)
                if (words[at] == character)
                    return true;
            return false;
        }

        private void Quoted()
        {
            var start = index++;
            var inner = new StringBuilder();
            while (index < text.Length && text[index] != '"')
            {
                if (text[index] == '\\' && index + 1 < text.Length)
                    index++;
                inner.Append(text[index++]);
            }
            index++;
            if (index < text.Length && text[index] == '@')
            {
                words.Append(text, start, index - start); // "john doe"@example.com
                return;
            }
            quoted = true;
            words.Append(inner);
        }

        private void Comment()
        {
            var depth = 0;
            do
            {
                var character = text[index++];
                if (character == '\\' && index < text.Length)
                    comment.Append(text[index++]);
                else if (character == '(' && depth++ == 0)
                    comment.Append(comment.Length > 0 ? " " : "");
                else if (character == ')' && --depth == 0)
                    break;
                else
                    comment.Append(character);
            }
            while (index < text.Length);
            if (words.Length > 0 && words[^1] != ' ')
                words.Append(' ');
        }

        private void Angle()
        {
            var start = ++index;
            var inQuotes = false;
            while (index < text.Length && (inQuotes || text[index] != '>'))
            {
                if (text[index] == '"')
                    inQuotes = !inQuotes;
                else if (text[index] == '\\')
                    index++;
                index++;
            }
            index = Math.Min(index, text.Length);
            var inner = text[start..index].Trim();
            index++;
            var route = inner.StartsWith('@') ? inner.IndexOf(':') : -1; // <@relay:user@example.com>
            if (route > 0)
                inner = inner[(route + 1)..];
            angle ??= Bare(inner); // of several the first counts, as for most readers
        }

        private void Flush()
        {
            var display = Decoded(words);
            if (angle is not null)
            {
                Add(display.Length > 0 ? display : Decoded(comment), angle);
            }
            else if (display.Length > 0)
            {
                var last = display[0] == '"' ? -1 : quoted ? display.LastIndexOf(' ') : Bare(display).Contains(' ') ? display.LastIndexOf(' ') : -1;
                var bare = last >= 0 ? display[(last + 1)..] : Bare(display);
                if (bare.Contains('@') && (!quoted || last >= 0))
                {
                    Add(last > 0 ? display[..last].Trim() : Decoded(comment), bare);
                }
                else
                {
                    defects?.Add(MimeDefectCode.AddressUnreadable, Charsets.Short(display));
                    Add(display, "");
                }
            }
            words.Clear();
            comment.Clear();
            angle = null;
            quoted = false;
        }

        private void Add(string display, string address)
        {
            result.Add(new MimeAddress(display, address, group));
            found++;
        }

        // "user @ example . com" is obsolete syntax for user@example.com
        private static string Bare(string text)
        {
            if (!text.Contains(' ') || text.Contains('"') || !text.Contains('@'))
                return text;
            var result = new StringBuilder(text.Length);
            for (var at = 0; at < text.Length; at++)
            {
                var around = text[at] == ' ' && ((at > 0 && text[at - 1] is '@' or '.' or ' ') || (at + 1 < text.Length && text[at + 1] is '@' or '.' or ' '));
                if (!around)
                    result.Append(text[at]);
            }
            return result.ToString().Trim();
        }

        private static string Decoded(StringBuilder from)
        {
            var value = EncodedWords.Decode(from.ToString(), null);
            var result = new StringBuilder(value.Length);
            foreach (var character in value)
                if (!char.IsWhiteSpace(character))
                    result.Append(character);
                else if (result.Length > 0 && result[^1] != ' ')
                    result.Append(' ');
            return result.ToString().TrimEnd();
        }
    }
}
