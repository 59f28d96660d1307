using System.Text.Json;
using Soar.Engine;
using Soar.Hosting;
using Soar.Language;
using Soar.Runs;

namespace Soar.Tests.Engine;

public abstract class LifeTests (StoreKind kind) : EngineSuite(kind)
{
    private static readonly EngineOptions Forgetful = new() { Eviction = Eviction.Always };

    [Fact]
    public async Task A_run_that_is_started_is_driven_at_once_and_one_without_room_when_there_is_some()
    {
        await using var world = new World(new EngineOptions { RunsInHand = 1 });
        var goOn = new TaskCompletionSource();
        world.Gate.After = async (_, _, _) => await goOn.Task;
        var first = await world.StartAsync(async s =>
        {
            await s.Gate.Send("provider", "x");
            return Outcome.Completed();
        });
        Assert.Equal(1, (await world.Store.FindAsync(first))!.Epoch);
        var second = await world.StartAsync(_ => Task.FromResult(Outcome.Completed()), name: "second");
        Assert.Null((await world.Store.FindAsync(second))!.LeaseOwner);
        goOn.SetResult();
        Assert.Equal(RunStatus.Completed, (await world.EndOfAsync(second)).Status);
        Assert.Equal(RunStatus.Completed, (await world.EndOfAsync(first)).Status);
        await world.CalmAsync();
        Assert.Equal(0, world.Engine.Health().Driving);
    }

    [Fact]
    public async Task Without_room_what_contains_goes_before_what_finds_out_although_it_came_later()
    {
        await using var world = new World(new EngineOptions { RunsInHand = 1 });
        var goOn = new TaskCompletionSource();
        var began = new List<string>();
        world.Gate.After = async (_, _, _) => await goOn.Task;
        await world.StartAsync(async s =>
        {
            await s.Gate.Send("provider", "x");
            return Outcome.Completed();
        });
        async Task<RunId> WaitingAsync(string name, PlaybookType type)
        {
            var playbook = world.Plays.Add(name, _ =>
            {
                began.Add(name);
                return Task.FromResult(Outcome.Completed());
            });
            return await world.Engine.StartAsync(playbook with { Header = playbook.Header with { Type = type } }, new StartRequest { StartedBy = "ana" });
        }

        var runs = new List<RunId> { await WaitingAsync("look-up", PlaybookType.Investigation), await WaitingAsync("tell", PlaybookType.Notification), await WaitingAsync("block", PlaybookType.Mitigation) };
        goOn.SetResult();
        foreach (var run in runs) await world.EndOfAsync(run);
        Assert.Equal(["block", "tell", "look-up"], began);
    }

