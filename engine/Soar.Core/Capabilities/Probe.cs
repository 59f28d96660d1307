namespace Soar.Capabilities;

/// <summary>What a probe found.</summary>
public enum ProbeAnswer { Present, Absent, CannotTell }

/// <summary>Whether an effect is in place, and if so its result as the action would have returned it.</summary>
public sealed record Probe<T>(ProbeAnswer Answer, T? Result = default)
{
    /// <summary>True when what was found carries this effect's idempotency key: it is ours.</summary>
    public bool Ours { get; init; }
}

/// <summary>Probes build their answers here.</summary>
public static class Probe
{
    public static Probe<T> Present<T>(T result, bool ours) => new(ProbeAnswer.Present, result) { Ours = ours };
    public static Probe<T> Absent<T>() => new(ProbeAnswer.Absent);
    public static Probe<T> CannotTell<T>() => new(ProbeAnswer.CannotTell);
}
