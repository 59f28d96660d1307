using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Soar.Scripting.Check;

/// <summary>
/// Gates b and c: a positive list of operations, and every symbol that each of them touches by its full signature, the ones the compiler calls by itself
/// included. Walks from every root operation below the given nodes and then proves that it saw every expression there.
/// </summary>
internal sealed partial class OperationGate(Compilation compilation, SemanticModel model, AllowList list, bool rewritten)
{
    /// <summary>What is said of an operation that nobody has a better word for.</summary>
    public const string Unknown = "is an operation that playbooks do not have";

    private const string InvalidRemedy = "Mend what the compiler reports here.";

    private readonly List<Finding> findings = [];
    private readonly HashSet<IOperation> seen = [];
    private readonly Dictionary<SyntaxNode, IOperation?> operations = [];
    private readonly HashSet<ILocalSymbol> used = new(SymbolEqualityComparer.Default);
    private readonly List<(ILocalSymbol Local, Location Place)> stepLocals = [];
    private readonly SymbolJudge judge = new(compilation, list, rewritten);

    /// <summary>Tests close the walker's eyes with it, to see that the proof notices.</summary>
    internal bool Blind { get; init; }

    public IReadOnlyList<Finding> Check(IEnumerable<SyntaxNode> roots)
    {
        var nodes = roots.ToList();
        foreach (var root in nodes)
        {
            foreach (var node in root.DescendantNodesAndSelf())
            {
                if (OperationOf(node) is not { } operation || seen.Contains(operation)) continue;
                // A statement inside a method body has the body as its parent; begin there only when the body is above the given root.
                if (operation.Parent is null || node == root || !root.FullSpan.Contains(operation.Parent.Syntax.Span)) Walk(operation);
            }
        }

        foreach (var root in nodes)
        {
            Names(root);
            ProveSeen(root);
        }

        foreach (var (local, place) in stepLocals)
            if (!used.Contains(local))
                Refuse(CheckCodes.NotAwaited, place, $"The step '{local.Name}' is prepared and then neither awaited nor handed on: it would never be done.", $"Write 'await {local.Name};' or leave it out.");
        Retries();
        return Quiet();
    }

    /// <summary>
    /// Where something else is refused, nobody needs to read that the walk could not look into it; where the compiler reports an error, nobody needs to
    /// read that its operation is invalid. Alone, both refuse the playbook.
    /// </summary>
    private List<Finding> Quiet()
    {
        if (rewritten) return findings;
        if (findings.Any(f => f.Code != CheckCodes.Unseen)) findings.RemoveAll(f => f.Code == CheckCodes.Unseen);
        if (findings.Any(f => f.Remedy == InvalidRemedy || f.Code == CheckCodes.Unseen) && compilation.GetDiagnostics().Any(d => d.Severity == DiagnosticSeverity.Error))
            findings.RemoveAll(f => f.Remedy == InvalidRemedy || f.Code == CheckCodes.Unseen);
        return findings;
    }

    // Asked several times of each node, and not cheap to ask.
    private IOperation? OperationOf(SyntaxNode node) =>
        operations.TryGetValue(node, out var known) ? known : operations[node] = model.GetOperation(node);

    private void Walk(IOperation root)
    {
        // An explicit stack: a playbook of 10,000 nested parentheses must not take ours.
        var stack = new Stack<IOperation>();
        stack.Push(root);
        while (!Blind && stack.TryPop(out var operation))
        {
            if (!seen.Add(operation)) continue;
            Operation(operation);
            if (operation is INameOfOperation) continue; // a constant; what stands in it is never evaluated
            foreach (var child in operation.ChildOperations) stack.Push(child);
        }
    }

