using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Soar.Scripting.Edit;

/// <summary>Makes room for statements where the text has none yet: a body without braces, an empty block, an <c>else</c> that is not there.</summary>
internal static class Braces
{
    /// <summary>Braces around a body that has none, with statements before and behind it.</summary>
    public static IEnumerable<TextChange> Around(EditedText text, StatementSyntax body, IReadOnlyList<CodeLine> before, IReadOnlyList<CodeLine> behind)
    {
        var (first, last) = (body.GetFirstToken(), body.GetLastToken());
        var owner = body.Parent switch { ElseClauseSyntax otherwise => otherwise.ElseKeyword, { } other => other.GetFirstToken(), null => first };
        var (outer, brk) = (text.IndentAt(owner.SpanStart), text.BreakAt(owner.SpanStart));
        var begins = text.BeginsLine(first);
        var inner = begins ? text.IndentAt(first.SpanStart) : outer + text.Unit;
        if (begins)
        {
            yield return new(text.TitleStart(first), 0, outer + "{" + brk + Spot.Written(before, inner, brk));
        }
        else
        {
            var end = first.GetPreviousToken().Span.End;
            var start = text.Text.AsSpan(end..first.SpanStart).IsWhiteSpace() ? end : first.SpanStart;
            yield return new(start, first.SpanStart - start, brk + outer + "{" + brk + Spot.Written(before, inner, brk) + inner);
            foreach (var line in text.Movable(first.SpanStart, last.Span.End).Where(line => line > first.SpanStart)) yield return new(line, 0, text.Unit);
        }

        if (text.EndsLine(last))
        {
            yield return Spot.AtLineEnd(text, last, Spot.Written(behind, inner, brk) + outer + "}" + brk, brk);
            yield break;
        }

        var next = last.GetNextToken();
        var after = text.Text.AsSpan(last.Span.End..next.SpanStart).IsWhiteSpace() ? next.SpanStart : last.Span.End;
        yield return new(last.Span.End, after - last.Span.End, brk + Spot.Written(behind, inner, brk) + outer + "}" + brk + outer);
    }

    /// <summary>Statements into a block that has none.</summary>
    public static IEnumerable<TextChange> Fill(EditedText text, BlockSyntax block, IReadOnlyList<CodeLine> code)
    {
        var (open, close) = (block.OpenBraceToken, block.CloseBraceToken);
        var (outer, brk) = (text.IndentAt(open.SpanStart), text.BreakAt(open.SpanStart));
        // Above whatever comment stands in it: below, the comment would become a title.
        if (text.BeginsLine(close) && text.EndsLine(open)) return [new(open.FullSpan.End, 0, Spot.Written(code, text.IndentAt(close.SpanStart) + text.Unit, brk))];
        var empty = text.Text.AsSpan(open.Span.End..close.SpanStart).IsWhiteSpace();
        var start = empty ? open.Span.End : close.SpanStart;
        return [new(start, close.SpanStart - start, brk + Spot.Written(code, outer + text.Unit, brk) + outer)];
    }

    /// <summary>An <c>else</c> for an <c>if</c> that has none.</summary>
    public static IEnumerable<TextChange> Else(EditedText text, IfStatementSyntax choice, IReadOnlyList<CodeLine> code)
    {
        if (!IsClosed(choice.Statement)) throw EditTarget.Impossible($"An else here would belong to the if inside: put braces around the body of the if in line {text.LineOf(choice.SpanStart)} first.");
        var last = choice.GetLastToken();
        var (indent, brk) = (text.IndentAt(choice.SpanStart), text.BreakAt(choice.SpanStart));
        // As this if has its brace: on its line, or on one of its own.
        var beside = choice.Statement is BlockSyntax block && text.LineStart(block.OpenBraceToken.SpanStart) == text.LineStart(choice.CloseParenToken.SpanStart);
        var head = indent + "else" + (beside ? " {" : brk + indent + "{") + brk;
        var written = head + Spot.Written(code, indent + text.Unit, brk) + indent + "}" + brk;
        return text.EndsLine(last) ? [Spot.AtLineEnd(text, last, written, brk)] : [new(last.Span.End, 0, brk + written + indent)];
    }

    /// <summary>Whether an <c>else</c> behind this body would not become that of an <c>if</c> at its end.</summary>
    public static bool IsClosed(StatementSyntax body) => body switch
    {
        IfStatementSyntax { Else: null } => false,
        IfStatementSyntax { Else: { } otherwise } => IsClosed(otherwise.Statement),
        CommonForEachStatementSyntax loop => IsClosed(loop.Statement),
        ForStatementSyntax loop => IsClosed(loop.Statement),
        WhileStatementSyntax loop => IsClosed(loop.Statement),
        UsingStatementSyntax scope => IsClosed(scope.Statement),
        LockStatementSyntax scope => IsClosed(scope.Statement),
        LabeledStatementSyntax label => IsClosed(label.Statement),
        _ => true,
    };
}
