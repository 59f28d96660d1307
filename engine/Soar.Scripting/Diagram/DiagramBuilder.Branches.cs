using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Soar.Scripting;

/// <summary>Branch ids and the probes that notice them; <see cref="DiagramBranches"/> documents the positions.</summary>
internal sealed partial class DiagramBuilder
{
    /// <param name="Construct">What the text belongs to: decides who is inside whom where several insertions share a position.</param>
    private sealed record Draft(int Position, string Text, bool Opens, TextSpan Construct, int Owner);

    private readonly List<(DiagramBranch Branch, Draft[] Drafts)> branches = [];
    private readonly HashSet<string> branchIds = [];

    private ImmutableArray<DiagramBranch> FinishBranches()
    {
        var order = branches.SelectMany(branch => branch.Drafts).Distinct()
            .OrderBy(draft => draft.Position)
            .ThenBy(draft => draft.Opens)
            .ThenBy(draft => draft.Opens ? -draft.Construct.End : -draft.Construct.Start)
            .ThenBy(draft => draft.Opens ? draft.Owner : -draft.Owner)
            .Select((draft, index) => (draft, index)).ToDictionary(pair => pair.draft, pair => pair.index);
        return
        [
            .. branches.Select(branch => branch.Branch with { Probes = [.. branch.Drafts.Select(draft => new DiagramProbe(draft.Position, draft.Text, order[draft]))] })
                .OrderBy(branch => branch.Span.Start),
        ];
    }

    private string Branch(DiagramBranchKind kind, string owner, string way, string label, TextSpan span, string? step, Func<string, Draft[]>? drafts = null)
    {
        var wanted = $"{owner}/{way}";
        var id = wanted;
        for (var n = 2; !branchIds.Add(id); n++) id = $"{wanted}-{n}";
        branches.Add((new(id, kind, owner, label, DiagramSpan.Of(tree, span), step is null ? DiagramBranchSource.Probe : DiagramBranchSource.Journal, step, []), drafts?.Invoke(id) ?? []));
        return id;
    }

    private (string? Yes, string? No) ConditionBranches(string owner, ExpressionSyntax condition, int construct)
    {
        if (condition.IsKind(SyntaxKind.TrueLiteralExpression) || condition.IsKind(SyntaxKind.FalseLiteralExpression) || condition.IsMissing) return (null, null);
        var text = OneLine(condition, 120);
        var yes = Branch(DiagramBranchKind.True, owner, "true", $"{text}: yes", condition.Span, null);
        var no = Branch(DiagramBranchKind.False, owner, "false", $"{text}: no", condition.Span, null);
        Draft[] probes =
        [
            new(condition.SpanStart, "(((", Opens: true, condition.Span, construct),
            new(condition.Span.End, $$""") && ({hit}("{{yes}}") || true)) || ({hit}("{{no}}") && false))""", Opens: false, condition.Span, construct),
        ];
        for (var i = 1; i <= 2; i++) branches[^i] = (branches[^i].Branch, probes);
        return (yes, no);
    }

    private string CaseBranch(string owner, SwitchSectionSyntax section, string words) =>
        Branch(DiagramBranchKind.Case, owner, Words(words), $"case {words}", section.Labels[0].Span, null, id => [Inside(section.Labels[^1].ColonToken, section.Span, id)]);

    private string NoCaseBranch(string owner, SwitchStatementSyntax choice) =>
        Branch(DiagramBranchKind.NoCase, owner, "no-case", "no case fits", choice.CloseBraceToken.Span, null,
            id => [new(choice.CloseBraceToken.SpanStart, $$"""default: {hit}("{{id}}"); break; """, Opens: true, choice.Span, choice.SpanStart)]);

    private string ArmBranch(string owner, SwitchExpressionArmSyntax arm, string words) =>
        Branch(DiagramBranchKind.Case, owner, Words(words), words, arm.Pattern.Span, null, id => arm.WhenClause is { } when
            ?
            [
                new(when.Condition.SpanStart, "(", Opens: true, when.Condition.Span, arm.SpanStart),
                new(when.Condition.Span.End, $$""") && {hit}("{{id}}")""", Opens: false, when.Condition.Span, arm.SpanStart),
            ]
            : [new(arm.Pattern.Span.End, $$""" when {hit}("{{id}}")""", Opens: false, arm.Pattern.Span, arm.SpanStart)]);

