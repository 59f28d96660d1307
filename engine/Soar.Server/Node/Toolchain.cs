using System.Reflection;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.Nftables;
using Soar.Scripting.Compile;
using Soar.Scripting.Jail;
using Soar.Server.Display;
using Soar.Server.Settings;

namespace Soar.Server.Node;

/// <summary>What commands need that look at playbooks and settings without a store: connectors, capabilities, the compiler.</summary>
internal sealed class Toolchain : IAsyncDisposable
{
    private readonly CompileWorker worker;

    private Toolchain(Workspace workspace, TimeProvider clock)
    {
        Workspace = workspace;
        var log = new StandardErrorLog();
        var assemblies = new[] { typeof(NftablesConnector).Assembly };
        Catalog = new ActionCatalog(assemblies);
        Registry = new ConnectorRegistry(Catalog, assemblies);
        Templates = new Templates(workspace.Templates);
        Settings = SettingsFile.Read(workspace.SettingsPath, Registry, name =>
            new ConnectorServices(name, clock, log.CreateLogger(name), Templates, workspace.SettingsPath is null ? workspace.Playbooks : Path.GetDirectoryName(Path.GetFullPath(workspace.SettingsPath))!)
            {
                OwnFolder = workspace.OwnFolder(name),
            });
        Directory.CreateDirectory(workspace.Cache);
        var surface = PlaybookSurface.Of(Catalog, workspace.Cache);
        worker = new CompileWorker(surface, new CompileWorkerOptions { Policy = Settings.Jail, Processes = 2 }, ChildEntry.ThisApplication, clock);
        Compiler = new PlaybookCompiler(worker, surface.Hash, new PlaybookCache(workspace.Cache, new PlaybookCacheOptions(), clock));
    }

    public Workspace Workspace { get; }
    public ActionCatalog Catalog { get; }
    public ConnectorRegistry Registry { get; }
    public Templates Templates { get; }
    public SoarSettings Settings { get; }
    public PlaybookCompiler Compiler { get; }

    public static Toolchain Open(Workspace workspace, TimeProvider clock) => new(workspace, clock);

    /// <summary>Compiles files side by side and tells what each is and what is wrong with it, in the order given.</summary>
    public Task<IReadOnlyList<CatalogEntry>> CheckAsync(IReadOnlyList<string> files, CancellationToken cancellation) =>
        PlaybookCatalog.ReadAsync(files, Environment.CurrentDirectory, Compiler, parallel: 2, cancellation);

    public async ValueTask DisposeAsync()
    {
        await worker.DisposeAsync();
        await Registry.DisposeAsync();
    }
}
