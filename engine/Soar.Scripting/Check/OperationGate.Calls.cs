using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Soar.Scripting.Check;

/// <summary>Calls: what is called, with which arguments, and how large it may make what it gives.</summary>
internal sealed partial class OperationGate
{
    private void Invocation(IInvocationOperation call)
    {
        Symbol(call.TargetMethod, call);
        Sizes(call.TargetMethod, call.Arguments);
        if (call.IsImplicit || rewritten) return;
        foreach (var finding in judge.Habits(call)) findings.Add(finding);
        if (call is { TargetMethod: { Name: "ToString", Parameters.Length: 0 }, Instance: { } said }) ExceptionAsText(said);
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

    private void Array(IArrayCreationOperation array)
    {
        if (!rewritten) return;
        // The compiler's own arrays (params, collection expressions) have constant sizes; a written size went through Capped.Size.
        foreach (var size in array.DimensionSizes) Size(size);
    }
}
