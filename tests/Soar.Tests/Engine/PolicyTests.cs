using System.Text.Json;
using Soar.Capabilities;
using Soar.Engine;
using Soar.Hosting;
using Soar.Language;
using Soar.Runs;

namespace Soar.Tests.Engine;

public abstract class PolicyTests(StoreKind kind) : EngineSuite(kind)
{
    private static EngineOptions Protecting(PolicyAnswer then, params ProtectedAsset[] more) => new()
    {
        Protected = new ProtectedAssets([new ProtectedAsset { Name = "our servers", Networks = [IpAddress.Parse("198.51.100.0/24")], Then = then, AskWho = "head-of-soc" }, .. more]),
    };

    private static EngineOptions Budget(int targets, BudgetSpan per = BudgetSpan.Hour, PolicyAnswer over = PolicyAnswer.Refuse, Effect effect = Effect.Contains, string? connector = null) =>
        new() { Budgets = [new Budget(effect, per, targets, connector, over, "head-of-soc")] };

    private static async Task<Outcome> TryAsync<T>(Step<T> step)
    {
        try
        {
            await step;
            return Outcome.Contained();
        }
        catch (StepRefused e)
        {
            return Outcome.Escalated($"{e.Code}: {e.Message}");
        }
    }

    [Fact]
    public async Task A_protected_target_is_refused_before_anything_reaches_the_product()
    {
        await using var world = NewWorld(Protecting(PolicyAnswer.Refuse));
        var run = await world.RunAsync(s => TryAsync(s.Gate.Block("198.51.100.7", 1.Hours)));
        Assert.Contains("protected: gate.block of 198.51.100.7 at edge-1: 198.51.100.0/24 is protected (our servers).", run.Result);
        Assert.Equal("Started Refused Ended", await world.KindsAsync(run.Id));
        Assert.Empty(world.Gate.Done);
        Assert.Empty(await world.Store.ContainmentsAsync(null, null, standingOnly: false));
    }

    [Fact]
    public async Task Only_what_contains_or_destroys_is_looked_at()
    {
        await using var world = NewWorld(Protecting(PolicyAnswer.Refuse));
        var run = await world.RunAsync(async s =>
        {
            await s.Gate.Look("198.51.100.7");
            await s.Gate.Send("198.51.100.7", "x");
            await s.Gate.Unblock("198.51.100.7");
            return Outcome.Completed();
        });
        Assert.Equal(RunStatus.Completed, run.Status);
    }

    [Fact]
    public async Task What_is_to_be_asked_about_waits_for_the_approval_of_exactly_that_step_and_is_done_once()
    {
        await using var world = NewWorld(Protecting(PolicyAnswer.Ask));
        var id = await world.StartAsync(s => TryAsync(s.Gate.Block("198.51.100.7", 1.Hours)));
        var question = await world.QuestionAsync();
        Assert.Equal("head-of-soc", question.Who);
        Assert.Contains("198.51.100.0/24 is protected (our servers)", question.Text);
        var shown = Assert.Single(JsonSerializer.Deserialize<AskArguments>(question.Details, SoarJson.Options)!.Steps!);
        Assert.Equal(("gate.block", "edge-1", "198.51.100.7"), (shown.Action, shown.Instance, shown.Arguments.GetProperty("target").GetString()));
        var record = JsonSerializer.Deserialize<AskedRecord>(await world.PayloadAsync(id, JournalKind.Asked), SoarJson.Options)!;
        Assert.Equal(shown.Hash, Assert.Single(record.Authorises!));
        Assert.Empty(world.Gate.Done);

        await world.AnswerAsync(question, by: "sara");
        Assert.Contains("Contained", (await world.EndOfAsync(id)).Result);
        Assert.Equal(1, world.Gate.TimesDone("block"));
        Assert.Equal("Started Asked Decided Intent Done Ended", await world.KindsAsync(id));
    }

