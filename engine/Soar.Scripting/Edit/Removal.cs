using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Soar.Scripting.Edit;

/// <summary>Takes statements away, so that what remains is a program.</summary>
internal static class Removal
{
    public static IEnumerable<TextChange> Of(EditedText text, EditTarget target)
    {
        if (EditTarget.Siblings(target.First) is not { } siblings) return Body(text, target.First);
        if (target.First.Parent is SwitchSectionSyntax && siblings.Count == target.Statements.Count) return LastOfSection(text, target);
        return target.Statements.Select(statement => text.Of(statement)).Select(owned => new TextChange(owned.Start, owned.End - owned.Start, ""));
    }

    /// <summary>Several statements as one piece of text.</summary>
    public static Owned Run(EditedText text, EditTarget target)
    {
        if (target.Statements.Count == 1) return text.Of(target.First);
        var all = EditTarget.Siblings(target.First)!;
        if (all.Count(statement => statement.SpanStart >= target.First.SpanStart && statement.Span.End <= target.Last.Span.End) != target.Statements.Count)
            throw EditTarget.Impossible($"A function stands between the statements of '{target.Id}': move it away in the code first.");
        return text.Of(target.First.GetFirstToken(), target.Last.GetLastToken());
    }

    // A body without braces leaves an empty one: the if or loop around it was not asked to go.
    private static IEnumerable<TextChange> Body(EditedText text, StatementSyntax body)
    {
        if (body is IfStatementSyntax choice && body.Parent is ElseClauseSyntax otherwise)
        {
            if (choice.Else is { } next) return [new(otherwise.SpanStart, next.SpanStart - otherwise.SpanStart, "")];
            var clause = text.Of(otherwise);
            if (clause.Lines) return [new(clause.Start, clause.End - clause.Start, "")];
            var before = otherwise.GetFirstToken().GetPreviousToken().Span.End;
            return [new(before, otherwise.Span.End - before, "")];
        }

        var owned = text.Of(body);
        if (!owned.Lines) return [new(body.SpanStart, body.Span.Length, "{ }")];
        var line = text.LineStart(body.SpanStart);
        return [new(owned.Start, line - owned.Start, ""), new(body.SpanStart, EditedText.EndBeforeBreak(body.GetLastToken()) - body.SpanStart, "{ }")];
    }

    // A section must not be empty.
    private static IEnumerable<TextChange> LastOfSection(EditedText text, EditTarget target)
    {
        if (target.Last is BreakStatementSyntax) throw EditTarget.Impossible("This is all that the case does: take the case away in the code.");
        var owned = Run(text, target);
        var start = target.First.SpanStart;
        return owned.Lines
            ? [new(owned.Start, text.LineStart(start) - owned.Start, ""), new(start, EditedText.EndBeforeBreak(target.Last.GetLastToken()) - start, "break;")]
            : [new(start, target.Last.Span.End - start, "break;")];
    }
}
