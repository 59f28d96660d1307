using Dapper;
using Microsoft.Data.Sqlite;
using Soar.Cases;

namespace Soar.Storage;

/// <summary>Cases and what runs put into them. A step's idempotency key is a unique column: the same step again finds what it wrote.</summary>
public sealed partial class CaseStore(SoarDatabase database, Ids ids) : ICaseStore
{
    /// <inheritdoc/>
    public async Task<CaseFile> OpenAsync(Entry entry, string title, int severity, Tlp tlp)
    {
        var id = ids.Next().ToString("D");
        var opened = await database.WriteAsync(session =>
        {
            var run = session.Get(entry.Run);
            var bound = session.Connection.ExecuteScalar<string?>("SELECT case_id FROM runs WHERE run_no = @No", new { run.No });
            if (bound is not null)
                return Find(session.Connection, bound) ?? throw new NotFoundException("case", bound, $"Run {entry.Run} was started for it. Start the run without a case, or for one of 'soar cases'.");

            session.Connection.Execute(
                """
                INSERT INTO cases (id, number, key, run_no, title, severity, tlp, opened_at, opened_by)
                VALUES (@id, (SELECT COALESCE(MAX(number), 0) + 1 FROM cases), @Key, @No, @title, @severity, @tlp, @At, (SELECT started_by FROM runs WHERE run_no = @No))
                """,
                new { id, Key = entry.Key.Value, run.No, title, severity, tlp = (int)tlp, At = Ms(entry.At) });
            session.Connection.Execute("UPDATE runs SET case_id = @id WHERE run_no = @No", new { id, run.No });
            // What the run has found before it had a case.
            session.Connection.Execute("INSERT INTO case_facts (case_id, type, value) SELECT DISTINCT @id, type, value FROM observables WHERE run_no = @No", new { id, run.No });
            Change(session.Connection, id, run.No, CaseChange.Opened, entry.At);
            return Find(session.Connection, id)!;
        });
        Changed?.Invoke();
        return opened;
    }

    /// <inheritdoc/>
    public Task AddNoteAsync(Entry entry, string text) => database.WriteAsync(session => session.Connection.Execute(
        "INSERT INTO notes (key, run_no, step, at, text) VALUES (@Key, @No, @Step, @At, @text) ON CONFLICT (key) DO NOTHING",
        new { Key = entry.Key.Value, session.Get(entry.Run).No, entry.Step, At = Ms(entry.At), text }));

    /// <inheritdoc/>
    public async Task AddObservableAsync(Entry entry, Observable observable, Verdict verdict)
    {
        await database.WriteAsync(session =>
        {
            var no = session.Get(entry.Run).No;
            var added = session.Connection.Execute(
                "INSERT INTO observables (key, run_no, step, at, type, value, verdict) VALUES (@Key, @no, @Step, @At, @Type, @Value, @verdict) ON CONFLICT (key) DO NOTHING",
                new { Key = entry.Key.Value, no, entry.Step, At = Ms(entry.At), observable.Type, observable.Value, verdict = (int)verdict });
            if (added > 0 && session.Connection.ExecuteScalar<string?>("SELECT case_id FROM runs WHERE run_no = @no", new { no }) is { } of)
            {
                Change(session.Connection, of, no, CaseChange.Observable, entry.At);
                session.Connection.Execute(InsertFact, new { @case = of, type = observable.Type, value = observable.Value });
            }

            return added;
        });
        Changed?.Invoke();
    }

