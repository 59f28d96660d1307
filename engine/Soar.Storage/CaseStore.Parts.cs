using Dapper;
using Soar.Cases;

namespace Soar.Storage;

/// <summary>Two cases that are one, and one that is two.</summary>
public sealed partial class CaseStore
{
    /// <summary>
    /// Everything that lies in one case lies in the other from now on, also what its runs and its alerts will bring; the first is closed as a duplicate and names the second, which takes the gravest
    /// severity and the strictest TLP of both. Throws <see cref="NotFoundException"/> and SOAR2014.
    /// </summary>
    public Task<CaseFile> MergeAsync(CaseId from, CaseId into, string reason, string by, DateTimeOffset at) => database.WriteAsync(session =>
    {
        var db = session.Connection;
        var (gone, kept) = (Standing(db, from), Standing(db, into));
        if (gone.Id == kept.Id) throw Refused($"case {gone.Number} cannot be merged into itself");
        var both = new { from = from.ToString(), into = into.ToString(), at = Ms(at) };
        foreach (var table in new[] { "runs", "alerts", "case_keys", "case_notes", "case_tasks", "holders" }) db.Execute($"UPDATE {table} SET case_id = @into WHERE case_id = @from", both);
        // What was merged into it before is found where everything is.
        db.Execute("UPDATE cases SET merged_into = @into WHERE merged_into = @from", both);
        db.Execute("INSERT INTO case_facts (case_id, type, value) SELECT @into, type, value FROM case_facts WHERE case_id = @from ON CONFLICT (case_id, type, value) DO NOTHING", both);
        db.Execute("DELETE FROM case_facts WHERE case_id = @from", both);
        db.Execute(
            """
            UPDATE cases SET status = 3, resolution = 3, merged_into = @into, acknowledged_at = COALESCE(acknowledged_at, @at), closed_at = COALESCE(closed_at, @at), alerts = 0 WHERE id = @from
            """, both);
        db.Execute(
            "UPDATE cases SET alerts = alerts + @Alerts, severity = CASE WHEN severity < @Severity THEN @Severity ELSE severity END, tlp = CASE WHEN tlp < @tlp THEN @tlp ELSE tlp END, acknowledged_at = COALESCE(acknowledged_at, @at) WHERE id = @into",
            new { gone.Alerts, gone.Severity, tlp = (int)gone.Tlp, both.into, both.at });
        if (gone.HeldAt is not null && kept.HeldAt is null)
        {
            // What was to be kept is to be kept where it lies now.
            db.Execute("UPDATE cases SET held_at = @held, held_by = @HeldBy, hold_reason = @HoldReason WHERE id = @into", new { held = Ms(gone.HeldAt), gone.HeldBy, gone.HoldReason, both.into });
        }

        Note(db, from, at, by, "merged", $"It was merged into case {kept.Number}{Because(reason)}");
        Note(db, into, at, by, "merged", $"Case {gone.Number} was merged into it{Because(reason)}");
        return Find(db, into.ToString())!;
    });

    /// <summary>
    /// A new case for some of a case's alerts and runs. It has the first one's severity and TLP; what the runs have found goes along. What shares something with the first goes on joining that one.
    /// Throws <see cref="NotFoundException"/>, and SOAR2014 when nothing would be moved, or what is named lies elsewhere.
    /// </summary>
    public async Task<CaseFile> SplitAsync(CaseId from, string title, IReadOnlyCollection<long> alerts, IReadOnlyCollection<RunId> runs, string by, DateTimeOffset at)
    {
        CheckTitle(title);
        var id = ids.Next().ToString("D");
        var opened = await database.WriteAsync(session =>
        {
            var db = session.Connection;
            var first = Standing(db, from);
            var of = from.ToString();
            var strangers = alerts.Where(a => db.ExecuteScalar<string?>("SELECT case_id FROM alerts WHERE alert_no = @a", new { a }) != of).Select(a => $"alert {a}")
                .Concat(runs.Where(r => db.ExecuteScalar<string?>("SELECT case_id FROM runs WHERE id = @id", new { id = r.ToString() }) != of).Select(r => $"run {r}")).ToList();
            if (strangers.Count > 0) throw Refused($"{string.Join(", ", strangers)} {(strangers.Count == 1 ? "does" : "do")} not lie in case {first.Number}");
            if (alerts.Count + runs.Count == 0) throw Refused("name the alerts and runs that the new case is to have");
            db.Execute(
                """
                INSERT INTO cases (id, number, key, alert_no, run_no, title, severity, tlp, opened_at, opened_by, status, acknowledged_at)
                VALUES (@id, (SELECT MAX(number) + 1 FROM cases), @key, @alert, (SELECT run_no FROM runs WHERE id = @run), @title, @Severity, @tlp, @at, @by, 1, @at)
                """,
                new
                {
                    id, key = $"split/{id}", alert = alerts.Count > 0 ? alerts.Min() : (long?)null, run = alerts.Count > 0 ? null : runs.Select(r => r.ToString()).Min(StringComparer.Ordinal), title = title.Trim(),
                    first.Severity, tlp = (int)first.Tlp, at = Ms(at), by,
                });
            // Repeats lie where their first does.
            var moved = 0;
            foreach (var alert in alerts)
            {
                moved += db.ExecuteScalar<int>("SELECT COUNT(*) FROM alerts WHERE alert_no = @alert AND duplicate_of IS NULL", new { alert });
                db.Execute("UPDATE alerts SET case_id = @id WHERE alert_no = @alert OR duplicate_of = @alert", new { id, alert });
            }

            foreach (var run in runs)
            {
                db.Execute("UPDATE runs SET case_id = @id WHERE id = @run", new { id, run = run.ToString() });
                db.Execute("UPDATE holders SET case_id = @id WHERE run_id = @run", new { id, run = run.ToString() });
                db.Execute("INSERT INTO case_facts (case_id, type, value) SELECT DISTINCT @id, o.type, o.value FROM observables AS o JOIN runs AS r ON r.run_no = o.run_no WHERE r.id = @run ON CONFLICT (case_id, type, value) DO NOTHING", new { id, run = run.ToString() });
            }

            db.Execute("UPDATE cases SET alerts = alerts - @moved WHERE id = @of", new { moved, of });
            db.Execute("UPDATE cases SET alerts = @moved WHERE id = @id", new { moved, id });
            db.Execute("INSERT INTO case_changes (case_id, what, at) VALUES (@id, @what, @at)", new { id, what = (int)CaseChange.Opened, at = Ms(at) });
            var made = Find(db, id)!;
            if (first.HeldAt is not null)
                db.Execute("UPDATE cases SET held_at = @held, held_by = @HeldBy, hold_reason = @HoldReason WHERE id = @id", new { held = Ms(first.HeldAt), first.HeldBy, first.HoldReason, id });
            Note(db, from, at, by, "split", $"{alerts.Count} alerts and {runs.Count} runs went into case {made.Number}: {made.Title}");
            Note(db, made.Id, at, by, "split", $"It was split off case {first.Number}");
            return made;
        });
        Changed?.Invoke();
        return opened;
    }

    private static string Because(string reason) => string.IsNullOrWhiteSpace(reason) ? "" : $": {reason.Trim()}";
}
