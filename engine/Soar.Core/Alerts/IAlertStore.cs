namespace Soar.Alerts;

/// <summary>
/// Where alerts are kept, in the database of the runs and through the same writer, from the commit that took them. Each waits until it was looked at, and ends in exactly one state. Thread-safe.
/// </summary>
public interface IAlertStore
{
    /// <summary>
    /// Keeps what a source heard, all or nothing. An alert with an <see cref="Alert.Id"/> that the source has given before is counted; if it is over, that is noted. A new one that
    /// <see cref="IncomingAlert.Handling"/> suppresses, or that repeats an earlier one, is kept as that and starts nothing; the earlier one's count rises in the same commit. Whatever else is
    /// new joins the case that its <see cref="AlertHandling.Grouping"/> leads to, or opens it, in that commit too.
    /// </summary>
    Task<IReadOnlyList<AcceptedAlert>> AcceptAsync(string source, Heard heard, DateTimeOffset now);

    /// <summary>Raised in this process when an alert waits; a hint to look, never the only way.</summary>
    event Action? Arrived;

    /// <summary>How many alerts wait.</summary>
    Task<int> CountWaitingAsync();

    /// <summary>Alerts that wait, oldest first.</summary>
    Task<IReadOnlyList<AlertRecord>> WaitingAsync(int max);

    /// <summary>What became of an alert that waited. What went wrong with playbooks is shown with the triggers' other errors too. Nothing changes when it waits no more.</summary>
    Task DecidedAsync(AlertId alert, AlertState state, string? reason, IReadOnlyList<TriggerAnswer> triggers, DateTimeOffset now);

    /// <summary>Raised in this process when it is on disk what became of an alert, with what each playbook said; whoever has not listened asks <see cref="AnswersAsync"/>.</summary>
    event Action<AlertId, IReadOnlyList<TriggerAnswer>>? Decided;

    /// <summary>What each playbook said to an alert; null while it waits.</summary>
    Task<IReadOnlyList<TriggerAnswer>?> AnswersAsync(AlertId alert);

    /// <summary>Lets an alert wait again, for playbooks that were mended or written meanwhile; those that it has started are not started again. A repeat, and what was suppressed, then stands for itself. False when it waits already.</summary>
    Task<bool> ReopenAsync(AlertId alert);

    /// <summary>Newest first.</summary>
    Task<IReadOnlyList<AlertRecord>> ListAsync(AlertState? state, string? source, int max);

    /// <summary>The repeats of an alert, newest first.</summary>
    Task<IReadOnlyList<AlertRecord>> DuplicatesAsync(long number, int max);

    /// <summary>The alerts of a case, oldest first; repeats too.</summary>
    Task<IReadOnlyList<AlertRecord>> OfCaseAsync(string caseId, int max);

    /// <summary>Raised in this process when an alert has opened a case; a hint.</summary>
    event Action? CaseOpened;

    /// <summary>By id or number; null when there is none.</summary>
    Task<AlertRecord?> FindAsync(string idOrNumber);

    /// <summary>What each source has handed over, by name.</summary>
    Task<IReadOnlyList<SourceCounts>> SourcesAsync();

    /// <summary>What could not be read, newest first. Of each source so many are kept; the counts keep all.</summary>
    Task<IReadOnlyList<UnreadableRecord>> UnreadableAsync(string? source, int max);
}

/// <summary>Where an alert stands. Persisted; only grows.</summary>
public enum AlertState
{
    /// <summary>On disk, and not looked at yet.</summary>
    Waiting = 0,

    /// <summary>At least one playbook wanted it; its runs are named. What failed besides stands at their triggers.</summary>
    Started = 1,

    /// <summary>No playbook wanted it.</summary>
    NoTrigger = 2,

    /// <summary>Nothing was started, and at least one playbook could not be asked or started: nobody knows whether it should have been.</summary>
    Failed = 3,

    /// <summary>It repeats another alert, whose number is kept with it, within that one's window: it started nothing.</summary>
    Duplicate = 4,

    /// <summary>A rule of the settings, whose name is kept with it, suppressed it: it started nothing.</summary>
    Suppressed = 5,
}

/// <summary>An alert as it is kept.</summary>
public sealed record AlertRecord
{
    public required AlertId Id { get; init; }

    /// <summary>1, 2, 3 …: what people say on the telephone.</summary>
    public required long Number { get; init; }

    /// <summary>The instance that it came from.</summary>
    public required string Source { get; init; }
    public required Alert Alert { get; init; }
    public required DateTimeOffset ReceivedAt { get; init; }
    public required AlertState State { get; init; }

    /// <summary>Why it failed, or why nothing was started.</summary>
    public string? Reason { get; init; }
    public DateTimeOffset? DecidedAt { get; init; }

    /// <summary>What a rule has changed in it before it was kept.</summary>
    public AlertRouting? Routed { get; init; }

    /// <summary>The case that it was grouped into; its runs belong to that one.</summary>
    public string? CaseId { get; init; }

    /// <summary>That case's number.</summary>
    public int? CaseNumber { get; init; }

    /// <summary>The number of the alert that this one repeats.</summary>
    public long? DuplicateOf { get; init; }

    /// <summary>How many alerts repeat this one.</summary>
    public int Duplicates { get; init; }

    /// <summary>The rule that suppressed it.</summary>
    public string? SuppressedBy { get; init; }

    /// <summary>How often it came: the same, by its detector's id.</summary>
    public int Times { get; init; } = 1;

    /// <summary>When it, or a repeat of it, came last.</summary>
    public required DateTimeOffset LastAt { get; init; }

    /// <summary>Since when its detector says that it is over.</summary>
    public DateTimeOffset? ResolvedAt { get; init; }

    /// <summary>What each playbook with <c>On.Alert</c> said to it.</summary>
    public IReadOnlyList<TriggerAnswer> Triggers { get; init; } = [];
}

/// <summary>What came of asking a trigger.</summary>
public enum TriggerVerdict { Started, NotWanted, Failed }

/// <summary>What one playbook said to an alert.</summary>
/// <param name="Playbook">Its name; the file's name where it does not compile.</param>
/// <param name="When">The predicates as written, one a line.</param>
/// <param name="Run">The run that was started.</param>
/// <param name="Message">What went wrong.</param>
public sealed record TriggerAnswer(string Playbook, string Version, TriggerVerdict Verdict, string When, RunId? Run = null, string? Message = null);

/// <summary>What a source has handed over since it is there.</summary>
/// <param name="Alerts">Alerts that were new.</param>
/// <param name="Repeated">Alerts that were known already.</param>
/// <param name="Ignored">Messages that were no alerts by its settings.</param>
/// <param name="Duplicates">How many of the new ones repeat another.</param>
/// <param name="Suppressed">How many of the new ones a rule suppressed.</param>
public sealed record SourceCounts(string Source, long Alerts, long Repeated, long Ignored, long Unreadable, DateTimeOffset LastAt, long Duplicates = 0, long Suppressed = 0);

/// <summary>What came and could not be read.</summary>
public sealed record UnreadableRecord(string Source, string Text, string Problem, DateTimeOffset FirstAt, DateTimeOffset LastAt, int Times);
