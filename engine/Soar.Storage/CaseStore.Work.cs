using Dapper;
using Microsoft.Data.Sqlite;
using Soar.Cases;

namespace Soar.Storage;

/// <summary>What people do with cases. Each change stands in the case's timeline with what was there before, in the same commit.</summary>
public sealed partial class CaseStore
{
    /// <summary>A note's longest text, in characters.</summary>
    public const int LongestNote = 50_000;

    private const int LongestTitle = 300;

    /// <summary>Changes what is given; the case afterwards. Throws <see cref="NotFoundException"/>, and SOAR2014 when it was merged into another or would be closed without a resolution.</summary>
    public async Task<CaseFile> ChangeAsync(CaseId id, CaseEdit edit, string by, DateTimeOffset at)
    {
        Check(edit);
        return await database.WriteAsync(session =>
        {
            var db = session.Connection;
            var before = Standing(db, id);
            var after = Apply(before, edit, by, at);
            foreach (var (what, old, now) in Differences(before, after)) Note(db, id, at, by, what, edit.Reason.Trim(), old, now);
            db.Execute(
                """
                UPDATE cases SET title = @Title, severity = @Severity, priority = @Priority, tlp = @tlp, status = @status, resolution = @resolution, owner = @Owner, declared_at = @declared,
                    declared_by = @DeclaredBy, acknowledged_at = @acknowledged, contained_at = @contained, closed_at = @closed
                WHERE id = @id
                """,
                new
                {
                    id = id.ToString(), after.Title, after.Severity, after.Priority, tlp = (int)after.Tlp, status = (int)after.Status, resolution = (int?)after.Resolution, after.Owner, declared = Ms(after.DeclaredAt),
                    after.DeclaredBy, acknowledged = Ms(after.AcknowledgedAt), contained = Ms(after.ContainedAt), closed = Ms(after.ClosedAt),
                });
            return after;
        });
    }

    /// <summary>Adds what a person writes, Markdown. Whoever writes in a new case has taken it up.</summary>
    public async Task<PersonsNote> NoteAsync(CaseId id, string text, string by, DateTimeOffset at)
    {
        if (string.IsNullOrWhiteSpace(text) || text.Length > LongestNote) throw Refused($"a note has 1 to {LongestNote} characters");
        return await database.WriteAsync(session =>
        {
            var db = session.Connection;
            Standing(db, id);
            Acknowledge(db, id, at);
            var number = db.ExecuteScalar<long>("INSERT INTO case_notes (case_id, at, who, text) VALUES (@id, @at, @by, @text) RETURNING note_no", new { id = id.ToString(), at = Ms(at), by, text });
            return new PersonsNote(number, by, at, text);
        });
    }

    /// <summary>Adds something to be done.</summary>
    public async Task<CaseTask> AddTaskAsync(CaseId id, string title, string? assignee, DateTimeOffset? due, string by, DateTimeOffset at)
    {
        CheckTitle(title);
        return await database.WriteAsync(session =>
        {
            var db = session.Connection;
            Standing(db, id);
            Acknowledge(db, id, at);
            var number = db.ExecuteScalar<long>(
                "INSERT INTO case_tasks (case_id, title, assignee, due, created_at, created_by) VALUES (@id, @title, @assignee, @due, @at, @by) RETURNING task_no",
                new { id = id.ToString(), title = title.Trim(), assignee = Name(assignee), due = Ms(due), at = Ms(at), by });
            Note(db, id, at, by, "task", $"Task {number} is to be done: {title.Trim()}", null, Name(assignee));
            return Task(db, id, number)!;
        });
    }

