namespace Soar.Errors;

/// <summary>Which known word somebody meant who wrote another one.</summary>
public static class Nearest
{
    /// <summary>The nearest word, where one is near enough to be meant: a letter in three, at least one; null otherwise. Case counts for nothing.</summary>
    public static string? To(string word, IEnumerable<string> known)
    {
        var best = known.Select(name => (Name: name, Distance: Distance(word, name))).OrderBy(x => x.Distance).ThenBy(x => x.Name, StringComparer.Ordinal).FirstOrDefault();
        return best.Name is not null && best.Distance <= Math.Max(1, word.Length / 3) ? best.Name : null;
    }

    /// <summary>How many letters must be changed, added or left out (Levenshtein); two that changed places count once.</summary>
    public static int Distance(string a, string b)
    {
        var (before, row) = (new int[b.Length + 1], Enumerable.Range(0, b.Length + 1).ToArray());
        for (var i = 1; i <= a.Length; i++)
        {
            var next = new int[b.Length + 1];
            next[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                next[j] = Math.Min(Math.Min(row[j] + 1, next[j - 1] + 1), row[j - 1] + (Same(a[i - 1], b[j - 1]) ? 0 : 1));
                if (i > 1 && j > 1 && Same(a[i - 1], b[j - 2]) && Same(a[i - 2], b[j - 1])) next[j] = Math.Min(next[j], before[j - 2] + 1);
            }

            (before, row) = (row, next);
        }

        return row[b.Length];
    }

    private static bool Same(char a, char b) => char.ToLowerInvariant(a) == char.ToLowerInvariant(b);
}
