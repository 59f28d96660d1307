using System.Globalization;

namespace Soar.Language.Patterns;

/// <summary>
/// Reads a pattern in the syntax of .NET, without what needs going back over the text: references to groups, looking ahead and behind, atomic groups, conditions.
/// The pattern has been parsed by .NET already, so it is well formed.
/// </summary>
internal sealed class PatternReader(string text, RegexOptions given)
{
    private const RegexOptions Inline = RegexOptions.IgnoreCase | RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace;

    private readonly Dictionary<(string, RegexOptions), CharSet> sets = [];
    private readonly List<PatternGroup> unnamed = [];
    private readonly Dictionary<string, PatternGroup> named = new(StringComparer.Ordinal);
    private RegexOptions options = given;
    private int at;

    /// <summary>Group names by number, 0 first: numbers as text for those without a name.</summary>
    public IReadOnlyList<string> GroupNames { get; private set; } = [];

    public PatternNode Read()
    {
        var whole = Choice();
        var number = 0;
        var names = new List<string> { "0" };
        foreach (var group in unnamed.Concat(named.Values))
        {
            group.Number = ++number;
            names.Add(group.Name ?? number.ToString(CultureInfo.InvariantCulture));
        }

        GroupNames = names;
        return whole;
    }

    private bool Ended => at >= text.Length;
    private char Next => text[at];

    private bool Has(RegexOptions option) => options.HasFlag(option);

    // Options that are switched inside a group end with it.
    private PatternNode Choice()
    {
        var outer = options;
        var ways = new List<PatternNode> { Sequence() };
        while (!Ended && Next == '|')
        {
            at++;
            ways.Add(Sequence());
        }

        options = outer;
        return ways.Count == 1 ? ways[0] : new PatternNode.Choice(ways);
    }

    private PatternNode Sequence()
    {
        var parts = new List<PatternNode>();
        while (true)
        {
            Blanks();
            if (Ended || Next is '|' or ')') break;
            if (Atom() is not { } atom) continue;
            Blanks();
            parts.Add(Quantified(atom));
        }

        return parts.Count == 1 ? parts[0] : new PatternNode.Sequence(parts);
    }

    private void Blanks()
    {
        while (!Ended)
        {
            if (Has(RegexOptions.IgnorePatternWhitespace) && char.IsWhiteSpace(Next)) at++;
            else if (Has(RegexOptions.IgnorePatternWhitespace) && Next == '#') at = text.IndexOf('\n', at) is var end and >= 0 ? end + 1 : text.Length;
            else if (string.CompareOrdinal(text, at, "(?#", 0, 3) == 0) at = text.IndexOf(')', at) + 1;
            else return;
        }
    }

    /// <summary>The next thing that can be repeated; null where only options are switched.</summary>
    private PatternNode? Atom()
    {
        var c = text[at++];
        switch (c)
        {
            case '(': return Group();
            case '[': return Class();
            case '.': return Set(".");
            case '^': return new PatternNode.Place(Has(RegexOptions.Multiline) ? PlaceKind.LineBeginning : PlaceKind.Beginning);
            case '$': return new PatternNode.Place(Has(RegexOptions.Multiline) ? PlaceKind.LineEnd : PlaceKind.EndOrLastLineFeed);
            case '\\': return Escape();
            default: return Literal(c);
        }
    }

    private PatternNode Literal(char c) =>
        Has(RegexOptions.IgnoreCase) && (c > 127 || char.IsAsciiLetter(c)) ? Set(System.Text.RegularExpressions.Regex.Escape(c.ToString())) : new PatternNode.One(CharSet.Of(c));

    private PatternNode.One Set(string classText)
    {
        if (!sets.TryGetValue((classText, options), out var set)) sets[(classText, options)] = set = CharSet.Of(classText, options);
        return new PatternNode.One(set);
    }

    private PatternNode.One Class()
    {
        var begin = at - 1;
        SkipClass();
        return Set(text[begin..at]);
    }

    // Behind the closing bracket: "]" may stand first, "-[...]" takes away.
    private void SkipClass()
    {
        if (Next == '^') at++;
        for (var first = true; ; first = false)
        {
            var c = text[at++];
            if (c == '\\') at++;
            else if (c == ']' && !first) return;
            else if (c == '-' && Next == '[' && !first)
            {
                at++;
                SkipClass();
            }
        }
    }

