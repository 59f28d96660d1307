namespace Soar.Storage.Tests;

/// <summary>The one writer: many callers, one commit, and nobody pays for another's mistake.</summary>
public sealed class WriterTests : IAsyncLifetime
{
    private readonly SoarDatabase database = SoarDatabase.OpenForTests(new StandingClock());

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;
    public ValueTask DisposeAsync() => database.DisposeAsync();

    /// <summary>Holds the writer until everything is queued, so that it all lands in one batch.</summary>
    private async Task<Task[]> TogetherAsync(params Func<WriteSession, int>[] units)
    {
        using var open = new ManualResetEventSlim();
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = database.WriteAsync(_ =>
        {
            entered.SetResult();
            return open.Wait(TimeSpan.FromSeconds(30));
        });
        await entered.Task;
        Task[] queued = [.. units.Select(unit => database.WriteAsync(unit))];
        open.Set();
        await first;
        await Task.WhenAny(Task.WhenAll(queued));
        return queued;
    }

    private static int Put(WriteSession session, string key) => session["INSERT INTO meta (name, value) VALUES (@name, '')"].Add(key).Run();

    private Task<List<string>> KeysAsync() => database.Readers.ReadAsync(reader =>
    {
        var keys = new List<string>();
        var s = reader["SELECT name FROM meta WHERE name <> 'schema' ORDER BY name"];
        while (s.Step()) keys.Add(s.Text(0));
        return keys;
    });

    [Fact]
    public async Task What_is_queued_together_is_committed_together()
    {
        var before = database.Commits;
        var units = await TogetherAsync([.. Enumerable.Range(0, 100).Select(i => (Func<WriteSession, int>)(session => Put(session, $"{i:000}")))]);
        Assert.All(units, unit => Assert.True(unit.IsCompletedSuccessfully));
        Assert.Equal(100, (await KeysAsync()).Count);
        Assert.Equal(2, database.Commits - before);
    }

    [Fact]
    public async Task A_unit_that_refuses_before_it_writes_leaves_the_batch_whole()
    {
        var before = database.Commits;
        var units = await TogetherAsync(
            session => Put(session, "a"),
            _ => throw new SoarException("SOAR9999", "refused"),
            session => Put(session, "b"));
        Assert.Equal("refused", (await Assert.ThrowsAsync<SoarException>(() => units[1])).Message);
        Assert.Equal(["a", "b"], await KeysAsync());
        Assert.Equal(2, database.Commits - before);
    }

    [Fact]
    public async Task A_unit_that_breaks_halfway_leaves_nothing_behind_and_the_others_commit()
    {
        var units = await TogetherAsync(
            session => Put(session, "a"),
            session =>
            {
                Put(session, "half");
                throw new SoarException("SOAR9999", "too late");
            },
            session => Put(session, "b"),
            session =>
            {
                Put(session, "also half");
                throw new InvalidOperationException("a defect");
            },
            session => Put(session, "a"),
            session => Put(session, "c"));
        Assert.Equal(["a", "b", "c"], await KeysAsync());
        Assert.Equal("too late", (await Assert.ThrowsAsync<SoarException>(() => units[1])).Message);
        Assert.Equal("a defect", (await Assert.ThrowsAsync<InvalidOperationException>(() => units[3])).Message);
        Assert.Equal("SOAR3009", (await Assert.ThrowsAsync<SoarException>(() => units[4])).Code);
        Assert.True(units[0].IsCompletedSuccessfully && units[2].IsCompletedSuccessfully && units[5].IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_run_of_a_batch_that_was_taken_back_is_read_anew()
    {
        using var store = new RunStore(database);
        var run = (await store.ClaimAsync(await store.CreateAsync(Some.Run()), "a", Some.Noon, Some.Lease))!;

        // The first unit moves the epoch in the batch and then breaks: the second must see the epoch that is in the database.
        var units = await TogetherAsync(
            session =>
            {
                var row = session.Get(run.Id);
                row.Epoch++;
                session.Save(row);
                throw new InvalidOperationException("a defect");
            },
            session => (int)session.Get(run.Id).Epoch);
        await Assert.ThrowsAsync<InvalidOperationException>(() => units[0]);
        Assert.Equal(run.Epoch, await (Task<int>)units[1]);
    }

    [Fact]
    public async Task Nobody_is_told_before_the_commit_and_nobody_of_what_was_taken_back()
    {
        var told = new System.Collections.Concurrent.ConcurrentQueue<RunId>();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var kept = Some.RunId();
        database.Arrived += runs =>
        {
            foreach (var run in runs) told.Enqueue(run);
            if (runs.Contains(kept)) done.TrySetResult();
        };
        await TogetherAsync(
            session =>
            {
                session.Arrived(Some.RunId());
                Put(session, "half");
                throw new InvalidOperationException("a defect");
            },
            session =>
            {
                session.Arrived(kept);
                return Put(session, "a");
            });
        await done.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal([kept], told);
    }

    [Fact]
    public async Task A_caller_that_goes_on_slowly_does_not_hold_up_the_writer()
    {
        using var queued = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var slow = database.WriteAsync(session => queued.Wait(TimeSpan.FromSeconds(30)))
            .ContinueWith(_ => release.Wait(TimeSpan.FromSeconds(30)), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        queued.Set();
        await database.WriteAsync(session => Put(session, "b"));
        release.Set();
        Assert.True(await slow);
    }

    [Fact]
    public async Task Writes_of_many_callers_all_count_once()
    {
        using var store = new RunStore(database);
        var runs = await Task.WhenAll(Enumerable.Range(0, 200).Select(async _ => (await store.ClaimAsync(await store.CreateAsync(Some.Run()), "a", Some.Noon, Some.Lease))!));
        await Task.WhenAll(runs.Select(run => Task.Run(async () =>
        {
            for (var seq = 2; seq <= 51; seq++)
                await store.WriteAsync(new Runs.RunWrite { Run = run.Id, Epoch = run.Epoch, Records = [Some.Record(seq)] });
        })));
        foreach (var run in runs) Assert.Equal(Enumerable.Range(1, 51), (await store.ReadJournalAsync(run.Id)).Select(r => r.Seq));
    }

    [Fact]
    public async Task What_was_queued_before_closing_is_written()
    {
        using var folder = new TestFolder();
        var closing = SoarDatabase.Open(folder.Database, new StorageOptions(), new StandingClock());
        Task[] queued = [.. Enumerable.Range(0, 500).Select(i => closing.WriteAsync(session => Put(session, $"{i}")))];
        await closing.DisposeAsync();
        Assert.All(queued, unit => Assert.True(unit.IsCompletedSuccessfully));
        await using var again = SoarDatabase.Open(folder.Database, new StorageOptions(), new StandingClock());
        Assert.Equal(500, again.Readers.Read(reader => Dialect.Scalar(reader.Connection, "SELECT COUNT(*) FROM meta WHERE name <> 'schema'")));
    }
}
