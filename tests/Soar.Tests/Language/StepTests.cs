using System.Text;
using Soar.Hosting;
using Soar.Language;

namespace Soar.Tests.Language;

public sealed class StepTests
{
    [Fact]
    public async Task A_body_of_two_steps_gets_their_results_and_ends_with_its_outcome()
    {
        await using var stage = new Stage();
        var kept = await stage.RunToEndAsync(async s =>
        {
            var a = await s.Do("one");
            var b = await s.Do("two", value: 7);
            return Outcome.Completed($"{a} then {b}");
        });
        Assert.Equal("Completed {\"kind\":\"Completed\",\"reason\":\"0 then 1\"}", kept.EndText);
        Assert.Equal(["test-do", "test-do#2"], kept.Calls.Select(c => c.Path));
        Assert.Equal(["{\"what\":\"one\"}", "{\"what\":\"two\",\"value\":7}"], kept.Calls.Select(c => Encoding.UTF8.GetString(c.Arguments.Span)));
        Assert.All(kept.Calls, c => Assert.Equal("edge-1", c.Instance));
    }

    [Fact]
    public async Task A_step_that_is_awaited_twice_runs_once()
    {
        await using var stage = new Stage();
        var kept = await stage.RunToEndAsync(async s =>
        {
            var step = s.Do("one");
            var a = await step;
            var b = await step;
            return Outcome.Completed($"{a}{b}");
        });
        Assert.Single(kept.Calls);
        Assert.Contains("00", kept.EndText);
    }

    [Fact]
    public async Task A_prepared_step_does_nothing_until_it_is_awaited()
    {
        await using var stage = new Stage();
        var kept = await stage.RunToEndAsync(async s =>
        {
            var prepared = s.Do("never");
            await s.Do("done");
            return Outcome.Completed(prepared.ToString() is null ? "no" : "yes");
        });
        Assert.Equal("{\"what\":\"done\"}", Encoding.UTF8.GetString(Assert.Single(kept.Calls).Arguments.Span));
    }

    [Fact]
    public async Task Modifiers_change_a_copy()
    {
        await using var stage = new Stage();
        var kept = await stage.RunToEndAsync(async s =>
        {
            var plain = s.Do("one");
            var changed = plain.Retry(5).Timeout(20.Seconds).Titled("Find it");
            await plain;
            await changed;
            return Outcome.Completed();
        });
        Assert.Null(kept.Calls[0].Options);
        Assert.Equal(new StepOptions(5, 20_000, "Find it"), kept.Calls[1].Options);
    }

    [Theory]
    [InlineData(DeliveryKind.Failed, "StepFailed")]
    [InlineData(DeliveryKind.TimedOut, "StepTimedOut")]
    [InlineData(DeliveryKind.Refused, "StepRefused")]
    public async Task A_failure_is_rebuilt_from_its_record(DeliveryKind kind, string type)
    {
        await using var stage = new Stage();
        var kept = await stage.RunToEndAsync(
            async s =>
            {
                try
                {
                    await s.Do("one");
                }
                catch (StepException error)
                {
                    return Outcome.Completed($"{error.GetType().Name} {error.Code} {error.Step} {error.Attempts} {error.Data}");
                }

                return Outcome.Completed();
            },
            call => FakeEngine.Failed(call.Ordinal, "404", kind));
        Assert.Contains($"{type} 404 test-do 3 {{\\\"why\\\":1}}", kept.EndText);
    }

    [Fact]
    public async Task An_exception_that_leaves_the_body_names_step_file_and_line()
    {
        await using var stage = new Stage();
        var kept = await stage.RunToEndAsync(
            async s =>
            {
                await s.Do("one");
                return Outcome.Completed();
            },
            call => FakeEngine.Failed(call.Ordinal, "404"));
        var failure = System.Text.Json.JsonSerializer.Deserialize<RunFailure>(kept.End!.Payload.Span, Soar.Capabilities.SoarJson.Options)!;
        Assert.Equal(RunEndKind.Failed, kept.End.Kind);
        Assert.Equal(("404", "test-do"), (failure.Code, failure.Step));
        Assert.EndsWith("StepTests.cs", failure.File);
        Assert.True(failure.Line > 0);
    }

    [Fact]
    public async Task An_instance_that_the_run_does_not_have_fails_the_step_by_name()
    {
        await using var stage = new Stage();
        var kept = await stage.RunToEndAsync(async s =>
        {
            await s.Named("edge-2").Do("fine");
            await s.Named("edge-9").Do("nowhere");
            return Outcome.Completed();
        });
        Assert.Single(kept.Calls);
        Assert.Contains("no-instance", kept.EndText);
        Assert.Contains("'edge-9'", kept.EndText);
        Assert.Contains("edge-1, edge-2", kept.EndText);
    }

