using Soar.Hosting;
using Soar.Language;

namespace Soar.Tests.Language;

public sealed class CombinatorTests
{
    [Fact]
    public void A_loop_over_100_000_items_makes_as_many_calls_and_never_more_than_parallel_at_once()
    {
        var highest = 0;
        var living = 0;
        var desk = new Desk(async s =>
        {
            var results = await s.Each(Enumerable.Range(0, 100_000), async i =>
            {
                highest = Math.Max(highest, ++living);
                var x = await s.Do("item", i);
                living--;
                return x;
            }, parallel: 16);
            return Outcome.Completed($"{results.Count} {results[99_999]}");
        });
        desk.ToEnd();
        Assert.Equal(100_000, desk.Calls.Count);
        Assert.Equal(16, highest);
        Assert.Equal("for-each[99999]/test-do", desk.Calls[^1].Path);
        Assert.Contains("100000 99999", desk.EndText);
    }

    [Fact]
    public void Items_that_complete_at_once_do_not_grow_the_stack()
    {
        var desk = new Desk(async s =>
        {
            await s.Do("begin");
#pragma warning disable CS1998 // an item without a step is the case at hand
            var results = await s.Each(Enumerable.Range(0, 200_000), async i => i * 2);
#pragma warning restore CS1998
            return Outcome.Completed($"{results.Count} {results[199_999]}");
        });
        Assert.Contains("200000 399998", desk.ToEnd().EndText);
    }

    [Fact]
    public void When_an_item_fails_no_further_one_starts_and_running_ones_are_awaited()
    {
        var ended = new List<int>();
        var desk = new Desk(async s =>
        {
            await s.Each(Enumerable.Range(0, 100), async i =>
            {
                await s.Do("item", i);
                ended.Add(i);
            }, parallel: 4);
            return Outcome.Completed();
        });
        Assert.Equal(4, desk.Calls.Count);
        desk.Deliver(FakeEngine.Failed(2, "broken"));
        Assert.Null(desk.End);
        desk.Deliver(FakeEngine.Done(0, 1), FakeEngine.Done(1, 1));
        Assert.Null(desk.End);
        desk.Deliver(FakeEngine.Done(3, 1));
        Assert.Equal(RunEndKind.Failed, desk.End!.Kind);
        Assert.Contains("\"step\":\"for-each[2]/test-do\"", desk.EndText);
        Assert.Equal([0, 1, 3], ended);
        Assert.Equal(4, desk.Calls.Count);
    }

    [Fact]
    public void Results_stand_in_item_order_whatever_the_order_of_completion()
    {
        var desk = new Desk(async s => Outcome.Completed(string.Join(',', await s.Each([1, 2, 3, 4], i => s.Do("x", i)))));
        desk.Deliver(FakeEngine.Done(3, "d".Length + 39), FakeEngine.Done(1, 20), FakeEngine.Done(0, 10), FakeEngine.Done(2, 30));
        Assert.Contains("10,20,30,40", desk.EndText);
    }

    [Fact]
    public void A_bug_in_a_try_for_each_body_is_not_a_result()
    {
        var desk = new Desk(async s =>
        {
            await s.TryEach([1, 0], async i => 10 / i + await s.Do("x", i));
            return Outcome.Completed();
        });
        desk.ToEnd();
        Assert.Contains("DivideByZeroException", desk.EndText);
    }

    [Fact]
    public void Any_ends_the_losers_before_it_ends_itself_and_ignores_what_comes_late()
    {
        var trace = new List<string>();
        var desk = new Desk(async s =>
        {
            var won = await s.First(s.Do("a"), Slow());
            trace.Add("over");
            await s.Do("after");
            return Outcome.Completed($"{won}");

            async Step<int> Slow()
            {
                try
                {
                    return await s.Do("slow");
                }
                finally
                {
                    await s.Touch("tidy");
                    trace.Add("tidied");
                }
            }
        });
        desk.Deliver(FakeEngine.Done(0, 5));
        Assert.Equal([1], desk.Cancelled);
        Assert.Empty(trace);
        Assert.Equal("any[1]/test-touch", desk.Calls[2].Path);
        desk.Deliver(FakeEngine.Done<int?>(2, null));
        Assert.Equal(["tidied", "over"], trace);
        desk.Deliver(FakeEngine.Done(1, 99));
        Assert.Null(desk.End);
        desk.Deliver(FakeEngine.Done(4, 0), FakeEngine.Done(1, 99));
        Assert.Contains("\"5\"", desk.EndText);
    }

