using Soar.Capabilities;
using Soar.Engine;
using Soar.Language;
using Soar.Runs;

namespace Soar.Tests.Engine;

public abstract class KillSwitchTests(StoreKind kind) : EngineSuite(kind)
{
    [Fact]
    public async Task While_the_switch_is_on_no_effect_begins_reads_go_on_and_lifting_it_does_what_was_held()
    {
        await using var world = NewWorld();
        var on = await world.Engine.StopEffectsAsync("ana", "the firewall misbehaves");
        var id = await world.StartAsync(async s =>
        {
            var (looked, _) = await s.Both(s.Gate.Look("abc"), s.Gate.Post("note"));
            return Outcome.Completed($"{looked}");
        });
        var run = await world.UntilAsync(id, RunStatus.Waiting);
        Assert.Equal(1, run.WaitsFor!.Held);
        Assert.Equal(["abc"], world.Gate.Reads);
        Assert.Empty(world.Gate.Done);
        Assert.Equal(["Done", "Held", "Started"], (await world.KindsAsync(id)).Split(' ').Order());
        var held = Assert.Single(await world.Store.HeldAsync(id));
        Assert.Equal(("gate.post", "edge-1", "the firewall misbehaves", "ana"), (held.Action, held.Instance, held.By!.Reason, held.By.By));

        await world.Engine.AllowEffectsAsync(on.Id, "marko", "repaired");
        Assert.Equal(RunStatus.Completed, (await world.EndOfAsync(id)).Status);
        Assert.Equal(1, world.Gate.TimesDone("post", "note"));
        Assert.EndsWith("Released Intent Done Ended", await world.KindsAsync(id));
        Assert.Empty(await world.Store.HeldAsync(null));
        var lifted = Assert.Single(await world.Store.SwitchesAsync(all: true));
        Assert.Equal(("marko", "repaired"), (lifted.LiftedBy, lifted.LiftReason));
    }

    [Theory]
    [InlineData(null, null, null, "block post send")]
    [InlineData("edge-2", null, null, "")]
    [InlineData("EDGE-1", null, null, "block post send")]
    [InlineData(null, Effect.Contains, null, "block")]
    [InlineData(null, Effect.Lifts, null, "unblock")]
    [InlineData("edge-2", Effect.Contains, null, "")]
    [InlineData(null, null, "test", "block post send")]
    [InlineData(null, null, "other", "")]
    public async Task What_the_switch_names_narrows_it_and_lifts_are_held_only_when_they_are_named(string? connector, Effect? effect, string? playbook, string expected)
    {
        await using var world = NewWorld();
        await world.Engine.StopEffectsAsync("ana", "drill", connector, effect, playbook);
        var id = await world.StartAsync(async s =>
        {
            await s.Together(s.Gate.Block("203.0.113.7", 1.Hours), s.Gate.Post("note"), s.Gate.Send("provider", "x"), s.Gate.Unblock("203.0.113.9"));
            return Outcome.Completed();
        });
        await world.CalmAsync();
        Assert.Equal(expected, string.Join(' ', (await world.Store.HeldAsync(id)).Select(h => h.Action["gate.".Length..]).Order()));
    }

    [Fact]
    public async Task An_effect_that_was_dispatched_is_recorded_and_its_retry_is_held()
    {
        await using var world = NewWorld();
        var there = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        var attempts = 0;
        world.Gate.Before = async (_, _, _) =>
        {
            if (++attempts > 1) return;
            there.SetResult();
            await go.Task;
            throw ConnectorFailure.Transient("busy");
        };
        var id = await world.StartAsync(async s => Outcome.Completed(await s.Gate.Post("note")));
        await there.Task.WaitAsync(World.Patience);
        var on = await world.Engine.StopEffectsAsync("ana", "stop");
        go.SetResult();
        await world.PassAsync(async () => (await world.Store.HeldAsync(id)).Count == 1);
        Assert.Equal("Started Intent Attempt Held", await world.KindsAsync(id));
        await world.Engine.AllowEffectsAsync(on.Id, "ana");
        Assert.Equal(RunStatus.Completed, (await world.EndOfAsync(id)).Status);
        Assert.Equal(1, world.Gate.TimesDone("post", "note"));
    }

