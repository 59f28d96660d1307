using Soar.Runs;

namespace Soar.Storage.Tests;

public abstract partial class RunStoreConformance
{
    private static RunLimit AtOnce(int most, int? perSource = null) => new("block", most, perSource);

    private static NewRun From(string source) => Some.Run() is var run ? run with { Run = run.Run with { Source = source } } : run;

    private async Task<Run> ClaimedAsync(RunId run) => (await Store.ClaimAsync(run, "a", Now, Some.Lease))!;

    private async Task EndAsync(RunId run, RunStatus status = RunStatus.Completed) => await TurnAsync(await ClaimedAsync(run), status);

    [Fact]
    public async Task No_more_runs_are_under_way_than_may_be_and_those_in_line_begin_in_their_order_when_others_end()
    {
        await Store.LimitAsync([AtOnce(2)]);
        var runs = new List<RunId>();
        for (var i = 0; i < 5; i++) runs.Add(await Store.CreateAsync(Some.Run()));
        var other = await Store.CreateAsync(Some.Run("enrich"));
        Assert.Equal(new HashSet<RunId> { runs[0], runs[1], other }, (await DueAsync()).ToHashSet());
        Assert.Equal([false, false, true, true, true], (await Task.WhenAll(runs.Select(r => Store.FindAsync(r)))).Select(r => r!.InLine));
        Assert.Equal(new InLine(AtOnce(2), 1, 2, 0), await Store.InLineAsync(runs[3]));
        Assert.Null(await Store.InLineAsync(runs[1]));
        Assert.Null(await Store.ClaimAsync(runs[2], "b", Now, Some.Lease));

        // Waiting is under way: what the run has contained stands, and the next one must not come in between.
        var told = new List<RunId>();
        Store.Arrived += told.Add;
        await TurnAsync((await Store.ClaimAsync(runs[1], "b", Now, Some.Lease))!, RunStatus.Waiting);
        Assert.Empty(await DueAsync());
        await TurnAsync((await Store.ClaimAsync(runs[0], "b", Now, Some.Lease))!, RunStatus.Failed);
        Assert.Equal([runs[2]], told);
        Assert.Equal([runs[2]], await DueAsync());
        await TurnAsync((await Store.ClaimAsync(runs[2], "b", Now, Some.Lease))!, RunStatus.Completed);
        Assert.Equal([runs[3]], await DueAsync());
        Assert.Equal(0, (await Store.InLineAsync(runs[4]))!.Ahead);
    }

    [Fact]
    public async Task A_run_that_has_to_stand_in_line_is_born_without_the_lease_that_it_came_with()
    {
        await Store.LimitAsync([AtOnce(1)]);
        await Store.CreateAsync(Some.Run());
        var second = Some.Run();
        var id = await Store.CreateAsync(second with { Run = second.Run with { LeaseOwner = "a", LeaseUntil = Now + Some.Lease } });
        var stored = (await Store.FindAsync(id))!;
        Assert.Equal((true, null, 0L), (stored.InLine, stored.LeaseOwner, stored.Epoch));
        await Assert.ThrowsAsync<LeaseLostException>(() => WriteAsync(stored with { Epoch = 1 }, Some.Record(2)));
    }

    [Fact]
    public async Task Alerts_of_one_source_take_no_more_places_than_they_may_and_another_source_goes_past_them()
    {
        await Store.LimitAsync([AtOnce(3, perSource: 1)]);
        var first = await Store.CreateAsync(From("siem"));
        var second = await Store.CreateAsync(From("siem"));
        var mail = await Store.CreateAsync(From("mailbox"));
        var person = await Store.CreateAsync(Some.Run());
        var late = await Store.CreateAsync(From("sensor"));
        Assert.Equal(new HashSet<RunId> { first, mail, person }, (await DueAsync()).ToHashSet());
        Assert.Equal((0, 3, 1), await Store.InLineAsync(second) is { } line ? (line.Ahead, line.UnderWay, line.OfSource) : default);

        // A place is free, but not for one of siem; the one behind it takes it.
        await TurnAsync((await Store.ClaimAsync(person, "b", Now, Some.Lease))!, RunStatus.Completed);
        Assert.Equal([late], await DueAsync());
        await TurnAsync((await Store.ClaimAsync(first, "b", Now, Some.Lease))!, RunStatus.Completed);
        Assert.Equal([second], await DueAsync());
    }

