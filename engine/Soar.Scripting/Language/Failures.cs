using Soar.Hosting;

namespace Soar.Language;

/// <summary>
/// How steps fail, as playbooks see it: one of <see cref="StepFailed"/>, <see cref="StepTimedOut"/>, <see cref="StepRefused"/> and
/// <see cref="ItemsFailed"/>. They are rebuilt from the journal's record, live as well as on replay; a connector's own exception never gets here.
/// </summary>
public abstract class StepException : Exception
{
    private protected StepException(string step, StepError error)
        : base(error.Message)
    {
        Step = step;
        Code = error.Code;
        Attempts = error.Attempts;
        Data = error.Details;
    }

    /// <summary>Short and machine-readable, for example <c>404</c>, <c>timeout</c>, <c>missing-argument</c>, <c>no-instance</c>.</summary>
    public string Code { get; }

    /// <summary>The path of the step that failed.</summary>
    public string Step { get; }

    /// <summary>How many attempts were made.</summary>
    public int Attempts { get; }

    /// <summary>More, as JSON text; null when there is none.</summary>
    public new string? Data { get; }
}

/// <summary>The step was tried and failed for good.</summary>
public sealed class StepFailed : StepException
{
    internal StepFailed(string step, StepError error)
        : base(step, error)
    {
    }
}

/// <summary>The step's time-out passed.</summary>
public sealed class StepTimedOut : StepException
{
    internal StepTimedOut(string step, StepError error)
        : base(step, error)
    {
    }
}

/// <summary>The engine refused to do the step: policy, a missing argument, no approval.</summary>
public sealed class StepRefused : StepException
{
    internal StepRefused(string step, StepError error)
        : base(step, error)
    {
    }
}

/// <summary>
/// Too many items of a <c>TryForEach</c>, or too few left of an <c>Any</c> or <c>AtLeast</c>, succeeded. <see cref="Failures"/> holds them in item order.
/// </summary>
public sealed class ItemsFailed : StepException
{
    internal ItemsFailed(string step, string message, IReadOnlyList<StepException> failures)
        : base(step, new StepError("items-failed", message, 1))
    {
        Failures = failures;
    }

    public IReadOnlyList<StepException> Failures { get; }
}

/// <summary>What became of one item of a <c>TryForEach</c>.</summary>
public class ItemResult
{
    internal ItemResult(int index, StepException? error)
    {
        Index = index;
        Error = error;
    }

    /// <summary>The item's place, 0 for the first.</summary>
    public int Index { get; }

    public bool Succeeded => Error is null;

    /// <summary>Why it failed; null when it succeeded.</summary>
    public StepException? Error { get; }
}

/// <summary>What became of one item of a <c>TryForEach</c> whose body has a result.</summary>
public sealed class ItemResult<T> : ItemResult
{
    private readonly T? value;

    internal ItemResult(int index, T? value, StepException? error)
        : base(index, error) => this.value = value;

    /// <summary>The item's result. Reading it of an item that failed throws that item's failure.</summary>
    public T Value => Error is null ? value! : throw Error;
}

/// <summary>Playbook code is stopped for good: over budget, or the replay differed. No playbook can catch it (see <see cref="Meter.Catchable"/>).</summary>
internal sealed class RunStopped(string message) : Exception(message);
