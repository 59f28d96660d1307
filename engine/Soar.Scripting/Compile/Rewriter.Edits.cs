using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using Microsoft.CodeAnalysis.Text;
using Soar.Scripting.Check;

namespace Soar.Scripting.Compile;

/// <summary>What is inserted where.</summary>
internal sealed partial class Rewriter
{
    private void Site(ExpressionSyntax call, IReadOnlyList<IParameterSymbol> parameters, SeparatedSyntaxList<ArgumentSyntax> arguments, SyntaxToken close)
    {
        if (parameters.Count == 0 || !IsSite(parameters[^1].Type)) return;
        // A time-out is told under the name of the step that it limits.
        var named = StepSyntax.Core(call) is InvocationExpressionSyntax or ElementAccessExpressionSyntax ? StepSyntax.Core(call) : call;
        var site = siteOf(splice.ToBare(named.Span)!.Value);
        var comma = arguments.Count == 0 ? "" : ", ";
        Edits.Close(Bare(close.SpanStart), depth, $"{comma}{parameters[^1].Name}: new global::Soar.Language.Site({Sites.Count})");
        Sites.Add(site);
    }

    /// <summary>Wraps the size arguments of what makes much out of little; the allow-list names them.</summary>
    private void Cap(IMethodSymbol method, ArgumentListSyntax list)
    {
        if (!AllowList.Shipped.Sizes.TryGetValue(MemberNames.Member(method), out var sizes)) return;
        for (var i = 0; i < list.Arguments.Count; i++)
        {
            var argument = list.Arguments[i];
            var parameter = argument.NameColon?.Name.Identifier.ValueText ?? (i < method.Parameters.Length ? method.Parameters[i].Name : null);
            if (parameter is not null && sizes.Contains(parameter)) CapSize(argument.Expression);
        }
    }

    /// <summary>Gives a member that makes long texts the name of its counterpart in <c>CappedText</c>.</summary>
    private void Replace(IMethodSymbol method, InvocationExpressionSyntax call)
    {
        if (AllowList.Shipped.Member(MemberNames.Member(method)) != Permission.Replaced) return;
        var name = call.Expression switch
        {
            MemberAccessExpressionSyntax access => access.Name.Identifier,
            MemberBindingExpressionSyntax binding => binding.Name.Identifier,
            _ => default,
        };
        if (name != default) Edits.Replace(new TextSpan(Bare(name.SpanStart), name.Span.Length), "Capped" + name.ValueText);
    }

    /// <summary>The allocation counter is looked at before each statement behind the first that may allocate: straight-line code has no loop to look at it.</summary>
    private void Spend(IEnumerable<StatementSyntax> statements)
    {
        foreach (var statement in statements.Skip(1))
        {
            if (statement is not (LocalFunctionStatementSyntax or BlockSyntax or EmptyStatementSyntax or BreakStatementSyntax or ContinueStatementSyntax) && Allocates(statement))
                Edits.Open(Bare(statement.SpanStart), depth, Spent);
        }
    }

    private static bool Allocates(StatementSyntax statement) => statement
        .DescendantNodes(node => node is not (AnonymousFunctionExpressionSyntax or StatementSyntax) || node == statement)
        .Any(node => node is InvocationExpressionSyntax or BaseObjectCreationExpressionSyntax or ArrayCreationExpressionSyntax or InterpolatedStringExpressionSyntax or CollectionExpressionSyntax
            or BinaryExpressionSyntax { RawKind: (int)SyntaxKind.AddExpression } or AssignmentExpressionSyntax { RawKind: (int)SyntaxKind.AddAssignmentExpression } or WithExpressionSyntax
            or AnonymousObjectCreationExpressionSyntax or RangeExpressionSyntax);

    private bool IsText(SyntaxNode node) => model.GetTypeInfo(node, cancellation).Type?.SpecialType == SpecialType.System_String;

    private bool IsSum(SyntaxNode? node) => node is BinaryExpressionSyntax { RawKind: (int)SyntaxKind.AddExpression } sum && IsText(sum) && !model.GetConstantValue(sum, cancellation).HasValue
        && model.GetOperation(sum, cancellation) is IBinaryOperation;

    private static int Operands(ExpressionSyntax sum)
    {
        var operands = 1;
        for (; sum is BinaryExpressionSyntax { RawKind: (int)SyntaxKind.AddExpression } more; sum = more.Left) operands++;
        return operands;
    }