    [Fact]
    public async Task A_trigger_that_started_a_run_already_takes_no_room()
    {
        await using var world = new World();
        var playbook = world.Plays.Add("once", _ => Task.FromResult(Outcome.Completed()));
        var request = new StartRequest { StartedBy = "ana", TriggerKey = "suricata/7" };
        var run = await world.Engine.StartAsync(playbook, request);
        Assert.Equal(run, await world.Engine.StartAsync(playbook, request));
        await world.EndOfAsync(run);
        await world.CalmAsync();
        Assert.Equal(0, world.Engine.Health().Driving);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_cancelled_run_withdraws_its_question_and_its_finally_blocks_run(bool forgotten)
    {
        await using var world = NewWorld(forgotten ? Forgetful : null);
        var id = await world.StartAsync(async s =>
        {
            try
            {
                await s.Both(s.Approve("Go?"), s.Signal<int>("never"));
                return Outcome.Completed();
            }
            finally
            {
                await s.Gate.Post("cleaned up");
            }
        });
        await world.QuestionAsync();
        await world.UntilAsync(id, RunStatus.Waiting);
        Assert.True(await world.Engine.CancelAsync(id, "ana", "false alarm"));
        var run = await world.EndOfAsync(id);
        Assert.Equal(RunStatus.Cancelled, run.Status);
        Assert.Equal(QuestionStatus.Withdrawn, Assert.Single(await world.Store.QuestionsAsync(id, null)).Status);
        Assert.Equal(1, world.Gate.TimesDone("post", "cleaned up"));
        Assert.Equal("Started Asked CancelRun Cancelled Cancelled Intent Done Ended", await world.KindsAsync(id));
        Assert.Contains("false alarm", (await world.Store.ReadJournalAsync(id)).Select(r => System.Text.Encoding.UTF8.GetString(r.Payload.Span)).First(p => p.Contains("\"calls\"")));
    }

    [Fact]
    public async Task An_effect_under_way_is_awaited_and_recorded_when_its_run_is_cancelled()
    {
        await using var world = NewWorld();
        var reached = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        world.Gate.After = async (_, _, _) =>
        {
            reached.TrySetResult();
            await goOn.Task;
        };
        var id = await world.StartAsync(async s =>
        {
            await s.Gate.Send("provider", "x");
            await s.Gate.Send("provider", "never");
            return Outcome.Completed();
        });
        await reached.Task.WaitAsync(World.Patience);
        await world.Engine.CancelAsync(id, "ana", "stop");
        await World.UntilAsync(async () => (await world.KindsAsync(id)).Contains("CancelRun") ? "told" : null, "the cancel is on record");
        goOn.SetResult();
        Assert.Equal(RunStatus.Cancelled, (await world.EndOfAsync(id)).Status);
        Assert.Equal("Started Intent CancelRun Withdrawn Done Ended", await world.KindsAsync(id));
        Assert.Equal(1, world.Gate.TimesDone("send"));
    }

    [Fact]
    public async Task Finally_blocks_that_take_too_long_are_cut_off()
    {
        await using var world = NewWorld(new EngineOptions { CancelGrace = 5.Minutes, Eviction = Eviction.Always });
        var id = await world.StartAsync(async s =>
        {
            try
            {
                await s.Signal<int>("never");
            }
            finally
            {
                await s.Pause(1.Days);
            }

            return Outcome.Completed();
        });
        await world.UntilAsync(id, RunStatus.Waiting);
        var began = world.Clock.GetUtcNow();
        await world.Engine.CancelAsync(id, "ana", "stop");
        Assert.Equal(RunStatus.Cancelled, (await world.PassToEndAsync(id, 30.Seconds)).Status);
        Assert.InRange(world.Clock.GetUtcNow() - began, 5.Minutes, 7.Minutes);
    }

    [Fact]
    public async Task A_cancel_reaches_sub_runs_and_waits_for_their_end()
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
        var id = await world.StartAsync(async s => await s.Sub("child"));
        await world.QuestionAsync();
        await world.UntilAsync(id, RunStatus.Waiting);
        await world.Engine.CancelAsync(id, "ana", "stop");
        Assert.Equal(RunStatus.Cancelled, (await world.EndOfAsync(id)).Status);
        var child = Assert.Single(await world.Store.ListAsync(null, "child", 1));
        Assert.Equal(RunStatus.Cancelled, (await world.EndOfAsync(child.Id)).Status);
        Assert.Equal(1, world.Gate.TimesDone("post"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_sub_run_that_goes_on_as_another_is_awaited_and_cancelled_as_that_one(bool cancelled)
    {
        await using var world = NewWorld(Forgetful);
        world.Plays.Add("child", async s =>
        {
            var round = s.In("round", 1);
            await s.Pause(1.Hours);
            if (round < 3) return s.Again(new { round = round + 1 });
            await s.Gate.Post($"round {round}");
            return Outcome.Completed($"round {round}");
        }, "1.0.0", new InputHeader("round", "int", "Which", "1", null, 1));
        var id = await world.StartAsync(async s => Outcome.Completed($"child said {(await s.Sub("child")).Reason}"));
        await world.PassAsync(async () => (await world.Store.ListAsync(RunStatus.Waiting, "child", 9)).Any(r => r.StartedBy.StartsWith("run", StringComparison.Ordinal) && r.Parent == id)
            && (await world.Store.ListAsync(null, "child", 9)).Count == 2, 10.Minutes);
        if (cancelled) Assert.True(await world.Engine.CancelAsync(id, "ana", "stop"));
        var run = await world.PassToEndAsync(id, 10.Minutes);
        var children = await world.Store.ListAsync(null, "child", 9);
        if (cancelled)
        {
            Assert.Equal(RunStatus.Cancelled, run.Status);
            Assert.Equal([RunStatus.Completed, RunStatus.Cancelled], children.OrderBy(c => c.CreatedAt).Select(c => c.Status));
            Assert.Equal(0, world.Gate.TimesDone("post"));
        }
        else
        {
            Assert.Contains("child said round 3", run.Result);
            Assert.Equal(3, children.Count);
        }

        Assert.All(children.Where(c => c.Successor is not null), c => Assert.Contains(children, other => other.Id == c.Successor));
    }

    [Fact]
    public async Task The_losers_of_Any_are_withdrawn_and_a_replay_agrees()
    {
        await using var world = NewWorld(Forgetful);
        var id = await world.StartAsync(async s =>
        {
            var first = await s.FirstIndex(s.Pause(1.Hours), s.Signal<int>("ack"), s.Approve("Or you?"));
            await s.Pause(1.Hours);
            return Outcome.Completed($"{first}");
        });
        await world.QuestionAsync();
        await world.UntilAsync(id, RunStatus.Waiting);
        await world.Engine.SignalAsync(id, "ack", JsonSerializer.SerializeToElement(1));
        await World.UntilAsync(async () => (await world.Store.QuestionsAsync(id, QuestionStatus.Withdrawn)).Count == 1 ? "gone" : null, "the question is withdrawn");
        Assert.Contains("\"1\"", (await world.PassToEndAsync(id, 10.Minutes)).Result);
        Assert.Equal("Started Asked Done Cancelled Cancelled Done Ended", await world.KindsAsync(id));
    }

    [Fact]
    public async Task A_paused_run_begins_no_step_until_it_is_resumed()
    {
        await using var world = NewWorld();
        var reached = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        world.Gate.After = async (what, _, _) =>
        {
            if (what != "send first") return;
            reached.TrySetResult();
            await goOn.Task;
        };
        var id = await world.StartAsync(async s =>
        {
            await s.Gate.Send("first", "x");
            await s.Gate.Send("second", "x");
            return Outcome.Completed();
        });
        await reached.Task.WaitAsync(World.Patience);
        await world.Engine.PauseAsync(id, "ana", "look first");
        await World.UntilAsync(async () => (await world.KindsAsync(id)).Contains("Control") ? "told" : null, "the pause is on record");
        goOn.SetResult();
        await world.UntilAsync(id, RunStatus.Paused);
        await world.CalmAsync();
        Assert.Equal("Started Intent Control Done", await world.KindsAsync(id));
        await world.Engine.ResumeAsync(id, "ana");
        Assert.Equal(RunStatus.Completed, (await world.EndOfAsync(id)).Status);
        Assert.Equal("Started Intent Control Done Control Intent Done Ended", await world.KindsAsync(id));
        Assert.Equal(1, world.Gate.TimesDone("send", "first"));
    }

    [Fact]
    public async Task A_paused_run_that_waits_is_paused_without_its_playbook_and_can_be_cancelled()
    {
        await using var world = NewWorld(Forgetful);
        var id = await world.StartAsync(async s =>
        {
            await s.Signal<int>("ack");
            return Outcome.Completed();
        });
        await world.UntilAsync(id, RunStatus.Waiting);
        await world.Engine.PauseAsync(id, "ana", "look first");
        await world.UntilAsync(id, RunStatus.Paused);
        await world.Engine.SignalAsync(id, "ack", JsonSerializer.SerializeToElement(1));
        await world.CalmAsync();
        Assert.Equal(RunStatus.Paused, (await world.Store.FindAsync(id))!.Status);
        await world.Engine.CancelAsync(id, "ana", "stop");
        Assert.Equal(RunStatus.Cancelled, (await world.EndOfAsync(id)).Status);
    }

    [Fact]
    public async Task A_failed_run_that_is_resumed_tries_its_failed_step_again_and_repeats_nothing_that_was_done()
    {
        await using var world = NewWorld(Forgetful);
        var broken = true;
        world.Gate.Before = (what, _, _) => what == "post flaky" && broken ? throw Soar.Capabilities.ConnectorFailure.Permanent("not today", reason: "503") : Task.CompletedTask;
        var id = await world.StartAsync(async s =>
        {
            await s.Gate.Send("before", "x");
            try
            {
                await s.Gate.Post("flaky");
            }
            finally
            {
                await s.Gate.Send("finally", "x");
            }

            await s.Gate.Send("after", "x");
            return Outcome.Completed();
        });
        Assert.Equal(RunStatus.Failed, (await world.EndOfAsync(id)).Status);
        await world.Engine.ResumeAsync(id, "ana");
        await World.UntilAsync(async () => (await world.KindsAsync(id)).EndsWith("Failed Done Ended", StringComparison.Ordinal) && (await world.Store.FindAsync(id))!.Status == RunStatus.Failed ? "again" : null, "it failed again");

        broken = false;
        await world.Engine.ResumeAsync(id, "ana");
        await world.UntilAsync(id, RunStatus.Completed);
        Assert.Equal(1, world.Gate.TimesDone("send", "before"));
        Assert.Equal(1, world.Gate.TimesDone("send", "finally"));
        Assert.Equal(1, world.Gate.TimesDone("send", "after"));
        Assert.Equal(1, world.Gate.TimesDone("post"));
        Assert.Equal(world.Gate.Done.Count, world.Gate.Done.Select(d => d.Key).Distinct().Count());
        Assert.Equal(2, (await world.Store.ReadJournalAsync(id)).Count(r => r.Kind == JournalKind.Superseded));
    }

    [Fact]
    public async Task A_version_that_no_longer_compiles_parks_its_runs_and_resume_takes_them_up_once_it_does()
    {
        await using var world = NewWorld(Forgetful);
        var id = await world.StartAsync(async s =>
        {
            await s.Signal<int>("ack");
            return Outcome.Completed();
        });
        await world.UntilAsync(id, RunStatus.Waiting);
        world.Plays.Broken.Add("test@1.0.0");
        await world.Engine.SignalAsync(id, "ack", JsonSerializer.SerializeToElement(1));
        await world.UntilAsync(id, RunStatus.Parked);
        world.Plays.Broken.Clear();
        await world.Engine.ResumeAsync(id, "ana");
        Assert.Equal(RunStatus.Completed, (await world.EndOfAsync(id)).Status);
    }

    [Fact]
    public async Task A_version_that_cannot_be_compiled_just_now_parks_nothing_and_is_tried_again()
    {
        await using var world = NewWorld(Forgetful);
        var id = await world.StartAsync(async s =>
        {
            await s.Signal<int>("ack");
            return Outcome.Completed();
        });
        await world.UntilAsync(id, RunStatus.Waiting);
        world.Plays.Slow.Add("test@1.0.0");
        await world.Engine.SignalAsync(id, "ack", JsonSerializer.SerializeToElement(1));
        await world.PassAsync(() => Task.FromResult(world.Log.Lines.Count(line => line.Contains("could not be taken up", StringComparison.Ordinal)) >= 2), 5.Seconds);
        Assert.Equal(RunStatus.Waiting, (await world.Store.FindAsync(id))!.Status);
        world.Plays.Slow.Clear();
        Assert.Equal(RunStatus.Completed, (await world.PassToEndAsync(id, 5.Seconds)).Status);
        Assert.Equal("Started Done Ended", await world.KindsAsync(id));
    }

    [Fact]
    public async Task A_sub_playbook_whose_compiler_does_not_come_up_is_called_again_and_fails_nobody()
    {
        await using var world = NewWorld(Forgetful);
        world.Plays.Add("child", _ => Task.FromResult(Outcome.Completed("at last")));
        world.Plays.Down.Add("child");
        var id = await world.StartAsync(async s => Outcome.Completed((await s.Sub("child")).Reason!));
        await world.PassAsync(() => Task.FromResult(world.Log.Lines.Count(line => line.Contains("could not be taken up", StringComparison.Ordinal)) >= 2), 5.Seconds);
        Assert.Equal(RunStatus.Waiting, (await world.Store.FindAsync(id))!.Status);
        world.Plays.Down.Clear();
        Assert.Contains("at last", (await world.PassToEndAsync(id, 5.Seconds)).Result);
        Assert.Equal("Started Asked Done Ended", await world.KindsAsync(id));
    }

    [Fact]
    public async Task A_host_that_dies_takes_no_run_with_it_and_the_culprit_is_quarantined_at_the_second_death()
    {
        var hosts = new MortalHosts();
        var plays = new Plays();
        await using var world = NewWorld(plays: plays, host: events => hosts.Make(events, plays));
        var innocent = await world.StartAsync(async s =>
        {
            await s.Gate.Look("a");
            await s.Signal<int>("ack");
            await s.Gate.Look("b");
            return Outcome.Completed();
        }, name: "innocent");
        var culprit = await world.StartAsync(async s =>
        {
            await s.Gate.Send("once", "x");
            await s.Signal<int>("boom");
            return Outcome.Completed();
        }, name: "culprit");
        await world.UntilAsync(innocent, RunStatus.Waiting);
        await world.UntilAsync(culprit, RunStatus.Waiting);
        await world.Engine.SignalAsync(innocent, "nothing", JsonSerializer.SerializeToElement(1));
        await world.CalmAsync();

        hosts.KillOnDelivery(culprit);
        await world.Engine.SignalAsync(culprit, "boom", JsonSerializer.SerializeToElement(1));
        await world.UntilAsync(culprit, RunStatus.Quarantined);
        Assert.Equal(2, (await world.Store.FindAsync(culprit))!.Deaths);
        Assert.Equal(2, (await world.Store.ReadJournalAsync(culprit)).Count(r => r.Kind == JournalKind.HostDied));

        hosts.KillOnDelivery(null);
        await world.Engine.SignalAsync(innocent, "ack", JsonSerializer.SerializeToElement(1));
        Assert.Equal(RunStatus.Completed, (await world.EndOfAsync(innocent)).Status);
        Assert.Equal(["a", "b"], world.Gate.Reads);

        await world.Engine.ResumeAsync(culprit, "ana");
        Assert.Equal(RunStatus.Completed, (await world.EndOfAsync(culprit)).Status);
        Assert.Equal(1, world.Gate.TimesDone("send"));
    }

    [Fact]
    public async Task An_engine_that_stops_records_what_is_under_way_and_another_goes_on_at_once()
    {
        var clock = new ManualClock();
        var store = NewStore(clock);
        var gate = new Gate(clock);
        var plays = new Plays();
        var reached = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        gate.After = async (what, _, _) =>
        {
            if (what != "send first") return;
            reached.TrySetResult();
            await goOn.Task;
        };
        RunId id;
        await using (var first = NewWorld(store: store, clock: clock, gate: gate, plays: plays))
        {
            id = await first.StartAsync(async s =>
            {
                await s.Gate.Send("first", "x");
                await s.Gate.Send("second", "x");
                return Outcome.Completed();
            });
            await reached.Task.WaitAsync(World.Patience);
            var stopping = first.Engine.StopAsync(1.Minutes);
            goOn.SetResult();
            await stopping.WaitAsync(World.Patience);
        }

        await using var second = NewWorld(store: store, clock: clock, gate: gate, plays: plays);
        Assert.Equal(RunStatus.Completed, (await second.EndOfAsync(id)).Status);
        Assert.Equal((1, 1), (gate.TimesDone("send", "first"), gate.TimesDone("send", "second")));
        Assert.Equal("Started Intent Done Intent Done Ended", await second.KindsAsync(id));
    }
}

public sealed class LifeTestsInMemory() : LifeTests(StoreKind.Memory);

public sealed class LifeTestsOnSqlite() : LifeTests(StoreKind.Sqlite);