    private void Operation(IOperation operation)
    {
        if (operation.Type is { } type && !(operation is IInstanceReferenceOperation { IsImplicit: true })) TypeOf(type, operation);
        switch (operation)
        {
            // statements
            case IBlockOperation or IExpressionStatementOperation or IReturnOperation or IConditionalOperation or IBranchOperation or IEmptyOperation
                or IThrowOperation or ISwitchOperation or ISwitchCaseOperation or ISwitchExpressionOperation or ISwitchExpressionArmOperation or ITryOperation
                or IVariableDeclarationGroupOperation or IVariableDeclarationOperation or IVariableInitializerOperation or IFieldInitializerOperation
                or IPropertyInitializerOperation or IParameterInitializerOperation or IMethodBodyOperation or IConstructorBodyOperation or ILoopOperation
                or ICaseClauseOperation or ILabeledOperation:
                Statement(operation);
                break;
            case ICatchClauseOperation caught:
                TypeOf(caught.ExceptionType, operation);
                break;
            case IUsingOperation use: Using(use.Resources, use.Syntax); break;
            case IUsingDeclarationOperation use: Using(use.DeclarationGroup, use.Syntax); break;
            case IVariableDeclaratorOperation variable: Variable(variable); break;
            case ILocalFunctionOperation function: Function(function.Symbol, function.Syntax); break;
            case IAnonymousFunctionOperation lambda: Lambda(lambda); break;

            // calls
            case IInvocationOperation call: Invocation(call); break;
            case IObjectCreationOperation creation:
                if (creation.Constructor is { } constructor)
                {
                    Symbol(constructor, operation);
                    Sizes(constructor, creation.Arguments);
                    SortedByCulture(creation);
                }
                else Fail(operation, "creates an object without a constructor that could be checked");
                break;
            case IPropertyReferenceOperation property: Property(property); break;
            case IFieldReferenceOperation field: Symbol(field.Field, operation); break;
            case IMethodReferenceOperation method: MethodReference(method); break;
            case ILocalReferenceOperation local: used.Add(local.Local); break;
            case IParameterReferenceOperation or IDiscardOperation or IDeclarationExpressionOperation or ILiteralOperation or IDefaultValueOperation or INameOfOperation
                or IParenthesizedOperation or IConditionalAccessOperation or IConditionalAccessInstanceOperation or ICoalesceOperation
                or ISimpleAssignmentOperation or ITupleOperation or IAnonymousObjectCreationOperation or IObjectOrCollectionInitializerOperation
                or IMemberInitializerOperation or IDelegateCreationOperation or IIsTypeOperation:
                Expression(operation);
                break;
            case IInstanceReferenceOperation instance: Instance(instance); break;
            case IArgumentOperation argument: Argument(argument); break;
            case IConversionOperation conversion: Conversion(conversion); break;
            case IBinaryOperation binary: Binary(binary); break;
            case ITupleBinaryOperation tuples: TupleBinary(tuples); break;
            case IUnaryOperation unary: Operator(unary.OperatorMethod, operation); break;
            case IIncrementOrDecrementOperation increment: Operator(increment.OperatorMethod, operation); break;
            case ICompoundAssignmentOperation compound: Compound(compound); break;
            case ICoalesceAssignmentOperation { Target: ILocalReferenceOperation { Local: var local } }: reassigned.Add(local); break;
            case ICoalesceAssignmentOperation: break;
            case IDeconstructionAssignmentOperation deconstruction: Deconstruction(deconstruction); break;
            case IAwaitOperation awaited: Await(awaited); break;
            case IWithOperation with:
                if (with.CloneMethod is { } clone && !IsOwn(clone) && judge.Of(clone.ContainingType).Permission != Permission.Playbook) Symbol(clone, operation);
                break;
            case IArrayCreationOperation array: Array(array); break;
            case IArrayInitializerOperation or IArrayElementReferenceOperation or IRangeOperation: break;
            case IImplicitIndexerReferenceOperation indexer:
                Symbol(indexer.LengthSymbol, operation);
                Symbol(indexer.IndexerSymbol, operation);
                break;
            case ICollectionExpressionOperation collection:
                if (collection.ConstructMethod is { } construct) Symbol(construct, operation, byCompiler: true);
                break;
            case ISpreadOperation spread: Spread(spread); break;
            case IInterpolatedStringOperation or IInterpolatedStringTextOperation or IInterpolatedStringHandlerCreationOperation or IInterpolatedStringAdditionOperation
                or IInterpolatedStringHandlerArgumentPlaceholderOperation:
                break;
            case IInterpolatedStringAppendOperation { AppendCall: IInvocationOperation append }: Appended(append); break;
            case IInterpolationOperation hole: Hole(hole); break;

            // patterns
            case IIsPatternOperation or IConstantPatternOperation or IDeclarationPatternOperation or ITypePatternOperation or IDiscardPatternOperation
                or IRelationalPatternOperation or INegatedPatternOperation or IBinaryPatternOperation or IPropertySubpatternOperation or ISlicePatternOperation
                or IListPatternOperation or IRecursivePatternOperation:
                Pattern(operation);
                break;

            default:
                Fail(operation, $"{Unknown} ({operation.Kind})");
                break;
        }
    }

    private bool IsOwn(ISymbol symbol) => SymbolEqualityComparer.Default.Equals(symbol.OriginalDefinition.ContainingAssembly, compilation.Assembly);

    private void Symbol(ISymbol symbol, IOperation operation, bool byCompiler = false)
    {
        if (symbol is IPropertySymbol property)
        {
            if (property.GetMethod is { } get) Symbol(get, operation, byCompiler);
            return;
        }

        if (judge.Refuses(symbol, byCompiler || operation.IsImplicit) is { } why)
            Refuse(why.Code, NameOf(operation.Syntax), why.Message, why.Remedy);
    }

    private void TypeOf(ITypeSymbol? type, IOperation operation)
    {
        if (type is null) return;
        if (judge.RefusesType(type, operation.IsImplicit || !IsWrittenType(operation)) is { } why)
            Refuse(why.Code, NameOf(operation.Syntax), why.Message, why.Remedy);
    }

    // A foreach over a list has List<T>.Enumerator in it, which no playbook may name; a variable or a cast names its type.
    private static bool IsWrittenType(IOperation operation) =>
        operation is IVariableDeclaratorOperation or IConversionOperation { IsImplicit: false } or IObjectCreationOperation or IDefaultValueOperation or IIsTypeOperation or IPatternOperation;

    private void Fail(IOperation operation, string what) =>
        Refuse(CheckCodes.Syntax, operation.Syntax, $"'{Short(operation.Syntax)}' {what}.", operation.Kind is OperationKind.Invalid or OperationKind.None ? InvalidRemedy : "See language.md for what is part of the language.");

    internal static SyntaxNode NameOf(SyntaxNode syntax) => syntax switch
    {
        InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax member } => member.Name,
        InvocationExpressionSyntax { Expression: MemberBindingExpressionSyntax member } => member.Name,
        InvocationExpressionSyntax { Expression: SimpleNameSyntax name } => name,
        MemberAccessExpressionSyntax member => member.Name,
        MemberBindingExpressionSyntax member => member.Name,
        ObjectCreationExpressionSyntax creation => creation.Type,
        CommonForEachStatementSyntax loop => loop.Expression,
        _ => syntax,
    };

    internal static string Short(SyntaxNode node)
    {
        var text = node.ToString().ReplaceLineEndings(" ");
        return text.Length <= 60 ? text : text[..57] + "...";
    }

    private void Refuse(string code, SyntaxNode place, string message, string remedy) => Refuse(code, place.GetLocation(), message, remedy);

    private void Refuse(string code, Location place, string message, string remedy) => findings.Add(new(code, place, message, remedy));
}