    private void Sum(ExpressionSyntax sum) => Wrap(sum, "Text");

    private void Wrap(ExpressionSyntax text, string by)
    {
        Edits.Open(Bare(text.SpanStart), depth, $"global::Soar.Language.Capped.{by}(");
        Edits.Close(Bare(text.Span.End), depth, ")");
    }

    private void CapSize(ExpressionSyntax size)
    {
        Edits.Open(Bare(size.SpanStart), depth + 1, "global::Soar.Language.Capped.Size(");
        Edits.Close(Bare(size.Span.End), depth + 1, ")");
    }

    /// <summary>Wraps what a condition looks at, where it looks: what it never evaluates is never told.</summary>
    private void Values(ExpressionSyntax condition, string owner)
    {
        foreach (var operand in Tracing.OperandsOf(condition))
        {
            if (model.GetConstantValue(operand, cancellation).HasValue || model.GetTypeInfo(operand, cancellation).Type is not { IsRefLikeType: false, SpecialType: not SpecialType.System_Void }) continue;
            var at = 0;
            for (SyntaxNode? node = operand; node is not null; node = node.Parent) at++;
            Edits.Open(Bare(operand.SpanStart), at, $"global::Soar.Language.Trace.Value({Tracing.Literal(owner)}, {Tracing.Literal(Tracing.TextOf(operand))}, ");
            Edits.Close(Bare(operand.Span.End), at, ")");
        }
    }

    private void LoopBody(StatementSyntax body)
    {
        if (body is BlockSyntax block)
        {
            Edits.Open(Bare(block.OpenBraceToken.Span.End), depth, " " + Loop);
            return;
        }

        Edits.Open(Bare(body.SpanStart), depth, "{ " + Loop);
        Edits.Close(Bare(body.Span.End), depth, " }");
    }

    private void EnterBlock(BlockSyntax block) => Edits.Open(Bare(block.OpenBraceToken.Span.End), depth, " " + Enter);

    /// <summary>
    /// <c>x => f(x)</c> becomes <c>x => { Enter(); return f(x); }</c>: a single return gives the delegate the same type as the expression did.
    /// </summary>
    private void Lambda(LambdaExpressionSyntax node)
    {
        if (node.Block is { } block)
        {
            EnterBlock(block);
            return;
        }

        var body = node.ExpressionBody!;
        var symbol = (IMethodSymbol)model.GetSymbolInfo(node, cancellation).Symbol!;
        Body(body, symbol);
    }

    private void Function(SyntaxNode node, BlockSyntax? block, ArrowExpressionClauseSyntax? arrow, SyntaxToken semicolon)
    {
        if (block is not null)
        {
            EnterBlock(block);
        }
        else if (arrow is not null && model.GetDeclaredSymbol(node, cancellation) is IMethodSymbol symbol)
        {
            Hide(arrow.ArrowToken);
            Body(arrow.Expression, symbol);
            Hide(semicolon);
        }
    }

    private void Getter(ArrowExpressionClauseSyntax arrow, SyntaxToken semicolon)
    {
        Hide(arrow.ArrowToken);
        Edits.Open(Bare(arrow.Expression.SpanStart), depth, $"{{ get {{ {Enter}return ");
        Edits.Close(Bare(arrow.Expression.Span.End), depth, "; } }");
        Hide(semicolon);
    }

    private void Body(ExpressionSyntax expression, IMethodSymbol symbol)
    {
        var isThrow = expression is ThrowExpressionSyntax;
        Edits.Open(Bare(expression.SpanStart), depth, "{ " + Enter + (ReturnsValue(symbol) && !isThrow ? "return " : ""));
        Edits.Close(Bare(expression.Span.End), depth, "; }");
    }

    private void Hide(SyntaxToken token) => Edits.Replace(new TextSpan(Bare(token.SpanStart), token.Span.Length), $"/*{token.Text}*/");

    private static bool ReturnsValue(IMethodSymbol method) =>
        !method.ReturnsVoid && !(method.IsAsync && method.ReturnType is INamedTypeSymbol { Arity: 0 });

    private int Bare(int wrapped) => splice.ToBare(new TextSpan(wrapped, 0))!.Value.Start;
}
