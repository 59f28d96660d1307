using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Soar.Scripting.Check;

/// <summary>Statements and what stands in them: variables, loops, awaits, patterns; steps that would never be done.</summary>
internal sealed partial class OperationGate
{
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
}