    [Fact]
    public async Task Async_local_functions_of_both_kinds_work()
    {
        await using var stage = new Stage();
        var kept = await stage.RunToEndAsync(async s =>
        {
            async Step<int> Twice(string what) => await s.Do(what) + await s.Do(what);
            async Task<int> Plain(string what) => await Twice(what) + 100;
            async Step Quiet(string what) => await s.Touch(what);
            var (a, b) = await s.Both(Twice("a"), Twice("b"));
            await Quiet("q");
            return Outcome.Completed($"{a} {b} {await Plain("c")}");
        });
        Assert.Contains("\"2 4 111\"", kept.EndText);
        Assert.Equal(["all[0]/test-do", "all[1]/test-do", "all[0]/test-do#2", "all[1]/test-do#2", "test-touch", "test-do", "test-do#2"], kept.Calls.Select(c => c.Path));
    }

    [Fact]
    public async Task Inputs_time_and_deadlines_come_from_the_record()
    {
        await using var stage = new Stage();
        var kept = await stage.RunToEndAsync(
            async s =>
            {
                var ttl = s.In("ttl", 1.Hours);
                await s.Do("one");
                await s.Pause(2.Minutes);
                return s.Again(new { Count = s.In("count", 1) + 1, ttl });
            },
            call => FakeEngine.Done<int?>(call.Ordinal, call.Action == BuiltIns.Wait ? null : 1, at: 9000));
        Assert.Equal("{\"until\":129000}", Encoding.UTF8.GetString(kept.Calls[1].Arguments.Span));
        Assert.Equal("RunAgain {\"count\":4,\"ttl\":\"1.00:00:00\"}", kept.EndText);
    }

    [Fact]
    public async Task Ask_shows_prepared_steps_with_their_full_hash()
    {
        await using var stage = new Stage();
        var kept = await stage.RunToEndAsync(
            async s =>
            {
                var steps = new[] { s.Do("one"), s.Named("edge-2").Do("two") }.ToList();
                var decision = await s.Approve("shift-lead", $"Block for {24.Hours}?", steps, within: 1.Hours);
                if (decision.Approved) await s.Every(steps);
                return Outcome.Completed(decision.Reason);
            },
            call => call.Action == BuiltIns.Ask
                ? FakeEngine.Done(call.Ordinal, new Decision(DecisionKind.Approved, "ana", "go", DateTimeOffset.UnixEpoch))
                : FakeEngine.Done(call.Ordinal, 1));
        var asked = System.Text.Json.JsonSerializer.Deserialize<AskArguments>(kept.Calls[0].Arguments.Span, Soar.Capabilities.SoarJson.Options)!;
        Assert.Equal("Block for 24 hours?", asked.Question);
        Assert.Equal(500 + 3_600_000, asked.Until);
        Assert.Equal(kept.Calls.Skip(1).Select(c => CallHash.Full(c.Action, c.Instance, c.Arguments.Span)), asked.Steps!.Select(p => p.Hash));
        Assert.Contains("\"go\"", kept.EndText);
    }

    [Fact]
    public void An_approval_is_not_asked_for_steps_that_cannot_be_done()
    {
        var desk = new Desk(async s =>
        {
            await s.Approve("lead", "Block?", [s.Do("fine"), s.Named("edge-9").Do("nowhere")]);
            return Outcome.Completed();
        });
        Assert.Empty(desk.Calls);
        Assert.Contains("no-instance", desk.EndText);
    }

    [Fact]
    public void Functions_that_await_each_other_end_the_run_instead_of_hanging_for_ever()
    {
        var desk = new Desk(async s =>
        {
            Step<int>? second = null;
            async Step<int> First() => await second!;
            async Step<int> Second(Step<int> first) => await first;
            var first = First();
            second = Second(first);
            return Outcome.Completed($"{await first}");
        });
        Assert.Contains("SOAR2042", desk.EndText);
        Assert.Equal(0, desk.LivingRuns);
    }

    [Fact]
    public void A_result_that_cannot_be_read_fails_the_step()
    {
        var desk = new Desk(async s =>
        {
            await s.Do("x");
            return Outcome.Completed();
        });
        desk.Deliver(FakeEngine.Done(0, "no number"));
        Assert.Contains("bad-result", desk.EndText);
    }

    public enum Shift { Day, Night }

    public sealed record Handover(string Name, int? Count, bool Urgent, Shift Shift, DateTimeOffset? When, TimeSpan Length);

    [Fact]
    public void A_form_has_one_field_for_each_property_of_its_record()
    {
        var desk = new Desk(async s =>
        {
            var form = await s.Fill<Handover>("lead", "Hand over");
            return Outcome.Completed($"{form.Name} {form.Shift} {form.Length}");
        });
        var arguments = System.Text.Json.JsonSerializer.Deserialize<FormArguments>(desk.Calls[0].Arguments.Span, Soar.Capabilities.SoarJson.Options)!;
        Assert.Equal(
            ["name string True", "count int False", "urgent bool True", "shift choice True Day/Night", "when date False", "length duration True"],
            arguments.Fields.Select(f => $"{f.Name} {f.Type} {f.Required}{(f.Choices is null ? "" : " " + string.Join('/', f.Choices))}"));
        desk.Deliver(FakeEngine.Done(0, new { name = "ana", urgent = true, shift = "Night", length = "08:00:00" }));
        Assert.Contains("ana Night 8 hours", desk.EndText);
    }
}
