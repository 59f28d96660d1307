using System.Globalization;
using Soar.Capabilities;

namespace Soar.Runs;

/// <summary>
/// Somebody stopped effects: no effect that it holds begins while it is on. What it names narrows it; one that names nothing holds every effect. Lifting restores service, so it is
/// held by nothing but a switch that names <see cref="Capabilities.Effect.Lifts"/>.
/// </summary>
public sealed record KillSwitch
{
    public required Guid Id { get; init; }

    /// <summary>Only at this connector instance; null = at all.</summary>
    public string? Connector { get; init; }

    /// <summary>Only effects of this class; null = all but lifts.</summary>
    public Effect? Effect { get; init; }

    /// <summary>Only what runs of this playbook do; null = all.</summary>
    public string? Playbook { get; init; }
    public required string By { get; init; }
    public required string Reason { get; init; }
    public required DateTimeOffset Since { get; init; }

    /// <summary>When effects were allowed again; null = it is on.</summary>
    public DateTimeOffset? LiftedAt { get; init; }
    public string? LiftedBy { get; init; }
    public string? LiftReason { get; init; }

    /// <summary>A switch that is about to be turned on. Throws SOAR2061 when there is no reason, or it would hold reads.</summary>
    public static KillSwitch New(Guid id, string? connector, Effect? effect, string? playbook, string by, string reason, DateTimeOffset since)
    {
        if (string.IsNullOrWhiteSpace(reason)) throw new SoarException("SOAR2061", "The kill switch was not turned on: say why, for those whose runs it holds.");
        if (effect == Capabilities.Effect.ReadsOnly) throw new SoarException("SOAR2061", "The kill switch was not turned on: reads change nothing and go on. Name another class of effects, or pause the runs.");
        return new KillSwitch { Id = id, Connector = connector, Effect = effect, Playbook = playbook, By = by, Reason = reason.Trim(), Since = since };
    }

    /// <param name="playbook">Whose effect it is; empty for what the ledger does by itself.</param>
    public bool Holds(string instance, Effect effect, string playbook) =>
        (Effect is { } only ? only == effect : effect is not (Capabilities.Effect.ReadsOnly or Capabilities.Effect.Lifts))
        && (Connector is null || Connector.Equals(instance, StringComparison.OrdinalIgnoreCase))
        && (Playbook is null || Playbook.Equals(playbook, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether both hold the same.</summary>
    public bool IsLike(KillSwitch other) => Effect == other.Effect && string.Equals(Connector, other.Connector, StringComparison.OrdinalIgnoreCase)
        && string.Equals(Playbook, other.Playbook, StringComparison.OrdinalIgnoreCase);

    /// <summary>Since when it is on, by whom and why.</summary>
    public string Words() => string.Create(CultureInfo.InvariantCulture, $"since {Since.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC by {By} because: {Reason}");

    /// <summary>What it holds, for people: <c>contains at edge-1 by block-attacking-address</c>.</summary>
    public string Scope()
    {
        var what = Effect is { } only ? only.ToString().ToLowerInvariant() : "all effects but lifts";
        return $"{what}{(Connector is null ? "" : $" at {Connector}")}{(Playbook is null ? "" : $" by {Playbook}")}";
    }
}

/// <summary>An effect that may not begin now: on record until it begins, or nobody wants it any more.</summary>
/// <param name="Playbook">The playbook of its run.</param>
/// <param name="By">The switch that holds it, the oldest where several do; null on the way to the store, and when it is about to go on.</param>
public sealed record HeldEffect(RunId Run, int Ordinal, string Path, string Action, string Instance, Effect Effect, string Playbook, DateTimeOffset Since, KillSwitch? By = null);
