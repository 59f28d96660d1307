using Soar.Hosting;

namespace Soar.Server.Node;

/// <summary>
/// Lets a playbook host be started before the engine that it reports to exists: a pool takes a moment to be ready, an engine is made at once. Nothing is reported
/// before the engine gives the host its first run.
/// </summary>
internal sealed class HostRelay : IPlaybookHostEvents
{
    private IPlaybookHostEvents? engine;

    /// <summary>What the engine's constructor takes: it hands over its own sink and gets the host.</summary>
    public Func<IPlaybookHostEvents, IPlaybookHost> Connect(IPlaybookHost host) => events =>
    {
        Volatile.Write(ref engine, events);
        return host;
    };

    public void StepCalled(StepCall call) => Volatile.Read(ref engine)?.StepCalled(call);
    public void StepCancelled(RunId run, int ordinal) => Volatile.Read(ref engine)?.StepCancelled(run, ordinal);
    public void Idle(RunIdle idle) => Volatile.Read(ref engine)?.Idle(idle);
    public void Ended(RunEnd end) => Volatile.Read(ref engine)?.Ended(end);
    public void HostDied(string reason, RunId? inHand, IReadOnlyList<RunId> lost) => Volatile.Read(ref engine)?.HostDied(reason, inHand, lost);
}
