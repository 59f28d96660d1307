using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;
using Soar.Hosting;
using Soar.Scripting.Check;
using Soar.Scripting.Edit;

namespace Soar.Scripting.Compile;

/// <summary>What came of building a playbook: everything that was found, and the assembly when nothing of it is an error.</summary>
/// <param name="Header">As far as it could be read, even from a playbook with errors.</param>
/// <param name="Assembly">The portable executable with embedded debugging information; null when there are errors.</param>
public sealed record BuildResult(IReadOnlyList<PlaybookDiagnostic> Diagnostics, PlaybookHeader? Header, byte[]? Assembly)
{
    public bool Succeeded => Assembly is not null;
}

/// <summary>How to build.</summary>
/// <param name="Trace">Also insert probes that tell which branch was taken on which values.</param>
/// <param name="Emit">False to check only: everything is found, nothing is compiled to code.</param>
public sealed record BuildOptions(bool Trace = false, bool Emit = true);

/// <summary>
/// Turns a playbook's text into an assembly, in memory, in reading order: parse alone, bind, read the header, check, rewrite, compile. Pure: it reads
/// no file and executes nothing of the playbook. It may take long and much memory on a text made for that: see <c>CompileWorker</c>.
/// </summary>
public sealed class PlaybookBuilder : IPlaybookBuilder
{
    private static readonly CSharpCompilationOptions CompilationOptions = new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, checkOverflow: false, allowUnsafe: false,
            deterministic: true, concurrentBuild: false, nullableContextOptions: NullableContextOptions.Enable, warningLevel: 4)
        .WithMetadataImportOptions(MetadataImportOptions.Public);

    // Warnings that our own splices cause, or that a playbook's author can do nothing about.
    private static readonly HashSet<string> Silent =
    [
        "CS1998", // async without await: a playbook need not have steps
        "CS1701", "CS1702", // assembly versions
        "CS1591", "CS1587", "CS1570", "CS1571", "CS1572", "CS1573", "CS1574", // documentation comments
        "CS8019", // unnecessary using
    ];

    // Walking a deeply nested text needs more stack than pool threads have; deeper still is refused by name.
    private const int StackBytes = 64 << 20;

    private readonly CSharpCompilation empty;
    private readonly PlaybookSurface surface;

    public PlaybookBuilder(PlaybookSurface surface)
    {
        this.surface = surface;
        empty = CSharpCompilation.Create("playbook", [], surface.AllReferences(), CompilationOptions);
    }

    /// <inheritdoc/>
    public Task<BuildResult> BuildAsync(string text, string file, BuildOptions options, CancellationToken cancellation) =>
        OnADeepStack(() => Build(text, file, options, cancellation), () => new([TooDeep(file)], null, null));

    /// <summary>What may be written at this place of an unfinished playbook: nothing where its text is nested too deeply to be read.</summary>
    public Task<IReadOnlyList<Completion>> CompleteAsync(string text, string file, int position, CancellationToken cancellation) =>
        OnADeepStack(() => new Completer(empty).At(text, file, position, cancellation), () => []);

    private static Task<T> OnADeepStack<T>(Func<T> work, Func<T> tooDeep)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(Run, StackBytes) { IsBackground = true, Name = "playbook build" };
        thread.Start();
        return result.Task;

        void Run()
        {
            try
            {
                result.SetResult(work());
            }
            catch (InsufficientExecutionStackException)
            {
                result.SetResult(tooDeep());
            }
            catch (Exception problem) // Whatever it is belongs to whoever awaits the task; this thread has nobody to tell.
            {
                result.SetException(problem);
            }
        }
    }

    private static PlaybookDiagnostic TooDeep(string file) =>
        new("SOAR1005", file, 1, 1, 1, 1, "The playbook's expressions or blocks are nested too deeply to be compiled.", "Split them: give parts a name with var or a local function.");

    private BuildResult Build(string text, string file, BuildOptions options, CancellationToken cancellation)
    {
        var source = PlaybookSource.Parse(text, file, cancellation);
        if (source.IsUnreadable) return new(PlaybookDiagnostic.Sorted(source.Diagnostics), null, null);

        var findings = new List<PlaybookDiagnostic>(source.Diagnostics);
        var (splice, bare) = Splice.Bare(source, cancellation);
        var analysis = empty.AddSyntaxTrees(bare);
        var model = analysis.GetSemanticModel(bare);
        var (statements, roots) = Parts(bare);
        if (!StandsAsWritten(source, splice, statements, roots))
        {
            findings.Add(source.At(new TextSpan(0, 0), "SOAR1998", "The text means something else inside Soar's frame than by itself.", "This should be impossible; please report it with the playbook."));
            return new(PlaybookDiagnostic.Sorted(findings), null, null);
        }

        var broken = Collect(analysis.GetDiagnostics(cancellation), new(surface, analysis, model), source, splice, findings);

        var reading = new HeaderReader(source, splice, model).Read(statements, cancellation);
        findings.AddRange(reading.Diagnostics);
        var titles = Titles.Of(source.Tree, cancellation);
        foreach (var twice in titles.Duplicates)
        {
            findings.Add(source.At(twice.Span, "SOAR1030", $"The title '{twice.Title}' is used twice (first in line {source.LineOf(twice.FirstSpan.Start)}).",
                "Give each its own title: journal, diagram and tests name steps by it."));
        }

        var usage = new Usage(surface, model, splice, source);
        findings.AddRange(usage.Read(roots, reading));
        findings.AddRange(Place(Checker.CheckOperations(analysis, model, roots, rewritten: false), broken, source, splice));
        var header = reading.Header is { } read ? read with { Capabilities = usage.Capabilities, Actions = usage.Actions } : null;
        if (header is null || findings.Any(d => d.Severity == PlaybookSeverity.Error))
            return new(PlaybookDiagnostic.Sorted(findings), header, null);
        if (!options.Emit) return new(PlaybookDiagnostic.Sorted(findings), header, []);

        Func<TextSpan, StepSite> siteOf = titles.At;
        if (options.Trace)
        {
            var probed = Tracing.Instrument(source, cancellation);
            siteOf = Tracing.Sites(source, probed, titles);
            source = probed;
            (splice, bare) = Splice.Bare(source, cancellation);
            model = empty.AddSyntaxTrees(bare).GetSemanticModel(bare);
            (statements, roots) = Parts(bare);
            reading = new HeaderReader(source, splice, model).Read(statements, cancellation);
        }

        var rewriter = new Rewriter(splice, model, siteOf, options.Trace, cancellation);
        rewriter.VisitAll(statements, roots);
        var tree = Assemble(source, reading, rewriter, header, cancellation);
        var compilation = empty.WithAssemblyName($"playbook.{header.Name}").AddSyntaxTrees(tree);
        var (image, defects) = Emit(compilation, tree, header, cancellation);
        findings.AddRange(defects.Select(defect => new PlaybookDiagnostic(defect.Code, file, defect.Line, 1, defect.Line, 1, defect.Message, defect.Remedy)));
        return new(PlaybookDiagnostic.Sorted(findings), header, defects.Count == 0 ? image : null);
    }

    /// <summary>Compiles the rewritten text; it and the assembly are checked once more, since what we add must not open a way either.</summary>
    private static (byte[] Image, IReadOnlyList<(string Code, int Line, string Message, string Remedy)> Defects) Emit(
        CSharpCompilation compilation, SyntaxTree tree, PlaybookHeader header, CancellationToken cancellation)
    {
        using var image = new MemoryStream();
        var emitted = compilation.Emit(image, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.Embedded, pdbFilePath: $"{header.Name}.pdb"),
            cancellationToken: cancellation);
        if (!emitted.Success)
        {
            var first = emitted.Diagnostics.First(d => d.Severity == DiagnosticSeverity.Error);
            return ([], [("SOAR1999", LineOf(first.Location), $"Soar's own additions made this playbook uncompilable: {first.Id} {first.GetMessage(CultureInfo.InvariantCulture)}",
                "This is a defect of Soar; please report it with the playbook.")]);
        }

        var bytes = image.ToArray();
        ExactLines(bytes);
        var type = tree.GetRoot(cancellation).DescendantNodes().OfType<ClassDeclarationSyntax>().First();
        var findings = Checker.CheckOperations(compilation, compilation.GetSemanticModel(tree), [type], rewritten: true).Concat(Checker.CheckAssembly(bytes, compilation));
        return (bytes, [.. findings.Select(finding => (finding.Code, LineOf(finding.Location), finding.Message, finding.Remedy))]);
    }

    /// <summary>
    /// Makes a failure's line exact. The assembly is marked as not to be optimized by the JIT: optimized code knows its lines only at calls, so that an index out of bounds or a null would
    /// be told at an earlier line or at none; and what costs time is steps, not the code between them. Every function that does something is marked as not to be inlined: it would fail at its caller's line.
    /// (The attributes that say so in C# would be more to allow.)
    /// </summary>
    private static void ExactLines(byte[] image)
    {
        const int AccessorOfAField = 8, NoInlining = 0x08;
        using var pe = new PEReader(ImmutableCollectionsMarshal.AsImmutableArray(image));
        var reader = pe.GetMetadataReader();
        var row = pe.PEHeaders.MetadataStartOffset + reader.GetTableMetadataOffset(TableIndex.MethodDef);
        foreach (var handle in reader.MethodDefinitions)
        {
            var address = reader.GetMethodDefinition(handle).RelativeVirtualAddress;
            if (address != 0 && pe.GetMethodBody(address).GetILReader().Length > AccessorOfAField) image[row + 4] |= NoInlining; // ECMA-335 II.22.26: RVA, then ImplFlags
            row += reader.GetTableRowSize(TableIndex.MethodDef);
        }

        // DebuggableAttribute(DebuggingModes.IgnoreSymbolStoreSequencePoints), as the compiler writes it: prolog, value, no named arguments.
        ReadOnlySpan<byte> optimized = [1, 0, 2, 0, 0, 0, 0, 0];
        foreach (var handle in reader.GetAssemblyDefinition().GetCustomAttributes())
        {
            var value = reader.GetCustomAttribute(handle).Value;
            if (!reader.GetBlobBytes(value).AsSpan().SequenceEqual(optimized)) continue;
            var at = pe.PEHeaders.MetadataStartOffset + reader.GetHeapMetadataOffset(HeapIndex.Blob) + reader.GetHeapOffset(value);
            // Behind the blob's length and the prolog. The runtime heeds DisableOptimizations only beside Default.
            BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(at + 3), (int)(DebuggableAttribute.DebuggingModes.Default
                | DebuggableAttribute.DebuggingModes.IgnoreSymbolStoreSequencePoints | DebuggableAttribute.DebuggingModes.DisableOptimizations));
        }
    }

    private static int LineOf(Location location) => location.IsInSource ? location.GetMappedLineSpan().StartLinePosition.Line + 1 : 1;

    /// <summary>The checker's findings in the file, without those that only say once more that something does not compile.</summary>
    private static IEnumerable<PlaybookDiagnostic> Place(IEnumerable<Finding> findings, IReadOnlyList<TextSpan> broken, PlaybookSource source, Splice splice) =>
        findings.Where(finding => finding.Code is not (CheckCodes.Syntax or CheckCodes.Unseen or CheckCodes.Awaiter) || !broken.Any(span => span.OverlapsWith(finding.Location.SourceSpan)))
            .Select(finding => source.At(splice.ToBare(finding.Location.SourceSpan) ?? new TextSpan(0, 0), finding.Code, finding.Message, finding.Remedy));

    /// <summary>What the author wrote: the body's statements (without the return we added), then the types.</summary>
    private static (IReadOnlyList<StatementSyntax> Statements, IReadOnlyList<SyntaxNode> Roots) Parts(SyntaxTree bare)
    {
        var type = bare.GetRoot().DescendantNodes().OfType<ClassDeclarationSyntax>().First();
        var body = ((MethodDeclarationSyntax)type.Members[0]).Body!.Statements;
        var statements = body.Take(body.Count - 1).ToList();
        return (statements, [.. statements, .. type.Members.Skip(1)]);
    }

    /// <summary>Wrapping must change nothing: the same statements and types at the same places, none more.</summary>
    private static bool StandsAsWritten(PlaybookSource source, Splice splice, IReadOnlyList<StatementSyntax> statements, IReadOnlyList<SyntaxNode> roots)
    {
        var types = source.Root.Members.Where(member => member is not GlobalStatementSyntax).Select(member => (TextSpan?)member.Span);
        return source.Statements.Select(statement => (TextSpan?)statement.Span).Concat(types).SequenceEqual(roots.Select(root => splice.ToBare(root.Span)))
            && statements.Count == source.Statements.Length;
    }

    /// <summary>Adds what C# itself has to say, and returns where it has errors.</summary>
    private static List<TextSpan> Collect(ImmutableArray<Diagnostic> diagnostics, CompilerWords words, PlaybookSource source, Splice splice, List<PlaybookDiagnostic> findings)
    {
        var broken = new List<TextSpan>();
        foreach (var diagnostic in diagnostics)
        {
            if (diagnostic.Severity is not (DiagnosticSeverity.Error or DiagnosticSeverity.Warning) || Silent.Contains(diagnostic.Id)) continue;
            var severity = diagnostic.Severity == DiagnosticSeverity.Error ? PlaybookSeverity.Error : PlaybookSeverity.Warning;
            if (severity == PlaybookSeverity.Error) broken.Add(diagnostic.Location.SourceSpan);
            var span = splice.ToBare(diagnostic.Location.SourceSpan);
            if (span is null && severity == PlaybookSeverity.Warning) continue;
            var word = words.Of(diagnostic);
            findings.Add(source.At(span ?? new TextSpan(source.Text.Length, 0), word.Code, word.Message, word.Remedy, severity));
        }

        return broken;
    }

    private static SyntaxTree Assemble(PlaybookSource source, HeaderReading reading, Rewriter rewriter, PlaybookHeader header, CancellationToken cancellation)
    {
        var file = header.Name + ".csx";
        var text = source.BodyText();
        var statements = rewriter.Edits.Apply(text, TextSpan.FromBounds(0, source.BodyEnd));
        var types = rewriter.Edits.Apply(text, TextSpan.FromBounds(source.BodyEnd, text.Length));
        return Splice.Rewritten(statements, types, Members(source, reading, rewriter, file), file, cancellation);
    }

    /// <summary>The generated members: the sites, and the header's lambdas as static functions that need no run.</summary>
    private static string Members(PlaybookSource source, HeaderReading reading, Rewriter rewriter, string file)
    {
        var body = source.BodyText();
        var text = new StringBuilder();
        text.Append("private static readonly global::Soar.Language.KnownSite[] __sites = [\n");
        foreach (var site in rewriter.Sites)
            text.Append(CultureInfo.InvariantCulture, $"new global::Soar.Language.KnownSite({Literal(site.Id)}, {(site.Title is null ? "null" : Literal(site.Title))}, {site.Line}),\n");
        text.Append("];\nprotected override global::Soar.Language.KnownSite[] Sites => __sites;\n");
        var constants = string.Concat(reading.Constants.Select(span => rewriter.Edits.Apply(body, span) + "\n"));
        Questions(text, "Evaluate", "global::Soar.Alert", reading.Lambdas.Where(lambda => !lambda.OfCase));
        Questions(text, "EvaluateCase", "global::Soar.CaseState", reading.Lambdas.Where(lambda => lambda.OfCase));
        return text.ToString();

        void Questions(StringBuilder text, string name, string subject, IEnumerable<HeaderLambda> lambdas)
        {
            text.Append(CultureInfo.InvariantCulture, $"public static object? {name}(string __lambda, {subject} __subject) {{\n");
            foreach (var lambda in lambdas)
            {
                text.Append(CultureInfo.InvariantCulture, $"if (__lambda == {Literal(lambda.Name)}) {{\n{constants}{lambda.DelegateType} __ask =\n");
                text.Append(CultureInfo.InvariantCulture, $"#line {lambda.Line} \"{file}\"\n{rewriter.Edits.Apply(body, lambda.Span)};\n#line hidden\nreturn __ask(__subject); }}\n");
            }

            text.Append("throw new global::System.ArgumentException(\"This playbook has no lambda '\" + __lambda + \"'.\", nameof(__lambda)); }\n");
        }
    }

    private static string Literal(string text) => SymbolDisplay.FormatLiteral(text, quote: true);
}
