using Soar.Capabilities;
using Soar.Engine;
using Soar.Hosting;
using Soar.Language;
using Soar.Runs;

namespace Soar.Tests.Engine;

public abstract class EffectTests (StoreKind kind) : EngineSuite(kind)
{
    [Fact]
    public async Task A_read_that_fails_for_now_is_tried_again_after_a_wait_and_each_attempt_is_on_record()
    {
        await using var world = NewWorld();
        var failures = 2;
        world.Gate.Before = (_, _, _) => failures-- > 0 ? throw ConnectorFailure.Transient("busy", retryAfter: 7.Seconds) : Task.CompletedTask;
        var began = world.Clock.GetUtcNow();
        var id = await world.StartAsync(async s => Outcome.Completed($"{await s.Gate.Look("abc")}"));
        Assert.Equal(RunStatus.Completed, (await world.PassToEndAsync(id)).Status);
        Assert.Equal("Started Attempt Attempt Done Ended", (await world.KindsAsync(id)).Replace(" Waiting", ""));
        Assert.True(world.Clock.GetUtcNow() - began >= 14.Seconds, "the other side asked for seven seconds, twice");
    }

    [Fact]
    public async Task A_read_fails_after_its_attempts_and_at_once_when_trying_again_will_not_help()
    {
        await using var world = NewWorld();
        world.Gate.Before = (what, _, _) => throw (what == "look 403" ? ConnectorFailure.Permanent("forbidden", reason: "403") : ConnectorFailure.Transient("busy"));
        var id = await world.StartAsync(async s =>
        {
            var said = new List<string>();
            foreach (var what in new[] { "403", "busy" })
            {
                try
                {
                    await s.Gate.Look(what).Retry(2);
                }
                catch (StepFailed e)
                {
                    said.Add($"{e.Code} after {e.Attempts}");
                }
            }

            return Outcome.Completed(string.Join(", ", said));
        });
        var run = await world.PassToEndAsync(id);
        Assert.Contains("403 after 1, transient after 2", run.Result);
    }

    [Fact]
    public async Task A_read_that_does_not_answer_times_out_and_a_whole_step_time_out_counts_retries_in()
    {
        await using var world = NewWorld();
        world.Gate.Before = (_, _, token) => world.Gate.NeverAsync(token);
        var began = world.Clock.GetUtcNow();
        var id = await world.StartAsync(async s =>
        {
            try
            {
                await s.Gate.Look("silent").Retry(5).Timeout(40.Seconds);
                return Outcome.Completed("answered");
            }
            catch (StepTimedOut e)
            {
                return Outcome.Completed($"timed out: {e.Code}");
            }
        });
        var run = await world.PassToEndAsync(id);
        Assert.Contains("timed out: timeout", run.Result);
        Assert.InRange(world.Clock.GetUtcNow() - began, 40.Seconds, 150.Seconds);
    }

    [Theory]
    [InlineData(null, "body", "to")]
    [InlineData("", "body", "to")]
    [InlineData("*", "body", "to")]
    [InlineData("ANY", "body", "to")]
    [InlineData("0.0.0.0/0", "body", "to")]
    [InlineData("::/0", "body", "to")]
    [InlineData("%", "body", "to")]
    [InlineData("provider", " ", "body")]
    public async Task An_effect_with_a_missing_empty_or_all_embracing_argument_is_refused_by_name(string? to, string? body, string blamed)
    {
        await using var world = NewWorld();
        var run = await world.RunAsync(async s =>
        {
            try
            {
                return Outcome.Completed(await s.Gate.Send(to, body));
            }
            catch (StepRefused e)
            {
                return Outcome.Completed($"{e.Code}: {e.Message}");
            }
        });
        Assert.Contains("missing-argument", run.Result);
        Assert.Contains($"'{blamed}'", run.Result);
        Assert.Empty(world.Gate.Done);
    }

    [Fact]
    public async Task An_effect_that_surely_failed_is_tried_again_under_the_same_key()
    {
        await using var world = NewWorld();
        var failures = 2;
        world.Gate.Before = (_, _, _) => failures-- > 0 ? throw ConnectorFailure.Transient("busy") : Task.CompletedTask;
        var id = await world.StartAsync(async s => Outcome.Completed(await s.Gate.Send("provider", "x")));
        Assert.Equal(RunStatus.Completed, (await world.PassToEndAsync(id)).Status);
        Assert.Equal("Started Intent Attempt Intent Attempt Intent Done Ended", await world.KindsAsync(id));
        Assert.Equal(IdempotencyKey.For(id, 0, "gate.send").Value, Assert.Single(world.Gate.Done).Key);
    }

