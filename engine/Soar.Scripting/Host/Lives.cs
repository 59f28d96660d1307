using System.Runtime.InteropServices;

namespace Soar.Scripting.Host;

/// <summary>
/// A run can be dropped and started again while reports of its former life are still on their way. So every start gets a token of its own, under which alone host
/// and playbook speak of it; what comes under a token that is over is for nobody. A playbook host cannot name the runs of another either.
/// </summary>
internal sealed class Lives
{
    private readonly Lock gate = new();
    private readonly Dictionary<RunId, RunId> tokens = [];
    private readonly Dictionary<RunId, RunId> runs = [];
    private long last;

    public int Count
    {
        get
        {
            lock (gate) return runs.Count;
        }
    }

    /// <summary>A new life; a former one of the same run is over.</summary>
    public RunId Begin(RunId run, out RunId? former)
    {
        lock (gate)
        {
            former = tokens.Remove(run, out var old) ? old : null;
            if (former is not null) runs.Remove(old);
            Span<long> number = [++last, 0];
            var token = new RunId(new Guid(MemoryMarshal.AsBytes(number)));
            tokens.Add(run, token);
            runs.Add(token, run);
            return token;
        }
    }

    public RunId? TokenOf(RunId run)
    {
        lock (gate) return tokens.TryGetValue(run, out var token) ? token : null;
    }

    public RunId? RunOf(RunId token)
    {
        lock (gate) return runs.TryGetValue(token, out var run) ? run : null;
    }

    /// <summary>The run is dropped; returns the token under which the host knows it.</summary>
    public RunId? End(RunId run)
    {
        lock (gate)
        {
            if (!tokens.Remove(run, out var token)) return null;
            runs.Remove(token);
            return token;
        }
    }

    /// <summary>The host says that a life is over; returns whose.</summary>
    public RunId? EndToken(RunId token)
    {
        lock (gate)
        {
            if (!runs.Remove(token, out var run)) return null;
            tokens.Remove(run);
            return run;
        }
    }

    /// <summary>Ends all lives and returns whose they were.</summary>
    public IReadOnlyList<RunId> EndAll()
    {
        lock (gate)
        {
            RunId[] all = [.. tokens.Keys];
            tokens.Clear();
            runs.Clear();
            return all;
        }
    }
}
