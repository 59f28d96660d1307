using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Soar.Scripting.Check;

/// <summary>
/// <c>.Retry</c> is for actions. A combinator or a function that is done again would do again what of it has succeeded: effects twice, under new keys and without the
/// decision that was asked about them once (adr/0006).
/// </summary>
internal sealed partial class OperationGate
{
    private readonly List<IInvocationOperation> retries = [];
    private readonly Dictionary<ILocalSymbol, IOperation> initializers = new(SymbolEqualityComparer.Default);
    private readonly HashSet<ILocalSymbol> reassigned = new(SymbolEqualityComparer.Default);

    private void Retries()
    {
        foreach (var retry in retries)
        {
            if (retry.Instance is not { } repeated || NoAction(repeated, depth: 0) is not { } what) continue;
            Refuse(CheckCodes.Retry, NameOf(retry.Syntax), $"'{Short(what.Syntax)}' is no action and cannot be retried: what of it has succeeded would be done twice.",
                "Write .Retry on the actions inside it, or write a loop with try and catch that says what is done again.");
        }
    }

    /// <summary>The call that makes the step, when it is surely none of an action; null when it is one, or nobody can tell before it runs.</summary>
    private IOperation? NoAction(IOperation step, int depth)
    {
        if (depth > 20) return null;
        switch (step)
        {
            case IParenthesizedOperation inner: return NoAction(inner.Operand, depth + 1);
            case IConversionOperation inner: return NoAction(inner.Operand, depth + 1);
            case IConditionalAccessOperation inner: return NoAction(inner.WhenNotNull, depth + 1);
            case ICoalesceOperation either: return NoAction(either.Value, depth + 1) ?? NoAction(either.WhenNull, depth + 1);
            case IConditionalOperation either: return NoAction(either.WhenTrue, depth + 1) ?? (either.WhenFalse is { } no ? NoAction(no, depth + 1) : null);
            case ISwitchExpressionOperation choice: return choice.Arms.Select(arm => NoAction(arm.Value, depth + 1)).FirstOrDefault(found => found is not null);
            case ILocalReferenceOperation { Local: var local }:
                return !reassigned.Contains(local) && initializers.TryGetValue(local, out var made) ? NoAction(made, depth + 1) : null;
            case IInvocationOperation { Instance: { } modified, TargetMethod: var modifier } when SymbolJudge.IsStep(modifier.ContainingType):
                return NoAction(modified, depth + 1);
            case IInvocationOperation { TargetMethod: { MethodKind: MethodKind.LocalFunction, IsAsync: true } }:
                return step;
            case IInvocationOperation { TargetMethod: var word } when judge.IsLanguage(word) && word.ContainingType.Name == "Script" && word.Name != "Note":
                return step;
            default:
                return null;
        }
    }
}
