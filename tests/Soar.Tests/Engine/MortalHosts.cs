using Soar.Hosting;
using Soar.Scripting.Host;

namespace Soar.Tests.Engine;

/// <summary>An in-process host that can be killed: everything it held is lost and reported, and a new one takes its place.</summary>
internal sealed class MortalHosts
{
    private Host? host;
    private RunId? culprit;

    public IPlaybookHost Make(IPlaybookHostEvents events, Plays plays, Interleaving? world = null) =>
        host = new Host(this, events, sink => world is null ? new InProcessHost(sink, scripts: plays.Scripts) : new InlineHost(world, sink, plays.Scripts));

    /// <summary>From now on, the host dies whenever it is handed something for this run, or replays it.</summary>
    public void KillOnDelivery(RunId? run) => culprit = run;

    /// <summary>The host dies now.</summary>
    public void Kill(RunId? inHand) => host!.Die(inHand);

    private sealed class Host(MortalHosts owner, IPlaybookHostEvents events, Func<IPlaybookHostEvents, IPlaybookHost> make) : IPlaybookHost
    {
        private readonly Lock gate = new();
        private readonly HashSet<RunId> runs = [];
        private Sink sink = new(events);
        private IPlaybookHost? inner;

        public void Start(RunStart start)
        {
            lock (gate)
            {
                inner ??= make(sink);
                runs.Add(start.Run);
                // A replay that hands over what killed it before kills again, before it says anything: were it begun, it might be through before the host is dead.
                if (start.Run != owner.culprit)
                {
                    inner.Start(start);
                    return;
                }
            }

            Die(start.Run);
        }

        public void Deliver(RunId run, Delivery delivery)
        {
            if (run == owner.culprit) Die(run);
            else lock (gate) inner?.Deliver(run, delivery);
        }

        public void Drop(RunId run)
        {
            lock (gate)
            {
                runs.Remove(run);
                inner?.Drop(run);
            }
        }

        public void Die(RunId? inHand)
        {
            RunId[] lost;
            lock (gate)
            {
                sink.Dead = true;
                sink = new Sink(events);
                inner = make(sink);
                lost = [.. runs];
                runs.Clear();
            }

            events.HostDied("killed by the test", inHand, lost);
        }

        public Task<byte[]> EvaluateAsync(string version, string assemblyPath, string lambda, LambdaSubject subject, CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => inner?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    /// <summary>What a dead host still says is heard by nobody.</summary>
    private sealed class Sink(IPlaybookHostEvents events) : IPlaybookHostEvents
    {
        public volatile bool Dead;

        public void StepCalled(StepCall call)
        {
            if (!Dead) events.StepCalled(call);
        }

        public void StepCancelled(RunId run, int ordinal)
        {
            if (!Dead) events.StepCancelled(run, ordinal);
        }

        public void Idle(RunIdle idle)
        {
            if (!Dead) events.Idle(idle);
        }

        public void Ended(RunEnd end)
        {
            if (!Dead) events.Ended(end);
        }

        public void HostDied(string reason, RunId? inHand, IReadOnlyList<RunId> lost)
        {
        }
    }
}
