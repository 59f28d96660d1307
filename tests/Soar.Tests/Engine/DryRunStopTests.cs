using Soar.Engine;
using Soar.Runs;

namespace Soar.Tests.Engine;

/// <summary>A dry run that somebody follows: it stands before a step, and goes on when it is told to.</summary>
public abstract class DryRunStopTests(StoreKind kind) : EngineSuite(kind)
{
    private static Task<RunId> StartAsync(World world, Func<PlayBench, Task<Outcome>> body, DryRunStops stops, RunMode mode = RunMode.DryRun) =>
        world.Engine.StartAsync(world.Plays.Add("test", body), new StartRequest { StartedBy = "ana", Mode = mode, Stops = stops });

    private static async Task<Outcome> Three(PlayBench s)
    {
        var seen = await s.Gate.Look("door");
        await s.Gate.Send("guard", $"{seen}");
        await s.Gate.Send("owner", "x");
        return Outcome.Completed();
    }

    private static async Task<string?> StandsBeforeAsync(World world, RunId id)
    {
        await world.UntilAsync(id, RunStatus.Paused);
        await world.CalmAsync();
        return world.Engine.StoppedBefore(id)?.Path;
    }

    [Fact]
    public async Task It_stops_before_a_step_with_a_breakpoint_and_shows_what_the_step_would_get()
    {
        await using var world = NewWorld();
        var id = await StartAsync(world, Three, new DryRunStops(["gate-send"], stepping: false));
        Assert.Equal("gate-send", await StandsBeforeAsync(world, id));
        var call = world.Engine.StoppedBefore(id)!;
        Assert.Equal("gate.send", call.Action);
        Assert.Contains("\"to\":\"guard\"", System.Text.Encoding.UTF8.GetString(call.Arguments.Span), StringComparison.Ordinal);
        Assert.DoesNotContain("Intent", await world.KindsAsync(id), StringComparison.Ordinal);
        Assert.DoesNotContain(await world.Store.ReadJournalAsync(id), record => record.Action == "gate.send");

        await world.Engine.GoOnAsync(id, "ana", ["gate-send"], step: false);
        Assert.Equal("gate-send#2", await StandsBeforeAsync(world, id));
        await world.Engine.GoOnAsync(id, "ana", ["gate-send"], step: false);
        Assert.Equal(RunStatus.Completed, (await world.EndOfAsync(id)).Status);
        Assert.Null(world.Engine.StoppedBefore(id));
    }

    [Fact]
    public async Task Step_by_step_it_stops_before_each_once_and_repeats_nothing()
    {
        await using var world = NewWorld();
        var id = await StartAsync(world, Three, new DryRunStops([], stepping: true));
        var stood = new List<string?>();
        for (var i = 0; i < 3; i++)
        {
            stood.Add(await StandsBeforeAsync(world, id));
            await world.Engine.GoOnAsync(id, "ana", [], step: true);
        }

        Assert.Equal(["gate-look", "gate-send", "gate-send#2"], stood);
        Assert.Equal(RunStatus.Completed, (await world.EndOfAsync(id)).Status);
        var done = (await world.Store.ReadJournalAsync(id)).Where(record => record.Kind == JournalKind.Delivered && record.Path.Length > 0).Select(record => record.Path);
        Assert.Equal(stood, done);
    }

    [Fact]
    public async Task Told_to_go_on_it_stops_no_more()
    {
        await using var world = NewWorld();
        var id = await StartAsync(world, Three, new DryRunStops([], stepping: true));
        await StandsBeforeAsync(world, id);
        await world.Engine.GoOnAsync(id, "ana", [], step: false);
        Assert.Equal(RunStatus.Completed, (await world.EndOfAsync(id)).Status);
    }

    [Fact]
    public async Task Steps_at_the_same_time_are_stopped_at_one_after_the_other()
    {
        await using var world = NewWorld();
        var id = await StartAsync(world, async s =>
        {
            await s.Together(s.Gate.Send("a", "x"), s.Gate.Send("b", "x"));
            return Outcome.Completed();
        }, new DryRunStops([], stepping: true));
        var first = await StandsBeforeAsync(world, id);
        await world.Engine.GoOnAsync(id, "ana", [], step: true);
        await World.UntilAsync(async () => (await world.Store.FindAsync(id))!.Status == RunStatus.Paused && world.Engine.StoppedBefore(id) is { } at && at.Path != first ? "there" : null, "the second stop");
        Assert.Contains("Done", await world.KindsAsync(id), StringComparison.Ordinal);
        await world.Engine.GoOnAsync(id, "ana", [], step: true);
        Assert.Equal(RunStatus.Completed, (await world.EndOfAsync(id)).Status);
    }

    [Fact]
    public async Task A_question_is_not_asked_before_it_goes_on()
    {
        await using var world = NewWorld();
        var id = await StartAsync(world, async s => Outcome.Completed((await s.Approve("Block it?", within: 1.Hours)).By), new DryRunStops([], stepping: true));
        await StandsBeforeAsync(world, id);
        Assert.Empty(await world.Store.QuestionsAsync(id, null));
        await world.Engine.GoOnAsync(id, "ana", [], step: true);
        await world.AnswerAsync(await world.QuestionAsync(), by: "ana");
        Assert.Equal(RunStatus.Completed, (await world.EndOfAsync(id)).Status);
    }

    [Fact]
    public async Task One_that_stands_can_be_cancelled_and_stops_nowhere_on_its_way_out()
    {
        await using var world = NewWorld();
        var id = await StartAsync(world, async s =>
        {
            try
            {
                await s.Gate.Send("guard", "x");
            }
            finally
            {
                await s.Gate.Send("finally", "x");
            }

            return Outcome.Completed();
        }, new DryRunStops([], stepping: true));
        await StandsBeforeAsync(world, id);
        await world.Engine.CancelAsync(id, "ana", "enough");
        Assert.Equal(RunStatus.Cancelled, (await world.EndOfAsync(id)).Status);
    }

    [Fact]
    public async Task A_live_run_stops_nowhere()
    {
        await using var world = NewWorld();
        var id = await StartAsync(world, Three, new DryRunStops(["gate-send"], stepping: true), RunMode.Live);
        Assert.Equal(RunStatus.Completed, (await world.EndOfAsync(id)).Status);
        Assert.Equal(1, world.Gate.TimesDone("send", "guard"));
    }
}

public sealed class DryRunStopTestsInMemory() : DryRunStopTests(StoreKind.Memory);

public sealed class DryRunStopTestsOnSqlite() : DryRunStopTests(StoreKind.Sqlite);
