using Soar.Connectors;
using Soar.Tests.Engine;

namespace Soar.Tests.Connectors;

/// <summary>The token bucket that all runs share at one instance.</summary>
public sealed class PaceTests
{
    private readonly ManualClock clock = new();

    private Pace Of(string rate) => new(Rate.Parse(rate), clock);

    [Theory]
    [InlineData("10/s", 10, 1, 10)]
    [InlineData("4/m", 4, 60, 4)]
    [InlineData("500/h burst 2", 500, 3600, 2)]
    [InlineData("1000/d", 1000, 86400, 1000)]
    public void A_rate_is_read_and_written_alike(string text, int count, int seconds, int burst)
    {
        Assert.Equal(new Rate(count, TimeSpan.FromSeconds(seconds), burst), Rate.Parse(text));
        Assert.Equal(text, Rate.Parse(text).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("0/s")]
    [InlineData("-1/s")]
    [InlineData("10/w")]
    [InlineData("10/s burst")]
    [InlineData("10/s burst 0")]
    [InlineData("1.5/s")]
    public void What_is_no_rate_is_refused(string text) => Assert.False(Rate.TryParse(text, out _));

    [Fact]
    public void The_bucket_gives_its_burst_at_once_and_then_one_turn_after_the_other()
    {
        var pace = Of("4/m");
        Assert.All(Enumerable.Range(0, 4), who => Assert.Null(pace.Turn(who)));
        Assert.Equal(clock.GetUtcNow().AddSeconds(15), pace.Turn("a"));
        Assert.Equal(clock.GetUtcNow().AddSeconds(30), pace.Turn("b"));
        clock.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(clock.GetUtcNow().AddSeconds(15), pace.Turn("b")); // it keeps its place, and comes too early
        Assert.Null(pace.Turn("a"));
        clock.Advance(TimeSpan.FromSeconds(15));
        Assert.Null(pace.Turn("b"));
    }

    [Fact]
    public void Whoever_comes_late_to_its_turn_still_has_it_for_a_minute()
    {
        var pace = Of("1/m");
        pace.Turn("first");
        pace.Turn("late");
        clock.Advance(TimeSpan.FromSeconds(90));
        Assert.NotNull(pace.Turn("other")); // the turn at 60 s is set aside for "late"
        Assert.Null(pace.Turn("late"));
    }

    [Fact]
    public void Seven_hundred_are_served_in_order_at_the_rate()
    {
        var pace = Of("10/s");
        var begin = clock.GetUtcNow();
        var due = Enumerable.Range(0, 700).Select(who => pace.Turn(who) ?? begin).ToList();
        Assert.Equal(due, due.Order());
        Assert.Equal(begin.AddSeconds(69), due[^1]);
        for (var who = 10; who < 700; who++)
        {
            if (due[who] > clock.GetUtcNow()) clock.Advance(due[who] - clock.GetUtcNow());
            Assert.Null(pace.Turn(who));
        }
    }

    [Fact]
    public void Those_behind_move_up_when_somebody_leaves()
    {
        var pace = Of("1/m");
        pace.Turn("first");
        for (var who = 0; who < 500; who++) pace.Turn(who);
        for (var who = 0; who < 500; who++) pace.Leave(who);
        Assert.Equal(clock.GetUtcNow().AddMinutes(1), pace.Turn("next"));
    }

    [Fact]
    public void A_pause_that_the_other_side_asks_for_holds_everybody_even_without_a_rate()
    {
        foreach (var pace in new[] { Of("10/s"), Pace.Unlimited(clock) })
        {
            pace.Hold(TimeSpan.FromSeconds(30));
            Assert.Equal(clock.GetUtcNow().AddSeconds(30), pace.Turn("a"));
            pace.Hold(TimeSpan.FromDays(1)); // no answer shuts an instance for longer than five minutes
            Assert.Equal(clock.GetUtcNow().AddMinutes(5), pace.Turn("a"));
        }
    }

    [Fact]
    public async Task An_attempt_that_had_its_turn_does_not_wait_for_its_first_request_and_gives_it_back_when_it_sent_none()
    {
        var pace = Of("1/h");
        pace.CountsRequests = true;
        Assert.Null(pace.Turn("one"));
        using (pace.Begin()) { } // answered from a cache
        Assert.Null(pace.Turn("two"));
        using (pace.Begin())
        {
            await pace.WaitAsync(CancellationToken.None);
            using var stop = new CancellationTokenSource();
            var second = pace.WaitAsync(stop.Token).AsTask();
            Assert.False(second.IsCompleted);
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        }

        Assert.Equal(clock.GetUtcNow().AddHours(1), pace.Turn("three"));
    }
}
