namespace Soar.Tests.Engine;

/// <summary>
/// Runs a whole simulated world on one thread: turns of runs, continuations, timers, playbook code. What could happen next lies in a bag, and a seed decides which of it does: the same seed
/// gives the same order for ever. Whatever would run elsewhere is refused, because it would not.
/// </summary>
internal sealed class Interleaving(int seed) : SynchronizationContext
{
    private readonly Random random = new(seed);
    private readonly List<(SendOrPostCallback Callback, object? State)> bag = [];
    private readonly int thread = Environment.CurrentManagedThreadId;
    private TaskCompletionSource? idle;

    /// <summary>What has run so far, of anything.</summary>
    public long Ran { get; private set; }

    /// <summary>Runs this and everything that follows from it, to its end.</summary>
    public void Run(Func<Task> play)
    {
        var outer = Current;
        SetSynchronizationContext(this);
        try
        {
            var whole = play();
            while (true)
            {
                if (bag.Count > 0)
                {
                    var one = random.Next(bag.Count);
                    var (callback, state) = bag[one];
                    bag[one] = bag[^1];
                    bag.RemoveAt(bag.Count - 1);
                    Ran++;
                    callback(state);
                }
                else if (idle is { } waiting)
                {
                    idle = null;
                    waiting.SetResult();
                }
                else if (whole.IsCompleted)
                {
                    whole.GetAwaiter().GetResult(); // It is over; this raises what ended it.
                    return;
                }
                else
                {
                    throw new InvalidOperationException("Nothing is left to happen, and the play waits for something: it waits outside of this world.");
                }
            }
        }
        finally
        {
            SetSynchronizationContext(outer);
        }
    }

    /// <summary>Completes when nothing is left to happen without the clock.</summary>
    public Task IdleAsync()
    {
        idle = new TaskCompletionSource();
        return idle.Task;
    }

    /// <summary>Does something that is not of this world and has threads of its own; the world stands still until it is over.</summary>
    public static Task<T> Outside<T>(Func<Task<T>> work)
    {
        var world = Current;
        SetSynchronizationContext(null);
        try
        {
            var task = work();
            if (!task.IsCompleted) ((IAsyncResult)task).AsyncWaitHandle.WaitOne();
            return task;
        }
        finally
        {
            SetSynchronizationContext(world);
        }
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (Environment.CurrentManagedThreadId != thread) throw new InvalidOperationException("Something of this world ran on another thread: its order is nobody's.");
        bag.Add((d, state));
    }

    public void Post(Action happens) => Post(static state => ((Action)state!)(), happens);

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("Nothing waits here for something that runs elsewhere.");

    public override SynchronizationContext CreateCopy() => this;
}
