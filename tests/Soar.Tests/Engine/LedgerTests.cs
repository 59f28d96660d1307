using Soar.Capabilities;
using Soar.Engine;
using Soar.Language;
using Soar.Runs;

namespace Soar.Tests.Engine;

public abstract class LedgerTests (StoreKind kind) : EngineSuite(kind)
{
    private const string Target = "203.0.113.7";

    private static async Task<Containment> OnlyAsync(World world) => Assert.Single(await world.Store.ContainmentsAsync(null, null, standingOnly: false));

    private static Func<PlayBench, Task<Outcome>> Block(TimeSpan time) => async s => Outcome.Contained((await s.Gate.Block(Target, time)).Target);

    [Fact]
    public async Task A_containment_stands_until_its_time_is_over_and_is_then_lifted_through_its_inverse()
    {
        await using var world = NewWorld();
        var id = await world.StartAsync(Block(1.Hours), caseId: "case-1");
        await world.EndOfAsync(id);
        var row = await OnlyAsync(world);
        Assert.Equal((ContainmentStatus.Active, "gate.block", "edge-1", Target, world.Clock.GetUtcNow() + 1.Hours), (row.Status, row.Action, row.Instance, row.Target, row.Until!.Value));
        Assert.Equal((id, "case-1"), (Assert.Single(row.Holders).Run, row.Holders[0].CaseId));
        Assert.Contains("absent", row.PriorState, StringComparison.OrdinalIgnoreCase);

        world.Clock.Advance(59.Minutes);
        await world.CalmAsync();
        Assert.True(world.Gate.Blocked.ContainsKey(Target));
        await world.PassAsync(async () => (await OnlyAsync(world)).Status == ContainmentStatus.Lifted, 10.Seconds, most: 60);
        Assert.Empty(world.Gate.Blocked);
        Assert.Equal(1, world.Gate.TimesDone("unblock"));
        Assert.NotNull((await OnlyAsync(world)).Holders[0].ReleasedAt);
    }

    [Fact]
    public async Task Two_spellings_of_one_target_are_one_containment_that_stands_as_long_as_the_longer_lease()
    {
        await using var world = NewWorld();
        await world.EndOfAsync(await world.StartAsync(async s => Outcome.Contained((await s.Gate.Block("Alice", 1.Hours)).Target)));
        await world.EndOfAsync(await world.StartAsync(async s => Outcome.Contained((await s.Gate.Block("alice", 2.Hours)).Target)));
        Assert.Equal(("alice", 2), await OnlyAsync(world) is var row ? (row.Target, row.Holders.Count) : default);
        world.Clock.Advance(90.Minutes);
        await world.CalmAsync();
        Assert.True(world.Gate.Blocked.ContainsKey("alice"));
        await world.EndOfAsync(await world.StartAsync(async s =>
        {
            await s.Gate.Unblock("ALICE");
            return Outcome.Completed("looked");
        }));
        Assert.True(world.Gate.Blocked.ContainsKey("alice")); // other runs hold it
    }

    [Fact]
    public async Task What_was_there_before_is_found_and_never_lifted()
    {
        await using var world = NewWorld();
        world.Gate.Blocked[Target] = (new GateBlock(Target, null), "somebody else's");
        var id = await world.StartAsync(Block(1.Hours));
        Assert.Equal(RunStatus.Completed, (await world.EndOfAsync(id)).Status);
        Assert.Equal(0, world.Gate.TimesDone("block"));
        var row = await OnlyAsync(world);
        Assert.Equal(ContainmentStatus.Found, row.Status);
        Assert.Equal("Started Settled Done Ended", await world.KindsAsync(id));
        Assert.Equal("SOAR2043", (await Assert.ThrowsAsync<SoarException>(() => world.Engine.LiftAsync(row.Id, "ana", force: true))).Code);
        await world.PassAsync(() => Task.FromResult(world.Clock.GetUtcNow().Hour >= 12), 5.Minutes);
        Assert.True(world.Gate.Blocked.ContainsKey(Target));

        var lift = await world.RunAsync(async s =>
        {
            try
            {
                await s.Gate.Unblock(Target);
                return Outcome.Completed("lifted");
            }
            catch (StepRefused e)
            {
                return Outcome.Completed(e.Code);
            }
        });
        Assert.Contains("not-ours", lift.Result);
    }

    [Fact]
    public async Task What_was_there_before_and_a_probe_does_not_describe_is_refused_and_the_playbook_gets_no_null()
    {
        await using var world = NewWorld();
        world.Gate.Blocked[Target] = (new GateBlock(Target, null), "somebody else's");
        world.Gate.ProbeGivesNothing = true;
        var run = await world.RunAsync(async s =>
        {
            try
            {
                return Outcome.Contained((await s.Gate.Block(Target, 1.Hours)).Target);
            }
            catch (StepRefused e)
            {
                return Outcome.Completed(e.Code);
            }
        });
        Assert.Contains("found-without-result", run.Result);
        Assert.Equal(0, world.Gate.TimesDone("block"));
        Assert.Empty(await world.Store.ContainmentsAsync(null, null, standingOnly: true));
    }