    /// <inheritdoc/>
    public Task<EvidenceItem> SealAsync(Entry entry, Artifact artifact, string description)
    {
        var id = ids.Next().ToString("D");
        return database.WriteAsync(session =>
        {
            var db = session.Connection;
            var run = session.Get(entry.Run);
            if (Evidence(db, "e.key = @key", new { key = entry.Key.Value }) is [var before]) return before;

            db.Execute(
                """
                INSERT INTO evidence (id, key, run_no, step, at, sha256, size, name, media_type, description)
                VALUES (@id, @Key, @No, @Step, @At, @Sha256, @Size, @Name, @MediaType, @description)
                """,
                new { id, Key = entry.Key.Value, run.No, entry.Step, At = Ms(entry.At), artifact.Sha256, artifact.Size, artifact.Name, artifact.MediaType, description });
            Append(db, id, "sealed", db.ExecuteScalar<string>("SELECT started_by FROM runs WHERE run_no = @No", new { run.No })!, entry, artifact.Sha256);
            return Evidence(db, "e.id = @id", new { id })[0];
        });
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<CaseFile>> ListAsync(int max) => database.Readers.ReadAsync<IReadOnlyList<CaseFile>>(reader =>
        [.. reader.Connection.Query<CaseRow>($"{SelectCases} ORDER BY c.number DESC LIMIT @max", new { max }).Select(c => c.ToCase())]);

    /// <inheritdoc/>
    public Task<CaseFile?> FindAsync(string idOrNumber) => database.Readers.ReadAsync(reader => Find(reader.Connection, idOrNumber));

    /// <inheritdoc/>
    public Task<CaseContent> ReadAsync(CaseId caseId) => ReadAsync(caseId, Horizon.Everything);

    /// <summary>What runs put into it that somebody sees.</summary>
    public Task<CaseContent> ReadAsync(CaseId caseId, Horizon sight) => database.Readers.ReadAsync(reader => Content(reader.Connection, $"r.case_id = @id{sight.Runs("r")}", caseId.ToString()));

    /// <inheritdoc/>
    public Task<CaseContent> ReadRunAsync(RunId run) => database.Readers.ReadAsync(reader => Content(reader.Connection, "r.id = @id", run.ToString()));

    /// <inheritdoc/>
    public Task<IReadOnlyList<CustodyRecord>> CustodyAsync(string? evidenceId) => database.Readers.ReadAsync(reader => Custody(reader.Connection, evidenceId));

    /// <inheritdoc/>
    public Task<string?> VerifyCustodyAsync() => database.Readers.ReadAsync(reader =>
    {
        var previous = CustodyRecord.Start;
        long number = 0;
        foreach (var record in Custody(reader.Connection, null))
        {
            number++;
            if (record.Number != number) return $"Custody record {number} is missing: after {number - 1} comes {record.Number}.";
            if (record.Previous != previous) return $"Custody record {number} does not follow the one before it: it names {record.Previous}, that one's hash is {previous}.";
            if (record.ComputeHash() != record.Hash) return $"Custody record {number} was changed: its fields have the hash {record.ComputeHash()}, it says {record.Hash}.";
            previous = record.Hash;
        }

        return reader.Connection.QueryFirstOrDefault<string?>(
            """
            SELECT 'Evidence ' || e.id || ' does not agree with its custody records.' FROM evidence AS e
            WHERE NOT EXISTS (SELECT 1 FROM custody AS c WHERE c.evidence_id = e.id AND c.what = 'sealed' AND c.sha256 = e.sha256 AND c.at = e.at)
            """);
    });

    private static void Append(SqliteConnection db, string evidenceId, string what, string who, Entry entry, string sha256)
    {
        var last = db.QueryFirstOrDefault<(long Number, string Hash)?>("SELECT number, hash FROM custody ORDER BY number DESC LIMIT 1");
        var record = new CustodyRecord((last?.Number ?? 0) + 1, evidenceId, what, who, entry.At, entry.Run, entry.Step, sha256, last?.Hash ?? CustodyRecord.Start, "");
        db.Execute(
            """
            INSERT INTO custody (number, evidence_id, what, who, at, run_id, step, sha256, previous, hash)
            VALUES (@Number, @EvidenceId, @What, @Who, @at, @run, @Step, @Sha256, @Previous, @hash)
            """,
            new { record.Number, record.EvidenceId, record.What, record.Who, at = Ms(record.At), run = record.Run.ToString(), record.Step, record.Sha256, record.Previous, hash = record.ComputeHash() });
    }

    private static IReadOnlyList<CustodyRecord> Custody(SqliteConnection db, string? evidenceId) =>
    [
        .. db.Query<CustodyRow>(
            $"""
            SELECT number, evidence_id AS EvidenceId, what, who, at, run_id AS Run, step, sha256, previous, hash FROM custody
            {(evidenceId is null ? "" : "WHERE evidence_id = @evidenceId")} ORDER BY number
            """,
            new { evidenceId }).Select(c => c.ToRecord()),
    ];

    private static CaseContent Content(SqliteConnection db, string which, string id) => new(
        [.. db.Query<NoteRow>($"SELECT r.id AS Run, n.step, n.at, n.text FROM notes AS n JOIN runs AS r ON r.run_no = n.run_no WHERE {which} ORDER BY n.at, n.note_no", new { id })
            .Select(n => new CaseNote(RunId.Parse(n.Run), n.Step, Time(n.At), n.Text))],
        [.. db.Query<ObservableRow>(
            $"SELECT r.id AS Run, o.step, o.at, o.type, o.value, o.verdict FROM observables AS o JOIN runs AS r ON r.run_no = o.run_no WHERE {which} ORDER BY o.at, o.observable_no", new { id })
            .Select(o => new CaseObservable(RunId.Parse(o.Run), o.Step, Time(o.At), new Observable(o.Type, o.Value), (Verdict)o.Verdict))],
        Evidence(db, which, new { id }));

    private static IReadOnlyList<EvidenceItem> Evidence(SqliteConnection db, string which, object parameters) =>
    [
        .. db.Query<EvidenceRow>(
            $"""
            SELECT e.id, r.id AS Run, e.step, e.at, e.sha256, e.size, e.name, e.media_type AS MediaType, e.description
            FROM evidence AS e JOIN runs AS r ON r.run_no = e.run_no WHERE {which} ORDER BY e.at, e.evidence_no
            """,
            parameters).Select(e => new EvidenceItem(e.Id, RunId.Parse(e.Run), e.Step, Time(e.At), new Artifact(e.Sha256, e.Size, e.Name, e.MediaType), e.Description)),
    ];

    internal const string InsertFact = "INSERT INTO case_facts (case_id, type, value) VALUES (@case, @type, @value) ON CONFLICT (case_id, type, value) DO NOTHING";

    private const string SelectCases = """
        SELECT c.id, c.number, c.title, c.severity, c.tlp, c.opened_at AS OpenedAt, c.opened_by AS OpenedBy, r.id AS Run, c.alerts,
            c.status, c.resolution, c.priority, c.owner, c.declared_at AS DeclaredAt, c.declared_by AS DeclaredBy, c.acknowledged_at AS AcknowledgedAt, c.contained_at AS ContainedAt, c.closed_at AS ClosedAt,
            c.held_at AS HeldAt, c.held_by AS HeldBy, c.hold_reason AS HoldReason,
            (SELECT m.number FROM cases AS m WHERE m.id = c.merged_into) AS MergedInto
        FROM cases AS c LEFT JOIN runs AS r ON r.run_no = c.run_no
        """;

    private static CaseFile? Find(SqliteConnection db, string idOrNumber) => db.QueryFirstOrDefault<CaseRow>(
        $"{SelectCases} WHERE c.id = @idOrNumber OR c.number = @number",
        new { idOrNumber, number = int.TryParse(idOrNumber, out var number) ? number : 0 })?.ToCase();

    private static long Ms(DateTimeOffset time) => time.ToUnixTimeMilliseconds();
    private static DateTimeOffset Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);
    private static DateTimeOffset? Maybe(long? ms) => ms is { } given ? Time(given) : null;