    [Fact]
    public async Task A_refusal_refuses_the_step_with_its_reason_and_so_does_silence()
    {
        await using var world = NewWorld(Protecting(PolicyAnswer.Ask));
        var id = await world.StartAsync(s => TryAsync(s.Gate.Block("198.51.100.7", 1.Hours)));
        await world.AnswerAsync(await world.QuestionAsync(), approve: false, by: "sara");
        Assert.Contains("sara refused it: because", (await world.EndOfAsync(id)).Result);
        id = await world.StartAsync(s => TryAsync(s.Gate.Block("198.51.100.8", 1.Hours)), name: "silent");
        var question = await world.QuestionAsync();
        await world.AdvanceAsync(5.Hours);
        Assert.Contains("Nobody answered in time", (await world.EndOfAsync(id)).Result);
        Assert.Equal(QuestionStatus.Expired, (await world.Store.QuestionsAsync(id, null)).Single(q => q.Id == question.Id).Status);
        Assert.Empty(world.Gate.Done);
    }

    [Fact]
    public async Task What_an_Ask_approved_is_no_answer_to_the_policy()
    {
        await using var world = NewWorld(Protecting(PolicyAnswer.Ask) with { ApprovalRequired = new HashSet<Effect> { Effect.Contains } });
        var id = await world.StartAsync(async s =>
        {
            var block = s.Gate.Block("198.51.100.7", 1.Hours);
            var decision = await s.Approve("Block?", [block]);
            return decision.Approved ? await TryAsync(block) : Outcome.Escalated("no");
        });
        await world.AnswerAsync(await world.QuestionAsync());
        var asked = await World.UntilAsync(async () => (await world.Store.QuestionsAsync(id, QuestionStatus.Open)).FirstOrDefault(q => q.Who == "head-of-soc"), "the policy's question");
        Assert.Empty(world.Gate.Done);
        await world.AnswerAsync(asked);
        Assert.Contains("Contained", (await world.EndOfAsync(id)).Result);
        Assert.Equal("Started Asked Done Asked Decided Authorised Intent Done Ended", await world.KindsAsync(id));
    }

    [Fact]
    public async Task Time_limits_stand_still_while_people_are_asked()
    {
        await using var world = NewWorld(Protecting(PolicyAnswer.Ask) with { Eviction = Eviction.Always });
        var id = await world.StartAsync(async s =>
        {
            await s.Gate.Block("198.51.100.7", 9.Hours).Timeout(20.Seconds);
            await s.Both(s.Gate.Block("198.51.100.8", 9.Hours), s.Gate.Look("abc")).Timeout(20.Seconds);
            return Outcome.Contained();
        });
        foreach (var _ in new[] { 1, 2 })
        {
            var question = await world.QuestionAsync();
            await world.AdvanceAsync(3.Hours);
            await world.AnswerAsync(question);
            await world.UntilClosedAsync(question);
        }

        Assert.Equal(RunStatus.Completed, (await world.EndOfAsync(id)).Status);
        Assert.Equal(2, world.Gate.TimesDone("block"));
    }

    [Fact]
    public async Task A_crash_anywhere_between_question_answer_and_dispatch_asks_once_and_does_it_once()
    {
        for (var n = 1; ; n++)
        {
            foreach (var after in new[] { false, true })
            {
                if (!await PlayAsync(n, after)) return;
            }
        }

        async Task<bool> PlayAsync(int crashAt, bool after)
        {
            var alone = new Interleaving(crashAt);
            var crashed = false;
            alone.Run(async () => crashed = await CrashAsync(alone, crashAt, after));
            return await Task.FromResult(crashed);
        }

        async Task<bool> CrashAsync(Interleaving alone, int crashAt, bool after)
        {
            var clock = new ManualClock(alone);
            var store = NewStore(clock);
            var gate = new Gate(clock);
            var plays = new Plays();
            var options = Protecting(PolicyAnswer.Ask);
            var play = plays.Add("test", s => TryAsync(s.Gate.Block("198.51.100.7", 1.Hours)));
            var dying = new CrashingStore(store, crashAt, after);
            var world = new World(options, dying, clock, gate, plays);
            var id = default(RunId);
            for (var step = 0; step < 60; step++)
            {
                try
                {
                    id = await world.Engine.StartAsync(play, new StartRequest { StartedBy = "ana", TriggerKey = "once" });
                    await alone.IdleAsync();
                    foreach (var question in await store.QuestionsAsync(null, QuestionStatus.Open)) await world.AnswerAsync(question);
                    await alone.IdleAsync();
                }
                catch (Exception e) when (e is CrashException or SoarException)
                {
                    // Whoever was there tries again after the restart.
                }

                if (dying.Crashed && ReferenceEquals(world.Store, dying))
                {
                    await world.DisposeAsync();
                    await alone.IdleAsync();
                    store = await RestartedAsync(store, clock);
                    world = new World(options, store, clock, gate, plays, seed: 2);
                    continue;
                }

                if (id != default && (await store.FindAsync(id))?.Status == RunStatus.Completed) break;
                clock.Advance(45.Seconds);
            }

            var where = $"crash {(after ? "after" : "before")} change {crashAt}";
            var ended = (await store.FindAsync(id))!;
            Assert.True(ended.Result?.Contains("Contained") == true, $"{where}: {ended.Status} {ended.Result}");
            Assert.True(gate.Done.Where(d => d.Action == "block").Select(d => d.Key).Distinct().Count() == 1, where);
            Assert.Single(await store.QuestionsAsync(id, null));
            await world.DisposeAsync();
            await CloseAsync(store);
            return dying.Crashed;
        }
    }

