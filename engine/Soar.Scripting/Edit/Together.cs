using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Soar.Scripting.Edit;

/// <summary>
/// Makes of a step and the one behind it an <c>All</c>: both at the same time. A title goes with its step as <c>.Titled(…)</c>, so that the step keeps its name; of an <c>All</c> that is there already
/// the next step becomes one more lane.
/// </summary>
internal static class Together
{
    public static IEnumerable<TextChange> Of(EditedText text, PlaybookEdit.Wrap wrap)
    {
        var target = EditTarget.WholeOf(text, wrap.Thing);
        var siblings = EditTarget.Siblings(target.First) ?? throw EditTarget.Impossible($"Behind '{wrap.Thing}' nothing follows that could be done at the same time: put braces around the body first.");
        var next = siblings.SkipWhile(statement => statement != target.Last).Skip(1).FirstOrDefault();
        var first = target.Statements.Count == 1 ? StepOf(target.First) : null;
        if (first is null) throw EditTarget.Impossible($"'{wrap.Thing}' is no single step, so nothing can be done at the same time: make a sub-playbook or a function of it in the code.");
        if (next is null || StepOf(next) is not { } second)
            throw EditTarget.Impossible($"Behind '{wrap.Thing}' no step follows that could be done at the same time. Move one there, or insert it, and do this again.");
        if (second.Expression.DescendantTokens().Any(token => token.IsKind(SyntaxKind.IdentifierToken) && first.Names.Contains(token.ValueText)))
            throw EditTarget.Impossible($"The step in line {text.LineOf(next.SpanStart)} needs what '{wrap.Thing}' gives ({string.Join(", ", first.Names.OfType<string>())}), so it cannot be done at the same time.");
        return Joined(text, first, second);
    }

    private static IEnumerable<TextChange> Joined(EditedText text, Lane first, Lane second)
    {
        var (start, brk) = (first.Statement.SpanStart, text.BreakAt(first.Statement.SpanStart));
        var (outer, inner) = (text.IndentAt(start), text.IndentAt(start) + text.Unit);
        var names = first.Names.Concat(second.Names).ToList();
        var left = names.TrueForAll(name => name is null) ? "" : $"var ({string.Join(", ", names.Select(name => name ?? "_"))}) = ";
        if (first.Lanes is { } lanes)
        {
            yield return new(start, first.Expression.SpanStart - start, left + "await ");
            yield return new(lanes.Arguments[^1].Span.End, 0, $",{brk}{Placed(text, second, inner)}");
            if (Behind(text, second) is { Length: > 0 } comment) throw EditTarget.Impossible($"The comment behind the step in line {text.LineOf(second.Statement.SpanStart)} would have no place ({comment}): take it elsewhere first.");
            var gone = text.Of(second.Statement);
            yield return new(gone.Start, gone.End - gone.Start, "");
            yield break;
        }

        var owned = text.Of(first.Statement);
        var behind = text.Of(second.Statement);
        var from = owned.Lines ? owned.Start : start;
        if (!text.Text.AsSpan(owned.End..Math.Max(owned.End, behind.Start)).IsWhiteSpace())
            throw EditTarget.Impossible("Between the two steps stands a comment that belongs to neither: take it elsewhere in the code first.");
        var why = Behind(text, first) is { Length: > 0 } said ? " " + said : "";
        yield return new(from, second.Statement.Span.End - from, $"{(owned.Lines ? outer : "")}{left}await All({brk}{Placed(text, first, inner)},{why}{brk}{Placed(text, second, inner)});");
    }

    // The comment that stands behind a statement on its line.
    private static string Behind(EditedText text, Lane lane) =>
        text.EndsLine(lane.Statement.GetLastToken()) ? text.Text[lane.Statement.Span.End..EditedText.EndBeforeBreak(lane.Statement.GetLastToken())].Trim() : "";

    // The expression on lines of its own, indented by what it stands deeper than before; texts of several lines stay where they are.
    private static string Placed(EditedText text, Lane lane, string indent)
    {
        var (start, end) = (lane.Expression.SpanStart, lane.Expression.Span.End);
        var written = text.Text[start..end];
        foreach (var line in text.Movable(start, end).Where(line => line > start).OrderDescending()) written = written.Insert(line - start, text.Unit);
        return $"{indent}{written}{(Titles.Read(lane.Statement.GetFirstToken()) is { } title && StepSyntax.SaidTitle(StepSyntax.Core(lane.Expression)) is null ? $".Titled({SymbolDisplay.FormatLiteral(title, quote: true)})" : "")}";
    }

    private static Lane? StepOf(StatementSyntax statement) => statement switch
    {
        ExpressionStatementSyntax { Expression: AwaitExpressionSyntax { Expression: var step } } => new(statement, step, LanesOf(step), LanesOf(step) is { } lanes ? [.. lanes.Arguments.Select(_ => (string?)null)] : [null]),
        LocalDeclarationStatementSyntax { UsingKeyword.RawKind: 0, Declaration.Variables: [{ Identifier.ValueText: var name, Initializer.Value: AwaitExpressionSyntax { Expression: var step } }] } when LanesOf(step) is null => new(statement, step, null, [name]),
        ExpressionStatementSyntax { Expression: AssignmentExpressionSyntax { Left: DeclarationExpressionSyntax { Designation: ParenthesizedVariableDesignationSyntax several }, Right: AwaitExpressionSyntax { Expression: var step } } }
            when LanesOf(step) is { } lanes && lanes.Arguments.Count == several.Variables.Count => new(statement, step, lanes, [.. several.Variables.Select(one => one is SingleVariableDesignationSyntax { Identifier.ValueText: var name } ? name : null)]),
        _ => null,
    };

    // All(a, b): lanes that stand there one by one, not All(steps, parallel: 4).
    private static ArgumentListSyntax? LanesOf(ExpressionSyntax step) =>
        step is InvocationExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.ValueText: "All" }, ArgumentList: { Arguments.Count: > 1 and < 8 } list }
            && list.Arguments.All(argument => argument.NameColon is null && StepSyntax.Core(argument.Expression) is InvocationExpressionSyntax) ? list : null;

    /// <param name="Expression">Without its <c>await</c>.</param>
    /// <param name="Lanes">Of an <c>All</c> of several steps: its arguments.</param>
    /// <param name="Names">Of the variables for what comes back; null where there is none.</param>
    private sealed record Lane(StatementSyntax Statement, ExpressionSyntax Expression, ArgumentListSyntax? Lanes, IReadOnlyList<string?> Names);
}
