using System.Text.Json;
using Soar.Engine;
using Soar.Hosting;
using Soar.Language;
using Soar.Runs;

namespace Soar.Tests.Engine;

public abstract class PeopleTests (StoreKind kind) : EngineSuite(kind)
{
    private static readonly EngineOptions Forgetful = new() { Eviction = Eviction.Always };

    [Fact]
    public async Task A_question_reaches_its_decision_with_the_person_and_the_reason()
    {
        await using var world = NewWorld(Forgetful);
        var id = await world.StartAsync(async s =>
        {
            var decision = await s.Approve("Block it?", within: 1.Hours);
            return Outcome.Completed($"{decision.Kind} by {decision.By}: {decision.Reason}");
        });
        var question = await world.QuestionAsync();
        Assert.Equal(("shift-lead", "Block it?", 1), (question.Who, question.Text, question.Quorum));
        await world.AnswerAsync(question);
        Assert.Contains("Approved by lead: because", (await world.EndOfAsync(id)).Result);
        Assert.Equal("Started Asked Done Ended", await world.KindsAsync(id));
    }

    [Fact]
    public async Task A_dry_run_asks_whoever_started_it_and_nobody_else()
    {
        await using var world = NewWorld(Forgetful with { Roles = new Dictionary<string, IReadOnlyList<string>> { ["shift-lead"] = ["lead"], ["analyst"] = ["ana"] } });
        var id = await world.StartAsync(async s => Outcome.Completed($"{(await s.Approve("Block it?", within: 1.Hours)).By}"), RunMode.DryRun);
        var question = await world.QuestionAsync();
        Assert.Equal(("ana", 1), (question.Who, question.Quorum));
        await Assert.ThrowsAsync<SoarException>(() => world.AnswerAsync(question, by: "lead"));
        await world.AnswerAsync(question, by: "ana");
        Assert.Contains("ana", (await world.EndOfAsync(id)).Result);
    }

    [Fact]
    public async Task A_question_that_nobody_answers_expires_and_takes_no_answer_any_more()
    {
        await using var world = NewWorld(Forgetful);
        var id = await world.StartAsync(async s => Outcome.Completed($"{(await s.Approve("Block it?", within: 1.Hours)).Kind}"));
        var question = await world.QuestionAsync();
        await world.UntilAsync(id, RunStatus.Waiting);
        var run = await world.PassToEndAsync(id, 10.Minutes);
        Assert.Contains("Expired", run.Result);
        Assert.Equal(QuestionStatus.Expired, Assert.Single(await world.Store.QuestionsAsync(id, null)).Status);
        await Assert.ThrowsAsync<NotFoundException>(() => world.AnswerAsync(question));
    }

    [Fact]
    public async Task A_quorum_needs_that_many_different_people()
    {
        await using var world = NewWorld(Forgetful);
        var id = await world.StartAsync(async s => Outcome.Completed($"{(await s.Approve("Wipe it?", quorum: 2)).Kind}"));
        var question = await world.QuestionAsync();
        await world.AnswerAsync(question, by: "ana");
        await Assert.ThrowsAsync<SoarException>(() => world.AnswerAsync(question, by: "ana"));
        await world.UntilAsync(id, RunStatus.Waiting);
        await world.AnswerAsync(question, by: "marko");
        Assert.Contains("Approved", (await world.EndOfAsync(id)).Result);
    }

