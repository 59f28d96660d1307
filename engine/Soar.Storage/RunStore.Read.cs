using System.Text.Json;
using Soar.Capabilities;
using Soar.Hosting;
using Soar.Runs;

namespace Soar.Storage;

/// <summary>What is read back: runs, journals, inboxes, and the playbook versions that runs are pinned to.</summary>
public sealed partial class RunStore
{
    private const string Columns = """
        id, playbook, playbook_version, version_hash, mode, status, parent_id, parent_ordinal, depth, trigger_key, case_id, started_by, created_at, wake_at, ended_at, result,
        epoch, lease_owner, lease_until, deaths, successor_id,
        CASE status WHEN 1 THEN waits_for END, source, place, tlp
        """;

    private const string SelectByNo = $"SELECT {Columns} FROM runs WHERE run_no = @run";

    /// <inheritdoc/>
    public Task<Run?> FindAsync(RunId run) => database.Readers.ReadAsync(reader => Select(reader[$"SELECT {Columns} FROM runs WHERE id = @id"].Add(run.Value)));

    /// <inheritdoc/>
    public Task<RunId?> FindTriggeredAsync(string key) => database.Readers.ReadAsync(reader =>
    {
        var s = reader["SELECT id FROM runs WHERE trigger_key = @key"].Add(key);
        RunId? found = s.Step() ? RunId.Parse(s.Text(0)) : null;
        s.Reset();
        return found;
    });

    /// <summary>How many runs are due whatever the clock says, and driven by nobody; counted to <paramref name="most"/>.</summary>
    public Task<int> CountDueAsync(int most) => database.Readers.ReadAsync(reader =>
    {
        var s = reader["SELECT COUNT(*) FROM (SELECT 1 FROM runs WHERE ready = 1 LIMIT @most) AS due"].Add(most);
        var count = s.Step() ? s.Int32(0) : 0;
        s.Reset();
        return count;
    });

    /// <summary>How many runs there are of each status, those of which there are none left out.</summary>
    public Task<IReadOnlyList<(RunStatus Status, int Runs)>> CountAsync() => database.Readers.ReadAsync<IReadOnlyList<(RunStatus, int)>>(reader =>
    {
        var counts = new List<(RunStatus, int)>();
        var s = reader["SELECT status, COUNT(*) FROM runs GROUP BY status ORDER BY status"];
        while (s.Step()) counts.Add(((RunStatus)s.Int32(0), s.Int32(1)));
        return counts;
    });

    /// <inheritdoc/>
    public Task<Tlp?> CaseTlpAsync(string caseId) => database.Readers.ReadAsync(reader =>
    {
        var s = reader["SELECT tlp FROM cases WHERE id = @id"].Add(caseId);
        Tlp? tlp = s.Step() ? (Tlp)s.Int32(0) : null;
        s.Reset();
        return tlp;
    });

    // The plus keeps the index on status out of it, which would read every waiting run: in order of time, the first one or one soon after it is the answer.
    internal const string SelectNextWake = "SELECT due_at FROM runs WHERE ready = 0 AND due_at IS NOT NULL AND +status = 1 ORDER BY due_at LIMIT 1";

    /// <inheritdoc/>
    public Task<DateTimeOffset?> NextWakeAsync() => database.Readers.ReadAsync(reader =>
    {
        var s = reader[SelectNextWake];
        DateTimeOffset? wake = s.Step() ? Time(s.Int64(0)) : null;
        s.Reset();
        return wake;
    });

    /// <inheritdoc/>
    public Task<IReadOnlyList<JournalRecord>> ReadJournalAsync(RunId run) => database.Readers.ReadAsync<IReadOnlyList<JournalRecord>>(reader =>
    {
        // A long journal is read at every wake: a list that grew by doubling would leave twice its size for the collector.
        var last = reader["SELECT MAX(seq) FROM journal WHERE run_no = (SELECT run_no FROM runs WHERE id = @id)"].Add(run.Value);
        var records = new List<JournalRecord>(last.Step() ? last.Int32(0) : 0);
        last.Reset();
        var s = reader["""
            SELECT seq, at, kind, ordinal, delivery, path, action, hash, payload, artifact
            FROM journal WHERE run_no = (SELECT run_no FROM runs WHERE id = @id) ORDER BY seq
            """].Add(run.Value);
        while (s.Step())
        {
            records.Add(new JournalRecord(
                s.Int32(0), s.Int64(1), (JournalKind)s.Int32(2), s.Int32(3), (DeliveryKind)s.Int32(4), s.Text(5), s.Text(6), unchecked((ulong)s.Int64(7)),
                s.TextOrNull(9) is { } artifact ? database.Artifacts.Read(artifact) : s.Blob(8)));
        }

        return records;
    });

