using Soar.Capabilities;
using Soar.Connectors;
using Soar.Runs;
using Soar.Tests.Engine;

namespace Soar.Tests.Connectors;

/// <summary>The places that all runs share at one instance.</summary>
public sealed class PlacesTests
{
    private readonly ManualClock clock = new();
    private readonly List<string> told = [];

    private static PlaceHolder Of(string name) => new(default, 0, name, "gate.look");

    private int? Take(Places places, string name, Lane lane = Lane.Enrichment) => places.Take(Of(name), lane, () => told.Add(name));

    [Fact]
    public void So_many_have_a_place_and_the_others_are_told_in_the_order_in_which_they_came()
    {
        var places = new Places(2, clock);
        Assert.Null(Take(places, "a"));
        Assert.Null(Take(places, "b"));
        Assert.Equal((0, 1, 2), (Take(places, "c"), Take(places, "d"), Take(places, "e")));
        Assert.Equal(1, Take(places, "d")); // it keeps its place in the line
        Assert.Null(Take(places, "a")); // and who has one keeps it
        places.Leave(Of("b"));
        Assert.Equal(["c"], told);
        Assert.Equal(0, Take(places, "d")); // the free one is set aside for c
        Assert.Null(Take(places, "c"));
        places.Leave(Of("a"));
        places.Leave(Of("c"));
        Assert.Equal(["c", "d", "e"], told);
        Assert.Equal([null, null], places.Look().Select(p => p.Ahead));
    }

    [Fact]
    public void Containment_goes_before_notification_and_that_before_enrichment()
    {
        var places = new Places(1, clock);
        Take(places, "first");
        Take(places, "look-1");
        Take(places, "tell-1", Lane.Notification);
        Take(places, "look-2");
        Take(places, "block-1", Lane.Containment);
        Take(places, "tell-2", Lane.Notification);
        Take(places, "block-2", Lane.Containment);
        Assert.Equal(["block-1", "block-2", "tell-1", "tell-2", "look-1", "look-2"], places.Look().Where(p => p.Ahead is not null).Select(p => p.Holder.Path));
        Assert.Equal(4, Take(places, "look-1"));
    }

    [Fact]
    public void Under_an_endless_stream_of_containments_a_read_has_its_turn_after_thirty_seconds()
    {
        var places = new Places(1, clock);
        Take(places, "block-0", Lane.Containment);
        Take(places, "look");
        var has = "block-0";
        for (var second = 1; second < 120; second++)
        {
            // One comes each second and one goes: the line never ends.
            clock.Advance(TimeSpan.FromSeconds(1));
            Take(places, $"block-{second}", Lane.Containment);
            places.Leave(Of(has));
            has = told[^1];
            Assert.Null(Take(places, has));
            if (has != "look") continue;
            Assert.InRange(second, 30, 32);
            return;
        }

        Assert.Fail("It had no turn within two minutes.");
    }

    [Fact]
    public void Whoever_leaves_the_line_makes_room_and_who_never_left_it_takes_nothing()
    {
        var places = new Places(1, clock);
        Take(places, "a");
        Take(places, "b");
        Take(places, "c");
        places.Leave(Of("b"));
        Assert.Equal(0, Take(places, "c"));
        places.Leave(Of("a"));
        Assert.Equal(["c"], told);
        places.Leave(Of("c")); // set aside, and not wanted any more
        Assert.Null(Take(places, "d"));
        places.Leave(Of("nobody"));
        Assert.Equal(0, Take(places, "e"));
    }

    [Fact]
    public void A_place_that_nobody_comes_for_is_given_to_the_next_after_a_minute()
    {
        var places = new Places(1, clock);
        Take(places, "a");
        Take(places, "lost");
        Take(places, "b");
        places.Leave(Of("a"));
        clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(0, Take(places, "b"));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(Take(places, "b"));
        Assert.Equal(0, Take(places, "lost")); // it comes late, and stands in line again
    }

    [Theory]
    [InlineData(PlaybookType.Investigation, Effect.Contains, Lane.Containment)]
    [InlineData(PlaybookType.Investigation, Effect.Lifts, Lane.Containment)]
    [InlineData(PlaybookType.Investigation, Effect.Notifies, Lane.Notification)]
    [InlineData(PlaybookType.Investigation, Effect.ReadsOnly, Lane.Enrichment)]
    [InlineData(PlaybookType.Mitigation, Effect.ReadsOnly, Lane.Containment)]
    [InlineData(PlaybookType.Notification, Effect.Records, Lane.Notification)]
    public void A_call_goes_by_what_it_does_and_no_later_than_its_run(PlaybookType type, Effect effect, Lane lane) => Assert.Equal(lane, Lanes.Of(type, effect));

    [Fact]
    public async Task Many_at_once_never_have_more_places_than_there_are()
    {
        var places = new Places(3, clock);
        var (underWay, most, done) = (0, 0, 0);
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(async () =>
        {
            var who = Of($"{i}");
            while (true)
            {
                var free = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                if (places.Take(who, (Lane)(i % 3), () => free.TrySetResult()) is null) break;
                await free.Task.WaitAsync(World.Patience);
            }

            var now = Interlocked.Increment(ref underWay);
            InterlockedMax(ref most, now);
            await Task.Yield();
            Interlocked.Decrement(ref underWay);
            places.Leave(who);
            Interlocked.Increment(ref done);
        })));
        Assert.Equal(200, done);
        Assert.InRange(most, 1, 3);
        Assert.Empty(places.Look());
    }

    private static void InterlockedMax(ref int most, int now)
    {
        for (var seen = Volatile.Read(ref most); now > seen;)
        {
            var before = Interlocked.CompareExchange(ref most, now, seen);
            if (before == seen) return;
            seen = before;
        }
    }
}
