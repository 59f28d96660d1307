namespace Soar;

/// <summary>
/// Base of every error Soar raises on purpose. The message says what happened, to which thing, and what to do;
/// <see cref="Code"/> is stable and shared by exceptions, logs, problem documents and the manual.
/// </summary>
/// <remarks>
/// Codes: SOAR1xxx playbook source · SOAR2xxx runs and the engine · SOAR3xxx store · SOAR4xxx connectors and settings ·
/// SOAR5xxx command line · SOAR6xxx HTTP and accounts.
/// </remarks>
public class SoarException : Exception
{
    public SoarException(string code, string message, Exception? innerException = null)
        : base(message, innerException) => Code = code;

    /// <summary>The stable code, for example <c>SOAR2001</c>.</summary>
    public string Code { get; }
}

/// <summary>The lease of a run is held by another engine, or the run moved on: whoever sees this stops driving the run at once.</summary>
public sealed class LeaseLostException(RunId run, long epoch)
    : SoarException("SOAR3001", $"Run {run} is no longer driven under epoch {epoch}: another engine took it over. Nothing was written.")
{
    public RunId Run { get; } = run;
    public long Epoch { get; } = epoch;
}

/// <summary>A ledger row changed between reading and writing it: read it again and decide anew. Nothing was written.</summary>
public sealed class ContainmentChangedException(string action, string instance, string target)
    : SoarException("SOAR3020", $"The containment {action} of {target} at {instance} changed meanwhile. Nothing was written; it is looked at again.");

/// <summary>Something that was asked for by name or id does not exist.</summary>
public sealed class NotFoundException(string what, string id, string remedy)
    : SoarException("SOAR2004", $"There is no {what} '{id}'. {remedy}");
