using System.Collections.Concurrent;
using Soar.Hosting;
using Soar.Scripting.Jail;

namespace Soar.Scripting.Host;

/// <summary>
/// The playbook hosts of one engine: a few processes, started ahead. A run stays where it was started; the next one goes where the fewest live. A process that
/// dies is replaced at once.
/// </summary>
public sealed class HostPool : IPlaybookHost
{
    // A process that cannot even start will not start the next time either; a minute of trying would only fill the log.
    private const int HopelessAfter = 5;

    private readonly IPlaybookHostEvents events;
    private readonly HostOptions options;
    private readonly TimeProvider clock;
    private readonly Slot[] slots;
    private readonly ConcurrentDictionary<RunId, ProcessHost> homes = new();
    private readonly Lock gate = new();
    private int turn;
    private bool closing;

    /// <summary>Starts the processes; <see cref="ReadyAsync"/> says when they are warm. Throws <see cref="JailException"/> when they cannot be started.</summary>
    public HostPool(IPlaybookHostEvents events, HostOptions options, TimeProvider clock)
    {
        Directory.CreateDirectory(options.CacheFolder);
        this.events = events;
        this.options = options;
        this.clock = clock;
        slots = [.. Enumerable.Range(0, options.Processes).Select(_ => new Slot())];
        lock (gate)
        {
            foreach (var slot in slots) Fill(slot);
        }
    }

    /// <summary>What the jail of the hosts offers, for health; null until the first is ready.</summary>
    public JailReport? Jail { get; private set; }

    /// <summary>How many processes were replaced after a death.</summary>
    public int Deaths { get; private set; }

    /// <summary>Process ids of the living hosts.</summary>
    public IReadOnlyList<int> Processes
    {
        get
        {
            lock (gate) return [.. slots.Where(s => s.Host is not null).Select(s => s.Host!.Id)];
        }
    }

    /// <summary>Starts all processes and waits until their jails are shut. Throws <see cref="JailException"/> when the machine cannot build them.</summary>
    public static async Task<HostPool> StartAsync(IPlaybookHostEvents events, HostOptions options, TimeProvider clock, CancellationToken cancellation)
    {
        var pool = new HostPool(events, options, clock);
        try
        {
            await pool.ReadyAsync(cancellation);
            return pool;
        }
        catch // whatever went wrong, no process is left behind, and the caller hears why
        {
            await pool.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until the jails of all processes are shut. Throws <see cref="JailException"/> when the machine cannot build them.</summary>
    public async Task<JailReport> ReadyAsync(CancellationToken cancellation)
    {
        ProcessHost[] hosts;
        lock (gate) hosts = [.. slots.Where(s => s.Host is not null).Select(s => s.Host!)];
        foreach (var host in hosts) Jail = await host.Ready.WaitAsync(cancellation);
        return Jail ?? throw new JailException($"No playbook host is alive: {slots[0].Problem}");
    }

    public void Start(RunStart start)
    {
        Drop(start.Run);
        var host = Choose();
        homes[start.Run] = host;
        host.Start(start);
    }

    public void Deliver(RunId run, Delivery delivery)
    {
        if (homes.TryGetValue(run, out var host)) host.Deliver(run, delivery);
    }

    public void Drop(RunId run)
    {
        if (homes.TryRemove(run, out var host)) host.Drop(run);
    }

    public Task<byte[]> EvaluateAsync(string version, string assemblyPath, string lambda, LambdaSubject subject, CancellationToken cancellation) =>
        Choose().EvaluateAsync(version, assemblyPath, lambda, subject, cancellation);

    public async ValueTask DisposeAsync()
    {
        ProcessHost[] hosts;
        lock (gate)
        {
            closing = true;
            hosts = [.. slots.Where(s => s.Host is not null).Select(s => s.Host!)];
        }

        foreach (var host in hosts) await host.DisposeAsync();
    }

    private ProcessHost Choose()
    {
        lock (gate)
        {
            // Equal ones take turns.
            var first = (uint)turn++;
            ProcessHost? best = null;
            for (var i = 0u; i < slots.Length; i++)
            {
                if (slots[(first + i) % slots.Length].Host is { } host && (best is null || host.Count < best.Count)) best = host;
            }

            return best ?? throw new SoarException("SOAR2102", $"No playbook host can be started: {slots[0].Problem} Correct that and start Soar again; runs continue where they were.");
        }
    }

    /// <summary>Under the gate, so that a process that dies at once finds its slot filled.</summary>
    private void Fill(Slot slot)
    {
        var relay = new Relay(this, slot);
        slot.Host = relay.Host = new ProcessHost(relay, options, clock);
    }

    private void Replace(Slot slot, ProcessHost dead, string reason)
    {
        lock (gate)
        {
            if (closing || !ReferenceEquals(slot.Host, dead)) return;
            Deaths++;
            slot.Problem = reason;
            slot.HopelessStarts = dead.Ready.IsCompletedSuccessfully ? 0 : slot.HopelessStarts + 1;
            slot.Host = null;
            if (slot.HopelessStarts >= HopelessAfter) return;
            try
            {
                Fill(slot);
            }
            catch (JailException error)
            {
                slot.Problem = error.Message;
            }
        }
    }

    private sealed class Slot
    {
        public ProcessHost? Host { get; set; }
        public int HopelessStarts { get; set; }
        public string? Problem { get; set; }
    }

    /// <summary>Passes on what one process reports, and sees to its replacement before anybody is told that it died.</summary>
    private sealed class Relay(HostPool pool, Slot slot) : IPlaybookHostEvents
    {
        public ProcessHost? Host { get; set; }

        public void StepCalled(StepCall call) => pool.events.StepCalled(call);

        public void StepCancelled(RunId run, int ordinal) => pool.events.StepCancelled(run, ordinal);

        public void Idle(RunIdle idle) => pool.events.Idle(idle);

        public void Ended(RunEnd end)
        {
            pool.homes.TryRemove(end.Run, out _);
            pool.events.Ended(end);
        }

        public void Noticed(RunId run, TraceEntry entry) => pool.events.Noticed(run, entry);

        public void HostDied(string reason, RunId? inHand, IReadOnlyList<RunId> lost)
        {
            ProcessHost dead;
            lock (pool.gate) dead = Host!;
            foreach (var run in lost) pool.homes.TryRemove(new KeyValuePair<RunId, ProcessHost>(run, dead));
            pool.Replace(slot, dead, reason);
            pool.events.HostDied(reason, inHand, lost);
        }
    }
}
