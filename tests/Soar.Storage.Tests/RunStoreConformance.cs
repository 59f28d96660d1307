using Soar.Runs;

namespace Soar.Storage.Tests;

/// <summary>
/// What every store must do, in the words of <see cref="IRunStore"/>. One sealed class per database derives from it. Each test has a store of its own.
/// </summary>
public abstract partial class RunStoreConformance : IAsyncLifetime
{
    protected IRunStore Store { get; private set; } = null!;

    /// <summary>The moment at which a test's story happens.</summary>
    protected static DateTimeOffset Now => Some.Noon;

    /// <summary>A fresh, empty store.</summary>
    protected abstract Task<IRunStore> OpenAsync();

    /// <summary>A second store object on the same database, as another engine of this process has it.</summary>
    protected abstract IRunStore Another();

    protected abstract Task CloseAsync();

    public async ValueTask InitializeAsync() => Store = await OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A new run under the lease of engine "a".</summary>
    protected async Task<Run> DrivenAsync(string playbook = "block")
    {
        var id = await Store.CreateAsync(Some.Run(playbook));
        return (await Store.ClaimAsync(id, "a", Now, Some.Lease))!;
    }

    protected async Task<Run> WaitingAsync(DateTimeOffset? wakeAt = null, long seen = 0)
    {
        var run = await DrivenAsync();
        await Store.WriteAsync(new RunWrite { Run = run.Id, Epoch = run.Epoch, Status = RunStatus.Waiting, WakeAt = wakeAt, InboxSeen = seen });
        return run;
    }

    protected Task WriteAsync(Run run, params JournalRecord[] records) => Store.WriteAsync(new RunWrite { Run = run.Id, Epoch = run.Epoch, Records = records });

    protected Task TurnAsync(Run run, RunStatus status, long seen = 0, string? result = null) =>
        Store.WriteAsync(new RunWrite { Run = run.Id, Epoch = run.Epoch, Status = status, InboxSeen = seen, Result = result });

    protected async Task<IReadOnlyList<RunId>> DueAsync(DateTimeOffset? at = null, int max = 10) =>
        [.. (await Store.ClaimDueAsync("b", at ?? Now, Some.Lease, max)).Select(r => r.Id)];

    // Creating

    [Fact]
    public async Task A_new_run_is_read_back_as_it_was_given_with_its_started_record()
    {
        var parent = Some.RunId();
        var given = Some.Run(trigger: "schedule/1", parent: parent);
        await Store.CreateAsync(given);

        var run = await Store.FindAsync(given.Run.Id);
        Assert.Equal(given.Run, run);
        var record = Assert.Single(await Store.ReadJournalAsync(given.Run.Id));
        Assert.Equal((1, JournalKind.Started, -1, Now.ToUnixTimeMilliseconds()), (record.Seq, record.Kind, record.Ordinal, record.At));
        Assert.Equal(given.Started, record.Payload.ToArray());
    }

    [Fact]
    public async Task A_trigger_key_starts_one_run_only()
    {
        var first = await Store.CreateAsync(Some.Run(trigger: "suricata/17"));
        var second = Some.Run(trigger: "suricata/17");
        Assert.Equal(first, await Store.CreateAsync(second));
        Assert.Null(await Store.FindAsync(second.Run.Id));
        Assert.Empty(await Store.ReadJournalAsync(second.Run.Id));
    }

