using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using Soar.Capabilities;
using Soar.Cases;

namespace Soar.Storage;

/// <summary>What changed in cases, kept until a trigger has looked at it.</summary>
public sealed partial class CaseStore
{
    /// <inheritdoc/>
    public event Action? Changed;

    /// <summary>Something else of this process has opened a case.</summary>
    public void Tell() => Changed?.Invoke();

    /// <inheritdoc/>
    public Task<IReadOnlyList<CaseChanged>> ChangesAsync(int max) => database.Readers.ReadAsync<IReadOnlyList<CaseChanged>>(reader =>
    {
        var db = reader.Connection;
        var rows = db.Query<ChangeRow>(
            """
            SELECT ch.change_no AS Change, ch.what, r.id AS Run, c.id AS CaseId, a.alert FROM case_changes AS ch
            JOIN cases AS c ON c.id = ch.case_id LEFT JOIN runs AS r ON r.run_no = ch.run_no LEFT JOIN alerts AS a ON a.alert_no = c.alert_no
            WHERE ch.handled_at IS NULL ORDER BY ch.change_no LIMIT @max
            """,
            new { max }).ToList();
        var states = rows.Select(r => r.CaseId).Distinct().ToDictionary(id => id, id => (File: Find(db, id)!, Facts: Facts(db, id)));
        return
        [
            .. rows.Select(r => (Row: r, Case: states[r.CaseId])).Select(c => new CaseChanged(
                c.Row.Change,
                new CaseState(c.Row.CaseId, c.Case.File.Number, c.Case.File.Title, c.Case.File.Severity, c.Case.File.Tlp, c.Case.Facts, (CaseChange)c.Row.What),
                c.Row.Run is { } run ? RunId.Parse(run) : null,
                c.Case.File.Run,
                c.Row.Alert is { } alert ? JsonSerializer.Deserialize<Alert>(alert, SoarJson.Options) : null)),
        ];
    });

    /// <inheritdoc/>
    public Task HandledAsync(IReadOnlyCollection<long> changes, IReadOnlyCollection<TriggerError> errors, DateTimeOffset at) => database.WriteAsync(session =>
    {
        foreach (var change in changes) session.Connection.Execute("UPDATE case_changes SET handled_at = @at WHERE change_no = @change AND handled_at IS NULL", new { change, at = Ms(at) });
        foreach (var error in errors)
        {
            session.Connection.Execute(
                """
                INSERT INTO trigger_errors (subject, playbook, message, at, times) VALUES (@Subject, @Playbook, @Message, @at, 1)
                ON CONFLICT (subject, playbook) DO UPDATE SET message = excluded.message, at = excluded.at, times = trigger_errors.times + 1
                """,
                new { error.Subject, error.Playbook, error.Message, at = Ms(error.At) });
        }

        return true;
    });

    /// <inheritdoc/>
    public Task<IReadOnlyList<TriggerError>> TriggerErrorsAsync(int max) => database.Readers.ReadAsync<IReadOnlyList<TriggerError>>(reader =>
    [
        .. reader.Connection.Query<ErrorRow>("SELECT subject, playbook, message, at, times FROM trigger_errors ORDER BY at DESC, subject LIMIT @max", new { max })
            .Select(e => new TriggerError(e.Subject, e.Playbook, e.Message, Time(e.At), (int)e.Times)),
    ]);

    private static void Change(SqliteConnection db, string caseId, long runNo, CaseChange what, DateTimeOffset at) =>
        db.Execute("INSERT INTO case_changes (case_id, run_no, what, at) VALUES (@caseId, @runNo, @what, @at)", new { caseId, runNo, what = (int)what, at = Ms(at) });

    private static IReadOnlyList<JudgedObservable> Facts(SqliteConnection db, string caseId) =>
    [
        .. db.Query<(string Type, string Value, long Verdict)>(
            "SELECT o.type, o.value, o.verdict FROM observables AS o JOIN runs AS r ON r.run_no = o.run_no WHERE r.case_id = @caseId ORDER BY o.at, o.observable_no", new { caseId })
            .Select(o => new JudgedObservable(o.Type, o.Value, (Verdict)o.Verdict)),
    ];

    private sealed record ChangeRow(long Change, long What, string? Run, string CaseId, string? Alert);

    private sealed record ErrorRow(string Subject, string Playbook, string Message, long At, long Times);
}