    /// <inheritdoc/>
    public Task<IReadOnlyList<InboxItem>> ReadInboxAsync(RunId run) => database.Readers.ReadAsync<IReadOnlyList<InboxItem>>(reader =>
    {
        var items = new List<InboxItem>();
        var s = reader["""
            SELECT arrival, id, kind, name, payload, artifact, at
            FROM inbox WHERE run_no = (SELECT run_no FROM runs WHERE id = @id) AND consumed = 0 ORDER BY arrival
            """].Add(run.Value);
        while (s.Step())
        {
            var payload = s.TextOrNull(5) is { } artifact ? database.Artifacts.Read(artifact) : s.Blob(4);
            items.Add(new InboxItem(run, s.Text(1), (InboxKind)s.Int32(2), s.Text(3), payload, Time(s.Int64(6))) { Arrival = s.Int64(0) });
        }

        return items;
    });

    /// <inheritdoc/>
    public Task<IReadOnlyList<Run>> ListAsync(RunStatus? status, string? playbook, int max) => database.Readers.ReadAsync<IReadOnlyList<Run>>(reader =>
    {
        var runs = new List<Run>();
        using var s = reader.Once($"""
            SELECT {Columns} FROM runs WHERE 1 = 1{(status is null ? "" : " AND status = @status")}{(playbook is null ? "" : " AND playbook = @playbook")}
            ORDER BY run_no DESC LIMIT @max
            """);
        if (status is { } wanted) s.Add((long)wanted);
        if (playbook is not null) s.Add(playbook);
        s.Add(max);
        while (s.Step()) runs.Add(ReadRun(s));
        return runs;
    });

    /// <summary>One page of runs, newest first: those that were created before <paramref name="before"/>; null = from the newest on.</summary>
    public Task<IReadOnlyList<Run>> PageAsync(RunFilter filter, RunId? before, int max, Horizon? sight = null) => database.Readers.ReadAsync<IReadOnlyList<Run>>(reader =>
    {
        var runs = new List<Run>();
        using var s = reader.Once(SelectPage(filter, more: before is not null, sight));
        if (filter.Playbook is { } playbook) s.Add(playbook);
        if (filter.StartedBy is { } by) s.Add(by);
        if (filter.CaseId is { } caseId) s.Add(caseId);
        if (before is { } last) s.Add(last.Value);
        s.Add(max);
        while (s.Step()) runs.Add(ReadRun(s));
        return runs;
    });

    /// <summary>Those of these runs that somebody sees.</summary>
    public Task<IReadOnlySet<RunId>> SeenAsync(IEnumerable<RunId> runs, Horizon sight) => database.Readers.ReadAsync<IReadOnlySet<RunId>>(reader =>
    {
        var seen = new HashSet<RunId>();
        foreach (var some in runs.Distinct().Chunk(500))
        {
            using var s = reader.Once($"SELECT r.id FROM runs AS r WHERE r.id IN ({string.Join(", ", some.Select((_, i) => $"@id{i}"))}){sight.Runs("r")}");
            foreach (var run in some) s.Add(run.Value);
            while (s.Step()) seen.Add(RunId.Parse(s.Text(0)));
        }

        return seen;
    });

    /// <summary>
    /// A page is read along one index, in its order. SQLite cannot know which narrows most (one million runs may be completed and three parked), so it is said here: a plus before a column keeps its index out.
    /// </summary>
    internal static string SelectPage(RunFilter filter, bool more, Horizon? sight = null)
    {
        var narrow = filter.CaseId is not null ? "case" : filter.StartedBy is not null ? "by" : filter.Playbook is not null ? filter.Status is RunStatus.Running ? "status" : "playbook" : "status";
        // Of the few that are neither under way nor completed there is an index by both.
        var few = narrow == "playbook" && filter.Status is not (null or RunStatus.Completed);
        return $"""
            SELECT {Columns} FROM runs WHERE 1 = 1
            {(filter.Status is not { } status ? "" : $" AND {(narrow == "status" || few ? "" : "+")}status = {(int)status}")}{(few ? " AND status <> 0 AND status <> 3" : "")}
            {(filter.Playbook is null ? "" : $" AND {(narrow == "playbook" ? "" : "+")}playbook = @playbook")}
            {(filter.StartedBy is null ? "" : $" AND {(narrow == "by" ? "" : "+")}started_by = @by")}{(filter.CaseId is null ? "" : " AND case_id = @case")}
            {(more ? " AND run_no < (SELECT run_no FROM runs WHERE id = @before)" : "")}{sight?.Runs("runs")}
            ORDER BY run_no DESC LIMIT @max
            """;
    }

