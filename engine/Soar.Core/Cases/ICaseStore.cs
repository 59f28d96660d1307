using Soar.Capabilities;

namespace Soar.Cases;

/// <summary>
/// Where cases, notes, observables and evidence are kept: in the database of the runs, through the same writer. Everything a step writes carries that step's
/// <see cref="IdempotencyKey"/>: the same key again writes nothing and answers as it did the first time. What belongs to a case is what its runs wrote, also before the case was
/// opened. Thread-safe.
/// </summary>
public interface ICaseStore
{
    /// <summary>Opens a case and binds the run to it. A run that has a case gets that one. Throws <see cref="NotFoundException"/> for an unknown run.</summary>
    Task<CaseFile> OpenAsync(Entry entry, string title, int severity, Tlp tlp);

    Task AddNoteAsync(Entry entry, string text);

    Task AddObservableAsync(Entry entry, Observable observable, Verdict verdict);

    /// <summary>Keeps a piece of evidence whose bytes the caller has compared with their hash, and appends the custody record, chained to the one before it.</summary>
    Task<EvidenceItem> SealAsync(Entry entry, Artifact artifact, string description);

    /// <summary>Newest first.</summary>
    Task<IReadOnlyList<CaseFile>> ListAsync(int max);

    /// <summary>By id or number; null when there is none.</summary>
    Task<CaseFile?> FindAsync(string idOrNumber);

    /// <summary>What the case's runs wrote, in order of time.</summary>
    Task<CaseContent> ReadAsync(CaseId caseId);

    /// <summary>What one run wrote, whether it has a case or not.</summary>
    Task<CaseContent> ReadRunAsync(RunId run);

    /// <summary>The chain of custody, oldest first, of one piece of evidence or of all.</summary>
    Task<IReadOnlyList<CustodyRecord>> CustodyAsync(string? evidenceId);

    /// <summary>Raised in this process when something in a case has changed that a trigger may want; a hint to look, never the only way.</summary>
    event Action? Changed;

    /// <summary>What changed in cases and was not handled yet, oldest first. A case of a run that has none yet changes when it is opened.</summary>
    Task<IReadOnlyList<CaseChanged>> ChangesAsync(int max);

    /// <summary>These changes need not be looked at again; what went wrong with them is kept, once for each subject and playbook version.</summary>
    Task HandledAsync(IReadOnlyCollection<long> changes, IReadOnlyCollection<TriggerError> errors, DateTimeOffset at);

    /// <summary>Newest first.</summary>
    Task<IReadOnlyList<TriggerError>> TriggerErrorsAsync(int max);

    /// <summary>Recomputes the whole chain; null when it is unbroken, else what does not fit and where.</summary>
    Task<string?> VerifyCustodyAsync();
}

/// <summary>Something changed in a case.</summary>
/// <param name="Change">Its number: 1, 2, 3 … over all cases.</param>
/// <param name="State">The case as it is now.</param>
/// <param name="By">The run that changed it; null = an alert did.</param>
/// <param name="OpenedBy">The run that opened the case; null = an alert did.</param>
/// <param name="Alert">The alert that opened the case.</param>
public sealed record CaseChanged(long Change, CaseState State, RunId? By, RunId? OpenedBy, Alert? Alert = null);

/// <summary>A trigger that could not be asked, or a start that was refused.</summary>
/// <param name="Subject">What it was about: <c>case 7</c>.</param>
/// <param name="Playbook">Name and version: <c>enrich-case@1.0.0</c>; a file's name where it does not compile.</param>
/// <param name="Message">What happened and what to do.</param>
/// <param name="Times">How often it has happened.</param>
public sealed record TriggerError(string Subject, string Playbook, string Message, DateTimeOffset At, int Times = 1);

/// <summary>Which step of which run writes, under which key, when.</summary>
public sealed record Entry(IdempotencyKey Key, RunId Run, string Step, DateTimeOffset At);

