namespace Soar.Hosting;

/// <summary>
/// Where playbook code runs: a jailed process, or in-process for tests. Calls return at once; what the playbooks do arrives at
/// <see cref="IPlaybookHostEvents"/>. Messages to and from one run keep their order.
/// </summary>
public interface IPlaybookHost : IAsyncDisposable
{
    /// <summary>Begins a run or replays it to where it was, then goes on live.</summary>
    void Start(RunStart start);

    /// <summary>Hands over one record that is on disk.</summary>
    void Deliver(RunId run, Delivery delivery);

    /// <summary>Forgets a run: its tasks never complete, no <c>catch</c> or <c>finally</c> runs.</summary>
    void Drop(RunId run);

    /// <summary>
    /// Evaluates one of the header's lambdas (<c>On.Alert</c> and <c>On.Case</c> predicates, <c>from:</c>) on what it asks about under the same fuel. The name is
    /// <c>trigger:0</c> or <c>input:address</c>; the answer is JSON. Throws <see cref="SoarException"/> SOAR2020 when the lambda throws.
    /// </summary>
    Task<byte[]> EvaluateAsync(string version, string assemblyPath, string lambda, LambdaSubject subject, CancellationToken cancellation);
}

/// <summary>What a header's lambda is asked about: exactly one of them.</summary>
public sealed record LambdaSubject(Alert? Alert = null, CaseState? Case = null)
{
    public static implicit operator LambdaSubject(Alert alert) => new(alert);
    public static implicit operator LambdaSubject(CaseState state) => new(Case: state);
}

/// <summary>What hosts report. Called on the host's threads; implementations return quickly and never throw.</summary>
public interface IPlaybookHostEvents
{
    void StepCalled(StepCall call);

    /// <summary>The branch of this call was cancelled (<c>Any</c>'s losers): dispatch nothing more for it, record what already happened, then deliver Cancelled or what it ended with.</summary>
    void StepCancelled(RunId run, int ordinal);

    void Idle(RunIdle idle);

    void Ended(RunEnd end);

    /// <summary>A probe of a tracing build noticed something. Comes only of runs that were started with <see cref="RunStart.Traced"/>.</summary>
    void Noticed(RunId run, TraceEntry entry)
    {
        // The engine starts no such run.
    }

    /// <summary>
    /// The host died (crash, kill, limit). <paramref name="inHand"/> is the run whose code was executing, if one was: it is to blame.
    /// <paramref name="lost"/> are all runs that lived there; they can be started again elsewhere.
    /// </summary>
    void HostDied(string reason, RunId? inHand, IReadOnlyList<RunId> lost);
}