    private void LoopBranches(string owner, StatementSyntax loop, StatementSyntax body, string text, bool canSkip)
    {
        var entered = Branch(DiagramBranchKind.Entered, owner, "entered", $"{text}: at least once", loop.Span, null);
        var skipped = canSkip ? Branch(DiagramBranchKind.Skipped, owner, "skipped", $"{text}: not once", loop.Span, null) : null;
        var flag = $"__soarLoop{loop.SpanStart}";
        // Behind the loop's head, not before the body: so a title above an unbraced body stays directly above it, and with it the ids of the steps.
        var head = body.GetFirstToken().GetPreviousToken().Span.End;
        Draft[] probes =
        [
            new(loop.SpanStart, $"{{ bool {flag} = false; ", Opens: true, loop.Span, loop.SpanStart),
            new(head, $$""" { {{flag}} = {hit}("{{entered}}");""", Opens: true, body.Span, loop.SpanStart),
            new(body.Span.End, " }", Opens: false, body.Span, loop.SpanStart),
            new(loop.Span.End, $$""" if (!{{flag}}) {hit}("{{skipped}}"); }""", Opens: false, loop.Span, loop.SpanStart),
        ];
        for (var i = 1; i <= 2; i++) branches[^i] = (branches[^i].Branch, probes);
    }

    private string CatchBranch(string owner, CatchClauseSyntax handler, string what) =>
        Branch(DiagramBranchKind.Catch, owner, "catch-" + Words(what), $"on {what}", handler.Span, null, id => [Inside(handler.Block.OpenBraceToken, handler.Block.Span, id)]);

    private static Draft Inside(SyntaxToken opening, TextSpan construct, string id) =>
        new(opening.Span.End, $$""" {hit}("{{id}}");""", Opens: true, construct, opening.SpanStart);

    private void ItemBranches(string owner, StepSite site, string text)
    {
        Branch(DiagramBranchKind.Entered, owner, "entered", $"{text}: at least once", site.Span, site.Id);
        Branch(DiagramBranchKind.Skipped, owner, "skipped", $"{text}: not once", site.Span, site.Id);
    }

    private void StepBranches(string owner, StepSite site, ExpressionSyntax core, bool builtIn, ExpressionSyntax? doneAs = null)
    {
        // An answer that nobody looks at makes no ways; a question without a deadline cannot expire.
        if (builtIn && site.Action is "Ask" or "Todo" && IsLookedAt(core))
        {
            Branch(DiagramBranchKind.Approved, owner, "approved", "approved", site.Span, site.Id);
            Branch(DiagramBranchKind.Refused, owner, "refused", "refused", site.Span, site.Id);
            if (HasDeadline(core, site.Action == "Ask" ? 4 : 3)) Branch(DiagramBranchKind.Expired, owner, "expired", "nobody answered in time", site.Span, site.Id);
        }
        var combinator = StepSyntax.Lanes.Contains(site.Action) || StepSyntax.ItemLoops.Contains(site.Action);
        if (handlers > 0 && !(builtIn && (combinator || site.Action is "Ask" or "Todo" or "Form" or "Wait" or "WaitUntil" or "Receive" or "Note")))
            Branch(DiagramBranchKind.Error, owner, "error", $"{site.Id} fails", site.Span, site.Id);
        TimeoutBranch(owner, site, StepSyntax.ModifiersOf(core).Concat(doneAs is null ? [] : StepSyntax.ModifiersOf(doneAs)), anyway: builtIn && site.Action == "Receive" && HasDeadline(core, 2));
    }

    private void TimeoutBranch(string owner, StepSite site, IEnumerable<(string Name, InvocationExpressionSyntax Call)> modifiers, bool anyway = false)
    {
        if (anyway || modifiers.Any(modifier => modifier.Name == "Timeout"))
            Branch(DiagramBranchKind.Timeout, owner, "timeout", $"{site.Id} takes too long", site.Span, site.Id);
    }

    private static bool IsLookedAt(ExpressionSyntax core)
    {
        SyntaxNode? up = core.Parent;
        while (up is AwaitExpressionSyntax or ParenthesizedExpressionSyntax or MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Titled" or "Timeout" or "Retry" }
            || (up is InvocationExpressionSyntax call && StepSyntax.ModifiersOf(core).Any(modifier => modifier.Call == call))) up = up.Parent;
        return up is not (ExpressionStatementSyntax or LambdaExpressionSyntax or ArrowExpressionClauseSyntax) && up is not ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax { Parent: AwaitExpressionSyntax { Parent: ExpressionStatementSyntax } } };
    }

    private static bool HasDeadline(ExpressionSyntax core, int positional) => core is InvocationExpressionSyntax { ArgumentList.Arguments: var arguments }
        && (arguments.Any(argument => argument.NameColon?.Name.Identifier.ValueText == "within") || arguments.Count(argument => argument.NameColon is null) >= positional);
}
