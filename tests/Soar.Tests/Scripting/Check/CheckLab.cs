using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using Soar.Language;
using Soar.Scripting;
using Soar.Scripting.Check;
using Soar.Tests.Scripting.Compile;

namespace Soar.Tests.Scripting.Check;

/// <summary>Wraps a snippet as the compiler wraps a playbook, and asks the gates about it. No rewriting: what is tested here is the checker alone.</summary>
internal static class CheckLab
{
    private const string Before = """
        using System; using System.Collections.Generic; using System.Globalization; using System.Linq; using System.Text; using System.Text.Json;
        using System.Threading.Tasks; using Soar; using Soar.Capabilities; using Soar.Language; using Soar.Facades;
        namespace Soar.Playbooks { public sealed class ThisPlaybook : global::Soar.Facades.PlaybookBase { protected override async global::System.Threading.Tasks.Task<global::Soar.Outcome> Body() {

        """;

    private const string After = " return global::Soar.Outcome.Completed(); }";

    private static readonly CSharpParseOptions Parse = new(LanguageVersion.CSharp14);

    private static readonly CSharpCompilationOptions Options = new CSharpCompilationOptions(
        OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, allowUnsafe: false, nullableContextOptions: NullableContextOptions.Enable,
        concurrentBuild: false).WithMetadataImportOptions(MetadataImportOptions.Public);

    public static IReadOnlyList<MetadataReference> References { get; } = ReadReferences();

    /// <summary>Every finding of the source gates, at its place in the snippet.</summary>
    public static IReadOnlyList<PlaybookDiagnostic> Check(string text) => Examine(text, emit: false).Findings;

    /// <summary>Source gates, C# errors and, where it compiles, the emitted assembly with what gate e says of it.</summary>
    public static Examined Examine(string text, bool emit)
    {
        text = text.ReplaceLineEndings("\n");
        var bare = CSharpSyntaxTree.ParseText(text, Parse, "test.csx");
        var syntax = Checker.CheckSyntax(bare).Select(f => f.ToDiagnostic("test.csx")).ToList();
        var root = (CompilationUnitSyntax)bare.GetRoot();
        var statements = root.Members.OfType<GlobalStatementSyntax>().ToList();
        var end = statements.Count > 0 ? statements[^1].Span.End : 0;
        var wrapped = Before + text[..end] + After + text[end..] + "\n}}";
        var tree = CSharpSyntaxTree.ParseText(SourceText.From(wrapped), Parse, "test.csx");
        var compilation = CSharpCompilation.Create("playbook.test", [tree], References, Options);
        var model = compilation.GetSemanticModel(tree);
        var type = tree.GetRoot().DescendantNodes().OfType<ClassDeclarationSyntax>().First();
        var body = type.Members.OfType<MethodDeclarationSyntax>().First().Body!;
        SyntaxNode[] roots = [.. body.Statements.SkipLast(1), .. type.Members.OfType<BaseTypeDeclarationSyntax>(), .. type.Members.OfType<DelegateDeclarationSyntax>()];
        var source = SourceText.From(text);
        PlaybookDiagnostic Place(Finding finding)
        {
            var span = finding.Location.SourceSpan;
            var start = span.Start - Before.Length;
            if (start > end) start -= After.Length;
            var lines = source.Lines.GetLinePositionSpan(new TextSpan(Math.Clamp(start, 0, text.Length), Math.Min(span.Length, text.Length - Math.Clamp(start, 0, text.Length))));
            return new(finding.Code, "test.csx", lines.Start.Line + 1, lines.Start.Character + 1, lines.End.Line + 1, lines.End.Character + 1, finding.Message, finding.Remedy);
        }

        var bound = Checker.CheckOperations(compilation, model, roots, rewritten: false).Select(Place);
        var errors = compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error).Select(d => d.Id + " " + d.GetMessage(System.Globalization.CultureInfo.InvariantCulture)).ToList();
        IReadOnlyList<Finding> assembly = [];
        if (emit && errors.Count == 0)
        {
            using var image = new MemoryStream();
            var emitted = compilation.Emit(image);
            errors.AddRange(emitted.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Select(d => d.ToString()));
            if (emitted.Success) assembly = Checker.CheckAssembly(image.ToArray(), compilation);
        }

        return new([.. PlaybookDiagnostic.Sorted(syntax.Concat(bound)).DistinctBy(d => (d.Line, d.Column, d.Code))], errors, assembly);
    }

    /// <summary>Compiles a snippet as it stands: no checker, no meter, pointers allowed. Null where it is no C# even so.</summary>
    public static byte[]? CompileUnchecked(string text)
    {
        text = text.ReplaceLineEndings("\n");
        var root = (CompilationUnitSyntax)CSharpSyntaxTree.ParseText(text, Parse).GetRoot();
        var end = root.Members.OfType<GlobalStatementSyntax>().LastOrDefault()?.Span.End ?? 0;
        var usings = string.Concat(root.Usings.Select(u => u.ToString()));
        var bare = text[..end];
        foreach (var use in root.Usings) bare = bare.Replace(use.ToString(), "", StringComparison.Ordinal);
        var tree = CSharpSyntaxTree.ParseText(usings + "\n" + Before + bare + After + text[end..] + "\n}}", Parse);
        var compilation = CSharpCompilation.Create("hostile." + Guid.NewGuid().ToString("N"), [tree], References, Options.WithAllowUnsafe(enabled: true));
        using var image = new MemoryStream();
        return compilation.Emit(image).Success ? image.ToArray() : null;
    }

    // All of the framework, so that what a snippet wants is there and only the checker is in its way.
    private static IReadOnlyList<MetadataReference> ReadReferences() =>
        [.. FacadeAssembly.References(), MetadataReference.CreateFromFile(typeof(Microsoft.CSharp.RuntimeBinder.Binder).Assembly.Location), MetadataReference.CreateFromFile(FacadeAssembly.Ensure(Compiling.Catalog, Compiling.Folder))];
}

/// <summary>What the gates said of a snippet.</summary>
internal sealed record Examined(IReadOnlyList<PlaybookDiagnostic> Findings, IReadOnlyList<string> Errors, IReadOnlyList<Finding> Assembly);