    /// <summary>Changes a task; as it is afterwards. An assignee of no letters is nobody.</summary>
    public async Task<CaseTask> ChangeTaskAsync(CaseId id, long number, TaskEdit edit, string by, DateTimeOffset at)
    {
        if (edit.Title is not null) CheckTitle(edit.Title);
        return await database.WriteAsync(session =>
        {
            var db = session.Connection;
            Standing(db, id);
            var before = Task(db, id, number) ?? throw new NotFoundException("task of this case", $"{number}", "'soar cases <case>' lists them.");
            var done = edit.Done ?? before.DoneAt is not null;
            db.Execute(
                "UPDATE case_tasks SET title = @title, assignee = @assignee, due = @due, done_at = @doneAt, done_by = @doneBy WHERE task_no = @number",
                new
                {
                    number, title = edit.Title?.Trim() ?? before.Title, assignee = edit.Assignee is null ? before.Assignee : Name(edit.Assignee), due = Ms(edit.Due ?? before.Due),
                    doneAt = Ms(done ? before.DoneAt ?? at : null), doneBy = done ? before.DoneBy ?? by : null,
                });
            var after = Task(db, id, number)!;
            if (after != before) Note(db, id, at, by, "task", $"Task {number} {(done == before.DoneAt is not null ? "was changed" : done ? "is done" : "is to be done after all")}: {after.Title}", before.Assignee, after.Assignee);
            return after;
        });
    }

    /// <summary>From now on everything that belongs to the case is kept, whatever the settings say. A hold that stands is left as it is. Throws SOAR2014 when nobody says why.</summary>
    public async Task<CaseFile> HoldAsync(CaseId id, string reason, string by, DateTimeOffset at)
    {
        if (string.IsNullOrWhiteSpace(reason)) throw Refused("say why the case is put on hold: an order, a request of a court");
        return await database.WriteAsync(session =>
        {
            var db = session.Connection;
            if (Standing(db, id).HeldAt is null)
            {
                db.Execute("UPDATE cases SET held_at = @at, held_by = @by, hold_reason = @reason WHERE id = @id", new { id = id.ToString(), at = Ms(at), by, reason = reason.Trim() });
                Note(db, id, at, by, "hold", reason.Trim());
            }

            return Find(db, id.ToString())!;
        });
    }

    /// <summary>What belongs to the case is kept as long as the settings say again. Throws SOAR2014 when it is not on hold, or nobody says why.</summary>
    public async Task<CaseFile> ReleaseAsync(CaseId id, string reason, string by, DateTimeOffset at)
    {
        if (string.IsNullOrWhiteSpace(reason)) throw Refused("say why the hold is over");
        return await database.WriteAsync(session =>
        {
            var db = session.Connection;
            var held = Standing(db, id);
            if (held.HeldAt is null) throw Refused($"case {held.Number} is not on hold");
            db.Execute("UPDATE cases SET held_at = NULL, held_by = NULL, hold_reason = NULL WHERE id = @id", new { id = id.ToString() });
            Note(db, id, at, by, "hold over", reason.Trim(), held.HoldReason);
            return Find(db, id.ToString())!;
        });
    }

    private static void Check(CaseEdit edit)
    {
        if (edit.Title is not null) CheckTitle(edit.Title);
        if (edit.Severity is < 0 or > 100) throw Refused($"severity is {edit.Severity}; it goes from 1 to 100, 0 is unset");
        if (edit.Priority is < 0 or > 5) throw Refused($"priority is {edit.Priority}; it goes from 1, the most urgent, to 5, and 0 is unset");
    }

    private static void CheckTitle(string title)
    {
        if (string.IsNullOrWhiteSpace(title) || title.Length > LongestTitle) throw Refused($"a title has 1 to {LongestTitle} characters");
    }

    private static CaseFile Apply(CaseFile c, CaseEdit edit, string by, DateTimeOffset at)
    {
        var status = edit.Status ?? c.Status;
        var resolution = status == CaseStatus.Closed ? edit.Resolution ?? c.Resolution : null;
        if (status == CaseStatus.Closed && resolution is null) throw Refused("a closed case needs its resolution: resolved, false positive, benign, duplicate or inconclusive");
        if (status != CaseStatus.Closed && edit.Resolution is not null) throw Refused("only a closed case has a resolution");
        var owner = edit.Owner is null ? c.Owner : Name(edit.Owner);
        // Whoever takes a new case is at work on it.
        if (status == CaseStatus.New && owner is not null && c.Owner is null && edit.Status is null) status = CaseStatus.Open;
        var declared = edit.Declared ?? c.DeclaredAt is not null;
        return c with
        {
            Title = edit.Title?.Trim() ?? c.Title, Severity = edit.Severity ?? c.Severity, Priority = edit.Priority is { } priority ? priority == 0 ? null : priority : c.Priority, Tlp = edit.Tlp ?? c.Tlp,
            Status = status, Resolution = resolution, Owner = owner, DeclaredAt = declared ? c.DeclaredAt ?? at : null, DeclaredBy = declared ? c.DeclaredBy ?? by : null,
            AcknowledgedAt = c.AcknowledgedAt ?? (status == CaseStatus.New ? null : at), ContainedAt = c.ContainedAt ?? (status == CaseStatus.Contained ? at : null),
            ClosedAt = status == CaseStatus.Closed ? c.Status == CaseStatus.Closed ? c.ClosedAt : at : null,
        };
    }

