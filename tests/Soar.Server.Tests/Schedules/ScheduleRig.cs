using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Soar.Capabilities;
using Soar.Connectors.Nftables;
using Soar.Engine;
using Soar.Runs;
using Soar.Scripting.Compile;
using Soar.Scripting.Host;
using Soar.Server.Schedules;
using Soar.Server.Settings;
using Soar.Storage;
using Soar.Testing;

namespace Soar.Server.Tests.Schedules;

/// <summary>An engine on a store of its own, whose schedules fire by a clock that can be set: as often as a test likes a server goes down and another comes up at another time.</summary>
internal sealed class ScheduleRig : IAsyncDisposable
{
    private static readonly string Cache = Directory.CreateTempSubdirectory("soar-schedules-").FullName;
    private static readonly ActionCatalog Catalog = new(typeof(NftablesConnector).Assembly);
    private static readonly PlaybookSurface Surface = PlaybookSurface.Of(Catalog, Cache);
    private static readonly PlaybookCompiler Compiler = new(new PlaybookBuilder(Surface), Surface.Hash, new PlaybookCache(Cache, new PlaybookCacheOptions(), TimeProvider.System));

    private readonly TempFolder folder = new();
    private readonly SoarDatabase database;
    private readonly Playbooks playbooks;
    private Scheduling? serving;
    private ShiftedClock? clock;

    public ScheduleRig()
    {
        database = SoarDatabase.Open(Path.Combine(folder.Path, "soar.db"), new StorageOptions(), TimeProvider.System);
        Runs = new RunStore(database);
        Store = new ScheduleStore(database);
        playbooks = new Playbooks(Compiler, folder.Path, new StoredVersions(Runs.FindVersionAsync, Runs.NewestVersionAsync));
        Engine = new SoarEngine(new EngineOptions(), Runs, playbooks, events => new InProcessHost(events), new ConnectorRegistry(Catalog, [typeof(NftablesConnector).Assembly]), Catalog, database.Artifacts,
            TimeProvider.System, new Ids(TimeProvider.System), NullLoggerFactory.Instance, new Random(1));
        Engine.Start();
    }

    public RunStore Runs { get; }
    public ScheduleStore Store { get; }
    public SoarEngine Engine { get; }
    public SoarSettings Settings { get; set; } = new();
    public string QuartzFile => QuartzClock.FileIn(folder.Path);

    public string File(string name, string text) => folder.File(name, text);

    public void Playbook(string name, string header, string body = "return Outcome.Completed();", string version = "1.0.0") => folder.File($"{name}.csx",
        $"Playbook(\"{name}\", version: \"{version}\", type: PlaybookType.Investigation, tlp: Tlp.Amber, summary: \"A test.\");\n{header}\n{body}\n");

    public void Remove(string name) => System.IO.File.Delete(Path.Combine(folder.Path, $"{name}.csx"));

    /// <summary>A server comes up when its clock says so, and is ready.</summary>
    public async Task ServeAsync(string now)
    {
        await DownAsync();
        clock = new ShiftedClock(Time(now));
        serving = new Scheduling(new SchedulingParts(Engine, Runs, Store, playbooks, Settings, folder.Path, folder.Path, clock, NullLoggerFactory.Instance));
        await serving.Ready.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal([], (await playbooks.TriggeredByAsync("schedule", CancellationToken.None)).Broken);
    }

    /// <summary>A server knows the schedules half an hour before, and one that comes up some seconds late finds the time due: on time, however slow this machine is.</summary>
    public async Task PassAsync(string due)
    {
        await ServeAsync(Time(due).AddMinutes(-30).ToString("yyyy-MM-ddTHH:mm:ss", null));
        await ServeAsync(Time(due).AddSeconds(10).ToString("yyyy-MM-ddTHH:mm:ss", null));
    }

    /// <summary>Waits until Quartz knows the schedule so.</summary>
    public async Task UntilFollowedAsync(string schedule, string? cron)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(30));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var tables = new SqliteConnection($"Data Source={QuartzFile};Mode=ReadOnly");
        while (tables.QueryFirstOrDefault<string>("SELECT CRON_EXPRESSION FROM QRTZ_CRON_TRIGGERS WHERE TRIGGER_NAME = @schedule", new { schedule }) != cron) await tick.WaitForNextTickAsync(patience.Token);
    }

    public async Task DownAsync()
    {
        if (serving is not null) await serving.DisposeAsync();
        serving = null;
    }

    /// <summary>As if the process had died after it started the run and before it noted so.</summary>
    public async Task ForgetDecisionAsync(long firing)
    {
        using var connection = new SqliteConnection($"Data Source={database.File}");
        await connection.ExecuteAsync("UPDATE schedule_firings SET state = 0, run_id = NULL, decided_at = NULL WHERE firing_no = @firing", new { firing });
    }

    /// <summary>The schedule's due times, oldest first, once they are as wanted.</summary>
    public async Task<IReadOnlyList<ScheduleFiring>> UntilAsync(string schedule, Func<IReadOnlyList<ScheduleFiring>, bool> wanted)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(30));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var firings = (await Store.ListAsync(schedule, 1_000)).Reverse().ToList();
            if (wanted(firings)) return firings;
            if (patience.IsCancellationRequested) Assert.Fail($"It did not come to that. There are:\n{string.Join('\n', firings)}");
            await tick.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    public static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text + "Z", System.Globalization.CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        await DownAsync();
        await Engine.DisposeAsync();
        Runs.Dispose();
        await database.DisposeAsync();
        folder.Dispose();
    }

    /// <summary>Goes as fast as any other, from another time on.</summary>
    private sealed class ShiftedClock(DateTimeOffset start) : TimeProvider
    {
        private readonly TimeSpan ahead = start - System.GetUtcNow();

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + ahead;
    }
}
