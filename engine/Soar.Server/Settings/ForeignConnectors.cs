using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.Loader;
using Soar.Capabilities;

namespace Soar.Server.Settings;

/// <summary>
/// Third parties' connectors: assemblies in a folder, each in a load context of its own, so that two of them may bring two versions of the same library. Soar.Core and
/// Soar.Connectors are the engine's own for all of them. One that is broken is told by name and left out; the others do not notice.
/// </summary>
internal sealed class ForeignConnectors
{
    private readonly List<Assembly> assemblies = [];
    private readonly List<string> problems = [];

    private ForeignConnectors(IReadOnlyList<Assembly> own, string folder)
    {
        foreach (var file in Candidates(folder)) Load(file, own);
    }

    public IReadOnlyList<Assembly> Assemblies => assemblies;

    /// <summary>What could not be used, each with its file and what to do.</summary>
    public IReadOnlyList<string> Problems => problems;

    /// <param name="own">Assemblies that the engine brings itself.</param>
    /// <param name="folder">A folder that is not there holds none.</param>
    public static ForeignConnectors In(string folder, params IReadOnlyList<Assembly> own) => new(own, folder);

    /// <summary>Leaves one out that turned out to be unusable later.</summary>
    public void LeaveOut(Assembly assembly, string why)
    {
        assemblies.Remove(assembly);
        problems.Add($"{assembly.Location}: {why}");
    }

    // Either a folder per connector (what a build puts out, libraries beside it) or single files: everything that is made for Soar.Core, wherever it lies.
    private IEnumerable<string> Candidates(string folder)
    {
        if (!Directory.Exists(folder)) return [];
        var files = Directory.EnumerateFiles(folder, "*.dll").Concat(Directory.EnumerateDirectories(folder).SelectMany(inner => Directory.EnumerateFiles(inner, "*.dll")));
        return files.Where(IsMadeForSoar).Order(StringComparer.Ordinal).ToList();
    }

    private bool IsMadeForSoar(string file)
    {
        if (Path.GetFileName(file).StartsWith("Soar.", StringComparison.Ordinal)) return false; // ours, copied along by a build
        try
        {
            using var stream = File.OpenRead(file);
            using var image = new PEReader(stream);
            if (!image.HasMetadata) return false; // a native library
            var metadata = image.GetMetadataReader();
            return metadata.AssemblyReferences.Select(metadata.GetAssemblyReference).Any(reference => metadata.GetString(reference.Name) == "Soar.Core");
        }
        catch (Exception e) when (e is BadImageFormatException or IOException or UnauthorizedAccessException)
        {
            problems.Add($"{file}: it is no assembly, or cannot be read ({e.Message.TrimEnd('.')}). Build it again and copy the whole output folder.");
            return false;
        }
    }

    private void Load(string file, IReadOnlyList<Assembly> own)
    {
        try
        {
            var assembly = new ConnectorContext(file).LoadFromAssemblyPath(file);
            // Reads every interface and connector of it once: what is wrong there is found here and not in the middle of a run.
            Assembly[] together = [.. own, .. assemblies, assembly];
            var catalog = new ActionCatalog(together);
            _ = new ConnectorRegistry(catalog, together);
            assemblies.Add(assembly);
        }
        catch (Exception e) // whatever foreign code can be wrong in: it must not harm the rest
        {
            problems.Add($"{file}: it cannot be used: {Words(e)}");
        }
    }

    private static string Words(Exception e) => e switch
    {
        SoarException => e.Message,
        ReflectionTypeLoadException { LoaderExceptions: [{ } first, ..] } => $"{first.Message} Build it against this version of Soar.",
        FileNotFoundException or FileLoadException or TypeLoadException or MissingMethodException => $"{e.Message} Build it against this version of Soar, and copy the whole output folder.",
        _ => $"{e.GetType().Name}: {e.Message}",
    };

    private sealed class ConnectorContext(string file) : AssemblyLoadContext($"connector {Path.GetFileNameWithoutExtension(file)}")
    {
        private static readonly HashSet<string> Shared = new(StringComparer.Ordinal) { "Soar.Core", "Soar.Connectors", "Microsoft.Extensions.Logging.Abstractions" };

        private readonly AssemblyDependencyResolver resolver = new(file);

        protected override Assembly? Load(AssemblyName assemblyName) =>
            Shared.Contains(assemblyName.Name!) ? null : resolver.ResolveAssemblyToPath(assemblyName) is { } path ? LoadFromAssemblyPath(path) : null;

        protected override nint LoadUnmanagedDll(string unmanagedDllName) => resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : 0;
    }
}
