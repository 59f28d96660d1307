using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;
using Soar.Capabilities;
using Soar.Hosting;
using Soar.Language;

namespace Soar.Tests.Host;

/// <summary>Playbook assemblies written by hand against the generated facades: no checker, no meter, so that they can misbehave.</summary>
internal sealed class HandMade : IDisposable
{
    private readonly string facades;

    private readonly string[] foreign;

    public HandMade(params System.Reflection.Assembly[] capabilities)
    {
        facades = FacadeAssembly.Ensure(new ActionCatalog(capabilities), Folder);
        foreign = [.. capabilities.Select(c => c.Location)];
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("soar-hosts").FullName;

    /// <summary>Compiles <c>async Task&lt;Outcome&gt; Body()</c> of a playbook class, and returns what a run needs to start it.</summary>
    public (string Version, string Path) Compile(string body, string members = "", string? name = null)
    {
        var version = name ?? "p" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(body + members)))[..16];
        var path = Path.Combine(Folder, version + ".dll");
        if (File.Exists(path)) return (version, path);
        var source = $$"""
            #nullable enable
            using System; using System.Collections.Generic; using System.Linq; using System.Threading.Tasks; using Soar; using Soar.Language; using Soar.Capabilities;
            public sealed class Playbook_ : Soar.Facades.PlaybookBase
            {
                {{members}}
                protected override async Task<Outcome> Body()
                {
            #line 1 "test.csx"
            {{body}}
            #line hidden
                }
            }
            """;
        var tree = CSharpSyntaxTree.ParseText(SourceText.From(source, Encoding.UTF8), new CSharpParseOptions(LanguageVersion.CSharp14));
        var compilation = CSharpCompilation.Create(version, [tree], [.. FacadeAssembly.References(), MetadataReference.CreateFromFile(facades), .. foreign.Select(f => MetadataReference.CreateFromFile(f))],
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, allowUnsafe: true));
        using (var file = File.Create(path))
        {
            var result = compilation.Emit(file, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.Embedded));
            Assert.True(result.Success, string.Join("\n", result.Diagnostics));
        }

        return (version, path);
    }

    public RunStart Start(string body, int run, IReadOnlyList<Delivery>? deliveries = null, string members = "")
    {
        var (version, path) = Compile(body, members);
        return new RunStart
        {
            Run = new RunId(new Guid(run, 0, 7, new byte[8])),
            Version = version,
            AssemblyPath = path,
            Started = Language.FakeEngine.Json(new StartedRecord
            {
                Playbook = "test",
                PlaybookVersion = "1.0.0",
                Inputs = new Dictionary<string, System.Text.Json.JsonElement>(),
                Instances = new Dictionary<string, IReadOnlyList<string>> { ["Firewall"] = ["edge-1", "edge-2"], ["Intel"] = ["local"], ["Http"] = ["api"], ["Badges"] = ["hq"] },
            }),
            StartedAt = 500,
            Deliveries = deliveries ?? [],
        };
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
