namespace Soar.Cases;

/// <summary>Where a case stands. Persisted; only grows.</summary>
public enum CaseStatus
{
    /// <summary>Nobody has taken it up.</summary>
    New = 0,

    /// <summary>It is worked on.</summary>
    Open = 1,

    /// <summary>No more harm is done; the work goes on.</summary>
    Contained = 2,

    /// <summary>It is over, and <see cref="CaseFile.Resolution"/> says how it came out.</summary>
    Closed = 3,
}

/// <summary>How a case came out. Persisted; only grows.</summary>
public enum CaseResolution
{
    /// <summary>It was what it looked like, and it is mended.</summary>
    Resolved = 0,

    /// <summary>Nothing had happened: the detector was wrong.</summary>
    FalsePositive = 1,

    /// <summary>It had happened, and was meant or does no harm.</summary>
    Benign = 2,

    /// <summary>It is dealt with in another case.</summary>
    Duplicate = 3,

    /// <summary>Nobody could find out.</summary>
    Inconclusive = 4,
}

/// <summary>What somebody changes in a case; what is null stays as it is.</summary>
public sealed record CaseEdit
{
    public string? Title { get; init; }

    /// <summary>1 to 100; 0 = unset.</summary>
    public int? Severity { get; init; }

    /// <summary>1 (the most urgent) to 5; 0 = unset.</summary>
    public int? Priority { get; init; }
    public Tlp? Tlp { get; init; }

    /// <summary>Closed needs a resolution. Any other opens a closed case again.</summary>
    public CaseStatus? Status { get; init; }
    public CaseResolution? Resolution { get; init; }

    /// <summary>Whose it is, by login name; empty = nobody's.</summary>
    public string? Owner { get; init; }

    /// <summary>True declares it an incident, false takes that back.</summary>
    public bool? Declared { get; init; }

    /// <summary>Why, for the timeline; may be empty.</summary>
    public string Reason { get; init; } = "";
}

/// <summary>Something to be done in a case.</summary>
/// <param name="Number">1, 2, 3 … over all cases.</param>
/// <param name="Assignee">Who is to do it; null = whoever has the case.</param>
public sealed record CaseTask(long Number, string Title, string? Assignee, DateTimeOffset? Due, DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset? DoneAt, string? DoneBy);

/// <summary>What somebody changes in a task; what is null stays as it is.</summary>
public sealed record TaskEdit(string? Title = null, string? Assignee = null, DateTimeOffset? Due = null, bool? Done = null);

/// <summary>Something that happened in a case.</summary>
/// <param name="What">A word: <c>opened</c>, <c>alert</c>, <c>status</c>, <c>owner</c>, <c>note</c>, <c>run started</c> …</param>
/// <param name="Text">In words.</param>
/// <param name="Run">The run that did it, or that it is about.</param>
/// <param name="Alert">The number of the alert that it is about.</param>
/// <param name="Old">What stood there before, where something was changed.</param>
/// <param name="New">What stands there since.</param>
public sealed record CaseEvent(DateTimeOffset At, string Who, string What, string Text, RunId? Run = null, long? Alert = null, string? Old = null, string? New = null);

/// <summary>A case that shares something with another.</summary>
/// <param name="Shared">What they share: <c>ip 203.0.113.66</c>; the first few.</param>
/// <param name="Count">How many things they share.</param>
public sealed record RelatedCase(CaseFile Case, IReadOnlyList<string> Shared, int Count);

/// <summary>Which cases are listed; what is null does not matter.</summary>
/// <param name="Text">Stands in the title, in any case, or is the value of something that the case is about.</param>
/// <param name="Before">Numbers below this one.</param>
public sealed record CaseFilter(CaseStatus? Status = null, string? Owner = null, bool? Declared = null, string? Text = null, int? Before = null);

/// <summary>How long something took over several cases.</summary>
/// <param name="Cases">How many of them it has happened in.</param>
/// <param name="Median">Half of them took no longer.</param>
/// <param name="P90">Nine of ten took no longer.</param>
public sealed record CaseTimes(int Cases, TimeSpan? Median, TimeSpan? P90)
{
    public static CaseTimes Of(IEnumerable<TimeSpan> times)
    {
        var sorted = times.Order().ToList();
        return sorted.Count == 0 ? new CaseTimes(0, null, null) : new CaseTimes(sorted.Count, sorted[(sorted.Count - 1) / 2], sorted[Math.Min(sorted.Count - 1, (int)Math.Ceiling(sorted.Count * 0.9) - 1)]);
    }
}

/// <summary>How the cases that were opened in a time went.</summary>
/// <param name="ByStatus">How many stand so now.</param>
/// <param name="Acknowledge">From opening until somebody took it up.</param>
/// <param name="Contain">From opening until it was contained the first time.</param>
/// <param name="Close">From opening until it was closed.</param>
public sealed record CaseMetrics(int Opened, int Declared, IReadOnlyDictionary<CaseStatus, int> ByStatus, IReadOnlyDictionary<CaseResolution, int> ByResolution, CaseTimes Acknowledge, CaseTimes Contain, CaseTimes Close);

/// <summary>What people have written and planned in a case.</summary>
public sealed record CaseDeskwork(IReadOnlyList<PersonsNote> Notes, IReadOnlyList<CaseTask> Tasks);

/// <param name="Text">Markdown.</param>
public sealed record PersonsNote(long Number, string Who, DateTimeOffset At, string Text);
