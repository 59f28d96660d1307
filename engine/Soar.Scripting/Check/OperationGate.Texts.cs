using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Soar.Scripting.Check;

/// <summary>What becomes text: widths and formats without end, exceptions with their stack traces.</summary>
internal sealed partial class OperationGate
{
    private void Hole(IInterpolationOperation hole)
    {
        if (rewritten) return;
        ExceptionAsText(hole.Expression);
        Alignment(hole.Alignment);
        Format(hole.FormatString);
        Fits(hole.Expression, hole.FormatString);
    }

    // A hole of a Text, or of any other handler: AppendFormatted(value, alignment, format).
    private void Appended(IInvocationOperation append)
    {
        if (rewritten) return;
        foreach (var argument in append.Arguments)
        {
            if (argument.Parameter?.Name == "alignment") Alignment(argument.Value);
            else if (argument.Parameter?.Name == "format") Format(argument.Value);
            else ExceptionAsText(argument.Value);
        }

        if (append.Arguments.FirstOrDefault(argument => argument.Parameter?.Name == "format") is { } format) Fits(append.Arguments[0].Value, format.Value);
    }

    private void Alignment(IOperation? alignment)
    {
        if (alignment?.ConstantValue is { HasValue: true, Value: int width } && Math.Abs((long)width) > SymbolJudge.LargestWidth)
            Refuse(CheckCodes.Size, alignment.Syntax, $"The width {width} is above {SymbolJudge.LargestWidth}.", "Use a smaller width.");
    }

    private void Format(IOperation? format)
    {
        if (format?.ConstantValue is { HasValue: true, Value: string text } && !SymbolJudge.FormatIsModest(text))
            Refuse(CheckCodes.Size, format.Syntax, $"The format '{text}' asks for more than {SymbolJudge.LargestWidth} digits.", "Use fewer digits.");
    }

    /// <summary>A format is tried on a value of the type: what would fail there fails here, before somebody waits for the text.</summary>
    private void Fits(IOperation value, IOperation? format)
    {
        if (format?.ConstantValue is not { HasValue: true, Value: string { Length: > 0 } text } || !SymbolJudge.FormatIsModest(text)) return;
        while (value is IConversionOperation { IsImplicit: true } conversion) value = conversion.Operand;
        if (Formats.Wrong(value.Type, text) is { } remedy)
            Refuse(CheckCodes.NoFormat, format.Syntax, $"'{Short(value.Syntax)}' is {Formats.Say(value.Type!)}, which has no format '{text}'.", remedy);
    }

    private void ExceptionAsText(IOperation value)
    {
        while (value is IConversionOperation { IsImplicit: true } conversion) value = conversion.Operand;
        if (SymbolJudge.IsException(value.Type))
            Refuse(CheckCodes.ExceptionText, value.Syntax, "An exception as text holds its stack trace, which differs from process to process.", $"Write {Short(value.Syntax)}.Message.");
        else if (value.Type is { } type && PrintsException(type, []))
            Refuse(CheckCodes.ExceptionText, value.Syntax, "An exception lies in it, and as text it would hold its stack trace, which differs from process to process.", "Keep the exception's Message instead.");
    }

    /// <summary>Whether what C# or the language prints of a value of this type would print an exception that lies in it.</summary>
    private static bool PrintsException(ITypeSymbol type, HashSet<ITypeSymbol> seen)
    {
        if (SymbolJudge.IsException(type)) return true;
        if (!seen.Add(type)) return false;
        return type switch
        {
            IArrayTypeSymbol array => PrintsException(array.ElementType, seen),
            INamedTypeSymbol { IsTupleType: true } tuple => tuple.TupleElements.Any(e => PrintsException(e.Type, seen)),
            INamedTypeSymbol { IsAnonymousType: true } or INamedTypeSymbol { IsRecord: true } when !SaysItself(type) =>
                type.GetMembers().OfType<IPropertySymbol>().Any(p => p is { DeclaredAccessibility: Accessibility.Public, IsStatic: false } && PrintsException(p.Type, seen))
                || (type.BaseType is { IsRecord: true } under && PrintsException(under, seen)),
            INamedTypeSymbol named => named.AllInterfaces.Append(named).Where(i => i is { Name: "IEnumerable", TypeArguments.Length: 1 }).Any(i => PrintsException(i.TypeArguments[0], seen)),
            _ => false,
        };
    }

    private static bool SaysItself(ITypeSymbol type) => !type.IsAnonymousType && type.GetMembers("ToString").OfType<IMethodSymbol>().Any(m => m is { IsImplicitlyDeclared: false, Parameters.Length: 0 });
}
