using System.Text;
using Soar.Hosting;

namespace Soar.Tests.Language;

public sealed class ReplayTests
{
    public static TheoryData<string> Names => [.. Scenarios.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Killed_after_each_delivery_a_run_replays_to_the_same_calls_trace_and_outcome(string scenario)
    {
        var replays = 0;
        for (var seed = 1; seed <= 20; seed++)
        {
            // Every third seed cancels the run somewhere, so that what cancellation does is replayed too.
            var live = Live(Scenarios.All[scenario], seed);
            for (var k = 0; k <= live.Deliveries.Count; k++)
            {
                Replay(Scenarios.All[scenario], live, k, seed);
                replays++;
            }
        }

        Assert.True(replays > 20);
    }

    [Fact]
    public void Completions_that_come_in_another_order_lead_to_another_trace_so_the_order_is_what_the_journal_must_keep()
    {
        var traces = Enumerable.Range(1, 20).Select(seed => string.Join('|', Live(Scenarios.All["a parallel loop appends to a shared list"], seed * 3 + 1).Trace)).Distinct();
        Assert.True(traces.Count() > 5);
    }

    [Theory]
    [InlineData("another action", "journal: test.other")]
    [InlineData("another path", "elsewhere")]
    [InlineData("other arguments", "differs from the journal")]
    [InlineData("a call too few", "did not make")]
    [InlineData("a delivery too many", "has made only")]
    public void A_replay_that_differs_is_stopped_with_both_sides(string difference, string said)
    {
        static async Task<Outcome> Body(Bench s)
        {
            try
            {
                await s.Do("one");
                await s.Do("two");
            }
            catch (Exception) when (Soar.Language.Meter.Catchable)
            {
                return Outcome.Completed("swallowed");
            }

            await s.Do("three");
            return Outcome.Completed();
        }

        var live = new Desk(Body);
        live.Deliver(FakeEngine.Done(0, 1));
        var marks = live.Calls.Select(c => new CallMark(c.Ordinal, c.Path, c.Action, c.Hash)).ToList();
        var deliveries = new List<Delivery> { FakeEngine.Done(0, 1) };
        switch (difference)
        {
            case "another action": marks[1] = marks[1] with { Action = "test.other" }; break;
            case "another path": marks[1] = marks[1] with { Path = "elsewhere" }; break;
            case "other arguments": marks[1] = marks[1] with { Hash = 1 }; break;
            case "a call too few": marks.Add(new CallMark(2, "test-do#3", "test.do", 5)); break;
            default: deliveries.Add(FakeEngine.Done(7, 1)); break;
        }

        var replay = new Desk(Body, deliveries, marks);
        Assert.Equal(RunEndKind.NonDeterministic, replay.End!.Kind);
        Assert.Contains(said, replay.EndText, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(0, replay.LivingRuns);
    }

    [Fact]
    public void A_replay_that_ends_before_the_journal_does_is_stopped()
    {
        var replay = new Desk(async s =>
        {
            await s.Do("one");
            return Outcome.Completed();
        }, [FakeEngine.Done(0, 1), FakeEngine.Done(1, 1)]);
        Assert.Equal(RunEndKind.NonDeterministic, replay.End!.Kind);
        Assert.Contains("goes on", replay.EndText);
    }

    [Fact]
    public void After_a_replay_only_open_calls_are_sent_and_cancelled_ones_with_a_trace_in_the_journal_are_named()
    {
        static async Task<Outcome> Body(Bench s)
        {
            await s.First(s.Do("a"), s.Do("b"), s.Do("c"));
            await s.Do("after");
            return Outcome.Completed();
        }

        var live = new Desk(Body);
        live.Deliver(FakeEngine.Done(0, 1));
        Assert.Equal([1, 2], live.Cancelled.Order());
        // Call 1 was an effect with an intent, call 2 never got that far.
        var marks = live.Calls.Where(c => c.Ordinal is 0 or 1).Select(c => new CallMark(c.Ordinal, c.Path, c.Action, c.Hash)).ToList();
        var replay = new Desk(Body, [FakeEngine.Done(0, 1)], marks);
        Assert.Equal([1, 3], replay.Calls.Select(c => c.Ordinal));
        Assert.Equal([1], replay.Cancelled);
        // What it came to is in the journal: nothing more is to be settled.
        var later = new Desk(Body, [FakeEngine.Done(0, 1), FakeEngine.Done(1, 1)], marks);
        Assert.Equal([3], later.Calls.Select(c => c.Ordinal));
        Assert.Empty(later.Cancelled);
    }

    private static Recorded Live(Func<Bench, List<string>, Task<Outcome>> body, int seed)
    {
        var random = new Random(seed);
        var trace = new List<string>();
        var desk = new Desk(s => body(s, trace));
        var deliveries = new List<Delivery>();
        var callsAt = new List<int> { desk.Calls.Count };
        var traceAt = new List<int> { trace.Count };
        var cancelledAt = new List<HashSet<int>> { new() };
        var answered = new HashSet<int>();
        var cancelAt = seed % 3 == 0 ? random.Next(1, 12) : -1;
        while (desk.End is null)
        {
            var open = desk.Calls.Where(c => !answered.Contains(c.Ordinal) && !desk.Cancelled.Contains(c.Ordinal)).ToList();
            var late = desk.Calls.Where(c => !answered.Contains(c.Ordinal) && desk.Cancelled.Contains(c.Ordinal)).ToList();
            Assert.NotEmpty(open);
            Delivery next;
            if (deliveries.Count == cancelAt)
            {
                next = new Delivery(-1, DeliveryKind.CancelRun, 1000 + deliveries.Count, "{\"by\":\"ana\"}"u8.ToArray());
            }
            else
            {
                // Sometimes an effect of a cancelled branch comes to its end after all.
                var call = late.Count > 0 && random.Next(3) == 0 ? late[random.Next(late.Count)] : open[random.Next(open.Count)];
                answered.Add(call.Ordinal);
                next = Answer(call, seed) with { At = 1000 + deliveries.Count };
            }

            deliveries.Add(next);
            desk.Deliver(next);
            callsAt.Add(desk.Calls.Count);
            traceAt.Add(trace.Count);
            cancelledAt.Add([.. desk.Cancelled]);
            Assert.True(deliveries.Count < 500);
        }

        return new Recorded(desk.Calls, trace, deliveries, callsAt, traceAt, cancelledAt, desk.EndText);
    }

    private static void Replay(Func<Bench, List<string>, Task<Outcome>> body, Recorded live, int k, int seed)
    {
        var random = new Random(seed * 1000 + k);
        var before = live.Deliveries.Take(k).ToList();
        var made = live.Calls.Take(live.CallsAt[k]).ToList();
        var delivered = before.Select(d => d.Ordinal).ToHashSet();
        // The journal has marks of what was delivered, and of some of the rest: effects whose intent is on disk.
        var marks = made.Where(c => delivered.Contains(c.Ordinal) || random.Next(2) == 0).Select(c => new CallMark(c.Ordinal, c.Path, c.Action, c.Hash)).ToList();
        var trace = new List<string>();
        var desk = new Desk(s => body(s, trace), before, marks);
        if (k == live.Deliveries.Count)
        {
            Assert.Equal(live.EndText, desk.EndText);
            Assert.Equal(live.Trace, trace);
            return;
        }

        Assert.Null(desk.End);
        Assert.Equal(live.Trace.Take(live.TraceAt[k]), trace);
        Assert.All(desk.Calls, c => Assert.DoesNotContain(c.Ordinal, delivered));
        var sent = desk.Calls.Select(c => c.Ordinal).ToHashSet();
        foreach (var delivery in live.Deliveries.Skip(k)) desk.Deliver(delivery);
        Assert.Equal(live.EndText, desk.EndText);
        Assert.Equal(live.Trace, trace);
        // Every call that was not history when the replay ended is sent, in order and with the same words.
        var expected = live.Calls.Where(c => sent.Contains(c.Ordinal) || c.Ordinal >= live.CallsAt[k]).Select(Words);
        Assert.Equal(expected, desk.Calls.Select(Words));
        Assert.Superset(live.Deliveries.Skip(k).Select(d => d.Ordinal).Where(o => o >= 0 && o < live.CallsAt[k] && !live.CancelledAt[k].Contains(o)).ToHashSet(), sent);
    }

    private static string Words(StepCall call) => $"{call.Ordinal} {call.Path} {call.Action} {call.Instance} {Encoding.UTF8.GetString(call.Arguments.Span)} {call.Hash:x}";

    private static Delivery Answer(StepCall call, int seed)
    {
        var text = $"{seed}/{call.Path}/{Encoding.UTF8.GetString(call.Arguments.Span)}";
        var value = (int)(CallHash.Short(text, "", default) % 10);
        return call.Action switch
        {
            BuiltIns.Wait => FakeEngine.Done<int?>(call.Ordinal, null),
            BuiltIns.Timeout => FakeEngine.Failed(call.Ordinal, "timeout", DeliveryKind.TimedOut),
            BuiltIns.Ask => FakeEngine.Done(call.Ordinal, new Decision(value < 7 ? DecisionKind.Approved : DecisionKind.Refused, "ana", $"reason {value}", DateTimeOffset.UnixEpoch)),
            BuiltIns.Receive => FakeEngine.Done(call.Ordinal, new Signal<string>("1", "ack", $"{value}", DateTimeOffset.UnixEpoch)),
            BuiltIns.Run => FakeEngine.Done(call.Ordinal, new Outcome("Completed", $"{value}")),
            _ when text.Contains("may fail", StringComparison.Ordinal) && value < 3 => FakeEngine.Failed(call.Ordinal, value == 0 ? "500" : "404", value == 2 ? DeliveryKind.TimedOut : DeliveryKind.Failed),
            _ => FakeEngine.Done(call.Ordinal, value),
        };
    }

    private sealed record Recorded(List<StepCall> Calls, List<string> Trace, List<Delivery> Deliveries, List<int> CallsAt, List<int> TraceAt, List<HashSet<int>> CancelledAt, string EndText);
}
