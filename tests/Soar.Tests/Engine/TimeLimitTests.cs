using Soar.Engine;
using Soar.Hosting;
using Soar.Language;
using Soar.Runs;

namespace Soar.Tests.Engine;

/// <summary>A time limit of a step that is no action: kept by the engine, whatever happens to the run meanwhile.</summary>
public abstract class TimeLimitTests(StoreKind kind) : EngineSuite(kind)
{
    private static readonly EngineOptions Forgetful = new() { Eviction = Eviction.Always };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_time_of_a_combinator_passes_while_its_run_is_forgotten(bool forgotten)
    {
        await using var world = NewWorld(forgotten ? Forgetful : null);
        var began = world.Clock.GetUtcNow();
        var id = await world.StartAsync(async s =>
        {
            try
            {
                await s.Both(s.Approve("Go?"), s.Signal<int>("never")).Timeout(2.Hours);
                return Outcome.Completed("in time");
            }
            catch (StepTimedOut late)
            {
                await s.Gate.Post("too late");
                return Outcome.Completed($"{late.Step}: {late.Message}");
            }
        });
        await world.UntilAsync(id, RunStatus.Waiting);
        Assert.Equal(began + 2.Hours, (await world.Store.FindAsync(id))!.WakeAt);
        var run = await world.PassToEndAsync(id, 10.Minutes);
        Assert.Equal(RunStatus.Completed, run.Status);
        Assert.Contains("all: all was not done within 2 hours.", run.Result);
        Assert.InRange(world.Clock.GetUtcNow() - began, 2.Hours, 2.Hours + 20.Minutes);
        Assert.Equal(QuestionStatus.Withdrawn, Assert.Single(await world.Store.QuestionsAsync(id, null)).Status);
        Assert.Equal("Started Asked TimedOut Cancelled Cancelled Intent Done Ended", await world.KindsAsync(id));
    }

    [Fact]
    public async Task An_answer_in_time_takes_the_limit_back_and_a_replay_agrees()
    {
        await using var world = NewWorld(Forgetful);
        var id = await world.StartAsync(async s =>
        {
            var decision = await s.Approve("Go?").Timeout(2.Hours);
            await s.Pause(1.Days);
            return Outcome.Completed(decision.By);
        });
        await world.UntilAsync(id, RunStatus.Waiting);
        world.Clock.Advance(1.Hours);
        await world.AnswerAsync(await world.QuestionAsync());
        var run = await world.PassToEndAsync(id, 1.Hours);
        Assert.Contains("lead", run.Result);
        Assert.Equal("Started Asked Done Cancelled Done Ended", await world.KindsAsync(id));
    }

    [Fact]
    public async Task A_sub_run_whose_time_is_over_is_cancelled_and_its_end_awaited()
    {
        await using var world = NewWorld(Forgetful);
        world.Plays.Add("child", async s =>
        {
            try
            {
                await s.Approve("Child asks");
                return Outcome.Completed();
            }
            finally
            {
                await s.Gate.Post("child cleaned up");
            }
        });
        var id = await world.StartAsync(async s =>
        {
            try
            {
                return await s.Sub("child").Timeout(1.Hours);
            }
            catch (StepTimedOut)
            {
                return Outcome.Escalated("the child is too slow");
            }
        });
        await world.QuestionAsync();
        Assert.Contains("too slow", (await world.PassToEndAsync(id, 5.Minutes)).Result);
        var child = Assert.Single(await world.Store.ListAsync(null, "child", 1));
        Assert.Equal(RunStatus.Cancelled, (await world.PassToEndAsync(child.Id)).Status);
        Assert.Equal(1, world.Gate.TimesDone("post"));
    }

    [Fact]
    public async Task An_effect_under_way_when_the_time_is_over_is_recorded_and_never_done_again()
    {
        await using var world = NewWorld();
        var reached = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        world.Gate.After = async (_, context, _) =>
        {
            if (context.Step != "all[0]/gate-send") return;
            world.Clock.Activity.Leave();
            reached.TrySetResult();
            await goOn.Task;
            world.Clock.Activity.Enter();
        };
        var id = await world.StartAsync(async s =>
        {
            try
            {
                await s.Both(Send(), s.Gate.Look("x")).Timeout(10.Seconds);
                return Outcome.Completed("in time");
            }
            catch (StepTimedOut)
            {
                return Outcome.Escalated("too late");
            }

            // After the read, so that the journal has one order.
            async Step<string> Send() => $"{await s.Gate.Look("y")} {await s.Gate.Send("provider", "x")}";
        });
        await reached.Task.WaitAsync(World.Patience);
        await world.PassAsync(async () => (await world.KindsAsync(id)).Contains("TimedOut"));
        goOn.SetResult();
        Assert.Contains("too late", (await world.EndOfAsync(id)).Result);
        Assert.Equal("Started Done Done Intent TimedOut Withdrawn Done Ended", await world.KindsAsync(id));
        Assert.Equal(1, world.Gate.TimesDone("send"));
    }

    [Fact]
    public async Task A_run_that_failed_out_of_time_gets_the_whole_time_again_when_it_is_resumed()
    {
        await using var world = NewWorld(Forgetful);
        var id = await world.StartAsync(async s =>
        {
            var (signal, _) = await s.Both(s.Signal<string>("go"), s.Gate.Look("x")).Timeout(1.Hours);
            return Outcome.Completed(signal.Value);
        });
        var failed = await world.PassToEndAsync(id, 10.Minutes);
        Assert.Equal(RunStatus.Failed, failed.Status);
        Assert.Contains("not done within 1 hour", failed.Result);
        world.Clock.Advance(3.Days);
        var resumed = world.Clock.GetUtcNow();
        await world.Engine.ResumeAsync(id, "ana");
        await world.UntilAsync(id, RunStatus.Waiting);
        Assert.Equal(resumed + 1.Hours, (await world.Store.FindAsync(id))!.WakeAt);
        await world.Engine.SignalAsync(id, "go", System.Text.Json.JsonSerializer.SerializeToElement("now"), "1");
        await world.UntilAsync(id, RunStatus.Completed);
        Assert.Equal(["x"], world.Gate.Reads);
    }
}

public sealed class TimeLimitTestsInMemory() : TimeLimitTests(StoreKind.Memory);

public sealed class TimeLimitTestsOnSqlite() : TimeLimitTests(StoreKind.Sqlite);
