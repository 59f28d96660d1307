using Soar.Capabilities;
using Soar.Runs;

namespace Soar.Storage;

/// <summary>Kill switches and budgets. Whether an effect may begin is decided in the commit that begins it, on the one writer: nothing can come between question and answer.</summary>
public sealed partial class RunStore
{
    private const string SwitchColumns = "id, connector, effect, playbook, switched_by, reason, since, lifted_at, lifted_by, lift_reason";

    private const string SelectSwitches = $"SELECT {SwitchColumns} FROM kill_switches WHERE lifted_at IS NULL ORDER BY switch_no";

    /// <inheritdoc/>
    public Task<KillSwitch> SwitchOnAsync(KillSwitch killSwitch) => database.WriteAsync(session =>
    {
        if (SwitchesOn(session).FirstOrDefault(killSwitch.IsLike) is { } same) return same;
        session["INSERT INTO kill_switches (id, connector, effect, playbook, switched_by, reason, since) VALUES (@id, @connector, @effect, @playbook, @by, @reason, @since)"]
            .Add(killSwitch.Id).Add(killSwitch.Connector).Add((long?)killSwitch.Effect).Add(killSwitch.Playbook).Add(killSwitch.By).Add(killSwitch.Reason).Add(killSwitch.Since.ToUnixTimeMilliseconds()).Run();
        session.KillSwitches = null;
        return killSwitch;
    });

    /// <inheritdoc/>
    public Task<KillSwitch> SwitchOffAsync(Guid killSwitch, string by, string reason, DateTimeOffset at) => database.WriteAsync(session =>
    {
        var lifted = SwitchesOn(session).FirstOrDefault(s => s.Id == killSwitch)
            ?? throw new NotFoundException("kill switch that is on", killSwitch.ToString(), "See what is on with: soar killswitch list");
        session["UPDATE kill_switches SET lifted_at = @at, lifted_by = @by, lift_reason = @reason WHERE id = @id"].Add(at.ToUnixTimeMilliseconds()).Add(by).Add(reason).Add(killSwitch).Run();
        session.KillSwitches = null;
        var on = SwitchesOn(session);
        var free = new List<RunId>();
        var s = session["SELECT r.id, h.instance, h.effect, h.playbook FROM held_effects AS h JOIN runs AS r ON r.run_no = h.run_no ORDER BY h.held_no"];
        while (s.Step())
        {
            if (!on.Any(other => other.Holds(s.Text(1), (Effect)s.Int32(2), s.Text(3)))) free.Add(RunId.Parse(s.Text(0)));
        }

        foreach (var run in free.Distinct()) Receive(session, new InboxItem(run, $"killswitch/{killSwitch}", InboxKind.Wake, "", "{}"u8.ToArray(), at), large: null);
        session["DELETE FROM held_effects WHERE run_no IN (SELECT run_no FROM runs WHERE status BETWEEN 3 AND 5)"].Run();
        return lifted with { LiftedAt = at, LiftedBy = by, LiftReason = reason };
    });

    /// <inheritdoc/>
    public Task<IReadOnlyList<KillSwitch>> SwitchesAsync(bool all) => database.Readers.ReadAsync<IReadOnlyList<KillSwitch>>(reader =>
        ReadSwitches(reader[all ? $"SELECT {SwitchColumns} FROM kill_switches ORDER BY switch_no" : SelectSwitches]));

    /// <inheritdoc/>
    public Task<IReadOnlyList<HeldEffect>> HeldAsync(RunId? run) => database.Readers.ReadAsync<IReadOnlyList<HeldEffect>>(reader =>
    {
        var on = ReadSwitches(reader[SelectSwitches]);
        var held = new List<HeldEffect>();
        var s = reader["""
            SELECT r.id, h.ordinal, h.path, h.action, h.instance, h.effect, h.playbook, h.since FROM held_effects AS h JOIN runs AS r ON r.run_no = h.run_no
            WHERE r.status NOT BETWEEN 3 AND 5 AND (@run IS NULL OR r.id = @run) ORDER BY h.held_no
            """].Add(run?.ToString());
        while (s.Step())
        {
            var (instance, effect, playbook) = (s.Text(4), (Effect)s.Int32(5), s.Text(6));
            held.Add(new HeldEffect(RunId.Parse(s.Text(0)), s.Int32(1), s.Text(2), s.Text(3), instance, effect, playbook, Time(s.Int64(7)), on.FirstOrDefault(k => k.Holds(instance, effect, playbook))));
        }

        return held;
    });

    /// <summary>Refuses an effect that may not begin, and a hold of what nothing holds. It writes nothing.</summary>
    private static void RefuseBegins(WriteSession session, RunRow row, RunWrite write)
    {
        foreach (var begin in write.Begins)
        {
            if (!begin.Simulated && SwitchesOn(session).FirstOrDefault(s => s.Holds(begin.Instance, begin.Effect, begin.Playbook)) is { } by) throw new EffectHeldException(begin.Ordinal, by);
        }

        for (var i = 0; i < write.Begins.Count; i++)
        {
            if (!write.Begins[i].Waived) RefuseOverBudget(session, row, write.Begins, i);
        }

        foreach (var held in write.Hold)
        {
            if (!SwitchesOn(session).Any(s => s.Holds(held.Instance, held.Effect, held.Playbook))) throw new EffectFreeException(held.Ordinal);
        }
    }

