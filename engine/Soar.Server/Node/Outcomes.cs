using System.Collections.Concurrent;
using Soar.Alerts;
using Soar.Engine;
using Soar.Runs;
using Soar.Storage;

namespace Soar.Server.Node;

/// <summary>
/// For senders that want to hear how it ended before they go on: they are answered when it has, or when their patience is over, with what is so then. Whoever goes away ends nothing.
/// </summary>
internal sealed class Outcomes : IDisposable
{
    /// <summary>So many wait at once; whoever comes then is answered with what is so at once.</summary>
    public const int MostWaiting = 1_000;

    private readonly AlertStore alerts;
    private readonly RunStore runs;
    private readonly SoarEngine engine;
    private readonly TimeProvider clock;

    // An alert that somebody waits for stays here until it was decided, which each is.
    private readonly ConcurrentDictionary<AlertId, TaskCompletionSource<IReadOnlyList<TriggerAnswer>>> undecided = new();
    private int waiting;

    public Outcomes(AlertStore alerts, RunStore runs, SoarEngine engine, TimeProvider clock)
    {
        (this.alerts, this.runs, this.engine, this.clock) = (alerts, runs, engine, clock);
        alerts.Decided += Tell;
    }

    public void Dispose() => alerts.Decided -= Tell;

    /// <summary>The runs that an alert has started, once all of them have ended; those that are there by then when <paramref name="patience"/> is over first.</summary>
    public Task<IReadOnlyList<Run>> OfAlertAsync(AlertId alert, TimeSpan patience, CancellationToken cancellation) => WaitAsync(patience, cancellation, async enough =>
    {
        var ids = new List<RunId>();
        try
        {
            // Noted first: one that is decided between the look and the wait is told to us.
            var told = undecided.GetOrAdd(alert, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
            var answers = await alerts.AnswersAsync(alert);
            if (answers is not null) Tell(alert, answers);
            ids.AddRange((answers ?? await told.Task.WaitAsync(enough)).Where(a => a.Verdict == TriggerVerdict.Started).Select(a => a.Run!.Value));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // Its patience is over before anything was started.
        }

        var ended = new List<Run>();
        // One that retention has removed meanwhile is told of no more.
        foreach (var id in ids) if (await EndAsync(id, enough, cancellation) is { } run) ended.Add(run);
        return (IReadOnlyList<Run>)ended;
    });

    /// <summary>A run, once it has ended; as it is when <paramref name="patience"/> is over first. Null when it is there no more.</summary>
    public Task<Run?> OfRunAsync(RunId run, TimeSpan patience, CancellationToken cancellation) => WaitAsync(patience, cancellation, enough => EndAsync(run, enough, cancellation));

    private async Task<T> WaitAsync<T>(TimeSpan patience, CancellationToken cancellation, Func<CancellationToken, Task<T>> wait)
    {
        var room = Interlocked.Increment(ref waiting) <= MostWaiting;
        try
        {
            using var limit = new CancellationTokenSource(room ? patience : TimeSpan.Zero, clock);
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
            return await wait(enough.Token);
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }

    private async Task<Run?> EndAsync(RunId id, CancellationToken enough, CancellationToken cancellation)
    {
        try
        {
            return await engine.WhenEndedAsync(id, enough);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return await runs.FindAsync(id);
        }
        catch (NotFoundException)
        {
            return null;
        }
    }

    private void Tell(AlertId alert, IReadOnlyList<TriggerAnswer> answers)
    {
        if (undecided.TryRemove(alert, out var told)) told.TrySetResult(answers);
    }
}
