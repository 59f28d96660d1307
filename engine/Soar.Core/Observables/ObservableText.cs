namespace Soar;

/// <summary>
/// Finds what a text names: addresses and networks (<c>ip</c>), <c>domain</c>, <c>url</c>, <c>email</c>, hashes (<c>md5</c>, <c>sha1</c>, <c>sha256</c>, <c>sha512</c>), <c>cve</c> and <c>file</c> names, defanged ones
/// too. Each once, in the order of the text, in its one spelling (lower-case names and hashes, canonical addresses, IDN as <c>xn--…</c>). A URL stands for its host, a mail address for its domain; they are
/// not listed again. Where a word may be something else (a version, a time, <c>user.name</c>, <c>main.rs</c>) it is left out: a false hit may become a block.
/// One pass, linear in the length of the text.
/// </summary>
public static class ObservableText
{
    /// <summary>Longer words are no observables that anybody could use; they are skipped whole.</summary>
    private const int LongestWord = 8_000;

    public static IReadOnlyList<Observable> Find(string text) => [.. Named(text).Words.SelectMany(word => word.Observables).Distinct()];

    /// <summary>The text with every mark undone, and those of its words that name something.</summary>
    internal static (string Clean, IReadOnlyList<(int Start, int End, IReadOnlyList<Observable> Observables)> Words) Named(string text)
    {
        var (clean, marks) = Defanged.UndoMarked(text);
        var mark = 0;
        var named = new List<(int, int, IReadOnlyList<Observable>)>();
        var before = "";
        foreach (var (start, end) in Words(clean))
        {
            while (mark < marks.Count && marks[mark] < start) mark++;
            var defanged = mark < marks.Count && marks[mark] < end;
            var word = clean[start..end];
            var next = end < clean.Length ? clean[end] : ' ';
            if (new ObservableWord(word, before, start > 0 ? clean[start - 1] : ' ', next, defanged).Judge().ToList() is { Count: > 0 } found) named.Add((start, end, found));
            before = word;
        }

        return (clean, named);
    }

    private static IEnumerable<(int Start, int End)> Words(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            if (Separates(text[at]))
            {
                at++;
                continue;
            }

            var start = at;
            var url = false;
            while (at < text.Length && !(url ? EndsUrl(text[at]) : Separates(text[at])))
            {
                if (!url && text[at] == ':' && at > start && string.CompareOrdinal(text, at, "://", 0, 3) == 0) url = true;
                at++;
            }

            if (at - start <= LongestWord) yield return (start, at);
        }
    }

    private static bool EndsUrl(char c) => char.IsWhiteSpace(c) || char.IsControl(c) || c is '<' or '>' or '"' or '`' or '{' or '}' or '|' or '\\' or '^' or '“' or '”' or '»' or '«';

    private static bool Separates(char c) => EndsUrl(c) || c is '(' or ')' or '[' or ']' or ',' or ';' or '\'' or '=' or '!' or '?' or '*' or '&' or '#' or '$' or '„' or '‘' or '’' or '\u200B';
}
