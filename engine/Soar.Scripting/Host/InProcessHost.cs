using Soar.Hosting;
using Soar.Language;

namespace Soar.Scripting.Host;

/// <summary>Runs playbooks on threads of this process: for tests and comparison. A stack overflow or a hanging loop takes this process with it.</summary>
public sealed class InProcessHost : IPlaybookHost
{
    private readonly Lives lives = new();
    private readonly Pump[] pumps;

    /// <param name="threads">Pump threads; a run stays on one.</param>
    /// <param name="scripts">Hand-written scripts by <see cref="RunStart.Version"/>; other versions are loaded from their assembly.</param>
    public InProcessHost(IPlaybookHostEvents events, Budgets? budgets = null, int threads = 1, IReadOnlyDictionary<string, Func<Script>>? scripts = null)
    {
        var loader = new PlaybookLoader();
        var relay = new Relay(events, lives);
        pumps = [.. Enumerable.Range(0, threads).Select(_ => new Pump(new RunSet(relay, loader, budgets ?? new Budgets(), new InHandMark(), scripts)))];
    }

    public void Start(RunStart start)
    {
        var token = lives.Begin(start.Run, out var former);
        if (former is { } old) PumpOf(old).Post(new Work(old));
        PumpOf(token).Post(new Work(token, Start: start with { Run = token }));
    }

    public void Deliver(RunId run, Delivery delivery)
    {
        if (lives.TokenOf(run) is { } token) PumpOf(token).Post(new Work(token, Delivery: delivery));
    }

    public void Drop(RunId run)
    {
        if (lives.End(run) is { } token) PumpOf(token).Post(new Work(token));
    }

    public Task<byte[]> EvaluateAsync(string version, string assemblyPath, string lambda, LambdaSubject subject, CancellationToken cancellation)
    {
        var answer = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        pumps[0].Post(new Work(default, Evaluation: new Evaluation(version, assemblyPath, lambda, subject, (json, error) =>
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

    private Pump PumpOf(RunId token) => pumps[(uint)token.GetHashCode() % (uint)pumps.Length];

    /// <summary>Says the run's own id again, and nothing of lives that are over.</summary>
    internal sealed class Relay(IPlaybookHostEvents events, Lives lives) : IPlaybookHostEvents
    {
        public void StepCalled(StepCall call)
        {
            if (lives.RunOf(call.Run) is { } run) events.StepCalled(call with { Run = run });
        }

        public void StepCancelled(RunId token, int ordinal)
        {
            if (lives.RunOf(token) is { } run) events.StepCancelled(run, ordinal);
        }

        public void Idle(RunIdle idle)
        {
            if (lives.RunOf(idle.Run) is { } run) events.Idle(idle with { Run = run });
        }

        public void Ended(RunEnd end)
        {
            if (lives.EndToken(end.Run) is { } run) events.Ended(end with { Run = run });
        }

        public void Noticed(RunId token, TraceEntry entry)
        {
            if (lives.RunOf(token) is { } run) events.Noticed(run, entry);
        }

        public void HostDied(string reason, RunId? inHand, IReadOnlyList<RunId> lost) => events.HostDied(reason, inHand, lost);
    }
}
