using System.Globalization;
using System.Text;

namespace Soar.Connectors.Imap;

/// <summary>A line of an answer without its end, and the literal that it announced, if any.</summary>
internal readonly record struct ImapPiece(string Line, string? Literal);

/// <summary>
/// Takes answers apart (RFC 3501 §9, RFC 9051). The server may be hostile: nesting is bounded here, size by <see cref="ImapReader"/>. What is no IMAP is an
/// <see cref="InvalidDataException"/>; the conversation cannot go on after it.
/// </summary>
internal sealed class ImapParser
{
    private const int Deepest = 32;
    private const int MostValues = 1_000_000;

    private readonly IReadOnlyList<ImapPiece> pieces;
    private int piece;
    private int at;

    private ImapParser(IReadOnlyList<ImapPiece> pieces) => this.pieces = pieces;

    private string Line => pieces[piece].Line;
    private bool AtEnd => piece == pieces.Count - 1 && at >= Line.Length;

    public static ImapResponse Parse(IReadOnlyList<ImapPiece> pieces) => new ImapParser(pieces).Response();

    /// <summary>Whether the line says how something ended; such a line is text to its end and announces no literal.</summary>
    public static bool IsStatusLine(string line)
    {
        if (line.StartsWith('+'))
            return true;
        var word = line.IndexOf(' ');
        if (word < 0)
            return false;
        var rest = line.AsSpan(word + 1);
        var end = rest.IndexOf(' ');
        return IsStatus((end < 0 ? rest : rest[..end]).ToString().ToUpperInvariant());
    }

    private static bool IsStatus(string word) => word is "OK" or "NO" or "BAD" or "BYE" or "PREAUTH";

    private ImapResponse Response()
    {
        if (Line.StartsWith('+'))
            return new ImapResponse("+", "", 0, new ImapStatus("+", "", "", Shown(Line.AsSpan(1))), []);
        var tag = Word();
        if (tag.Length == 0)
            throw Wrong("an answer without a beginning");
        var word = Word();
        uint number = 0;
        if (word.Length > 0 && char.IsAsciiDigit(word[0]))
        {
            if (!uint.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out number))
                throw Wrong($"the number '{Shown(word)}'");
            word = Word();
        }
        word = word.ToUpperInvariant();
        if (IsStatus(word))
            return new ImapResponse(tag, word, number, Status(word), []);
        if (word.Length == 0)
            throw Wrong("an answer that says nothing");
        return new ImapResponse(tag, word, number, null, Values());
    }

    private string Word()
    {
        var end = Line.IndexOf(' ', at);
        if (end < 0)
            end = Line.Length;
        var word = Line[at..end];
        at = Math.Min(end + 1, Line.Length);
        return word;
    }

    private ImapStatus Status(string word)
    {
        var rest = Line[at..];
        if (!rest.StartsWith('['))
            return new ImapStatus(word, "", "", Shown(rest));
        var end = rest.IndexOf(']');
        if (end < 0)
            return new ImapStatus(word, "", "", Shown(rest));
        var inside = rest[1..end];
        var blank = inside.IndexOf(' ');
        return new ImapStatus(word, (blank < 0 ? inside : inside[..blank]).ToUpperInvariant(), blank < 0 ? "" : inside[(blank + 1)..], Shown(rest.AsSpan(end + 1)));
    }

    private List<ImapValue> Values()
    {
        // A list that is open, with those around it. No recursion: the depth is the sender's choice.
        var open = new Stack<List<ImapValue>>();
        var values = new List<ImapValue>();
        var count = 0;
        while (!AtEnd)
        {
            if (at >= Line.Length)
                throw Wrong("a literal in the middle of a text");
            if (count++ == MostValues)
                throw Wrong($"more than {MostValues} values");
            switch (Line[at])
            {
                case ' ':
                    at++;
                    break;
                case '(':
                    at++;
                    if (open.Count == Deepest)
                        throw Wrong($"more than {Deepest} lists inside each other");
                    open.Push(values);
                    values = [];
                    break;
                case ')':
                    at++;
                    if (open.Count == 0)
                        throw Wrong("a list that ends and never began");
                    var list = ImapValue.List(values);
                    values = open.Pop();
                    values.Add(list);
                    break;
                case '"':
                    values.Add(ImapValue.String(Quoted()));
                    break;
                case '{':
                case '~' when at + 1 < Line.Length && Line[at + 1] == '{':
                    values.Add(ImapValue.String(Literal()));
                    break;
                default:
                    values.Add(ImapValue.Atom(Atom()));
                    break;
            }
        }
        return open.Count == 0 ? values : throw Wrong("a list that never ends");
    }

    private string Quoted()
    {
        var result = new StringBuilder();
        for (at++; at < Line.Length && Line[at] != '"'; at++)
        {
            if (Line[at] == '\\' && at + 1 < Line.Length)
                at++;
            result.Append(Line[at]);
        }
        if (at >= Line.Length)
            throw Wrong("a quoted text that never ends");
        at++;
        return result.ToString();
    }

    private string Literal()
    {
        var literal = pieces[piece].Literal;
        if (literal is null || Line.IndexOf('}', at) != Line.Length - 1)
            throw Wrong("a literal in the middle of a line");
        piece++;
        at = 0;
        return literal;
    }

    // "BODY[HEADER.FIELDS (SUBJECT)]<0>" is one atom: what stands in brackets belongs to it.
    private string Atom()
    {
        var start = at;
        var brackets = false;
        while (at < Line.Length && (brackets || Line[at] is not (' ' or '(' or ')' or '"' or '{')))
        {
            if (Line[at] == '[')
                brackets = true;
            else if (Line[at] == ']')
                brackets = false;
            at++;
        }
        if (brackets)
            throw Wrong("a bracket that never closes");
        return Line[start..at];
    }

    private static InvalidDataException Wrong(string what) => new($"the server's answer is no IMAP: it has {what}");

    internal static string Shown(ReadOnlySpan<char> text)
    {
        var guess = Mime.Charsets.Guess(Encoding.Latin1.GetBytes(text.ToString())).Trim();
        var clean = string.Concat(guess.Where(character => !char.IsControl(character)));
        return clean.Length > 400 ? clean[..400] + "…" : clean;
    }
}
