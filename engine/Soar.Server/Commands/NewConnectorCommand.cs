using System.CommandLine;
using System.Reflection;
using Soar.Capabilities;
using Soar.Server.Display;
using Soar.Server.Node;
using Soar.Server.Settings;

namespace Soar.Server.Commands;

/// <summary><c>soar new connector</c>: a project that builds and passes the contract suite, to be changed into one's own.</summary>
internal static class NewConnectorCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "Its type in soar.yaml, for example alarm-panel; the project's folder is named so too." };
        var capability = new Option<string?>("--capability") { Description = "A capability that there is already, for example Firewall. Default: the connector brings one of its own." };
        var command = new Command("connector", "Makes a connector project with its contract suite, in a new folder here.") { name, capability };
        CommandContext.Handle(command, async (context, _) =>
        {
            await using var tools = Toolchain.Open(context.Workspace, context.Clock);
            Make(context, tools, context.Parsed.GetRequiredValue(name), context.Parsed.GetValue(capability));
            return CommandContext.Done;
        });
        return command;
    }

    private static void Make(CommandContext context, Toolchain tools, string name, string? asked)
    {
        if (name.Length == 0 || !char.IsAsciiLetterLower(name[0]) || name.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-') || name.Contains("--") || name.EndsWith('-'))
            throw new SoarException("SOAR5001", $"'{name}' cannot be a connector's type: write small letters, digits and hyphens, beginning with a letter, for example alarm-panel.");
        if (tools.Registry.Types.ContainsKey(name)) throw new SoarException("SOAR5001", $"There is a connector type '{name}' already. Give another name.");
        var pascal = string.Concat(name.Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
        var existing = asked is null ? null : tools.Catalog.FindCapability(asked) is { BuiltIn: false } found ? found
            : throw new SoarException("SOAR5001", $"There is no capability '{asked}' that a connector could bring.{YamlBinder.Suggest(asked, tools.Catalog.Capabilities.Where(c => !c.BuiltIn).Select(c => c.Name))}");
        if (existing is null && tools.Catalog.FindCapability(pascal) is not null)
            throw new SoarException("SOAR5001", $"There is a capability {pascal} already. Bring that one with --capability {pascal}, or give another name.");
        var folder = Path.Combine(Environment.CurrentDirectory, name);
        if (Directory.Exists(folder) || File.Exists(folder)) throw new SoarException("SOAR5001", $"{folder} exists already. Give another name, or remove it.");

        var root = Checkout();
        foreach (var (file, text) in Files(folder, name, pascal, existing, root))
        {
            var path = Path.Combine(folder, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
            context.Terminal.Line($"  {Terminal.Safe(Path.Combine(name, file))}");
        }

        context.Terminal.Line($"Made [bold]{Terminal.Safe(name)}[/]{(existing is null ? $" with a capability {pascal} of its own" : $" for {existing.Name}")}. Next:");
        context.Terminal.Line(root is null
            ? $"  dotnet build {Terminal.Safe(name)}/{pascal}    (its contract suite needs a checkout of Soar: tests/Soar.Testing)"
            : $"  dotnet test {Terminal.Safe(name)}/{pascal}.Tests");
        context.Terminal.Line($"  cp -r {Terminal.Safe(name)}/{pascal}/bin/Debug/net10.0 connectors/{Terminal.Safe(name)}    (beside soar.yaml)");
        context.Terminal.Line($"  soar connectors {Terminal.Safe(name)}");
    }

    private static IEnumerable<(string File, string Text)> Files(string folder, string name, string pascal, CapabilityDescriptor? existing, string? root)
    {
        yield return ("Directory.Build.props", BuildProps(folder, root));
        yield return ("Directory.Packages.props", PackageProps);
        yield return ($"{pascal}/{pascal}.csproj", Project(root));
        if (existing is null)
        {
            foreach (var file in new[] { "ISiren.cs", "SirenSettings.cs", "SirenConnector.cs" }) yield return ($"{pascal}/{file.Replace("Siren", pascal)}", Renamed(file, name, pascal));
            if (root is not null) yield return ($"{pascal}.Tests/{pascal}Contract.cs", Renamed("SirenContract.cs", name, pascal));
        }
        else
        {
            var code = new CapabilityCode(existing, name, pascal);
            yield return ($"{pascal}/{pascal}Settings.cs", code.Settings());
            yield return ($"{pascal}/{pascal}Connector.cs", code.Connector());
            yield return ($"{pascal}/{pascal}Simulator.cs", code.Simulator());
            if (root is not null) yield return ($"{pascal}.Tests/{pascal}Contract.cs", code.Contract());
        }

        if (root is not null) yield return ($"{pascal}.Tests/{pascal}.Tests.csproj", TestProject(pascal));
    }

    /// <summary>The worked example of the manual, under another name.</summary>
    private static string Renamed(string file, string name, string pascal)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("template/" + file)!;
        using var reader = new StreamReader(stream);
        var words = name.Replace('-', ' ');
        return reader.ReadToEnd().Replace("\"siren\"", $"\"{name}\"").Replace("Example.Siren", pascal).Replace("Siren", pascal).Replace("siren", words);
    }

    private static string? Checkout()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, "Soar.sln"))) return at.FullName;
        return null;
    }

    // Own files, so that whatever lies above this folder does not reach into it.
    private static string BuildProps(string folder, string? root) => $"""
        <Project>
          <PropertyGroup>
            <!-- Where Soar is: {(root is null ? "the installed program" : "its checkout")}. Elsewhere: dotnet build -p:SoarRoot=/path/to/it -->
            <SoarRoot Condition="'$(SoarRoot)' == ''">$([System.IO.Path]::GetFullPath('$(MSBuildThisFileDirectory){Path.GetRelativePath(folder, root ?? AppContext.BaseDirectory)}'))</SoarRoot>
            <TargetFramework>net10.0</TargetFramework>
            <LangVersion>14</LangVersion>
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
            <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
            <GenerateDocumentationFile>true</GenerateDocumentationFile><!-- playbooks' completions show the capability's texts -->
            <NoWarn>$(NoWarn);CS1591;CS1573</NoWarn>
            <InvariantGlobalization>true</InvariantGlobalization>
          </PropertyGroup>
        </Project>

        """;

    private const string PackageProps = """
        <Project>
          <PropertyGroup>
            <ManagePackageVersionsCentrally>true</ManagePackageVersionsCentrally>
          </PropertyGroup>
          <ItemGroup>
            <PackageVersion Include="Microsoft.NET.Test.Sdk" Version="18.0.1" />
            <PackageVersion Include="xunit.runner.visualstudio" Version="3.1.5" />
            <PackageVersion Include="xunit.v3" Version="3.2.2" />
          </ItemGroup>
        </Project>

        """;

    private static string Project(string? root)
    {
        string Reference(string project, string path) => root is null
            ? $"<Reference Include=\"{project}\" HintPath=\"$(SoarRoot)/{project}.dll\" Private=\"false\" />"
            : $"<ProjectReference Include=\"$(SoarRoot)/{path}/{project}/{project}.csproj\" Private=\"false\" ExcludeAssets=\"runtime\" />";
        return $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <EnableDynamicLoading>true</EnableDynamicLoading><!-- its output folder can be put into connectors/ as it is -->
              </PropertyGroup>
              <ItemGroup>
                <!-- Soar brings these two itself: they are compiled against and not copied. -->
                {Reference("Soar.Core", "engine")}
                {Reference("Soar.Connectors", "connectors")}
              </ItemGroup>
            </Project>

            """;
    }

    private static string TestProject(string pascal) => $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <IsTestProject>true</IsTestProject>
          </PropertyGroup>
          <ItemGroup>
            <ProjectReference Include="../{pascal}/{pascal}.csproj" />
            <ProjectReference Include="$(SoarRoot)/engine/Soar.Core/Soar.Core.csproj" />
            <ProjectReference Include="$(SoarRoot)/connectors/Soar.Connectors/Soar.Connectors.csproj" />
            <ProjectReference Include="$(SoarRoot)/tests/Soar.Testing/Soar.Testing.csproj" />
            <PackageReference Include="Microsoft.NET.Test.Sdk" />
            <PackageReference Include="xunit.runner.visualstudio" PrivateAssets="all" />
            <PackageReference Include="xunit.v3" />
          </ItemGroup>
        </Project>

        """;
}
