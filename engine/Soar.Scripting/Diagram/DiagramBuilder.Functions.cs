using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Soar.Scripting;

internal sealed partial class DiagramBuilder
{
    // ---- functions

    private void Hoist(LocalFunctionStatementSyntax function)
    {
        if ((function.Body as SyntaxNode ?? function.ExpressionBody?.Expression) is { } body)
            hoisted.Enqueue((body, FunctionId(function), titles.TitleOf(function) ?? function.Identifier.ValueText, function.Identifier.ValueText + OneLine(function.ParameterList), function.Span));
    }

    private string FunctionId(LocalFunctionStatementSyntax function)
    {
        var name = function.Identifier.ValueText;
        if (functions.GetValueOrDefault(name) != function) return Unique("function-" + Titles.Kebab(name));
        return functionIds.TryGetValue(name, out var id) ? id : functionIds[name] = Unique("function-" + Titles.Kebab(name));
    }

    private void Function(SyntaxNode body, string id, string label, string detail, TextSpan span)
    {
        pending = [];
        parent = null;
        (inFunction, handlers, depth) = (true, 0, 0);
        Group(DiagramGroupKind.Function, id, label, detail, span, () =>
        {
            pending = [new(id, DiagramEdgeKind.Next, "", null)];
            Body(body);
        });
    }

    /// <summary>The body of a function or of a combinator's lambda: statements, or one expression that is its result.</summary>
    private void Body(SyntaxNode body)
    {
        var outer = inFunction;
        inFunction = true;
        if (body is BlockSyntax block) Sequence(block.Statements);
        else if (body is ExpressionSyntax expression)
        {
            if (flow.Contains(expression)) Expression(expression, expression);
            else Result(expression);
        }
        inFunction = outer;
    }
}