    [Fact]
    public async Task A_dry_run_asks_nobody_and_tells_what_policy_would_have_said()
    {
        var options = Protecting(PolicyAnswer.Refuse) with { Budgets = Budget(1, BudgetSpan.Run, PolicyAnswer.Ask).Budgets };
        await using var world = NewWorld(options);
        var run = await world.RunAsync(async s =>
        {
            await s.Gate.Block("203.0.113.1", 1.Hours);
            await s.Gate.Block("198.51.100.7", 1.Hours);
            return Outcome.Contained();
        }, RunMode.DryRun);
        Assert.Equal("Started Intent Done Policy Policy Intent Done Ended", await world.KindsAsync(run.Id));
        var notes = (await world.Store.ReadJournalAsync(run.Id)).Where(r => r.Kind == JournalKind.Policy).Select(r => JsonSerializer.Deserialize<PolicyRecord>(r.Payload.Span, SoarJson.Options)!).ToList();
        Assert.Equal("protected", notes[0].Code);
        Assert.Contains("our servers). It would be refused.", notes[0].Message);
        Assert.Equal("over-budget", notes[1].Code);
        Assert.Contains("target 2 of contains in this run; the budget is 1. It would wait until head-of-soc approves it.", notes[1].Message);
        Assert.Empty(world.Gate.Done);
        // What was only simulated is nothing to other runs.
        Assert.Contains("Contained", (await world.RunAsync(s => TryAsync(s.Gate.Block("203.0.113.2", 1.Hours)))).Result);
    }

    [Fact]
    public async Task Fifty_runs_at_once_do_not_exceed_a_budget_by_one()
    {
        await using var world = NewWorld(Budget(20));
        var runs = new List<RunId>();
        for (var i = 0; i < 50; i++)
        {
            var mine = i;
            runs.Add(await world.StartAsync(s => TryAsync(s.Gate.Block($"203.0.113.{mine}", 1.Hours)), name: $"block-{i}"));
        }

        var ended = new List<Run>();
        foreach (var run in runs) ended.Add(await world.EndOfAsync(run));
        Assert.Equal(20, world.Gate.TimesDone("block"));
        Assert.Equal(20, ended.Count(r => r.Result!.Contains("Contained")));
        Assert.Equal(30, ended.Count(r => r.Result!.Contains("over-budget: gate.block of 203.0.113.") && r.Result.Contains("target 21 of contains within an hour; the budget is 20")));
    }

