using Soar.Engine;
using Soar.Hosting;

namespace Soar.Server.Testing;

/// <summary>
/// One test's view of the playbook hosts that all tests share: passes everything through, and tells the test's <see cref="EngineActivity"/> while playbook code has something to do.
/// </summary>
internal sealed class WatchedHost(IPlaybookHostEvents engine, EngineActivity activity) : IPlaybookHost, IPlaybookHostEvents
{
    private readonly Lock gate = new();
    private readonly Dictionary<RunId, State> runs = [];
    private IPlaybookHost host = null!;
    private int progress;

    /// <summary>The shared hosts, once they report here.</summary>
    public WatchedHost Over(IPlaybookHost shared)
    {
        host = shared;
        return this;
    }

    /// <summary>Grows with everything that passes.</summary>
    public int Progress => Volatile.Read(ref progress);

    /// <summary>Every call that the playbooks made, in order; made again by a replay it is here once.</summary>
    public IReadOnlyList<StepCall> Calls
    {
        get
        {
            lock (gate) return [.. calls];
        }
    }

    private readonly List<StepCall> calls = [];
    private readonly HashSet<(RunId, int)> seen = [];

    public void Start(RunStart start)
    {
        Busy(start.Run, start.Deliveries.Count, begins: true);
        host.Start(start);
    }

    public void Deliver(RunId run, Delivery delivery)
    {
        Busy(run, 1, begins: false);
        host.Deliver(run, delivery);
    }

    public void Drop(RunId run)
    {
        host.Drop(run);
        Done(run);
    }

    public async Task<byte[]> EvaluateAsync(string version, string assemblyPath, string lambda, LambdaSubject subject, CancellationToken cancellation)
    {
        activity.Enter();
        try
        {
            return await host.EvaluateAsync(version, assemblyPath, lambda, subject, cancellation);
        }
        finally
        {
            activity.Leave();
        }
    }

    public void StepCalled(StepCall call)
    {
        Interlocked.Increment(ref progress);
        lock (gate)
        {
            if (!runs.ContainsKey(call.Run)) return;
            if (seen.Add((call.Run, call.Ordinal))) calls.Add(call);
        }

        engine.StepCalled(call);
    }

    public void StepCancelled(RunId run, int ordinal) => engine.StepCancelled(run, ordinal);

    public void Idle(RunIdle idle)
    {
        engine.Idle(idle);
        lock (gate)
        {
            if (!runs.TryGetValue(idle.Run, out var state) || !state.Busy || state.Handed != idle.Deliveries) return;
            state.Busy = false;
        }

        activity.Leave();
    }

    public void Ended(RunEnd end)
    {
        activity.Enter();
        Done(end.Run);
        engine.Ended(end);
        activity.Leave();
    }

    public void HostDied(string reason, RunId? inHand, IReadOnlyList<RunId> lost)
    {
        // First the old lives end, then the engine may begin new ones.
        activity.Enter();
        foreach (var run in lost) Done(run);
        engine.HostDied(reason, inHand, lost);
        activity.Leave();
    }

    /// <summary>The hosts go on for the next test; what still lives there of this one is dropped.</summary>
    public ValueTask DisposeAsync()
    {
        RunId[] left;
        lock (gate) left = [.. runs.Keys];
        foreach (var run in left) Drop(run);
        return ValueTask.CompletedTask;
    }

    private void Busy(RunId run, int handed, bool begins)
    {
        Interlocked.Increment(ref progress);
        lock (gate)
        {
            if (!runs.TryGetValue(run, out var state))
            {
                // Handed to a run that has just ended: nobody reports on it any more.
                if (!begins) return;
                runs[run] = state = new State();
            }

            state.Handed = begins ? handed : state.Handed + handed;
            if (state.Busy) return;
            state.Busy = true;
        }

        activity.Enter();
    }

    private void Done(RunId run)
    {
        lock (gate)
        {
            if (!runs.Remove(run, out var state) || !state.Busy) return;
        }

        activity.Leave();
    }

    private sealed class State
    {
        public int Handed { get; set; }
        public bool Busy { get; set; }
    }
}
