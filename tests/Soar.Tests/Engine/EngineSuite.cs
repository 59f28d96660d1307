using Soar.Engine;
using Soar.Hosting;
using Soar.Runs;
using Soar.Storage;
using Soar.Testing;

namespace Soar.Tests.Engine;

/// <summary>The stores that the engine is proven on: what is true on one must be true on all.</summary>
public enum StoreKind
{
    /// <summary>The contract in memory (<see cref="MemoryStore"/>): for simulations of many thousand writes.</summary>
    Memory,

    /// <summary>The real one, on a database file of the test's own.</summary>
    Sqlite,
}

/// <summary>A suite of the engine: abstract, with one sealed class per store. Every store that a test opens is its own and gone after it.</summary>
public abstract class EngineSuite(StoreKind kind) : IAsyncDisposable
{
    private readonly Dictionary<IRunStore, SoarDatabase> opened = [];
    private readonly List<TempFolder> folders = [];

    /// <summary>A fresh, empty store; closed after the test.</summary>
    private protected IRunStore NewStore(ManualClock clock) => kind == StoreKind.Memory ? new MemoryStore() : Keep(SoarDatabase.OpenForTests(clock), clock);

    /// <summary>The store as a new process finds it after the old one was killed: what the files hold, log included, and nothing that was only in memory.</summary>
    private protected async Task<IRunStore> RestartedAsync(IRunStore store, ManualClock clock)
    {
        if (!opened.Remove(store, out var database)) return store;
        var folder = new TempFolder();
        folders.Add(folder);
        foreach (var name in new[] { database.File, database.File + "-wal" })
            if (File.Exists(name)) File.Copy(name, Path.Combine(folder.Path, Path.GetFileName(name)));
        await CloseAsync(database);
        return Keep(SoarDatabase.Open(Path.Combine(folder.Path, Path.GetFileName(database.File)), new StorageOptions { Durability = Durability.Off }, clock), clock);
    }

    /// <summary>Closes a store before the test's end, where it opens many.</summary>
    private protected Task CloseAsync(IRunStore store) => opened.Remove(store, out var database) ? CloseAsync(database) : Task.CompletedTask;

    private static Task CloseAsync(SoarDatabase database) => Interleaving.Outside(async () =>
    {
        await database.DisposeAsync();
        return true;
    });

    /// <summary>Every run's journal.</summary>
    internal static async Task<IReadOnlyDictionary<RunId, IReadOnlyList<JournalRecord>>> JournalsAsync(IRunStore store)
    {
        var journals = new Dictionary<RunId, IReadOnlyList<JournalRecord>>();
        foreach (var run in await store.ListAsync(null, null, int.MaxValue)) journals[run.Id] = await store.ReadJournalAsync(run.Id);
        return journals;
    }

    /// <summary>An engine with everything around it, on a fresh store unless one is given.</summary>
    private protected World NewWorld(
        EngineOptions? options = null, IRunStore? store = null, ManualClock? clock = null, Gate? gate = null, Plays? plays = null, int seed = 1, Func<IPlaybookHostEvents, IPlaybookHost>? host = null)
    {
        clock ??= new ManualClock();
        return new World(options, store ?? NewStore(clock), clock, gate, plays, seed, host);
    }

    private IRunStore Keep(SoarDatabase database, ManualClock clock)
    {
        IRunStore store = clock.World is null ? new RunStore(database) : new SteppedStore(new RunStore(database));
        opened.Add(store, database);
        return store;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var database in opened.Values) await database.DisposeAsync();
        foreach (var folder in folders) folder.Dispose();
        GC.SuppressFinalize(this);
    }
}