    [Fact]
    public async Task Sub_runs_and_dry_runs_stand_in_no_line_and_a_run_that_goes_on_as_another_keeps_its_place()
    {
        await Store.LimitAsync([AtOnce(1)]);
        var first = await Store.CreateAsync(Some.Run());
        var next = await Store.CreateAsync(Some.Run());
        var child = await Store.CreateAsync(Some.Run(parent: first));
        var dry = Some.Run();
        await Store.CreateAsync(dry with { Run = dry.Run with { Mode = RunMode.DryRun } });
        Assert.False((await Store.FindAsync(child))!.InLine);
        Assert.False((await Store.FindAsync(dry.Run.Id))!.InLine);

        var driven = await ClaimedAsync(first);
        var successor = Some.Run();
        await Store.WriteAsync(new RunWrite { Run = first, Epoch = driven.Epoch, Status = RunStatus.Completed, Successor = successor });
        Assert.False((await Store.FindAsync(successor.Run.Id))!.InLine);
        Assert.True((await Store.FindAsync(next))!.InLine);
        await EndAsync(successor.Run.Id);
        Assert.False((await Store.FindAsync(next))!.InLine);
    }

    [Fact]
    public async Task A_new_limit_counts_what_is_under_way_and_a_wider_one_lets_those_in_line_begin()
    {
        var before = await DrivenAsync();
        await Store.CreateAsync(Some.Run(parent: before.Id));
        await Store.LimitAsync([AtOnce(1)]);
        var line = new[] { await Store.CreateAsync(Some.Run()), await Store.CreateAsync(Some.Run()), await Store.CreateAsync(Some.Run()) };
        await WriteAsync(before, Some.Record(2));
        await Store.LimitAsync([AtOnce(2)]);
        Assert.Equal([false, true, true], (await Task.WhenAll(line.Select(r => Store.FindAsync(r)))).Select(r => r!.InLine));
        await Store.LimitAsync([]);
        Assert.Equal([false, false, false], (await Task.WhenAll(line.Select(r => Store.FindAsync(r)))).Select(r => r!.InLine));
        Assert.Equal(4, (await DueAsync()).Count);
    }

    [Fact]
    public async Task A_run_in_line_that_is_cancelled_does_not_wait_for_its_turn_and_one_that_is_resumed_stands_in_line_again()
    {
        await Store.LimitAsync([AtOnce(1)]);
        var first = await DrivenAsync();
        var (second, third) = (await Store.CreateAsync(Some.Run()), await Store.CreateAsync(Some.Run()));
        Assert.True(await Store.SendAsync(Some.Signal(third, "s-1")));
        Assert.Empty(await DueAsync());
        Assert.True(await Store.SendAsync(Some.Item(third, InboxKind.Cancel)));
        Assert.Equal([third], await DueAsync());
        await TurnAsync((await Store.ClaimAsync(third, "b", Now, Some.Lease))!, RunStatus.Cancelled);
        Assert.True((await Store.FindAsync(second))!.InLine);

        await TurnAsync(first, RunStatus.Failed);
        Assert.Equal([second], await DueAsync());
        await Store.WriteAsync(new RunWrite { Run = first.Id, Epoch = first.Epoch, Status = RunStatus.Running });
        Assert.True((await Store.FindAsync(first.Id))!.InLine);
        await TurnAsync((await Store.ClaimAsync(second, "b", Now, Some.Lease))!, RunStatus.Completed);
        Assert.Equal([first.Id], await DueAsync());
    }
}
