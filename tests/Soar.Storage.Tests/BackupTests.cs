using Dapper;
using Microsoft.Data.Sqlite;
using Soar.Runs;

namespace Soar.Storage.Tests;

/// <summary>Backups are taken while writing goes on, checked, and whole.</summary>
public sealed class BackupTests : IAsyncLifetime
{
    private readonly TestFolder folder = new();
    private readonly StandingClock clock = new();
    private readonly SoarDatabase database;
    private readonly RunStore store;

    public BackupTests()
    {
        database = SoarDatabase.Open(Path.Combine(folder.Root, "live", "soar.db"), new StorageOptions(), clock);
        store = new RunStore(database);
    }

    private string Target => Path.Combine(folder.Root, "backup");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await database.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task A_backup_opens_as_a_database_and_holds_rows_and_artifacts()
    {
        var large = new byte[300_000];
        var run = Some.Run();
        await store.CreateAsync(run with { Started = large });
        var report = await database.BackupAsync(Target);
        Assert.Equal((1, 0), (report.Artifacts, report.Missing.Count));
        Assert.True(report.Bytes > 0);
        Assert.Equal(["artifacts", "soar.db"], Directory.EnumerateFileSystemEntries(Target).Select(Path.GetFileName).Order());

        await using var restored = SoarDatabase.Open(Path.Combine(Target, "soar.db"), new StorageOptions(), clock);
        using var again = new RunStore(restored);
        Assert.Equal(run.Run, await again.FindAsync(run.Run.Id));
        Assert.Equal(large, (await again.ReadJournalAsync(run.Run.Id))[0].Payload.ToArray());
        Assert.Empty(await restored.CheckAsync());
    }

    [Fact]
    public async Task A_backup_holds_what_connectors_keep_beside_the_store()
    {
        var kept = Directory.CreateDirectory(Path.Combine(folder.Root, "live", "connectors", "edge")).FullName;
        File.WriteAllText(Path.Combine(kept, "block-list.json"), "held");
        File.WriteAllText(Path.Combine(kept, "block-list.json.new"), "half");
        await database.BackupAsync(Target);
        Assert.Equal("held", File.ReadAllText(Path.Combine(Target, "connectors", "edge", "block-list.json")));
        Assert.Single(Directory.EnumerateFiles(Path.Combine(Target, "connectors", "edge")));
    }

    [Fact]
    public async Task A_backup_holds_the_times_of_schedules_also_while_they_are_written()
    {
        using var schedules = Dialect.Sqlite.Connect(Path.Combine(folder.Root, "live", "schedules.db"), SqliteOpenMode.ReadWriteCreate);
        schedules.Execute("PRAGMA journal_mode = WAL; CREATE TABLE times (due BIGINT); INSERT INTO times VALUES (7)");
        using var half = schedules.BeginTransaction();
        schedules.Execute("INSERT INTO times VALUES (8)", transaction: half);
        await database.BackupAsync(Target);
        half.Rollback();

        using var copy = Dialect.Sqlite.Connect(Path.Combine(Target, "schedules.db"), SqliteOpenMode.ReadOnly);
        Assert.Equal([7L], copy.Query<long>("SELECT due FROM times"));
    }

    [Fact]
    public async Task Writing_goes_on_while_a_backup_is_taken_and_each_backup_is_one_moment()
    {
        var stop = false;
        using var underWay = new CountdownEvent(20);
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var writers = Enumerable.Range(0, 20).Select(i => Task.Run(async () =>
        {
            var run = (await store.ClaimAsync(await store.CreateAsync(Some.Run()), "a", Some.Noon, Some.Lease))!;
            var seq = 1;
            while (!Volatile.Read(ref stop))
            {
                // A record and the run's count of deaths in one commit: a backup that tears them apart is no moment.
                seq++;
                await store.WriteAsync(new RunWrite { Run = run.Id, Epoch = run.Epoch, Records = [Some.Record(seq, new byte[seq % 50 == 0 ? 300_000 : 50])], Deaths = seq });
                if (seq == 10 && underWay.Signal()) all.SetResult();
            }

            return (run.Id, Seq: seq);
        })).ToArray();
        await all.Task;
        var backups = new List<string>();
        for (var i = 0; i < 3; i++) backups.Add((await database.BackupAsync($"{Target}-{i}")).Folder);
        Volatile.Write(ref stop, true);
        var written = await Task.WhenAll(writers);

        var longest = 0;
        foreach (var backup in backups)
        {
            await using var restored = SoarDatabase.Open(Path.Combine(backup, "soar.db"), new StorageOptions(), clock);
            using var again = new RunStore(restored);
            Assert.Empty(await restored.CheckAsync());
            foreach (var run in await again.ListAsync(null, null, 100))
            {
                var journal = await again.ReadJournalAsync(run.Id);
                Assert.Equal(Enumerable.Range(1, journal.Count), journal.Select(r => r.Seq));
                if (run.Deaths > 0) Assert.Equal(run.Deaths, journal.Count);
                longest = Math.Max(longest, journal.Count);
            }
        }

        Assert.InRange(longest, 10, written.Max(w => w.Seq));
    }

    [Fact]
    public async Task A_folder_that_holds_something_is_left_alone()
    {
        Directory.CreateDirectory(Target);
        await File.WriteAllTextAsync(Path.Combine(Target, "notes.txt"), "mine");
        var error = await Assert.ThrowsAsync<SoarException>(() => database.BackupAsync(Target));
        Assert.Equal("SOAR3013", error.Code);
        Assert.Equal("mine", await File.ReadAllTextAsync(Path.Combine(Target, "notes.txt")));
    }

    [Fact]
    public async Task An_artifact_that_is_gone_is_named_and_the_rest_is_backed_up()
    {
        await store.CreateAsync(Some.Run() with { Started = new byte[300_000] });
        var file = Directory.GetFiles(database.Artifacts.Folder, "*", SearchOption.AllDirectories).Single();
        File.Delete(file);
        var report = await database.BackupAsync(Target);
        Assert.Equal([Path.GetFileName(file)], report.Missing);
        Assert.True(File.Exists(Path.Combine(Target, "soar.db")));
    }

    [Fact]
    public async Task A_reader_beside_the_owner_can_take_a_backup()
    {
        await store.CreateAsync(Some.Run());
        await using var reader = SoarDatabase.OpenReader(database.File, new StorageOptions(), clock);
        await reader.BackupAsync(Target);
        await using var restored = SoarDatabase.Open(Path.Combine(Target, "soar.db"), new StorageOptions(), clock);
        using var again = new RunStore(restored);
        Assert.Single(await again.ListAsync(null, null, 10));
    }
}
