using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Soar.Scripting.Check;

/// <summary>Operators, conversions and deconstructions: calls that nobody has written as such.</summary>
internal sealed partial class OperationGate
{
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
}
