using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Soar.Scripting.Edit;

/// <summary>Sets what is given to a call: to a step, an outcome, or the header; also what an <c>if</c> or a loop asks.</summary>
internal static class ArgumentEdit
{
    public static IEnumerable<TextChange> Of(EditedText text, PlaybookEdit.SetArgument edit)
    {
        if (edit.Thing == "start") throw EditTarget.Impossible("The header is changed by its fields.");
        var span = EditTarget.SpanOf(text.Diagram, edit.Thing) ?? throw EditTarget.Unknown(edit.Thing);
        if (Asked(EditTarget.Innermost(text.Root, span), span, edit.Parameter) is { } asked)
            return asked.ToString() == edit.Value ? [] : [new(asked.SpanStart, asked.Span.Length, Expression(edit.Value ?? ""))];
        var call = CallOf(text.Root, span) ?? throw EditTarget.Impossible($"'{edit.Thing}' calls nothing that has arguments: change it in the code.");
        return Set(call.ArgumentList, edit.Parameter, edit.Position, string.IsNullOrWhiteSpace(edit.Value) ? null : Expression(edit.Value));
    }

    public static IEnumerable<TextChange> Of(EditedText text, PlaybookEdit.SetHeader edit)
    {
        var call = HeaderSyntax.In(text.Root).FirstOrDefault(call => call.Word == "Playbook")
            ?? throw EditTarget.Impossible("""The text does not begin with Playbook("…", …): write it in the code first.""");
        var name = edit.Field.ToString().ToLowerInvariant();
        var value = edit.Field switch
        {
            HeaderField.Tlp => Member<Tlp>(edit.Value),
            HeaderField.Type => Member<PlaybookType>(edit.Value),
            _ => SymbolDisplay.FormatLiteral(edit.Value, quote: true),
        };
        return Set(call.Call.ArgumentList, name, (int)edit.Field + 1, value);
    }

    /// <summary>A text that is one expression and nothing else.</summary>
    public static string Expression(string value)
    {
        var trimmed = value.Trim();
        TextDepth.Check(trimmed, "The value");
        var parsed = SyntaxFactory.ParseExpression(trimmed, options: Diagram.ParseOptions, consumeFullText: true);
        var behind = parsed.GetLastToken().TrailingTrivia;
        if (trimmed.Length == 0 || parsed.IsMissing || parsed.ContainsDiagnostics || parsed.ContainsDirectives || behind.Any(trivia => trivia.IsKind(SyntaxKind.SingleLineCommentTrivia)))
            throw new SoarException("SOAR1955", $"'{trimmed}' is no C# expression, so it cannot be given as a value. A text stands in quotes.");
        return trimmed;
    }

    private static string Member<T>(string value)
        where T : struct, Enum => Enum.GetNames<T>().Contains(value, StringComparer.Ordinal)
            ? $"{typeof(T).Name}.{value}"
            : throw new SoarException("SOAR1955", $"'{value}' is no {typeof(T).Name}. There are {string.Join(", ", Enum.GetNames<T>())}.");

    private static ExpressionSyntax? Asked(StatementSyntax? statement, TextSpan span, string what) => statement?.Span != span ? null : (statement, what) switch
    {
        (IfStatementSyntax choice, "condition") => choice.Condition,
        (WhileStatementSyntax loop, "condition") => loop.Condition,
        (DoStatementSyntax loop, "condition") => loop.Condition,
        (ForStatementSyntax loop, "condition") => loop.Condition,
        (CommonForEachStatementSyntax loop, "items") => loop.Expression,
        (SwitchStatementSyntax choice, "condition") => choice.Expression,
        _ => null,
    };

    private static InvocationExpressionSyntax? CallOf(CompilationUnitSyntax root, TextSpan span)
    {
        var node = root.FindToken(span.Start).Parent?.AncestorsAndSelf().FirstOrDefault(node => node.Span == span && node is ExpressionSyntax or ReturnStatementSyntax);
        if (node is ReturnStatementSyntax { Expression: { } result }) node = result;
        return node is ExpressionSyntax expression ? StepSyntax.Core(expression) as InvocationExpressionSyntax : null;
    }

    private static IEnumerable<TextChange> Set(ArgumentListSyntax list, string name, int position, string? value)
    {
        var arguments = list.Arguments;
        var at = arguments.IndexOf(argument => argument.NameColon?.Name.Identifier.ValueText == name);
        if (at < 0 && position >= 0 && position < arguments.Count && arguments.Take(position + 1).All(argument => argument.NameColon is null)) at = position;
        if (at >= 0)
        {
            var given = arguments[at];
            if (value is not null) return given.Expression.ToString() == value ? [] : [new(given.Expression.SpanStart, given.Expression.Span.Length, value)];
            if (given.NameColon is null && at < arguments.Count - 1) throw EditTarget.Impossible($"'{name}' cannot be left out: values follow it that have no name. Name them in the code, or give another value.");
            if (arguments.Count == 1) return [new(given.SpanStart, given.Span.Length, "")];
            var start = at > 0 ? arguments[at - 1].Span.End : given.SpanStart;
            var end = at > 0 ? given.Span.End : arguments[at + 1].SpanStart;
            return [new(start, end - start, "")];
        }

        if (value is null) return [];
        var named = arguments.Count == position && arguments.All(argument => argument.NameColon is null) ? value : $"{name}: {value}";
        return arguments.Count == 0 ? [new(list.OpenParenToken.Span.End, 0, named)] : [new(arguments[^1].Span.End, 0, ", " + named)];
    }
}
