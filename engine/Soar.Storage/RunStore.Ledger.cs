using Soar.Runs;

namespace Soar.Storage;

/// <summary>The containment ledger: what stands, for whom, until when.</summary>
public sealed partial class RunStore
{
    private const string LedgerColumns = "c.id, c.action, c.instance, c.target, c.arguments, c.status, c.prior_state, c.result, c.key, c.since, c.until, c.lift_attempts, c.note, c.version";

    /// <inheritdoc/>
    public Task<IReadOnlyList<Containment>> ContainmentsAsync(DateTimeOffset? dueBefore, string? caseId, bool standingOnly) => database.Readers.ReadAsync<IReadOnlyList<Containment>>(reader =>
    {
        var containments = new List<Containment>();
        using (var s = reader.Once($"""
            SELECT {LedgerColumns} FROM containments AS c
            WHERE 1 = 1{(dueBefore is null ? "" : " AND c.status = 1 AND c.until <= @due")}{(standingOnly ? " AND c.status <> 4" : "")}{(caseId is null
                ? "" : " AND EXISTS (SELECT 1 FROM holders AS h WHERE h.containment_id = c.id AND h.case_id = @case)")}
            ORDER BY CASE c.status WHEN 4 THEN 1 ELSE 0 END, c.since, c.id
            """))
        {
            if (dueBefore is { } due) s.Add(due.ToUnixTimeMilliseconds());
            if (caseId is not null) s.Add(caseId);
            while (s.Step()) containments.Add(ReadContainment(s));
        }

        for (var i = 0; i < containments.Count; i++) containments[i] = WithHolders(reader[SelectHolders], containments[i]);
        return containments;
    });

    /// <inheritdoc/>
    public Task<Containment?> FindContainmentAsync(string action, string instance, string target) => database.Readers.ReadAsync(reader =>
    {
        var s = reader[$"SELECT {LedgerColumns} FROM containments AS c WHERE c.action = @action AND c.instance = @instance AND c.target = @target AND c.status <> 4"]
            .Add(action).Add(instance).Add(target);
        if (!s.Step()) return null;
        var found = ReadContainment(s);
        s.Reset();
        return WithHolders(reader[SelectHolders], found);
    });

    /// <inheritdoc/>
    public Task<bool> UpdateContainmentAsync(Containment containment, ContainmentStatus expected) => database.WriteAsync(session =>
    {
        var s = session["SELECT status, version FROM containments WHERE id = @id"].Add(containment.Id);
        if (s.Step())
        {
            var (present, version) = ((ContainmentStatus)s.Int32(0), s.Int32(1));
            s.Reset();
            if (present != expected || version != containment.Version) return false;
        }

        RefuseSecond(session, containment);
        Put(session, containment);
        return true;
    });

    /// <summary>Refuses a row that moved on since it was read.</summary>
    private static void RefuseStale(WriteSession session, Containment containment)
    {
        var s = session["SELECT version FROM containments WHERE id = @id"].Add(containment.Id);
        var version = s.Step() ? s.Int32(0) : 0;
        s.Reset();
        if (version != containment.Version) throw new ContainmentChangedException(containment.Action, containment.Instance, containment.Target);
    }

    private static void RefuseSecond(WriteSession session, Containment containment)
    {
        if (containment.Status == ContainmentStatus.Lifted) return;
        var s = session["SELECT id FROM containments WHERE action = @action AND instance = @instance AND target = @target AND status <> 4 AND id <> @id"]
            .Add(containment.Action).Add(containment.Instance).Add(containment.Target).Add(containment.Id);
        if (!s.Step()) return;
        s.Reset();
        throw new ContainmentChangedException(containment.Action, containment.Instance, containment.Target);
    }

    private static void Put(WriteSession session, Containment c)
    {
        session["""
            INSERT INTO containments (id, action, instance, target, arguments, status, prior_state, result, key, since, until, lift_attempts, note, version)
            VALUES (@id, @action, @instance, @target, @arguments, @status, @prior, @result, @key, @since, @until, @attempts, @note, @version)
            ON CONFLICT (id) DO UPDATE SET arguments = excluded.arguments, status = excluded.status, prior_state = excluded.prior_state, result = excluded.result,
                key = excluded.key, since = excluded.since, until = excluded.until, lift_attempts = excluded.lift_attempts, note = excluded.note,
                version = excluded.version
            """].Add(c.Id).Add(c.Action).Add(c.Instance).Add(c.Target).Add(c.Arguments).Add((long)c.Status).Add(c.PriorState).Add(c.Result).Add(c.Key)
            .Add(c.Since.ToUnixTimeMilliseconds()).Add(c.Until?.ToUnixTimeMilliseconds()).Add(c.LiftAttempts).Add(c.Note).Add(c.Version + 1).Run();
        foreach (var holder in c.Holders)
        {
            session["""
                INSERT INTO holders (containment_id, run_id, ordinal, case_id, until, released_at, released_by)
                VALUES (@id, @run, @ordinal, @case, @until, @released, @by)
                ON CONFLICT (containment_id, run_id, ordinal) DO UPDATE SET case_id = excluded.case_id, until = excluded.until,
                    released_at = excluded.released_at, released_by = excluded.released_by
                """].Add(c.Id).Add(holder.Run.Value).Add(holder.Ordinal).Add(holder.CaseId).Add(holder.Until?.ToUnixTimeMilliseconds())
                .Add(holder.ReleasedAt?.ToUnixTimeMilliseconds()).Add(holder.ReleasedBy).Run();
        }

        // Two runs read, extend and write back the same row: whoever writes last must not take the other's time away.
        session["""
            UPDATE containments SET until = CASE
                WHEN EXISTS (SELECT 1 FROM holders AS h WHERE h.containment_id = containments.id AND h.released_at IS NULL AND h.until IS NULL) THEN NULL
                ELSE (SELECT MAX(h.until) FROM holders AS h WHERE h.containment_id = containments.id AND h.released_at IS NULL) END
            WHERE id = @id AND until IS NOT NULL
              AND EXISTS (SELECT 1 FROM holders AS h WHERE h.containment_id = containments.id AND h.released_at IS NULL AND (h.until IS NULL OR h.until > containments.until))
            """].Add(c.Id).Run();
    }

    private const string SelectHolders = "SELECT run_id, ordinal, case_id, until, released_at, released_by FROM holders WHERE containment_id = @id ORDER BY run_id, ordinal";

    private static Containment WithHolders(Statement s, Containment containment)
    {
        var holders = new List<Holder>();
        s.Add(containment.Id);
        while (s.Step()) holders.Add(new Holder(RunId.Parse(s.Text(0)), s.Int32(1), s.TextOrNull(2), Time(s.Int64OrNull(3)), Time(s.Int64OrNull(4)), s.TextOrNull(5)));
        return containment with { Holders = holders };
    }

    private static Containment ReadContainment(Statement s) => new()
    {
        Id = Guid.Parse(s.Text(0)),
        Action = s.Text(1),
        Instance = s.Text(2),
        Target = s.Text(3),
        Arguments = s.Text(4),
        Status = (ContainmentStatus)s.Int32(5),
        PriorState = s.TextOrNull(6),
        Result = s.TextOrNull(7),
        Key = s.Text(8),
        Since = Time(s.Int64(9)),
        Until = Time(s.Int64OrNull(10)),
        LiftAttempts = s.Int32(11),
        Note = s.TextOrNull(12),
        Version = s.Int32(13),
    };
}