    [Fact]
    public async Task Two_runs_hold_one_containment_and_the_shorter_one_dispatches_nothing()
    {
        await using var world = NewWorld();
        var first = await world.StartAsync(Block(4.Hours), name: "first");
        await world.EndOfAsync(first);
        var second = await world.StartAsync(Block(1.Hours), name: "second");
        await world.EndOfAsync(second);
        Assert.Equal(1, world.Gate.TimesDone("block"));
        var row = await OnlyAsync(world);
        Assert.Equal(2, row.Holders.Count);
        Assert.Equal(world.Clock.GetUtcNow() + 4.Hours, row.Until);

        var refused = await Assert.ThrowsAsync<SoarException>(() => world.Engine.LiftAsync(row.Id, "ana"));
        Assert.Contains("held by 2 runs", refused.Message);
        Assert.Equal(ContainmentStatus.Active, await world.Engine.LiftAsync(row.Id, "ana", holder: first));
        row = await OnlyAsync(world);
        Assert.Equal(world.Clock.GetUtcNow() + 1.Hours, row.Until);
        Assert.True(world.Gate.Blocked.ContainsKey(Target));
        Assert.Equal(ContainmentStatus.Lifted, await world.Engine.LiftAsync(row.Id, "ana", holder: second, reason: "it is ours"));
        Assert.Contains("released by ana: it is ours", (await OnlyAsync(world)).Note);
        Assert.Empty(world.Gate.Blocked);
        Assert.Contains("released by ana", (await OnlyAsync(world)).Note);
    }

    [Fact]
    public async Task A_longer_lease_extends_the_products_own_time_out()
    {
        await using var world = NewWorld();
        await world.EndOfAsync(await world.StartAsync(Block(1.Hours), name: "first"));
        await world.EndOfAsync(await world.StartAsync(Block(4.Hours), name: "second"));
        Assert.Equal(2, world.Gate.TimesDone("block"));
        Assert.Equal(world.Clock.GetUtcNow() + 4.Hours, world.Gate.Blocked[Target].Block.Until);
        var row = await OnlyAsync(world);
        Assert.Equal((ContainmentStatus.Active, world.Clock.GetUtcNow() + 4.Hours, 2), (row.Status, row.Until!.Value, row.Holders.Count));
    }

    [Fact]
    public async Task What_somebody_removed_by_hand_is_contained_again()
    {
        await using var world = NewWorld();
        await world.EndOfAsync(await world.StartAsync(Block(4.Hours), name: "first"));
        world.Gate.Blocked.Clear();
        await world.EndOfAsync(await world.StartAsync(Block(1.Hours), name: "second"));
        Assert.Equal(2, world.Gate.TimesDone("block"));
        Assert.True(world.Gate.Blocked.ContainsKey(Target));
    }

    [Fact]
    public async Task A_containment_without_end_stands_until_it_is_lifted_and_a_case_lifts_all_of_its_own()
    {
        await using var world = NewWorld();
        await world.EndOfAsync(await world.StartAsync(Block(Until.Lifted), caseId: "case-1"));
        Assert.Null((await OnlyAsync(world)).Until);
        world.Clock.Advance(400.Days);
        await world.CalmAsync();
        Assert.True(world.Gate.Blocked.ContainsKey(Target));
        Assert.Empty(await world.Engine.LiftCaseAsync("case-2", "ana"));
        Assert.Equal(ContainmentStatus.Lifted, Assert.Single(await world.Engine.LiftCaseAsync("case-1", "ana")).Status);
        Assert.Empty(world.Gate.Blocked);
        Assert.Equal(ContainmentStatus.Lifted, (await OnlyAsync(world)).Status);
    }

    [Fact]
    public async Task A_playbook_that_unblocks_lifts_only_when_nobody_else_holds_it()
    {
        await using var world = NewWorld();
        await world.EndOfAsync(await world.StartAsync(Block(4.Hours), name: "other"));
        Func<PlayBench, Task<Outcome>> both = async s =>
        {
            await s.Gate.Block(Target, 1.Hours);
            await s.Gate.Unblock(Target);
            return Outcome.Completed();
        };
        await world.EndOfAsync(await world.StartAsync(both, name: "both"));
        Assert.True(world.Gate.Blocked.ContainsKey(Target));
        Assert.Equal(0, world.Gate.TimesDone("unblock"));
        Assert.Single((await OnlyAsync(world)).Holders, h => h.ReleasedAt is null);
        await world.Engine.LiftAsync((await OnlyAsync(world)).Id, "ana");

        await world.EndOfAsync(await world.StartAsync(both, name: "alone"));
        Assert.Empty(world.Gate.Blocked);
        Assert.All(await world.Store.ContainmentsAsync(null, null, standingOnly: false), c => Assert.Equal(ContainmentStatus.Lifted, c.Status));
    }

