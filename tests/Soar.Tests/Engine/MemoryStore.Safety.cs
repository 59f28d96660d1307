using Soar.Runs;

namespace Soar.Tests.Engine;

/// <summary>Kill switches and budgets.</summary>
internal sealed partial class MemoryStore
{
    private readonly List<KillSwitch> switches = [];
    private readonly List<HeldEffect> held = [];
    private readonly List<(RunId Top, EffectBegin Begin)> uses = [];

    private IEnumerable<KillSwitch> SwitchesOn => switches.Where(s => s.LiftedAt is null);

    public Task<KillSwitch> SwitchOnAsync(KillSwitch killSwitch) => DoAsync(_ =>
    {
        if (SwitchesOn.FirstOrDefault(killSwitch.IsLike) is { } same) return same;
        switches.Add(killSwitch);
        return killSwitch;
    });

    public Task<KillSwitch> SwitchOffAsync(Guid killSwitch, string by, string reason, DateTimeOffset at) => DoAsync(told =>
    {
        var which = switches.FindIndex(s => s.Id == killSwitch && s.LiftedAt is null);
        if (which < 0) throw new NotFoundException("kill switch that is on", killSwitch.ToString(), "");
        switches[which] = switches[which] with { LiftedAt = at, LiftedBy = by, LiftReason = reason };
        foreach (var run in held.Where(h => By(h) is null).Select(h => h.Run).Distinct().ToList()) Receive(new InboxItem(run, $"killswitch/{killSwitch}", InboxKind.Wake, "", "{}"u8.ToArray(), at), told);
        return switches[which];
    });

    public Task<IReadOnlyList<KillSwitch>> SwitchesAsync(bool all) => DoAsync<IReadOnlyList<KillSwitch>>(_ => [.. all ? switches : SwitchesOn]);

    public Task<IReadOnlyList<HeldEffect>> HeldAsync(RunId? run) =>
        DoAsync<IReadOnlyList<HeldEffect>>(_ => [.. held.Where(h => !Ended(rows[h.Run].Run) && (run is null || h.Run == run)).Select(h => h with { By = By(h) })]);

    private KillSwitch? By(HeldEffect effect) => SwitchesOn.FirstOrDefault(s => s.Holds(effect.Instance, effect.Effect, effect.Playbook));

    private void RefuseBegins(Row row, RunWrite write)
    {
        foreach (var begin in write.Begins)
        {
            if (!begin.Simulated && SwitchesOn.FirstOrDefault(s => s.Holds(begin.Instance, begin.Effect, begin.Playbook)) is { } by) throw new EffectHeldException(begin.Ordinal, by);
        }

        var top = Top(row);
        var all = uses.ToList();
        foreach (var begin in write.Begins)
        {
            var counted = all.Exists(u => u.Begin.Key == begin.Key);
            foreach (var budget in begin.Budgets.Where(_ => !begin.Waived && !counted))
            {
                var reached = all.Where(u => budget.Counts(u.Begin.Effect, u.Begin.Instance) && (budget.Per == BudgetSpan.Run
                    ? u.Top == top : u.Begin.At > begin.At - TimeSpan.FromHours(1) && (!u.Begin.Simulated || u.Top == top))).Select(u => u.Begin.Target).ToHashSet();
                if (!reached.Contains(begin.Target) && reached.Count >= budget.Targets) throw new OverBudgetException(begin.Ordinal, budget);
            }

            if (!counted && begin.Budgets.Count > 0) all.Add((top, begin));
        }

        foreach (var effect in write.Hold)
            if (By(effect) is null) throw new EffectFreeException(effect.Ordinal);
    }

    private void Count(Row row, RunWrite write)
    {
        foreach (var begin in write.Begins.Where(b => b.Budgets.Count > 0 && uses.TrueForAll(u => u.Begin.Key != b.Key))) uses.Add((Top(row), begin));
        held.RemoveAll(h => h.Run == write.Run && write.Release.Contains(h.Ordinal));
        held.AddRange(write.Hold.Where(h => !held.Exists(o => o.Run == h.Run && o.Ordinal == h.Ordinal)));
    }

    private RunId Top(Row row) => row.Run.Parent is { } parent && rows.TryGetValue(parent, out var above) ? Top(above) : row.Run.Id;
}
