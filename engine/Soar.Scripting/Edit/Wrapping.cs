using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Soar.Scripting.Edit;

/// <summary>Puts an <c>if</c>, a <c>foreach</c> or a <c>try</c> around statements. Titles go in with them.</summary>
internal static class Wrapping
{
    public static IEnumerable<TextChange> Of(EditedText text, PlaybookEdit.Wrap wrap)
    {
        var target = EditTarget.WholeOf(text, wrap.Thing);
        if (target.First is LocalFunctionStatementSyntax) throw EditTarget.Impossible("A function is not done where it stands: wrap what it does.");
        if (wrap.In == EditFrame.If && IsBeforeElse(target.First)) throw EditTarget.Impossible("An if here would take the else that follows: put braces around the body first.");
        var owned = Removal.Run(text, target);
        var head = wrap.In switch
        {
            EditFrame.If => $"if ({ArgumentEdit.Expression(wrap.Value is { Length: > 0 } condition ? condition : "true")})",
            EditFrame.ForEach => $"foreach (var {PlaybookEditor.Unused(text, "item")} in {ArgumentEdit.Expression(wrap.Value is { Length: > 0 } items ? items : "items")})",
            _ => "try",
        };
        var tail = wrap.In == EditFrame.Try ? PlaybookEditor.Unused(text, "failure") : null;
        return owned.Lines ? Lines(text, target, owned, head, tail) : Inline(text, target, head, tail);
    }

    private static IEnumerable<TextChange> Lines(EditedText text, EditTarget target, Owned owned, string head, string? failure)
    {
        var (indent, brk) = (text.IndentAt(target.First.SpanStart), text.BreakAt(target.First.SpanStart));
        yield return new(owned.Start, 0, $"{indent}{head}{brk}{indent}{{{brk}");
        foreach (var line in text.Movable(owned.Start, owned.End)) yield return new(line, 0, text.Unit);
        var tail = $"{indent}}}{brk}";
        if (failure is not null) tail += $"{indent}catch (StepException {failure}){brk}{indent}{{{brk}{indent}{text.Unit}{Told(failure)}{brk}{indent}}}{brk}";
        yield return Spot.AtLineEnd(text, target.Last.GetLastToken(), tail, brk);
    }

    private static IEnumerable<TextChange> Inline(EditedText text, EditTarget target, string head, string? failure)
    {
        yield return new(target.First.SpanStart, 0, head + " { ");
        yield return new(target.Last.Span.End, 0, failure is null ? " }" : $" }} catch (StepException {failure}) {{ {Told(failure)} }}");
    }

    // An error that nobody hears of is worse than none caught.
    private static string Told(string failure) => $"await Note({failure}.Message);";

    private static bool IsBeforeElse(StatementSyntax statement)
    {
        for (SyntaxNode? node = statement; node is StatementSyntax && node is not BlockSyntax; node = node.Parent)
            if (node.Parent is IfStatementSyntax { Else: not null } choice && choice.Statement == node) return true;
        return false;
    }
}
