using Soar.Runs;

namespace Soar.Storage.Tests;

public abstract partial class RunStoreConformance
{
    [Fact]
    public async Task Items_keep_their_order_of_arrival()
    {
        var run = await DrivenAsync();
        await Store.SendAsync(Some.Signal(run.Id, "z", "1"));
        await Store.SendAsync(Some.Signal(run.Id, "a", "2"));
        var inbox = await Store.ReadInboxAsync(run.Id);
        Assert.Equal([("z", 1L, "1"), ("a", 2L, "2")], inbox.Select(i => (i.Id, i.Arrival, Some.Text(i.Payload))));
        Assert.Equal((InboxKind.Signal, "acknowledged", Some.Noon), (inbox[0].Kind, inbox[0].Key, inbox[0].At));
    }

    [Fact]
    public async Task The_same_signal_id_counts_once_also_after_it_was_consumed()
    {
        var run = await DrivenAsync();
        Assert.True(await Store.SendAsync(Some.Signal(run.Id, "1")));
        Assert.False(await Store.SendAsync(Some.Signal(run.Id, "1")));
        await Store.WriteAsync(new RunWrite { Run = run.Id, Epoch = run.Epoch, Records = [Some.Record(2)], Consume = ["1"] });
        Assert.Empty(await Store.ReadInboxAsync(run.Id));
        Assert.False(await Store.SendAsync(Some.Signal(run.Id, "1")));
        Assert.Empty(await Store.ReadInboxAsync(run.Id));
    }

    [Fact]
    public async Task The_same_id_may_go_to_two_runs()
    {
        var one = await DrivenAsync();
        var two = await DrivenAsync();
        Assert.True(await Store.SendAsync(Some.Signal(one.Id, "1")));
        Assert.True(await Store.SendAsync(Some.Signal(two.Id, "1")));
    }

    [Fact]
    public async Task An_ended_run_receives_nothing_and_an_unknown_one_is_named()
    {
        var run = await DrivenAsync();
        await TurnAsync(run, RunStatus.Completed);
        Assert.False(await Store.SendAsync(Some.Signal(run.Id, "1")));
        Assert.Empty(await Store.ReadInboxAsync(run.Id));
        await Assert.ThrowsAsync<NotFoundException>(() => Store.SendAsync(Some.Signal(Some.RunId(), "1")));
    }

    [Fact]
    public async Task What_lies_unconsumed_at_the_end_stays_readable()
    {
        var run = await DrivenAsync();
        await Store.SendAsync(Some.Signal(run.Id, "1"));
        await TurnAsync(run, RunStatus.Completed, seen: 1);
        Assert.Equal(["1"], (await Store.ReadInboxAsync(run.Id)).Select(i => i.Id));
        Assert.Empty(await DueAsync(Now.AddYears(1)));
    }

    [Fact]
    public async Task An_item_that_came_between_the_last_look_and_the_wait_makes_the_run_due()
    {
        var run = await DrivenAsync();
        await Store.SendAsync(Some.Signal(run.Id, "seen"));
        var seen = (await Store.ReadInboxAsync(run.Id))[^1].Arrival;
        await Store.SendAsync(Some.Signal(run.Id, "unseen"));
        await TurnAsync(run, RunStatus.Waiting, seen);
        Assert.Equal([run.Id], await DueAsync());
    }

    [Fact]
    public async Task An_item_left_there_on_purpose_wakes_nobody_again()
    {
        var run = await DrivenAsync();
        await Store.SendAsync(Some.Signal(run.Id, "for a later Receive"));
        await TurnAsync(run, RunStatus.Waiting, seen: 1);
        Assert.Empty(await DueAsync(Now.AddYears(1)));

        await Store.SendAsync(Some.Signal(run.Id, "another"));
        var again = Assert.Single(await Store.ClaimDueAsync("b", Now, Some.Lease, 10));
        Assert.Equal(2, (await Store.ReadInboxAsync(run.Id)).Count);
        await TurnAsync(again, RunStatus.Waiting, seen: 2);
        Assert.Empty(await DueAsync(Now.AddYears(1)));
    }

