namespace Soar.Runs;

/// <summary>
/// State of one containment in the ledger. <c>Found</c>: it was there before and is not ours, so it is never lifted.
/// </summary>
public enum ContainmentStatus { Pending, Active, Found, Lifting, Lifted, Unknown, LiftFailed }

/// <summary>A containment: a leased effect. One row per (action, instance, target) that stands; holders are counted in <see cref="Holder"/> rows.</summary>
public sealed record Containment
{
    public required Guid Id { get; init; }
    public required string Action { get; init; }
    public required string Instance { get; init; }
    public required string Target { get; init; }
    public required string Arguments { get; init; }
    public required ContainmentStatus Status { get; init; }

    /// <summary>What the probe saw before dispatch, JSON; null where the action has no probe.</summary>
    public string? PriorState { get; init; }

    /// <summary>The action's result: completes the inverse.</summary>
    public string? Result { get; init; }
    public required string Key { get; init; }
    public required DateTimeOffset Since { get; init; }

    /// <summary>The latest of all holders' expiries; null = until lifted.</summary>
    public DateTimeOffset? Until { get; init; }
    public int LiftAttempts { get; init; }
    public string? Note { get; init; }

    /// <summary>
    /// Counts the changes of the row: 0 for one that is not stored yet. Whoever writes a row names the version that was read; the store keeps it plus one, and a
    /// write that names another one fails with <see cref="ContainmentChangedException"/>: a lift and a new holder cannot pass each other unseen.
    /// </summary>
    public int Version { get; init; }
    public IReadOnlyList<Holder> Holders { get; init; } = [];
}

/// <summary>A run's claim on a containment.</summary>
public sealed record Holder(RunId Run, int Ordinal, string? CaseId, DateTimeOffset? Until, DateTimeOffset? ReleasedAt, string? ReleasedBy);
