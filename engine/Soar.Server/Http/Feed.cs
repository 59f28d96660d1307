using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Soar.Engine;
using Soar.Server.Accounts;
using Soar.Server.Node;

namespace Soar.Server.Http;

/// <summary>
/// What happens in runs, for everybody who watches by HTTP: one watcher of the engine, a ring of the newest events, and readers that go through it at their own pace. An event's id is
/// this server's own and a number; whoever comes back with one that is older than the ring, or another server's, is told <c>reset</c> and reads everything anew.
/// </summary>
internal sealed class Feed : IAsyncDisposable
{
    private const int Kept = 4096;
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(15), Longest = TimeSpan.FromMinutes(5), Glance = TimeSpan.FromMilliseconds(10);

    private readonly CancellationTokenSource stopping = new();
    private readonly Lock gate = new();
    private readonly RunEvent[] ring = new RunEvent[Kept];
    private readonly TimeProvider clock;
    private readonly string server;
    private readonly Task watching;
    private long last;
    private int disposed;
    private TaskCompletionSource? news; // null while nobody waits for any

    public Feed(SoarNode node)
    {
        clock = node.Clock;
        server = new Ids(clock).Next().ToString("N");
        watching = WatchAsync(node);
    }

    /// <summary>Events since then: <c>ready</c> (or <c>reset</c>) first, then <c>run</c> each, now and then <c>beat</c>. Ends after some minutes: whoever goes on watching comes back, and is looked at again.</summary>
    public async IAsyncEnumerable<SseItem<RunEvent?>> ReadAsync(string? lastSeen, Sight sight, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation, stopping.Token);
        var (began, known) = (clock.GetTimestamp(), Position(lastSeen));
        var at = known ?? Newest();
        yield return Item(known is null && lastSeen is not null ? "reset" : "ready", at, null);
        while (!over.IsCancellationRequested && clock.GetElapsedTime(began) < Longest)
        {
            var (events, next, lost) = After(at);
            if (lost) yield return Item("reset", at = Newest(), null);
            // Numbers go on for everybody alike: an event that is not seen only moves the place.
            var seen = (await sight.OfRunsAsync(events, happened => happened.Run.Value == Guid.Empty ? null : happened.Run)).ToHashSet(ReferenceEqualityComparer.Instance);
            foreach (var happened in events)
            {
                at++;
                if (seen.Contains(happened)) yield return Item("run", at, happened);
            }

            if (events.Count == 0 && !lost && !await CameAsync(next, over.Token)) yield return Item("beat", at, null);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // By the server before it stops, and again by the framework.
        if (Interlocked.Exchange(ref disposed, 1) != 0) return;
        await stopping.CancelAsync();
        await watching;
        stopping.Dispose();
    }

    private async Task WatchAsync(SoarNode node)
    {
        try
        {
            await foreach (var happened in node.WatchAsync(Glance, stopping.Token)) Add(happened);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private void Add(RunEvent happened)
    {
        TaskCompletionSource? waiting;
        lock (gate)
        {
            ring[last++ % Kept] = happened;
            (waiting, news) = (news, null);
        }

        waiting?.SetResult();
    }

    private long Newest()
    {
        lock (gate) return last;
    }

    /// <summary>What came after this number, and what tells when more comes; <c>Lost</c> when some of it is gone from the ring.</summary>
    private (List<RunEvent> Events, Task Next, bool Lost) After(long at)
    {
        lock (gate)
        {
            news ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (last - at > Kept) return ([], news.Task, true);
            var events = new List<RunEvent>((int)(last - at));
            for (var i = at; i < last; i++) events.Add(ring[i % Kept]);
            return (events, news.Task, false);
        }
    }

    /// <summary>False after a while without any.</summary>
    private async Task<bool> CameAsync(Task next, CancellationToken cancellation)
    {
        try
        {
            await next.WaitAsync(Beat, clock, cancellation);
            return true;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>The number of an id of ours that the ring still reaches; null = none.</summary>
    private long? Position(string? id) =>
        id is not null && id.Split('-') is [var of, var number] && of == server && long.TryParse(number, out var at) && at >= 0 && at <= Newest() && Newest() - at <= Kept ? at : null;

    private SseItem<RunEvent?> Item(string type, long at, RunEvent? happened) => new(happened, type) { EventId = $"{server}-{at}" };
}
