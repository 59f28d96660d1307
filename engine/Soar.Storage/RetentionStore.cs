using Soar.Runs;

namespace Soar.Storage;

/// <summary>
/// Removes what nobody keeps any longer, a little in each transaction. Whether something may go is asked in the transaction that removes it: a hold that was put on a case a moment before counts.
/// A run goes when it has ended, its case (if it has one) was closed before that time too and is not on hold, the run above it is gone, nothing that it contained stands, and it has put nothing on record in a case or in the register
/// of requests: what a case is made of stays with the case.
/// </summary>
public sealed class RetentionStore(SoarDatabase database)
{
    /// <summary>So many records of a journal go in one transaction.</summary>
    internal const int AtOnce = 1_000;

    private const string CaseLetsGo = "EXISTS (SELECT 1 FROM cases AS c WHERE c.id = x.case_id AND c.status = 3 AND c.closed_at < @before AND c.held_at IS NULL)";

    private const string RunIsDue = $"""
        x.status BETWEEN 3 AND 5 AND x.created_at < @before AND x.ended_at < @before AND (x.case_id IS NULL OR {CaseLetsGo})
        AND (x.parent_id IS NULL OR NOT EXISTS (SELECT 1 FROM runs AS p WHERE p.id = x.parent_id))
        AND (x.successor_id IS NULL OR NOT EXISTS (SELECT 1 FROM runs AS n WHERE n.id = x.successor_id AND n.status NOT BETWEEN 3 AND 5))
        AND NOT EXISTS (SELECT 1 FROM notes AS e WHERE e.run_no = x.run_no) AND NOT EXISTS (SELECT 1 FROM observables AS e WHERE e.run_no = x.run_no)
        AND NOT EXISTS (SELECT 1 FROM evidence AS e WHERE e.run_no = x.run_no) AND NOT EXISTS (SELECT 1 FROM requests AS e WHERE e.run_no = x.run_no)
        AND NOT EXISTS (SELECT 1 FROM request_entries AS e WHERE e.run_no = x.run_no) AND NOT EXISTS (SELECT 1 FROM cases AS e WHERE e.run_no = x.run_no)
        AND NOT EXISTS (SELECT 1 FROM case_changes AS e WHERE e.run_no = x.run_no)
        AND NOT EXISTS (SELECT 1 FROM holders AS h JOIN containments AS k ON k.id = h.containment_id WHERE h.run_id = x.id AND k.status <> 4)
        """;

    private const string AlertIsDue = $"""
        x.state <> 0 AND x.received_at < @before AND x.last_at < @before AND (x.case_id IS NULL OR {CaseLetsGo}) AND NOT EXISTS (SELECT 1 FROM cases AS o WHERE o.alert_no = x.alert_no)
        """;

    internal const string SelectRuns = $"SELECT x.run_no FROM runs AS x WHERE x.run_no > @after AND {RunIsDue} ORDER BY x.run_no LIMIT @max";

    internal const string SelectAlerts = $"SELECT x.alert_no FROM alerts AS x WHERE x.alert_no > @after AND {AlertIsDue} ORDER BY x.alert_no LIMIT @max";

    /// <summary>Numbers of runs that may go, the oldest first.</summary>
    public Task<IReadOnlyList<long>> RunsAsync(DateTimeOffset before, long after, int max) =>
        database.Readers.ReadAsync<IReadOnlyList<long>>(reader => Numbers(reader[SelectRuns].Add(after).Add(before.ToUnixTimeMilliseconds()).Add(max)));

    /// <summary>Numbers of alerts that may go, the oldest first.</summary>
    public Task<IReadOnlyList<long>> AlertsAsync(DateTimeOffset before, long after, int max) =>
        database.Readers.ReadAsync<IReadOnlyList<long>>(reader => Numbers(reader[SelectAlerts].Add(after).Add(before.ToUnixTimeMilliseconds()).Add(max)));

    /// <summary>Removes a run with its journal, inbox and questions, unless it is to be kept by now. A long journal goes in parts, its beginning last.</summary>
    public async Task<bool> RemoveRunAsync(long run, DateTimeOffset before)
    {
        while (await database.WriteAsync(session => IsDue(session, run, before) && session["""
            DELETE FROM journal WHERE position IN (SELECT position FROM journal WHERE run_no = @run AND seq > @keep ORDER BY seq DESC LIMIT @most)
            """].Add(run).Add(AtOnce).Add(AtOnce).Run() > 0))
        {
            // The next part.
        }

        return await database.WriteAsync(session =>
        {
            if (!IsDue(session, run, before)) return false;
            session["DELETE FROM answers WHERE question_id IN (SELECT id FROM questions WHERE run_no = @run)"].Add(run).Run();
            session["DELETE FROM notices WHERE question_id IN (SELECT id FROM questions WHERE run_no = @run)"].Add(run).Run();
            session["DELETE FROM questions WHERE run_no = @run"].Add(run).Run();
            session["DELETE FROM inbox WHERE run_no = @run"].Add(run).Run();
            session["DELETE FROM held_effects WHERE run_no = @run"].Add(run).Run();
            session["DELETE FROM budget_uses WHERE run_no = @run"].Add(run).Run();
            session["DELETE FROM journal WHERE run_no = @run"].Add(run).Run();
            return session["DELETE FROM runs WHERE run_no = @run"].Add(run).Run() > 0;
        });
    }

    /// <summary>Removes alerts that may go; how many of them did.</summary>
    public Task<int> RemoveAlertsAsync(IReadOnlyCollection<long> alerts, DateTimeOffset before) => database.WriteAsync(session =>
        alerts.Sum(alert => session[$"DELETE FROM alerts AS x WHERE x.alert_no = @alert AND {AlertIsDue}"].Add(alert).Add(before.ToUnixTimeMilliseconds()).Run()));

    private static bool IsDue(WriteSession session, long run, DateTimeOffset before)
    {
        var s = session[$"SELECT 1 FROM runs AS x WHERE x.run_no = @run AND {RunIsDue}"].Add(run).Add(before.ToUnixTimeMilliseconds());
        if (!s.Step()) return false;
        s.Reset();
        return true;
    }

    private static List<long> Numbers(Statement s)
    {
        var numbers = new List<long>();
        while (s.Step()) numbers.Add(s.Int64(0));
        return numbers;
    }
}
