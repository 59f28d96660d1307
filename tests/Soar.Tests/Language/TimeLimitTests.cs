using System.Text.Json;
using Soar.Capabilities;
using Soar.Hosting;
using Soar.Language;

namespace Soar.Tests.Language;

/// <summary><c>.Timeout</c>, <c>.Titled</c> and <c>.Retry</c> of what is no action.</summary>
public sealed class TimeLimitTests
{
    [Fact]
    public void A_combinator_whose_time_passes_is_cancelled_tidied_and_raised_as_timed_out()
    {
        var trace = new List<string>();
        var desk = new Desk(async s =>
        {
            try
            {
                await s.Each([1, 2, 3], async i =>
                {
                    try
                    {
                        await s.Do("item", i);
                    }
                    finally
                    {
                        await s.Touch("tidy");
                        trace.Add($"{i} tidied");
                    }
                }, parallel: 2).Timeout(10.Minutes);
                return Outcome.Completed("in time");
            }
            catch (StepTimedOut late)
            {
                return Outcome.Completed($"{late.Step} {late.Message}");
            }
        });
        Assert.Equal(["test.do", "test.do", BuiltIns.Timeout], desk.Calls.Select(c => c.Action));
        Assert.Equal("for-each", desk.Calls[2].Path);
        Assert.Equal(new TimeoutArguments(500 + 600_000, 600_000), JsonSerializer.Deserialize<TimeoutArguments>(desk.Calls[2].Arguments.Span, SoarJson.Options));
        desk.Deliver(Late(2));
        Assert.Equal([0, 1], desk.Cancelled.Order());
        Assert.Empty(trace);
        Assert.Equal(["for-each[0]/test-touch", "for-each[1]/test-touch", "for-each"], desk.Calls.Skip(3).Select(c => c.Path));
        desk.Deliver(FakeEngine.Done<int?>(3, null), FakeEngine.Done<int?>(4, null));
        Assert.Equal(["1 tidied", "2 tidied"], trace);
        Assert.Contains("for-each call 2 failed with timeout", desk.EndText);
        Assert.Equal([0, 1, 5], desk.Cancelled.Order());
    }

    [Fact]
    public void A_step_that_is_over_in_time_takes_its_limit_back()
    {
        var desk = new Desk(async s =>
        {
            var (a, b) = await s.Both(s.Do("a"), s.Do("b")).Timeout(1.Hours);
            await s.Do("after");
            return Outcome.Completed($"{a}{b}");
        });
        desk.Deliver(FakeEngine.Done(0, 4), FakeEngine.Done(1, 2));
        Assert.Equal([2], desk.Cancelled);
        desk.Deliver(Late(2), FakeEngine.Done(3, 0));
        Assert.Contains("42", desk.EndText);
    }

    [Fact]
    public void What_fails_in_time_fails_as_it_did()
    {
        var desk = new Desk(async s =>
        {
            await s.Both(s.Do("a"), s.Do("b")).Timeout(1.Hours);
            return Outcome.Completed();
        });
        desk.Deliver(FakeEngine.Failed(0, "404"), FakeEngine.Done(1, 2));
        Assert.Contains("\"code\":\"404\"", desk.EndText);
        Assert.Contains("\"step\":\"all[0]/test-do\"", desk.EndText);
    }

    [Fact]
    public void What_needs_no_time_needs_no_limit()
    {
        var desk = new Desk(async s =>
        {
            var none = await s.Each(Array.Empty<int>(), i => s.Do("x", i)).Timeout(1.Hours);
            return Outcome.Completed($"{none.Count} items");
        });
        Assert.Empty(desk.Calls);
        Assert.Contains("0 items", desk.EndText);
    }

    [Fact]
    public void Questions_signals_and_sub_playbooks_take_a_time_limit_too()
    {
        var desk = new Desk(async s =>
        {
            var late = new List<string>();
            foreach (var step in new Step[] { s.Approve("lead", "Go?").Timeout(1.Hours), s.Signal<int>("ack").Timeout(1.Hours), s.Sub("other", new { }).Timeout(1.Hours), s.Pause(1.Days).Timeout(1.Hours) })
            {
                try
                {
                    await step;
                }
                catch (StepTimedOut e)
                {
                    late.Add(e.Step);
                }
            }

            return Outcome.Completed(string.Join(' ', late));
        });
        desk.ToEnd(call => call.Action == BuiltIns.Timeout ? Late(call.Ordinal) : new Delivery(-2, DeliveryKind.Cancelled, 1000, "null"u8.ToArray()));
        Assert.Contains("ask receive run wait", desk.EndText);
        Assert.Equal([0, 2, 4, 6], desk.Cancelled.Order());
    }

