using System.Reflection;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.Nftables;
using Soar.Scripting;
using Soar.Scripting.Compile;
using Soar.Scripting.Edit;
using Soar.Scripting.Host;
using Soar.Scripting.Jail;
using Soar.Server.Credentials;
using Soar.Server.Display;
using Soar.Server.Settings;
using Soar.Storage;

namespace Soar.Server.Node;

/// <summary>What commands need that look at playbooks and settings without a store: connectors, capabilities, the compiler.</summary>
internal sealed class Toolchain : IAsyncDisposable
{
    private readonly CompileWorker worker;
    private readonly PlaybookSurface surface;
    private readonly SemaphoreSlim checking = new(1, 1);

    private Toolchain(Workspace workspace, TimeProvider clock)
    {
        Workspace = workspace;
        var log = new StandardErrorLog();
        var own = typeof(NftablesConnector).Assembly;
        Directory.CreateDirectory(workspace.Cache);
        Foreign = ForeignConnectors.In(workspace.Connectors, own);
        (Catalog, surface) = SurfaceOf(own, Foreign, workspace.Cache);
        foreach (var problem in Foreign.Problems) log.CreateLogger("connectors").ForeignConnectorLeftOut(problem);
        Registry = new ConnectorRegistry(Catalog, [own, .. Foreign.Assemblies]) { LeftOut = Foreign.Problems };
        Templates = new Templates(workspace.Templates);
        Credentials = new CredentialValues(() => Stored(workspace), () => SettingsFile.Keys(workspace.SettingsPath), clock);
        Settings = SettingsFile.Read(workspace.SettingsPath, Registry, name =>
            new ConnectorServices(name, clock, log.CreateLogger(name), Templates, workspace.SettingsFolder)
            {
                OwnFolder = workspace.OwnFolder(name),
            }, Credentials);
        worker = new CompileWorker(surface, new CompileWorkerOptions { Policy = Settings.Jail, Processes = 2 }, ChildProgram.Entry, clock);
        Compiler = new PlaybookCompiler(worker, surface.Hash, new PlaybookCache(workspace.Cache, new PlaybookCacheOptions(), clock));
    }

    public Workspace Workspace { get; }

    /// <summary>Third parties' connectors.</summary>
    public ForeignConnectors Foreign { get; }
    public ActionCatalog Catalog { get; }
    public ConnectorRegistry Registry { get; }
    public Templates Templates { get; }
    public SoarSettings Settings { get; }

    /// <summary>What the settings refer to as credentials.</summary>
    public CredentialValues Credentials { get; }
    public PlaybookCompiler Compiler { get; }

    /// <summary>How many compiler processes were started so far.</summary>
    public int CompilersStarted => worker.Started;

    /// <summary>How playbooks are hosted in this deployment.</summary>
    public HostOptions Hosting(int processes) => new()
    {
        Entry = ChildProgram.Entry, CacheFolder = Workspace.Cache, Processes = processes, Jail = new JailOptions { HeapLimitBytes = 512L << 20, Policy = Settings.Jail },
    };

    public static Toolchain Open(Workspace workspace, TimeProvider clock) => new(workspace, clock);

    /// <summary>What may be written at this place of an unfinished playbook, with its documentation.</summary>
    public async Task<IReadOnlyList<Completion>> CompleteAsync(string text, string file, int position, CancellationToken cancellation)
    {
        var documentation = new Documentation([.. surface.References, typeof(Alert).Assembly.Location, typeof(CompileWorker).Assembly.Location]);
        return [.. (await worker.CompleteAsync(text, file, position, cancellation)).Select(documentation.Explain)];
    }

    /// <summary>
    /// Everything that is wrong with a text that nobody has published. It is compiled and forgotten: the cache is for what runs. One at a time, so that completions and runs find the other process free,
    /// and whoever goes away while it waits costs nothing.
    /// </summary>
    public async Task<IReadOnlyList<PlaybookDiagnostic>> CheckTextAsync(string text, string file, CancellationToken cancellation)
    {
        await checking.WaitAsync(cancellation);
        return await BuildAsync().WaitAsync(cancellation);

        async Task<IReadOnlyList<PlaybookDiagnostic>> BuildAsync()
        {
            try
            {
                return (await worker.BuildAsync(text, file, new BuildOptions(), CancellationToken.None)).Diagnostics;
            }
            finally
            {
                checking.Release();
            }
        }
    }

    /// <summary>Compiles files side by side and tells what each is and what is wrong with it, in the order given.</summary>
    public Task<IReadOnlyList<CatalogEntry>> CheckAsync(IReadOnlyList<string> files, CancellationToken cancellation) =>
        PlaybookCatalog.ReadAsync(files, Environment.CurrentDirectory, Compiler, parallel: 2, cancellation);

    private static IReadOnlyList<Credential>? Stored(Workspace workspace)
    {
        using var reader = SoarNode.TryOpenReader(workspace);
        return reader?.Credentials.List();
    }

    // An interface that no facade can be made of is found by making them; then each foreign assembly is tried by itself.
    private static (ActionCatalog Catalog, PlaybookSurface Surface) SurfaceOf(Assembly own, ForeignConnectors foreign, string cache)
    {
        while (true)
        {
            var catalog = new ActionCatalog([own, .. foreign.Assemblies]);
            try
            {
                return (catalog, PlaybookSurface.Of(catalog, cache));
            }
            catch (SoarException together) when (foreign.Assemblies.Count > 0)
            {
                var culprits = foreign.Assemblies.Select(assembly => (Assembly: assembly, Problem: ProblemOf(assembly))).Where(found => found.Problem is not null).ToList();
                // Each is fine alone and they are not together: none can be trusted to be the right one.
                if (culprits.Count == 0) culprits = [.. foreign.Assemblies.Select(assembly => (assembly, (string?)together.Message))];
                foreach (var (assembly, problem) in culprits) foreign.LeaveOut(assembly, problem!);
            }
        }

        string? ProblemOf(Assembly assembly)
        {
            try
            {
                PlaybookSurface.Of(new ActionCatalog(own, assembly), cache);
                return null;
            }
            catch (SoarException e)
            {
                return e.Message;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await worker.DisposeAsync();
        await Registry.DisposeAsync();
    }
}
