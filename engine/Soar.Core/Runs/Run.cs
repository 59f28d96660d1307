namespace Soar.Runs;

/// <summary>Where a run stands.</summary>
public enum RunStatus
{
    /// <summary>Has work to do now (or is being driven).</summary>
    Running = 0,

    /// <summary>Waits for a person, a signal, a timer or a sub-run; forgotten in memory.</summary>
    Waiting = 1,

    /// <summary>Paused by a person: no step begins.</summary>
    Paused = 2,

    Completed = 3,
    Failed = 4,
    Cancelled = 5,

    /// <summary>Killed its host process twice; shown, not replayed a third time until a person resumes it.</summary>
    Quarantined = 6,

    /// <summary>Its pinned version no longer compiles; it waits for a person.</summary>
    Parked = 7,
}

/// <summary>How effects are treated.</summary>
public enum RunMode { Live, DryRun, Test }

/// <summary>A run's row.</summary>
public sealed record Run
{
    public required RunId Id { get; init; }
    public required string Playbook { get; init; }
    public required string PlaybookVersion { get; init; }

    /// <summary>Hash of the pinned version.</summary>
    public required string VersionHash { get; init; }
    public required RunMode Mode { get; init; }
    public required RunStatus Status { get; init; }
    public RunId? Parent { get; init; }
    public int? ParentOrdinal { get; init; }

    /// <summary>The run that took over after <c>RunAgain</c>.</summary>
    public RunId? Successor { get; init; }
    public int Depth { get; init; }
    public string? TriggerKey { get; init; }
    public string? CaseId { get; init; }
    public string StartedBy { get; init; } = "";

    /// <summary>What it was started with: its playbook's, its alert's, its parent's, whichever is strictest. Its case's raises it, and stands in the case.</summary>
    public Tlp Tlp { get; init; } = Tlp.Red;

    /// <summary>The source of the alert that has started it; null = something else has.</summary>
    public string? Source { get; init; }

    /// <summary>It stands in line: as many runs of its playbook as may be are under way (<see cref="RunLimit"/>). Nobody drives it until it has its turn.</summary>
    public bool InLine { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the engine must look at it again without being asked; null = only when something arrives.</summary>
    public DateTimeOffset? WakeAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>While it waits: for what; null otherwise.</summary>
    public Awaited? WaitsFor { get; init; }

    /// <summary><see cref="Outcome"/>, or <see cref="Hosting.RunFailure"/>, as JSON; null while it runs.</summary>
    public string? Result { get; init; }

    /// <summary>Fencing token: every write names it and is refused when it is not the newest.</summary>
    public long Epoch { get; init; }
    public string? LeaseOwner { get; init; }
    public DateTimeOffset? LeaseUntil { get; init; }

    /// <summary>How often a host process died with this run in hand.</summary>
    public int Deaths { get; init; }
}

/// <summary>What a run waits for, besides the time at which it wakes by itself.</summary>
/// <param name="Signals">Names, each once; no more than <see cref="MostNames"/>.</param>
/// <param name="Questions">How many people's answers.</param>
/// <param name="Runs">How many sub-runs.</param>
public sealed record Awaited(IReadOnlyList<string> Signals, int Questions, int Runs)
{
    /// <summary>By a signal's name what it must carry, where the engine can tell (<c>int</c>, <c>IpAddress?</c>); null = nothing is known of any.</summary>
    public IReadOnlyDictionary<string, string>? Accepts { get; init; }

    /// <summary>How many effects a kill switch holds; null = none.</summary>
    public int? Held { get; init; }

    /// <summary>How many calls stand in line at connector instances that take only so many at once; null = none.</summary>
    public int? InLine { get; init; }

    /// <summary>A loop over 700 recipients may wait for as many signals: the first of them tell enough.</summary>
    public const int MostNames = 20;
}

/// <summary>What a new run is made of.</summary>
/// <param name="Run">
/// Status Running; TriggerKey unique where set. With a lease it is born under it, at epoch 1: whoever creates it drives it at once, without a claim. Without one (epoch 0) it is due for anybody.
/// </param>
/// <param name="Started"><see cref="Hosting.StartedRecord"/> as JSON: the journal's first record.</param>
public sealed record NewRun(Run Run, byte[] Started)
{
    public Lane Lane { get; init; } = Lane.Enrichment;
}