    [Fact]
    public async Task Parallel_steps_of_one_run_do_not_exceed_its_budget_and_what_else_happens_is_written()
    {
        await using var world = NewWorld(Budget(7, BudgetSpan.Run));
        var id = await world.StartAsync(async s =>
        {
            var done = await s.TryEach(Enumerable.Range(0, 30), n => s.Gate.Block($"203.0.113.{n}", 1.Hours), tolerate: 30);
            return Outcome.Completed($"{done.Count(d => d.Succeeded)} of {done.Count}");
        });
        Assert.Contains("7 of 30", (await world.EndOfAsync(id)).Result);
        Assert.Equal(7, world.Gate.TimesDone("block"));
        var journal = await world.Store.ReadJournalAsync(id);
        Assert.Equal(Enumerable.Range(1, journal.Count), journal.Select(r => r.Seq));
        Assert.Equal(7, journal.Count(r => r.Kind == JournalKind.Intent));
    }

    [Fact]
    public async Task A_target_counts_once_and_an_hour_later_no_more_also_after_a_restart()
    {
        var clock = new ManualClock();
        var store = NewStore(clock);
        var plays = new Plays();
        var gate = new Gate(clock);
        await using (var first = new World(Budget(2), store, clock, gate, plays))
        {
            Assert.Contains("Contained", (await first.RunAsync(s => TryAsync(s.Gate.Block("203.0.113.1", 9.Hours)))).Result);
            Assert.Contains("Contained", (await first.RunAsync(s => TryAsync(s.At("edge-2").Block("203.0.113.1", 9.Hours)))).Result);
            Assert.Contains("Contained", (await first.RunAsync(s => TryAsync(s.Gate.Block("203.0.113.2", 9.Hours)))).Result);
        }

        store = await RestartedAsync(store, clock);
        await using var world = new World(Budget(2), store, clock, gate, plays, seed: 2);
        Assert.Contains("over-budget", (await world.RunAsync(s => TryAsync(s.Gate.Block("203.0.113.3", 9.Hours)))).Result);
        await world.AdvanceAsync(61.Minutes);
        Assert.Contains("Contained", (await world.RunAsync(s => TryAsync(s.Gate.Block("203.0.113.3", 9.Hours)))).Result);
    }

    [Fact]
    public async Task An_attempt_that_is_repeated_counts_once()
    {
        await using var world = NewWorld(Budget(2, effect: Effect.Records));
        var failures = 3;
        world.Gate.Before = (_, _, _) => failures-- > 0 ? throw ConnectorFailure.Transient("busy") : Task.CompletedTask;
        var id = await world.StartAsync(async s =>
        {
            await s.Gate.Post("a").Retry(5);
            await s.Gate.Post("b");
            return await TryAsync(s.Gate.Post("c"));
        });
        Assert.Contains("over-budget", (await world.PassToEndAsync(id)).Result);
        Assert.Equal(["a", "b"], world.Gate.Done.Select(d => d.What));
    }

    [Fact]
    public async Task Sub_runs_spend_the_budget_of_the_run_at_the_top()
    {
        await using var world = NewWorld(Budget(2, BudgetSpan.Run));
        world.Plays.Add("one", s => TryAsync(s.Gate.Block(s.In<string>("target"), 9.Hours)), "1.0.0", new InputHeader("target", "string", "which", null, null, 1));
        Func<PlayBench, Task<Outcome>> three = async s =>
        {
            var ends = new List<string>();
            foreach (var n in new[] { 1, 2, 3 }) ends.Add((await s.Sub("one", new { target = $"203.0.113.{n}" })).Kind);
            return Outcome.Completed(string.Join(' ', ends));
        };
        Assert.Contains("Contained Contained Escalated", (await world.RunAsync(three)).Result);
        // Another run has its own.
        Assert.Contains("Contained", (await world.RunAsync(s => TryAsync(s.Gate.Block("203.0.113.4", 9.Hours)))).Result);
    }

    [Fact]
    public async Task A_budget_of_one_connector_counts_what_is_done_there()
    {
        await using var world = NewWorld(Budget(1, connector: "edge-2"));
        var run = await world.RunAsync(async s =>
        {
            await s.Gate.Block("203.0.113.1", 1.Hours);
            await s.Gate.Block("203.0.113.2", 1.Hours);
            await s.At("edge-2").Block("203.0.113.3", 1.Hours);
            return await TryAsync(s.At("edge-2").Block("203.0.113.4", 1.Hours));
        });
        Assert.Contains("target 2 of contains at edge-2 within an hour", run.Result);
        Assert.Equal(3, world.Gate.TimesDone("block"));
    }