    [Fact]
    public void At_least_so_many_of_a_few_steps_or_of_a_list_of_them()
    {
        var desk = new Desk(async s =>
        {
            var two = await s.SomeOf(2, s.Do("a"), s.Do("b"), s.Do("c"));
            var which = await s.WhichOf(2, s.Do("d"), s.Touch("e"), s.Do("f"));
            return Outcome.Completed($"{string.Join('-', two)} {string.Join('-', which)}");
        });
        desk.Deliver(FakeEngine.Done(2, 30), FakeEngine.Failed(1, "404"));
        Assert.Equal(3, desk.Calls.Count);
        desk.Deliver(FakeEngine.Done(0, 10));
        desk.Deliver(FakeEngine.Done<int?>(4, null), FakeEngine.Done(3, 1));
        Assert.Equal([5], desk.Cancelled);
        Assert.Contains("10-30 0-1", desk.EndText);
    }

    [Fact]
    public void Cancelling_the_run_raises_at_every_open_await_and_lets_finally_work()
    {
        var trace = new List<string>();
        var desk = new Desk(async s =>
        {
            await s.Each(Enumerable.Range(0, 10), async i =>
            {
                try
                {
                    await s.Do("work", i);
                }
                catch (OperationCanceledException)
                {
                    trace.Add($"{i} cancelled");
                    throw;
                }
                finally
                {
                    await s.Touch("undo");
                    trace.Add($"{i} undone");
                }
            }, parallel: 2);
            return Outcome.Completed();
        });
        desk.Deliver(new Delivery(-1, DeliveryKind.CancelRun, 2000, "{}"u8.ToArray()));
        Assert.Equal([0, 1], desk.Cancelled.Order());
        Assert.Equal(4, desk.Calls.Count);
        desk.Deliver(FakeEngine.Done<int?>(2, null), FakeEngine.Done<int?>(3, null));
        Assert.Equal(RunEndKind.Cancelled, desk.End!.Kind);
        Assert.Equal(["0 cancelled", "1 cancelled", "0 undone", "1 undone"], trace);
        Assert.Equal(4, desk.Calls.Count);
    }

    [Fact]
    public void A_second_cancel_ends_the_grace_of_finally()
    {
        var desk = new Desk(async s =>
        {
            try
            {
                await s.Do("work");
            }
            finally
            {
                await s.Do("never answered");
            }

            return Outcome.Completed();
        });
        var cancel = new Delivery(-1, DeliveryKind.CancelRun, 2000, "{}"u8.ToArray());
        desk.Deliver(cancel);
        Assert.Null(desk.End);
        desk.Deliver(cancel);
        Assert.Equal(RunEndKind.Cancelled, desk.End!.Kind);
    }

    [Fact]
    public void Combinators_nest_and_every_path_names_its_branch()
    {
        var desk = new Desk(async s =>
        {
            for (var round = 0; round < 2; round++) await s.Both(s.Do("a"), s.Each([1, 2], async i => (await s.Both(s.Do("b", i), s.Do("c", i))).Item1));
            return Outcome.Completed();
        });
        desk.ToEnd();
        Assert.Equal(
            [
                "all[0]/test-do", "all[1]/for-each[0]/all[0]/test-do", "all[1]/for-each[0]/all[1]/test-do", "all[1]/for-each[1]/all[0]/test-do", "all[1]/for-each[1]/all[1]/test-do",
                "all#2[0]/test-do", "all#2[1]/for-each[0]/all[0]/test-do", "all#2[1]/for-each[0]/all[1]/test-do", "all#2[1]/for-each[1]/all[0]/test-do", "all#2[1]/for-each[1]/all[1]/test-do",
            ],
            desk.Calls.Select(c => c.Path));
    }

    [Fact]
    public void A_dropped_run_is_collected_and_no_finally_runs()
    {
        var trace = new List<string>();
        var (desk, tracked) = Waiting(trace);
        desk.Drop();
        Assert.Equal(0, desk.LivingRuns);
        desk.Calls.Clear();
        for (var i = 0; i < 10 && tracked.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(tracked.IsAlive);
        Assert.Empty(trace);
        desk.Deliver(FakeEngine.Done(0, 1));
        Assert.Empty(trace);
        Assert.Null(desk.End);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static (Desk Desk, WeakReference Tracked) Waiting(List<string> trace)
    {
        WeakReference? tracked = null;
        var desk = new Desk(async s =>
        {
            var held = new byte[100];
            tracked = new WeakReference(held);
            try
            {
                await s.Do("never");
            }
            finally
            {
                trace.Add($"finally {held.Length}");
            }

            return Outcome.Completed();
        });
        return (desk, tracked!);
    }
}
