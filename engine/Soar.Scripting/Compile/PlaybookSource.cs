using System.Collections.Immutable;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

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

    /// <summary>Findings in the text alone. With an error among them nothing further can be said about the playbook.</summary>
    public ImmutableArray<PlaybookDiagnostic> Diagnostics { get; }

    public bool HasErrors => Diagnostics.Any(d => d.Severity == PlaybookSeverity.Error);

    public static PlaybookSource Parse(string text, string file, CancellationToken cancellation)
    {
        var source = SourceText.From(text);
        if (text.Length > LongestText)
        {
            var tooLong = new PlaybookDiagnostic("SOAR1001", file, 1, 1, 1, 1,
                $"The file has {text.Length} characters; a playbook has at most {LongestText}.", "Split it, and start the parts with Run.");
            return new(file, source, CSharpSyntaxTree.ParseText("", ParseOptions, file, cancellationToken: cancellation), [tooLong]);
        }

        var tree = CSharpSyntaxTree.ParseText(source, ParseOptions, file, cancellation);
        var findings = new List<PlaybookDiagnostic>();
        foreach (var diagnostic in tree.GetDiagnostics(cancellation).Where(d => d.Severity == DiagnosticSeverity.Error))
            findings.Add(At(file, source, diagnostic.Location.SourceSpan, diagnostic.Id, diagnostic.GetMessage(CultureInfo.InvariantCulture), ""));
        Directives(tree, file, source, findings);
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

    private static void Directives(SyntaxTree tree, string file, SourceText text, List<PlaybookDiagnostic> findings)
    {
        for (var directive = ((CompilationUnitSyntax)tree.GetRoot()).GetFirstDirective(); directive is not null; directive = directive.GetNextDirective())
        {
            if (directive is RegionDirectiveTriviaSyntax or EndRegionDirectiveTriviaSyntax) continue;
            findings.Add(At(file, text, directive.Span, "SOAR1002",
                $"'#{directive.DirectiveNameToken.Text}' is not allowed in a playbook.",
                "Only #region and #endregion are: what the text says is what runs, at the line where it stands."));
        }
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
        void Refuse(SyntaxNode node, string what, string remedy) => findings.Add(At(file, text, node.Span, "SOAR1004", what, remedy));
        foreach (var directive in root.Usings)
            Refuse(directive, "A playbook has no using directives.", "Delete it: everything a playbook may use is in scope already.");
        foreach (var alias in root.Externs) Refuse(alias, "A playbook has no extern aliases.", "Delete it.");
        foreach (var list in root.AttributeLists) Refuse(list, "A playbook has no attributes.", "Delete it.");
        foreach (var member in root.Members)
        {
            switch (member)
            {
                case GlobalStatementSyntax { AttributeLists.Count: > 0 } statement: Refuse(statement.AttributeLists[0], "A playbook has no attributes.", "Delete it."); break;
                case GlobalStatementSyntax { Modifiers.Count: > 0 } statement when statement.Statement is not (LocalFunctionStatementSyntax or LocalDeclarationStatementSyntax):
                    Refuse(statement, "A statement takes no modifier.", "Delete it.");
                    break;
                case GlobalStatementSyntax or BaseTypeDeclarationSyntax or DelegateDeclarationSyntax: break;
                case BaseNamespaceDeclarationSyntax space: Refuse(space.Name, "A playbook has no namespaces.", "Put its records and enums at the end of the file, bare."); break;
                case MethodDeclarationSyntax method:
                    findings.Add(At(file, text, method.Identifier.Span, "SOAR1004", $"'{method.Identifier.ValueText}' is written as a method of a type.",
                        "Write it as a local function, without public, private or virtual."));
                    break;
                default: Refuse(member, "This cannot stand at the top level of a playbook.", "Statements come first; records and enums at the end of the file."); break;
            }
        }
    }
}
