using System.Text.Json;
using Soar.Capabilities;
using Soar.Connectors.Nftables;
using Soar.Hosting;
using Soar.Runs;
using Soar.Scripting.Compile;
using Soar.Scripting.Host;
using Soar.Server.Node;
using Soar.Server.Settings;
using Soar.Testing;

namespace Soar.Server.Tests.Journals;

/// <summary>
/// Journals of released versions are fixtures: each must still replay, in its playbook as it was then, to the end it had. A format only grows; a test here that fails means that
/// runs which wait in somebody's store would break.
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
        var stored = JsonSerializer.Deserialize<StoredJournal>(await File.ReadAllTextAsync(Path.Combine(Root, file)), SoarJson.Options)!;
        var catalog = new ActionCatalog(typeof(NftablesConnector).Assembly);
        var surface = PlaybookSurface.Of(catalog, folder.Path);
        var compiler = new PlaybookCompiler(new PlaybookBuilder(surface), surface.Hash, new PlaybookCache(folder.Path, new PlaybookCacheOptions(), TimeProvider.System));
        var playbooks = new Playbooks(compiler, folder.Path, StoredVersions.None);
        var playbook = await playbooks.FromFileAsync(folder.File("stored.csx", stored.Source), CancellationToken.None);
        var records = stored.Records.Select(r => r.ToRecord()).ToList();
        var replay = await TracedReplay.OfAsync(playbooks, playbook, CancellationToken.None);
        await using var host = new InProcessHost(replay);

        var kind = await replay.RunAsync(host, stored.Run, records, _ => { }, CancellationToken.None);

        Assert.Equal(RunEndKind.Completed, kind);
        Assert.Equal(JournalKind.Ended, records[^1].Kind);
    }

    [Fact]
    public void There_are_stored_journals() => Assert.True(Stored.Count >= 3, $"{Stored.Count} journals in {Root}");

    /// <summary>Not a test of anything: writes the runs of a store (<c>SOAR_RECORD</c> = its folder) as fixtures of the version at hand.</summary>
    [Fact(Explicit = true)]
    public async Task Recording_a_store_as_fixtures()
    {
        var store = Environment.GetEnvironmentVariable("SOAR_RECORD");
        Assert.False(store is null, "SOAR_RECORD names the store to record, SOAR_RECORD_TO the folder of these tests");
        using var reader = SoarNode.OpenReader(new Workspace(null, store, store, store));
        var target = Directory.CreateDirectory(Path.Combine(Environment.GetEnvironmentVariable("SOAR_RECORD_TO")!, $"v{PlaybookCompiler.EngineVersion}")).FullName;
        foreach (var run in await reader.Runs.ListAsync(RunStatus.Completed, null, 100))
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
        new(Seq, At, Kind, Ordinal, Delivery, Path, Action, Hash, Payload is { } json ? JsonSerializer.SerializeToUtf8Bytes(json, SoarJson.Options) : default);
}
