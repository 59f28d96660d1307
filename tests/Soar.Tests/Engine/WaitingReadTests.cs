using Soar.Capabilities;
using Soar.Engine;
using Soar.Language;
using Soar.Runs;

namespace Soar.Tests.Engine;

/// <summary>Reads that wait until there is something to tell: an answer to a ticket, a verdict of a sandbox.</summary>
public abstract class WaitingReadTests (StoreKind kind) : EngineSuite(kind)
{
    private static ConnectorFailure NotYet() => ConnectorFailure.NotYet("Nothing changed yet.", again: 10.Minutes);

    [Fact]
    public async Task A_read_that_waits_is_asked_again_by_the_clock_and_a_wait_of_weeks_is_one_record()
    {
        await using var world = NewWorld();
        var answered = world.Clock.GetUtcNow() + 12.Days;
        var asked = 0;
        world.Gate.Before = (_, _, _) =>
        {
            asked++;
            return world.Clock.GetUtcNow() < answered ? throw NotYet() : Task.CompletedTask;
        };
        var id = await world.StartAsync(async s => Outcome.Completed($"heard {await s.Gate.Listen("answer")}"));
        var run = await world.PassToEndAsync(id, step: 10.Minutes);
        Assert.Contains("heard 6", run.Result);
        Assert.InRange(asked, 12 * 24 * 6, 12 * 24 * 6 + 10);
        Assert.Equal("Started NotYet Done Ended", await world.KindsAsync(id));
    }

    [Fact]
    public async Task A_run_whose_read_waits_is_forgotten_meanwhile()
    {
        await using var world = NewWorld(new EngineOptions { Eviction = Eviction.Always });
        var answered = false;
        world.Gate.Before = (_, _, _) => answered ? Task.CompletedTask : throw NotYet();
        var id = await world.StartAsync(async s => Outcome.Completed($"heard {await s.Gate.Listen("answer")}"));
        var waiting = await world.UntilAsync(id, RunStatus.Waiting);
        Assert.Equal(world.Clock.GetUtcNow() + 10.Minutes, waiting.WakeAt);
        await world.CalmAsync();
        Assert.Equal((0, 0), (world.Engine.Health().Driving, world.Engine.Health().Kept));
        answered = true;
        Assert.Contains("heard 6", (await world.PassToEndAsync(id, step: 1.Minutes)).Result);
    }

    [Fact]
    public async Task An_outage_in_the_middle_of_a_wait_does_not_use_up_the_attempts_of_the_rest()
    {
        await using var world = NewWorld();
        var asked = 0;
        world.Gate.Before = (_, _, _) => ++asked switch
        {
            20 => Task.CompletedTask,
            _ when asked % 3 == 0 => throw NotYet(),
            _ => throw ConnectorFailure.Transient("down"),
        };
        var id = await world.StartAsync(async s => Outcome.Completed($"heard {await s.Gate.Listen("answer")}"));
        Assert.Contains("heard 6", (await world.PassToEndAsync(id, step: 1.Minutes)).Result);
        Assert.Equal("Started " + string.Concat(Enumerable.Repeat("Attempt Attempt NotYet ", 6)) + "Attempt Done Ended", await world.KindsAsync(id));
    }

    [Fact]
    public async Task An_outage_that_lasts_fails_the_step()
    {
        await using var world = NewWorld();
        var asked = 0;
        world.Gate.Before = (_, _, _) => ++asked == 1 ? throw NotYet() : throw ConnectorFailure.Transient("down", reason: "503");
        var id = await world.StartAsync(async s => Outcome.Completed($"heard {await s.Gate.Listen("answer")}"));
        var run = await world.PassToEndAsync(id, step: 1.Minutes);
        Assert.Equal((RunStatus.Failed, 4), (run.Status, asked));
    }

    [Fact]
    public async Task The_time_out_of_the_whole_wait_counts_from_its_beginning_also_when_the_engine_was_started_again()
    {
        var (clock, plays) = (new ManualClock(), new Plays());
        var store = NewStore(clock);
        var gate = new Gate(clock) { Before = (_, _, _) => throw NotYet() };
        var began = clock.GetUtcNow();
        RunId id;
        await using (var first = NewWorld(store: store, clock: clock, gate: gate, plays: plays))
        {
            id = await first.StartAsync(async s =>
            {
                try
                {
                    return Outcome.Completed($"heard {await s.Gate.Listen("answer").Timeout(3.Days)}");
                }
                catch (StepTimedOut e)
                {
                    return Outcome.Completed($"{e.Code}: {e.Message}");
                }
            });
            await first.PassAsync(() => Task.FromResult(clock.GetUtcNow() > began + 2.Days), step: 10.Minutes);
        }

        await using var second = NewWorld(store: store, clock: clock, gate: gate, plays: plays);
        Assert.Contains("timeout: gate.listen was not done within 3 days", (await second.PassToEndAsync(id, step: 10.Minutes)).Result);
        Assert.InRange(clock.GetUtcNow() - began, 3.Days, 3.Days + 10.Minutes);
    }

    [Fact]
    public async Task Cancelling_ends_the_wait()
    {
        await using var world = NewWorld();
        world.Gate.Before = (what, _, _) => what == "listen answer" ? throw NotYet() : Task.CompletedTask;
        var run = await world.RunAsync(async s => Outcome.Completed($"first {await s.First(s.Gate.Listen("answer"), s.Gate.Look("ab"))}"));
        Assert.Contains("first 2", run.Result);
    }

    [Fact]
    public async Task A_dry_run_does_not_wait_the_simulator_answers()
    {
        await using var world = NewWorld();
        world.Gate.Before = (_, _, _) => throw NotYet();
        var run = await world.RunAsync(async s => Outcome.Completed($"heard {await s.Gate.Listen("answer")}"), RunMode.DryRun);
        Assert.Contains("heard 6", run.Result);
        Assert.Equal(["answer"], world.Simulator.Reads);
    }

    [Fact]
    public async Task An_effect_that_says_not_yet_has_an_unknown_outcome()
    {
        await using var world = NewWorld();
        var asked = 0;
        world.Gate.Before = (_, _, _) => ++asked == 1 ? throw NotYet() : Task.CompletedTask;
        var id = await world.StartAsync(async s => Outcome.Completed((await s.Gate.Block("203.0.113.7", 1.Hours)).Target));
        await world.PassToEndAsync(id);
        Assert.Equal("Started Intent Unknown Settled Intent Done Ended", await world.KindsAsync(id));
    }
}

public sealed class WaitingReadTestsInMemory() : WaitingReadTests(StoreKind.Memory);

public sealed class WaitingReadTestsOnSqlite() : WaitingReadTests(StoreKind.Sqlite);
