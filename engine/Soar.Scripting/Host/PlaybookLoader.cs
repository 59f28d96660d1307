using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.Loader;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Hosting;
using Soar.Language;

namespace Soar.Scripting.Host;

/// <summary>
/// Loads compiled playbooks, each version in a collectible context of its own, and unloads those that no run uses: the newest few idle ones stay, since their
/// next run is likely.
/// </summary>
internal sealed class PlaybookLoader(int idleVersions = 16)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, LoadedPlaybook> loaded = new(StringComparer.Ordinal);
    private readonly LinkedList<LoadedPlaybook> idle = new();

    /// <summary>Takes a version into use; every call is paired with <see cref="Release"/>.</summary>
    public LoadedPlaybook Acquire(string version, string assemblyPath)
    {
        lock (gate)
        {
            if (!loaded.TryGetValue(version, out var playbook))
            {
                playbook = LoadedPlaybook.Load(version, assemblyPath);
                loaded.Add(version, playbook);
            }

            if (playbook.Users++ == 0) idle.Remove(playbook);
            return playbook;
        }
    }

    public void Release(LoadedPlaybook playbook)
    {
        LoadedPlaybook? unload = null;
        lock (gate)
        {
            if (--playbook.Users > 0) return;
            idle.AddLast(playbook);
            if (idle.Count > idleVersions)
            {
                unload = idle.First!.Value;
                idle.RemoveFirst();
                loaded.Remove(unload.Version);
            }
        }

        unload?.Unload();
    }
}

/// <summary>One loaded playbook version.</summary>
internal sealed class LoadedPlaybook
{
    // Facades and foreign capability assemblies are shared by all playbooks and stay loaded: there are as many as the deployment ever had surfaces.
    private static readonly ConcurrentDictionary<string, Assembly> Shared = new(StringComparer.Ordinal);

    private readonly PlaybookContext context;
    private readonly Type script;
    private readonly MethodInfo? evaluate;
    private readonly MethodInfo? evaluateCase;

    private LoadedPlaybook(string version, PlaybookContext context, Type script)
    {
        Version = version;
        this.context = context;
        this.script = script;
        evaluate = script.GetMethod("Evaluate", BindingFlags.Public | BindingFlags.Static, [typeof(string), typeof(Alert)]);
        evaluateCase = script.GetMethod("EvaluateCase", BindingFlags.Public | BindingFlags.Static, [typeof(string), typeof(CaseState)]);
    }

    public string Version { get; }

    public int Users { get; set; }

    /// <summary>The playbook's own options: shared ones would keep its types loaded for good.</summary>
    public JsonSerializerOptions Json { get; } = SoarJson.Create();

    public static LoadedPlaybook Load(string version, string assemblyPath)
    {
        var own = new PlaybookContext(version, Path.GetDirectoryName(assemblyPath)!);
        try
        {
            var assembly = own.LoadFromAssemblyPath(assemblyPath);
            var type = assembly.GetTypes().SingleOrDefault(t => !t.IsAbstract && t.IsSubclassOf(typeof(Script)))
                ?? throw new SoarException("SOAR2022", $"{assemblyPath} holds no playbook (or more than one). Compile the playbook again.");
            return new LoadedPlaybook(version, own, type);
        }
        catch (Exception error) when (error is not SoarException)
        {
            own.Unload();
            throw new SoarException("SOAR2022", $"The compiled playbook {assemblyPath} cannot be loaded: {error.Message} Delete it; it is compiled again.", error);
        }
    }

    public Script Create() => (Script)Activator.CreateInstance(script)!;

    public byte[] Evaluate(string lambda, LambdaSubject subject)
    {
        var (method, asked) = subject.Case is { } state ? (evaluateCase, (object)state) : (evaluate, subject.Alert!);
        if (method is null) throw new SoarException("SOAR2022", $"The compiled playbook {Version} evaluates no such lambdas. Compile it again.");
        var value = method.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [lambda, asked], null);
        return JsonSerializer.SerializeToUtf8Bytes(value, Json);
    }

    public void Unload() => context.Unload();

    /// <summary>Finds facades and foreign capabilities beside the playbook; everything else is the host's own.</summary>
    private sealed class PlaybookContext(string version, string folder) : AssemblyLoadContext($"playbook {version}", isCollectible: true)
    {
        protected override Assembly? Load(AssemblyName assemblyName)
        {
            var path = Path.Combine(folder, assemblyName.Name + ".dll");
            if (assemblyName.Name!.StartsWith("System", StringComparison.Ordinal) || assemblyName.Name == "Soar.Core" || assemblyName.Name == "Soar.Scripting") return null;
            return File.Exists(path) ? Shared.GetOrAdd(path, static path => SharedContext.Instance.LoadFromAssemblyPath(path)) : null;
        }
    }

    private sealed class SharedContext() : AssemblyLoadContext("capabilities")
    {
        public static readonly SharedContext Instance = new();

        protected override Assembly? Load(AssemblyName assemblyName) =>
            Shared.FirstOrDefault(a => a.Value.GetName().Name == assemblyName.Name).Value;
    }
}