    [Fact]
    public async Task No_intent_is_written_after_the_switch_was_turned_on_however_many_runs_are_at_work()
    {
        await using var world = NewWorld();
        var busy = new TaskCompletionSource();
        var done = 0;
        world.Gate.After = (_, _, _) =>
        {
            if (Interlocked.Increment(ref done) == 40) busy.SetResult();
            return Task.CompletedTask;
        };
        var runs = new List<RunId>();
        for (var i = 0; i < 20; i++)
        {
            var mine = i;
            runs.Add(await world.StartAsync(async s =>
            {
                for (var n = 0; n < 40; n++) await s.Both(s.Gate.Post($"{mine} {n} a"), s.Gate.Post($"{mine} {n} b"));
                return Outcome.Completed();
            }, name: $"busy-{i}"));
        }

        await busy.Task.WaitAsync(World.Patience);
        var on = await world.Engine.StopEffectsAsync("ana", "everything");
        var before = await IntentsAsync();
        await world.CalmAsync();
        Assert.Equal(before, await IntentsAsync());
        Assert.All(runs, run => Assert.DoesNotContain("Ended", world.KindsAsync(run).Result));
        await world.Engine.AllowEffectsAsync(on.Id, "ana");
        foreach (var run in runs) Assert.Equal(RunStatus.Completed, (await world.EndOfAsync(run)).Status);
        Assert.Equal(20 * 40 * 2, world.Gate.Done.DistinctBy(d => d.What).Count());
        Assert.Equal(20 * 40 * 2, world.Gate.Done.Count);
        foreach (var run in runs) Assert.Equal(Enumerable.Range(1, (await world.Store.ReadJournalAsync(run)).Count), (await world.Store.ReadJournalAsync(run)).Select(r => r.Seq));

        async Task<int> IntentsAsync() => (await JournalsAsync(world.Store)).Values.Sum(j => j.Count(r => r.Kind == JournalKind.Intent));
    }

    [Fact]
    public async Task Lifting_goes_on_in_the_order_of_the_calls_and_a_second_switch_still_holds()
    {
        await using var world = NewWorld();
        var all = await world.Engine.StopEffectsAsync("ana", "all");
        var notes = await world.Engine.StopEffectsAsync("ana", "letters", effect: Effect.Notifies);
        Assert.Equal(all.Id, (await world.Engine.StopEffectsAsync("marko", "again")).Id);
        var id = await world.StartAsync(async s =>
        {
            await s.Together(s.Gate.Post("1"), s.Gate.Send("2", "x"), s.Gate.Post("3"), s.Gate.Post("4"));
            return Outcome.Completed();
        });
        await world.UntilAsync(id, RunStatus.Waiting);
        await world.Engine.AllowEffectsAsync(all.Id, "ana");
        await world.CalmAsync();
        Assert.Equal([0, 2, 3], (await world.Store.ReadJournalAsync(id)).Where(r => r.Kind == JournalKind.Intent).Select(r => r.Ordinal));
        Assert.Equal(["1", "3", "4"], world.Gate.Done.Select(d => d.What).Order());
        Assert.Equal("gate.send", Assert.Single(await world.Store.HeldAsync(id)).Action);
        await world.Engine.AllowEffectsAsync(notes.Id, "ana");
        Assert.Equal(RunStatus.Completed, (await world.EndOfAsync(id)).Status);
        await Assert.ThrowsAsync<NotFoundException>(() => world.Engine.AllowEffectsAsync(notes.Id, "ana"));
    }