    [Fact]
    public async Task A_lost_answer_of_what_is_safe_to_repeat_is_repeated_under_the_same_key()
    {
        await using var world = NewWorld();
        var lost = 1;
        world.Gate.After = (_, _, _) => lost-- > 0 ? throw ConnectorFailure.Unknown("connection reset") : Task.CompletedTask;
        var id = await world.StartAsync(async s => Outcome.Completed((await s.Gate.Block("203.0.113.7", 1.Hours)).Target));
        Assert.Equal(RunStatus.Completed, (await world.PassToEndAsync(id)).Status);
        Assert.Equal("Started Intent Unknown Settled Intent Done Ended", await world.KindsAsync(id));
        Assert.Single(world.Gate.Done.Select(d => d.Key).Distinct());
    }

    [Fact]
    public async Task A_lost_answer_is_settled_by_the_probe_and_not_dispatched_again_when_it_is_in_place()
    {
        await using var world = NewWorld();
        world.Gate.After = (_, _, _) => throw ConnectorFailure.Unknown("connection reset");
        var run = await world.RunAsync(async s => Outcome.Completed(await s.Gate.Post("hello")));
        Assert.Contains("post hello", run.Result);
        Assert.Equal("Started Intent Unknown Settled Done Ended", (await world.KindsAsync(run.Id)).Replace("Settled Done", "Settled Done"));
        Assert.Equal(1, world.Gate.TimesDone("post"));
    }