    [Fact]
    public void Who_swallows_the_cancellation_is_given_up_after_the_grace_and_never_resumed()
    {
        var rounds = 0;
        var finals = 0;
        var desk = new Desk(async s =>
        {
            try
            {
                await Stubborn(s).Timeout(1.Minutes);
            }
            catch (StepTimedOut)
            {
                await s.Do("after");
            }

            return Outcome.Completed("went on");

            async Step Stubborn(Bench s)
            {
                try
                {
                    while (true)
                    {
                        try
                        {
                            rounds++;
                            await s.Do("again");
                        }
                        catch (Exception) when (Meter.Catchable)
                        {
                        }
                    }
                }
                finally
                {
                    finals++;
                }
            }
        });
        desk.Deliver(Late(1));
        Assert.Equal(2, rounds);
        Assert.Null(desk.End);
        var grace = desk.Calls[^1];
        Assert.True(JsonSerializer.Deserialize<TimeoutArguments>(grace.Arguments.Span, SoarJson.Options)!.Grace);
        desk.Deliver(Late(grace.Ordinal));
        Assert.Equal([0, 2], desk.Cancelled.Order());
        desk.Deliver(FakeEngine.Done(2, 1), FakeEngine.Done(desk.Calls[^1].Ordinal, 1));
        Assert.Contains("went on", desk.EndText);
        Assert.Equal((2, 0), (rounds, finals));
        Assert.Equal(0, desk.LivingRuns);
    }

    [Fact]
    public void A_loser_that_swallows_its_cancellation_is_given_up_after_the_grace_and_the_winner_goes_on()
    {
        var rounds = 0;
        static async Task<Outcome> Body(Bench s, Action round)
        {
            var won = await s.First(s.Do("quick"), Stubborn());
            await s.Do("after");
            return Outcome.Completed($"won {won}");

            async Step<int> Stubborn()
            {
                while (true)
                {
                    try
                    {
                        round();
                        await s.Do("again");
                    }
                    catch (Exception) when (Meter.Catchable)
                    {
                    }
                }
            }
        }

        var desk = new Desk(s => Body(s, () => rounds++));
        desk.Deliver(FakeEngine.Done(0, 7));
        Assert.Equal(2, rounds);
        Assert.Equal(["test.do", "test.do", "test.do", BuiltIns.Timeout], desk.Calls.Select(c => c.Action));
        Assert.Equal("any", desk.Calls[3].Path);
        Assert.Equal(new TimeoutArguments(1000 + 300_000, 300_000, true), JsonSerializer.Deserialize<TimeoutArguments>(desk.Calls[3].Arguments.Span, SoarJson.Options));
        desk.Deliver(Late(3));
        Assert.Equal([1, 2], desk.Cancelled.Order());
        Assert.Equal(("test.do", 5), (desk.Calls[4].Action, desk.Calls.Count));
        desk.Deliver(FakeEngine.Done(2, 1), FakeEngine.Done(4, 1));
        Assert.Contains("won 7", desk.EndText);
        Assert.Equal((2, 0), (rounds, desk.LivingRuns));

        // The journal of a version that knew no such limit: what came after the winner has the limit's place.
        CallMark Mark(StepCall call, int ordinal) => new(ordinal, call.Path, call.Action, call.Hash);
        var before = new Desk(s => Body(s, () => { }), [FakeEngine.Done(0, 7)], [Mark(desk.Calls[0], 0), Mark(desk.Calls[1], 1), Mark(desk.Calls[2], 2), Mark(desk.Calls[1] with { Path = "elsewhere" }, 3)]);
        Assert.DoesNotContain(BuiltIns.Timeout, before.EndText);
    }

    [Fact]
    public void A_loser_that_tidies_up_takes_the_grace_back()
    {
        var desk = new Desk(async s =>
        {
            var won = await s.First(s.Do("quick"), Tidy());
            return Outcome.Completed($"won {won}");

            async Step<int> Tidy()
            {
                try
                {
                    return await s.Do("slow");
                }
                finally
                {
                    await s.Touch("tidy");
                }
            }
        });
        desk.Deliver(FakeEngine.Done(0, 7));
        Assert.Equal(BuiltIns.Timeout, desk.Calls[3].Action);
        desk.Deliver(FakeEngine.Done<int?>(2, null));
        Assert.Contains("won 7", desk.EndText);
        Assert.Equal([1, 3], desk.Cancelled.Order());
    }

