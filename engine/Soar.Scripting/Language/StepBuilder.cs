using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace Soar.Language;

/// <summary>
/// Builds <c>async Step&lt;T&gt;</c> functions and async lambdas. Unlike a task's, the body is cold like every step: it starts when it is awaited or when
/// a combinator starts it, in that branch.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public struct StepBuilder<T>
{
    private AsyncStep<T>? step;

    public readonly Step<T> Task => step!;

    public static StepBuilder<T> Create() => default;

    public void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine
    {
        var box = new AsyncStep<T, TStateMachine>();
        step = box; // before the copy: the copy's builder must know its step
        box.StateMachine = stateMachine;
    }

    public readonly void SetStateMachine(IAsyncStateMachine stateMachine)
    {
    }

    public readonly void SetResult(T result) => step!.SetResult(result);

    public readonly void SetException(Exception exception) => step!.SetException(exception);

    public readonly void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine => awaiter.OnCompleted(step!.MoveNext);

    public readonly void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine => awaiter.UnsafeOnCompleted(step!.MoveNext);
}

/// <summary>Builds <c>async Step</c> functions and async lambdas; see <see cref="StepBuilder{T}"/>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public struct StepBuilder
{
    private AsyncStep<Nothing>? step;

    public readonly Step Task => step!;

    public static StepBuilder Create() => default;

    public void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine
    {
        var box = new AsyncStep<Nothing, TStateMachine>();
        step = box;
        box.StateMachine = stateMachine;
    }

    public readonly void SetStateMachine(IAsyncStateMachine stateMachine)
    {
    }

    public readonly void SetResult() => step!.SetResult(default);

    public readonly void SetException(Exception exception) => step!.SetException(exception);

    public readonly void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine => awaiter.OnCompleted(step!.MoveNext);

    public readonly void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine => awaiter.UnsafeOnCompleted(step!.MoveNext);
}

/// <summary>A step whose work is an async function of the playbook.</summary>
internal abstract class AsyncStep<T> : Step<T>
{
    /// <summary>Runs the function to its next await; one delegate for all of them.</summary>
    public abstract Action MoveNext { get; }

    public void SetResult(T result) => Succeed(result);

    public void SetException(Exception exception) => Fail(exception);
}

internal sealed class AsyncStep<T, TStateMachine> : AsyncStep<T>
    where TStateMachine : IAsyncStateMachine
{
    private Action? moveNext;

    public TStateMachine? StateMachine;

    public override Action MoveNext => moveNext ??= () => StateMachine!.MoveNext();

    private protected override void Begin(RunInstance run) => StateMachine!.MoveNext();
}
