using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Soar.Scripting;

internal sealed partial class DiagramBuilder
{
    private void Sequence(IReadOnlyList<StatementSyntax> statements)
    {
        var code = new List<StatementSyntax>();
        foreach (var statement in statements)
        {
            cancellation.ThrowIfCancellationRequested();
            if (statement is LocalFunctionStatementSyntax function)
            {
                Hoist(function);
                continue;
            }
            Remember(statement);
            if (IsPlain(statement))
            {
                code.Add(statement);
                continue;
            }
            Code(code);
            Statement(statement);
        }
        Code(code);
    }

    // Consecutive plain statements are one node, named by the first title among them.
    private void Code(List<StatementSyntax> statements)
    {
        if (statements.Count == 0) return;
        var title = statements.Select(titles.TitleOf).FirstOrDefault(found => found is not null);
        var first = statements[0];
        var lines = statements.Where(statement => statement is not EmptyStatementSyntax).Select(statement => OneLine(statement)).ToList();
        var text = string.Join(" ", lines);
        var label = statements.Count == 1 ? Short(OneLine(first)) : $"{Short(OneLine(first), 48)} (+{statements.Count - 1})";
        Leaf(DiagramNodeKind.Code, IdOf(title, "code-" + Words(NameOf(first), 32)), (title, label), text, TextSpan.FromBounds(first.SpanStart, statements[^1].Span.End),
            more: node => node with { Text = string.Join('\n', lines) });
        statements.Clear();
    }

    private static string NameOf(StatementSyntax statement) => statement switch
    {
        LocalDeclarationStatementSyntax declaration => string.Join(' ', declaration.Declaration.Variables.Select(variable => variable.Identifier.ValueText)),
        ExpressionStatementSyntax { Expression: AssignmentExpressionSyntax assignment } => assignment.Left.ToString(),
        ExpressionStatementSyntax { Expression: InvocationExpressionSyntax call } => call.Expression.ToString(),
        _ => statement.ToString(),
    };

    private bool IsPlain(StatementSyntax statement) => !flow.Contains(statement) && statement switch
    {
        ExpressionStatementSyntax expression => TopSwitch(expression.Expression) is null && TopLambda(expression.Expression) is null,
        LocalDeclarationStatementSyntax { Declaration.Variables: [{ Initializer.Value: SwitchExpressionSyntax }] } => false,
        LocalDeclarationStatementSyntax or EmptyStatementSyntax => true,
        _ => false,
    };

    private static SwitchExpressionSyntax? TopSwitch(ExpressionSyntax expression) => expression switch
    {
        AssignmentExpressionSyntax { Right: SwitchExpressionSyntax choice } => choice,
        SwitchExpressionSyntax choice => choice,
        _ => null,
    };

    private static LambdaExpressionSyntax? TopLambda(ExpressionSyntax expression) => expression as LambdaExpressionSyntax;

    private void Statement(StatementSyntax statement)
    {
        if (depth >= DeepestNesting)
        {
            AsCode(statement, titles.TitleOf(statement));
            return;
        }
        if (IsPlain(statement))
        {
            Code([statement]);
            return;
        }
        depth++;
        switch (statement)
        {
            case BlockSyntax block: Sequence(block.Statements); break;
            case IfStatementSyntax choice: If(choice); break;
            case SwitchStatementSyntax choice: Switch(choice); break;
            case ForEachStatementSyntax loop: ForEach(loop, loop.Identifier.ValueText, loop.Expression, loop.Statement); break;
            case ForEachVariableStatementSyntax loop: ForEach(loop, loop.Variable.ToString(), loop.Expression, loop.Statement); break;
            case ForStatementSyntax loop: For(loop); break;
            case WhileStatementSyntax loop: While(loop); break;
            case DoStatementSyntax loop: Do(loop); break;
            case TryStatementSyntax attempt: Try(attempt); break;
            case ReturnStatementSyntax result: Return(result.Expression, result, titles.TitleOf(result)); break;
            case ThrowStatementSyntax error: Throw(error.Expression, error, titles.TitleOf(error)); break;
            case UsingStatementSyntax scope: Inline(scope, scope.Declaration?.ToString() ?? scope.Expression?.ToString() ?? "", scope.Statement); break;
            case LockStatementSyntax scope: Inline(scope, scope.Expression.ToString(), scope.Statement); break;
            case FixedStatementSyntax scope: Inline(scope, scope.Declaration.ToString(), scope.Statement); break;
            case CheckedStatementSyntax scope: Sequence(scope.Block.Statements); break;
            case UnsafeStatementSyntax scope: Sequence(scope.Block.Statements); break;
            case LabeledStatementSyntax label: Label(label); break;
            case BreakStatementSyntax or ContinueStatementSyntax or GotoStatementSyntax: Jump(statement); break;
            case YieldStatementSyntax yield:
                if (yield.Expression is { } value) Expression(value, statement);
                var text = OneLine(yield);
                Leaf(DiagramNodeKind.Jump, Unique("yield-" + Words(text)), (null, text), "", yield.Span, ends: yield.IsKind(SyntaxKind.YieldBreakStatement));
                break;
            case ExpressionStatementSyntax expression: Top(expression.Expression, statement); break;
            case LocalDeclarationStatementSyntax declaration:
                foreach (var variable in declaration.Declaration.Variables)
                    if (variable.Initializer?.Value is { } initial) Top(initial, statement);
                break;
            default: AsCode(statement, titles.TitleOf(statement)); break;
        }
        depth--;
    }

