using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Soar.Engine;

/// <summary>What can be seen of a run while it goes.</summary>
public enum RunEventKind { Started, StepStarted, StepRetried, StepUnknown, StepEnded, Asked, Escalated, Waiting, Paused, Ended, Simulated, Held, Policy, Warned, InLine }

/// <summary>Something that happened in a run, for people who watch; the journal is the record. Nothing is sent before it is on disk, except that a step began.</summary>
/// <param name="Playbook">The run's playbook, by name.</param>
/// <param name="Detail">Why, or how it ended: the delivery's kind, the question, the outcome; of a simulated effect its arguments as JSON; of a warning before the start all of it.</param>
/// <param name="Attempt">Of a step: which attempt this was; of one that ended, how many it took.</param>
/// <param name="Of">How many items the loop has whose first item this is in; 0 = not known here.</param>
/// <param name="Result">Of a step that is done: what it gave, as JSON; null where that is more than people read in a line (<see cref="LongestResult"/>).</param>
public sealed record RunEvent(RunId Run, RunEventKind Kind, DateTimeOffset At, int Ordinal = -1, string Path = "", string Action = "", string Instance = "", string? Title = null, int Attempt = 0, string? Detail = null, string Playbook = "", int Of = 0, string? Result = null)
{
    /// <summary>Characters of JSON.</summary>
    public const int LongestResult = 4096;
}

/// <summary>Those who watch runs. Costs nothing when nobody does.</summary>
internal sealed class RunEvents
{
    private readonly Lock gate = new();
    private volatile (Channel<RunEvent> Channel, RunId? Run)[] watchers = [];

    public bool Watched => watchers.Length > 0;

    public void Publish(RunEvent happened)
    {
        foreach (var (channel, run) in watchers)
        {
            if (run is null || run == happened.Run) channel.Writer.TryWrite(happened);
        }
    }

    /// <param name="pause">
    /// Whoever has read all that there was looks again after this pause: to be woken for each of very many events would cost more than they do. Zero = is told of each at once.
    /// </param>
    public async IAsyncEnumerable<RunEvent> WatchAsync(RunId? run, Action watching, TimeSpan pause, TimeProvider clock, [EnumeratorCancellation] CancellationToken cancellation)
    {
        // Whoever watches too slowly loses the oldest events, never the engine's time.
        var channel = Channel.CreateBounded<RunEvent>(new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (gate) watchers = [.. watchers, (channel, run)];
        watching();
        try
        {
            while (await channel.Reader.WaitToReadAsync(cancellation))
            {
                while (channel.Reader.TryRead(out var happened)) yield return happened;
                if (pause > TimeSpan.Zero) await Task.Delay(pause, clock, cancellation);
            }
        }
        finally
        {
            lock (gate) watchers = [.. watchers.Where(w => w.Channel != channel)];
        }
    }
}
