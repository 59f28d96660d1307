using Microsoft.Extensions.Logging.Abstractions;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Engine;
using Soar.Hosting;
using Soar.Runs;
using Soar.Scripting.Compile;
using Soar.Scripting.Host;
using Soar.Server.Node;
using Soar.Storage;

namespace Soar.Server.Bench;

/// <summary>Steps that cost nothing by themselves: what is left is Soar.</summary>
[Capability("Bench", "Does nothing, for benchmarks.")]
public interface IBench
{
    /// <summary>Gives the number back.</summary>
    [Action(Effect.ReadsOnly)]
    Task<int> NothingAsync(int number, ActionContext context, CancellationToken cancellation);
}

internal sealed class NoOp : IBench, IConnectorInstances
{
    public Task<int> NothingAsync(int number, ActionContext context, CancellationToken cancellation) => Task.FromResult(number);
    public IReadOnlyList<string> Names(string capability) => capability == "Bench" ? ["no-op"] : [];
    public object? Find(string capability, string instance, bool simulated) => this;
}

/// <summary>
/// The whole of Soar as in production: compiled playbooks in jailed host processes, the engine, SQLite with <c>synchronous=FULL</c> in a folder of its own; only the
/// connector does nothing.
/// </summary>
internal sealed class BenchRig : IAsyncDisposable
{
    private readonly string folder;
    private readonly PlaybookCompiler compiler;
    private readonly HostPool pool;

    private BenchRig(string folder, EngineOptions options, SoarDatabase database, HostPool pool, Relay relay)
    {
        this.folder = folder;
        this.pool = pool;
        Database = database;
        Store = new RunStore(database);
        var catalog = new ActionCatalog(typeof(IBench).Assembly);
        var surface = PlaybookSurface.Of(catalog, Cache(folder));
        compiler = new PlaybookCompiler(new PlaybookBuilder(surface), surface.Hash, new PlaybookCache(Cache(folder), new PlaybookCacheOptions(), TimeProvider.System));
        Playbooks = new Playbooks(compiler, folder, new StoredVersions(Store.FindVersionAsync, Store.NewestVersionAsync));
        Engine = new SoarEngine(options, Store, Playbooks, events => { relay.Engine = events; return pool; }, new NoOp(), catalog, database.Artifacts, TimeProvider.System,
            new Ids(TimeProvider.System), NullLoggerFactory.Instance, new Random(1));
    }

    public SoarDatabase Database { get; }
    public RunStore Store { get; }
    public Playbooks Playbooks { get; }
    public SoarEngine Engine { get; }

    public static async Task<BenchRig> OpenAsync(EngineOptions options)
    {
        var home = Directory.CreateTempSubdirectory("soar-bench-").FullName;
        Directory.CreateDirectory(Cache(home));
        var relay = new Relay();
        var hosts = await HostPool.StartAsync(relay, new HostOptions { CacheFolder = Cache(home), Entry = ChildProgram.Entry }, TimeProvider.System, CancellationToken.None);
        var rig = new BenchRig(home, options, SoarDatabase.Open(Path.Combine(home, "soar.db"), new StorageOptions(), TimeProvider.System), hosts, relay);
        rig.Engine.Start();
        return rig;
    }

    public async Task<CompiledPlaybook> CompileAsync(string name, string body)
    {
        var path = Path.Combine(folder, $"{name}.csx");
        await File.WriteAllTextAsync(path, $"Playbook(\"{name}\", version: \"1.0.0\", type: PlaybookType.Investigation, tlp: Tlp.Clear, summary: \"Benchmark.\");\n{body}\n");
        return await Playbooks.FromFileAsync(path, CancellationToken.None);
    }

    public Task<RunId> StartAsync(CompiledPlaybook playbook) => Engine.StartAsync(playbook, new StartRequest { StartedBy = "bench" });

    /// <summary>CPU seconds of this process and of the playbook hosts so far.</summary>
    public double Cpu() => Environment.CpuUsage.TotalTime.TotalSeconds + pool.Processes.Sum(id =>
    {
        using var process = System.Diagnostics.Process.GetProcessById(id);
        return process.TotalProcessorTime.TotalSeconds;
    });

    /// <summary>Resident bytes of this process and of the playbook hosts.</summary>
    public (long Engine, long Hosts) Resident() => (ResidentOf(Environment.ProcessId), pool.Processes.Sum(ResidentOf));

    private static long ResidentOf(int id)
    {
        using var process = System.Diagnostics.Process.GetProcessById(id);
        return process.WorkingSet64;
    }

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        Store.Dispose();
        await Database.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private static string Cache(string folder) => Path.Combine(folder, "cache");

    private sealed class Relay : IPlaybookHostEvents
    {
        public IPlaybookHostEvents? Engine { get; set; }
        public void StepCalled(StepCall call) => Engine?.StepCalled(call);
        public void StepCancelled(RunId run, int ordinal) => Engine?.StepCancelled(run, ordinal);
        public void Idle(RunIdle idle) => Engine?.Idle(idle);
        public void Ended(RunEnd end) => Engine?.Ended(end);
        public void HostDied(string reason, RunId? inHand, IReadOnlyList<RunId> lost) => Engine?.HostDied(reason, inHand, lost);
    }
}
