using Soar.Runs;

namespace Soar.Storage.Tests;

public abstract partial class RunStoreConformance
{
    [Fact]
    public async Task A_new_run_is_due_and_claimed_once()
    {
        var id = await Store.CreateAsync(Some.Run());
        var run = Assert.Single(await Store.ClaimDueAsync("a", Now, Some.Lease, 10));
        Assert.Equal((id, RunStatus.Running, 1L, "a", Now + Some.Lease), (run.Id, run.Status, run.Epoch, run.LeaseOwner, run.LeaseUntil));
        Assert.Empty(await DueAsync());
    }

    [Fact]
    public async Task A_run_born_under_a_lease_is_its_creators_until_the_lease_runs_out()
    {
        var told = new List<RunId>();
        Store.Arrived += told.Add;
        var born = Some.Run(trigger: "suricata/19");
        var run = born.Run with { LeaseOwner = "a", LeaseUntil = Now + Some.Lease };
        Assert.Equal(run.Id, await Store.CreateAsync(born with { Run = run }));
        Assert.Equal((1L, "a", Now + Some.Lease), await Store.FindAsync(run.Id) is { } found ? (found.Epoch, found.LeaseOwner, found.LeaseUntil) : default);
        Assert.Empty(await DueAsync());
        Assert.Empty(told);
        Assert.NotEqual(run.Id, await Store.CreateAsync(Some.Run()));
        var again = Some.Run(trigger: "suricata/19");
        Assert.Equal(run.Id, await Store.CreateAsync(again with { Run = again.Run with { LeaseOwner = "b", LeaseUntil = Now + Some.Lease } }));
        await WriteAsync(run with { Epoch = 1 }, Some.Record(2));
        Assert.Equal(2L, (await Store.ClaimDueAsync("b", Now + Some.Lease, Some.Lease, 10)).Single(r => r.Id == run.Id).Epoch);
        await Assert.ThrowsAsync<LeaseLostException>(() => WriteAsync(run with { Epoch = 1 }, Some.Record(3)));
    }

    [Fact]
    public async Task A_run_whose_lease_ran_out_is_claimed_under_a_new_epoch_and_the_old_one_writes_nothing()
    {
        var run = await DrivenAsync();
        Assert.Empty(await DueAsync(Now + Some.Lease - TimeSpan.FromMilliseconds(1)));
        var taken = Assert.Single(await Store.ClaimDueAsync("b", Now + Some.Lease, Some.Lease, 10));
        Assert.Equal(run.Epoch + 1, taken.Epoch);
        var error = await Assert.ThrowsAsync<LeaseLostException>(() => WriteAsync(run, Some.Record(2)));
        Assert.Equal((run.Id, run.Epoch), (error.Run, error.Epoch));
        Assert.Single(await Store.ReadJournalAsync(run.Id));
        await WriteAsync(taken, Some.Record(2));
    }

    [Fact]
    public async Task A_lease_that_ran_out_but_was_taken_by_nobody_still_writes()
    {
        var run = await DrivenAsync();
        await WriteAsync(run, Some.Record(2));
        Assert.Equal(2, (await Store.ReadJournalAsync(run.Id)).Count);
    }

    [Theory]
    [InlineData(RunStatus.Waiting)]
    [InlineData(RunStatus.Paused)]
    [InlineData(RunStatus.Quarantined)]
    [InlineData(RunStatus.Parked)]
    [InlineData(RunStatus.Completed)]
    [InlineData(RunStatus.Failed)]
    [InlineData(RunStatus.Cancelled)]
    public async Task Whoever_gave_up_the_lease_writes_no_more(RunStatus status)
    {
        var run = await DrivenAsync();
        await TurnAsync(run, status);
        Assert.Null((await Store.FindAsync(run.Id))!.LeaseOwner);
        await Assert.ThrowsAsync<LeaseLostException>(() => WriteAsync(run, Some.Record(2)));
        Assert.Single(await Store.ReadJournalAsync(run.Id));
    }

    [Theory]
    [InlineData(RunStatus.Paused)]
    [InlineData(RunStatus.Quarantined)]
    [InlineData(RunStatus.Parked)]
    [InlineData(RunStatus.Completed)]
    [InlineData(RunStatus.Failed)]
    [InlineData(RunStatus.Cancelled)]
    public async Task A_run_that_stands_still_is_not_due_by_the_clock(RunStatus status)
    {
        var run = await DrivenAsync();
        await TurnAsync(run, status);
        Assert.Empty(await DueAsync(Now.AddYears(1)));
    }

    [Fact]
    public async Task A_waiting_run_is_due_when_its_time_comes()
    {
        var run = await WaitingAsync(Now.AddHours(1));
        Assert.Equal(Now.AddHours(1), await Store.NextWakeAsync());
        Assert.Empty(await DueAsync(Now.AddHours(1).AddMilliseconds(-1)));
        Assert.Equal([run.Id], await DueAsync(Now.AddHours(1)));
        Assert.Null(await Store.NextWakeAsync());
        Assert.Null((await Store.FindAsync(run.Id))!.WakeAt);
    }

