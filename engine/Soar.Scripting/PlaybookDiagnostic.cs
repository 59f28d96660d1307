namespace Soar.Scripting;

/// <summary>How bad a finding is.</summary>
public enum PlaybookSeverity
{
    /// <summary>Worth a look; the playbook still compiles and runs.</summary>
    Warning,

    /// <summary>The playbook is refused.</summary>
    Error,
}

/// <summary>
/// One finding in a playbook's source: what is wrong, where, and what to do. Everything that looks at playbooks (parser, header reader,
/// checker, compiler, diagram) reports in this form; <c>soar check</c>, the designer and CI print it.
/// </summary>
/// <param name="Code">Stable: <c>SOAR1xxx</c>, or the C# compiler's own <c>CSxxxx</c>. Listed in language.md.</param>
/// <param name="File">The playbook's file as it was given.</param>
/// <param name="Line">1-based.</param>
/// <param name="Column">1-based, in UTF-16 units.</param>
/// <param name="EndLine">1-based.</param>
/// <param name="EndColumn">1-based; the first column after the finding.</param>
/// <param name="Message">What is wrong, naming the thing.</param>
/// <param name="Remedy">What to write instead; empty when the message says it already.</param>
/// <param name="Severity">Errors refuse the playbook; warnings do not.</param>
public sealed record PlaybookDiagnostic(
    string Code,
    string File,
    int Line,
    int Column,
    int EndLine,
    int EndColumn,
    string Message,
    string Remedy,
    PlaybookSeverity Severity = PlaybookSeverity.Error)
{
    /// <summary>At a span of a parsed text.</summary>
    public static PlaybookDiagnostic At(
        Microsoft.CodeAnalysis.Location location, string code, string file, string message, string remedy, PlaybookSeverity severity = PlaybookSeverity.Error)
    {
        var span = location.GetLineSpan().Span;
        return new(code, file, span.Start.Line + 1, span.Start.Character + 1, span.End.Line + 1, span.End.Character + 1, message, remedy, severity);
    }

    /// <summary>What is wrong and what to do, as sentences.</summary>
    public string Sentence() => $"{Message}{(Remedy.Length == 0 ? "" : (Message is [.., '.' or '!' or '?' or '…'] ? " " : ". ") + Remedy)}";

    /// <summary>In order of the text, each thing that is wrong once; the code decides between two findings at one place.</summary>
    public static IReadOnlyList<PlaybookDiagnostic> Sorted(IEnumerable<PlaybookDiagnostic> diagnostics) => Check.EachOnce.Of(
    [
        .. diagnostics.Distinct().OrderBy(d => d.Line).ThenBy(d => d.Column).ThenBy(d => d.EndLine).ThenBy(d => d.EndColumn)
            .ThenBy(d => d.Code, StringComparer.Ordinal),
    ]);

    /// <summary><c>file:line:column: error SOAR1201: message remedy</c>, as editors and CI systems read it.</summary>
    public override string ToString() =>
        $"{File}:{Line}:{Column}: {(Severity == PlaybookSeverity.Error ? "error" : "warning")} {Code}: {Sentence()}";
}
