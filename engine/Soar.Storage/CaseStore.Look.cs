using System.Text;
using System.Text.Json;
using Dapper;
using Soar.Capabilities;
using Soar.Cases;
using Soar.Runs;

namespace Soar.Storage;

/// <summary>Cases as people look at them: lists, what happened, what is related, how long things took.</summary>
public sealed partial class CaseStore
{
    private const int MostShared = 5, MostMeasured = 100_000;

    /// <summary>One page of cases, newest first.</summary>
    public Task<IReadOnlyList<CaseFile>> PageAsync(CaseFilter filter, int max, Horizon? sight = null) => database.Readers.ReadAsync<IReadOnlyList<CaseFile>>(reader =>
    {
        var sql = new StringBuilder(SelectCases).Append(" WHERE 1 = 1").Append(sight?.Cases("c"));
        if (filter.Status is not null) sql.Append(" AND c.status = @status");
        if (filter.Owner is not null) sql.Append(" AND c.owner = @Owner");
        if (filter.Declared is { } declared) sql.Append(declared ? " AND c.declared_at IS NOT NULL" : " AND c.declared_at IS NULL");
        if (filter.Text is not null) sql.Append(" AND (LOWER(c.title) LIKE @like ESCAPE '!' OR EXISTS (SELECT 1 FROM case_facts AS f WHERE f.case_id = c.id AND f.value = @Text))");
        if (filter.Before is not null) sql.Append(" AND c.number < @Before");
        sql.Append(" ORDER BY c.number DESC LIMIT @max");
        return [.. reader.Connection.Query<CaseRow>(sql.ToString(), new { status = (int?)filter.Status, filter.Owner, filter.Text, like = Like(filter.Text), filter.Before, max }).Select(c => c.ToCase())];
    });

    /// <summary>Cases that are on hold, those that are so for longest first.</summary>
    public Task<IReadOnlyList<CaseFile>> HeldAsync(Horizon? sight = null) => database.Readers.ReadAsync<IReadOnlyList<CaseFile>>(reader =>
        [.. reader.Connection.Query<CaseRow>($"{SelectCases} WHERE c.held_at IS NOT NULL{sight?.Cases("c")} ORDER BY c.held_at, c.number").Select(c => c.ToCase())]);

    private static string? Like(string? text) => text is null ? null : $"%{text.ToLowerInvariant().Replace("!", "!!", StringComparison.Ordinal).Replace("%", "!%", StringComparison.Ordinal).Replace("_", "!_", StringComparison.Ordinal)}%";

    /// <summary>What people have written and planned.</summary>
    public Task<CaseDeskwork> DeskworkAsync(CaseId id) => database.Readers.ReadAsync(reader => new CaseDeskwork(
        [.. reader.Connection.Query<(long Number, string Who, long At, string Text)>("SELECT note_no, who, at, text FROM case_notes WHERE case_id = @id ORDER BY note_no", new { id = id.ToString() })
            .Select(n => new PersonsNote(n.Number, n.Who, Time(n.At), n.Text))],
        Tasks(reader.Connection, id)));

    /// <summary>Everything that happened in a case, oldest first: of each sort of thing the newest <paramref name="max"/>. What a run did is for those who see the run; what the case is about belongs to the case.</summary>
    public Task<IReadOnlyList<CaseEvent>> TimelineAsync(CaseId caseId, int max, Horizon? sight = null) => database.Readers.ReadAsync<IReadOnlyList<CaseEvent>>(reader =>
    {
        var db = reader.Connection;
        var (given, ofRun) = (new { id = caseId.ToString(), max }, sight?.Runs("r"));
        var file = Find(db, given.id) ?? throw new NotFoundException("case", given.id, "'soar cases' lists them with their numbers.");
        var events = new List<CaseEvent> { new(file.OpenedAt, file.OpenedBy, "opened", file.Title, file.Run) };
        events.AddRange(db.Query<(long At, string Who, string What, string Text, string? Old, string? New)>("SELECT at, who, what, text, old, new FROM case_events WHERE case_id = @id ORDER BY event_no DESC LIMIT @max", given).Reverse()
            .Select(e => new CaseEvent(Time(e.At), e.Who, e.What, e.Text, Old: e.Old, New: e.New)));
        events.AddRange(db.Query<(long At, string Who, string Text)>("SELECT at, who, text FROM case_notes WHERE case_id = @id ORDER BY note_no DESC LIMIT @max", given).Reverse().Select(n => new CaseEvent(Time(n.At), n.Who, "note", n.Text)));
        events.AddRange(db.Query<(long At, string Source, long Number, string Alert)>(
            $"SELECT received_at, source, alert_no, alert FROM alerts WHERE case_id = @id AND duplicate_of IS NULL{sight?.Alerts("alerts")} ORDER BY alert_no DESC LIMIT @max", given).Reverse()
            .Select(a => new CaseEvent(Time(a.At), a.Source, "alert", JsonSerializer.Deserialize<Alert>(a.Alert, SoarJson.Options)!.Title, Alert: a.Number)));
        foreach (var run in db.Query<(string Id, string Playbook, string Version, string By, long CreatedAt, long? EndedAt, long Status)>(
            $"SELECT id, playbook, playbook_version, started_by, created_at, ended_at, status FROM runs AS r WHERE case_id = @id{ofRun} ORDER BY run_no DESC LIMIT @max", given).Reverse())
        {
            events.Add(new CaseEvent(Time(run.CreatedAt), run.By, "run started", $"{run.Playbook} {run.Version}", RunId.Parse(run.Id)));
            if (run.EndedAt is { } ended) events.Add(new CaseEvent(Time(ended), $"run {run.Id}", "run ended", $"{run.Playbook} {run.Version}: {((RunStatus)run.Status).ToString().ToLowerInvariant()}", RunId.Parse(run.Id)));
        }

        events.AddRange(db.Query<(string Run, long At, string Text)>($"SELECT r.id, n.at, n.text FROM notes AS n JOIN runs AS r ON r.run_no = n.run_no WHERE r.case_id = @id{ofRun} ORDER BY n.note_no DESC LIMIT @max", given).Reverse()
            .Select(n => new CaseEvent(Time(n.At), $"run {n.Run}", "note", n.Text, RunId.Parse(n.Run))));
        events.AddRange(db.Query<(string Run, long At, string Type, string Value, long Verdict)>(
            $"SELECT r.id, o.at, o.type, o.value, o.verdict FROM observables AS o JOIN runs AS r ON r.run_no = o.run_no WHERE r.case_id = @id{ofRun} ORDER BY o.observable_no DESC LIMIT @max", given).Reverse()
            .Select(o => new CaseEvent(Time(o.At), $"run {o.Run}", "observable", $"{o.Type} {o.Value}: {((Verdict)o.Verdict).ToString().ToLowerInvariant()}", RunId.Parse(o.Run))));
        events.AddRange(db.Query<(string Run, long At, string Text, string Sha256)>(
            $"SELECT r.id, e.at, e.description, e.sha256 FROM evidence AS e JOIN runs AS r ON r.run_no = e.run_no WHERE r.case_id = @id{ofRun} ORDER BY e.evidence_no DESC LIMIT @max", given).Reverse()
            .Select(e => new CaseEvent(Time(e.At), $"run {e.Run}", "evidence", $"{e.Text}, SHA-256 {e.Sha256}", RunId.Parse(e.Run))));
        events.AddRange(db.Query<(long At, string Action, string Target, string Instance, string Run)>(
            $"SELECT c.since, c.action, c.target, c.instance, MIN(h.run_id) FROM containments AS c JOIN holders AS h ON h.containment_id = c.id JOIN runs AS r ON r.id = h.run_id WHERE h.case_id = @id{ofRun} GROUP BY c.id ORDER BY c.since DESC LIMIT @max", given).Reverse()
            .Select(c => new CaseEvent(Time(c.At), $"run {c.Run}", "containment", $"{c.Action} of {c.Target} at {c.Instance}", RunId.Parse(c.Run))));
        return [.. events.OrderBy(e => e.At)];
    });

