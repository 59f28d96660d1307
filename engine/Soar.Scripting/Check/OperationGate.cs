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

    private void Statement(IOperation operation)
    {
        switch (operation)
        {
            case IExpressionStatementOperation { Operation: { } expression } when SymbolJudge.IsStep(expression.Type) && !rewritten:
                // Assigning a step to a variable prepares it; everything else throws it away.
                if (expression is IAssignmentOperation { Target: not IDiscardOperation }) break;
                Refuse(CheckCodes.NotAwaited, operation.Syntax, $"'{Short(operation.Syntax)}' prepares a step and throws it away: nothing is done until it is awaited.", "Put await in front of it.");
                break;
            case IForEachLoopOperation loop: ForEach(loop); break;
            case IBranchOperation { BranchKind: BranchKind.GoTo } jump when !jump.IsImplicit && jump.Syntax is GotoStatementSyntax:
                Refuse(CheckCodes.Flow, jump.Syntax, "'goto' is refused: jumps escape the meter.", "Use a loop.");
                break;
        }
    }

    private void Expression(IOperation operation)
    {
        switch (operation)
        {
            case IIsTypeOperation test: TypeOf(test.TypeOperand, operation); break;
            case ISimpleAssignmentOperation { Target: ILocalReferenceOperation { Local: var local } }: reassigned.Add(local); break;
            case ISimpleAssignmentOperation { Target: IDiscardOperation } thrown when SymbolJudge.IsStep(thrown.Value.Type):
                Refuse(CheckCodes.NotAwaited, operation.Syntax, $"'{Short(operation.Syntax)}' prepares a step and throws it away.", "Await it.");
                break;
        }
    }

    private void Variable(IVariableDeclaratorOperation variable)
    {
        var type = variable.Symbol.Type;
        if (variable.Symbol.IsRef) Refuse(CheckCodes.Syntax, variable.Syntax, $"'{variable.Symbol.Name}' is a reference to a variable.", "Copy the value.");
        TypeOf(type, variable);
        if (SymbolJudge.HoldsStep(type)) stepLocals.Add((variable.Symbol, variable.Syntax.GetLocation()));
        if (SymbolJudge.IsStep(type) && variable.GetVariableInitializer()?.Value is { } made) initializers[variable.Symbol] = made;
        if (SymbolJudge.HoldsTask(type) && variable.Syntax.Parent is not CatchDeclarationSyntax)
            Refuse(CheckCodes.TaskValue, variable.Syntax, $"The variable '{variable.Symbol.Name}' holds a Task: work would run outside the journal's order.", "Await the call where it stands, or use All(…) and ForEach(…).");
    }

    private void Invocation(IInvocationOperation call)
    {
        Symbol(call.TargetMethod, call);
        Sizes(call.TargetMethod, call.Arguments);
        if (call.IsImplicit || rewritten) return;
        foreach (var finding in judge.Habits(call)) findings.Add(finding);
        if (call.TargetMethod.Name == "Retry" && SymbolJudge.IsStep(call.TargetMethod.ContainingType)) retries.Add(call);
    }

    private void Property(IPropertyReferenceOperation reference)
    {
        var property = reference.Property;
        var written = IsWritten(reference);
        if (property.GetMethod is { } get && !(written && reference.Parent is ISimpleAssignmentOperation)) Symbol(get, reference);
        if (written)
        {
            if (property.SetMethod is { } set) Symbol(set, reference);
            else if (property.GetMethod is { } getter) Symbol(getter, reference); // a read-only property set in its own constructor
        }
    }

    private static bool IsWritten(IOperation reference) => reference.Parent switch
    {
        IAssignmentOperation assignment => assignment.Target == reference,
        IIncrementOrDecrementOperation => true,
        ITupleOperation tuple => InTarget(tuple),
        IArgumentOperation argument => argument.Parameter?.RefKind is RefKind.Ref or RefKind.Out,
        _ => false,
    };

    private static bool InTarget(IOperation tuple)
    {
        for (var at = tuple; at.Parent is not null; at = at.Parent)
        {
            if (at.Parent is IDeconstructionAssignmentOperation deconstruction) return deconstruction.Target == at;
            if (at.Parent is not (ITupleOperation or IConversionOperation)) return false;
        }

        return false;
    }

    private void MethodReference(IMethodReferenceOperation reference)
    {
        Symbol(reference.Method, reference);
        if (!rewritten && !IsOwn(reference.Method) && (SymbolJudge.OnlyToBeCalled(reference.Method) || judge.SizesOf(reference.Method) is not null || judge.IsReplaced(reference.Method)))
            Refuse(CheckCodes.Size, reference.Syntax, $"'{Short(reference.Syntax)}' is kept as a delegate; what it is called with could not be checked or capped.", "Call it in a lambda.");
    }

    private void SortedByCulture(IObjectCreationOperation creation)
    {
        if (rewritten || creation.Type is not INamedTypeSymbol { Name: "SortedDictionary" or "SortedSet" or "SortedList" } type) return;
        if (type.TypeArguments.Length > 0 && SymbolJudge.HoldsText(type.TypeArguments[0]) && !creation.Arguments.Any(a => a.Parameter?.Type.Name is "IComparer"))
            Refuse(CheckCodes.Culture, creation.Syntax, $"'{type.Name}' sorts texts by culture.", $"Say how: new {type.Name}<…>(StringComparer.Ordinal).");
    }

    /// <summary>In rewritten code every size that an amplifier takes went through <c>Capped.Size</c>, or is a small constant.</summary>
    private void Sizes(IMethodSymbol method, IEnumerable<IArgumentOperation> arguments)
    {
        if (!rewritten || judge.SizesOf(method) is not { } sizes) return;
        foreach (var argument in arguments)
            if (argument.Parameter is { } parameter && sizes.Contains(parameter.Name)) Size(argument.Value);
    }

    private void Size(IOperation size)
    {
        var value = size is IConversionOperation { Operand: var inner } ? inner : size;
        if (value.ConstantValue is { HasValue: true, Value: int and <= SymbolJudge.LargestConstantSize }) return;
        if (value is IInvocationOperation { TargetMethod: var method } && SymbolJudge.IsCapped(method)) return;
        Refuse(CheckCodes.Size, size.Syntax, $"The size '{Short(size.Syntax)}' is {(value.ConstantValue.HasValue ? "too large" : "not capped")}.", value.ConstantValue.HasValue ? $"At most {SymbolJudge.LargestConstantSize}; use a list." : "This is a gap in the rewriter: report it with the playbook.");
    }

    private void Instance(IInstanceReferenceOperation instance)
    {
        if (rewritten || instance.IsImplicit || instance.Syntax is not (ThisExpressionSyntax or BaseExpressionSyntax)) return;
        if (instance.Type is INamedTypeSymbol type && SymbolJudge.IsPlaybookClass(type))
            Refuse(CheckCodes.Engine, instance.Syntax, "'this' is the engine's object.", "Name the member directly.");
    }

    private void Argument(IArgumentOperation argument)
    {
        if (argument.InConversion.MethodSymbol is { } conversion) Symbol(conversion, argument);
        if (argument.OutConversion.MethodSymbol is { } back) Symbol(back, argument);
        if (rewritten || argument.ArgumentKind != ArgumentKind.Explicit || argument.Parameter is not { } parameter) return;
        if (SymbolJudge.IsSite(parameter.Type))
            Refuse(CheckCodes.Engine, argument.Syntax, $"The argument '{parameter.Name}' is the engine's: it says where in the playbook a step stands.", "Leave it out.");
    }

    private void Conversion(IConversionOperation conversion)
    {
        Operator(conversion.OperatorMethod, conversion);
        if (rewritten) return;
        if (!conversion.IsImplicit) TypeOf(conversion.Type, conversion);
        // As an object it is one ToString away from its stack trace.
        if (conversion.Type?.SpecialType != SpecialType.System_Object) return;
        ExceptionAsText(conversion.Operand);
        if (SymbolJudge.IsStep(conversion.Operand.Type))
            Refuse(CheckCodes.NotAwaited, conversion.Syntax, $"'{Short(conversion.Syntax)}' is a step that was prepared and not done: as a value it would only describe itself.", "Put await in front of it.");
    }

    private void Binary(IBinaryOperation binary)
    {
        Operator(binary.OperatorMethod, binary);
        if (binary.Type?.TypeKind == TypeKind.Delegate)
            Refuse(CheckCodes.DelegateSum, binary.Syntax, $"'{Short(binary.Syntax)}' adds delegates.", "Call them one after the other.");
        if (!rewritten && binary is { OperatorKind: BinaryOperatorKind.Add, Type.SpecialType: SpecialType.System_String })
        {
            ExceptionAsText(binary.LeftOperand);
            ExceptionAsText(binary.RightOperand);
        }
    }

    private void TupleBinary(ITupleBinaryOperation tuples)
    {
        foreach (var side in new[] { tuples.LeftOperand.Type, tuples.RightOperand.Type })
        {
            if (side is not INamedTypeSymbol { IsTupleType: true } tuple || !tuple.TupleElements.All(e => judge.ComparesPlainly(e.Type)))
            {
                Refuse(CheckCodes.NotAllowed, tuples.Syntax, $"'{Short(tuples.Syntax)}' compares tuples of more than numbers, texts and enums.", "Compare the elements one by one.");
                return;
            }
        }
    }

    private void Compound(ICompoundAssignmentOperation compound)
    {
        Operator(compound.OperatorMethod, compound);
        if (compound.InConversion.MethodSymbol is { } conversion) Symbol(conversion, compound);
        if (compound.OutConversion.MethodSymbol is { } back) Symbol(back, compound);
        if (compound.Target.Type?.TypeKind == TypeKind.Delegate)
            Refuse(CheckCodes.DelegateSum, compound.Syntax, $"'{Short(compound.Syntax)}' adds delegates.", "Keep them in a list and call each.");
        if (compound.Type?.SpecialType == SpecialType.System_String) ExceptionAsText(compound.Value);
    }

    private void Operator(IMethodSymbol? method, IOperation operation)
    {
        if (method is not null && method.MethodKind != MethodKind.BuiltinOperator) Symbol(method, operation);
    }

    private void Deconstruction(IDeconstructionAssignmentOperation operation)
    {
        var info = operation.Syntax switch
        {
            AssignmentExpressionSyntax assignment => model.GetDeconstructionInfo(assignment),
            ForEachVariableStatementSyntax each => model.GetDeconstructionInfo(each),
            _ => default(DeconstructionInfo?),
        };
        if (info is { } known) Deconstruct(known, operation);
        else Fail(operation, "is a deconstruction that cannot be looked into");
    }

    private void Deconstruct(DeconstructionInfo info, IOperation operation)
    {
        if (info.Method is { } method) Symbol(method, operation, byCompiler: true);
        if (info.Conversion is { MethodSymbol: { } conversion }) Symbol(conversion, operation);
        foreach (var nested in info.Nested) Deconstruct(nested, operation);
    }

    private void ForEach(IForEachLoopOperation loop)
    {
        if (loop.Syntax is not CommonForEachStatementSyntax syntax)
        {
            Fail(loop, "is a loop that cannot be looked into");
            return;
        }

        var info = model.GetForEachStatementInfo(syntax);
        if (info.IsAsynchronous) Refuse(CheckCodes.Flow, syntax, "'await foreach' is refused.", "Await the list, then use foreach.");
        foreach (var method in new[] { info.GetEnumeratorMethod, info.MoveNextMethod, info.CurrentProperty?.GetMethod, info.DisposeMethod })
            if (method is not null) Symbol(method, loop, byCompiler: true);
        if (info.ElementConversion.MethodSymbol is { } element) Symbol(element, loop);
        if (info.CurrentConversion.MethodSymbol is { } current) Symbol(current, loop);
        if (info.ElementType is { } type)
        {
            TypeOf(type, loop);
            if (SymbolJudge.HoldsTask(type)) Refuse(CheckCodes.TaskValue, loop.Syntax, "This loop runs over Tasks.", "Use All(…) or ForEach(…).");
        }

        if (syntax is ForEachVariableStatementSyntax variables) Deconstruct(model.GetDeconstructionInfo(variables), loop);
    }

    private void Spread(ISpreadOperation spread)
    {
        // The compiler enumerates what is spread; which methods it takes is seen in the emitted assembly (gate e), the type here.
        if (spread.ElementType is { } type) TypeOf(type, spread);
        if (spread.ElementConversion.MethodSymbol is { } conversion) Symbol(conversion, spread);
    }

    private void Await(IAwaitOperation awaited)
    {
        var operand = awaited.Operation;
        if (awaited.Syntax is not AwaitExpressionSyntax syntax)
        {
            Fail(awaited, "awaits something that cannot be looked into");
            return;
        }

        if (operand.Type is IErrorTypeSymbol) return; // The compiler has refused it, and has said why.
        var info = model.GetAwaitExpressionInfo(syntax);
        if (!SymbolJudge.IsStep(operand.Type))
        {
            Refuse(CheckCodes.Awaiter, awaited.Syntax, $"'{Short(operand.Syntax)}' is awaited but is no step ({operand.Type?.ToDisplayString()}).", "Await steps only: actions, combinators (All, ForEach, Any), Wait, Ask and your own async Step functions.");
            return;
        }

        foreach (var method in new[] { info.GetAwaiterMethod, info.IsCompletedProperty?.GetMethod, info.GetResultMethod })
        {
            if (method is null) continue;
            if (IsOwn(method)) Refuse(CheckCodes.Awaiter, awaited.Syntax, $"'{method.Name}' is an awaiter of your own.", "Await steps only.");
            else Symbol(method, awaited, byCompiler: true);
        }
    }

    private void Array(IArrayCreationOperation array)
    {
        if (!rewritten) return;
        // The compiler's own arrays (params, collection expressions) have constant sizes; a written size went through Capped.Size.
        foreach (var size in array.DimensionSizes) Size(size);
    }

    private void Pattern(IOperation operation)
    {
        if (operation is IPatternOperation { InputType: { } input }) TypeOf(input, operation);
        switch (operation)
        {
            case IDeclarationPatternOperation { MatchedType: { } type }: TypeOf(type, operation); break;
            case ITypePatternOperation pattern: TypeOf(pattern.MatchedType, operation); break;
            case IRecursivePatternOperation pattern:
                TypeOf(pattern.MatchedType, operation);
                if (pattern.DeconstructSymbol is { } deconstruct) Symbol(deconstruct, operation, byCompiler: true);
                break;
            case IListPatternOperation pattern:
                if (pattern.LengthSymbol is { } length) Symbol(length, operation);
                if (pattern.IndexerSymbol is { } indexer) Symbol(indexer, operation);
                break;
            case ISlicePatternOperation { SliceSymbol: { } slice }: Symbol(slice, operation); break;
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
