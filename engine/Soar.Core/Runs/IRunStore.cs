namespace Soar.Runs;

/// <summary>
/// What a driver changes together with the records it appends: all in one commit, or nothing.
/// </summary>
public sealed record RunWrite
{
    public required RunId Run { get; init; }

    /// <summary>
    /// The epoch under which the writer drives the run; another one fails with <see cref="LeaseLostException"/> and writes nothing. So does a write after the lease was given
    /// up (see <see cref="Status"/>): claim the run again first. A lease that expired but was taken by nobody still counts.
    /// </summary>
    public required long Epoch { get; init; }
    public IReadOnlyList<JournalRecord> Records { get; init; } = [];

    /// <summary>Ids of inbox items that these records consume.</summary>
    public IReadOnlyList<string> Consume { get; init; } = [];
    public IReadOnlyList<Question> Ask { get; init; } = [];

    /// <summary>Questions whose <see cref="Question.EscalateTo"/> may answer from this time on.</summary>
    public IReadOnlyList<(QuestionId Id, DateTimeOffset At)> Escalate { get; init; } = [];

    /// <summary>
    /// Questions that end without an answer (expired, withdrawn). One that was answered meanwhile stays answered; its answer is in the inbox. A run's end withdraws
    /// what is still open by itself.
    /// </summary>
    public IReadOnlyList<(QuestionId Id, QuestionStatus Status)> CloseQuestions { get; init; } = [];

    /// <summary>
    /// New status; null = unchanged. Waiting, an end state, Paused, Quarantined and Parked also give up the lease. Running keeps it. An ended run takes one kind of
    /// write: Running under its last epoch (a failed run is resumed); the run is then due, without a lease.
    /// </summary>
    public RunStatus? Status { get; init; }

    /// <summary>
    /// The highest <see cref="InboxItem.Arrival"/> that the driver has looked at. Counts when the lease is given up: an item that is not consumed and newer than
    /// this makes the run due at once (no wake-up is lost between the driver's last look and this write); an older one was left there on purpose (a signal before its
    /// Receive) and does not. While Paused, Quarantined or Parked only Resume and Cancel count.
    /// </summary>
    public long InboxSeen { get; init; }

    /// <summary>With Status Waiting: when to look again (null = only when something arrives).</summary>
    public DateTimeOffset? WakeAt { get; init; }

    /// <summary>With Status Waiting: for what, for people who ask.</summary>
    public Awaited? WaitsFor { get; init; }

    /// <summary>With an end state: outcome or failure JSON.</summary>
    public string? Result { get; init; }
    public string? CaseId { get; init; }
    public int? Deaths { get; init; }

    /// <summary>Child runs to create in the same commit.</summary>
    public IReadOnlyList<NewRun> Children { get; init; } = [];

    /// <summary>
    /// With an end state: the run that takes over from this one, created in the same commit. Whoever cancels this run from then on, or did so without its driver having seen it, cancels that
    /// one (and so on to the one that goes on now).
    /// </summary>
    public NewRun? Successor { get; init; }

    /// <summary>Items for other runs' inboxes (a child telling its parent).</summary>
    public IReadOnlyList<InboxItem> Send { get; init; } = [];

    /// <summary>
    /// Ledger rows to insert or replace (by id), with their holders. Holders are added or replaced by (run, ordinal), never removed, and Until never falls below the latest
    /// of the holders that have not released: two runs that hold one containment cannot shorten each other's. A row whose
    /// <see cref="Containment.Version"/> is not the stored one, and a second standing row for the same action, instance and target, are refused with
    /// <see cref="ContainmentChangedException"/>; nothing of the write is kept, and the driver reads the standing one and decides anew.
    /// </summary>
    public IReadOnlyList<Containment> Containments { get; init; } = [];

    /// <summary>Effects whose intents are among the records. One that may not begin refuses the whole write with <see cref="EffectHeldException"/> or <see cref="OverBudgetException"/>.</summary>
    public IReadOnlyList<EffectBegin> Begins { get; init; } = [];

    /// <summary>Effects that are held from now on: lifting the switch wakes their runs. One that nothing holds refuses the whole write with <see cref="EffectFreeException"/>.</summary>
    public IReadOnlyList<HeldEffect> Hold { get; init; } = [];

    /// <summary>Calls whose effects are held no more: they began, or nobody wants them.</summary>
    public IReadOnlyList<int> Release { get; init; } = [];
}

/// <summary>
/// The durable store of runs. Every method that writes returns when its change is on disk (group commit: many callers share one commit).
/// Reads see everything that was committed before they were called. Thread-safe.
/// </summary>
public interface IRunStore
{
    /// <summary>
    /// Creates a run with its Started record. With a trigger key that exists already, returns the existing run's id and writes nothing. Where a <see cref="RunLimit"/> leaves no room it stands
    /// in line, without a lease, also when it came with one.
    /// </summary>
    Task<RunId> CreateAsync(NewRun run);

    /// <summary>
    /// Appends and changes as one; see <see cref="RunWrite"/>. Throws <see cref="LeaseLostException"/>; <see cref="ContainmentChangedException"/> when a ledger row moved on;
    /// <see cref="EffectNotBegunException"/> when an effect may not begin.
    /// </summary>
    Task WriteAsync(RunWrite write);

    /// <summary>
    /// Takes the lease of up to <paramref name="max"/> runs that are due: Running without a living lease; Waiting with WakeAt reached or anything in the inbox
    /// newer than the last look (<see cref="RunWrite.InboxSeen"/>); Paused, Quarantined or Parked with a Resume or Cancel newer than the last look. Each gets a new epoch,
    /// status Running and the lease. Oldest due first, each lane as if it had become due <see cref="Lanes.Behind"/> after the one before; what wakes by the clock is taken oldest first,
    /// and lanes count among those taken.
    /// </summary>
    Task<IReadOnlyList<Run>> ClaimDueAsync(string owner, DateTimeOffset now, TimeSpan lease, int max);

