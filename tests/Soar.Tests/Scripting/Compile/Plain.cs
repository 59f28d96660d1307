using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Soar.Tests.Scripting.Compile;

/// <summary>Statements as C# alone compiles and runs them, to compare with what our additions make of them.</summary>
internal static class Plain
{
    public static IReadOnlyList<string> Texts(string statements)
    {
        var code = $"using System; using System.Collections.Generic; using System.Globalization; using System.Linq; using System.Text; using Soar; public static class Program {{ public static List<string> Main() {{ {statements} }} }}";
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal)).Append(typeof(Tlp).Assembly.Location).Select(path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create("plain", [CSharpSyntaxTree.ParseText(code, new CSharpParseOptions(LanguageVersion.CSharp14))], references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        using var image = new MemoryStream();
        var emitted = compilation.Emit(image);
        Assert.True(emitted.Success, string.Join('\n', emitted.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error)));
        return (List<string>)Assembly.Load(image.ToArray()).GetType("Program")!.GetMethod("Main")!.Invoke(null, null)!;
    }
}