    [Fact]
    public async Task Over_a_budget_that_asks_the_step_waits_and_an_approved_one_counts_too()
    {
        await using var world = NewWorld(Budget(1, over: PolicyAnswer.Ask));
        await world.RunAsync(s => TryAsync(s.Gate.Block("203.0.113.1", 9.Hours)));
        var id = await world.StartAsync(s => TryAsync(s.Gate.Block("203.0.113.2", 9.Hours)));
        var question = await world.QuestionAsync();
        Assert.Contains("gate.block of 203.0.113.2 at edge-1: It would be target 2 of contains within an hour; the budget is 1.", question.Text);
        await world.AnswerAsync(question, by: "sara");
        Assert.Contains("Contained", (await world.EndOfAsync(id)).Result);
        Assert.Equal("Started Asked Decided Intent Done Ended", await world.KindsAsync(id));
        id = await world.StartAsync(s => TryAsync(s.Gate.Block("203.0.113.2", 8.Hours)));
        Assert.Contains("Contained", (await world.EndOfAsync(id)).Result);
    }

    [Fact]
    public async Task Who_refused_it_is_not_overruled_by_a_budget_that_is_free_again()
    {
        await using var world = NewWorld(Budget(1, over: PolicyAnswer.Ask));
        await world.RunAsync(s => TryAsync(s.Gate.Block("203.0.113.1", 9.Hours)));
        var id = await world.StartAsync(s => TryAsync(s.Gate.Block("203.0.113.2", 9.Hours)));
        var question = await world.QuestionAsync();
        await world.AdvanceAsync(2.Hours);
        await world.AnswerAsync(question, approve: false, by: "sara");
        Assert.Contains("sara refused it: because", (await world.EndOfAsync(id)).Result);
        Assert.Equal(1, world.Gate.TimesDone("block"));
    }

    [Fact]
    public async Task Protected_over_budget_and_held_come_one_after_the_other_and_each_counts()
    {
        await using var world = NewWorld(Protecting(PolicyAnswer.Ask) with { Budgets = Budget(1, over: PolicyAnswer.Ask).Budgets });
        await world.RunAsync(s => TryAsync(s.Gate.Block("203.0.113.1", 9.Hours)));
        var on = await world.Engine.StopEffectsAsync("ana", "stop");
        var id = await world.StartAsync(s => TryAsync(s.Gate.Block("198.51.100.7", 9.Hours)));
        await world.AnswerAsync(await world.QuestionAsync());
        await world.PassAsync(async () => (await world.Store.HeldAsync(id)).Count == 1);
        await world.Engine.AllowEffectsAsync(on.Id, "ana");
        var question = await world.QuestionAsync();
        Assert.Contains("the budget is 1", question.Text);
        await world.AnswerAsync(question);
        Assert.Contains("Contained", (await world.EndOfAsync(id)).Result);
        Assert.Equal("Started Asked Decided Held Released Asked Decided Intent Done Ended", await world.KindsAsync(id));
        Assert.Empty(await world.Store.HeldAsync(null));
    }

    [Fact]
    public async Task A_loser_of_a_race_withdraws_what_policy_asked()
    {
        await using var world = NewWorld(Protecting(PolicyAnswer.Ask));
        var id = await world.StartAsync(async s => Outcome.Completed($"{await s.FirstIndex(s.Gate.Block("198.51.100.7", 1.Hours), s.Signal<string>("enough"))}"));
        var question = await world.QuestionAsync();
        await world.Engine.SignalAsync(id, "enough", JsonSerializer.SerializeToElement("now"));
        Assert.Contains("1", (await world.EndOfAsync(id)).Result);
        Assert.Equal(QuestionStatus.Withdrawn, (await world.Store.QuestionsAsync(id, null)).Single(q => q.Id == question.Id).Status);
        Assert.Empty(world.Gate.Done);
    }
}

public sealed class PolicyTestsInMemory() : PolicyTests(StoreKind.Memory);

public sealed class PolicyTestsOnSqlite() : PolicyTests(StoreKind.Sqlite);
