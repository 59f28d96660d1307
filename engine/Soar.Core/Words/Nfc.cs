using System.Collections.Frozen;
using System.Globalization;

namespace Soar;

/// <summary>
/// Unicode composed form. <c>string.Normalize</c> does nothing under invariant globalization, and titles typed on a Mac arrive
/// decomposed: й as и and a breve. Without this the same title would have two ids, and the same domain two names.
/// </summary>
internal static class Nfc
{
    private const int HangulL = 0x1100, HangulV = 0x1161, HangulT = 0x11A7, HangulS = 0xAC00, VCount = 21, TCount = 28, LCount = 19;

    private static readonly FrozenDictionary<(char First, char Second), char> Composed;
    private static readonly FrozenDictionary<char, (char First, char Second)> Decomposed;
    private static readonly FrozenDictionary<char, string> Apart;
    private static readonly FrozenDictionary<char, int> Classes;

    static Nfc()
    {
        var composed = new Dictionary<(char, char), char>();
        var classes = new Dictionary<char, int>();
        foreach (var line in NfcTable.Lines.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = Words(line);
            var mark = Hex(words[0]);
            foreach (var pair in words.AsSpan(2)) composed[(Hex(pair.AsSpan(0, 4)), mark)] = Hex(pair.AsSpan(4, 4));
        }
        foreach (var word in Words(NfcTable.Classes))
        {
            var (from, to) = (Hex(word.AsSpan(0, 4)), word[4] == '-' ? Hex(word.AsSpan(5, 4)) : Hex(word.AsSpan(0, 4)));
            for (int c = from; c <= to; c++) classes[(char)c] = int.Parse(word.AsSpan(word.IndexOf(':') + 1), CultureInfo.InvariantCulture);
        }
        Apart = Words(NfcTable.Apart).ToFrozenDictionary(word => Hex(word.AsSpan(0, 4)), word => string.Concat(Enumerable.Range(0, (word.Length - 5) / 4).Select(i => Hex(word.AsSpan(5 + (4 * i), 4)))));
        Composed = composed.ToFrozenDictionary();
        Decomposed = composed.ToFrozenDictionary(pair => pair.Value, pair => pair.Key);
        Classes = classes.ToFrozenDictionary();
    }

    public static string Compose(string text)
    {
        if (text.All(char.IsAscii)) return text;
        var chars = new List<char>(text.Length + 8);
        foreach (var c in text) Decompose(c, chars);
        Order(chars);

        var starter = -1;
        var lastClass = 0;
        var kept = 0;
        for (var i = 0; i < chars.Count; i++)
        {
            var c = chars[i];
            var itsClass = ClassOf(c);
            var blocked = starter < 0 || (kept - 1 != starter && lastClass >= itsClass);
            if (!blocked && Join(chars[starter], c) is { } joined)
            {
                chars[starter] = joined;
                continue;
            }
            chars[kept] = c;
            if (itsClass == 0) starter = kept;
            lastClass = itsClass;
            kept++;
        }
        return new string(chars.GetRange(0, kept).ToArray());
    }

    private static void Decompose(char c, List<char> into)
    {
        if (Apart.TryGetValue(c, out var parts))
        {
            into.AddRange(parts);
            return;
        }
        if (!Decomposed.TryGetValue(c, out var pair))
        {
            into.Add(c);
            return;
        }
        Decompose(pair.First, into);
        into.Add(pair.Second);
    }

    // Marks stand in the order of their classes; equal classes keep theirs (a stable sort, runs are short).
    private static void Order(List<char> chars)
    {
        for (var i = 1; i < chars.Count; i++)
        {
            var itsClass = ClassOf(chars[i]);
            if (itsClass == 0) continue;
            for (var at = i; at > 0 && ClassOf(chars[at - 1]) > itsClass; at--) (chars[at], chars[at - 1]) = (chars[at - 1], chars[at]);
        }
    }

    private static char? Join(char first, char second)
    {
        if (Composed.TryGetValue((first, second), out var c)) return c;
        if (first - HangulL is >= 0 and < LCount && second - HangulV is >= 0 and < VCount) return (char)(HangulS + (((first - HangulL) * VCount) + (second - HangulV)) * TCount);
        if (first is >= (char)HangulS and <= (char)0xD7A3 && (first - HangulS) % TCount == 0 && second - HangulT is > 0 and < TCount) return (char)(first + (second - HangulT));
        return null;
    }

    private static string[] Words(string text) => text.Split((char[])[' ', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries);

    private static int ClassOf(char c) => Classes.GetValueOrDefault(c, 0);

    private static char Hex(ReadOnlySpan<char> digits) => (char)ushort.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
