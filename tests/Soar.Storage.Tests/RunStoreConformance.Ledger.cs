using Soar.Runs;

namespace Soar.Storage.Tests;

public abstract partial class RunStoreConformance
{
    private async Task<(Run Run, Containment Containment)> ContainedAsync(DateTimeOffset? until = null, string target = "203.0.113.7")
    {
        var run = await DrivenAsync();
        var containment = Some.Containment(run.Id, target, until);
        await PutAsync(run, containment);
        return (run, containment with { Version = 1 });
    }

    private Task PutAsync(Run run, Containment containment) => Store.WriteAsync(new RunWrite { Run = run.Id, Epoch = run.Epoch, Containments = [containment] });

    [Fact]
    public async Task A_containment_is_found_by_action_instance_and_target_while_it_stands()
    {
        var (_, containment) = await ContainedAsync(Now.AddHours(1));
        Assert.Equivalent(containment, await Store.FindContainmentAsync("firewall.block", "edge-1", "203.0.113.7"), strict: true);
        Assert.Null(await Store.FindContainmentAsync("firewall.block", "edge-2", "203.0.113.7"));
        Assert.True(await Store.UpdateContainmentAsync(containment with { Status = ContainmentStatus.Lifted }, ContainmentStatus.Active));
        Assert.Null(await Store.FindContainmentAsync("firewall.block", "edge-1", "203.0.113.7"));
    }

    [Theory]
    [InlineData(ContainmentStatus.Pending)]
    [InlineData(ContainmentStatus.Active)]
    [InlineData(ContainmentStatus.Found)]
    [InlineData(ContainmentStatus.Lifting)]
    [InlineData(ContainmentStatus.Unknown)]
    [InlineData(ContainmentStatus.LiftFailed)]
    public async Task Only_one_containment_stands_for_a_target_and_a_second_writes_nothing(ContainmentStatus status)
    {
        var (run, containment) = await ContainedAsync();
        await PutAsync(run, containment with { Status = status });
        var other = await DrivenAsync();
        var second = new RunWrite { Run = other.Id, Epoch = other.Epoch, Records = [Some.Record(2)], Containments = [Some.Containment(other.Id)] };
        var error = await Assert.ThrowsAsync<ContainmentChangedException>(() => Store.WriteAsync(second));
        Assert.Equal("SOAR3020", error.Code);
        Assert.Contains("203.0.113.7", error.Message);
        Assert.Single(await Store.ReadJournalAsync(other.Id));

        await Store.UpdateContainmentAsync(containment with { Status = ContainmentStatus.Lifted, Version = 2 }, status);
        await Store.WriteAsync(second);
        Assert.Equal([ContainmentStatus.Active, ContainmentStatus.Lifted], (await Store.ContainmentsAsync(null, null, standingOnly: false)).Select(c => c.Status));
    }