    [Fact]
    public async Task One_refusal_decides_whatever_the_quorum()
    {
        await using var world = NewWorld(Forgetful);
        var id = await world.StartAsync(async s =>
        {
            var decision = await s.Approve("Wipe it?", quorum: 3);
            return Outcome.Completed($"{decision.Kind} by {decision.By}");
        });
        var question = await world.QuestionAsync();
        await world.AnswerAsync(question, by: "ana");
        await world.AnswerAsync(question, approve: false, by: "marko");
        Assert.Contains("Refused by marko", (await world.EndOfAsync(id)).Result);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_question_escalates_once_at_half_of_its_time_and_until_then_it_is_not_theirs(bool forgotten)
    {
        await using var world = NewWorld(forgotten ? Forgetful : new EngineOptions { Eviction = new Eviction { Idle = 1.Days, Longest = 1.Days } });
        var began = world.Clock.GetUtcNow();
        var id = await world.StartAsync(async s =>
        {
            var decision = await s.Approve("Block it?", within: 1.Hours, quorum: 2, escalateTo: "head-of-soc");
            return Outcome.Completed($"{decision.Kind} by {decision.By} at {s.Time - began}");
        });
        var question = await world.QuestionAsync();
        await world.UntilAsync(id, RunStatus.Waiting);
        var early = await Assert.ThrowsAsync<SoarException>(() => world.AnswerAsync(question, by: "vera", role: "head-of-soc"));
        Assert.Equal("SOAR2034", early.Code);
        Assert.Contains("head-of-soc may answer", early.Message);
        Assert.Contains("09:30:00 UTC on", early.Message);
        await world.AnswerAsync(question, by: "ana", role: "shift-lead");

        await world.PassAsync(async () => (await world.Store.QuestionsAsync(id, null))[0].EscalatedAt is not null, 1.Minutes);
        Assert.Equal(began + 30.Minutes, world.Clock.GetUtcNow());
        Assert.Equal(["shift-lead", "head-of-soc"], (await world.Store.QuestionsAsync(id, null))[0].MayAnswer);
        Assert.Equal("SOAR2034", (await Assert.ThrowsAsync<SoarException>(() => world.AnswerAsync(question, by: "marko", role: "analyst"))).Code);
        await world.AnswerAsync(question, by: "vera", role: "head-of-soc");
        Assert.Contains("Approved by vera at 30 minutes", (await world.EndOfAsync(id)).Result);
        Assert.Equal("Started Asked Escalated Done Ended", await world.KindsAsync(id));
        Assert.Equal([("ana", "shift-lead"), ("vera", "head-of-soc")], Assert.Single(await world.Store.QuestionsAsync(id, null)).Answers.Select(a => (a.By, a.As)));
    }

    [Fact]
    public async Task An_escalation_that_became_due_while_no_engine_ran_happens_at_the_next_start_and_only_once()
    {
        var (clock, plays) = (new ManualClock(), new Plays());
        var store = NewStore(clock);
        RunId id;
        await using (var first = NewWorld(Forgetful, store, clock, plays: plays))
        {
            id = await first.StartAsync(async s => Outcome.Completed($"{(await s.Approve("Block it?", within: 1.Hours, escalateTo: "head-of-soc")).Kind}"));
            await first.UntilAsync(id, RunStatus.Waiting);
        }

        clock.Advance(40.Minutes);
        await using (var second = NewWorld(Forgetful, store, clock, plays: plays))
        {
            await second.PassAsync(async () => (await store.QuestionsAsync(id, null))[0].EscalatedAt == clock.GetUtcNow());
            await second.UntilAsync(id, RunStatus.Waiting);
        }

        await using var third = NewWorld(Forgetful, store, clock, plays: plays);
        await third.CalmAsync();
        Assert.Contains("Expired", (await third.PassToEndAsync(id, 1.Minutes)).Result);
        Assert.Equal("Started Asked Escalated Done Ended", await third.KindsAsync(id));
    }

    [Fact]
    public async Task Four_eyes_are_neither_an_author_s_of_the_version_nor_of_whoever_started_the_run()
    {
        await using var world = NewWorld(Forgetful with { AuthorsOf = run => Task.FromResult<IReadOnlyList<string>>(run.Playbook.Length > 0 ? ["Marko"] : []) });
        var id = await world.StartAsync(async s => Outcome.Completed($"by {(await s.Approve("Block it?", within: 1.Hours, fourEyes: true)).By}"));
        var question = await world.QuestionAsync();
        Assert.Contains("marko is an author", (await Assert.ThrowsAsync<SoarException>(() => world.AnswerAsync(question, by: "marko"))).Message);
        Assert.Contains("Ana started the run", (await Assert.ThrowsAsync<SoarException>(() => world.AnswerAsync(question, by: "Ana"))).Message);
        Assert.False(await world.Engine.Deciders.MayAnswerAsync(question, "ana"));
        Assert.True(await world.Engine.Deciders.MayAnswerAsync(question, "vera"));
        await world.AnswerAsync(question, by: "vera");
        Assert.Contains("by vera", (await world.EndOfAsync(id)).Result);
    }

    [Fact]
    public async Task A_role_that_the_deployment_names_people_for_is_taken_by_them_only()
    {
        await using var world = NewWorld(Forgetful with
        {
            Roles = new Dictionary<string, IReadOnlyList<string>> { ["shift-lead"] = ["Ana"], ["head-of-soc"] = ["vera"] },
        });
        var id = await world.StartAsync(async s => Outcome.Completed($"{(await s.Approve("Block it?", within: 1.Hours, escalateTo: "head-of-soc")).By}"));
        var question = await world.QuestionAsync();
        var refused = await Assert.ThrowsAsync<SoarException>(() => world.AnswerAsync(question, by: "vera"));
        Assert.Equal("SOAR2034", refused.Code);
        Assert.Contains("shift-lead is Ana", refused.Message);
        Assert.Contains("head-of-soc may answer from", refused.Message);
        Assert.Equal("SOAR2034", (await Assert.ThrowsAsync<SoarException>(() => world.AnswerAsync(question, by: "marko", role: "shift-lead"))).Code);
        await world.AnswerAsync(question, by: "ana");
        Assert.Contains("ana", (await world.EndOfAsync(id)).Result);
        Assert.Equal("shift-lead", Assert.Single(Assert.Single(await world.Store.QuestionsAsync(id, null)).Answers).As);
    }

    [Fact]
    public async Task A_form_is_taken_only_when_it_is_complete()
    {
        await using var world = NewWorld(Forgetful);
        var id = await world.StartAsync(async s =>
        {
            var form = await s.Fill<Report>("Report");
            return Outcome.Completed($"{form.Where} {form.Level}");
        });
        var question = await world.QuestionAsync(QuestionKind.Form);
        var refused = await Assert.ThrowsAsync<SoarException>(() => world.AnswerAsync(question, value: """{"level":"Purple"}"""));
        Assert.Contains("missing: where", refused.Message);
        Assert.Contains("level is \"Purple\" but must be one of", refused.Message);
        await world.AnswerAsync(question, value: """{"where":"Zagreb","level":"Red"}""");
        Assert.Contains("Zagreb Red", (await world.EndOfAsync(id)).Result);
    }

    private sealed record Damage(bool Encrypted, int Machines, decimal? Cost, TimeSpan? Down, DateTimeOffset? Since, string? Remark);

    [Fact]
    public async Task A_form_takes_only_values_of_its_fields_types_and_optional_fields_may_be_empty()
    {
        await using var world = NewWorld(Forgetful);
        var id = await world.StartAsync(async s => Outcome.Completed($"{await s.Fill<Damage>("Damage")}"));
        var question = await world.QuestionAsync(QuestionKind.Form);
        foreach (var (value, said) in new[]
        {
            ("""{"encrypted":"yes","machines":3}""", "encrypted is \"yes\" but must be true or false"),
            ("""{"encrypted":true,"machines":"3"}""", "machines is \"3\" but must be a whole number"),
            ("""{"encrypted":true,"machines":2.5}""", "machines is 2.5 but must be a whole number"),
            ("""{"encrypted":true,"machines":3,"cost":"much"}""", "cost is \"much\" but must be a number"),
            ("""{"encrypted":true,"machines":3,"cost":""}""", "cost is \"\" but must be a number"),
            ("""{"encrypted":true,"machines":3,"down":"2h"}""", "down is \"2h\" but must be a duration"),
            ("""{"encrypted":true,"machines":3,"since":"yesterday"}""", "since is \"yesterday\" but must be a date"),
            ("""{"encrypted":true,"machines":3,"remarks":"x"}""", "it has no field remarks"),
        })
        {
            Assert.Contains(said, (await Assert.ThrowsAsync<SoarException>(() => world.AnswerAsync(question, value: value))).Message);
        }

        await world.AnswerAsync(question, value: """{"encrypted":true,"machines":3,"down":"01:30:00","since":"2026-03-29T14:30:00Z","cost":null}""");
        var run = await world.EndOfAsync(id);
        Assert.Equal(RunStatus.Completed, run.Status);
        Assert.Contains("Down = 01:30:00", run.Result);
    }

    [Fact]
    public async Task A_to_do_is_done_or_not()
    {
        await using var world = NewWorld(Forgetful);
        var id = await world.StartAsync(async s => Outcome.Completed($"{(await s.Task_("Call them")).Kind}"));
        await world.AnswerAsync(await world.QuestionAsync(QuestionKind.Todo), approve: false);
        Assert.Contains("Refused", (await world.EndOfAsync(id)).Result);
    }

    [Fact]
    public async Task Signals_sent_before_their_receive_are_kept_counted_once_and_returned_when_left()
    {
        await using var world = NewWorld(Forgetful);
        var id = await world.StartAsync(async s =>
        {
            var go = await s.Approve("Go?");
            var one = await s.Signal<int>("ack");
            var two = await s.Signal<int>("ack");
            return Outcome.Completed($"{one.Value} {two.Value} {one.Id}");
        });
        var question = await world.QuestionAsync();
        Assert.True(await world.Engine.SignalAsync(id, "ack", JsonSerializer.SerializeToElement(1), "a"));
        Assert.False(await world.Engine.SignalAsync(id, "ack", JsonSerializer.SerializeToElement(99), "a"));
        await world.Engine.SignalAsync(id, "ack", JsonSerializer.SerializeToElement(2), "b");
        await world.Engine.SignalAsync(id, "ack", JsonSerializer.SerializeToElement(3), "c");
        await world.Engine.SignalAsync(id, "other", JsonSerializer.SerializeToElement(4), "d");
        await world.UntilAsync(id, RunStatus.Waiting);
        await world.AnswerAsync(question);
        Assert.Contains("1 2 a", (await world.EndOfAsync(id)).Result);
        Assert.Contains("""undelivered":[{"id":"c","name":"ack"},{"id":"d","name":"other"}]""", await world.PayloadAsync(id, JournalKind.Ended));
        Assert.False(await world.Engine.SignalAsync(id, "ack", JsonSerializer.SerializeToElement(5)));
    }

    [Fact]
    public async Task Seven_hundred_signals_that_arrive_together_are_delivered_in_a_few_wakes()
    {
        await using var world = NewWorld(Forgetful);
        var bodies = 0;
        var id = await world.StartAsync(async s =>
        {
            Interlocked.Increment(ref bodies);
            var sum = 0;
            await s.Approve("Start?");
            for (var i = 0; i < 700; i++) sum += (await s.Signal<int>("ack")).Value;
            return Outcome.Completed($"{sum}");
        });
        var question = await world.QuestionAsync();
        await world.UntilAsync(id, RunStatus.Waiting);
        await Task.WhenAll(Enumerable.Range(0, 700).Select(_ => world.Engine.SignalAsync(id, "ack", JsonSerializer.SerializeToElement(1))));
        await world.CalmAsync();
        var early = bodies;
        await world.AnswerAsync(question);
        Assert.Contains("700", (await world.EndOfAsync(id)).Result);
        // The first body, and one for each wake that found some of them: how many depends on how the machine lets senders and driver take turns, a quarter of the signals is far from one each.
        // Then all seven hundred are handed over in one wake.
        Assert.InRange(early, 1, 175);
        Assert.InRange(bodies - early, 1, 2);
    }

    [Fact]
    public async Task A_receive_that_nobody_answers_times_out()
    {
        await using var world = NewWorld(Forgetful);
        var id = await world.StartAsync(async s =>
        {
            try
            {
                await s.Signal<int>("ack", within: 10.Minutes);
                return Outcome.Completed("came");
            }
            catch (StepTimedOut)
            {
                return Outcome.Completed("silent");
            }
        });
        await world.UntilAsync(id, RunStatus.Waiting);
        Assert.Contains("silent", (await world.PassToEndAsync(id, 1.Minutes)).Result);
    }

    [Fact]
    public async Task A_sub_playbook_keeps_the_version_of_the_first_call_and_gives_its_outcome_back()
    {
        await using var world = NewWorld(Forgetful);
        world.Plays.Add("child", async s =>
        {
            await s.Pause(1.Days);
            return Outcome.Contained("old");
        });
        var id = await world.StartAsync(async s => Outcome.Completed($"child said {(await s.Sub("child")).Reason}"));
        await World.UntilAsync(async () => (await world.Store.ListAsync(RunStatus.Waiting, null, 10)).Count == 2 ? "both" : null, "both wait");
        world.Plays.Add("child", _ => Task.FromResult(Outcome.Contained("new")), "2.0.0");
        Assert.Contains("child said old", (await world.PassToEndAsync(id, 1.Hours)).Result);
        var child = Assert.Single(await world.Store.ListAsync(null, "child", 10));
        Assert.Equal((id, 0, 1), (child.Parent!.Value, child.ParentOrdinal!.Value, child.Depth));
    }

    [Fact]
    public async Task A_sub_playbook_that_fails_fails_the_step_that_ran_it()
    {
        await using var world = NewWorld(Forgetful);
        world.Plays.Add("child", async s => throw new InvalidOperationException($"broken child {await s.Gate.Look("x")}"));
        var id = await world.StartAsync(async s =>
        {
            try
            {
                await s.Sub("child");
            }
            catch (StepFailed e)
            {
                return Outcome.Completed($"{e.Code} {e.Message}");
            }

            return Outcome.Completed();
        });
        var run = await world.EndOfAsync(id);
        Assert.Contains("run-failed", run.Result);
        Assert.Contains("broken child", run.Result);
    }

    [Fact]
    public async Task A_playbook_that_runs_itself_is_stopped_at_sixteen_levels()
    {
        await using var world = NewWorld();
        var playbook = world.Plays.Add("self", async s =>
        {
            try
            {
                return await s.Sub("self");
            }
            catch (StepRefused e)
            {
                return Outcome.Completed(e.Code);
            }
        });
        var run = await world.EndOfAsync(await world.Engine.StartAsync(playbook, new StartRequest { StartedBy = "ana" }));
        Assert.Contains("too-deep", run.Result);
        Assert.Equal(17, (await world.Store.ListAsync(null, null, 100)).Count);
    }

    internal enum Level
    {
        Green,
        Red,
    }

    internal sealed record Report(string Where, Level Level, string? More = null);
}

public sealed class PeopleTestsInMemory() : PeopleTests(StoreKind.Memory);

public sealed class PeopleTestsOnSqlite() : PeopleTests(StoreKind.Sqlite);