    private static IEnumerable<(string What, string? Old, string? New)> Differences(CaseFile before, CaseFile after)
    {
        if (before.Title != after.Title) yield return ("title", before.Title, after.Title);
        if (before.Severity != after.Severity) yield return ("severity", $"{before.Severity}", $"{after.Severity}");
        if (before.Priority != after.Priority) yield return ("priority", before.Priority?.ToString(System.Globalization.CultureInfo.InvariantCulture), after.Priority?.ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (before.Tlp != after.Tlp) yield return ("tlp", before.Tlp.Words(), after.Tlp.Words());
        if (before.Owner != after.Owner) yield return ("owner", before.Owner, after.Owner);
        if (before.Status != after.Status || before.Resolution != after.Resolution) yield return ("status", Stands(before), Stands(after));
        if (before.DeclaredAt is null != after.DeclaredAt is null) yield return (after.DeclaredAt is null ? "no incident" : "declared", null, null);
    }

    private static string Stands(CaseFile c) => c.Resolution is { } resolution ? $"{c.Status} ({resolution})" : c.Status.ToString();

    private static void Acknowledge(SqliteConnection db, CaseId id, DateTimeOffset at) =>
        db.Execute("UPDATE cases SET acknowledged_at = @at WHERE id = @id AND acknowledged_at IS NULL", new { id = id.ToString(), at = Ms(at) });

    private static void Note(SqliteConnection db, CaseId id, DateTimeOffset at, string who, string what, string text, string? old = null, string? now = null) => db.Execute(
        "INSERT INTO case_events (case_id, at, who, what, text, old, new) VALUES (@id, @at, @who, @what, @text, @old, @now)", new { id = id.ToString(), at = Ms(at), who, what, text, old, now });

    /// <summary>The case, if something may be changed in it.</summary>
    private static CaseFile Standing(SqliteConnection db, CaseId id)
    {
        var found = Find(db, id.ToString()) ?? throw new NotFoundException("case", id.ToString(), "'soar cases' lists them with their numbers.");
        return found.MergedInto is { } into ? throw Refused($"case {found.Number} was merged into case {into}: what lay in it lies there") : found;
    }

    private static CaseTask? Task(SqliteConnection db, CaseId id, long number) => Tasks(db, id).FirstOrDefault(t => t.Number == number);

    private static IReadOnlyList<CaseTask> Tasks(SqliteConnection db, CaseId id) =>
    [
        .. db.Query<(long Number, string Title, string? Assignee, long? Due, long CreatedAt, string CreatedBy, long? DoneAt, string? DoneBy)>(
            "SELECT task_no, title, assignee, due, created_at, created_by, done_at, done_by FROM case_tasks WHERE case_id = @id ORDER BY task_no", new { id = id.ToString() })
            .Select(t => new CaseTask(t.Number, t.Title, t.Assignee, Maybe(t.Due), Time(t.CreatedAt), t.CreatedBy, Maybe(t.DoneAt), t.DoneBy)),
    ];

    private static string? Name(string? name) => string.IsNullOrWhiteSpace(name) ? null : name.Trim();

    private static long? Ms(DateTimeOffset? time) => time is { } given ? Ms(given) : null;

    private static SoarException Refused(string why) => new("SOAR2014", $"Nothing was changed: {why}.");
}
