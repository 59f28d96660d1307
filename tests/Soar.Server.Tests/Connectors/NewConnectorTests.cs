using System.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Soar.Capabilities;
using Soar.Server.Commands;

namespace Soar.Server.Tests.Connectors;

/// <summary><c>soar new connector</c>: what it writes builds, passes the contract suite, and is loaded from its folder.</summary>
public sealed class NewConnectorTests : IDisposable
{
    private const string Usings = "global using System; global using System.IO; global using System.Linq; global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks; global using System.Collections.Generic;";

    private static readonly Lazy<List<MetadataReference>> References = new(() =>
        [.. AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!.ToString()!.Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path))]);

    private readonly Deployment deployment = new();

    public void Dispose() => deployment.Dispose();

    public static IEnumerable<TheoryDataRow<string>> Capabilities => new ActionCatalog().Capabilities.Where(capability => !capability.BuiltIn).Select(capability => new TheoryDataRow<string>(capability.Name));

    [Theory]
    [InlineData(null)]
    [InlineData("Tickets")]
    public void It_builds_passes_the_contract_and_is_loaded_from_its_folder(string? capability)
    {
        Made(capability);
        var name = Path.Combine(deployment.Home, "alarm-panel");
        Dotnet("build", Path.Combine(name, "AlarmPanel"));
        Dotnet("build", Path.Combine(name, "AlarmPanel.Tests"));
        var (exit, tests) = Run("dotnet", Path.Combine(name, "AlarmPanel.Tests", "bin", "Release", "net10.0", "AlarmPanel.Tests.dll"), "-noLogo");
        Assert.True(exit == 0 && tests.Contains("Failed: 0", StringComparison.Ordinal) && !tests.Contains("Total: 0", StringComparison.Ordinal), tests);

        Directory.CreateDirectory(Path.Combine(deployment.Home, "connectors"));
        Directory.Move(Path.Combine(name, "AlarmPanel", "bin", "Release", "net10.0"), Path.Combine(deployment.Home, "connectors", "alarm-panel"));
        var (shown, type) = deployment.Soar("connectors", "alarm-panel");
        Assert.True(shown == 0 && type.Contains(capability is null ? "AlarmPanel.Sound(" : "Tickets.Create(", StringComparison.Ordinal) && type.Contains("unproven", StringComparison.Ordinal), type);
    }

    [Fact]
    public void Its_projects_name_no_place_of_this_machine_but_one_which_is_relative_and_can_be_given()
    {
        Made(null);
        var files = Directory.GetFiles(Path.Combine(deployment.Home, "alarm-panel"), "*.*proj", SearchOption.AllDirectories).Concat(Directory.GetFiles(Path.Combine(deployment.Home, "alarm-panel"), "*.props")).ToList();
        Assert.Equal(4, files.Count);
        Assert.All(files, file => Assert.DoesNotContain(Deployment.Root() + "/", File.ReadAllText(file)));
        Assert.All(files.Where(file => file.EndsWith("proj", StringComparison.Ordinal)), file => Assert.Contains("\"$(SoarRoot)/", File.ReadAllText(file)));
        Assert.Contains("<SoarRoot Condition=\"'$(SoarRoot)' == ''\">$([System.IO.Path]::GetFullPath('$(MSBuildThisFileDirectory)../", File.ReadAllText(Path.Combine(deployment.Home, "alarm-panel", "Directory.Build.props")));
    }

    [Theory]
    [MemberData(nameof(Capabilities))]
    public void For_every_capability_it_writes_code_that_compiles_without_a_warning(string capability)
    {
        var code = new CapabilityCode(new ActionCatalog().FindCapability(capability)!, "alarm-panel", "AlarmPanel");
        var options = new CSharpParseOptions(LanguageVersion.CSharp14, DocumentationMode.Parse);
        var compilation = CSharpCompilation.Create("AlarmPanel", new[] { code.Settings(), code.Connector(), code.Simulator(), code.Contract(), Usings }.Select(text => CSharpSyntaxTree.ParseText(text, options)), References.Value,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        Assert.Empty(compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning).Select(diagnostic => diagnostic.ToString()));
    }

    [Theory]
    [InlineData("cannot be a connector's type", "Alarm")]
    [InlineData("cannot be a connector's type", "alarm--panel")]
    [InlineData("There is a connector type 'smtp' already", "smtp")]
    [InlineData("There is a capability Mail already", "mail")]
    [InlineData("There is no capability 'Firewal' that a connector could bring. Did you mean 'Firewall'?", "x", "--capability", "Firewal")]
    [InlineData("There is no capability 'Case'", "x", "--capability", "Case")]
    public void What_it_cannot_make_it_says(string why, params string[] arguments)
    {
        deployment.File("soar.yaml", "");
        var (exit, output) = deployment.Soar(["new", "connector", .. arguments]);
        Assert.True(exit == 2 && output.Contains(why, StringComparison.Ordinal), output);
        Assert.Single(Directory.GetFiles(deployment.Home));
    }

    private void Made(string? capability)
    {
        deployment.File("soar.yaml", "");
        var (made, output) = deployment.Soar([.. new[] { "new", "connector", "alarm-panel" }, .. capability is null ? Array.Empty<string>() : ["--capability", capability]]);
        Assert.True(made == 0 && output.Contains("dotnet test alarm-panel/AlarmPanel.Tests", StringComparison.Ordinal), output);
    }

    // What it refers to is built already; nothing is left behind that goes on running.
    private static void Dotnet(string verb, string project)
    {
        var (exit, output) = Run("dotnet", verb, project, "-c", "Release", "-v", "q", "-nodeReuse:false", "-p:BuildProjectReferences=false", "-p:UseSharedCompilation=false");
        Assert.True(exit == 0 && output.Contains("0 Warning(s)", StringComparison.Ordinal), output);
    }

    private static (int Exit, string Output) Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var inherited in start.Environment.Keys.Where(key => key.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList()) start.Environment.Remove(inherited);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }
}
