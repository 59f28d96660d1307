using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Soar.Scripting.Compile;

/// <summary>
/// The tracing build: the probes of <see cref="DiagramBranches"/> go into the checked text, which then takes the ordinary way; the rewriter adds the
/// values that conditions look at. Lines and step ids are those of the file.
/// </summary>
internal static class Tracing
{
    private const string Hit = "global::Soar.Language.Trace.Hit";

    public static PlaybookSource Instrument(PlaybookSource source, CancellationToken cancellation)
    {
        var text = DiagramBranches.Instrument(source.BodyText(), DiagramBranches.Of(source.Tree, cancellation), Hit);
        return PlaybookSource.Parse(text, source.File, cancellation, isInstrumented: true);
    }

    /// <summary>The calls of both texts follow one another in the same order; the probes themselves do not count.</summary>
    public static Func<TextSpan, StepSite> Sites(PlaybookSource source, PlaybookSource probed, Titles titles)
    {
        var pairs = Calls(source.Root).Zip(Calls(probed.Root)).ToDictionary(pair => pair.Second.Span, pair => pair.First.Span);
        return span => titles.At(pairs[span]);
    }

    /// <summary>The condition whose outcome this probe tells, and the construct it belongs to; null for other probes and calls.</summary>
    public static (ExpressionSyntax Condition, string Owner)? ConditionOf(InvocationExpressionSyntax probe)
    {
        if (BranchOf(probe) is not { } branch || !branch.EndsWith("/true", StringComparison.Ordinal)) return null;
        var and = probe.Ancestors().OfType<BinaryExpressionSyntax>().FirstOrDefault(b => b.IsKind(SyntaxKind.LogicalAndExpression) && b.Right.Span.Contains(probe.Span));
        return and is null ? null : (and.Left, OwnerIn(branch));
    }

    /// <summary>The loop whose body this is.</summary>
    public static string? OwnerOf(StatementSyntax body) =>
        body is BlockSyntax { Statements: [ExpressionStatementSyntax { Expression: AssignmentExpressionSyntax entered }, ..] } && BranchOf(entered.Right) is { } branch ? OwnerIn(branch) : null;

    public static string? OwnerOf(SyntaxList<SwitchSectionSyntax> sections) =>
        sections.Select(section => section.Statements[0]).OfType<ExpressionStatementSyntax>().Select(first => BranchOf(first.Expression)).FirstOrDefault(id => id is not null) is { } branch
            ? OwnerIn(branch) : null;

    public static string? OwnerOf(SeparatedSyntaxList<SwitchExpressionArmSyntax> arms) =>
        arms.Select(arm => arm.WhenClause?.Condition is BinaryExpressionSyntax and ? and.Right : arm.WhenClause?.Condition).Select(BranchOf).FirstOrDefault(id => id is not null) is { } branch
            ? OwnerIn(branch) : null;

    /// <summary>What a condition compares: both sides of comparisons, what patterns look at, calls as a whole.</summary>
    public static IEnumerable<ExpressionSyntax> OperandsOf(ExpressionSyntax condition) => condition switch
    {
        ParenthesizedExpressionSyntax inner => OperandsOf(inner.Expression),
        PrefixUnaryExpressionSyntax not when not.IsKind(SyntaxKind.LogicalNotExpression) => OperandsOf(not.Operand),
        BinaryExpressionSyntax cast when cast.Kind() is SyntaxKind.IsExpression => OperandsOf(cast.Left),
        BinaryExpressionSyntax both when both.Kind() is SyntaxKind.LogicalAndExpression or SyntaxKind.LogicalOrExpression or SyntaxKind.EqualsExpression
            or SyntaxKind.NotEqualsExpression or SyntaxKind.LessThanExpression or SyntaxKind.LessThanOrEqualExpression or SyntaxKind.GreaterThanExpression
            or SyntaxKind.GreaterThanOrEqualExpression => OperandsOf(both.Left).Concat(OperandsOf(both.Right)),
        IsPatternExpressionSyntax pattern => OperandsOf(pattern.Expression),
        LiteralExpressionSyntax or TupleExpressionSyntax or AssignmentExpressionSyntax or DeclarationExpressionSyntax or LambdaExpressionSyntax or ThrowExpressionSyntax
            or CollectionExpressionSyntax or ConditionalExpressionSyntax or SwitchExpressionSyntax => [],
        _ => [condition],
    };

    /// <summary>The expression on one line, for people.</summary>
    public static string TextOf(ExpressionSyntax expression)
    {
        var text = string.Join(' ', expression.ToString().Split(default(char[]), StringSplitOptions.RemoveEmptyEntries));
        if (text.Contains(Hit, StringComparison.Ordinal)) return "…"; // a nested condition with probes of its own, which tell more
        return text.Length <= 120 ? text : string.Concat(text.AsSpan(0, 119), "…");
    }

    public static string Literal(string text) => SymbolDisplay.FormatLiteral(text, quote: true);

    private static IEnumerable<SyntaxNode> Calls(SyntaxNode root) =>
        root.DescendantNodes().Where(node => node is InvocationExpressionSyntax or ElementAccessExpressionSyntax && BranchOf(node as ExpressionSyntax) is null);

    private static string OwnerIn(string branch) => branch[..branch.LastIndexOf('/')];

    private static string? BranchOf(ExpressionSyntax? expression) =>
        expression is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax name, ArgumentList.Arguments: [{ Expression: LiteralExpressionSyntax { Token.Value: string branch } }] }
        && name.ToString() == Hit ? branch : null;
}
