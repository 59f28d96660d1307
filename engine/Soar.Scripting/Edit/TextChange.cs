using System.Text;

namespace Soar.Scripting.Edit;

/// <summary>A piece of a text, and what stands there afterwards. Several changes of one text all count from the text as it was, in UTF-16 units.</summary>
public readonly record struct TextChange(int Start, int Length, string Text)
{
    /// <param name="changes">In the order of the text, none over another.</param>
    public static string Apply(string text, IReadOnlyList<TextChange> changes)
    {
        var result = new StringBuilder(text.Length + changes.Sum(change => change.Text.Length));
        var at = 0;
        foreach (var change in changes)
        {
            result.Append(text.AsSpan(at, change.Start - at)).Append(change.Text);
            at = change.Start + change.Length;
        }

        return result.Append(text.AsSpan(at)).ToString();
    }

    /// <summary>What makes the changed text the old one again, to the character.</summary>
    /// <param name="text">The text before the changes.</param>
    public static IReadOnlyList<TextChange> Inverse(string text, IReadOnlyList<TextChange> changes)
    {
        var inverse = new List<TextChange>(changes.Count);
        var shift = 0;
        foreach (var change in changes)
        {
            inverse.Add(new(change.Start + shift, change.Text.Length, text.Substring(change.Start, change.Length)));
            shift += change.Text.Length - change.Length;
        }

        return inverse;
    }

    /// <summary>The changes in the order of the text; insertions at one place stay in the order in which they were made. Null when two want the same characters.</summary>
    internal static IReadOnlyList<TextChange>? Ordered(IEnumerable<TextChange> changes)
    {
        var ordered = changes.Where(change => change.Length > 0 || change.Text.Length > 0).OrderBy(change => change.Start).ThenBy(change => change.Length > 0).ToList();
        return ordered.Zip(ordered.Skip(1)).Any(pair => pair.Second.Start < pair.First.Start + pair.First.Length) ? null : ordered;
    }
}
