using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Soar.Scripting.Check;

/// <summary>Async functions, <c>using</c>, the names in type positions, and the proof that nothing was overlooked.</summary>
internal sealed partial class OperationGate
{
    private void Function(IMethodSymbol function, SyntaxNode syntax)
    {
        foreach (var parameter in function.Parameters)
        {
            if (judge.RefusesType(parameter.Type, implicitly: false) is { } why) Refuse(why.Code, syntax, why.Message, why.Remedy);
            if (SymbolJudge.HoldsTask(parameter.Type) && !rewritten)
                Refuse(CheckCodes.TaskValue, syntax, $"The parameter '{parameter.Name}' is a Task.", "Hand over what the awaited call returns.");
        }

        if (rewritten) return;
        if (function.IsAsync && function.ReturnsVoid)
            Refuse(CheckCodes.AsyncVoid, syntax, $"'{function.Name}' is async void: nobody could await it.", "Write async Step.");
        else if (function.IsAsync && !SymbolJudge.IsStep(function.ReturnType))
            Refuse(CheckCodes.AsyncVoid, syntax, $"'{function.Name}' is async and returns {function.ReturnType.ToDisplayString()}.", "Write async Step, or async Step<…> with a result.");
        else if (SymbolJudge.HoldsTask(function.ReturnType))
            Refuse(CheckCodes.TaskValue, syntax, $"'{function.Name}' returns a Task.", "Return a Step.");
    }

    private void Lambda(IAnonymousFunctionOperation lambda)
    {
        foreach (var parameter in lambda.Symbol.Parameters)
            if (judge.RefusesType(parameter.Type, implicitly: true) is { } why) Refuse(why.Code, lambda.Syntax, why.Message, why.Remedy);
        if (rewritten || !lambda.Symbol.IsAsync) return;
        if (lambda.Symbol.ReturnsVoid)
            Refuse(CheckCodes.AsyncVoid, lambda.Syntax, "An async lambda without a result is async void: nobody could await it.", "Hand it to ForEach(…) or All(…), or use an async local function.");
        else if (!HandedToCombinator(lambda))
            Refuse(CheckCodes.AsyncLambda, lambda.Syntax, "An async lambda here would run its steps as often as the result is looked at, in no order the journal knows.", "Use ForEach(items, async item => …), which returns the results in item order.");
    }

    // Directly an argument of a word of the language: ForEach(items, async x => …), All(async () => …).
    private bool HandedToCombinator(IOperation function)
    {
        var at = function.Parent;
        while (at is IDelegateCreationOperation or IConversionOperation or IArrayInitializerOperation or IArrayCreationOperation or ICollectionExpressionOperation or IParenthesizedOperation) at = at.Parent;
        return at is IArgumentOperation { Parent: IInvocationOperation call } && judge.IsLanguage(call.TargetMethod);
    }

    private void Using(IOperation resources, SyntaxNode syntax)
    {
        var types = resources switch
        {
            IVariableDeclarationGroupOperation group => group.Declarations.SelectMany(d => d.Declarators).Select(d => d.Symbol.Type),
            { Type: { } type } => [type],
            _ => [],
        };
        foreach (var type in types)
        {
            if (IsOwnType(type))
            {
                Refuse(CheckCodes.Derives, syntax, $"'{type.Name}' has a Dispose of its own.", "Use try and finally.");
                continue;
            }

            var dispose = compilation.GetSpecialType(SpecialType.System_IDisposable).GetMembers("Dispose").OfType<IMethodSymbol>().First();
            var implementation = type.FindImplementationForInterfaceMember(dispose) as IMethodSymbol ?? dispose;
            if (judge.Refuses(implementation, byCompiler: true) is { } why) Refuse(why.Code, syntax, why.Message, why.Remedy);
        }
    }

    private bool IsOwnType(ITypeSymbol type) => SymbolEqualityComparer.Default.Equals(type.OriginalDefinition.ContainingAssembly, compilation.Assembly);