    [Fact]
    public async Task The_switch_and_what_it_holds_survive_a_restart()
    {
        var clock = new ManualClock();
        var store = NewStore(clock);
        var plays = new Plays();
        var gate = new Gate(clock);
        RunId id;
        await using (var first = new World(null, store, clock, gate, plays))
        {
            await first.Engine.StopEffectsAsync("ana", "stop");
            id = await first.StartAsync(async s => Outcome.Completed(await s.Gate.Post("note")));
            await first.UntilAsync(id, RunStatus.Waiting);
        }

        store = await RestartedAsync(store, clock);
        await using var world = new World(null, store, clock, gate, plays, seed: 2);
        await world.AdvanceAsync(3.Days);
        Assert.Empty(gate.Done);
        await world.Engine.AllowEffectsAsync(Assert.Single(await store.SwitchesAsync(all: false)).Id, "ana");
        Assert.Equal(RunStatus.Completed, (await world.EndOfAsync(id)).Status);
        Assert.Equal(1, gate.TimesDone("post", "note"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Time_limits_stand_still_while_an_effect_is_held_and_go_on_afterwards(bool forgotten)
    {
        await using var world = NewWorld(new EngineOptions { Eviction = forgotten ? Eviction.Always : new Eviction() });
        var on = await world.Engine.StopEffectsAsync("ana", "stop");
        var id = await world.StartAsync(async s =>
        {
            await s.Gate.Post("within its own time").Timeout(10.Minutes);
            try
            {
                await s.Both(s.Gate.Post("within all of it"), s.Signal<string>("never")).Timeout(10.Minutes);
            }
            catch (StepTimedOut)
            {
                return Outcome.Completed("timed out");
            }

            return Outcome.Completed("never comes");
        });
        await world.UntilAsync(id, RunStatus.Waiting);
        await world.AdvanceAsync(2.Days);
        await world.Engine.AllowEffectsAsync(on.Id, "ana");
        await world.PassAsync(async () => (await world.Store.FindAsync(id))!.WaitsFor?.Signals.Count == 1);
        on = await world.Engine.StopEffectsAsync("ana", "again");
        await world.AdvanceAsync(9.Minutes);
        Assert.Equal(["within its own time", "within all of it"], world.Gate.Done.Select(d => d.What));
        // Nothing of it is held now: its limit goes on.
        await world.AdvanceAsync(2.Minutes);
        Assert.Contains("timed out", (await world.EndOfAsync(id)).Result);
    }

    [Fact]
    public async Task A_limit_that_had_begun_goes_on_with_what_was_left_of_it()
    {
        await using var world = NewWorld();
        var id = await world.StartAsync(async s =>
        {
            try
            {
                await s.Both(s.Signal<string>("never"), s.Each(new[] { "late" }, async what =>
                {
                    await s.Pause(5.Minutes);
                    return await s.Gate.Post(what);
                })).Timeout(10.Minutes);
            }
            catch (StepTimedOut)
            {
                return Outcome.Completed("timed out");
            }

            return Outcome.Completed("never comes");
        });
        await world.UntilAsync(id, RunStatus.Waiting);
        var on = await world.Engine.StopEffectsAsync("ana", "stop");
        await world.PassAsync(async () => (await world.Store.HeldAsync(id)).Count == 1);
        await world.AdvanceAsync(5.Hours);
        Assert.Single(await world.Store.HeldAsync(id));
        await world.Engine.AllowEffectsAsync(on.Id, "ana");
        await world.PassAsync(() => Task.FromResult(world.Gate.TimesDone("post", "late") == 1));
        await world.AdvanceAsync(4.Minutes);
        Assert.Equal(RunStatus.Waiting, (await world.Store.FindAsync(id))!.Status);
        await world.AdvanceAsync(2.Minutes);
        Assert.Contains("timed out", (await world.EndOfAsync(id)).Result);
    }

    [Fact]
    public async Task A_run_that_is_cancelled_while_it_is_held_ends_and_does_nothing_when_the_switch_is_lifted()
    {
        await using var world = NewWorld();
        var on = await world.Engine.StopEffectsAsync("ana", "stop");
        var id = await world.StartAsync(async s => Outcome.Completed(await s.Gate.Post("note")));
        await world.UntilAsync(id, RunStatus.Waiting);
        await world.Engine.CancelAsync(id, "ana", "not any more");
        Assert.Equal(RunStatus.Cancelled, (await world.PassToEndAsync(id)).Status);
        Assert.Empty(await world.Store.HeldAsync(null));
        await world.Engine.AllowEffectsAsync(on.Id, "ana");
        await world.CalmAsync();
        Assert.Empty(world.Gate.Done);
    }

    [Fact]
    public async Task A_run_that_was_paused_while_it_was_held_goes_on_once_it_is_resumed_after_the_switch_was_lifted()
    {
        await using var world = NewWorld();
        var on = await world.Engine.StopEffectsAsync("ana", "stop");
        var id = await world.StartAsync(async s => Outcome.Completed(await s.Gate.Post("note")));
        await world.UntilAsync(id, RunStatus.Waiting);
        await world.Engine.PauseAsync(id, "ana", "look");
        await world.UntilAsync(id, RunStatus.Paused);
        await world.Engine.AllowEffectsAsync(on.Id, "ana");
        await world.CalmAsync();
        Assert.Empty(world.Gate.Done);
        await world.Engine.ResumeAsync(id, "ana");
        Assert.Equal(RunStatus.Completed, (await world.EndOfAsync(id)).Status);
        Assert.Equal(1, world.Gate.TimesDone("post", "note"));
    }

    [Fact]
    public async Task What_the_ledger_lifts_goes_on_unless_lifts_are_named_and_then_waits_for_the_switch()
    {
        await using var world = NewWorld();
        var id = await world.StartAsync(async s =>
        {
            await s.Gate.Block("203.0.113.7", 1.Hours);
            await s.Gate.Block("203.0.113.8", 2.Hours);
            return Outcome.Contained();
        });
        await world.EndOfAsync(id);
        await world.Engine.StopEffectsAsync("ana", "all effects");
        await world.PassAsync(() => Task.FromResult(!world.Gate.Blocked.ContainsKey("203.0.113.7")), 10.Minutes);

        var lifts = await world.Engine.StopEffectsAsync("ana", "the firewall is being restored", effect: Effect.Lifts);
        await world.AdvanceAsync(3.Hours);
        Assert.Contains("203.0.113.8", world.Gate.Blocked.Keys);
        var row = Assert.Single(await world.Store.ContainmentsAsync(null, null, standingOnly: true));
        var refused = await Assert.ThrowsAsync<SoarException>(() => world.Engine.LiftAsync(row.Id, "marko"));
        Assert.Equal("SOAR2060", refused.Code);
        Assert.Contains("the firewall is being restored", refused.Message);
        await world.Engine.AllowEffectsAsync(lifts.Id, "ana");
        await world.PassAsync(() => Task.FromResult(world.Gate.Blocked.IsEmpty));
    }

    [Fact]
    public async Task A_dry_run_is_not_held_and_tells_what_a_live_one_would_meet()
    {
        await using var world = NewWorld();
        await world.Engine.StopEffectsAsync("ana", "drill");
        var run = await world.RunAsync(async s => Outcome.Completed(await s.Gate.Post("note")), RunMode.DryRun);
        Assert.Equal(RunStatus.Completed, run.Status);
        Assert.Equal("Started Policy Intent Done Ended", await world.KindsAsync(run.Id));
        Assert.Contains("held by the kill switch since", await world.PayloadAsync(run.Id, JournalKind.Policy));
        Assert.Empty(world.Gate.Done);
    }

    [Fact]
    public async Task A_switch_without_a_reason_or_for_reads_is_refused()
    {
        await using var world = NewWorld();
        Assert.Equal("SOAR2061", (await Assert.ThrowsAsync<SoarException>(() => world.Engine.StopEffectsAsync("ana", " "))).Code);
        Assert.Equal("SOAR2061", (await Assert.ThrowsAsync<SoarException>(() => world.Engine.StopEffectsAsync("ana", "why", effect: Effect.ReadsOnly))).Code);
        Assert.Empty(await world.Store.SwitchesAsync(all: true));
    }
}

public sealed class KillSwitchTestsInMemory() : KillSwitchTests(StoreKind.Memory);

public sealed class KillSwitchTestsOnSqlite() : KillSwitchTests(StoreKind.Sqlite);
