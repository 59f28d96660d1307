using Soar.Engine;
using Soar.Language;
using Soar.Runs;

namespace Soar.Tests.Engine;

public abstract class WaitUntilTests(StoreKind kind) : EngineSuite(kind)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_waits_until_the_time_it_named_and_not_a_moment_less_also_forgotten(bool forgotten)
    {
        await using var world = NewWorld(new EngineOptions { Eviction = forgotten ? Eviction.Always : new Eviction() });
        var began = world.Clock.GetUtcNow();
        var id = await world.StartAsync(async s =>
        {
            await s.PauseUntil(s.Time + 2.Hours);
            await s.Gate.Post("late");
            return Outcome.Completed($"{s.Time - began}");
        });
        await world.UntilAsync(id, RunStatus.Waiting);
        await world.AdvanceAsync(2.Hours - 1.Seconds);
        Assert.Equal(RunStatus.Waiting, (await world.Store.FindAsync(id))!.Status);
        Assert.Equal(0, world.Gate.TimesDone("post"));

        await world.AdvanceAsync(1.Seconds);
        Assert.Equal(RunStatus.Completed, (await world.EndOfAsync(id)).Status);
        Assert.Equal(1, world.Gate.TimesDone("post", "late"));
        Assert.Equal("Started Done Intent Done Ended", await world.KindsAsync(id));
    }

    [Fact]
    public async Task A_time_that_has_passed_is_no_error_and_holds_nobody_up()
    {
        await using var world = NewWorld();
        var before = world.Clock.GetUtcNow();
        var run = await world.RunAsync(async s =>
        {
            await s.PauseUntil(s.Time - 1.Days);
            return Outcome.Completed();
        });
        Assert.Equal(RunStatus.Completed, run.Status);
        Assert.Equal(before, world.Clock.GetUtcNow());
    }

    [Fact]
    public async Task A_time_that_came_while_no_engine_ran_is_made_up_for_at_the_start()
    {
        var clock = new ManualClock();
        var store = NewStore(clock);
        var (plays, gate) = (new Plays(), new Gate(clock));
        RunId id;
        await using (var first = new World(null, store, clock, gate, plays))
        {
            id = await first.StartAsync(async s =>
            {
                await s.PauseUntil(s.Time + 2.Hours);
                return Outcome.Completed(await s.Gate.Post("late"));
            });
            await first.UntilAsync(id, RunStatus.Waiting);
        }

        store = await RestartedAsync(store, clock);
        clock.Advance(3.Hours);
        await using var world = new World(null, store, clock, gate, plays, seed: 2);
        Assert.Equal(RunStatus.Completed, (await world.EndOfAsync(id)).Status);
        Assert.Equal(1, gate.TimesDone("post", "late"));
    }
}

public sealed class WaitUntilTestsInMemory() : WaitUntilTests(StoreKind.Memory);

public sealed class WaitUntilTestsOnSqlite() : WaitUntilTests(StoreKind.Sqlite);