    internal static string Related(Horizon? sight) => $"""
        SELECT other.case_id, COUNT(*) FROM case_facts AS mine JOIN case_facts AS other ON other.type = mine.type AND other.value = mine.value
        WHERE mine.case_id = @id AND other.case_id <> @id{(sight?.Cases("c") is { Length: > 0 } seen ? $" AND EXISTS (SELECT 1 FROM cases AS c WHERE c.id = other.case_id{seen})" : "")} GROUP BY other.case_id ORDER BY COUNT(*) DESC, other.case_id DESC LIMIT @max
        """;

    /// <summary>Cases that share something that they are about, those that share most first.</summary>
    public Task<IReadOnlyList<RelatedCase>> RelatedAsync(CaseId caseId, int max, Horizon? sight = null) => database.Readers.ReadAsync<IReadOnlyList<RelatedCase>>(reader =>
    {
        var db = reader.Connection;
        var id = caseId.ToString();
        return [.. db.Query<(string Id, long Count)>(Related(sight), new { id, max }).ToList().Select(related => new RelatedCase(
            Find(db, related.Id)!,
            [.. db.Query<string>(
                "SELECT mine.type || ' ' || mine.value FROM case_facts AS mine JOIN case_facts AS other ON other.type = mine.type AND other.value = mine.value WHERE mine.case_id = @id AND other.case_id = @other ORDER BY mine.type, mine.value LIMIT @MostShared",
                new { id, other = related.Id, MostShared })],
            (int)related.Count))];
    });

    /// <summary>How the cases went that were opened from then until then; those that were merged into others do not count.</summary>
    public Task<CaseMetrics> MetricsAsync(DateTimeOffset from, DateTimeOffset until, Horizon? sight = null) => MetricsAsync(from, until, MostMeasured, sight);

    /// <param name="max">No more of them than so many, the newest.</param>
    public Task<CaseMetrics> MetricsAsync(DateTimeOffset from, DateTimeOffset until, int max, Horizon? sight = null) => database.Readers.ReadAsync(reader =>
    {
        var rows = reader.Connection.Query<(long Opened, long Status, long? Resolution, long? Declared, long? Acknowledged, long? Contained, long? Closed)>(
            $"SELECT opened_at, status, resolution, declared_at, acknowledged_at, contained_at, closed_at FROM cases WHERE opened_at >= @from AND opened_at < @until AND merged_into IS NULL{sight?.Cases("cases")} ORDER BY opened_at DESC LIMIT @max",
            new { from = Ms(from), until = Ms(until), max }).ToList();
        CaseTimes Times(Func<(long Opened, long Status, long? Resolution, long? Declared, long? Acknowledged, long? Contained, long? Closed), long?> when) =>
            CaseTimes.Of(rows.Where(r => when(r) is not null).Select(r => TimeSpan.FromMilliseconds(Math.Max(0, when(r)!.Value - r.Opened))));
        return new CaseMetrics(
            rows.Count, rows.Count(r => r.Declared is not null), rows.GroupBy(r => (CaseStatus)r.Status).OrderBy(g => g.Key).ToDictionary(g => g.Key, g => g.Count()),
            rows.Where(r => r.Resolution is not null).GroupBy(r => (CaseResolution)r.Resolution!).OrderBy(g => g.Key).ToDictionary(g => g.Key, g => g.Count()),
            Times(r => r.Acknowledged), Times(r => r.Contained), Times(r => r.Closed));
    });
}
