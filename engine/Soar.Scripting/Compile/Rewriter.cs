using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using Microsoft.CodeAnalysis.Text;
using Soar.Scripting.Check;

namespace Soar.Scripting.Compile;

/// <summary>
/// Adds to a playbook what its author need not write: the site of every step, the meter at loops and functions, the filter that keeps a catch from
/// catching the end of a run, the caps on amplifiers. Only insertions, never a line break: every line of a stack trace is a line of the file.
/// </summary>
internal sealed partial class Rewriter : CSharpSyntaxWalker
{
    private const string Enter = "global::Soar.Language.Meter.Enter(); ";
    private const string Loop = "global::Soar.Language.Meter.Loop(); ";
    private const string Spent = "global::Soar.Language.Meter.Spent(); ";
    // A sum of very many texts is made in pieces: in one, a thousand times the longest would be there before anybody looks.
    private const int OperandsAtOnce = 8;
    private const string Catchable = "global::Soar.Language.Meter.Catchable";

    private readonly Splice splice;
    private readonly SemanticModel model;
    private readonly Func<TextSpan, StepSite> siteOf;
    private readonly bool trace;
    private readonly CancellationToken cancellation;
    private int depth;

    /// <param name="siteOf">The site of a call by its span in the bare file.</param>
    /// <param name="trace">Also tell the values that conditions look at; the text has the probes of <see cref="Tracing"/>.</param>
    public Rewriter(Splice splice, SemanticModel model, Func<TextSpan, StepSite> siteOf, bool trace, CancellationToken cancellation)
    {
        this.splice = splice;
        this.model = model;
        this.siteOf = siteOf;
        this.trace = trace;
        this.cancellation = cancellation;
    }

    public TextEdits Edits { get; } = new();

    /// <summary>Every step's site; the number that the rewritten call carries is the index here.</summary>
    public List<StepSite> Sites { get; } = [];

    /// <summary>The type declarations of the language that the rewriter leans on.</summary>
    public static bool IsSite(ITypeSymbol type) => type is { Name: "Site", ContainingNamespace: { Name: "Language", ContainingNamespace: { Name: "Soar", ContainingNamespace.IsGlobalNamespace: true } } };

    /// <summary>Visits the playbook's statements, then its types.</summary>
    public void VisitAll(IReadOnlyList<StatementSyntax> statements, IEnumerable<SyntaxNode> roots)
    {
        Spend(statements.SkipWhile(statement => HeaderSyntax.Of(statement) is not null));
        foreach (var root in roots) Visit(root);
    }

    public override void Visit(SyntaxNode? node)
    {
        cancellation.ThrowIfCancellationRequested();
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        depth++;
        base.Visit(node);
        depth--;
    }

    public override void VisitInvocationExpression(InvocationExpressionSyntax node)
    {
        if (model.GetSymbolInfo(node, cancellation).Symbol is IMethodSymbol method)
        {
            Site(node, method.Parameters, node.ArgumentList.Arguments, node.ArgumentList.CloseParenToken);
            Cap(method, node.ArgumentList);
            Replace(method, node);
            if (trace && Tracing.ConditionOf(node) is { } looked) Values(looked.Condition, looked.Owner);
        }

        base.VisitInvocationExpression(node);
    }

    public override void VisitBlock(BlockSyntax node)
    {
        Spend(node.Statements);
        base.VisitBlock(node);
    }

    public override void VisitBinaryExpression(BinaryExpressionSyntax node)
    {
        if (node.IsKind(SyntaxKind.AddExpression) && IsSum(node) && (!IsSum(node.Parent) || Operands(node) % OperandsAtOnce == 0)) Sum(node);
        base.VisitBinaryExpression(node);
    }

    public override void VisitAssignmentExpression(AssignmentExpressionSyntax node)
    {
        if (node.IsKind(SyntaxKind.AddAssignmentExpression) && IsText(node)) Sum(node);
        base.VisitAssignmentExpression(node);
    }

    public override void VisitInterpolatedStringExpression(InterpolatedStringExpressionSyntax node)
    {
        if (model.GetOperation(node, cancellation) is IInterpolatedStringOperation { Type.SpecialType: SpecialType.System_String, ConstantValue.HasValue: false, Parent: not (IInterpolatedStringHandlerCreationOperation or IInterpolatedStringAdditionOperation) }
            && model.GetTypeInfo(node, cancellation).ConvertedType?.Name is not ("FormattableString" or "IFormattable"))
            Wrap(node, "Format");
        base.VisitInterpolatedStringExpression(node);
    }

    public override void VisitElementAccessExpression(ElementAccessExpressionSyntax node)
    {
        if (model.GetSymbolInfo(node, cancellation).Symbol is IPropertySymbol { IsIndexer: true } indexer)
            Site(node, indexer.Parameters, node.ArgumentList.Arguments, node.ArgumentList.CloseBracketToken);
        base.VisitElementAccessExpression(node);
    }

    public override void VisitObjectCreationExpression(ObjectCreationExpressionSyntax node)
    {
        if (node.ArgumentList is { } list && model.GetSymbolInfo(node, cancellation).Symbol is IMethodSymbol constructor) Cap(constructor, list);
        base.VisitObjectCreationExpression(node);
    }

