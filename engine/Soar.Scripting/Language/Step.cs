using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Soar.Language;

/// <summary>
/// A durable step without a result. It is cold: nothing happens until it is awaited or handed to a combinator. Awaiting it a second time
/// returns the same result and never runs it twice.
/// </summary>
[AsyncMethodBuilder(typeof(StepBuilder))]
public abstract class Step
{
    private State state;
    private ExceptionDispatchInfo? fault;
    private Waiter waiter;
    private List<Waiter>? moreWaiters;

    private protected Step()
    {
    }

    private enum State : byte { Cold, Running, Succeeded, Faulted }

    internal bool IsCold => state == State.Cold;
    internal bool IsCompleted => state >= State.Succeeded;
    internal Exception? Error => fault?.SourceException;

    /// <summary>The calls that are known before it starts, for <c>Ask</c>; null when it is no prepared step.</summary>
    internal virtual IEnumerable<PreparedCall>? Prepared => null;

    /// <summary>Its path, known from when it starts; null for a function, which has none.</summary>
    internal virtual string? OwnPath => null;

    /// <summary>
    /// Attempts in all, instead of the action's own number. Only actions can be retried: doing a combinator, a function or a question again would do again what it
    /// has done already.
    /// </summary>
    public Step Retry(int attempts) => Modified(new Modifier(Attempts: attempts));

    /// <summary>
    /// How long the step may take, retries included. When that has passed, what it is doing is cancelled, its <c>finally</c> blocks have five minutes, and
    /// <see cref="StepTimedOut"/> is raised. The clock runs from when the step starts, also while the run is forgotten.
    /// </summary>
    public Step Timeout(TimeSpan after, Site at = default) => Modified(new Modifier(After: after, At: at));

    /// <summary>What people see instead of the title in the source; of a step made of others, before the titles of those.</summary>
    public Step Titled(Text title) => Modified(new Modifier(Title: title.ToString()));

    [EditorBrowsable(EditorBrowsableState.Never)]
    public StepAwaiter GetAwaiter()
    {
        EnsureStarted();
        return new StepAwaiter(this);
    }

    internal void EnsureStarted()
    {
        if (state != State.Cold) return;
        var run = RunInstance.Here;
        state = State.Running;
        try
        {
            Begin(run);
        }
        catch (Exception error)
        {
            // An argument that cannot be written, a stopped run: whoever awaits the step gets it, now and at every later await.
            if (!IsCompleted) Fail(error);
        }
    }

    internal void OnCompleted(Action continuation) => Subscribe(new Waiter { Continuation = continuation, Branch = RunInstance.Here.Branch });

    internal void OnCompleted(IItemListener listener, int item) => Subscribe(new Waiter { Listener = listener, Item = item });

    internal void ThrowIfFaulted() => fault?.Throw();

    /// <summary>Starts it: called once, on the run's thread, in the branch it belongs to.</summary>
    private protected abstract void Begin(RunInstance run);

    private protected void Fail(Exception error)
    {
        fault = ExceptionDispatchInfo.Capture(error);
        state = State.Faulted;
        Resume();
    }

    private protected void Succeed()
    {
        state = State.Succeeded;
        Resume();
    }

    private protected abstract Step Modified(in Modifier modifier);

    private void Subscribe(in Waiter added)
    {
        if (waiter.IsEmpty) waiter = added;
        else (moreWaiters ??= []).Add(added);
    }

    private void Resume()
    {
        var first = waiter;
        var more = moreWaiters;
        waiter = default;
        moreWaiters = null;
        first.Resume(this);
        if (more is null) return;
        foreach (var next in more) next.Resume(this);
    }