    /// <inheritdoc/>
    public Task PutVersionAsync(CompiledPlaybook playbook, DateTimeOffset now) => database.WriteAsync(session => !session.IsNews(playbook.Header.Name, playbook.Hash) ? 0 : session["""
        INSERT INTO versions (hash, playbook, version, file, source, header, put_no, put_at)
        VALUES (@hash, @playbook, @version, @file, @source, @header, (SELECT COALESCE(MAX(put_no), 0) + 1 FROM versions), @now)
        ON CONFLICT (hash) DO UPDATE SET put_no = excluded.put_no, put_at = excluded.put_at
        WHERE versions.put_no < (SELECT MAX(newest.put_no) FROM versions AS newest WHERE newest.playbook = excluded.playbook)
        """].Add(playbook.Hash).Add(playbook.Header.Name).Add(playbook.Header.Version).Add(playbook.File).Add(playbook.Source)
        .Add(JsonSerializer.Serialize(playbook.Header, SoarJson.Options)).Add(now.ToUnixTimeMilliseconds()).Run());

    /// <inheritdoc/>
    public Task<CompiledPlaybook?> FindVersionAsync(string hash) => database.Readers.ReadAsync(reader =>
        ReadVersion(reader["SELECT hash, file, source, header FROM versions WHERE hash = @hash"].Add(hash)));

    /// <inheritdoc/>
    public Task<CompiledPlaybook?> NewestVersionAsync(string playbook) => database.Readers.ReadAsync(reader =>
        ReadVersion(reader["SELECT hash, file, source, header FROM versions WHERE playbook = @playbook ORDER BY put_no DESC LIMIT 1"].Add(playbook)));

    /// <summary>When the newest live run began that went by another text under this name and version; null when there is none.</summary>
    public Task<DateTimeOffset?> OtherContentAsync(string playbook, string version, string source) => database.Readers.ReadAsync<DateTimeOffset?>(reader =>
    {
        var s = reader["""
            SELECT MAX(r.created_at) FROM versions AS v JOIN runs AS r ON r.playbook = v.playbook AND r.version_hash = v.hash
            WHERE v.playbook = @playbook AND v.version = @version AND v.source <> @source AND r.mode = @live
            """].Add(playbook).Add(version).Add(source).Add((long)RunMode.Live);
        s.Step();
        var last = s.Int64OrNull(0);
        s.Reset();
        return last is { } at ? Time(at) : null;
    });

    private static CompiledPlaybook? ReadVersion(Statement s)
    {
        if (!s.Step()) return null;
        var version = new CompiledPlaybook(s.Text(0), "", s.Text(1), s.Text(2), JsonSerializer.Deserialize<PlaybookHeader>(s.Text(3), SoarJson.Options)!);
        s.Reset();
        return version;
    }

    private static Run? Select(Statement s)
    {
        if (!s.Step()) return null;
        var run = ReadRun(s);
        s.Reset();
        return run;
    }

    private static Run ReadRun(Statement s) => new()
    {
        Id = RunId.Parse(s.Text(0)),
        Playbook = s.Text(1),
        PlaybookVersion = s.Text(2),
        VersionHash = s.Text(3),
        Mode = (RunMode)s.Int32(4),
        Status = (RunStatus)s.Int32(5),
        Parent = s.TextOrNull(6) is { } parent ? RunId.Parse(parent) : null,
        ParentOrdinal = (int?)s.Int64OrNull(7),
        Depth = s.Int32(8),
        TriggerKey = s.TextOrNull(9),
        CaseId = s.TextOrNull(10),
        StartedBy = s.Text(11),
        CreatedAt = Time(s.Int64(12)),
        WakeAt = Time(s.Int64OrNull(13)),
        EndedAt = Time(s.Int64OrNull(14)),
        Result = s.TextOrNull(15),
        Epoch = s.Int64(16),
        LeaseOwner = s.TextOrNull(17),
        LeaseUntil = Time(s.Int64OrNull(18)),
        Deaths = s.Int32(19),
        Successor = s.TextOrNull(20) is { } successor ? RunId.Parse(successor) : null,
        Source = s.TextOrNull(22),
        InLine = s.Int64OrNull(23) == 0,
        Tlp = (Tlp)s.Int32(24),
        WaitsFor = s.TextOrNull(21) is { } waits ? JsonSerializer.Deserialize<Awaited>(waits, SoarJson.Options) : null,
    };

    private static DateTimeOffset Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);
    private static DateTimeOffset? Time(long? ms) => ms is { } given ? Time(given) : null;
}

/// <summary>Which runs are listed; what is null does not matter.</summary>
public sealed record RunFilter(RunStatus? Status, string? Playbook, string? StartedBy, string? CaseId);
