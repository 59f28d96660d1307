using System.Text.Json;
using Soar.Capabilities;
using Soar.Engine;
using Soar.Hosting;
using Soar.Language;
using Soar.Runs;

namespace Soar.Tests.Engine;

/// <summary>Every kind of failed run can be resumed: it goes on where it failed, and nothing that was done is done twice.</summary>
public abstract class ResumeTests(StoreKind kind) : EngineSuite(kind)
{
    private static readonly EngineOptions Forgetful = new() { Eviction = Eviction.Always };

    private static async Task<Run> ResumedAsync(World world, RunId run, TimeSpan? step = null)
    {
        await world.Engine.ResumeAsync(run, "ana");
        await world.CalmAsync();
        return await world.PassToEndAsync(run, step);
    }

    [Fact]
    public async Task A_run_that_failed_in_its_own_code_runs_again_from_its_journal()
    {
        await using var world = NewWorld(Forgetful);
        var broken = true;
        var id = await world.StartAsync(async s =>
        {
            await s.Gate.Send("before", "x");
            if (Volatile.Read(ref broken)) throw new InvalidOperationException("a mistake, or a bad moment");
            await s.Gate.Send("after", "x");
            return Outcome.Completed();
        });
        Assert.Equal(RunStatus.Failed, (await world.EndOfAsync(id)).Status);
        var again = await ResumedAsync(world, id);
        Assert.Equal(RunStatus.Failed, again.Status);
        Assert.Contains("a mistake, or a bad moment", again.Result);

        broken = false;
        Assert.Equal(RunStatus.Completed, (await ResumedAsync(world, id)).Status);
        Assert.Equal((1, 1), (world.Gate.TimesDone("send", "before"), world.Gate.TimesDone("send", "after")));
        Assert.Equal("Started Intent Done Ended Control Superseded Ended Control Superseded Intent Done Ended", await world.KindsAsync(id));
    }

    [Fact]
    public async Task Calls_that_were_open_when_its_own_code_failed_are_open_again()
    {
        await using var world = NewWorld(Forgetful);
        var id = await world.StartAsync(async s =>
        {
            var (decision, look) = await s.Both(s.Approve("Go?", within: 1.Hours), Look());
            return Outcome.Completed($"{decision.Kind} {look}");

            async Step<int> Look()
            {
                var length = await s.Gate.Look("abc");
                return length;
            }
        });
        var question = await world.QuestionAsync();
        await world.UntilAsync(id, RunStatus.Waiting);
        world.Plays.Scripts["test@1.0.0"] = () => throw new InvalidOperationException("the assembly is being replaced");
        await world.Engine.SignalAsync(id, "wake", JsonSerializer.SerializeToElement(1));
        Assert.Equal(RunStatus.Failed, (await world.EndOfAsync(id)).Status);
        Assert.Equal(QuestionStatus.Withdrawn, Assert.Single(await world.Store.QuestionsAsync(id, null)).Status);

        world.Plays.Add("test", async s =>
        {
            var (decision, look) = await s.Both(s.Approve("Go?", within: 1.Hours), Look());
            return Outcome.Completed($"{decision.Kind} {look}");

            async Step<int> Look()
            {
                var length = await s.Gate.Look("abc");
                return length;
            }
        });
        world.Clock.Advance(3.Hours);
        await world.Engine.ResumeAsync(id, "ana");
        var anew = await world.QuestionAsync();
        Assert.NotEqual(question.Id, anew.Id);
        Assert.Equal(world.Clock.GetUtcNow() + 1.Hours, anew.Until);
        await world.AnswerAsync(anew);
        await world.CalmAsync();
        Assert.Contains("Approved 3", (await world.Store.FindAsync(id))!.Result);
        Assert.Equal(["abc"], world.Gate.Reads);
    }

    [Fact]
    public async Task A_signal_that_the_waiting_run_cannot_read_is_refused_and_the_run_goes_on_waiting()
    {
        await using var world = NewWorld(Forgetful);
        var id = await world.StartAsync(async s => Outcome.Completed($"{(await s.Signal<int>("ack")).Value} of {(await s.Signal<int?>("of")).Value}"));
        await world.UntilAsync(id, RunStatus.Waiting);
        var refused = await Assert.ThrowsAsync<SoarException>(() => world.Engine.SignalAsync(id, "ack", JsonSerializer.SerializeToElement("abc")));
        Assert.Equal("SOAR2037", refused.Code);
        Assert.Contains("type int", refused.Message);
        Assert.True(await world.Engine.SignalAsync(id, "ack", JsonSerializer.SerializeToElement(7)));
        await world.CalmAsync();
        Assert.True(await world.Engine.SignalAsync(id, "of", JsonSerializer.SerializeToElement<int?>(null)));
        Assert.Contains("7 of ", (await world.EndOfAsync(id)).Result);
    }

