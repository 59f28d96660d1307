using System.Text;

namespace Soar;

/// <summary>
/// Defanged text: written so that nobody clicks or resolves it by accident (<c>hxxps://evil[.]example</c>, <c>user[@]evil[.]example</c>). In both directions.
/// </summary>
public static class Defanged
{
    private static readonly (string Written, char Meant)[] Marks =
    [
        ("[.]", '.'), ("(.)", '.'), ("{.}", '.'), ("[dot]", '.'), ("(dot)", '.'), ("{dot}", '.'), ("[d]", '.'), ("[:]", ':'), ("[/]", '/'), ("[@]", '@'), ("(@)", '@'), ("[at]", '@'), ("(at)", '@'), ("{at}", '@'),
    ];

    /// <summary>The value as it should stand in mails and tickets: <c>hxxps://www[.]evil[.]example/a.exe</c>.</summary>
    public static string Write(Observable observable) => observable.Type switch
    {
        "url" => Url(observable.Value),
        "domain" or "email" => observable.Value.Replace("@", "[@]", StringComparison.Ordinal).Replace(".", "[.]", StringComparison.Ordinal),
        "ip" when observable.Value.Contains(':') => observable.Value.Replace(":", "[:]", StringComparison.Ordinal),
        "ip" => observable.Value.Replace(".", "[.]", StringComparison.Ordinal),
        _ => observable.Value,
    };

    /// <summary>
    /// A text for people in which nothing that it names can be clicked or resolved by accident: URLs, domains, mail addresses and IP addresses are written as <see cref="Write"/> does, all else stays. Linear in
    /// its length.
    /// </summary>
    public static string Text(string text)
    {
        var (clean, words) = ObservableText.Named(text);
        var safe = new StringBuilder(clean.Length + 16 * words.Count);
        var copied = 0;
        foreach (var (start, end, observables) in words)
        {
            if (!observables.Any(o => o.Type is "url" or "domain" or "email" or "ip")) continue;
            // What the sentence puts around it is no part of it.
            var (from, to) = (start, end);
            while (to > from && clean[to - 1] is '.' or ':' or '…') to--;
            safe.Append(clean, copied, from - copied).Append(Word(clean[from..to]));
            copied = to;
        }

        return safe.Append(clean, copied, clean.Length - copied).ToString();
    }

    private static string Word(string word) => word switch
    {
        _ when word.Contains("://", StringComparison.Ordinal) => Url(word),
        _ when word.Contains('.') || word.Contains('@') => word.Replace("@", "[@]", StringComparison.Ordinal).Replace(".", "[.]", StringComparison.Ordinal),
        _ => word.Replace(":", "[:]", StringComparison.Ordinal),
    };

    /// <summary>The text with every mark undone; whatever is not defanged stays as it is, to the character.</summary>
    public static string Undo(string text) => UndoMarked(text).Text;

    /// <summary>With the places in the result where a mark was undone, in order: what was defanged was meant as an observable.</summary>
    internal static (string Text, IReadOnlyList<int> Marks) UndoMarked(string text)
    {
        List<int> marks = [];
        StringBuilder? undone = null;
        var copied = 0;
        for (var at = 0; at < text.Length; at++)
        {
            if (Mark(text, at) is not { } mark) continue;
            undone ??= new StringBuilder(text.Length);
            undone.Append(text, copied, at - copied);
            marks.Add(undone.Length);
            undone.Append(mark.Meant);
            at += mark.Length - 1;
            copied = at + 1;
        }

        return (undone is null ? text : undone.Append(text, copied, text.Length - copied).ToString(), marks);
    }

    private static (string Meant, int Length)? Mark(string text, int at)
    {
        if (text[at] is '[' or '(' or '{')
        {
            if (string.Compare(text, at, "[://]", 0, 5, StringComparison.Ordinal) == 0) return ("://", 5);
            foreach (var (written, meant) in Marks)
            {
                if (string.Compare(text, at, written, 0, written.Length, StringComparison.OrdinalIgnoreCase) == 0) return (meant.ToString(), written.Length);
            }
        }

        // hxxp, hXXp, h**p: only as the beginning of a scheme.
        if (text[at] is 'h' or 'H' && at + 4 < text.Length && (at == 0 || !char.IsLetterOrDigit(text[at - 1])) && text[at + 1] is 'x' or 'X' or '*' && text[at + 2] is 'x' or 'X' or '*'
            && text[at + 3] is 'p' or 'P' && text[at + 4] is 's' or 'S' or ':' or '[' or '(')
        {
            return ("http", 4);
        }

        return null;
    }

    private static string Url(string url)
    {
        var scheme = url.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0) return url;
        var end = url.AsSpan(scheme + 3).IndexOfAny('/', '?', '#') is var rest and >= 0 ? scheme + 3 + rest : url.Length;
        var defangedScheme = url.StartsWith("http", StringComparison.OrdinalIgnoreCase) ? $"hxxp{url[4..scheme]}" : url[..scheme];
        return $"{defangedScheme}://{url[(scheme + 3)..end].Replace(".", "[.]", StringComparison.Ordinal)}{url[end..]}";
    }
}
