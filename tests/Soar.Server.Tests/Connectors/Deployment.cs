using System.Diagnostics;
using Soar.Testing;

namespace Soar.Server.Tests.Connectors;

/// <summary>A deployment in a folder of its own, and the real program on it.</summary>
internal sealed class Deployment : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly Dictionary<string, string> environment = new() { ["SOAR_CACHE"] = "" };

    public Deployment() => environment["SOAR_CACHE"] = Path.Combine(folder.Path, "cache");

    public string Home => folder.Path;
    public string Store => Path.Combine(folder.Path, ".soar");

    public string File(string name, string text) => folder.File(name, text);

    public void Set(string variable, string value) => environment[variable] = value;

    /// <summary>What a build of the example connector puts out, as a third party would copy it.</summary>
    public void InstallSiren()
    {
        var output = Path.Combine(Root(), "connectors", "Example.Siren", "bin", Configuration, "net10.0");
        var target = Directory.CreateDirectory(Path.Combine(folder.Path, "connectors", "siren")).FullName;
        foreach (var file in Directory.GetFiles(output)) System.IO.File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
    }

    public (int Exit, string Output) Soar(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "soar.dll"), .. arguments, "--settings", Path.Combine(folder.Path, "soar.yaml"), "--store", Store])
        {
            WorkingDirectory = folder.Path, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    public void Dispose() => folder.Dispose();

    public static string Root()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (System.IO.File.Exists(Path.Combine(at.FullName, "Soar.sln"))) return at.FullName;
        throw new InvalidOperationException("The tests do not run from a checkout.");
    }

    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
}