    [Fact]
    public async Task An_item_that_is_consumed_in_the_same_write_wakes_nobody()
    {
        var run = await DrivenAsync();
        await Store.SendAsync(Some.Signal(run.Id, "1"));
        await Store.WriteAsync(new RunWrite { Run = run.Id, Epoch = run.Epoch, Records = [Some.Record(2)], Consume = ["1"], Status = RunStatus.Waiting });
        Assert.Empty(await DueAsync(Now.AddYears(1)));
    }

    [Fact]
    public async Task Many_items_that_come_together_make_one_wake()
    {
        var run = await WaitingAsync();
        await Task.WhenAll(Enumerable.Range(0, 700).Select(i => Store.SendAsync(Some.Signal(run.Id, $"{i}"))));
        var woken = Assert.Single(await Store.ClaimDueAsync("b", Now, Some.Lease, 10));
        var inbox = await Store.ReadInboxAsync(run.Id);
        Assert.Equal(Enumerable.Range(1, 700).Select(i => (long)i), inbox.Select(i => i.Arrival));
        await Store.WriteAsync(new RunWrite { Run = run.Id, Epoch = woken.Epoch, Consume = [.. inbox.Select(i => i.Id)], Status = RunStatus.Waiting, InboxSeen = 700 });
        Assert.Empty(await DueAsync(Now.AddYears(1)));
    }

    [Fact]
    public async Task A_wake_up_survives_the_driver_that_took_it_and_died()
    {
        var run = await WaitingAsync();
        await Store.SendAsync(Some.Signal(run.Id, "1"));
        Assert.Equal([run.Id], await DueAsync());
        Assert.Equal([run.Id], await DueAsync(Now + Some.Lease));
        Assert.Single(await Store.ReadInboxAsync(run.Id));
    }

    [Theory]
    [InlineData(RunStatus.Paused)]
    [InlineData(RunStatus.Quarantined)]
    [InlineData(RunStatus.Parked)]
    public async Task A_stopped_run_is_woken_by_resume_and_cancel_only(RunStatus status)
    {
        var run = await DrivenAsync();
        await Store.SendAsync(Some.Signal(run.Id, "before"));
        await TurnAsync(run, status);
        await Store.SendAsync(Some.Signal(run.Id, "after"));
        Assert.Empty(await DueAsync(Now.AddYears(1)));
        Assert.True(await Store.SendAsync(Some.Item(run.Id, InboxKind.Resume)));
        var woken = Assert.Single(await Store.ClaimDueAsync("b", Now, Some.Lease, 10));
        Assert.Equal(RunStatus.Running, woken.Status);
        await TurnAsync(woken, status, seen: 3);
        Assert.Empty(await DueAsync(Now.AddYears(1)));
        await Store.SendAsync(Some.Item(run.Id, InboxKind.Cancel));
        Assert.Equal([run.Id], await DueAsync());
    }

    [Fact]
    public async Task A_resume_that_was_claimed_by_name_is_not_forgotten_when_the_driver_dies()
    {
        var run = await DrivenAsync();
        await TurnAsync(run, RunStatus.Paused);
        await Store.SendAsync(Some.Item(run.Id, InboxKind.Resume));
        var claimed = (await Store.ClaimAsync(run.Id, "a", Now, Some.Lease))!;
        Assert.Equal(RunStatus.Paused, claimed.Status);
        Assert.Empty(await DueAsync());
        Assert.Equal([run.Id], await DueAsync(Now + Some.Lease));
    }

    [Fact]
    public async Task A_child_that_ends_tells_its_parent_in_the_same_commit()
    {
        var parent = await DrivenAsync();
        var child = Some.Run(parent: parent.Id);
        await Store.WriteAsync(new RunWrite { Run = parent.Id, Epoch = parent.Epoch, Children = [child], Status = RunStatus.Waiting });
        var driven = Assert.Single(await Store.ClaimDueAsync("b", Now, Some.Lease, 10));
        Assert.Equal(child.Run.Id, driven.Id);
        await Store.WriteAsync(new RunWrite
        {
            Run = driven.Id, Epoch = driven.Epoch, Records = [Some.Record(2)], Status = RunStatus.Completed, Result = "{}",
            Send = [new InboxItem(parent.Id, driven.Id.ToString(), InboxKind.ChildEnded, "3", Some.Bytes("{}"), Now)],
        });
        Assert.Equal([parent.Id], await DueAsync());
        Assert.Equal(driven.Id.ToString(), Assert.Single(await Store.ReadInboxAsync(parent.Id)).Id);
    }

