namespace Soar.Capabilities;

/// <summary>How an attempt ended when it did not end well. Never guessed.</summary>
public enum FailureKind
{
    /// <summary>Surely not done; trying again may help.</summary>
    Transient,

    /// <summary>Surely not done; trying again will not help.</summary>
    Permanent,

    /// <summary>The request may have arrived: timeout, broken connection, garbage answer.</summary>
    Unknown,

    /// <summary>
    /// Only for reads declared with <see cref="ActionAttribute.Waits"/>: there is nothing to tell yet. No attempt has failed; the step waits and asks again.
    /// </summary>
    NotYet,
}

/// <summary>
/// The only exception a connector throws on purpose (besides <see cref="OperationCanceledException"/> for its own token). The message says what the
/// other side answered and what to do, and carries no secret. Anything else a connector throws counts as Unknown for an effect and as Permanent for a read.
/// </summary>
public sealed class ConnectorFailure : SoarException
{
    private ConnectorFailure(FailureKind kind, string message, TimeSpan? retryAfter, Exception? inner)
        : base("SOAR4001", message, inner)
    {
        Kind = kind;
        RetryAfter = retryAfter;
    }

    public FailureKind Kind { get; }

    /// <summary>The wait that the other side asked for (<c>Retry-After</c>); for <see cref="FailureKind.NotYet"/> the time until it is asked again.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>A short machine-readable reason, for example <c>401</c>, <c>refused</c>, <c>timeout</c>.</summary>
    public string Reason { get; init; } = "";

    public static ConnectorFailure Transient(string message, TimeSpan? retryAfter = null, Exception? inner = null, string reason = "") =>
        new(FailureKind.Transient, message, retryAfter, inner) { Reason = reason };

    public static ConnectorFailure Permanent(string message, Exception? inner = null, string reason = "") => new(FailureKind.Permanent, message, null, inner) { Reason = reason };
    public static ConnectorFailure Unknown(string message, Exception? inner = null, string reason = "") => new(FailureKind.Unknown, message, null, inner) { Reason = reason };

    /// <summary>Nothing to tell yet: the run is forgotten meanwhile and the read is asked again after <paramref name="again"/>.</summary>
    public static ConnectorFailure NotYet(string message, TimeSpan again) => new(FailureKind.NotYet, message, again, null) { Reason = "not-yet" };
}
