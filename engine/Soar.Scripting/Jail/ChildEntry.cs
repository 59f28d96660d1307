using System.Reflection;
using System.Runtime.InteropServices;

namespace Soar.Scripting.Jail;

/// <summary>Which program a jailed child is: the executable and the arguments that come before the verb.</summary>
public sealed record ChildEntry(string Executable, IReadOnlyList<string> Prefix)
{
    /// <summary>This very application, be it started as <c>dotnet soar.dll</c> or through its own launcher <c>soar</c>.</summary>
    public static ChildEntry ThisApplication { get; } = FindThisApplication();

    /// <summary>Another application's <c>.dll</c>, started by the <c>dotnet</c> that runs this process (tests start their child so).</summary>
    public static ChildEntry ForAssembly(string path) => new(DotnetLauncher(), [path]);

    /// <summary>
    /// An application's <c>.dll</c> without the frameworks that only its parent needs: beside it lies <c>NAME.child.runtimeconfig.json</c>, which leaves them out, so that a child starts as
    /// fast as without them and could not load them if it wanted to. Where that file or the <c>dotnet</c> launcher is missing (a self-contained build): <see cref="ThisApplication"/>.
    /// </summary>
    public static ChildEntry LeanOf(string path)
    {
        var config = Path.ChangeExtension(path, ".child.runtimeconfig.json");
        return File.Exists(config) && File.Exists(Path.Combine(FrameworkRoot(), "dotnet"))
            ? new(DotnetLauncher(), ["exec", "--runtimeconfig", config, "--depsfile", Path.ChangeExtension(path, ".deps.json"), path])
            : ThisApplication;
    }

    private static ChildEntry FindThisApplication()
    {
        var executable = Environment.ProcessPath ?? throw new JailException("The path of the running program is unknown: is /proc mounted?");
        if (!Path.GetFileName(executable).Equals("dotnet", StringComparison.Ordinal))
            return new(executable, []);
        var assembly = Assembly.GetEntryAssembly()?.Location;
        return string.IsNullOrEmpty(assembly)
            ? throw new JailException("This process has no entry assembly: pass a ChildEntry that names the program to start.")
            : new(executable, [assembly]);
    }

    private static string DotnetLauncher()
    {
        if (Environment.ProcessPath is { } running && Path.GetFileName(running).Equals("dotnet", StringComparison.Ordinal))
            return running;
        var launcher = Path.Combine(FrameworkRoot(), "dotnet");
        return File.Exists(launcher) ? launcher : throw new JailException($"There is no dotnet launcher at {launcher}: start through the application's own launcher instead.");
    }

    /// <summary>The directory that holds <c>shared/</c> and <c>host/</c>; for a self-contained application, its own directory.</summary>
    internal static string FrameworkRoot()
    {
        var runtime = RuntimeEnvironment.GetRuntimeDirectory().TrimEnd('/');
        var shared = Path.GetDirectoryName(Path.GetDirectoryName(runtime));
        return shared is not null && Path.GetFileName(shared).Equals("shared", StringComparison.Ordinal) ? Path.GetDirectoryName(shared)! : runtime;
    }
}