/// <summary>The SOC's file on a matter.</summary>
/// <param name="Number">1, 2, 3 …: what people say on the telephone.</param>
/// <param name="OpenedBy">Who started the run that opened it; <c>alert 12</c> where an alert did.</param>
/// <param name="Run">The run that opened it; null = an alert did.</param>
/// <param name="Alerts">How many alerts were grouped into it.</param>
public sealed record CaseFile(CaseId Id, int Number, string Title, int Severity, Tlp Tlp, DateTimeOffset OpenedAt, string OpenedBy, RunId? Run, int Alerts = 0)
{
    public CaseStatus Status { get; init; }

    /// <summary>Of a closed one.</summary>
    public CaseResolution? Resolution { get; init; }

    /// <summary>1 (the most urgent) to 5; null = unset.</summary>
    public int? Priority { get; init; }

    /// <summary>Whose it is; null = nobody's.</summary>
    public string? Owner { get; init; }

    /// <summary>Since when it is a declared incident; null = it is none.</summary>
    public DateTimeOffset? DeclaredAt { get; init; }
    public string? DeclaredBy { get; init; }

    /// <summary>When somebody first took it up.</summary>
    public DateTimeOffset? AcknowledgedAt { get; init; }

    /// <summary>When it was contained the first time.</summary>
    public DateTimeOffset? ContainedAt { get; init; }
    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>Since when it is on hold: everything that belongs to it is kept, whatever the settings say; null = it is not.</summary>
    public DateTimeOffset? HeldAt { get; init; }
    public string? HeldBy { get; init; }
    public string? HoldReason { get; init; }

    /// <summary>The number of the case that it was merged into: what lay in it lies there.</summary>
    public int? MergedInto { get; init; }
}

/// <summary>What lies in a case.</summary>
public sealed record CaseContent(IReadOnlyList<CaseNote> Notes, IReadOnlyList<CaseObservable> Observables, IReadOnlyList<EvidenceItem> Evidence);

/// <param name="Text">Markdown.</param>
public sealed record CaseNote(RunId Run, string Step, DateTimeOffset At, string Text);

/// <summary>A fact seen, with the verdict of the run that added it; another run may judge otherwise.</summary>
public sealed record CaseObservable(RunId Run, string Step, DateTimeOffset At, Observable Observable, Verdict Verdict);

public sealed record EvidenceItem(string Id, RunId Run, string Step, DateTimeOffset At, Artifact Artifact, string Description);

/// <summary>One link of the chain of custody.</summary>
/// <param name="Number">1, 2, 3 … over all evidence, without gaps.</param>
/// <param name="Who">Who started the run.</param>
/// <param name="What"><c>sealed</c>.</param>
/// <param name="Previous">The hash of the record before; 64 zeros for the first.</param>
/// <param name="Hash">SHA-256 over all the other fields (see <see cref="CustodyRecord.ComputeHash"/>), 64 lower-case hex digits.</param>
public sealed record CustodyRecord(long Number, string EvidenceId, string What, string Who, DateTimeOffset At, RunId Run, string Step, string Sha256, string Previous, string Hash)
{
    /// <summary>The hash before the first record.</summary>
    public static string Start { get; } = new('0', 64);

    /// <summary>
    /// SHA-256 over the fields as UTF-8, each preceded by its length in bytes and a colon (so that no two lists of fields look alike): number, evidence id, what, who, UTC Unix
    /// milliseconds, run, step, the artifact's SHA-256, the previous hash. Anybody can recompute it.
    /// </summary>
    public string ComputeHash()
    {
        using var text = new MemoryStream();
        foreach (var field in new[]
        {
            Number.ToString(System.Globalization.CultureInfo.InvariantCulture), EvidenceId, What, Who, At.ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture),
            Run.ToString(), Step, Sha256, Previous,
        })
        {
            var bytes = System.Text.Encoding.UTF8.GetBytes(field);
            text.Write(System.Text.Encoding.UTF8.GetBytes($"{bytes.Length}:"));
            text.Write(bytes);
        }

        return Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(text.ToArray()));
    }
}
