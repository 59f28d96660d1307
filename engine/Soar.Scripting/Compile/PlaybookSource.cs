using System.Collections.Immutable;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using Soar.Scripting.Check;

namespace Soar.Scripting.Compile;

/// <summary>
/// A playbook's text, parsed alone. Nothing is wrapped around it yet, so a stray <c>}</c> or an open comment gets an honest position; what is
/// wrong here stops everything that comes after.
/// </summary>
internal sealed class PlaybookSource
{
    /// <summary>More text than this is refused: no written procedure is that long.</summary>
    public const int LongestText = 512 * 1024;

    public static readonly CSharpParseOptions ParseOptions =
        new(LanguageVersion.CSharp14, DocumentationMode.Parse, SourceCodeKind.Regular);

    private PlaybookSource(string file, SourceText text, SyntaxTree tree, ImmutableArray<PlaybookDiagnostic> diagnostics)
    {
        File = file;
        Text = text;
        Tree = tree;
        Diagnostics = diagnostics;
        Root = (CompilationUnitSyntax)tree.GetRoot();
        Statements = [.. Root.Members.OfType<GlobalStatementSyntax>().Select(global => global.Statement)];
        BodyEnd = Statements.Length > 0 ? Statements[^1].Span.End : 0;
    }

    public string File { get; }
    public SourceText Text { get; }
    public SyntaxTree Tree { get; }
    public CompilationUnitSyntax Root { get; }

    /// <summary>The top-level statements, header included, in the order of the text.</summary>
    public ImmutableArray<StatementSyntax> Statements { get; }

    /// <summary>Where the body ends and (after comments) the playbook's own types begin.</summary>
    public int BodyEnd { get; }

    /// <summary>Findings in the text alone.</summary>
    public ImmutableArray<PlaybookDiagnostic> Diagnostics { get; }

    /// <summary>True when nothing can be said about the meaning: it does not parse, or cannot be wrapped.</summary>
    public bool IsUnreadable => Diagnostics.Any(d => d.Code.StartsWith("CS", StringComparison.Ordinal) || d.Code is "SOAR1001" or "SOAR1003" or "SOAR1004" or CheckCodes.Directive)
        || Root.AttributeLists.Count > 0 || Root.Externs.Count > 0 || Root.Members.Any(member => member is BaseNamespaceDeclarationSyntax);

    /// <summary>The text as it is wrapped: using directives (which add nothing) are blank, every other character stands where it stood.</summary>
    public string BodyText()
    {
        var text = Text.ToString();
        if (Root.Usings.Count == 0) return text;
        var blank = text.ToCharArray();
        foreach (var directive in Root.Usings)
        {
            for (var i = directive.SpanStart; i < directive.Span.End; i++)
                if (blank[i] is not ('\r' or '\n')) blank[i] = ' ';
        }

        return new string(blank);
    }

    /// <param name="isInstrumented">True for a text that was checked already and has got our probes since.</param>
    public static PlaybookSource Parse(string text, string file, CancellationToken cancellation, bool isInstrumented = false)
    {
        var source = SourceText.From(text);
        if (text.Length > LongestText)
        {
            var tooLong = new PlaybookDiagnostic("SOAR1001", file, 1, 1, 1, 1,
                $"The file has {text.Length} characters; a playbook has at most {LongestText}.", "Split it, and start the parts with Run.");
            return new(file, source, CSharpSyntaxTree.ParseText("", ParseOptions, file, cancellationToken: cancellation), [tooLong]);
        }

        var tree = CSharpSyntaxTree.ParseText(source, ParseOptions, file, cancellation);
        if (isInstrumented) return new(file, source, tree, []);
        var findings = new List<PlaybookDiagnostic>();
        foreach (var diagnostic in tree.GetDiagnostics(cancellation).Where(d => d.Severity == DiagnosticSeverity.Error))
            findings.Add(At(file, source, diagnostic.Location.SourceSpan, diagnostic.Id, diagnostic.GetMessage(CultureInfo.InvariantCulture), ""));
        findings.AddRange(Checker.CheckSyntax(tree).Select(finding => finding.ToDiagnostic(file)));
        HiddenCharacters(text, file, source, findings);
        Members((CompilationUnitSyntax)tree.GetRoot(cancellation), file, source, findings);
        return new(file, source, tree, [.. findings]);
    }

    public PlaybookDiagnostic At(TextSpan span, string code, string message, string remedy, PlaybookSeverity severity = PlaybookSeverity.Error) =>
        At(File, Text, span, code, message, remedy, severity);

    public int LineOf(int position) => Text.Lines.GetLinePosition(position).Line + 1;

    private static PlaybookDiagnostic At(
        string file, SourceText text, TextSpan span, string code, string message, string remedy, PlaybookSeverity severity = PlaybookSeverity.Error)
    {
        var lines = text.Lines.GetLinePositionSpan(span);
        return new(code, file, lines.Start.Line + 1, lines.Start.Character + 1, lines.End.Line + 1, lines.End.Character + 1, message, remedy, severity);
    }

    /// <summary>Characters that make the text look other than it is (CVE-2021-42574): a reviewer must see what runs.</summary>
    private static void HiddenCharacters(string text, string file, SourceText source, List<PlaybookDiagnostic> findings)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            var hidden = c is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') or '\u200B' or '\u200E' or '\u200F' or '\u2060' or '\0'
                || (c == '\uFEFF' && i > 0);
            var lone = char.IsSurrogate(c) && !(char.IsHighSurrogate(c) ? i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]) : i > 0 && char.IsHighSurrogate(text[i - 1]));
            if (hidden || lone)
            {
                findings.Add(At(file, source, new TextSpan(i, 1), "SOAR1003",
                    $"The invisible character U+{(int)c:X4} makes the text look other than it is.", "Delete it; in a text for people write it as \\u" + ((int)c).ToString("X4", CultureInfo.InvariantCulture) + "."));
            }
        }
    }

    private static void Members(CompilationUnitSyntax root, string file, SourceText text, List<PlaybookDiagnostic> findings)
    {
        foreach (var member in root.Members)
        {
            if (member is GlobalStatementSyntax or BaseTypeDeclarationSyntax or DelegateDeclarationSyntax or BaseNamespaceDeclarationSyntax) continue;
            if (member is MethodDeclarationSyntax method)
            {
                findings.Add(At(file, text, method.Identifier.Span, "SOAR1004", $"'{method.Identifier.ValueText}' is written as a method of a type.",
                    "Write it as a local function, without public, private or virtual."));
            }
            else
            {
                findings.Add(At(file, text, member.Span, "SOAR1004", "This cannot stand at the top level of a playbook.", "Statements come first; records and enums at the end of the file."));
            }
        }
    }
}
