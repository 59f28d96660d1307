using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Soar.Scripting.Edit;

/// <summary>What a statement owns of the file. Whole lines when nothing else stands on them: its title, itself, the comment behind it, the line break.</summary>
internal readonly record struct Owned(int Start, int End, bool Lines);

/// <summary>A playbook's text that is edited: its lines, its indentation, and what of it belongs to a statement.</summary>
internal sealed class EditedText
{
    private readonly SourceText lines;

    public EditedText(string text, string file, CancellationToken cancellation)
    {
        TextDepth.Check(text, file);
        Text = text;
        lines = SourceText.From(text);
        var tree = CSharpSyntaxTree.ParseText(lines, Diagram.ParseOptions, file, cancellation);
        Root = tree.GetCompilationUnitRoot(cancellation);
        Diagram = Diagram.Of(tree, cancellation);
        Unit = UnitOf();
    }

    public string Text { get; }
    public CompilationUnitSyntax Root { get; }
    public Diagram Diagram { get; }

    /// <summary>One level of indentation, as this file has it.</summary>
    public string Unit { get; }

    public int LineStart(int position) => lines.Lines.GetLineFromPosition(position).Start;

    public int LineOf(int position) => lines.Lines.GetLineFromPosition(position).LineNumber + 1;

    /// <summary>The white space that begins the line of a position.</summary>
    public string IndentAt(int position)
    {
        var start = LineStart(position);
        var end = start;
        while (end < Text.Length && Text[end] is ' ' or '\t') end++;
        return Text[start..end];
    }

    /// <summary>The line break as it is written around a position.</summary>
    public string BreakAt(int position)
    {
        var line = lines.Lines.GetLineFromPosition(position);
        if (line.EndIncludingLineBreak == line.End) line = lines.Lines[Math.Max(0, line.LineNumber - 1)];
        return line.EndIncludingLineBreak > line.End ? Text[line.End..line.EndIncludingLineBreak] : "\n";
    }

    /// <summary>Whether nothing but white space stands before it on its line.</summary>
    public bool BeginsLine(SyntaxToken token) => Text.AsSpan(LineStart(token.SpanStart)..token.SpanStart).IsWhiteSpace();

    /// <summary>Whether nothing but comments stands behind it on its line.</summary>
    public bool EndsLine(SyntaxToken token) => (token.TrailingTrivia.LastOrDefault().IsKind(SyntaxKind.EndOfLineTrivia) || token.GetNextToken().IsKind(SyntaxKind.EndOfFileToken) || token.GetNextToken().IsKind(SyntaxKind.None))
        && lines.Lines.GetLineFromPosition(token.FullSpan.End) is var line && (line.Start == token.FullSpan.End || line.End == token.FullSpan.End);

    /// <summary>Where the line of a token that ends one ends, before its break.</summary>
    public static int EndBeforeBreak(SyntaxToken token) =>
        token.TrailingTrivia.LastOrDefault() is var last && last.IsKind(SyntaxKind.EndOfLineTrivia) ? last.SpanStart : token.FullSpan.End;

    public Owned Of(SyntaxNode node) => Of(node.GetFirstToken(), node.GetLastToken());

    public Owned Of(SyntaxToken first, SyntaxToken last)
    {
        var (begins, ends) = (BeginsLine(first), EndsLine(last));
        if (begins && ends) return new(TitleStart(first), last.FullSpan.End, Lines: true);
        if (begins) return new(first.SpanStart, last.GetNextToken().SpanStart, Lines: false);
        var start = first.SpanStart;
        if (!ends) return new(start, last.Span.End + Text.AsSpan(last.Span.End).IndexOfAnyExcept(' ', '\t') is var end && end > last.Span.End ? end : last.Span.End, Lines: false);
        while (start > 0 && Text[start - 1] is ' ' or '\t') start--;
        return new(start, EndBeforeBreak(last), Lines: false);
    }

