using Soar.Capabilities;
using Soar.Runs;

namespace Soar.Storage.Tests;

public abstract partial class RunStoreConformance
{
    private static KillSwitch Switch(string? connector = null, Effect? effect = null, string? playbook = null) =>
        new() { Id = Some.RunId().Value, Connector = connector, Effect = effect, Playbook = playbook, By = "amira", Reason = "drill", Since = Now };

    private static EffectBegin Begin(int ordinal, string target, DateTimeOffset? at = null, bool simulated = false, bool waived = false, string? key = null, string instance = "edge-1", params Budget[] budgets) =>
        new(ordinal, key ?? $"{Some.RunId()}", "block", instance, Effect.Contains, target, at ?? Now, simulated, waived, budgets);

    private static Budget Limit(int targets, BudgetSpan per = BudgetSpan.Hour, string? connector = null) => new(Effect.Contains, per, targets, connector, PolicyAnswer.Refuse, "shift-lead");

    private Task BeginAsync(Run run, int seq, params EffectBegin[] begins) => Store.WriteAsync(new RunWrite { Run = run.Id, Epoch = run.Epoch, Records = [Some.Record(seq)], Begins = begins });

    private static HeldEffect Held(Run run, int ordinal, Effect effect = Effect.Contains) => new(run.Id, ordinal, "block", "firewall.block", "edge-1", effect, "block", Now);

    private Task HoldAsync(Run run, int seq, params HeldEffect[] held) => Store.WriteAsync(new RunWrite { Run = run.Id, Epoch = run.Epoch, Records = [Some.Record(seq)], Hold = held });

    [Fact]
    public async Task A_switch_that_is_on_refuses_what_it_holds_and_nothing_of_the_write_is_kept()
    {
        var run = await DrivenAsync();
        var on = await Store.SwitchOnAsync(Switch(connector: "edge-1"));
        var refused = await Assert.ThrowsAsync<EffectHeldException>(() => BeginAsync(run, 2, Begin(4, "203.0.113.7")));
        Assert.Equal((4, on.Id), (refused.Ordinal, refused.By.Id));
        Assert.Single(await Store.ReadJournalAsync(run.Id));
        await BeginAsync(run, 2, Begin(4, "203.0.113.7", instance: "edge-2"));
        await BeginAsync(run, 3, Begin(5, "203.0.113.8", simulated: true));
        var off = await Store.SwitchOffAsync(on.Id, "marko", "repaired", Now.AddMinutes(1));
        Assert.Equivalent(on with { LiftedAt = Now.AddMinutes(1), LiftedBy = "marko", LiftReason = "repaired" }, off, strict: true);
        await BeginAsync(run, 4, Begin(6, "203.0.113.9"));
        Assert.Empty(await Store.SwitchesAsync(all: false));
        Assert.Equivalent(off, Assert.Single(await Store.SwitchesAsync(all: true)), strict: true);
        await Assert.ThrowsAsync<NotFoundException>(() => Store.SwitchOffAsync(on.Id, "marko", "", Now));
    }

    [Fact]
    public async Task A_switch_that_holds_the_same_is_not_turned_on_twice()
    {
        var on = await Store.SwitchOnAsync(Switch(connector: "edge-1", effect: Effect.Contains));
        Assert.Equal(on.Id, (await Store.SwitchOnAsync(Switch(connector: "EDGE-1", effect: Effect.Contains))).Id);
        Assert.NotEqual(on.Id, (await Store.SwitchOnAsync(Switch(connector: "edge-1"))).Id);
        Assert.Equal(2, (await Store.SwitchesAsync(all: true)).Count);
    }

    [Fact]
    public async Task Lifting_a_switch_wakes_the_runs_that_nothing_else_holds_in_the_order_in_which_they_were_held()
    {
        var (first, second, other) = (await DrivenAsync(), await DrivenAsync(), await DrivenAsync());
        await Assert.ThrowsAsync<EffectFreeException>(() => HoldAsync(first, 2, Held(first, 1)));
        var on = await Store.SwitchOnAsync(Switch());
        var notifies = await Store.SwitchOnAsync(Switch(effect: Effect.Notifies));
        await HoldAsync(second, 2, Held(second, 1));
        await HoldAsync(first, 2, Held(first, 1), Held(first, 2, Effect.Notifies));
        await HoldAsync(other, 2, Held(other, 3, Effect.Notifies));
        foreach (var run in new[] { first, second, other }) await TurnAsync(run, RunStatus.Waiting);
        Assert.Equal([(second.Id, 1), (first.Id, 1), (first.Id, 2), (other.Id, 3)], (await Store.HeldAsync(null)).Select(h => (h.Run, h.Ordinal)));
        Assert.Equal([on.Id, on.Id], (await Store.HeldAsync(first.Id)).Select(h => h.By!.Id));
        Assert.Empty(await DueAsync());

        var told = new List<RunId>();
        Store.Arrived += told.Add;
        await Store.SwitchOffAsync(on.Id, "marko", "", Now);
        Assert.Equal([second.Id, first.Id], told);
        Assert.Equal(notifies.Id, (await Store.HeldAsync(other.Id))[0].By!.Id);
        Assert.Null((await Store.HeldAsync(second.Id))[0].By);
        Assert.Equivalent(new[] { first.Id, second.Id }, await DueAsync());
    }

