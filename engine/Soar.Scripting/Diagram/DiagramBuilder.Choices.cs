using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Soar.Scripting;

internal sealed partial class DiagramBuilder
{
    // ---- branches inside expressions

    private void Choose(ConditionalExpressionSyntax either, string? title, Action<ExpressionSyntax> arm, AwaitExpressionSyntax? wait)
    {
        Expression(either.Condition, either);
        var id = IdOf(title, "if-" + Words(either.Condition.ToString()));
        var ways = Ways(either.Condition);
        Group(DiagramGroupKind.Branch, Unique(id + "-branch"), title ?? "", "", either.Span, () =>
        {
            Leaf(DiagramNodeKind.Decision, id, (title, ways.Question), OneLine(either.Condition), either.Condition.Span, more: node => node with { Text = ways.Text });
            Claim(id, wait);
            var (yes, no) = ConditionBranches(id, either.Condition, either.SpanStart);
            var exits = new List<Exit>();
            Arm(id, new(id, ways.True, ways.TrueLabel, yes), either.WhenTrue.Span, () => arm(either.WhenTrue), exits, "then");
            Arm(id, new(id, ways.False, ways.FalseLabel, no), either.WhenFalse.Span, () => arm(either.WhenFalse), exits, "else");
            pending = exits;
        });
    }

    private void ShortCircuit(BinaryExpressionSyntax both, SyntaxNode within)
    {
        var id = Unique("if-" + Words(both.Left.ToString()));
        var and = both.IsKind(SyntaxKind.LogicalAndExpression);
        var ways = Ways(both.Left);
        Group(DiagramGroupKind.Branch, Unique(id + "-branch"), "", "", both.Span, () =>
        {
            Leaf(DiagramNodeKind.Decision, id, (null, ways.Question), OneLine(both.Left), both.Left.Span, more: node => node with { Text = ways.Text });
            var (yes, no) = ConditionBranches(id, both.Left, both.SpanStart);
            var exits = new List<Exit>();
            Arm(id, new(id, ways.True, ways.TrueLabel, yes), both.Right.Span, () => { if (and) Expression(both.Right, within); }, exits, "then");
            Arm(id, new(id, ways.False, ways.FalseLabel, no), both.Right.Span, () => { if (!and) Expression(both.Right, within); }, exits, "else");
            pending = exits;
        });
    }

    private void SwitchExpression(SwitchExpressionSyntax choice, string? title, Action<ExpressionSyntax> arm, AwaitExpressionSyntax? wait)
    {
        Expression(choice.GoverningExpression, choice);
        var id = IdOf(title, "switch-" + Words(choice.GoverningExpression.ToString()));
        Group(DiagramGroupKind.Branch, Unique(id + "-branch"), title ?? "", "", choice.Span, () =>
        {
            Leaf(DiagramNodeKind.Decision, id, (title, Short(Quiet(choice.GoverningExpression), 48) + "?"), OneLine(choice.GoverningExpression), choice.GoverningExpression.Span, more: node => node with { Text = Quiet(choice.GoverningExpression) + "?" });
            Claim(id, wait);
            var exits = new List<Exit>();
            foreach (var one in choice.Arms)
            {
                var words = one is { Pattern: DiscardPatternSyntax, WhenClause: null } ? "otherwise" : OneLine(one.Pattern) + (one.WhenClause is { } when ? " " + OneLine(when) : "");
                var branch = ArmBranch(id, one, words);
                Arm(id, new(id, CaseKind(words), titles.TitleOf(one) ?? WayOf(words), branch), one.Span, () =>
                {
                    if (one.Expression is ThrowExpressionSyntax error) Throw(error.Expression, error, null);
                    else arm(one.Expression);
                }, exits, Words(words));
            }
            pending = exits;
        });
    }

    private static string WayOf(string words) => CaseKind(words) == DiagramEdgeKind.Case || words.Contains(' ') ? words : words[(words.LastIndexOf('.') + 1)..].ToLowerInvariant();

    private static DiagramEdgeKind CaseKind(string label) =>
        label.EndsWith("DecisionKind.Approved", StringComparison.Ordinal) ? DiagramEdgeKind.Approved
        : label.EndsWith("DecisionKind.Refused", StringComparison.Ordinal) ? DiagramEdgeKind.Refused
        : label.EndsWith("DecisionKind.Expired", StringComparison.Ordinal) ? DiagramEdgeKind.Expired
        : DiagramEdgeKind.Case;

    private readonly record struct TwoWays(string Question, DiagramEdgeKind True, string TrueLabel, DiagramEdgeKind False, string FalseLabel, string Text = "");