    private void Top(ExpressionSyntax expression, StatementSyntax statement)
    {
        if (TopSwitch(expression) is { } choice) SwitchExpression(choice, titles.TitleOf(statement), Value, null);
        else if (flow.Contains(expression)) Expression(expression, statement);
    }

    // A scope with something to open: what is opened is drawn first, the body follows in line.
    private void Inline(StatementSyntax statement, string opened, StatementSyntax body)
    {
        var title = titles.TitleOf(statement);
        var before = nodes.Count + groups.Count;
        foreach (var child in statement.ChildNodes())
            if (child != body) Walk(child, statement);
        if (nodes.Count + groups.Count == before) Leaf(DiagramNodeKind.Code, IdOf(title, "using-" + Words(opened, 32)), (title, Short(opened)), opened, TextSpan.FromBounds(statement.SpanStart, body.SpanStart));
        Statement(body);
    }

    private void If(IfStatementSyntax choice)
    {
        Expression(choice.Condition, choice);
        var title = titles.TitleOf(choice) ?? (choice.Parent is ElseClauseSyntax otherwise ? titles.TitleOf(otherwise) : null);
        var id = IdOf(title, "if-" + Words(choice.Condition.ToString()));
        var ways = Ways(choice.Condition);
        Group(DiagramGroupKind.Branch, Unique(id + "-branch"), title ?? "", "", choice.Span, () =>
        {
            Leaf(DiagramNodeKind.Decision, id, (title, ways.Question), OneLine(choice.Condition), choice.Condition.Span, more: node => node with { Text = ways.Text });
            var (yes, no) = ConditionBranches(id, choice.Condition, choice.SpanStart);
            var exits = new List<Exit>();
            Arm(id, new(id, ways.True, ways.TrueLabel, yes), choice.Statement.Span, () => Statement(choice.Statement), exits, "then");
            Arm(id, new(id, ways.False, ways.FalseLabel, no), (choice.Else as SyntaxNode ?? choice).Span, () =>
            {
                if (choice.Else is { } other) Statement(other.Statement);
            }, exits, "else");
            pending = exits;
        });
    }

    /// <summary>One way out of a decision. An arm that does nothing leaves no group: its edge goes straight on.</summary>
    private void Arm(string decision, Exit way, TextSpan span, Action inside, List<Exit> exits, string name)
    {
        pending = [way];
        var before = nodes.Count + groups.Count;
        var id = Unique($"{decision}-{name}");
        Group(DiagramGroupKind.Arm, id, way.Label, "", span, inside);
        if (nodes.Count + groups.Count == before + 1)
        {
            groups.RemoveAt(groups.Count - 1);
            orders[parent ?? ""]--;
        }
        exits.AddRange(pending);
    }

    private void Switch(SwitchStatementSyntax choice)
    {
        Expression(choice.Expression, choice);
        var title = titles.TitleOf(choice);
        var id = IdOf(title, "switch-" + Words(choice.Expression.ToString()));
        var about = choice.Expression is ParenthesizedExpressionSyntax inner ? inner.Expression : choice.Expression;
        Group(DiagramGroupKind.Branch, Unique(id + "-branch"), title ?? "", "", choice.Span, () =>
        {
            Leaf(DiagramNodeKind.Decision, id, (title, Short(Quiet(about), 48) + "?"), OneLine(about), about.Span, more: node => node with { Text = Quiet(about) + "?" });
            var exits = new List<Exit>();
            var hasDefault = false;
            foreach (var section in choice.Sections)
            {
                hasDefault |= section.Labels.Any(SyntaxKind.DefaultSwitchLabel);
                var words = string.Join(" or ", section.Labels.Select(LabelText));
                var branch = CaseBranch(id, section, words);
                var label = titles.TitleOf(section) ?? WayOf(words);
                // A closing break belongs to the switch, not to the flow.
                Arm(id, new(id, CaseKind(words), label, branch), section.Span, () => Section([.. section.Statements]), exits, Words(words));
            }
            // All three kinds of a decision are told: nothing else can come.
            var complete = new[] { "Approved", "Refused", "Expired" }.All(kind => choice.Sections.Any(section => section.Labels.Any(label => LabelText(label) == "DecisionKind." + kind)));
            if (!hasDefault && !complete) exits.Add(new(id, DiagramEdgeKind.Case, "otherwise", NoCaseBranch(id, choice)));
            pending = exits;
        });
    }