    /// <summary>The comments directly above a token that begins its line, from the top: what <see cref="Titles"/> reads a title of.</summary>
    public static IReadOnlyList<SyntaxTrivia> Above(SyntaxToken first)
    {
        var trivia = first.LeadingTrivia;
        var found = new List<SyntaxTrivia>();
        var i = trivia.Count - 1;
        if (i >= 0 && trivia[i].IsKind(SyntaxKind.WhitespaceTrivia)) i--;
        while (i >= 1 && trivia[i].IsKind(SyntaxKind.EndOfLineTrivia) && trivia[i - 1].IsKind(SyntaxKind.SingleLineCommentTrivia))
        {
            found.Add(trivia[i - 1]);
            i -= 2;
            if (i >= 0 && trivia[i].IsKind(SyntaxKind.WhitespaceTrivia)) i--;
        }

        found.Reverse();
        return found;
    }

    public int TitleStart(SyntaxToken first) => LineStart(Above(first) is [var top, ..] ? top.SpanStart : first.SpanStart);

    /// <summary>The positions where lines of a span begin whose indentation may change: not inside of texts, not of directives, not of empty lines.</summary>
    public IEnumerable<int> Movable(int start, int end) => lines.Lines.SkipWhile(line => line.Start < start).TakeWhile(line => line.Start < end)
        .Where(line => !Text.AsSpan(line.Start..line.End).IsWhiteSpace() && !IsFixed(line.Start)).Select(line => line.Start);

    /// <summary>Lines of a span as they may stand elsewhere: without this indentation, but for those that must not be touched.</summary>
    public IReadOnlyList<CodeLine> Lines(Owned owned, string indent)
    {
        if (!owned.Lines) return [new(Text[owned.Start..owned.End].Trim(), Fixed: false, null)];
        var movable = Movable(owned.Start, owned.End).ToHashSet();
        return
        [
            .. lines.Lines.SkipWhile(line => line.Start < owned.Start).TakeWhile(line => line.Start < owned.End).Select(line =>
            {
                var text = Text[line.Start..line.End];
                var brk = line.EndIncludingLineBreak > line.End ? Text[line.End..line.EndIncludingLineBreak] : null;
                return movable.Contains(line.Start) && text.StartsWith(indent, StringComparison.Ordinal) ? new CodeLine(text[indent.Length..], Fixed: false, brk) : new CodeLine(text, Fixed: true, brk);
            }),
        ];
    }

    private bool IsFixed(int lineStart)
    {
        var line = lines.Lines.GetLineFromPosition(lineStart);
        var token = Root.FindToken(lineStart);
        if (token.Parent?.AncestorsAndSelf().Any(node => node is InterpolatedStringExpressionSyntax && node.SpanStart < lineStart && lineStart < node.Span.End) == true) return true;
        if (token.SpanStart < lineStart && lineStart < token.Span.End) return true;
        return Root.FindTrivia(lineStart) is var trivia && (trivia.IsDirective || trivia.IsKind(SyntaxKind.DisabledTextTrivia) || Text.AsSpan(line.Start..line.End).TrimStart().StartsWith("#"));
    }

    private string UnitOf()
    {
        foreach (var block in Root.DescendantNodes().OfType<BlockSyntax>())
        {
            if (block.Statements is not [var first, ..] || !BeginsLine(first.GetFirstToken()) || LineStart(first.SpanStart) == LineStart(block.OpenBraceToken.SpanStart)) continue;
            var (outer, inner) = (IndentAt(block.OpenBraceToken.SpanStart), IndentAt(first.SpanStart));
            if (inner.Length > outer.Length && inner.StartsWith(outer, StringComparison.Ordinal)) return inner[outer.Length..];
        }

        return Text.Contains("\n\t", StringComparison.Ordinal) ? "\t" : "    ";
    }
}

/// <summary>A line to be written: indented as its surroundings are, unless it must stand exactly as it is.</summary>
/// <param name="Break">Its own line break; null = that of the surroundings.</param>
internal readonly record struct CodeLine(string Text, bool Fixed, string? Break)
{
    public string Written(string indent, string brk) => (Fixed || Text.Length == 0 ? Text : indent + Text) + (Break ?? brk);
}
