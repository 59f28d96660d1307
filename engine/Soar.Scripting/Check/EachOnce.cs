namespace Soar.Scripting.Check;

/// <summary>
/// The gates overlap on purpose: what slips through one is caught by the next. So one thing that is wrong is often found several times; an author reads it once, in the words
/// that say most. Nothing is left out that another place of the text is to blame for.
/// </summary>
internal static class EachOnce
{
    private const string UnsafeNotEnabled = "CS0227", PointerOutsideUnsafe = "CS0214";

    /// <param name="sorted">In order of the text.</param>
    public static IReadOnlyList<PlaybookDiagnostic> Of(IReadOnlyList<PlaybookDiagnostic> sorted)
    {
        var told = new List<PlaybookDiagnostic>(sorted.Count);
        foreach (var finding in sorted)
        {
            if (!IsToldBetter(finding, sorted) && !told.Exists(before => SaysIt(before, finding))) told.Add(finding);
        }

        return told;
    }

    /// <summary>The last resort ("an operation that playbooks do not have") yields to whatever names the thing, and to what refuses all of it.</summary>
    private static bool IsToldBetter(PlaybookDiagnostic finding, IReadOnlyList<PlaybookDiagnostic> all) => finding.Code switch
    {
        // A hole whose value the compiler has no type for: it has said why.
        CheckCodes.Syntax when finding.Message.EndsWith("(InterpolatedStringAppendFormatted).", StringComparison.Ordinal) =>
            all.Any(other => other.Severity == PlaybookSeverity.Error && other.Code.StartsWith("CS", StringComparison.Ordinal)),
        CheckCodes.Syntax when finding.Message.Contains(OperationGate.Unknown, StringComparison.Ordinal) =>
            all.Any(other => other.Severity == PlaybookSeverity.Error && !other.Message.Contains(OperationGate.Unknown, StringComparison.Ordinal) && (Start(other) == Start(finding) || Encloses(other, finding))),
        UnsafeNotEnabled or PointerOutsideUnsafe => all.Any(other => other.Code == CheckCodes.Unsafe),
        _ => false,
    };

    private static bool SaysIt(PlaybookDiagnostic before, PlaybookDiagnostic finding) =>
        (before.Code == finding.Code && before.Line == finding.Line && before.Message == finding.Message)
        || (before.Code == finding.Code && Start(before) == Start(finding))
        // The member of a type that is refused itself: Console.WriteLine.
        || (before.Code == finding.Code && (before.EndLine, before.EndColumn + 1) == Start(finding))
        || (before.Code is CheckCodes.Unsafe or CheckCodes.Attribute && finding.Code.StartsWith("SOAR12", StringComparison.Ordinal) && Encloses(before, finding));

    private static (int, int) Start(PlaybookDiagnostic finding) => (finding.Line, finding.Column);

    private static bool Encloses(PlaybookDiagnostic outer, PlaybookDiagnostic inner) =>
        (outer.Line, outer.Column).CompareTo((inner.Line, inner.Column)) <= 0 && (outer.EndLine, outer.EndColumn).CompareTo((inner.EndLine, inner.EndColumn)) >= 0;
}
