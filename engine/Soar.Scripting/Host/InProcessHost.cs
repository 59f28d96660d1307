using Soar.Hosting;
using Soar.Language;

namespace Soar.Scripting.Host;

/// <summary>Runs playbooks on threads of this process: for tests and comparison. A stack overflow or a hanging loop takes this process with it.</summary>
public sealed class InProcessHost : IPlaybookHost
{
    private readonly PlaybookLoader loader = new();
    private readonly Pump[] pumps;

    /// <param name="threads">Pump threads; a run stays on one.</param>
    /// <param name="scripts">Hand-written scripts by <see cref="RunStart.Version"/>; other versions are loaded from their assembly.</param>
    public InProcessHost(IPlaybookHostEvents events, Budgets? budgets = null, int threads = 1, IReadOnlyDictionary<string, Func<Script>>? scripts = null)
    {
        pumps = [.. Enumerable.Range(0, threads).Select(_ => new Pump(new RunSet(events, loader, budgets ?? new Budgets(), new InHandMark(), scripts)))];
    }

    public void Start(RunStart start) => PumpOf(start.Run).Post(new Work(start.Run, Start: start));

    public void Deliver(RunId run, Delivery delivery) => PumpOf(run).Post(new Work(run, Delivery: delivery));

    public void Drop(RunId run) => PumpOf(run).Post(new Work(run));

    public Task<byte[]> EvaluateAsync(string version, string assemblyPath, string lambda, Alert alert, CancellationToken cancellation)
    {
        var answer = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        pumps[0].Post(new Work(default, Evaluation: new Evaluation(version, assemblyPath, lambda, alert, (json, error) =>
        {
            if (error is null) answer.TrySetResult(json!);
            else answer.TrySetException(error);
        })));
        return answer.Task.WaitAsync(cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var pump in pumps) await pump.DisposeAsync();
    }

    private Pump PumpOf(RunId run) => pumps[(uint)run.GetHashCode() % (uint)pumps.Length];
}