    private PatternNode Escape()
    {
        var begin = at - 1;
        var c = text[at++];
        switch (c)
        {
            case 'd' or 'D' or 'w' or 'W' or 's' or 'S': return Set(text[begin..at]);
            case 'p' or 'P':
                at = text.IndexOf('}', at) + 1;
                return Set(text[begin..at]);
            case 'A': return new PatternNode.Place(PlaceKind.Beginning);
            case 'z': return new PatternNode.Place(PlaceKind.End);
            case 'Z': return new PatternNode.Place(PlaceKind.EndOrLastLineFeed);
            case 'b': return new PatternNode.Place(PlaceKind.WordEdge);
            case 'B': return new PatternNode.Place(PlaceKind.NoWordEdge);
            case 'G': throw Unfit(@"\G (where the last match ended)");
            case 'k' or (>= '1' and <= '9'): throw Unfit("a reference to a group");
            case '<' or '\'' when text.IndexOf(c == '<' ? '>' : '\'', at) is var end and > 0 && text[at..end].All(char.IsLetterOrDigit): throw Unfit("a reference to a group");
            case '0':
                while (at < text.Length && at < begin + 4 && Next is >= '0' and <= '7') at++;
                break;
            case 'x': at += 2; break;
            case 'u': at += 4; break;
            case 'c': at++; break;
        }

        // Unescape knows the characters that have an escape of their own.
        return Literal(System.Text.RegularExpressions.Regex.Unescape(text[begin..at])[0]);
    }

    private PatternNode? Group()
    {
        if (Ended || Next != '?') return Close(Has(RegexOptions.ExplicitCapture) ? null : Added());
        at++;
        var c = text[at++];
        switch (c)
        {
            case ':': return Close(null);
            case '=' or '!': throw Unfit("looking ahead");
            case '>': throw Unfit("an atomic group");
            case '(': throw Unfit("a condition");
            case '<' when Next is '=' or '!': throw Unfit("looking behind");
            case '<' or '\'':
                var end = text.IndexOf(c == '<' ? '>' : '\'', at);
                var name = text[at..end];
                at = end + 1;
                if (name.Contains('-', StringComparison.Ordinal)) throw Unfit("a balancing group");
                if (char.IsAsciiDigit(name[0])) throw Unfit("a group with a number for a name");
                if (!named.TryGetValue(name, out var group)) named[name] = group = new PatternGroup(name);
                return Close(group);
            default:
                at--;
                return Switched();
        }
    }

    private PatternGroup Added()
    {
        var group = new PatternGroup(null);
        unnamed.Add(group);
        return group;
    }

    private PatternNode Close(PatternGroup? group)
    {
        if (group is not null) group.Uses++;
        var body = Choice();
        at++;
        return group is null ? body : new PatternNode.Captured(body, group);
    }

    // (?i-s) for the rest of the group around, (?i-s:…) for its own.
    private PatternNode? Switched()
    {
        var (outer, on) = (options, true);
        while (true)
        {
            var c = text[at++];
            if (c == ')') return null;
            if (c == ':')
            {
                var body = Close(null);
                options = outer;
                return body;
            }

            if (c is '+' or '-') on = c == '+';
            var option = c switch
            {
                'i' or 'I' => RegexOptions.IgnoreCase,
                'm' or 'M' => RegexOptions.Multiline,
                'n' or 'N' => RegexOptions.ExplicitCapture,
                's' or 'S' => RegexOptions.Singleline,
                'x' or 'X' => RegexOptions.IgnorePatternWhitespace,
                _ => RegexOptions.None,
            };
            options = on ? options | option : options & ~(option & Inline);
        }
    }

    private PatternNode Quantified(PatternNode atom)
    {
        if (Ended) return atom;
        int least;
        int? most;
        switch (Next)
        {
            case '*': (least, most) = (0, null); at++; break;
            case '+': (least, most) = (1, null); at++; break;
            case '?': (least, most) = (0, 1); at++; break;
            case '{' when Counts() is { } counts: (least, most) = counts; break;
            default: return atom;
        }

        Blanks();
        var lazy = !Ended && Next == '?';
        if (lazy) at++;
        return new PatternNode.Loop(atom, least, most, lazy);
    }

    /// <summary><c>{n}</c>, <c>{n,}</c>, <c>{n,m}</c>; anything else is a brace.</summary>
    private (int Least, int? Most)? Counts()
    {
        var end = text.IndexOf('}', at);
        if (end < 0) return null;
        var parts = text[(at + 1)..end].Split(',');
        if (parts.Length > 2 || !IsNumber(parts[0]) || (parts.Length == 2 && parts[1].Length > 0 && !IsNumber(parts[1]))) return null;
        at = end + 1;
        var least = Count(parts[0]);
        return (least, parts.Length == 1 ? least : parts[1].Length == 0 ? null : Count(parts[1]));
    }

    private static bool IsNumber(string digits) => digits.Length > 0 && digits.All(char.IsAsciiDigit);

    private static int Count(string digits) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : int.MaxValue;

    private ArgumentException Unfit(string what) =>
        new($"The pattern '{text}' needs {what}, which may take for ever on some texts: playbooks have patterns that take time in proportion to the text. Match more, and decide in code.");
}