    [Fact]
    public async Task A_waiting_run_without_a_time_is_due_only_when_something_comes()
    {
        var run = await WaitingAsync();
        Assert.Null(await Store.NextWakeAsync());
        Assert.Empty(await DueAsync(Now.AddYears(1)));
        await Store.SendAsync(Some.Signal(run.Id, "1"));
        Assert.Equal([run.Id], await DueAsync());
    }

    [Fact]
    public async Task What_a_run_waits_for_is_told_while_it_waits_and_no_longer()
    {
        var run = await DrivenAsync();
        await Store.WriteAsync(new RunWrite { Run = run.Id, Epoch = run.Epoch, Status = RunStatus.Waiting, WaitsFor = new Awaited(["acknowledged", "go"], 1, 2) });
        var waits = (await Store.FindAsync(run.Id))!.WaitsFor!;
        Assert.Equal("acknowledged go, 1 and 2", $"{string.Join(' ', waits.Signals)}, {waits.Questions} and {waits.Runs}");
        var driven = (await Store.ClaimAsync(run.Id, "a", Now, Some.Lease))!;
        Assert.Null(driven.WaitsFor);
        await TurnAsync(driven, RunStatus.Completed);
        Assert.Null((await Store.FindAsync(run.Id))!.WaitsFor);
    }

    [Fact]
    public async Task What_contains_goes_before_what_tells_and_that_before_what_finds_out()
    {
        var enrichment = await Store.CreateAsync(Some.Run() with { Lane = Lane.Enrichment });
        var notification = await Store.CreateAsync(Some.Run() with { Lane = Lane.Notification });
        var containment = await Store.CreateAsync(Some.Run() with { Lane = Lane.Containment });
        Assert.Equal([containment], await DueAsync(max: 1));
        Assert.Equal([notification, enrichment], await DueAsync());
    }

    [Fact]
    public async Task What_has_waited_longer_than_a_lane_is_behind_goes_before_newcomers_of_every_lane()
    {
        var enrichment = await WaitingAsync(Now.AddMinutes(1));
        var ahead = await WaitingInAsync(Lane.Containment, Now.AddMinutes(1) + 2 * Lanes.Behind - TimeSpan.FromSeconds(1));
        var after = await WaitingInAsync(Lane.Containment, Now.AddMinutes(1) + 2 * Lanes.Behind + TimeSpan.FromSeconds(1));
        Assert.Equal([ahead, enrichment.Id, after], await DueAsync(Now.AddMinutes(5)));
    }

    private async Task<RunId> WaitingInAsync(Lane lane, DateTimeOffset until)
    {
        var id = await Store.CreateAsync(Some.Run() with { Lane = lane });
        var run = (await Store.ClaimAsync(id, "a", Now, Some.Lease))!;
        await Store.WriteAsync(new RunWrite { Run = id, Epoch = run.Epoch, Status = RunStatus.Waiting, WakeAt = until });
        return id;
    }

    [Fact]
    public async Task Oldest_due_comes_first_and_no_more_than_asked_for()
    {
        var late = await WaitingAsync(Now.AddMinutes(3));
        var early = await WaitingAsync(Now.AddMinutes(1));
        var middle = await WaitingAsync(Now.AddMinutes(2));
        Assert.Equal([early.Id, middle.Id], await DueAsync(Now.AddMinutes(5), max: 2));
        Assert.Equal([late.Id], await DueAsync(Now.AddMinutes(5), max: 2));
        Assert.Empty(await DueAsync(Now.AddMinutes(5), max: 0));
    }

    [Fact]
    public async Task A_run_is_claimed_by_name_unless_somebody_else_drives_it()
    {
        var run = await DrivenAsync();
        Assert.Null(await Store.ClaimAsync(run.Id, "b", Now, Some.Lease));
        var taken = await Store.ClaimAsync(run.Id, "b", Now + Some.Lease, Some.Lease);
        Assert.Equal((run.Epoch + 1, "b"), (taken!.Epoch, taken.LeaseOwner));
    }

    [Theory]
    [InlineData(RunStatus.Waiting, RunStatus.Running)]
    [InlineData(RunStatus.Paused, RunStatus.Paused)]
    [InlineData(RunStatus.Quarantined, RunStatus.Quarantined)]
    [InlineData(RunStatus.Parked, RunStatus.Parked)]
    public async Task A_run_that_stands_still_is_claimed_by_name_and_a_person_s_stop_stays_until_it_is_changed(RunStatus status, RunStatus claimed)
    {
        var run = await DrivenAsync();
        await TurnAsync(run, status);
        var again = (await Store.ClaimAsync(run.Id, "b", Now, Some.Lease))!;
        Assert.Equal((claimed, "b"), (again.Status, again.LeaseOwner));
        await TurnAsync(again, RunStatus.Running);
        Assert.Equal((RunStatus.Running, "b"), ((await Store.FindAsync(run.Id))!.Status, (await Store.FindAsync(run.Id))!.LeaseOwner));
    }