    /// <summary>What the two ways of a condition mean; after an Ask they are approved, refused, expired.</summary>
    private TwoWays Ways(ExpressionSyntax condition)
    {
        var negated = false;
        var core = condition;
        while (true)
        {
            if (core is ParenthesizedExpressionSyntax inner) core = inner.Expression;
            else if (core is PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.LogicalNotExpression } not) (core, negated) = (not.Operand, !negated);
            else break;
        }
        var plain = new TwoWays(Short(Quiet(condition), 64) + "?", DiagramEdgeKind.True, "yes", DiagramEdgeKind.False, "no", Quiet(condition) + "?");
        if (core is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Approved" } approved && IsDecision(approved.Expression))
        {
            return negated
                ? new("Approved?", DiagramEdgeKind.Refused, "refused or expired", DiagramEdgeKind.Approved, "approved")
                : new("Approved?", DiagramEdgeKind.Approved, "approved", DiagramEdgeKind.Refused, "refused or expired");
        }
        var (subject, kind) = core switch
        {
            BinaryExpressionSyntax { RawKind: (int)SyntaxKind.EqualsExpression } equal => (equal.Left, equal.Right.ToString()),
            BinaryExpressionSyntax { RawKind: (int)SyntaxKind.NotEqualsExpression } unequal => (unequal.Left, unequal.Right.ToString()),
            IsPatternExpressionSyntax { Pattern: ConstantPatternSyntax constant } matches => (matches.Expression, constant.ToString()),
            BinaryExpressionSyntax { RawKind: (int)SyntaxKind.IsExpression } matches => (matches.Left, matches.Right.ToString()),
            _ => (core, ""),
        };
        if (CaseKind(kind) is var meaning and not DiagramEdgeKind.Case && subject is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Kind" } member && IsDecision(member.Expression))
        {
            if (core.IsKind(SyntaxKind.NotEqualsExpression)) negated = !negated;
            var word = kind[(kind.LastIndexOf('.') + 1)..];
            var (yes, no) = ((meaning, word.ToLowerInvariant()), (DiagramEdgeKind.False, "not " + word.ToLowerInvariant()));
            return negated ? new($"{word}?", no.Item1, no.Item2, yes.meaning, yes.Item2) : new($"{word}?", yes.meaning, yes.Item2, no.Item1, no.Item2);
        }
        return plain;
    }

    private bool IsDecision(ExpressionSyntax expression) => StepSyntax.Core(expression) switch
    {
        IdentifierNameSyntax name => decisions.Contains(name.Identifier.ValueText),
        AwaitExpressionSyntax wait => StepSyntax.NameOf(StepSyntax.Core(wait.Expression)) is "Ask" or "Todo",
        _ => false,
    };

    // ---- ends

    private void Return(ExpressionSyntax? result, SyntaxNode statement, string? title)
    {
        switch (result)
        {
            case ConditionalExpressionSyntax either: Choose(either, title, arm => Return(arm, arm, null), null); return;
            case SwitchExpressionSyntax choice: SwitchExpression(choice, title, arm => Return(arm, arm, null), null); return;
            case ThrowExpressionSyntax error: Throw(error.Expression, error, title); return;
        }
        if (result is not null) Expression(result, statement);
        // A prepared step that a lambda gives back is done by the combinator around it.
        if (inFunction && result is not null && !flow.Contains(result) && IsStep(StepSyntax.Core(result)))
        {
            Made(result, null);
            pending = [];
            return;
        }
        var text = result is null ? "" : OneLine(result);
        if (inFunction)
        {
            Leaf(DiagramNodeKind.Return, IdOf(title, "return-" + Words(result?.ToString() ?? "", 32)), (title, ("Return " + Short(Quiet(text), 40)).Trim()), text, statement.Span, ends: true);
            return;
        }
        // What is given to the caller beside the outcome makes it no other end.
        var (end, given) = result is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "With", Expression: InvocationExpressionSyntax before }, ArgumentList.Arguments: [var value] } && IsOutcome(before)
            ? ((ExpressionSyntax?)before, (string?)OneLine(value))
            : (result, null);
        var outcome = end is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax access } call && IsOutcome(call)
            ? (Name: access.Name.Identifier.ValueText, Reason: string.Join(", ", call.ArgumentList.Arguments.Select(argument => OneLine(argument))))
            : (Name: end is AwaitExpressionSyntax { Expression: var awaited } && StepSyntax.NameOf(awaited) == "RunAgain" ? "Begin again" : "End", Reason: text);
        var detail = given is null ? outcome.Reason : $"{outcome.Reason}{(outcome.Reason.Length > 0 ? ", " : "")}gives {given}";
        Leaf(DiagramNodeKind.End, IdOf(title, "end-" + Words(end is InvocationExpressionSyntax ? Titles.Kebab(outcome.Name) : text)), (title, Spaced(outcome.Name)), detail, statement.Span, ends: true,
            more: node => node with { Action = outcome.Name, Text = end switch { InvocationExpressionSyntax { ArgumentList.Arguments: [var reason, ..] } => Plain(reason.Expression), InvocationExpressionSyntax said when IsOutcome(said) => "", AwaitExpressionSyntax or null => "", _ => Quiet(text) } });
    }

    private static bool IsOutcome(InvocationExpressionSyntax call) => call.Expression is MemberAccessExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.ValueText: "Outcome" } };

    private void Throw(ExpressionSyntax? error, SyntaxNode statement, string? title)
    {
        if (error is not null) Expression(error, statement);
        var text = error is null ? "throw;" : OneLine(error);
        var label = error switch { null => "the same error again", ObjectCreationExpressionSyntax created => created.Type.ToString(), _ => Short(text, 48) };
        Leaf(DiagramNodeKind.ErrorEnd, IdOf(title, "throw-" + Words(text, 32)), (title, "Throw " + label), text, statement.Span, ends: true,
            more: node => node with { Text = error is ObjectCreationExpressionSyntax { ArgumentList.Arguments: [var message, ..] } ? Plain(message.Expression) : "" });
    }
}