    private static void RefuseOverBudget(WriteSession session, RunRow row, IReadOnlyList<EffectBegin> begins, int which)
    {
        var begin = begins[which];
        if (begin.Budgets.Count == 0 || Exists(session["SELECT 1 FROM budget_uses WHERE key = @key"].Add(begin.Key))) return;
        foreach (var budget in begin.Budgets)
        {
            var reached = Reached(session, row, begin, budget);
            // Those of the same write are not stored yet.
            for (var i = 0; i < which; i++)
            {
                if (budget.Counts(begins[i].Effect, begins[i].Instance)) reached.Add(begins[i].Target);
            }

            if (!reached.Contains(begin.Target) && reached.Count >= budget.Targets) throw new OverBudgetException(begin.Ordinal, budget);
        }
    }

    /// <summary>The targets that count so far. What is simulated counts for its own run only.</summary>
    private static HashSet<string> Reached(WriteSession session, RunRow row, EffectBegin begin, Budget budget)
    {
        var top = Top(session, row);
        var s = budget.Per == BudgetSpan.Run
            ? session["SELECT DISTINCT target, instance FROM budget_uses WHERE run_no = @run AND effect = @effect"].Add(top).Add((long)budget.Effect)
            : session["SELECT DISTINCT target, instance FROM budget_uses WHERE effect = @effect AND at > @since AND (simulated = 0 OR run_no = @run)"]
                .Add((long)budget.Effect).Add((begin.At - TimeSpan.FromHours(1)).ToUnixTimeMilliseconds()).Add(top);
        var reached = new HashSet<string>(StringComparer.Ordinal);
        while (s.Step())
        {
            if (budget.Counts(budget.Effect, s.Text(1))) reached.Add(s.Text(0));
        }

        return reached;
    }

    private static void Count(WriteSession session, RunRow row, RunWrite write)
    {
        foreach (var begin in write.Begins)
        {
            if (begin.Budgets.Count == 0) continue;
            session["INSERT INTO budget_uses (key, run_no, effect, instance, target, at, simulated) VALUES (@key, @run, @effect, @instance, @target, @at, @simulated) ON CONFLICT (key) DO NOTHING"]
                .Add(begin.Key).Add(Top(session, row)).Add((long)begin.Effect).Add(begin.Instance).Add(begin.Target).Add(begin.At.ToUnixTimeMilliseconds()).Add(begin.Simulated ? 1 : 0).Run();
        }

        foreach (var ordinal in write.Release) session["DELETE FROM held_effects WHERE run_no = @run AND ordinal = @ordinal"].Add(row.No).Add(ordinal).Run();
        foreach (var held in write.Hold)
        {
            session["""
                INSERT INTO held_effects (run_no, ordinal, path, action, instance, effect, playbook, since)
                VALUES (@run, @ordinal, @path, @action, @instance, @effect, @playbook, @since) ON CONFLICT (run_no, ordinal) DO NOTHING
                """].Add(row.No).Add(held.Ordinal).Add(held.Path).Add(held.Action).Add(held.Instance).Add((long)held.Effect).Add(held.Playbook).Add(held.Since.ToUnixTimeMilliseconds()).Run();
        }
    }

    /// <summary>The run whose sub-run, however deep, this is.</summary>
    private static long Top(WriteSession session, RunRow row)
    {
        var top = row.No;
        while (true)
        {
            var s = session["SELECT above.run_no FROM runs AS r JOIN runs AS above ON above.id = r.parent_id WHERE r.run_no = @run"].Add(top);
            if (!s.Step()) return top;
            top = s.Int64(0);
            s.Reset();
        }
    }

    /// <summary>Kept by the writer, which alone changes them: every effect asks.</summary>
    private static IReadOnlyList<KillSwitch> SwitchesOn(WriteSession session) => session.KillSwitches ??= ReadSwitches(session[SelectSwitches]);

    private static List<KillSwitch> ReadSwitches(Statement s)
    {
        var switches = new List<KillSwitch>();
        while (s.Step())
        {
            switches.Add(new KillSwitch
            {
                Id = Guid.Parse(s.Text(0)),
                Connector = s.TextOrNull(1),
                Effect = (Effect?)s.Int64OrNull(2),
                Playbook = s.TextOrNull(3),
                By = s.Text(4),
                Reason = s.Text(5),
                Since = Time(s.Int64(6)),
                LiftedAt = Time(s.Int64OrNull(7)),
                LiftedBy = s.TextOrNull(8),
                LiftReason = s.TextOrNull(9),
            });
        }

        return switches;
    }

    private static bool Exists(Statement s)
    {
        if (!s.Step()) return false;
        s.Reset();
        return true;
    }
}
