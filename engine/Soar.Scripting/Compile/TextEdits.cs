using System.Text;
using Microsoft.CodeAnalysis.Text;

namespace Soar.Scripting.Compile;

/// <summary>
/// Insertions into a text that keep every line where it was. Several may share one position: what closes comes before what opens, inner closings
/// before outer ones, outer openings before inner ones, as the nesting of the syntax asks for.
/// </summary>
internal sealed class TextEdits
{
    private readonly List<Edit> edits = [];

    /// <summary>Inserts after something that ends here; <paramref name="depth"/> is the depth of its node in the tree.</summary>
    public void Close(int position, int depth, string text) => Add(new(position, 0, 0, -depth, edits.Count, text));

    /// <summary>Inserts before something that begins here.</summary>
    public void Open(int position, int depth, string text) => Add(new(position, 0, 1, depth, edits.Count, text));

    /// <summary>Puts another text in the place of one token (which has no line break in it).</summary>
    public void Replace(TextSpan token, string text) => Add(new(token.Start, token.Length, 2, 0, edits.Count, text));

    /// <summary>
    /// The text of <paramref name="span"/> with the edits that lie inside it. What is inserted at a border belongs to the text before it: a span in the
    /// middle leaves out what stands at its very beginning.
    /// </summary>
    public string Apply(string source, TextSpan span)
    {
        var result = new StringBuilder(span.Length + edits.Count * 48);
        var at = span.Start;
        foreach (var edit in edits.Where(e => (e.Position > span.Start || span.Start == 0) && e.Position + e.Length <= span.End)
            .OrderBy(e => e.Position).ThenBy(e => e.Kind).ThenBy(e => e.Depth).ThenBy(e => e.Sequence))
        {
            result.Append(source.AsSpan(at, edit.Position - at)).Append(edit.Text);
            at = edit.Position + edit.Length;
        }

        return result.Append(source.AsSpan(at, span.End - at)).ToString();
    }

    private void Add(Edit edit)
    {
        if (edit.Text.AsSpan().IndexOfAny("\r\n\u0085\u2028\u2029") >= 0)
            throw new ArgumentException("An edit never brings a line break: lines of stack traces would shift.", nameof(edit));
        edits.Add(edit);
    }

    private readonly record struct Edit(int Position, int Length, int Kind, int Depth, int Sequence, string Text);
}
