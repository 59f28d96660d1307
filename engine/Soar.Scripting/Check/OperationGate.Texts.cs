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
    }
}