    // What Dapper reads: the columns by name.
    private sealed record CaseRow(
        string Id, long Number, string Title, long Severity, long Tlp, long OpenedAt, string OpenedBy, string? Run, long Alerts, long Status, long? Resolution, long? Priority, string? Owner,
        long? DeclaredAt, string? DeclaredBy, long? AcknowledgedAt, long? ContainedAt, long? ClosedAt, long? HeldAt, string? HeldBy, string? HoldReason, long? MergedInto)
    {
        public CaseFile ToCase() => new(new CaseId(Guid.Parse(Id)), (int)Number, Title, (int)Severity, (Tlp)Tlp, Time(OpenedAt), OpenedBy, Run is null ? null : RunId.Parse(Run), (int)Alerts)
        {
            Status = (CaseStatus)Status, Resolution = (CaseResolution?)Resolution, Priority = (int?)Priority, Owner = Owner, DeclaredAt = Maybe(DeclaredAt), DeclaredBy = DeclaredBy,
            AcknowledgedAt = Maybe(AcknowledgedAt), ContainedAt = Maybe(ContainedAt), ClosedAt = Maybe(ClosedAt), HeldAt = Maybe(HeldAt), HeldBy = HeldBy, HoldReason = HoldReason, MergedInto = (int?)MergedInto,
        };
    }

    private sealed record NoteRow(string Run, string Step, long At, string Text);
    private sealed record ObservableRow(string Run, string Step, long At, string Type, string Value, long Verdict);
    private sealed record EvidenceRow(string Id, string Run, string Step, long At, string Sha256, long Size, string Name, string MediaType, string Description);

    private sealed record CustodyRow(long Number, string EvidenceId, string What, string Who, long At, string Run, string Step, string Sha256, string Previous, string Hash)
    {
        public CustodyRecord ToRecord() => new(Number, EvidenceId, What, Who, Time(At), RunId.Parse(Run), Step, Sha256, Previous, Hash);
    }
}