    [Fact]
    public async Task What_began_or_is_wanted_no_more_is_released_and_a_run_that_ended_is_held_by_nothing()
    {
        var (run, ended) = (await DrivenAsync(), await DrivenAsync());
        await Store.SwitchOnAsync(Switch());
        await HoldAsync(run, 2, Held(run, 1), Held(run, 2));
        await HoldAsync(ended, 2, Held(ended, 1));
        await Store.WriteAsync(new RunWrite { Run = run.Id, Epoch = run.Epoch, Records = [Some.Record(3)], Release = [1] });
        await TurnAsync(ended, RunStatus.Cancelled);
        Assert.Equal((run.Id, 2), Assert.Single((await Store.HeldAsync(null)).Select(h => (h.Run, h.Ordinal))));
    }

    [Fact]
    public async Task A_budget_counts_different_targets_of_all_runs_within_the_hour_and_each_key_once()
    {
        var (one, two) = (await DrivenAsync(), await DrivenAsync());
        await BeginAsync(one, 2, Begin(1, "203.0.113.1", Now.AddMinutes(-61), budgets: Limit(2)));
        await BeginAsync(one, 3, Begin(2, "203.0.113.2", budgets: Limit(2)));
        await BeginAsync(two, 2, Begin(1, "203.0.113.2", budgets: Limit(2)), Begin(2, "203.0.113.3", key: "again", budgets: Limit(2)));
        var over = await Assert.ThrowsAsync<OverBudgetException>(() => BeginAsync(two, 3, Begin(3, "203.0.113.4", budgets: Limit(2))));
        Assert.Equal((3, 2), (over.Ordinal, over.Budget.Targets));
        Assert.Equal(2, (await Store.ReadJournalAsync(two.Id)).Count);
        await BeginAsync(two, 3, Begin(3, "203.0.113.4", key: "again", budgets: Limit(2)));
        await BeginAsync(two, 4, Begin(4, "203.0.113.5", waived: true, budgets: Limit(2)));
        await Assert.ThrowsAsync<OverBudgetException>(() => BeginAsync(two, 5, Begin(5, "203.0.113.6", budgets: Limit(3))));
        await BeginAsync(two, 5, Begin(5, "203.0.113.6", Now.AddMinutes(60), budgets: Limit(2)));
    }

    [Fact]
    public async Task Effects_of_one_write_count_for_each_other()
    {
        var run = await DrivenAsync();
        var over = await Assert.ThrowsAsync<OverBudgetException>(() => BeginAsync(run, 2, [.. Enumerable.Range(1, 4).Select(n => Begin(n, $"203.0.113.{n}", budgets: Limit(3)))]));
        Assert.Equal(4, over.Ordinal);
        await BeginAsync(run, 2, [.. Enumerable.Range(1, 3).Select(n => Begin(n, $"203.0.113.{n}", budgets: Limit(3)))]);
    }

    [Fact]
    public async Task A_budget_of_a_run_counts_its_sub_runs_and_what_is_simulated_only_its_own()
    {
        var top = await DrivenAsync();
        var child = (await Store.ClaimAsync(await Store.CreateAsync(Some.Run(parent: top.Id)), "a", Now, Some.Lease))!;
        var grandchild = (await Store.ClaimAsync(await Store.CreateAsync(Some.Run(parent: child.Id)), "a", Now, Some.Lease))!;
        var other = await DrivenAsync();
        await BeginAsync(grandchild, 2, Begin(1, "203.0.113.1", budgets: Limit(1, BudgetSpan.Run)));
        await Assert.ThrowsAsync<OverBudgetException>(() => BeginAsync(top, 2, Begin(1, "203.0.113.2", budgets: Limit(1, BudgetSpan.Run))));
        await BeginAsync(other, 2, Begin(1, "203.0.113.2", simulated: true, budgets: Limit(1, BudgetSpan.Run)));
        await Assert.ThrowsAsync<OverBudgetException>(() => BeginAsync(other, 3, Begin(2, "203.0.113.3", simulated: true, budgets: Limit(1, BudgetSpan.Run))));
        // The hour knows of one live target only.
        await BeginAsync(child, 2, Begin(1, "203.0.113.3", waived: false, budgets: Limit(2)));
        await Assert.ThrowsAsync<OverBudgetException>(() => BeginAsync(child, 3, Begin(2, "203.0.113.4", budgets: Limit(2))));
    }

    [Fact]
    public async Task A_budget_of_a_connector_counts_what_is_done_there()
    {
        var run = await DrivenAsync();
        var limit = Limit(1, connector: "EDGE-2");
        await BeginAsync(run, 2, Begin(1, "203.0.113.1"), Begin(2, "203.0.113.2", instance: "edge-2", budgets: limit));
        await BeginAsync(run, 3, Begin(3, "203.0.113.3", budgets: Limit(9)));
        await Assert.ThrowsAsync<OverBudgetException>(() => BeginAsync(run, 4, Begin(4, "203.0.113.4", instance: "edge-2", budgets: limit)));
    }
}