    /// <summary>Every name that means a type: declarations, type arguments, casts, static receivers, nameof. Operations do not show these.</summary>
    private void Names(SyntaxNode root)
    {
        foreach (var name in root.DescendantNodesAndSelf().OfType<SimpleNameSyntax>())
        {
            var symbol = model.GetSymbolInfo(name).Symbol;
            switch (symbol)
            {
                case INamedTypeSymbol type when !name.IsVar:
                    if (judge.RefusesType(type, implicitly: false) is { } why) Refuse(why.Code, name, why.Message, why.Remedy);
                    break;
                case INamespaceSymbol or IAliasSymbol when !rewritten && name.FirstAncestorOrSelf<UsingDirectiveSyntax>() is null:
                    break; // what matters is the type at its end
                case IMethodSymbol or IFieldSymbol or IEventSymbol when InNameOf(name):
                    break;
                case IEventSymbol @event:
                    Refuse(CheckCodes.NotAllowed, name, $"The event '{@event.Name}' is refused.", "Playbooks have no events.");
                    break;
                case IMethodSymbol method:
                    if (judge.Refuses(method, byCompiler: false) is { } refused) Refuse(refused.Code, name, refused.Message, refused.Remedy);
                    break;
            }
        }

        foreach (var predefined in root.DescendantNodesAndSelf().OfType<PredefinedTypeSyntax>())
            if (model.GetTypeInfo(predefined).Type is { } type && judge.RefusesType(type, implicitly: false) is { } why) Refuse(why.Code, predefined, why.Message, why.Remedy);
    }

    private static bool InNameOf(SyntaxNode node) =>
        node.Ancestors().OfType<InvocationExpressionSyntax>().Any(i => i.Expression is IdentifierNameSyntax { Identifier.ValueText: "nameof" });

    /// <summary>
    /// The walk is only worth what it saw: each expression and statement of the playbook has its operation among those visited, or is one of the few
    /// kinds of syntax that have none. Anything else is refused.
    /// </summary>
    private void ProveSeen(SyntaxNode root)
    {
        foreach (var node in root.DescendantNodesAndSelf())
        {
            if (node is not (ExpressionSyntax or StatementSyntax or PatternSyntax) || InNameOf(node)) continue;
            if (OperationOf(node) is { } operation ? seen.Contains(operation) : HasNoOperation(node)) continue;
            if (node is RefTypeSyntax or RefExpressionSyntax)
            {
                Refuse(CheckCodes.Syntax, node, $"'{Short(node)}' is a reference to a variable.", "Copy the value.");
                continue;
            }

            Refuse(CheckCodes.Unseen, node, $"The checker did not see '{Short(node)}' ({node.RawKind}).", "Report this with the playbook; write it differently meanwhile.");
        }
    }

    private bool HasNoOperation(SyntaxNode node)
    {
        switch (node)
        {
            case TypeSyntax when node.Parent is MemberAccessExpressionSyntax access && access.Name == node:
            case TypeSyntax when node.Parent is MemberBindingExpressionSyntax or NameColonSyntax or NameEqualsSyntax or QualifiedNameSyntax or UsingDirectiveSyntax:
            case PredefinedTypeSyntax or NullableTypeSyntax or ArrayTypeSyntax or TupleTypeSyntax or OmittedArraySizeExpressionSyntax:
                return true;
            case SimpleNameSyntax or QualifiedNameSyntax or AliasQualifiedNameSyntax or MemberAccessExpressionSyntax:
                // a type or namespace (global::… is what the rewriter writes), whose name was judged by Names; or the method group of a call, judged with the call
                return model.GetSymbolInfo(node).Symbol is ITypeSymbol or INamespaceSymbol or IMethodSymbol || node is SimpleNameSyntax { IsVar: true };
            case ParenthesizedExpressionSyntax inner:
                return Stands(inner.Expression);
            case PostfixUnaryExpressionSyntax postfix: // x!
                return Stands(postfix.Operand);
            case InitializerExpressionSyntax or ImplicitElementAccessSyntax:
                return node.DescendantNodes().OfType<ExpressionSyntax>().All(Stands);
            case VarPatternSyntax variable: // var (a, b): the operation hangs on what is declared
                return OperationOf(variable.Designation) is { } declared && seen.Contains(declared);
            case ParenthesizedPatternSyntax inner:
                return Stands(inner.Pattern);
            case MemberBindingExpressionSyntax or ElementBindingExpressionSyntax:
                return node.Parent is InvocationExpressionSyntax call && Stands(call);
            case CheckedExpressionSyntax inner:
                return Stands(inner.Expression);
            case CheckedStatementSyntax inner:
                return Stands(inner.Block);
            case RefExpressionSyntax:
                return rewritten;
            case DeclarationExpressionSyntax:
                return node.Parent is AssignmentExpressionSyntax or ForEachVariableStatementSyntax;
            case LocalFunctionStatementSyntax or LocalDeclarationStatementSyntax:
                return false;
            default:
                return false;
        }
    }

    private bool Stands(SyntaxNode node) => OperationOf(node) is { } operation ? seen.Contains(operation) : HasNoOperation(node);
}