    private void Section(IReadOnlyList<StatementSyntax> body)
    {
        if (body is [.., BreakStatementSyntax]) body = [.. body.Take(body.Count - 1)];
        else if (body is [BlockSyntax { Statements: [.., BreakStatementSyntax] } block]) body = [.. block.Statements.Take(block.Statements.Count - 1)];
        Sequence(body);
    }

    private static string LabelText(SwitchLabelSyntax label) => label switch
    {
        CaseSwitchLabelSyntax value => OneLine(value.Value),
        CasePatternSwitchLabelSyntax pattern => OneLine(pattern.Pattern) + (pattern.WhenClause is { } when ? " " + OneLine(when) : ""),
        _ => "otherwise",
    };

    private void Try(TryStatementSyntax attempt)
    {
        var title = titles.TitleOf(attempt);
        var id = IdOf(title, "try");
        Group(DiagramGroupKind.Try, Unique(id + "-all"), title ?? "", "", attempt.Span, () =>
        {
            var after = new List<Exit>();
            var guarded = attempt.Catches.Count > 0;
            if (guarded) handlers++;
            Group(DiagramGroupKind.Protected, id, title ?? "Try", "", attempt.Block.Span, () => Framed(id, DiagramEdgeKind.Next, () => Sequence(attempt.Block.Statements)), group => group with { Action = "try" });
            if (guarded) handlers--;
            if (pending.Count > 0) after.Add(new(id, DiagramEdgeKind.Next, "", null));
            foreach (var handler in attempt.Catches)
            {
                var what = handler.Declaration?.Type.ToString() ?? "any error";
                var when = handler.Filter is { } filter ? $" when {OneLine(filter.FilterExpression)}" : "";
                var name = Unique($"{id}-catch-{Words(what + when)}");
                pending = [new(id, DiagramEdgeKind.Error, what + when, CatchBranch(id, handler, what + when))];
                Group(DiagramGroupKind.Catch, name, titles.TitleOf(handler) ?? $"On {what}{when}", titles.TitleOf(handler) is null ? "" : $"On {what}{when}", handler.Span, () => Framed(name, DiagramEdgeKind.Next, () => Sequence(handler.Block.Statements)), group => group with { Action = "catch" });
                if (pending.Count > 0) after.Add(new(name, DiagramEdgeKind.Next, "", null));
            }
            pending = after;
            if (attempt.Finally is not { } last) return;
            var ends = after.Count == 0;
            if (ends) pending = [new(id, DiagramEdgeKind.Next, "", null)];
            var always = Unique(id + "-finally");
            Group(DiagramGroupKind.Finally, always, titles.TitleOf(last) ?? "Always at the end", "", last.Span, () => Framed(always, DiagramEdgeKind.Next, () => Sequence(last.Block.Statements)), group => group with { Action = "finally" });
            pending = ends || pending.Count == 0 ? [] : [new(always, DiagramEdgeKind.Next, "", null)];
        });
    }

    private void Label(LabeledStatementSyntax label)
    {
        var name = label.Identifier.ValueText;
        labels[name] = Leaf(DiagramNodeKind.Jump, Unique("label-" + Words(name)), (null, name + ":"), "", label.Identifier.Span);
        if (label.Statement is LocalFunctionStatementSyntax function) Hoist(function);
        else Sequence([label.Statement]);
    }

    private void Jump(StatementSyntax statement)
    {
        var text = OneLine(statement).TrimEnd(';');
        var id = Leaf(DiagramNodeKind.Jump, Unique(Words(text)), (null, text), "", statement.Span, ends: true);
        if (statement is GotoStatementSyntax { Expression: IdentifierNameSyntax name }) jumps.Add((id, name.Identifier.ValueText));
    }

    private static bool Asks(ExpressionSyntax value) => StepSyntax.Core(value) switch
    {
        AwaitExpressionSyntax wait => StepSyntax.Core(wait.Expression) is var asked && StepSyntax.IsBuiltIn(asked) && StepSyntax.NameOf(asked) is "Ask" or "Todo",
        ConditionalExpressionSyntax either => Asks(either.WhenTrue) && Asks(either.WhenFalse),
        SwitchExpressionSyntax choice => choice.Arms.All(arm => Asks(arm.Expression)),
        _ => false,
    };

    // Remembers what locals stand for: prepared steps, and decisions that a following if asks about.
    private void Remember(StatementSyntax statement)
    {
        if (statement is not LocalDeclarationStatementSyntax declaration) return;
        foreach (var variable in declaration.Declaration.Variables)
        {
            if (variable.Initializer?.Value is not { } value) continue;
            var name = variable.Identifier.ValueText;
            prepared.Remove(name);
            decisions.Remove(name);
            if (Asks(value)) decisions.Add(name);
            else if (StepsIn(value).Count > 0) prepared[name] = value;
        }
    }
}
