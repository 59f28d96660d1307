using Soar.Connectors;
using Soar.Engine;
using Soar.Language;
using Soar.Runs;

namespace Soar.Tests.Engine;

/// <summary>An instance that takes only so many calls at once, of all runs together.</summary>
public abstract class ParallelLimitTests(StoreKind kind) : EngineSuite(kind)
{
    private readonly List<string> began = [];
    private readonly Dictionary<string, TaskCompletionSource> let = [];
    private readonly Lock gate = new();
    private int underWay;
    private int most;

    /// <summary>Each call waits at the product until the test lets it go.</summary>
    private World WorldOf(int places, EngineOptions? options = null)
    {
        var world = NewWorld(options);
        world.Instances.Held["edge-1"] = new InstanceTerms { Places = new Places(places, world.Clock) };
        world.Gate.Before = async (call, _, stop) =>
        {
            TaskCompletionSource go;
            lock (gate)
            {
                began.Add(call);
                most = Math.Max(most, ++underWay);
                go = Go(call);
            }

            world.Clock.Activity.Leave();
            try
            {
                await go.Task.WaitAsync(stop);
            }
            finally
            {
                world.Clock.Activity.Enter();
                lock (gate) underWay--;
            }
        };
        return world;
    }

    private TaskCompletionSource Go(string call)
    {
        lock (gate)
        {
            if (!let.TryGetValue(call, out var go)) let.Add(call, go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            return go;
        }
    }

    private Places PlacesOf(World world) => world.Instances.Held["edge-1"].Places!;

    /// <summary>Lets the product answer, and waits until what follows from that has begun.</summary>
    private async Task LetAsync(World world, string call, string? next = null)
    {
        Go(call).SetResult();
        if (next is not null) await BeganAsync(next);
        await world.CalmAsync();
    }

    private Task BeganAsync(string call) => World.UntilAsync<object>(() =>
    {
        lock (gate) return Task.FromResult<object?>(began.Contains(call) ? call : null);
    }, $"{call} begun");

    private Task<RunId> StartAsync(World world, string what, PlaybookType type = PlaybookType.Investigation) => world.Engine.StartAsync(
        world.Plays.AddOfType($"{type}-{what}", type, async s => Outcome.Completed($"{await s.Gate.Look(what)}")), new StartRequest { StartedBy = "ana" });

    [Fact]
    public async Task Of_many_runs_so_many_calls_are_under_way_and_the_others_follow_in_order()
    {
        await using var world = WorldOf(2);
        var runs = new List<RunId>();
        for (var i = 0; i < 6; i++)
        {
            runs.Add(await StartAsync(world, $"{i}"));
            await world.CalmAsync();
        }

        Assert.Equal(["look 0", "look 1"], began);
        Assert.Equal([null, null, 0, 1, 2, 3], PlacesOf(world).Look().Select(p => p.Ahead));
        var waits = await world.UntilAsync(runs[5], RunStatus.Waiting);
        Assert.Equal(1, waits.WaitsFor!.InLine);
        for (var i = 0; i < 6; i++) await LetAsync(world, $"look {i}", i < 4 ? $"look {i + 2}" : null);
        foreach (var run in runs) Assert.Equal(RunStatus.Completed, (await world.EndOfAsync(run)).Status);
        Assert.Equal(Enumerable.Range(0, 6).Select(i => $"look {i}"), began);
        Assert.Equal(2, most);
        Assert.Empty(PlacesOf(world).Look());
    }

    [Fact]
    public async Task The_steps_of_one_run_share_its_places_and_runs_that_were_forgotten_meanwhile_go_on_when_it_is_their_turn()
    {
        await using var world = WorldOf(1, new EngineOptions { Eviction = Eviction.Always });
        var first = await StartAsync(world, "first");
        await BeganAsync("look first");
        var id = await world.StartAsync(async s => Outcome.Completed($"{(await s.Each(new[] { "a", "bb", "ccc" }, what => s.Gate.Look(what), parallel: 3)).Sum()}"));
        await world.UntilAsync(id, RunStatus.Waiting);
        await world.CalmAsync();
        Assert.Equal(0, world.Engine.Health().Kept);
        await LetAsync(world, "look first", "look a");
        await LetAsync(world, "look a", "look bb");
        await LetAsync(world, "look bb", "look ccc");
        await LetAsync(world, "look ccc");
        Assert.Contains("6", (await world.EndOfAsync(id)).Result);
        Assert.Equal(1, most);
        await world.EndOfAsync(first);
    }

    [Fact]
    public async Task What_contains_goes_before_what_finds_out()
    {
        await using var world = WorldOf(1);
        await StartAsync(world, "first");
        await BeganAsync("look first");
        await StartAsync(world, "look");
        await world.CalmAsync();
        await StartAsync(world, "tell", PlaybookType.Notification);
        await world.CalmAsync();
        var block = await world.Engine.StartAsync(world.Plays.AddOfType("block", PlaybookType.Investigation, async s => Outcome.Completed($"{(await s.Gate.Block("203.0.113.7", 1.Hours)).Target}")), new StartRequest { StartedBy = "ana" });
        await world.CalmAsync();
        await LetAsync(world, "look first", "block 203.0.113.7");
        await LetAsync(world, "block 203.0.113.7", "look tell");
        await LetAsync(world, "look tell", "look look");
        await LetAsync(world, "look look");
        Assert.Equal(["look first", "block 203.0.113.7", "look tell", "look look"], began);
        Assert.Equal(RunStatus.Completed, (await world.EndOfAsync(block)).Status);
    }

    [Fact]
    public async Task Who_is_cancelled_while_it_waits_leaves_the_line_and_is_never_dispatched()
    {
        await using var world = WorldOf(1);
        await StartAsync(world, "first");
        await BeganAsync("look first");
        var cancelled = await world.StartAsync(async s => Outcome.Completed(await s.Gate.Send("a@b", "x")));
        await world.UntilAsync(cancelled, RunStatus.Waiting);
        var next = await StartAsync(world, "next");
        await world.UntilAsync(next, RunStatus.Waiting);
        await world.Engine.CancelAsync(cancelled, "ana", "no longer");
        Assert.Equal(RunStatus.Cancelled, (await world.EndOfAsync(cancelled)).Status);
        Assert.Equal(["look"], PlacesOf(world).Look().Where(p => p.Ahead is not null).Select(p => p.Holder.Action["gate.".Length..]));
        await LetAsync(world, "look first", "look next");
        await LetAsync(world, "look next");
        await world.EndOfAsync(next);
        Assert.Equal(0, world.Gate.TimesDone("send"));
    }

    [Fact]
    public async Task A_run_that_is_paused_while_it_waits_lets_others_by_and_stands_in_line_again_when_it_is_resumed()
    {
        await using var world = WorldOf(1);
        await StartAsync(world, "first");
        await BeganAsync("look first");
        var paused = await StartAsync(world, "paused");
        await world.UntilAsync(paused, RunStatus.Waiting);
        var next = await StartAsync(world, "next");
        await world.UntilAsync(next, RunStatus.Waiting);
        await world.Engine.PauseAsync(paused, "ana", "wait");
        await world.UntilAsync(paused, RunStatus.Paused);
        await world.CalmAsync();
        await LetAsync(world, "look first", "look next");
        await world.Engine.ResumeAsync(paused, "ana");
        await world.CalmAsync();
        Assert.DoesNotContain("look paused", began);
        await LetAsync(world, "look next", "look paused");
        await LetAsync(world, "look paused");
        Assert.Equal(RunStatus.Completed, (await world.EndOfAsync(paused)).Status);
    }

    [Fact]
    public async Task A_kill_switch_that_comes_while_an_effect_waits_holds_it_and_its_place_goes_to_the_next()
    {
        await using var world = WorldOf(1);
        await StartAsync(world, "first");
        await BeganAsync("look first");
        var held = await world.StartAsync(async s => Outcome.Completed(await s.Gate.Send("a@b", "x")));
        await world.UntilAsync(held, RunStatus.Waiting);
        var next = await StartAsync(world, "next");
        await world.UntilAsync(next, RunStatus.Waiting);
        var on = await world.Engine.StopEffectsAsync("ana", "stop");
        await LetAsync(world, "look first", "look next");
        Assert.Equal(held, Assert.Single(await world.Store.HeldAsync(null)).Run);
        Assert.Equal(0, world.Gate.TimesDone("send"));
        await world.Engine.AllowEffectsAsync(on.Id, "ana");
        await world.CalmAsync();
        Assert.DoesNotContain("send a@b", began);
        await LetAsync(world, "look next", "send a@b");
        await LetAsync(world, "send a@b");
        Assert.Equal(RunStatus.Completed, (await world.EndOfAsync(held)).Status);
    }

    [Fact]
    public async Task A_long_wait_is_on_record_once_and_the_step_s_time_out_ends_it()
    {
        await using var world = WorldOf(1);
        Assert.Null(PlacesOf(world).Take(new PlaceHolder(default, 0, "somebody else's", "gate.look"), Lane.Containment, () => { }));
        var id = await world.StartAsync(async s =>
        {
            try
            {
                return Outcome.Completed(await s.Gate.Send("a@b", "x").Timeout(2.Minutes));
            }
            catch (StepTimedOut e)
            {
                return Outcome.Completed(e.Message);
            }
        });
        Assert.Contains("not done within 2 minutes", (await world.PassToEndAsync(id, step: 10.Seconds)).Result);
        Assert.Equal("Started NotYet TimedOut Ended", await world.KindsAsync(id));
        Assert.Contains("waits for a free place at edge-1", await world.PayloadAsync(id, JournalKind.NotYet));
        Assert.DoesNotContain(PlacesOf(world).Look(), p => p.Holder.Run == id);
    }

    [Fact]
    public async Task Seven_hundred_calls_are_all_made_no_more_than_four_at_once()
    {
        await using var world = NewWorld();
        world.Instances.Held["edge-1"] = new InstanceTerms { Places = new Places(4, world.Clock) };
        world.Gate.Before = async (_, _, _) =>
        {
            lock (gate) most = Math.Max(most, ++underWay);
            await Task.Yield();
            lock (gate) underWay--;
        };
        var runs = new List<RunId>();
        for (var i = 0; i < 35; i++) runs.Add(await world.StartAsync(async s => Outcome.Completed($"{(await s.Each(Enumerable.Range(0, 20).Select(n => $"{n}"), what => s.Gate.Look(what), parallel: 20)).Count}"), name: $"run-{i}"));
        foreach (var run in runs) Assert.Contains("20", (await world.PassToEndAsync(run)).Result);
        Assert.Equal(700, world.Gate.Reads.Count);
        Assert.InRange(most, 1, 4);
        Assert.Empty(PlacesOf(world).Look());
    }
}

public sealed class ParallelLimitTestsInMemory() : ParallelLimitTests(StoreKind.Memory);

public sealed class ParallelLimitTestsOnSqlite() : ParallelLimitTests(StoreKind.Sqlite);