    /// <param name="At">Where the time-out stands in the source.</param>
    internal readonly record struct Modifier(int? Attempts = null, TimeSpan? After = null, string? Title = null, Site At = default)
    {
        /// <summary>Throws what a playbook's author must know about modifiers that do not fit.</summary>
        public void Check(bool isCold)
        {
            if (!isCold) throw new InvalidOperationException("A step that was started cannot be changed: call .Retry, .Timeout and .Titled before it is awaited.");
            if (Attempts is < 1) throw new ArgumentOutOfRangeException(nameof(Attempts), $"Retry({Attempts}): at least one attempt is needed.");
            if (After is { } after && after <= TimeSpan.Zero) throw new ArgumentOutOfRangeException(nameof(After), $"Timeout({Durations.Say(after)}): it must be longer than nothing.");
        }
    }

    /// <summary>Who is told when the step is over: a continuation with the branch it belongs to, or a combinator.</summary>
    private struct Waiter
    {
        public Action? Continuation;
        public Branch? Branch;
        public IItemListener? Listener;
        public int Item;

        public readonly bool IsEmpty => Continuation is null && Listener is null;

        public readonly void Resume(Step step)
        {
            if (Continuation is not null)
            {
                if (Branch!.IsAbandoned) return;
                RunInstance.Here.Branch = Branch;
                Continuation();
            }
            else
            {
                Listener?.ItemCompleted(Item, step);
            }
        }
    }
}

/// <summary>A durable step with a result.</summary>
[AsyncMethodBuilder(typeof(StepBuilder<>))]
public abstract class Step<T> : Step
{
    private T? result;

    private protected Step()
    {
    }

    internal T Result => result!;

    /// <inheritdoc cref="Step.Retry"/>
    public new Step<T> Retry(int attempts) => (Step<T>)base.Retry(attempts);

    /// <inheritdoc cref="Step.Timeout"/>
    public new Step<T> Timeout(TimeSpan after, Site at = default) => (Step<T>)base.Timeout(after, at);

    /// <inheritdoc cref="Step.Titled"/>
    public new Step<T> Titled(Text title) => (Step<T>)base.Titled(title);

    [EditorBrowsable(EditorBrowsableState.Never)]
    public new StepAwaiter<T> GetAwaiter()
    {
        EnsureStarted();
        return new StepAwaiter<T>(this);
    }

    /// <summary>A step that is no action keeps what it is; the limit and the title go around it.</summary>
    private protected override Step Modified(in Modifier modifier)
    {
        modifier.Check(IsCold);
        return modifier.Attempts is null
            ? new Bounded<T>(this, modifier)
            : throw new InvalidOperationException("Only actions take .Retry: write it on the actions inside, or write a loop with try and catch.");
    }

    private protected void Succeed(T value)
    {
        result = value;
        Succeed();
    }
}

/// <summary>The result of steps that have none.</summary>
internal readonly struct Nothing;

/// <summary>A combinator that waits for a step.</summary>
internal interface IItemListener
{
    void ItemCompleted(int item, Step step);
}

/// <summary>Awaits a step; the continuation runs at once on the run's one logical thread.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct StepAwaiter : ICriticalNotifyCompletion
{
    private readonly Step step;

    internal StepAwaiter(Step step) => this.step = step;

    public bool IsCompleted => step.IsCompleted;
    public void GetResult() => step.ThrowIfFaulted();
    public void OnCompleted(Action continuation) => step.OnCompleted(continuation);
    public void UnsafeOnCompleted(Action continuation) => step.OnCompleted(continuation);
}

/// <summary>Awaits a step; the continuation runs at once on the run's one logical thread.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct StepAwaiter<T> : ICriticalNotifyCompletion
{
    private readonly Step<T> step;

    internal StepAwaiter(Step<T> step) => this.step = step;

    public bool IsCompleted => step.IsCompleted;

    public T GetResult()
    {
        step.ThrowIfFaulted();
        return step.Result;
    }

    public void OnCompleted(Action continuation) => step.OnCompleted(continuation);
    public void UnsafeOnCompleted(Action continuation) => step.OnCompleted(continuation);
}
