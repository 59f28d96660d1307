namespace Soar.Storage;

/// <summary>
/// What one caller wants written: all of it or nothing. It checks before it writes, and it may be run a second time (after the batch it was in was taken back), so it changes
/// nothing but the database.
/// </summary>
internal abstract class Unit
{
    /// <summary>Set when the unit refused; nothing of it is in the batch.</summary>
    public Exception? Refusal { get; set; }

    public abstract void Execute(WriteSession session);

    /// <summary>Tells the caller: after the commit, or after the unit failed.</summary>
    public abstract void Complete(Exception? error);
}

internal sealed class Unit<T>(Func<WriteSession, T> write) : Unit
{
    // The writer's thread must not run its callers' continuations.
    private readonly TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T result = default!;

    public Task<T> Done => done.Task;

    public override void Execute(WriteSession session) => result = write(session);

    public override void Complete(Exception? error)
    {
        if (error is null) done.SetResult(result);
        else done.SetException(error);
    }
}