    public override void VisitImplicitObjectCreationExpression(ImplicitObjectCreationExpressionSyntax node)
    {
        if (model.GetSymbolInfo(node, cancellation).Symbol is IMethodSymbol constructor) Cap(constructor, node.ArgumentList);
        base.VisitImplicitObjectCreationExpression(node);
    }

    public override void VisitArrayCreationExpression(ArrayCreationExpressionSyntax node)
    {
        // With an initializer the sizes are constants that its elements must match.
        if (node.Initializer is null)
        {
            foreach (var size in node.Type.RankSpecifiers[0].Sizes) CapSize(size);
        }

        base.VisitArrayCreationExpression(node);
    }

    public override void VisitForStatement(ForStatementSyntax node)
    {
        if (trace && node.Condition is { } condition && Tracing.OwnerOf(node.Statement) is { } owner) Values(condition, owner);
        LoopBody(node.Statement);
        base.VisitForStatement(node);
    }

    public override void VisitWhileStatement(WhileStatementSyntax node)
    {
        if (trace && Tracing.OwnerOf(node.Statement) is { } owner) Values(node.Condition, owner);
        LoopBody(node.Statement);
        base.VisitWhileStatement(node);
    }

    public override void VisitDoStatement(DoStatementSyntax node)
    {
        LoopBody(node.Statement);
        base.VisitDoStatement(node);
    }

    public override void VisitForEachStatement(ForEachStatementSyntax node)
    {
        LoopBody(node.Statement);
        base.VisitForEachStatement(node);
    }

    public override void VisitForEachVariableStatement(ForEachVariableStatementSyntax node)
    {
        LoopBody(node.Statement);
        base.VisitForEachVariableStatement(node);
    }

    public override void VisitLabeledStatement(LabeledStatementSyntax node)
    {
        Edits.Open(Bare(node.ColonToken.Span.End), depth, " " + Loop);
        base.VisitLabeledStatement(node);
    }

    public override void VisitSwitchSection(SwitchSectionSyntax node)
    {
        Spend(node.Statements);
        // goto case and goto default are loops too.
        if (node.Parent!.DescendantNodes().OfType<GotoStatementSyntax>().Any(jump => !jump.IsKind(SyntaxKind.GotoStatement)))
            Edits.Open(Bare(node.Statements[0].SpanStart), depth, Loop);
        base.VisitSwitchSection(node);
    }

    public override void VisitSwitchStatement(SwitchStatementSyntax node)
    {
        if (trace && Tracing.OwnerOf(node.Sections) is { } owner) Values(node.Expression, owner);
        base.VisitSwitchStatement(node);
    }

    public override void VisitSwitchExpression(SwitchExpressionSyntax node)
    {
        if (trace && Tracing.OwnerOf(node.Arms) is { } owner) Values(node.GoverningExpression, owner);
        base.VisitSwitchExpression(node);
    }

    public override void VisitCatchClause(CatchClauseSyntax node)
    {
        if (node.Filter is { } filter)
        {
            Edits.Open(Bare(filter.OpenParenToken.Span.End), depth, $"{Catchable} && (");
            Edits.Close(Bare(filter.CloseParenToken.SpanStart), depth, ")");
        }
        else
        {
            var end = node.Declaration?.CloseParenToken.Span.End ?? node.CatchKeyword.Span.End;
            Edits.Close(Bare(end), depth, $" when ({Catchable})");
        }

        base.VisitCatchClause(node);
    }

    public override void VisitSimpleLambdaExpression(SimpleLambdaExpressionSyntax node)
    {
        Lambda(node);
        base.VisitSimpleLambdaExpression(node);
    }

    public override void VisitParenthesizedLambdaExpression(ParenthesizedLambdaExpressionSyntax node)
    {
        Lambda(node);
        base.VisitParenthesizedLambdaExpression(node);
    }

    public override void VisitAnonymousMethodExpression(AnonymousMethodExpressionSyntax node)
    {
        EnterBlock(node.Block);
        base.VisitAnonymousMethodExpression(node);
    }

    public override void VisitLocalFunctionStatement(LocalFunctionStatementSyntax node)
    {
        Function(node, node.Body, node.ExpressionBody, node.SemicolonToken);
        base.VisitLocalFunctionStatement(node);
    }

    public override void VisitMethodDeclaration(MethodDeclarationSyntax node)
    {
        Function(node, node.Body, node.ExpressionBody, node.SemicolonToken);
        base.VisitMethodDeclaration(node);
    }

    public override void VisitConstructorDeclaration(ConstructorDeclarationSyntax node)
    {
        Function(node, node.Body, node.ExpressionBody, node.SemicolonToken);
        base.VisitConstructorDeclaration(node);
    }

    public override void VisitAccessorDeclaration(AccessorDeclarationSyntax node)
    {
        Function(node, node.Body, node.ExpressionBody, node.SemicolonToken);
        base.VisitAccessorDeclaration(node);
    }

    public override void VisitPropertyDeclaration(PropertyDeclarationSyntax node)
    {
        if (node.ExpressionBody is { } arrow) Getter(arrow, node.SemicolonToken);
        base.VisitPropertyDeclaration(node);
    }

    public override void VisitIndexerDeclaration(IndexerDeclarationSyntax node)
    {
        if (node.ExpressionBody is { } arrow) Getter(arrow, node.SemicolonToken);
        base.VisitIndexerDeclaration(node);
    }
}