    [Fact]
    public async Task An_answer_that_the_playbook_could_not_read_is_asked_for_again_when_the_run_is_resumed()
    {
        await using var world = NewWorld(Forgetful);
        var id = await world.StartAsync(async s =>
        {
            await s.Gate.Send("before", "x");
            await s.Approve("Go?");
            var number = (await s.Signal<int>("ack")).Value;
            var form = await s.Fill<Visit>("Whom?");
            return Outcome.Completed($"{number} {form.From}");
        });
        // Sent before anybody waits for it, nothing can tell that it does not fit.
        await world.Engine.SignalAsync(id, "ack", JsonSerializer.SerializeToElement("abc"));
        await world.AnswerAsync(await world.QuestionAsync());
        Assert.Contains("What the signal carries cannot be read as int", (await world.EndOfAsync(id)).Result);

        await world.Engine.ResumeAsync(id, "ana", "the sender was told");
        await world.UntilAsync(id, RunStatus.Waiting);
        Assert.Contains("the sender was told", await world.PayloadAsync(id, JournalKind.Control));
        await world.Engine.SignalAsync(id, "ack", JsonSerializer.SerializeToElement(7));
        await world.AnswerAsync(await world.QuestionAsync(QuestionKind.Form), value: """{"from":"nowhere"}""");
        Assert.Contains("What the form was answered with cannot be read", (await world.EndOfAsync(id)).Result);

        await world.Engine.ResumeAsync(id, "ana");
        await world.AnswerAsync(await world.QuestionAsync(QuestionKind.Form), value: """{"from":"192.0.2.7"}""");
        Assert.Contains("7 192.0.2.7", (await world.EndOfAsync(id)).Result);
        Assert.Equal(1, world.Gate.TimesDone("send", "before"));
    }

    private sealed record Visit(IpAddress From);

    [Fact]
    public async Task A_run_that_was_over_its_budget_or_could_not_be_replayed_runs_again()
    {
        await using var world = NewWorld(Forgetful);
        var greedy = true;
        var id = await world.StartAsync(async s =>
        {
            var sum = await s.Gate.Look("abc");
            if (Volatile.Read(ref greedy)) sum += new byte[200 << 20].Length;
            await s.Pause(1.Hours);
            return Outcome.Completed($"{sum}");
        });
        Assert.Contains("SOAR2041", (await world.EndOfAsync(id)).Result);
        greedy = false;
        await world.Engine.ResumeAsync(id, "ana");
        await world.UntilAsync(id, RunStatus.Waiting);

        // Waiting, it meets another build of its version that does something else; then the right one again.
        var right = world.Plays.Scripts["test@1.0.0"];
        world.Plays.Add("test", async s =>
        {
            await s.Gate.Look("something else");
            return Outcome.Completed();
        });
        Assert.Contains("SOAR2040", (await world.PassToEndAsync(id, 10.Minutes)).Result);
        world.Plays.Scripts["test@1.0.0"] = right;
        Assert.Contains("\"3\"", (await ResumedAsync(world, id, 10.Minutes)).Result);
        Assert.Equal(["abc"], world.Gate.Reads);
    }

    [Fact]
    public async Task All_items_that_failed_a_loop_are_tried_again_and_no_other()
    {
        await using var world = NewWorld(Forgetful);
        var broken = true;
        world.Gate.Before = (what, _, _) => broken && what is "post b" or "post d" && broken ? throw ConnectorFailure.Permanent("not today", reason: "503") : Task.CompletedTask;
        var id = await world.StartAsync(async s =>
        {
            var sent = await s.TryEach(new[] { "a", "b", "c", "d", "e" }, what => s.Gate.Post(what), tolerate: 1);
            return Outcome.Completed($"{sent.Count(r => r.Succeeded)}");
        });
        Assert.Contains("items-failed", (await world.EndOfAsync(id)).Result);
        broken = false;
        Assert.Contains("\"5\"", (await ResumedAsync(world, id)).Result);
        Assert.All(new[] { "a", "b", "c", "d", "e" }, what => Assert.Equal(1, world.Gate.TimesDone("post", what)));
    }

    [Fact]
    public async Task A_sub_run_that_failed_goes_on_where_it_failed_when_its_parent_is_resumed()
    {
        await using var world = NewWorld(Forgetful);
        var broken = true;
        world.Gate.Before = (what, _, _) => broken && what == "post flaky" ? throw ConnectorFailure.Permanent("not today", reason: "503") : Task.CompletedTask;
        world.Plays.Add("child", async s =>
        {
            await s.Gate.Send("before", "x");
            await s.Gate.Post("flaky");
            return Outcome.Completed("child done");
        });
        var id = await world.StartAsync(async s => Outcome.Completed($"{(await s.Sub("child")).Reason}"));
        Assert.Contains("run-failed", (await world.EndOfAsync(id)).Result);
        Assert.Contains("run-failed", (await ResumedAsync(world, id)).Result);

        broken = false;
        Assert.Contains("child done", (await ResumedAsync(world, id)).Result);
        Assert.Single(await world.Store.ListAsync(null, "child", 9));
        Assert.Equal((1, 1), (world.Gate.TimesDone("send", "before"), world.Gate.TimesDone("post", "flaky")));
    }

