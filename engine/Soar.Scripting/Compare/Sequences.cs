namespace Soar.Scripting.Compare;

/// <summary>The shortest way from one sequence to another by leaving out and putting in (Myers 1986, greedy).</summary>
internal static class Sequences
{
    // Beyond so many differences the two have nothing in common that a person would look for.
    private const int MostDifferences = 2_000;

    /// <summary>Pairs of positions of what stays, in order; everything else of the first is left out, everything else of the second put in.</summary>
    public static IReadOnlyList<(int From, int To)> Common<T>(IReadOnlyList<T> from, IReadOnlyList<T> to, IEqualityComparer<T> equality)
    {
        var (start, fromEnd, toEnd) = (0, from.Count, to.Count);
        while (start < fromEnd && start < toEnd && equality.Equals(from[start], to[start])) start++;
        while (fromEnd > start && toEnd > start && equality.Equals(from[fromEnd - 1], to[toEnd - 1])) (fromEnd, toEnd) = (fromEnd - 1, toEnd - 1);
        return
        [
            .. Enumerable.Range(0, start).Select(i => (i, i)),
            .. Between(start, fromEnd, toEnd, (x, y) => equality.Equals(from[x], to[y])),
            .. Enumerable.Range(0, from.Count - fromEnd).Select(i => (fromEnd + i, toEnd + i)),
        ];
    }

    // reached[k + middle]: how far along the first one gets on diagonal k (position in the first minus position in the second) with so many differences.
    private static List<(int From, int To)> Between(int start, int fromEnd, int toEnd, Func<int, int, bool> same)
    {
        var (n, m) = (fromEnd - start, toEnd - start);
        var most = Math.Min(n + m, MostDifferences);
        var middle = most + 1;
        var reached = new int[2 * middle + 1];
        var steps = new List<int[]>();
        for (var d = 0; d <= most; d++)
        {
            steps.Add(reached[(middle - d)..(middle + d + 1)]);
            for (var k = -d; k <= d; k += 2)
            {
                var x = FromAbove(k, d, reached[k - 1 + middle], reached[k + 1 + middle]) ? reached[k + 1 + middle] : reached[k - 1 + middle] + 1;
                while (x < n && x - k < m && same(start + x, start + x - k)) x++;
                reached[k + middle] = x;
                if (x >= n && x - k >= m) return Back(steps, n, m, start);
            }
        }

        return [];
    }

    /// <summary>Walks back from the end along what each number of differences had reached.</summary>
    private static List<(int From, int To)> Back(List<int[]> steps, int x, int y, int start)
    {
        var common = new List<(int, int)>();
        for (var d = steps.Count - 1; d >= 0; d--)
        {
            var (before, k) = (steps[d], x - y);
            int Reached(int diagonal) => diagonal + d is var at && at >= 0 && at < before.Length ? before[at] : -1;
            var previous = d == 0 ? 0 : FromAbove(k, d, Reached(k - 1), Reached(k + 1)) ? k + 1 : k - 1;
            var (px, py) = d == 0 ? (0, 0) : (Reached(previous), Reached(previous) - previous);
            while (x > px && y > py) common.Add((start + --x, start + --y));
            (x, y) = (px, py);
        }

        common.Reverse();
        return common;
    }

    /// <summary>Whether the furthest way to diagonal k puts something in (else it leaves something out).</summary>
    private static bool FromAbove(int k, int d, int below, int above) => k == -d || (k != d && below < above);
}
