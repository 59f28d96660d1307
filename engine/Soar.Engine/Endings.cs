using System.Collections.Concurrent;
using Soar.Runs;

namespace Soar.Engine;

/// <summary>Those who wait for a run's end, in this process.</summary>
internal sealed class Endings(EngineParts engine)
{
    private readonly ConcurrentDictionary<RunId, TaskCompletionSource> waited = new();

    /// <summary>Completes when the run has ended, with how it ended.</summary>
    public async Task<Run> WhenEndedAsync(RunId id, CancellationToken cancellation)
    {
        while (true)
        {
            var ended = waited.GetOrAdd(id, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            // A run that is driven here has not ended, and tells when it does.
            if (engine.Dispatcher.Drives(id)) await ended.Task.WaitAsync(cancellation);
            var run = await engine.Store.FindAsync(id) ?? throw new NotFoundException("run", id.ToString(), "See the runs with: soar runs");
            if (run.Status is RunStatus.Completed or RunStatus.Failed or RunStatus.Cancelled)
            {
                waited.TryRemove(id, out _);
                return run;
            }

            await ended.Task.WaitAsync(cancellation);
        }
    }

    /// <summary>The run may have ended: those who wait look.</summary>
    public void Look(RunId run)
    {
        if (!waited.IsEmpty && waited.TryRemove(run, out var ended)) ended.TrySetResult();
    }

    /// <summary>Runs that end under another engine tell nobody here: those who wait look again.</summary>
    public void LookAll()
    {
        foreach (var run in waited.Keys) Look(run);
    }
}