    [Fact]
    public async Task A_sub_run_that_a_person_mended_meanwhile_gives_its_result_and_one_that_was_cancelled_is_begun_anew()
    {
        await using var world = NewWorld(Forgetful);
        var broken = true;
        world.Gate.Before = (what, _, _) => broken && what == "post flaky" ? throw ConnectorFailure.Permanent("not today", reason: "503") : Task.CompletedTask;
        world.Plays.Add("child", async s =>
        {
            await s.Gate.Post("flaky");
            await s.Approve("Go on?");
            return Outcome.Completed("child done");
        });
        var id = await world.StartAsync(async s => Outcome.Completed($"{(await s.Sub("child")).Reason}"));
        await world.EndOfAsync(id);
        broken = false;
        var child = Assert.Single(await world.Store.ListAsync(null, "child", 9)).Id;
        await world.Engine.ResumeAsync(child, "ana");
        await world.AnswerAsync(await world.QuestionAsync());
        await world.CalmAsync();
        Assert.Contains("child done", (await ResumedAsync(world, id)).Result);
        Assert.Single(await world.Store.ListAsync(null, "child", 9));

        var other = await world.StartAsync(async s => Outcome.Completed($"{(await s.Sub("child")).Reason}"), name: "other");
        await world.QuestionAsync();
        await world.CalmAsync();
        var cancelled = (await world.Store.ListAsync(RunStatus.Waiting, "child", 9))[0].Id;
        await world.Engine.CancelAsync(cancelled, "ana", "not this one");
        Assert.Contains("run-cancelled", (await world.EndOfAsync(other)).Result);
        await world.Engine.ResumeAsync(other, "ana");
        await world.AnswerAsync(await world.QuestionAsync());
        await world.CalmAsync();
        Assert.Contains("child done", (await world.Store.FindAsync(other))!.Result);
        Assert.Equal(3, (await world.Store.ListAsync(null, "child", 9)).Count);
    }

    [Fact]
    public async Task Who_was_waited_for_in_vain_has_their_whole_time_again()
    {
        await using var world = NewWorld(Forgetful);
        var id = await world.StartAsync(async s => Outcome.Completed($"{(await s.Signal<int>("ack", within: 20.Minutes)).Value}"));
        await world.UntilAsync(id, RunStatus.Waiting);
        Assert.Contains("timeout", (await world.PassToEndAsync(id, 1.Minutes)).Result);
        world.Clock.Advance(2.Days);
        await world.Engine.ResumeAsync(id, "ana");
        var waiting = await world.UntilAsync(id, RunStatus.Waiting);
        Assert.Equal(world.Clock.GetUtcNow() + 20.Minutes, waiting.WakeAt);
        await world.AdvanceAsync(19.Minutes);
        await world.Engine.SignalAsync(id, "ack", JsonSerializer.SerializeToElement(7));
        Assert.Contains("\"7\"", (await world.EndOfAsync(id)).Result);
    }

    [Fact]
    public async Task A_form_that_was_refused_is_put_again()
    {
        await using var world = NewWorld(Forgetful);
        var id = await world.StartAsync(async s => Outcome.Completed((await s.Fill<PeopleTests.Report>("Report")).Where));
        await world.AnswerAsync(await world.QuestionAsync(QuestionKind.Form), approve: false);
        Assert.Contains("form-refused", (await world.EndOfAsync(id)).Result);
        await world.Engine.ResumeAsync(id, "ana");
        await world.AnswerAsync(await world.QuestionAsync(QuestionKind.Form), value: """{"where":"Skopje","level":"Red"}""");
        await world.CalmAsync();
        Assert.Contains("Skopje", (await world.Store.FindAsync(id))!.Result);
    }

    [Fact]
    public async Task What_has_not_failed_is_not_resumed_and_says_so()
    {
        await using var world = NewWorld(Forgetful);
        var run = await world.RunAsync(async s => Outcome.Completed($"{await s.Gate.Look("x")}"));
        Assert.Equal("SOAR2033", (await Assert.ThrowsAsync<SoarException>(() => world.Engine.ResumeAsync(run.Id, "ana"))).Code);
    }
}

public sealed class ResumeTestsInMemory() : ResumeTests(StoreKind.Memory);

public sealed class ResumeTestsOnSqlite() : ResumeTests(StoreKind.Sqlite);