    [Fact]
    public void A_step_that_somebody_else_began_is_left_to_them_when_the_time_of_one_who_waits_is_over()
    {
        var desk = new Desk(async s =>
        {
            var shared = s.Each([1], i => s.Do("shared", i));
            var limited = shared.Timeout(1.Minutes);
            var (sum, word) = await s.Both(Patient(), Hasty());
            return Outcome.Completed($"{sum} {word}");

            async Step<int> Patient() => (await shared).Sum();

            async Step<string> Hasty()
            {
                try
                {
                    return $"{(await limited).Count}";
                }
                catch (StepTimedOut)
                {
                    return "no time";
                }
            }
        });
        desk.Deliver(Late(1));
        Assert.Empty(desk.Cancelled);
        desk.Deliver(FakeEngine.Done(0, 7));
        Assert.Contains("7 no time", desk.EndText);
    }

    [Fact]
    public void Cancelling_the_run_cancels_what_is_limited_and_the_limit()
    {
        var desk = new Desk(async s =>
        {
            await s.Both(s.Do("a"), s.Do("b")).Timeout(1.Hours);
            return Outcome.Completed();
        });
        desk.Deliver(new Delivery(-1, DeliveryKind.CancelRun, 2000, "{}"u8.ToArray()));
        Assert.Equal(RunEndKind.Cancelled, desk.End!.Kind);
        Assert.Equal([0, 1, 2], desk.Cancelled.Order());
    }

    [Fact]
    public void Paths_are_the_same_with_and_without_limit_and_title()
    {
        static async Task<Outcome> Body(Bench s, Func<Step<IReadOnlyList<int>>, Step<IReadOnlyList<int>>> shape)
        {
            for (var i = 0; i < 2; i++) await shape(s.Each([1, 2], async n => await s.Do("a", n) + await s.Do("b", n)));
            await s.Do("a");
            return Outcome.Completed();
        }

        static IEnumerable<string> Paths(Func<Step<IReadOnlyList<int>>, Step<IReadOnlyList<int>>> shape) =>
            new Desk(s => Body(s, shape)).ToEnd().Calls.Where(c => c.Action != BuiltIns.Timeout).Select(c => c.Path);
        Assert.Equal(Paths(step => step), Paths(step => step.Titled("Twice").Timeout(5.Hours)));
    }

    [Fact]
    public void A_title_of_many_steps_stands_before_the_titles_of_each_also_when_they_are_shown_for_approval()
    {
        var desk = new Desk(async s =>
        {
            var all = s.Every([s.Do("a").Titled("First"), s.Do("b")]).Titled("Close the gates").Timeout(1.Hours);
            await s.Approve("lead", "Go?", [all]);
            await all;
            await s.Sub("other", new { }).Titled("Ask the other");
            return Outcome.Completed();
        });
        var asked = JsonSerializer.Deserialize<AskArguments>(desk.Calls[0].Arguments.Span, SoarJson.Options)!;
        Assert.Equal(["Close the gates: First", "Close the gates"], asked.Steps!.Select(p => p.Title));
        desk.Deliver(FakeEngine.Done(0, new Decision(DecisionKind.Approved, "ana", "go", DateTimeOffset.UnixEpoch)));
        Assert.Equal(["Close the gates: First", "Close the gates"], desk.Calls.Skip(1).Take(2).Select(c => c.Options!.Title));
        desk.Deliver(FakeEngine.Done(1, 1), FakeEngine.Done(2, 2));
        Assert.Equal("Ask the other", desk.Calls[^1].Options!.Title);
    }

    [Fact]
    public void What_is_no_action_says_why_it_takes_no_retry()
    {
        var desk = new Desk(async s =>
        {
            await s.Both(s.Do("a"), s.Do("b")).Retry(3);
            return Outcome.Completed();
        });
        Assert.Empty(desk.Calls);
        Assert.Contains("Only actions take .Retry", desk.EndText);
        Assert.Contains("longer than nothing", new Desk(async s => Outcome.Completed($"{await s.Sub("x", new { }).Timeout(TimeSpan.Zero)}")).EndText);
        Assert.Contains("before it is awaited", new Desk(async s =>
        {
            var none = s.Each(Array.Empty<int>(), i => s.Do("x", i));
            await none;
            await none.Timeout(1.Hours);
            return Outcome.Completed();
        }).EndText);
    }

    private static Delivery Late(int ordinal) => FakeEngine.Failed(ordinal, "timeout", DeliveryKind.TimedOut);
}
