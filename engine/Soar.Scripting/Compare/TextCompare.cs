namespace Soar.Scripting.Compare;

public enum LineChange { Same, Removed, Added }

/// <param name="From">The line's number in the first text, from 1; null when it is not in it.</param>
/// <param name="To">Its number in the second text.</param>
public sealed record ComparedLine(LineChange Change, string Text, int? From, int? To);

/// <summary>Lines that differ, with those around them that do not.</summary>
public sealed record TextHunk(IReadOnlyList<ComparedLine> Lines)
{
    /// <summary>As unified diffs head a hunk: <c>@@ -3,7 +3,8 @@</c>.</summary>
    public string Head => $"@@ -{Range(line => line.From)} +{Range(line => line.To)} @@";

    private string Range(Func<ComparedLine, int?> number)
    {
        var lines = Lines.Select(number).OfType<int>().ToList();
        return lines.Count == 0 ? "0,0" : $"{lines[0]},{lines.Count}";
    }
}

/// <summary>Two texts line by line.</summary>
public static class TextCompare
{
    private const int Around = 3;

    /// <summary>Empty when they are the same. How lines end is compared too: nothing that changed may look as if it had not.</summary>
    public static IReadOnlyList<TextHunk> Of(string from, string to)
    {
        var (first, second) = (Lines(from), Lines(to));
        var all = new List<ComparedLine>();
        var (x, y) = (0, 0);
        foreach (var (i, j) in Sequences.Common(first, second, StringComparer.Ordinal).Append((first.Count, second.Count)))
        {
            while (x < i) all.Add(new(LineChange.Removed, Shown(first[x++]), x, null));
            while (y < j) all.Add(new(LineChange.Added, Shown(second[y++]), null, y));
            if (i < first.Count && j < second.Count) all.Add(new(LineChange.Same, Shown(first[x++]), x, ++y));
        }

        return [.. Hunks(all)];
    }

    private static IEnumerable<TextHunk> Hunks(List<ComparedLine> all)
    {
        for (var i = 0; i < all.Count; i++)
        {
            if (all[i].Change == LineChange.Same) continue;
            var (begin, end) = (Math.Max(0, i - Around), i);
            // What lies closer together than the lines shown around it is one.
            for (var next = i; next < all.Count && next - end <= 2 * Around; next++)
                if (all[next].Change != LineChange.Same) end = next;
            yield return new TextHunk(all[begin..Math.Min(all.Count, end + Around + 1)]);
            i = end;
        }
    }

    // With their ends: a last line without one differs from the same with one.
    private static List<string> Lines(string text)
    {
        var lines = new List<string>();
        for (var at = 0; at < text.Length;)
        {
            var end = text.IndexOf('\n', at) is var found and >= 0 ? found + 1 : text.Length;
            lines.Add(text[at..end]);
            at = end;
        }

        return lines;
    }

    private static string Shown(string line) => line switch
    {
        [.. var text, '\r', '\n'] => text + "␍",
        [.. var text, '\n'] => text,
        _ => line + "␄",
    };
}
