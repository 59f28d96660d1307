using Soar.Runs;

namespace Soar.Storage.Tests;

/// <summary>The conformance suite on SQLite.</summary>
public sealed class SqliteRunStoreTests : RunStoreConformance
{
    private readonly TestFolder folder = new();
    private SoarDatabase database = null!;

    protected override Task<IRunStore> OpenAsync()
    {
        database = SoarDatabase.Open(folder.Database, new StorageOptions(), new StandingClock());
        return Task.FromResult<IRunStore>(new RunStore(database));
    }

    protected override IRunStore Another() => new RunStore(database);

    [Fact]
    public async Task What_a_batch_that_was_taken_back_knew_of_a_run_is_forgotten()
    {
        var store = (RunStore)Store;
        var run = await store.CreateAsync(Some.Run());
        var claimed = (await store.ClaimAsync(run, "a", Some.Noon, Some.Lease))!;
        await Assert.ThrowsAsync<InvalidOperationException>(() => database.WriteAsync<int>(session =>
        {
            var row = session.Get(run);
            row.Epoch = 7;
            session.Save(row);
            throw new InvalidOperationException("broken halfway");
        }));
        await store.WriteAsync(new RunWrite { Run = run, Epoch = claimed.Epoch, Records = [Some.Record(2)] });
        Assert.Equal(2, (await store.ReadJournalAsync(run)).Count);
    }

    [Fact]
    public async Task A_lease_that_a_new_owner_of_the_file_ended_is_free_at_once()
    {
        var store = (RunStore)Store;
        var run = await store.CreateAsync(Some.Run());
        Assert.NotNull(await store.ClaimAsync(run, "a", Some.Noon, Some.Lease));
        Assert.Null(await store.ClaimAsync(run, "b", Some.Noon, Some.Lease));
        Assert.Equal(1, await store.EndLeasesAsync(Some.Noon));
        Assert.Equal("b", (await store.ClaimAsync(run, "b", Some.Noon, Some.Lease))!.LeaseOwner);
    }

    [Fact]
    public async Task What_is_due_and_driven_by_nobody_is_counted_up_to_the_most_that_is_asked_for()
    {
        var store = (RunStore)Store;
        Assert.Equal(0, await store.CountDueAsync(10));
        var runs = new[] { await store.CreateAsync(Some.Run()), await store.CreateAsync(Some.Run()), await store.CreateAsync(Some.Run()) };
        Assert.Equal((3, 2), (await store.CountDueAsync(10), await store.CountDueAsync(2)));
        Assert.NotNull(await store.ClaimAsync(runs[0], "a", Some.Noon, Some.Lease));
        Assert.Equal(2, await store.CountDueAsync(10));
    }

    protected override async Task CloseAsync()
    {
        await database.DisposeAsync();
        folder.Dispose();
    }
}