    [Fact]
    public async Task A_lift_that_fails_is_tried_again_until_it_is_done()
    {
        await using var world = NewWorld();
        var failures = 3;
        world.Gate.Before = (what, _, _) => what.StartsWith("unblock", StringComparison.Ordinal) && failures-- > 0 ? throw ConnectorFailure.Transient("busy") : Task.CompletedTask;
        await world.EndOfAsync(await world.StartAsync(Block(1.Hours)));
        world.Clock.Advance(1.Hours);
        await world.PassAsync(async () => (await OnlyAsync(world)).Status == ContainmentStatus.Lifted, 10.Seconds);
        var row = await OnlyAsync(world);
        Assert.Equal(4, row.LiftAttempts);
        // What is said again and again is counted, or the note would grow for ever.
        Assert.Equal("LiftFailed: busy (3 times); Lifted: its time was over", row.Note);
        Assert.Empty(world.Gate.Blocked);
    }

    [Fact]
    public async Task A_lift_whose_answer_is_lost_is_settled_by_the_probe()
    {
        await using var world = NewWorld();
        world.Gate.After = (what, _, _) => what.StartsWith("unblock", StringComparison.Ordinal) ? throw ConnectorFailure.Unknown("cable") : Task.CompletedTask;
        await world.EndOfAsync(await world.StartAsync(Block(1.Hours)));
        world.Clock.Advance(1.Hours);
        await world.PassAsync(async () => (await OnlyAsync(world)).Status == ContainmentStatus.Lifted, 10.Seconds);
        Assert.Equal(1, world.Gate.TimesDone("unblock"));
        Assert.Contains("the probe says it is gone", (await OnlyAsync(world)).Note);
    }

    [Fact]
    public async Task What_became_due_while_no_engine_ran_is_lifted_at_the_next_start()
    {
        var clock = new ManualClock();
        var store = NewStore(clock);
        var gate = new Gate(clock);
        await using (var first = NewWorld(store: store, clock: clock, gate: gate))
            await first.EndOfAsync(await first.StartAsync(Block(1.Hours)));
        clock.Advance(3.Hours);
        Assert.True(gate.Blocked.ContainsKey(Target));
        await using var second = NewWorld(store: store, clock: clock, gate: gate);
        await second.PassAsync(async () => (await OnlyAsync(second)).Status == ContainmentStatus.Lifted, 1.Seconds, most: 30);
        Assert.Empty(gate.Blocked);
    }

    [Fact]
    public async Task A_containment_that_surely_failed_leaves_nothing_standing()
    {
        await using var world = NewWorld();
        world.Gate.Before = (_, _, _) => throw ConnectorFailure.Permanent("no rights", reason: "401");
        var run = await world.RunAsync(Block(1.Hours));
        Assert.Equal(RunStatus.Failed, run.Status);
        Assert.Empty(await world.Store.ContainmentsAsync(null, null, standingOnly: true));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task A_repeat_that_fails_does_not_say_that_the_attempt_before_it_was_not_done(bool landed, bool permanent)
    {
        await using var world = NewWorld();
        var attempts = 0;
        world.Gate.Before = (what, _, _) => !what.StartsWith("block", StringComparison.Ordinal) || (++attempts == 1 && landed)
            ? Task.CompletedTask
            : throw (attempts == 1 ? ConnectorFailure.Unknown("cable") : permanent ? ConnectorFailure.Permanent("no rights", reason: "403") : ConnectorFailure.Transient("busy"));
        world.Gate.After = (what, _, _) => what.StartsWith("block", StringComparison.Ordinal) ? throw ConnectorFailure.Unknown("cable") : Task.CompletedTask;
        var id = await world.StartAsync(Block(1.Hours));
        var run = await world.PassToEndAsync(id);
        Assert.True(attempts > 1, "it was not repeated");
        Assert.Equal(landed ? RunStatus.Completed : RunStatus.Failed, run.Status);
        Assert.Equal(landed, world.Gate.Blocked.ContainsKey(Target));
        var standing = await world.Store.ContainmentsAsync(null, null, standingOnly: true);
        Assert.Equal(landed ? [ContainmentStatus.Active] : [], standing.Select(c => c.Status));
        Assert.Contains("Settled", await world.KindsAsync(id));
    }

    [Fact]
    public async Task Many_runs_that_contain_one_target_at_once_hold_one_row()
    {
        await using var world = NewWorld();
        var playbook = world.Plays.Add("block", Block(1.Hours));
        var ids = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => world.Engine.StartAsync(playbook, new StartRequest { StartedBy = "ana" })));
        foreach (var id in ids) Assert.Equal(RunStatus.Completed, (await world.PassToEndAsync(id)).Status);
        var row = await OnlyAsync(world);
        Assert.Equal((ContainmentStatus.Active, 20), (row.Status, row.Holders.Count));
        Assert.InRange(world.Gate.TimesDone("block"), 1, 20);
    }
}

public sealed class LedgerTestsInMemory() : LedgerTests(StoreKind.Memory);

public sealed class LedgerTestsOnSqlite() : LedgerTests(StoreKind.Sqlite);