    [Fact]
    public async Task The_same_trigger_key_sent_by_many_at_once_starts_one_run_only()
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => Store.CreateAsync(Some.Run(trigger: "suricata/18")))));
        Assert.Single(ids.Distinct());
        Assert.Single(await Store.ListAsync(null, null, 100));
    }

    [Fact]
    public async Task A_run_id_is_used_once()
    {
        var run = Some.Run();
        await Store.CreateAsync(run);
        var error = await Assert.ThrowsAsync<SoarException>(() => Store.CreateAsync(run));
        Assert.Contains(run.Run.Id.ToString(), error.Message);
        Assert.Single(await Store.ReadJournalAsync(run.Run.Id));
    }

    [Fact]
    public async Task An_unknown_run_is_null_and_has_no_journal()
    {
        Assert.Null(await Store.FindAsync(Some.RunId()));
        Assert.Empty(await Store.ReadJournalAsync(Some.RunId()));
        Assert.Null(await Store.ClaimAsync(Some.RunId(), "a", Now, Some.Lease));
    }

    [Fact]
    public async Task Runs_are_listed_newest_first_by_status_and_playbook()
    {
        var a = await Store.CreateAsync(Some.Run("block"));
        var b = await Store.CreateAsync(Some.Run("warn"));
        var c = await DrivenAsync("block");
        await TurnAsync(c, RunStatus.Completed);
        Assert.Equal([c.Id, b, a], (await Store.ListAsync(null, null, 10)).Select(r => r.Id));
        Assert.Equal([b, a], (await Store.ListAsync(RunStatus.Running, null, 10)).Select(r => r.Id));
        Assert.Equal([c.Id, a], (await Store.ListAsync(null, "block", 10)).Select(r => r.Id));
        Assert.Equal([a], (await Store.ListAsync(RunStatus.Running, "block", 10)).Select(r => r.Id));
        Assert.Equal([c.Id], (await Store.ListAsync(null, null, 1)).Select(r => r.Id));
    }

    // Journal

    [Fact]
    public async Task Records_are_read_back_in_order_and_byte_for_byte()
    {
        var run = await DrivenAsync();
        await WriteAsync(run, Some.Record(2), Some.Record(3, """{"имя":"атака"}"""));
        await WriteAsync(run, Some.Record(4, []));
        var journal = await Store.ReadJournalAsync(run.Id);
        Assert.Equal([1, 2, 3, 4], journal.Select(r => r.Seq));
        Assert.Equal("""{"имя":"атака"}""", Some.Text(journal[2].Payload));
        Assert.True(journal[3].Payload.IsEmpty);
        var expected = Some.Record(3);
        Assert.Equal(expected with { Payload = default }, journal[2] with { Payload = default });
    }

    [Theory]
    [InlineData(256 * 1024)]
    [InlineData(256 * 1024 + 1)]
    [InlineData(8 * 1024 * 1024)]
    public async Task A_large_payload_is_given_back_whole(int size)
    {
        var run = await DrivenAsync();
        var payload = new byte[size];
        new Random(size).NextBytes(payload);
        await WriteAsync(run, Some.Record(2, payload), Some.Record(3, payload));
        var journal = await Store.ReadJournalAsync(run.Id);
        Assert.True(journal[1].Payload.Span.SequenceEqual(payload));
        Assert.True(journal[2].Payload.Span.SequenceEqual(payload));
    }

    [Fact]
    public async Task Large_payloads_travel_in_started_records_children_and_inboxes_too()
    {
        var large = Some.Bytes('"' + new string('x', 300_000) + '"');
        var id = await Store.CreateAsync(Some.Run() with { Started = large });
        var run = (await Store.ClaimAsync(id, "a", Now, Some.Lease))!;
        var child = Some.Run(parent: id) with { Started = large };
        Assert.True(await Store.SendAsync(Some.Signal(id, "1") with { Payload = large }));
        await Store.WriteAsync(new RunWrite { Run = id, Epoch = run.Epoch, Children = [child], Send = [Some.Signal(id, "2") with { Payload = large }] });
        Assert.Equal(large, (await Store.ReadJournalAsync(id))[0].Payload.ToArray());
        Assert.Equal(large, (await Store.ReadJournalAsync(child.Run.Id))[0].Payload.ToArray());
        Assert.All(await Store.ReadInboxAsync(id), item => Assert.Equal(large, item.Payload));
    }

    [Fact]
    public async Task A_sequence_number_is_used_once_and_its_write_leaves_nothing()
    {
        var run = await DrivenAsync();
        await WriteAsync(run, Some.Record(2));
        await Assert.ThrowsAsync<SoarException>(() => WriteAsync(run, Some.Record(3), Some.Record(2)));
        Assert.Equal([1, 2], (await Store.ReadJournalAsync(run.Id)).Select(r => r.Seq));
    }

    [Fact]
    public async Task A_write_to_an_unknown_run_says_so()
    {
        var unknown = Some.RunId();
        var error = await Assert.ThrowsAsync<NotFoundException>(() => Store.WriteAsync(new RunWrite { Run = unknown, Epoch = 1 }));
        Assert.Contains(unknown.ToString(), error.Message);
    }

    [Fact]
    public async Task Everything_of_a_write_is_there_or_nothing()
    {
        var run = await DrivenAsync();
        var child = Some.Run(parent: run.Id);
        var question = Some.Question(run.Id);
        var containment = Some.Containment(run.Id);
        await Store.SendAsync(Some.Signal(run.Id, "s"));
        var whole = new RunWrite
        {
            Run = run.Id, Epoch = run.Epoch, Records = [Some.Record(2)], Consume = ["s"], Ask = [question], Children = [child], Containments = [containment],
            Status = RunStatus.Waiting, WakeAt = Now.AddHours(1), CaseId = "case-9", Deaths = 1,
        };
        await Assert.ThrowsAsync<NotFoundException>(() => Store.WriteAsync(whole with { Send = [Some.Signal(Some.RunId(), "x")] }));
        await Assert.ThrowsAsync<LeaseLostException>(() => Store.WriteAsync(whole with { Epoch = run.Epoch + 1 }));
        await Assert.ThrowsAsync<SoarException>(() => Store.WriteAsync(whole with { Records = [Some.Record(2), Some.Record(2)] }));
        await Assert.ThrowsAsync<SoarException>(() => Store.WriteAsync(whole with { Children = [child, child] }));

        Assert.Single(await Store.ReadJournalAsync(run.Id));
        Assert.Single(await Store.ReadInboxAsync(run.Id));
        Assert.Empty(await Store.QuestionsAsync(null, null));
        Assert.Empty(await Store.ContainmentsAsync(null, null, standingOnly: false));
        Assert.Null(await Store.FindAsync(child.Run.Id));
        Assert.Equal(run, await Store.FindAsync(run.Id));

        await Store.WriteAsync(whole);
        Assert.Equal(2, (await Store.ReadJournalAsync(run.Id)).Count);
        Assert.Empty(await Store.ReadInboxAsync(run.Id));
        Assert.Equivalent(question, Assert.Single(await Store.QuestionsAsync(run.Id, QuestionStatus.Open)));
        Assert.Equivalent(question, await Store.FindQuestionAsync(question.Id));
        Assert.Null(await Store.FindQuestionAsync(new QuestionId(run.Id.Value)));
        Assert.Equivalent(containment with { Version = 1 }, Assert.Single(await Store.ContainmentsAsync(null, null, standingOnly: true)));
        Assert.Equal(run.Id, (await Store.FindAsync(child.Run.Id))!.Parent);
        var after = (await Store.FindAsync(run.Id))!;
        Assert.Equal((RunStatus.Waiting, Now.AddHours(1), "case-9", 1, null), (after.Status, after.WakeAt, after.CaseId, after.Deaths, after.LeaseOwner));
    }

    // Versions

    [Fact]
    public async Task A_playbook_version_is_kept_once_and_the_last_one_put_is_the_newest()
    {
        var one = Version("h1", "1.0.0");
        var two = Version("h2", "1.1.0");
        await Store.PutVersionAsync(one, Now);
        await Store.PutVersionAsync(one, Now);
        await Store.PutVersionAsync(two, Now);
        await Store.PutVersionAsync(Version("h3", "1.0.0", "warn"), Now);
        Assert.Equivalent(one with { AssemblyPath = "" }, await Store.FindVersionAsync("h1"));
        Assert.Equal("h2", (await Store.NewestVersionAsync("block"))!.Hash);
        Assert.Null(await Store.FindVersionAsync("h9"));
        Assert.Null(await Store.NewestVersionAsync("unheard-of"));

        await Store.PutVersionAsync(one, Now);
        Assert.Equal("h1", (await Store.NewestVersionAsync("block"))!.Hash);
    }

    private static Hosting.CompiledPlaybook Version(string hash, string version, string playbook = "block") => new(hash, "/cache/x.dll", "block.csx", "Playbook(…);", new Hosting.PlaybookHeader
    {
        Name = playbook, Version = version, Type = PlaybookType.Mitigation, Tlp = Tlp.Amber, Summary = "Blocks.",
        Triggers = [new Hosting.TriggerHeader("alert", "trigger:0", "alert => true", 3)], Inputs = [new Hosting.InputHeader("address", "IpAddress", "whom", null, "input:address", 4)],
        Capabilities = ["Firewall"], Actions = ["firewall.block"],
    });
}