    /// <summary>
    /// Takes the lease of one run whatever its status, unless somebody else holds a living lease (then null; null too when there is no such run). A waiting run becomes Running; Paused, Quarantined and
    /// Parked stay what they are until the driver writes another status. An ended run is returned without a lease, one that stands in line not at all.
    /// </summary>
    Task<Run?> ClaimAsync(RunId run, string owner, DateTimeOffset now, TimeSpan lease);

    /// <summary>Extends the leases of all runs that this owner drives; returns those it has lost.</summary>
    Task<IReadOnlyList<RunId>> RenewLeasesAsync(string owner, IReadOnlyCollection<(RunId Run, long Epoch)> runs, DateTimeOffset now, TimeSpan lease);

    /// <summary>
    /// Puts an item in a run's inbox. False when that id was there before or the run has ended (nothing is written); a Cancel of an ended run goes to its successor, where it has one.
    /// </summary>
    Task<bool> SendAsync(InboxItem item);

    /// <summary>Records an answer to an open question and, when the quorum is reached (or it was refused, or is no approval), closes it and tells the run's inbox (item id and key: the question id), as one. Returns the question afterwards. Throws <see cref="NotFoundException"/>; <see cref="SoarException"/> SOAR2030 when it is closed or this person answered already (<see cref="Question.AnsweredBy"/>).</summary>
    Task<Question> AnswerAsync(QuestionId question, Answer answer);

    /// <summary>
    /// Raised in this process after a commit that put something in a run's inbox, created a run or made one due, before its writer goes on; a hint to look, never the only way. Whoever hears it
    /// takes notice and does nothing more: the store may stand still meanwhile.
    /// </summary>
    event Action<RunId>? Arrived;

    /// <summary>When the next waiting run wakes by the clock; null when none does.</summary>
    Task<DateTimeOffset?> NextWakeAsync();

    Task<Run?> FindAsync(RunId run);

    /// <summary>The run that this trigger key has started; null when it has started none.</summary>
    Task<RunId?> FindTriggeredAsync(string key);

    /// <summary>The TLP of the case with this id; null when there is no such case.</summary>
    Task<Tlp?> CaseTlpAsync(string caseId);

    /// <summary>The whole journal in order of <see cref="JournalRecord.Seq"/>. Large payloads are given back whole.</summary>
    Task<IReadOnlyList<JournalRecord>> ReadJournalAsync(RunId run);
    Task<IReadOnlyList<InboxItem>> ReadInboxAsync(RunId run);

    /// <summary>Newest first.</summary>
    Task<IReadOnlyList<Run>> ListAsync(RunStatus? status, string? playbook, int max);
    Task<IReadOnlyList<Question>> QuestionsAsync(RunId? run, QuestionStatus? status);

    /// <summary>One question with its answers so far; null when there is none.</summary>
    Task<Question?> FindQuestionAsync(QuestionId id);

    /// <summary>Containments, standing ones first. <paramref name="dueBefore"/>: only Active ones whose Until is not after it.</summary>
    Task<IReadOnlyList<Containment>> ContainmentsAsync(DateTimeOffset? dueBefore, string? caseId, bool standingOnly);

    /// <summary>The standing containment (Pending, Active, Found, Lifting, Unknown, LiftFailed) of this action, instance and target; null when none stands.</summary>
    Task<Containment?> FindContainmentAsync(string action, string instance, string target);

    /// <summary>Inserts or replaces a ledger row outside a run (a lift), conditional on its present status and version. False when either is another one.</summary>
    Task<bool> UpdateContainmentAsync(Containment containment, ContainmentStatus expected);

    /// <summary>Switches on: when it returns, no effect that the switch holds begins any more, on any engine. One that is on already and holds the same is returned instead.</summary>
    Task<KillSwitch> SwitchOnAsync(KillSwitch killSwitch);

    /// <summary>Allows again what it held, and wakes the runs of what nothing else holds, in the order in which they were held. Throws <see cref="NotFoundException"/> when no such switch is on.</summary>
    Task<KillSwitch> SwitchOffAsync(Guid killSwitch, string by, string reason, DateTimeOffset at);

    /// <summary>Kill switches, the oldest first.</summary>
    /// <param name="all">Those that were lifted too.</param>
    Task<IReadOnlyList<KillSwitch>> SwitchesAsync(bool all);

    /// <summary>What is held now, of runs that have not ended, in the order in which it was held.</summary>
    Task<IReadOnlyList<HeldEffect>> HeldAsync(RunId? run);

    /// <summary>
    /// From now on these limits hold, in place of all before. Runs that are under way go on whatever they say; those that stand in line for a limit that is wider now, or gone, begin in their order.
    /// </summary>
    Task LimitAsync(IReadOnlyCollection<RunLimit> limits);

    /// <summary>Where a run stands in line; null when it does not.</summary>
    Task<InLine?> InLineAsync(RunId run);

    /// <summary>Keeps a playbook version's source under its hash; the same again is no error.</summary>
    Task PutVersionAsync(Hosting.CompiledPlaybook playbook, DateTimeOffset now);

    /// <summary>Source and header of a stored version; AssemblyPath is empty. Null when unknown.</summary>
    Task<Hosting.CompiledPlaybook?> FindVersionAsync(string hash);
    Task<Hosting.CompiledPlaybook?> NewestVersionAsync(string playbook);
}
