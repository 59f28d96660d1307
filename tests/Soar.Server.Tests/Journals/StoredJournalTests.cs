using System.Text.Json;
using Soar.Capabilities;
using Soar.Connectors.Nftables;
using Soar.Hosting;
using Soar.Runs;
using Soar.Scripting.Compile;
using Soar.Scripting.Host;
using Soar.Server.Node;
using Soar.Server.Settings;
using Soar.Server.Tests.Crash;
using Soar.Storage;
using Soar.Testing;

namespace Soar.Server.Tests.Journals;

/// <summary>
/// Journals of released versions are fixtures: each must still replay, in its playbook as it was then, to the end it had. A format only grows; a test here that fails means that
/// runs which wait in somebody's store would break. Those of today's version were recorded from the real program, which was killed under some of them; the loop under which host-died's host was
/// killed was shortened afterwards, so that its replay is quick; and the hour that waiting's other side had asked for became a second, so that its retry is due.
/// </summary>
public sealed class StoredJournalTests
{
    private static readonly string Root = Path.Combine(AppContext.BaseDirectory, "Journals");

    public static TheoryData<string> Stored => [.. Directory.GetFiles(Root, "*.journal.json", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Root, f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Stored))]
    public async Task A_stored_journal_still_replays_to_its_end(string file)
    {
        using var folder = new TempFolder();
        var stored = await ReadAsync(Path.Combine(Root, file));
        var catalog = new ActionCatalog(typeof(NftablesConnector).Assembly);
        var surface = PlaybookSurface.Of(catalog, folder.Path);
        var compiler = new PlaybookCompiler(new PlaybookBuilder(surface), surface.Hash, new PlaybookCache(folder.Path, new PlaybookCacheOptions(), TimeProvider.System));
        var playbooks = new Playbooks(compiler, folder.Path, StoredVersions.None);
        var playbook = await playbooks.FromFileAsync(folder.File("stored.csx", stored.Source), CancellationToken.None);
        var records = stored.Records.Select(r => r.ToRecord()).ToList();
        var replay = await TracedReplay.OfAsync(playbooks, playbook, CancellationToken.None);
        await using var host = new InProcessHost(replay);

        var kind = await replay.RunAsync(host, stored.Run, records, _ => { }, CancellationToken.None);

        // One that was recorded while it waited waits again.
        var ended = records[^1] is { Kind: JournalKind.Ended } last ? JsonDocument.Parse(last.Payload).RootElement.GetProperty("kind").GetString() : null;
        Assert.Equal(ended, kind?.ToString());
    }

    /// <summary>A kind of record that no stored journal holds could be read differently tomorrow, and nothing would tell.</summary>
    [Fact]
    public async Task The_stored_journals_hold_every_kind_of_record_and_of_delivery()
    {
        var records = new List<StoredRecord>();
        foreach (var file in Directory.GetFiles(Root, "*.journal.json", SearchOption.AllDirectories)) records.AddRange((await ReadAsync(file)).Records);

        Assert.Equal(Enum.GetValues<JournalKind>().ToHashSet(), records.Select(r => r.Kind).ToHashSet());
        Assert.Equal(Enum.GetValues<DeliveryKind>().ToHashSet(), records.Where(r => r.Kind == JournalKind.Delivered).Select(r => r.Delivery).ToHashSet());
    }

    /// <summary>
    /// A run that waits in somebody's store goes on under this version, through the whole engine: what was done is not done again, an attempt that failed is repeated under its old key, and the one
    /// effect that was under way when the old version was killed is asked about.
    /// </summary>
    [Fact]
    public async Task A_stored_journal_that_waits_is_driven_to_its_end()
    {
        using var folder = new TempFolder();
        using var outside = new Outside();
        var settings = folder.File("soar.yaml", $"jail: accept-weaker\nhosts: 1\napprovals: []\nconnectors:\n  outside: {{ type: http, address: \"http://127.0.0.1:{outside.Port}/\" }}\n");
        await using var soar = new SoarProcess(folder.Path, settings);
        var stored = await ReadAsync(Assert.Single(Directory.GetFiles(Root, "waiting-*.journal.json", SearchOption.AllDirectories)));
        await PutAsync(soar.Store, stored);
        var keys = stored.Records.Where(r => r.Kind == JournalKind.Intent).ToLookup(r => r.Path, r => r.Payload!.Value.GetProperty("key").GetString()!);

        await soar.StartAsync();
        var question = await UntilAsync(soar, async runs => (await runs.QuestionsAsync(stored.Run, QuestionStatus.Open)).FirstOrDefault());
        Assert.Equal(QuestionKind.UnknownOutcome, question.Kind);
        await soar.TryCallAsync(Calls.Answer, new AnswerCall(question.Id.Value, "done", "", "ana", """{"status":201,"headers":{},"body":""}"""));
        await soar.TryCallAsync(Calls.Signal, new SignalCall(stored.Run, "go", "go", "\"now\"", "ana"));
        var ended = await UntilAsync(soar, async runs => await runs.FindAsync(stored.Run) is { Status: not (RunStatus.Running or RunStatus.Waiting) } run ? run : null);

        Assert.True(ended.Status == RunStatus.Completed, ended.Result);
        Assert.Contains("now 200", ended.Result);
        Assert.Equal(["/down", "/last"], outside.Arrived.Keys.Select(effect => effect.Path).Order(StringComparer.Ordinal));
        Assert.All(outside.Arrived, effect => Assert.Equal(1, effect.Value));
        Assert.Contains(outside.Arrived.Keys, effect => effect.Path == "/down" && keys.Any(path => path.Contains(effect.Key)));
    }

    private static async Task<StoredJournal> ReadAsync(string file) => JsonSerializer.Deserialize<StoredJournal>(await File.ReadAllTextAsync(file), SoarJson.Options)!;

    /// <summary>The run as a store holds it that was copied while it waited: its version, its row, its journal.</summary>
    private static async Task PutAsync(string store, StoredJournal stored)
    {
        Directory.CreateDirectory(store);
        await using var database = SoarDatabase.Open(Path.Combine(store, "soar.db"), new StorageOptions(), TimeProvider.System);
        var runs = new RunStore(database);
        var started = stored.Records[0].Payload!.Value;
        var (name, version) = (started.GetProperty("playbook").GetString()!, started.GetProperty("playbookVersion").GetString()!);
        var header = new PlaybookHeader { Name = name, Version = version, Type = PlaybookType.Mitigation, Tlp = Tlp.Amber, Summary = "A stored journal." };
        await runs.PutVersionAsync(new CompiledPlaybook("stored", "", $"{name}.csx", stored.Source, header), DateTimeOffset.UtcNow);
        var row = new Run
        {
            Id = stored.Run, Playbook = name, PlaybookVersion = version, VersionHash = "stored", Mode = RunMode.Live, Status = RunStatus.Running, StartedBy = "ana",
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(stored.Records[0].At), Epoch = 1, LeaseOwner = "before", LeaseUntil = DateTimeOffset.UtcNow.AddMinutes(1),
        };
        await runs.CreateAsync(new NewRun(row, JsonSerializer.SerializeToUtf8Bytes(started, SoarJson.Options)));
        await runs.WriteAsync(new RunWrite { Run = stored.Run, Epoch = 1, Records = [.. stored.Records.Skip(1).Select(r => r.ToRecord())], Status = RunStatus.Waiting, WakeAt = DateTimeOffset.UtcNow });
    }

    private static async Task<T> UntilAsync<T>(SoarProcess soar, Func<RunStore, Task<T?>> look)
        where T : class
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            using (var reader = SoarNode.OpenReader(new Workspace(null, soar.Store, soar.Store, soar.Store)))
                if (await look(reader.Runs) is { } found) return found;
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(60), $"it did not come: {string.Join('\n', soar.Lines)}");
            await Task.Delay(50);
        }
    }

    /// <summary>Not a test of anything: writes the runs of a store (<c>SOAR_RECORD</c> = its folder) as fixtures of the version at hand.</summary>
    [Fact(Explicit = true)]
    public async Task Recording_a_store_as_fixtures()
    {
        var store = Environment.GetEnvironmentVariable("SOAR_RECORD");
        Assert.False(store is null, "SOAR_RECORD names the store to record, SOAR_RECORD_TO the folder of these tests");
        using var reader = SoarNode.OpenReader(new Workspace(null, store, store, store));
        var target = Directory.CreateDirectory(Path.Combine(Environment.GetEnvironmentVariable("SOAR_RECORD_TO")!, $"v{PlaybookCompiler.EngineVersion}")).FullName;
        foreach (var run in await reader.Runs.ListAsync(null, null, 100))
        {
            var version = await reader.Runs.FindVersionAsync(run.VersionHash);
            var records = await reader.Runs.ReadJournalAsync(run.Id);
            var journal = new StoredJournal(run.Id, version!.Source, [.. records.Select(StoredRecord.Of)]);
            await File.WriteAllTextAsync(Path.Combine(target, $"{run.Playbook}-{run.Id.ToString()[^4..]}.journal.json"), JsonSerializer.Serialize(journal, new JsonSerializerOptions(SoarJson.Options) { WriteIndented = true }) + "\n");
        }
    }
}

internal sealed record StoredJournal(RunId Run, string Source, IReadOnlyList<StoredRecord> Records);

internal sealed record StoredRecord(int Seq, long At, JournalKind Kind, int Ordinal, DeliveryKind Delivery, string Path, string Action, ulong Hash, JsonElement? Payload)
{
    public static StoredRecord Of(JournalRecord r) =>
        new(r.Seq, r.At, r.Kind, r.Ordinal, r.Delivery, r.Path, r.Action, r.Hash, r.Payload.IsEmpty ? null : JsonDocument.Parse(r.Payload).RootElement);

    public JournalRecord ToRecord() =>
        new(Seq, At, Kind, Ordinal, Delivery, Path, Action, Hash, Payload is { } json ? JsonSerializer.SerializeToUtf8Bytes(json, SoarJson.Options) : "null"u8.ToArray()); // no payload is empty: what has none says null
}
