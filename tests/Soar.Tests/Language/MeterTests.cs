using Soar.Hosting;
using Soar.Language;

namespace Soar.Tests.Language;

public sealed class MeterTests
{
    private static readonly Budgets Tight = new() { FuelPerSlice = 100_000, AllocationPerSlice = 8 << 20, StackBytes = 256 << 10, StepsPerRun = 20, OutputBytesPerRun = 4_000, OutputBytesPerStep = 1_000 };

    [Fact]
    public void An_endless_loop_ends_the_run_and_cannot_be_caught()
    {
        var swallowed = false;
        var desk = new Desk(async s =>
        {
            await s.Do("begin");
            try
            {
                while (true) Meter.Loop();
            }
            catch (Exception) when (Meter.Catchable)
            {
                swallowed = true;
            }

            return Outcome.Completed();
        }, budgets: Tight);
        AssertOverBudget(desk.ToEnd(), "loop rounds");
        Assert.False(swallowed);
    }

    [Fact]
    public void After_death_every_loop_and_call_in_a_finally_throws_again()
    {
        var rounds = 0;
        var desk = new Desk(async s =>
        {
            try
            {
                await s.Do("begin");
                while (true) Meter.Loop();
            }
            finally
            {
                while (rounds < 1_000_000)
                {
                    Meter.Loop();
                    rounds++;
                }
            }
        }, budgets: Tight);
        AssertOverBudget(desk.ToEnd(), "loop rounds");
        Assert.Equal(0, rounds);
        Assert.Single(desk.Calls);
    }

    [Fact]
    public void Fuel_is_counted_anew_after_each_delivery()
    {
        var desk = new Desk(async s =>
        {
            for (var i = 0; i < 10; i++)
            {
                for (var j = 0; j < 80_000; j++) Meter.Loop();
                await s.Do("next");
            }

            return Outcome.Completed();
        }, budgets: Tight);
        Assert.Equal(RunEndKind.Completed, desk.ToEnd().End!.Kind);
    }

    [Fact]
    public void A_growing_list_ends_the_run()
    {
        var desk = new Desk(async s =>
        {
            await s.Do("begin");
            var all = new List<byte[]>();
            for (var i = 0; i < 90_000; i++)
            {
                Meter.Loop();
                all.Add(new byte[1000]);
            }

            return Outcome.Completed($"{all.Count}");
        }, budgets: Tight);
        AssertOverBudget(desk.ToEnd(), "8 MiB");
    }

    [Fact]
    public void One_large_allocation_at_the_end_of_a_slice_counts_too()
    {
        var desk = new Desk(async s =>
        {
            await s.Do("begin");
            var large = new byte[9 << 20];
            await s.Do("end");
            return Outcome.Completed($"{large.Length}");
        }, budgets: Tight);
        AssertOverBudget(desk.ToEnd(), "8 MiB");
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(Capped.Most + 1)]
    [InlineData(9 << 20)]
    public void A_size_too_large_ends_the_run_before_anything_is_allocated(int size)
    {
        var desk = new Desk(async s =>
        {
            await s.Do("begin");
            return Outcome.Completed(new string('x', Capped.Size(size)));
        }, budgets: Tight);
        AssertOverBudget(desk.ToEnd(), "8 MiB");
    }

    [Fact]
    public void Endless_recursion_ends_the_run_long_before_the_stack_does()
    {
        static int Deep(int n) => Meter.Enter() ? 1 + Deep(n + 1) : 0;
        var desk = new Desk(async s =>
        {
            await s.Do("begin");
            return Outcome.Completed($"{Deep(0)}");
        }, budgets: Tight with { FuelPerSlice = long.MaxValue });
        AssertOverBudget(desk.ToEnd(), "too deeply");
    }

    [Fact]
    public void Steps_and_output_are_counted_over_the_whole_run()
    {
        AssertOverBudget(new Desk(async s =>
        {
            while (true) await s.Do("x");
        }, budgets: Tight).ToEnd(), "more than 20 steps");
        AssertOverBudget(new Desk(async s =>
        {
            while (true) await s.Do(new string('x', 900));
        }, budgets: Tight).ToEnd(), "arguments to its steps");
        AssertOverBudget(new Desk(async s =>
        {
            await s.Do(new string('x', 1001));
            return Outcome.Completed();
        }, budgets: Tight).ToEnd(), "Artifact");
    }

    [Fact]
    public void Outside_a_run_nothing_is_counted()
    {
        for (var i = 0; i < 1_000_000; i++) Meter.Loop();
        Assert.True(Meter.Enter());
        Assert.True(Meter.Catchable);
        Assert.Equal(int.MaxValue, Capped.Size(int.MaxValue));
    }

    private static void AssertOverBudget(Desk desk, string said)
    {
        Assert.Equal(RunEndKind.OverBudget, desk.End!.Kind);
        Assert.Contains(said, desk.EndText);
        Assert.Equal(0, desk.LivingRuns);
    }
}
