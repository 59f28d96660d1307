using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Soar.Scripting;

internal sealed partial class DiagramBuilder
{
    private void ForEach(StatementSyntax loop, string variable, ExpressionSyntax items, StatementSyntax body)
    {
        Expression(items, loop);
        var title = titles.TitleOf(loop);
        var text = $"For each {variable} in {Short(Quiet(items), 48)}";
        var id = IdOf(title, "foreach-" + Words(variable));
        Loop(loop, id, title, text, "foreach", () => Statement(body));
        LoopBranches(id, loop, body, text, canSkip: true);
    }

    private void For(ForStatementSyntax loop)
    {
        if (loop.Declaration is { } declaration) Walk(declaration, loop);
        foreach (var initial in loop.Initializers) Expression(initial, loop);
        var title = titles.TitleOf(loop);
        var text = $"For {Short($"{loop.Declaration?.ToString() ?? ""}; {loop.Condition}; {loop.Incrementors}", 64)}";
        var id = IdOf(title, "for-" + Words(loop.Declaration?.Variables.FirstOrDefault()?.Identifier.ValueText ?? loop.Condition?.ToString() ?? "ever"));
        var endless = loop.Condition is null || loop.Condition.IsKind(SyntaxKind.TrueLiteralExpression);
        Loop(loop, id, title, text, "for", () =>
        {
            if (loop.Condition is { } condition) Expression(condition, loop);
            Statement(loop.Statement);
            foreach (var step in loop.Incrementors) Expression(step, loop);
        }, endless && !HasBreak(loop.Statement));
        if (!endless) LoopBranches(id, loop, loop.Statement, text, canSkip: true);
    }

    private void While(WhileStatementSyntax loop)
    {
        var title = titles.TitleOf(loop);
        var endless = loop.Condition.IsKind(SyntaxKind.TrueLiteralExpression);
        var text = endless ? "For ever" : $"While {Short(Quiet(loop.Condition))}";
        var id = IdOf(title, "while-" + Words(loop.Condition.ToString()));
        Loop(loop, id, title, text, "while", () =>
        {
            Expression(loop.Condition, loop);
            Statement(loop.Statement);
        }, endless && !HasBreak(loop.Statement));
        if (!endless) LoopBranches(id, loop, loop.Statement, text, canSkip: true);
    }

    private void Do(DoStatementSyntax loop)
    {
        var title = titles.TitleOf(loop);
        var text = $"Repeat while {Short(Quiet(loop.Condition))}";
        Loop(loop, IdOf(title, "do-while-" + Words(loop.Condition.ToString())), title, text, "do", () =>
        {
            Statement(loop.Statement);
            Expression(loop.Condition, loop);
        });
    }

    private void Loop(StatementSyntax loop, string id, string? title, string text, string keyword, Action body, bool never = false)
    {
        Group(DiagramGroupKind.Loop, id, title ?? text, title is null ? "" : text, loop.Span, () => Framed(id, DiagramEdgeKind.Loop, body), group => group with { Action = keyword, Endless = never });
        pending = never ? [] : [new(id, DiagramEdgeKind.Next, "", null)];
    }

    // A break of this loop, not of one inside it or of a switch.
    private static bool HasBreak(SyntaxNode body) => body.DescendantNodesAndSelf(node => node is not (ForStatementSyntax or CommonForEachStatementSyntax or WhileStatementSyntax
            or DoStatementSyntax or SwitchStatementSyntax or AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax) || node == body)
        .Any(node => node is BreakStatementSyntax or GotoStatementSyntax);
}