    [Fact]
    public async Task An_ended_run_is_claimed_without_a_lease_and_only_resuming_reopens_it()
    {
        var run = await DrivenAsync();
        await TurnAsync(run, RunStatus.Failed, result: """{"code":"x"}""");
        var ended = (await Store.ClaimAsync(run.Id, "b", Now, Some.Lease))!;
        Assert.Equal((RunStatus.Failed, null, run.Epoch, """{"code":"x"}"""), (ended.Status, ended.LeaseOwner, ended.Epoch, ended.Result));
        Assert.NotNull(ended.EndedAt);
        await Assert.ThrowsAsync<LeaseLostException>(() => WriteAsync(ended, Some.Record(2)));
        await Assert.ThrowsAsync<LeaseLostException>(() => TurnAsync(ended, RunStatus.Waiting));

        await Store.WriteAsync(new RunWrite { Run = run.Id, Epoch = ended.Epoch, Records = [Some.Record(2)], Status = RunStatus.Running });
        var reopened = (await Store.FindAsync(run.Id))!;
        Assert.Equal((RunStatus.Running, null, null, null), (reopened.Status, reopened.EndedAt, reopened.Result, reopened.LeaseOwner));
        Assert.Equal([run.Id], await DueAsync());
    }

    [Fact]
    public async Task Renewing_extends_what_is_still_ours_and_names_what_is_lost()
    {
        var kept = await DrivenAsync();
        var lost = await DrivenAsync();
        var later = Now + Some.Lease;
        var taken = (await Store.ClaimAsync(lost.Id, "b", later, Some.Lease))!;
        var unknown = Some.RunId();
        Assert.Equal([lost.Id, unknown], await Store.RenewLeasesAsync("a", [(kept.Id, kept.Epoch), (lost.Id, lost.Epoch), (unknown, 1)], later, Some.Lease));
        Assert.Equal(later + Some.Lease, (await Store.FindAsync(kept.Id))!.LeaseUntil);
        Assert.Equal("b", (await Store.FindAsync(lost.Id))!.LeaseOwner);
        Assert.Equal([taken.Id], await Store.RenewLeasesAsync("b", [(taken.Id, taken.Epoch - 1)], later, Some.Lease));
    }

    [Fact]
    public async Task Engines_that_race_for_due_runs_never_get_the_same_one()
    {
        const int runs = 400;
        var created = await Task.WhenAll(Enumerable.Range(0, runs).Select(_ => Store.CreateAsync(Some.Run())));
        var stores = new[] { Store, Another(), Another(), Another() };
        var claimed = await Task.WhenAll(stores.Select((store, engine) => Task.Run(async () =>
        {
            var mine = new List<RunId>();
            while (true)
            {
                var got = await store.ClaimDueAsync($"engine-{engine}", Now, Some.Lease, 7);
                if (got.Count == 0) return mine;
                mine.AddRange(got.Select(r => r.Id));
            }
        })));
        Assert.Equal(created.Order(ById), claimed.SelectMany(c => c).Order(ById));
    }

    [Fact]
    public async Task Two_drivers_of_one_run_never_both_write()
    {
        // Each claims by name at a time when the other's lease has run out, and writes at once: whatever the order, each number is written by one epoch only.
        var id = await Store.CreateAsync(Some.Run());
        var other = Another();
        var clock = 0;
        var written = await Task.WhenAll(new[] { Store, other }.Select((store, engine) => Task.Run(async () =>
        {
            var accepted = new List<(int Seq, long Epoch)>();
            for (var i = 0; i < 100; i++)
            {
                var at = Now + Some.Lease * Interlocked.Increment(ref clock);
                if (await store.ClaimAsync(id, $"engine-{engine}", at, Some.Lease) is not { } run) continue;
                var seq = (await store.ReadJournalAsync(id)).Count + 1;
                try
                {
                    await store.WriteAsync(new RunWrite { Run = id, Epoch = run.Epoch, Records = [Some.Record(seq, $"{run.Epoch}")] });
                    accepted.Add((seq, run.Epoch));
                }
                catch (LeaseLostException)
                {
                    // The other was faster: nothing may be there under this epoch, which the journal shows below.
                }
            }

            return accepted;
        })));
        var journal = await Store.ReadJournalAsync(id);
        Assert.Equal(written.SelectMany(w => w).OrderBy(w => w.Seq), journal.Skip(1).Select(r => (r.Seq, long.Parse(Some.Text(r.Payload)))));
        Assert.Equal(Enumerable.Range(1, journal.Count), journal.Select(r => r.Seq));
    }

    private static Comparer<RunId> ById { get; } = Comparer<RunId>.Create((x, y) => x.Value.CompareTo(y.Value));
}
