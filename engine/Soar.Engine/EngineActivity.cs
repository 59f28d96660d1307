namespace Soar.Engine;

/// <summary>
/// Counts what is in hand, so that whoever drives the clock (playbook tests, simulations) knows when nothing happens any more without it. The engine enters for every turn
/// of a run, every step under way and every look at the store; others may enter for what they know of.
/// </summary>
public sealed class EngineActivity
{
    private readonly Lock gate = new();
    private TaskCompletionSource? quiet;
    private long inHand;

    /// <summary>One thing more is in hand.</summary>
    public void Enter()
    {
        lock (gate) inHand++;
    }

    /// <summary>It is done, and whatever follows from it has entered.</summary>
    public void Leave()
    {
        TaskCompletionSource? told = null;
        lock (gate)
        {
            if (--inHand == 0) (told, quiet) = (quiet, null);
        }

        told?.TrySetResult();
    }

    /// <summary>Completes when nothing is in hand.</summary>
    public Task WhenQuietAsync()
    {
        lock (gate)
        {
            if (inHand == 0) return Task.CompletedTask;
            quiet ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return quiet.Task;
        }
    }
}
