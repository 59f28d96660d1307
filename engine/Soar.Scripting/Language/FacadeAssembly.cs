using System.Security.Cryptography;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Soar.Capabilities;

namespace Soar.Language;

/// <summary>The compiled facades: one assembly per capability surface, kept under its hash.</summary>
public static class FacadeAssembly
{
    private static readonly Lock Gate = new();

    /// <summary>64 lower-case hex digits over everything that playbooks see: part of a playbook version's hash.</summary>
    public static string SurfaceHash(ActionCatalog catalog) => Hash(FacadeGenerator.Generate(catalog));

    /// <summary>
    /// Compiles the facades unless they are there, and returns the full path. Foreign capability assemblies are copied beside it, so that a playbook host
    /// finds all it needs in this one folder. Compiled playbooks belong into the same folder.
    /// </summary>
    public static string Ensure(ActionCatalog catalog, string cacheFolder)
    {
        var source = FacadeGenerator.Generate(catalog);
        var name = "Soar.Facades." + Hash(source)[..16];
        var path = Path.Combine(Path.GetFullPath(cacheFolder), name + ".dll");
        lock (Gate)
        {
            if (File.Exists(path)) return path;
            Directory.CreateDirectory(cacheFolder);
            var foreign = catalog.Capabilities.SelectMany(c => c.Actions).SelectMany(TypesOf).Select(t => t.Assembly)
                .Where(a => a != typeof(ActionCatalog).Assembly && a != typeof(object).Assembly && !IsFramework(a)).Distinct().ToList();
            foreach (var assembly in foreign) Place(Path.Combine(cacheFolder, Path.GetFileName(assembly.Location)), File.ReadAllBytes(assembly.Location));
            var compilation = CSharpCompilation.Create(
                name,
                [CSharpSyntaxTree.ParseText(source, new CSharpParseOptions(LanguageVersion.CSharp14, DocumentationMode.Parse), encoding: Encoding.UTF8)],
                [.. References(), .. foreign.Select(a => MetadataReference.CreateFromFile(a.Location))],
                new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, deterministic: true));
            using var code = new MemoryStream();
            using var docs = new MemoryStream();
            var result = compilation.Emit(code, xmlDocumentationStream: docs);
            if (!result.Success)
            {
                var errors = string.Join("\n", result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Take(5));
                throw new SoarException("SOAR4010", $"The facades of the capabilities do not compile; look at the capability interface that is named here:\n{errors}");
            }

            Place(Path.ChangeExtension(path, ".xml"), docs.ToArray());
            Place(path, code.ToArray());
            return path;
        }
    }

    /// <summary>What facades and playbooks are compiled against: the framework, Soar.Core and the language.</summary>
    public static IReadOnlyList<MetadataReference> References() => References_.Value;

    private static readonly Lazy<IReadOnlyList<MetadataReference>> References_ = new(() =>
    [
        .. Directory.EnumerateFiles(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "System*.dll")
            .Append(typeof(object).Assembly.Location).Distinct()
            .Where(IsManaged)
            .Append(typeof(ActionCatalog).Assembly.Location)
            .Append(typeof(Script).Assembly.Location)
            .Select(file => MetadataReference.CreateFromFile(file)),
    ]);

    private static bool IsManaged(string file) => !Path.GetFileName(file).Contains(".Native", StringComparison.Ordinal);

    private static IEnumerable<Type> TypesOf(ActionDescriptor action) =>
        action.Parameters.Select(p => p.Type).Append(action.ResultType ?? typeof(void)).Append(action.Capability.Type)
            .SelectMany(t => t.IsGenericType ? t.GetGenericArguments().Append(t) : [t]);

    private static bool IsFramework(System.Reflection.Assembly assembly) =>
        string.Equals(Path.GetDirectoryName(assembly.Location), Path.GetDirectoryName(typeof(object).Assembly.Location), StringComparison.Ordinal);

    // Another process may do the same: whole files appear at once, and whoever comes second changes nothing.
    private static void Place(string path, byte[] content)
    {
        var draft = $"{path}.{Environment.ProcessId}";
        File.WriteAllBytes(draft, content);
        File.Move(draft, path, overwrite: true);
    }

    private static string Hash(string source) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(source)));
}