    [Fact]
    public async Task A_cancel_of_a_run_that_goes_on_as_another_reaches_the_one_that_goes_on_now()
    {
        var first = await DrivenAsync();
        var second = Some.Run();
        await Store.WriteAsync(new RunWrite { Run = first.Id, Epoch = first.Epoch, Status = RunStatus.Completed, Successor = second });
        Assert.Equal(second.Run.Id, (await Store.FindAsync(first.Id))!.Successor);
        var driven = (await Store.ClaimAsync(second.Run.Id, "a", Now, Some.Lease))!;
        var third = Some.Run();
        await Store.WriteAsync(new RunWrite { Run = driven.Id, Epoch = driven.Epoch, Status = RunStatus.Completed, Successor = third });

        Assert.False(await Store.SendAsync(Some.Signal(first.Id, "1")));
        Assert.True(await Store.SendAsync(Some.Item(first.Id, InboxKind.Cancel)));
        Assert.False(await Store.SendAsync(Some.Item(second.Run.Id, InboxKind.Cancel)));
        Assert.Equal(InboxKind.Cancel, Assert.Single(await Store.ReadInboxAsync(third.Run.Id)).Kind);
        Assert.Empty(await Store.ReadInboxAsync(second.Run.Id));
    }

    [Fact]
    public async Task A_cancel_that_the_driver_did_not_see_before_the_run_went_on_as_another_goes_along()
    {
        var run = await DrivenAsync();
        await Store.SendAsync(Some.Signal(run.Id, "1"));
        await Store.SendAsync(Some.Item(run.Id, InboxKind.Cancel));
        var successor = Some.Run();
        await Store.WriteAsync(new RunWrite { Run = run.Id, Epoch = run.Epoch, Status = RunStatus.Completed, Successor = successor });
        Assert.Equal(InboxKind.Cancel, Assert.Single(await Store.ReadInboxAsync(successor.Run.Id)).Kind);
        Assert.Equal([successor.Run.Id], await DueAsync());
    }

    [Fact]
    public async Task A_child_with_a_known_trigger_key_is_not_started_again_and_the_rest_of_the_write_counts()
    {
        var parent = await DrivenAsync();
        await Store.WriteAsync(new RunWrite { Run = parent.Id, Epoch = parent.Epoch, Children = [Some.Run(trigger: "p/3")] });
        await Store.WriteAsync(new RunWrite { Run = parent.Id, Epoch = parent.Epoch, Records = [Some.Record(2)], Children = [Some.Run(trigger: "p/3")] });
        Assert.Equal(2, (await Store.ListAsync(null, null, 10)).Count);
        Assert.Equal(2, (await Store.ReadJournalAsync(parent.Id)).Count);
    }

    [Fact]
    public async Task What_arrives_is_announced_to_every_engine_of_the_process_after_the_commit()
    {
        var waiting = await WaitingAsync();
        var heard = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var other = Another();
        other.Arrived += run =>
        {
            if (run == waiting.Id) heard.TrySetResult(other.ReadInboxAsync(run).Result.Count == 1);
        };
        await Store.SendAsync(Some.Signal(waiting.Id, "1"));
        Assert.True(await heard.Task.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task A_new_run_and_one_that_is_due_at_once_are_announced()
    {
        var heard = new System.Collections.Concurrent.ConcurrentDictionary<RunId, TaskCompletionSource>();
        TaskCompletionSource Of(RunId run) => heard.GetOrAdd(run, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        Store.Arrived += run => Of(run).TrySetResult();
        var created = await Store.CreateAsync(Some.Run());
        await Of(created).Task.WaitAsync(TimeSpan.FromSeconds(30));

        var run = (await Store.ClaimAsync(created, "a", Now, Some.Lease))!;
        await Store.SendAsync(Some.Signal(created, "unseen"));
        heard.Clear();
        await TurnAsync(run, RunStatus.Waiting);
        await Of(created).Task.WaitAsync(TimeSpan.FromSeconds(30));
    }
}
