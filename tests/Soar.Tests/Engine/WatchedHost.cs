using Soar.Engine;
using Soar.Hosting;

namespace Soar.Tests.Engine;

/// <summary>Passes everything through, and tells the engine's activity while playbook code has something to do.</summary>
internal sealed class WatchedHost : IPlaybookHost, IPlaybookHostEvents
{
    private readonly IPlaybookHostEvents engine;
    private readonly EngineActivity activity;
    private readonly IPlaybookHost inner;
    private readonly Dictionary<RunId, (int Handed, bool Busy)> runs = [];

    public WatchedHost(IPlaybookHostEvents engine, EngineActivity activity, Func<IPlaybookHostEvents, IPlaybookHost> make)
    {
        this.engine = engine;
        this.activity = activity;
        inner = make(this);
    }

    public void Start(RunStart start)
    {
        Hand(start.Run, (_, _) => start.Deliveries.Count);
        inner.Start(start);
    }

    public void Deliver(RunId run, Delivery delivery)
    {
        Hand(run, (handed, _) => handed + 1);
        inner.Deliver(run, delivery);
    }

    public void Drop(RunId run)
    {
        inner.Drop(run);
        Rest(run, forget: true);
    }

    public Task<byte[]> EvaluateAsync(string version, string assemblyPath, string lambda, LambdaSubject subject, CancellationToken cancellation) =>
        inner.EvaluateAsync(version, assemblyPath, lambda, subject, cancellation);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    public void StepCalled(StepCall call) => engine.StepCalled(call);

    public void StepCancelled(RunId run, int ordinal) => engine.StepCancelled(run, ordinal);

    public void Idle(RunIdle idle)
    {
        engine.Idle(idle);
        lock (runs)
        {
            if (!runs.TryGetValue(idle.Run, out var entry) || entry.Handed != idle.Deliveries) return;
        }

        Rest(idle.Run, forget: false);
    }

    public void Ended(RunEnd end)
    {
        engine.Ended(end);
        Rest(end.Run, forget: true);
    }

    public void HostDied(string reason, RunId? inHand, IReadOnlyList<RunId> lost)
    {
        engine.HostDied(reason, inHand, lost);
        foreach (var run in lost) Rest(run, forget: true);
    }

    private void Hand(RunId run, Func<int, bool, int> count)
    {
        lock (runs)
        {
            var (handed, busy) = runs.GetValueOrDefault(run);
            runs[run] = (count(handed, busy), true);
            if (!busy) activity.Enter();
        }
    }

    private void Rest(RunId run, bool forget)
    {
        lock (runs)
        {
            if (!runs.TryGetValue(run, out var entry)) return;
            if (entry.Busy) activity.Leave();
            if (forget) runs.Remove(run);
            else runs[run] = entry with { Busy = false };
        }
    }
}
