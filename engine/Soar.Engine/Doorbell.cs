namespace Soar.Engine;

/// <summary>One waits, anybody rings. A ring while nobody waits is kept; many of those count as one.</summary>
internal sealed class Doorbell
{
    private readonly Lock gate = new();
    private TaskCompletionSource<bool>? waiting;
    private bool rung;
    private bool closed;

    /// <summary>False when it was rung already and nobody has come since, or is closed. <paramref name="before"/> runs before whoever waits is told.</summary>
    public bool Ring(Action? before = null)
    {
        lock (gate)
        {
            if (rung || closed) return false;
            before?.Invoke();
            rung = waiting is null;
            waiting?.SetResult(true);
            waiting = null;
            return true;
        }
    }

    /// <summary>True when it was rung; false when it is closed.</summary>
    public Task<bool> WaitAsync()
    {
        lock (gate)
        {
            if (closed) return Task.FromResult(false);
            if (rung)
            {
                rung = false;
                return Task.FromResult(true);
            }

            waiting = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            return waiting.Task;
        }
    }

    /// <summary>Nobody waits any more. True when a ring was left that nobody came for.</summary>
    public bool Close()
    {
        lock (gate)
        {
            closed = true;
            waiting?.SetResult(false);
            waiting = null;
            var left = rung;
            rung = false;
            return left;
        }
    }

    /// <summary>Whether a ring is left that nobody has come for yet.</summary>
    public bool IsRung
    {
        get
        {
            lock (gate) return rung;
        }
    }
}
