using Soar.Engine;

namespace Soar.Tests.Engine;

public sealed class RetryTests
{
    private static readonly EngineOptions Options = new() { FirstBackoff = 1.Seconds, LongestBackoff = 1.Minutes };

    private static Retry By(double chance) => new(Options, new Chance(chance));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 4)]
    [InlineData(6, 32)]
    public void Each_failed_attempt_doubles_the_wait(int failed, int seconds)
    {
        Assert.Equal(TimeSpan.FromSeconds(seconds), By(1).Delay(failed, null));
        Assert.Equal(TimeSpan.FromSeconds(seconds) / 2, By(0).Delay(failed, null));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(31)]
    [InlineData(10_000)]
    [InlineData(int.MaxValue)]
    public void The_wait_stops_growing_at_the_longest(int failed) => Assert.Equal(Options.LongestBackoff, By(1).Delay(failed, null));

    [Fact]
    public void Many_runs_that_fail_together_come_back_spread_over_the_upper_half_of_the_wait()
    {
        var retry = new Retry(Options, new Random(1));
        var delays = Enumerable.Range(0, 1_000).Select(_ => retry.Delay(3, null).TotalSeconds).ToList();

        Assert.All(delays, delay => Assert.InRange(delay, 2, 4));
        // Every tenth of the two seconds between gets its share.
        var tenths = delays.GroupBy(delay => (int)((delay - 2) * 5)).Select(g => g.Count()).ToList();
        Assert.Equal(10, tenths.Count);
        Assert.All(tenths, tenth => Assert.InRange(tenth, 60, 140));
    }

    [Fact]
    public void The_other_side_is_never_asked_sooner_than_it_said()
    {
        Assert.Equal(90.Seconds, By(1).Delay(1, 90.Seconds));
        Assert.Equal(5.Minutes, By(1).Delay(20, 5.Minutes)); // beyond the longest wait of our own too
    }

    [Fact]
    public void A_shorter_wait_than_ours_is_no_reason_to_hurry() => Assert.Equal(8.Seconds, By(1).Delay(4, 1.Seconds));

    [Fact]
    public void The_same_seed_waits_the_same()
    {
        static List<TimeSpan> Delays(int seed)
        {
            var retry = new Retry(Options, new Random(seed));
            return [.. Enumerable.Range(1, 5).Select(failed => retry.Delay(failed, null))];
        }

        Assert.Equal(Delays(7), Delays(7));
        Assert.NotEqual(Delays(7), Delays(8));
    }

    private sealed class Chance(double value) : Random
    {
        public override double NextDouble() => value;
    }
}
