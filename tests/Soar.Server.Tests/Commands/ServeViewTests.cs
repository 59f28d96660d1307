using Soar.Engine;
using Soar.Server.Display;

namespace Soar.Server.Tests.Commands;

/// <summary>What <c>soar serve</c> prints when more happens than anybody can read.</summary>
public sealed class ServeViewTests
{
    [Fact]
    public void Of_very_many_things_what_needs_somebody_is_told_and_the_rest_is_counted()
    {
        var clock = new TurnedClock();
        var lines = new List<string>();
        var view = new ServeView(lines.Add, clock);
        for (var i = 0; i < 1_000; i++) view.Show(Event(RunEventKind.Ended, $"end {i}"));
        view.Show(Event(RunEventKind.StepStarted, "is no line"));
        view.Show(Event(RunEventKind.Asked, "may we?"));
        clock.Now += TimeSpan.FromSeconds(1);
        view.Show(Event(RunEventKind.Ended, "the last"));

        Assert.Equal(200 + 3, lines.Count);
        Assert.Contains("may we?", lines[200]);
        Assert.Contains("… and 800 more", lines[201]);
        Assert.EndsWith("the last", lines[202]);

        RunEvent Event(RunEventKind kind, string detail) => new(default, kind, clock.Now, Detail: detail, Playbook: "block");
    }

    private sealed class TurnedClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
