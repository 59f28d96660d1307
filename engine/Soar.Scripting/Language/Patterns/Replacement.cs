using System.Globalization;
using System.Text;

namespace Soar.Language.Patterns;

/// <summary>A text that grows, and asks the meter before it does.</summary>
internal sealed class PatternText
{
    private readonly StringBuilder text = new();

    public int Length => text.Length;

    public void Append(ReadOnlySpan<char> more)
    {
        // What is there, what comes, and the copy that becomes the text.
        Meter.Reserve(2L * sizeof(char) * (text.Length + (long)more.Length));
        text.Append(more);
    }

    public override string ToString() => text.ToString();
}

/// <summary>One part of a replacement: words, or what the match gives.</summary>
internal sealed record Replacement(ReplacementKind Kind, string Words = "", int Group = 0)
{
    /// <summary>Reads <c>$1</c>, <c>${name}</c>, <c>$&amp;</c>, <c>$`</c>, <c>$'</c>, <c>$+</c>, <c>$_</c> and <c>$$</c>; a dollar before anything else is a dollar.</summary>
    public static IReadOnlyList<Replacement> Read(string text, IReadOnlyList<string> groups)
    {
        var parts = new List<Replacement>();
        var words = new StringBuilder();
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] != '$' || Special(text, ref at, groups) is not { } part)
            {
                words.Append(text[at]);
                continue;
            }

            if (words.Length > 0) parts.Add(new Replacement(ReplacementKind.Words, words.ToString()));
            words.Clear();
            parts.Add(part);
        }

        if (words.Length > 0) parts.Add(new Replacement(ReplacementKind.Words, words.ToString()));
        return parts;
    }

    public void Write(Match match, string input, PatternText into)
    {
        switch (Kind)
        {
            case ReplacementKind.Words: into.Append(Words); break;
            case ReplacementKind.Group when match.Groups[Group] is { Success: true } group: into.Append(input.AsSpan(group.Index, group.Length)); break;
            case ReplacementKind.Before: into.Append(input.AsSpan(0, match.Index)); break;
            case ReplacementKind.After: into.Append(input.AsSpan(match.Index + match.Length)); break;
            case ReplacementKind.All: into.Append(input); break;
        }
    }

    private static Replacement? Special(string text, ref int at, IReadOnlyList<string> groups)
    {
        if (at + 1 >= text.Length) return null;
        var kind = text[at + 1] switch
        {
            '$' => new Replacement(ReplacementKind.Words, "$"),
            '&' => new Replacement(ReplacementKind.Group),
            '`' => new Replacement(ReplacementKind.Before),
            '\'' => new Replacement(ReplacementKind.After),
            '_' => new Replacement(ReplacementKind.All),
            '+' => new Replacement(ReplacementKind.Group, Group: groups.Count - 1),
            _ => null,
        };
        if (kind is not null)
        {
            at++;
            return kind;
        }

        var braced = text[at + 1] == '{';
        var begin = at + (braced ? 2 : 1);
        var end = begin;
        while (end < text.Length && (braced ? char.IsLetterOrDigit(text[end]) || text[end] == '_' : char.IsAsciiDigit(text[end]))) end++;
        if (end == begin || (braced && (end >= text.Length || text[end] != '}'))) return null;
        var name = text[begin..end];
        var group = int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number < groups.Count ? number : -1 : IndexOf(groups, name);
        if (group < 0) return null;
        at = braced ? end : end - 1;
        return new Replacement(ReplacementKind.Group, Group: group);
    }

    private static int IndexOf(IReadOnlyList<string> names, string name)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i] == name) return i;
        }

        return -1;
    }
}

internal enum ReplacementKind { Words, Group, Before, After, All }
