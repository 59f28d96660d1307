using Soar.Alerts;
using Soar.Cases;

namespace Soar.Storage;

/// <summary>Alerts find their cases: in the write that keeps them, so that of two that belong together and come at once one opens the case and the other joins it.</summary>
public sealed partial class AlertStore
{
    /// <inheritdoc/>
    public event Action? CaseOpened;

    /// <inheritdoc/>
    public Task<IReadOnlyList<AlertRecord>> OfCaseAsync(string caseId, int max) => OfCaseAsync(caseId, max, Horizon.Everything);

    public Task<IReadOnlyList<AlertRecord>> OfCaseAsync(string caseId, int max, Horizon sight) => ReadAsync($"{Select} WHERE case_id = @caseId{sight.Alerts("alerts")} ORDER BY alert_no LIMIT @max", new { caseId, max });

    /// <summary>The oldest case that one of its keys leads to, or a new one; from now on all of its keys lead there.</summary>
    /// <returns>Whether it was opened.</returns>
    private bool Gather(WriteSession session, AcceptedAlert accepted, Alert alert, AlertGrouping grouping, long at)
    {
        var found = Find(session, grouping, at - (long)grouping.Within.TotalMilliseconds);
        if (found is not null && grouping.Reopens) Reopen(session, found, accepted, at);
        var id = found ?? ids.Next().ToString("D");
        if (found is null) Open(session, id, accepted, alert, grouping, at);
        // The gravest and the strictest of what lies in it.
        session["""
            UPDATE cases SET alerts = alerts + 1, severity = CASE WHEN severity < @severity THEN @severity ELSE severity END, tlp = CASE WHEN tlp < @tlp THEN @tlp ELSE tlp END WHERE id = @id
            """].Add(alert.Severity).Add((long)(alert.Tlp ?? Tlp.Clear)).Add(id).Run();
        session["UPDATE alerts SET case_id = @case WHERE alert_no = @no"].Add(id).Add(accepted.Number).Run();
        foreach (var key in grouping.Keys)
        {
            session["""
                INSERT INTO case_keys (rule, key, case_id, last_at) VALUES (@rule, @key, @case, @at)
                ON CONFLICT (rule, key) DO UPDATE SET case_id = excluded.case_id, last_at = excluded.last_at
                """].Add(grouping.Rule).Add(key).Add(id).Add(at).Run();
            var colon = key.IndexOf(':');
            if (colon > 0 && colon + 1 < key.Length) session[CaseStore.InsertFact].Add(id).Add(key[..colon]).Add(key[(colon + 1)..]).Run();
        }

        return found is null;
    }

    private static string? Find(WriteSession session, AlertGrouping grouping, long since)
    {
        (long Number, string Id)? oldest = null;
        foreach (var key in grouping.Keys)
        {
            var s = session["SELECT c.number, c.id FROM case_keys AS k JOIN cases AS c ON c.id = k.case_id WHERE k.rule = @rule AND k.key = @key AND k.last_at > @since AND (@reopens OR c.status <> 3)"].Add(grouping.Rule).Add(key).Add(since).Add(grouping.Reopens ? 1 : 0);
            if (!s.Step()) continue;
            if (oldest is null || s.Int64(0) < oldest.Value.Number) oldest = (s.Int64(0), s.Text(1));
            s.Reset();
        }

        return oldest?.Id;
    }

    private static void Reopen(WriteSession session, string id, AcceptedAlert accepted, long at)
    {
        if (session["UPDATE cases SET status = 1, resolution = NULL, closed_at = NULL WHERE id = @id AND status = 3 AND merged_into IS NULL"].Add(id).Run() == 0) return;
        session["INSERT INTO case_events (case_id, at, who, what, text, old, new) VALUES (@id, @at, @who, 'status', 'It came again.', 'Closed', 'Open')"].Add(id).Add(at).Add($"alert {accepted.Number}").Run();
    }

    private static void Open(WriteSession session, string id, AcceptedAlert accepted, Alert alert, AlertGrouping grouping, long at)
    {
        session["""
            INSERT INTO cases (id, number, key, alert_no, title, severity, tlp, opened_at, opened_by)
            VALUES (@id, (SELECT COALESCE(MAX(number), 0) + 1 FROM cases), @key, @no, @title, @severity, @tlp, @at, @by)
            """].Add(id).Add($"alert/{accepted.Id}").Add(accepted.Number).Add(grouping.Title).Add(alert.Severity).Add((long)(alert.Tlp ?? Tlp.Amber)).Add(at).Add($"alert {accepted.Number}").Run();
        session["INSERT INTO case_changes (case_id, what, at) VALUES (@id, @what, @at)"].Add(id).Add((long)CaseChange.Opened).Add(at).Run();
    }
}