    [Fact]
    public async Task A_probe_that_finds_it_but_not_what_it_gave_leaves_that_to_a_person_and_the_playbook_gets_no_null()
    {
        await using var world = NewWorld();
        world.Gate.After = (_, _, _) => throw ConnectorFailure.Unknown("connection reset");
        world.Gate.ProbeGivesNothing = true;
        var id = await world.StartAsync(async s => Outcome.Completed((await s.Gate.Post("hello")).Length.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        var question = await world.QuestionAsync(QuestionKind.UnknownOutcome);
        await world.AnswerAsync(question, value: "\"seven77\"");
        Assert.Contains("\"7\"", (await world.PassToEndAsync(id)).Result);
        Assert.Equal("Started Intent Unknown Asked Settled Done Ended", await world.KindsAsync(id));
        Assert.Equal(1, world.Gate.TimesDone("post"));
    }

    [Fact]
    public async Task An_outcome_that_the_probe_says_is_absent_is_dispatched_again()
    {
        await using var world = NewWorld();
        var lost = 1;
        world.Gate.Before = (_, _, _) => lost-- > 0 ? throw ConnectorFailure.Unknown("connection reset before it was sent, perhaps") : Task.CompletedTask;
        var id = await world.StartAsync(async s => Outcome.Completed(await s.Gate.Post("hello")));
        Assert.Equal(RunStatus.Completed, (await world.PassToEndAsync(id)).Status);
        Assert.Equal("Started Intent Unknown Settled Intent Done Ended", await world.KindsAsync(id));
        Assert.Equal(1, world.Gate.TimesDone("post"));
    }

    [Theory]
    [InlineData("post")] // a probe tells
    [InlineData("file")] // a repeat looks first
    public async Task What_the_product_is_still_at_work_on_when_the_connection_breaks_is_not_done_twice(string action)
    {
        await using var world = NewWorld();
        var lost = 1;
        world.Gate.Before = (_, context, _) =>
        {
            if (lost-- <= 0) return Task.CompletedTask;
            world.Gate.EndsLate(action, "hello", context, TimeSpan.FromSeconds(25));
            throw ConnectorFailure.Unknown("connection reset");
        };
        var id = await world.StartAsync(async s => Outcome.Completed(action == "post" ? await s.Gate.Post("hello") : await s.Gate.File("hello")));
        Assert.Contains($"{action} hello", (await world.PassToEndAsync(id)).Result);
        await world.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(1, world.Gate.TimesDone(action));
    }

    [Theory]
    [InlineData("done")]
    [InlineData("not-done")]
    public async Task An_outcome_that_nothing_can_tell_is_asked_of_a_person_and_the_run_waits_meanwhile(string told)
    {
        await using var world = NewWorld(new EngineOptions { Eviction = Eviction.Always });
        var lost = 1;
        world.Gate.After = (_, _, _) => lost-- > 0 ? throw new IOException("cable") : Task.CompletedTask;
        var id = await world.StartAsync(async s =>
        {
            await s.Gate.Send("provider", "x");
            return Outcome.Completed();
        });
        var question = await world.QuestionAsync(QuestionKind.UnknownOutcome);
        await world.UntilAsync(id, RunStatus.Waiting);
        Assert.Contains("gate.send at edge-1", question.Text);
        Assert.Contains(IdempotencyKey.For(id, 0, "gate.send").Value, question.Details);
        await Assert.ThrowsAsync<SoarException>(() => world.AnswerAsync(question, value: "perhaps"));
        // What it gave is told with it, and is what the action gives: the playbook goes on with that.
        foreach (var (value, why) in new[] { ("done", "gate.send gives a String"), ("5", "must be a String"), ("null", "null is none") })
        {
            var refused = await Assert.ThrowsAsync<SoarException>(() => world.Engine.Deciders.AnswerAsync(question.Id, new Answer("lead", Approve: true, "", world.Clock.GetUtcNow(), value)));
            Assert.True(refused.Code == "SOAR2031" && refused.Message.Contains(why, StringComparison.Ordinal), refused.Message);
        }

        await world.AnswerAsync(question, value: told);
        Assert.Equal(RunStatus.Completed, (await world.PassToEndAsync(id)).Status);
        Assert.Equal(told == "done" ? 1 : 2, world.Gate.TimesDone("send"));
        Assert.Equal(told == "done" ? "Started Intent Unknown Asked Settled Done Ended" : "Started Intent Unknown Asked Settled Intent Done Ended", await world.KindsAsync(id));
    }

    [Fact]
    public async Task A_person_who_says_done_says_what_it_gave_and_the_playbook_goes_on_with_that()
    {
        await using var world = NewWorld();
        world.Gate.After = (_, _, _) => throw new IOException("cable");
        var id = await world.StartAsync(async s => Outcome.Completed((await s.Gate.Send("provider", "x")).Length.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        var question = await world.QuestionAsync(QuestionKind.UnknownOutcome);
        await world.AnswerAsync(question, value: "\"seven77\"");
        Assert.Contains("\"7\"", (await world.PassToEndAsync(id)).Result);
    }

    [Fact]
    public void What_an_action_gives_is_shown_by_an_example_that_is_taken_for_every_action()
    {
        var catalog = new ActionCatalog();
        foreach (var action in catalog.Capabilities.SelectMany(c => c.Actions).Where(a => a.Effect != Effect.ReadsOnly))
        {
            using var none = System.Text.Json.JsonDocument.Parse("{}");
            var example = ToldOutcome.Example(action, none.RootElement);
            Assert.Equal(action.ResultType is null || action.ResultMayBeNull, example is null);
            var question = new Question
            {
                Id = default, Run = default, Ordinal = 0, Kind = QuestionKind.UnknownOutcome, Who = "lead", Text = "", AskedAt = DateTimeOffset.UnixEpoch, Details = "{\"action\":\"" + action.Id + "\",\"arguments\":{}}",
            };
            var problem = ToldOutcome.Problem(question, new Answer("lead", Approve: true, "", DateTimeOffset.UnixEpoch, example ?? "done"), catalog);
            Assert.True(problem is null, $"{action.Id}: {problem}");
            Assert.Equal(example is not null, ToldOutcome.Problem(question, new Answer("lead", Approve: true, "", DateTimeOffset.UnixEpoch, "done"), catalog) is not null);
        }
    }

    [Fact]
    public async Task An_effect_that_does_not_answer_in_time_is_unknown_and_not_failed()
    {
        await using var world = NewWorld();
        world.Gate.After = (_, _, token) => world.Gate.NeverAsync(token);
        var id = await world.StartAsync(async s => Outcome.Completed(await s.Gate.Send("provider", "x").Timeout(10.Seconds)));
        await world.PassAsync(async () => (await world.Store.QuestionsAsync(id, QuestionStatus.Open)).Count == 1);
        Assert.Equal("Started Intent Unknown Asked", (await world.KindsAsync(id)));
    }

    [Fact]
    public async Task An_effect_under_policy_needs_a_decision_about_exactly_this_step_and_uses_it_up()
    {
        await using var world = NewWorld(new EngineOptions { ApprovalRequired = new HashSet<Effect> { Effect.Notifies } });
        var id = await world.StartAsync(async s =>
        {
            var said = new List<string>();
            async Task Try(Step<string> step)
            {
                try
                {
                    said.Add(await step);
                }
                catch (StepRefused e)
                {
                    said.Add(e.Code);
                }
            }

            await Try(s.Gate.Send("a", "unasked"));
            await s.Approve("May we?");
            await Try(s.Gate.Send("a", "asked without steps"));
            var decision = await s.Approve("Send it?", [s.Gate.Send("b", "text")]);
            await Try(s.Gate.Send("b", "another text"));
            await Try(s.At("edge-2").Send("b", "text"));
            await Try(s.Gate.Send("b", "text"));
            await Try(s.Gate.Send("b", "text"));
            return Outcome.Completed($"{decision.Approved}: {string.Join(", ", said)}");
        });
        await world.AnswerAsync(await world.QuestionAsync());
        await world.AnswerAsync(await World.UntilAsync(async () => (await world.Store.QuestionsAsync(id, QuestionStatus.Open)).FirstOrDefault(q => q.Text == "Send it?"), "the second question"));
        var run = await world.EndOfAsync(id);
        Assert.Contains("True: approval-required, approval-required, approval-required, approval-required, send b, approval-required", run.Result);
        Assert.Equal(1, world.Gate.TimesDone("send"));
        Assert.Contains("Authorised Intent Done", await world.KindsAsync(id));
    }

    [Fact]
    public async Task A_refused_question_authorises_nothing()
    {
        await using var world = NewWorld(new EngineOptions { ApprovalRequired = new HashSet<Effect> { Effect.Notifies } });
        var id = await world.StartAsync(async s =>
        {
            var send = s.Gate.Send("b", "text");
            await s.Approve("Send it?", [send]);
            try
            {
                return Outcome.Completed(await send);
            }
            catch (StepRefused e)
            {
                return Outcome.Completed(e.Code);
            }
        });
        await world.AnswerAsync(await world.QuestionAsync(), approve: false);
        Assert.Contains("approval-required", (await world.EndOfAsync(id)).Result);
        Assert.Empty(world.Gate.Done);
    }

    [Fact]
    public void A_prepared_step_that_is_not_what_its_hash_says_is_not_put_to_anybody()
    {
        using var shown = System.Text.Json.JsonDocument.Parse("""{"to":"a"}""");
        var forged = new PreparedStep("gate.send", "edge-1", CallHash.Full("gate.send", "edge-1", """{"to":"b"}"""u8), shown.RootElement);
        var call = new StepCall(default, 0, "ask", BuiltIns.Ask, "soar", System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new AskArguments("lead", "ok?", [forged], null, 1, null), SoarJson.Options), 0, null, 1);
        Assert.Equal("SOAR2032", Assert.Throws<SoarException>(() => Questions.Of(call, default, default, until: null)).Code);
    }

    [Fact]
    public async Task A_dry_run_reads_for_real_and_answers_effects_by_the_simulator()
    {
        await using var world = NewWorld();
        var run = await world.RunAsync(
            async s =>
            {
                await s.Gate.Look("real");
                var block = await s.Gate.Block("203.0.113.7", 1.Hours);
                return Outcome.Completed($"{block.Target} {await s.Gate.Send("provider", "x")}");
            }, RunMode.DryRun);
        Assert.Contains("203.0.113.7 send provider", run.Result);
        Assert.Equal(["real"], world.Gate.Reads);
        Assert.Empty(world.Gate.Done);
        Assert.Equal(2, world.Simulator.Done.Count);
        Assert.Empty(await world.Store.ContainmentsAsync(null, null, standingOnly: false));
        Assert.Contains("\"simulated\":true", await world.PayloadAsync(run.Id, JournalKind.Intent));
    }

    [Fact]
    public async Task A_test_answers_every_step_and_a_crash_after_dispatch_is_settled_like_a_real_one()
    {
        var answers = new ScriptedAnswers();
        await using var world = NewWorld(new EngineOptions { Answers = answers });
        var id = await world.StartAsync(
            async s =>
            {
                var n = await s.Gate.Look("x");
                await s.Gate.Send("provider", $"{n}");
                return Outcome.Completed($"{n}");
            }, RunMode.Test);
        var question = await world.QuestionAsync(QuestionKind.UnknownOutcome);
        await world.AnswerAsync(question, value: "not-done");
        Assert.Contains("42", (await world.EndOfAsync(id)).Result);
        Assert.Equal(["gate.look 1", "gate.send 1", "gate.send 2"], answers.Asked);
        Assert.Empty(world.Gate.Reads);
        Assert.Equal("Started Done Intent Unknown Asked Settled Intent Done Ended", await world.KindsAsync(id));
    }

    private sealed class ScriptedAnswers : IStepAnswers
    {
        public List<string> Asked { get; } = [];

        public ValueTask<StepAnswer?> AnswerAsync(StepAttempt attempt, CancellationToken cancellation)
        {
            Asked.Add($"{attempt.Action} {Asked.Count(a => a.StartsWith(attempt.Action, StringComparison.Ordinal)) + 1}");
            return ValueTask.FromResult<StepAnswer?>(attempt.Action == "gate.look" ? new StepAnswer.Result(System.Text.Json.JsonSerializer.SerializeToElement(42))
                : Asked.Count == 2 ? new StepAnswer.Crash() : null);
        }

        public ValueTask<(ProbeAnswer Answer, System.Text.Json.JsonElement? Result)?> ProbeAsync(StepAttempt attempt, CancellationToken cancellation) => default;
    }
}

public sealed class EffectTestsInMemory() : EffectTests(StoreKind.Memory);

public sealed class EffectTestsOnSqlite() : EffectTests(StoreKind.Sqlite);