    [Fact]
    public async Task A_ledger_row_changes_only_from_the_status_it_was_seen_in()
    {
        var (_, containment) = await ContainedAsync();
        Assert.False(await Store.UpdateContainmentAsync(containment with { Status = ContainmentStatus.Lifted }, ContainmentStatus.Lifting));
        var winners = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => Task.Run(() =>
            Store.UpdateContainmentAsync(containment with { Status = ContainmentStatus.Lifting, Note = $"{i}", LiftAttempts = 1 }, ContainmentStatus.Active))));
        Assert.Single(winners, true);
        Assert.Equal((ContainmentStatus.Lifting, 1), (await Find())!.Value);

        async Task<(ContainmentStatus, int)?> Find() => await Store.FindContainmentAsync("firewall.block", "edge-1", "203.0.113.7") is { } c ? (c.Status, c.LiftAttempts) : null;
    }

    [Fact]
    public async Task A_ledger_row_that_moved_on_is_not_overwritten_and_the_write_leaves_nothing()
    {
        var (run, containment) = await ContainedAsync(Now.AddHours(1));
        Assert.True(await Store.UpdateContainmentAsync(containment with { Note = "looked at" }, ContainmentStatus.Active));
        Assert.False(await Store.UpdateContainmentAsync(containment with { Note = "looked at by somebody else" }, ContainmentStatus.Active));

        var stale = new RunWrite { Run = run.Id, Epoch = run.Epoch, Records = [Some.Record(2)], Containments = [containment with { Status = ContainmentStatus.Lifted }] };
        Assert.Equal("SOAR3020", (await Assert.ThrowsAsync<ContainmentChangedException>(() => Store.WriteAsync(stale))).Code);
        Assert.Single(await Store.ReadJournalAsync(run.Id));
        var stands = (await Store.FindContainmentAsync("firewall.block", "edge-1", "203.0.113.7"))!;
        Assert.Equal(("looked at", 2), (stands.Note, stands.Version));

        await Store.WriteAsync(stale with { Containments = [stands with { Status = ContainmentStatus.Lifted }] });
        Assert.Null(await Store.FindContainmentAsync("firewall.block", "edge-1", "203.0.113.7"));
    }

    [Fact]
    public async Task Two_runs_that_hold_one_containment_keep_both_holds_and_the_later_time()
    {
        var (run, containment) = await ContainedAsync(Now.AddHours(1));
        var other = await DrivenAsync();

        // Each writes its own hold only: the other's stays.
        await PutAsync(other, containment with { Until = Now.AddHours(5), Holders = [.. containment.Holders, new Holder(other.Id, 4, "case-2", Now.AddHours(5), null, null)] });
        await PutAsync(run, containment with { Version = 2, Until = Now.AddHours(2), Holders = [containment.Holders[0] with { Until = Now.AddHours(2) }] });
        var stands = (await Store.FindContainmentAsync("firewall.block", "edge-1", "203.0.113.7"))!;
        Assert.Equal(Now.AddHours(5), stands.Until);
        Assert.Equal(new[] { run.Id, other.Id }.ToHashSet(), stands.Holders.Select(h => h.Run).ToHashSet());

        // A hold without an end keeps it without end; one that is released keeps nothing.
        await PutAsync(run, stands with { Until = Now.AddHours(5), Holders = [containment.Holders[0] with { Until = null }] });
        stands = (await Store.FindContainmentAsync("firewall.block", "edge-1", "203.0.113.7"))!;
        Assert.Null(stands.Until);
        await PutAsync(run, stands with { Until = Now, Holders = [containment.Holders[0] with { Until = null, ReleasedAt = Now, ReleasedBy = "amira" }] });
        stands = (await Store.FindContainmentAsync("firewall.block", "edge-1", "203.0.113.7"))!;
        Assert.Equal(Now.AddHours(5), stands.Until);
        Assert.Contains(stands.Holders, h => h.ReleasedBy == "amira" && h.ReleasedAt == Now);
    }

    [Fact]
    public async Task Containments_are_listed_by_case_and_by_time_standing_ones_first()
    {
        var (_, lifted) = await ContainedAsync(Now.AddMinutes(1), "198.51.100.1");
        await Store.UpdateContainmentAsync(lifted with { Status = ContainmentStatus.Lifted }, ContainmentStatus.Active);
        var (_, soon) = await ContainedAsync(Now.AddMinutes(1), "198.51.100.2");
        var (_, later) = await ContainedAsync(Now.AddMinutes(9), "198.51.100.3");
        var (run, endless) = await ContainedAsync(null, "198.51.100.4");
        var elsewhere = Some.Containment(run.Id, "198.51.100.5") with { Holders = [new Holder(run.Id, 7, "case-2", null, null, null)] };
        await PutAsync(run, elsewhere);

        Assert.Equal(lifted.Id, (await Store.ContainmentsAsync(null, null, standingOnly: false))[^1].Id);
        Assert.Equal(4, (await Store.ContainmentsAsync(null, null, standingOnly: true)).Count);
        Assert.Equal([soon.Id], (await Store.ContainmentsAsync(Now.AddMinutes(1), null, standingOnly: true)).Select(c => c.Id));
        Assert.Equal([elsewhere.Id], (await Store.ContainmentsAsync(null, "case-2", standingOnly: true)).Select(c => c.Id));
        Assert.Equal(new[] { soon.Id, later.Id, endless.Id }.ToHashSet(), (await Store.ContainmentsAsync(null, "case-1", standingOnly: true)).Select(c => c.Id).ToHashSet());
        Assert.Empty(await Store.ContainmentsAsync(null, "case-9", standingOnly: false));
    }
}
