using System.Text.Json;
using Soar.Alerts;

namespace Soar.Storage.Tests;

/// <summary>What every store of alerts must do, in the words of <see cref="IAlertStore"/>. One sealed class per database derives from it.</summary>
public abstract class AlertStoreConformance : IAsyncLifetime
{
    protected IAlertStore Store { get; private set; } = null!;

    private static DateTimeOffset Now => Some.Noon;

    protected abstract Task<IAlertStore> OpenAsync();

    /// <summary>A second store object on the same database.</summary>
    protected abstract IAlertStore Another();

    protected abstract Task CloseAsync();

    public async ValueTask InitializeAsync() => Store = await OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        GC.SuppressFinalize(this);
    }

    private static Alert Alert(string id, string title = "SQL injection") => new()
    {
        Id = id, Detector = "suricata", Title = title, RuleId = "1:9000002", Category = "intrusion", Severity = 80, Time = Now.AddSeconds(-2),
        Source = new Endpoint(IpAddress.Parse("203.0.113.66"), 4242), Observables = [new Observable("ip", "203.0.113.66")], Tlp = Tlp.Amber,
        Payload = JsonDocument.Parse("""{"flow_id":7,"text":"Ѓорѓи"}""").RootElement,
    };

    private Task<IReadOnlyList<AcceptedAlert>> TakeAsync(string source, params string[] ids) =>
        Store.AcceptAsync(source, new Heard { Alerts = [.. ids.Select(id => new IncomingAlert(Alert(id)))] }, Now);

    [Fact]
    public async Task An_alert_is_read_back_as_it_was_given_and_waits()
    {
        var accepted = Assert.Single(await TakeAsync("sensor", "a"));
        Assert.Equal((1L, true, null), (accepted.Number, accepted.New, accepted.Problem));
        var record = Assert.Single(await Store.WaitingAsync(10));
        Assert.Equal((accepted.Id, 1L, "sensor", AlertState.Waiting, Now, Now, 1), (record.Id, record.Number, record.Source, record.State, record.ReceivedAt, record.LastAt, record.Times));
        Assert.Equal((null, null, null), (record.Reason, record.DecidedAt, record.ResolvedAt));
        Assert.Equal(JsonSerializer.Serialize(Alert("a")), JsonSerializer.Serialize(record.Alert));
        Assert.Equal(record.Id, (await Store.FindAsync("1"))!.Id);
        Assert.Equal(record.Id, (await Store.FindAsync(record.Id.ToString().ToUpperInvariant()))!.Id);
        Assert.Null(await Store.FindAsync("2"));
        Assert.Equal(1, await Store.CountWaitingAsync());
    }

    [Fact]
    public async Task What_playbooks_said_to_an_alert_is_told_once_it_is_on_disk_and_can_be_asked_for()
    {
        var accepted = await TakeAsync("sensor", "a", "b");
        var told = new List<(AlertId, int)>();
        Store.Decided += (alert, said) => told.Add((alert, said.Count));
        TriggerAnswer[] answers = [new("block", "1.0.0", TriggerVerdict.NotWanted, "alert => true")];
        Assert.Null(await Store.AnswersAsync(accepted[0].Id));
        await Store.DecidedAsync(accepted[0].Id, AlertState.NoTrigger, null, answers, Now);
        await Store.DecidedAsync(accepted[0].Id, AlertState.NoTrigger, null, [], Now);
        Assert.Equal([(accepted[0].Id, 1)], told);
        Assert.Equal(answers, await Store.AnswersAsync(accepted[0].Id));
        Assert.Null(await Store.AnswersAsync(accepted[1].Id));
    }

    [Fact]
    public async Task The_same_alert_of_a_source_counts_once_and_another_sources_is_another()
    {
        var first = await TakeAsync("sensor", "a", "b", "a");
        Assert.Equal([true, true, false], first.Select(a => a.New));
        Assert.Equal(first[0].Id, first[2].Id);
        var later = Assert.Single(await Store.AcceptAsync("sensor", new Heard { Alerts = [new IncomingAlert(Alert("a", "another title"))] }, Now.AddHours(1)));
        Assert.Equal((first[0].Id, first[0].Number, false), (later.Id, later.Number, later.New));
        Assert.True((await TakeAsync("other", "a"))[0].New);

        var record = (await Store.FindAsync(first[0].Id.ToString()))!;
        Assert.Equal((3, "SQL injection", Now, Now.AddHours(1)), (record.Times, record.Alert.Title, record.ReceivedAt, record.LastAt));
        Assert.Equal(3, await Store.CountWaitingAsync());
        Assert.Equal([("other", 1L, 0L), ("sensor", 2L, 2L)], (await Store.SourcesAsync()).Select(s => (s.Source, s.Alerts, s.Repeated)));
    }

    [Fact]
    public async Task The_same_alert_handed_over_by_many_at_once_is_kept_once()
    {
        var all = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => (i % 2 == 0 ? Store : Another()).AcceptAsync("sensor", Heard.One(Alert("a")), Now)));
        Assert.Single(all, a => a[0].New);
        Assert.Single(all.Select(a => a[0].Id).Distinct());
        Assert.Equal(50, (await Store.FindAsync("1"))!.Times);
    }

    [Fact]
    public async Task What_became_of_an_alert_is_written_once_with_what_every_trigger_said()
    {
        var accepted = await TakeAsync("sensor", "a", "b", "c");
        var run = Some.RunId();
        TriggerAnswer[] answers =
        [
            new("block", "1.0.0", TriggerVerdict.Started, "alert => true", run), new("hunt", "2.0.0", TriggerVerdict.NotWanted, "alert => false"), new("torn.csx", "", TriggerVerdict.Failed, "", null, "torn.csx:3: ; expected"),
        ];
        await Store.DecidedAsync(accepted[0].Id, AlertState.Started, null, answers, Now.AddSeconds(1));
        await Store.DecidedAsync(accepted[1].Id, AlertState.NoTrigger, null, [], Now.AddSeconds(1));
        await Store.DecidedAsync(accepted[2].Id, AlertState.Failed, "torn.csx: ; expected", answers[2..], Now.AddSeconds(1));
        await Store.DecidedAsync(accepted[0].Id, AlertState.Failed, "too late", [], Now.AddSeconds(2));

        Assert.Empty(await Store.WaitingAsync(10));
        var record = (await Store.FindAsync("1"))!;
        Assert.Equal((AlertState.Started, null, Now.AddSeconds(1)), (record.State, record.Reason, record.DecidedAt));
        Assert.Equal(answers, record.Triggers);
        Assert.Equal([3L, 2L, 1L], (await Store.ListAsync(null, null, 10)).Select(a => a.Number));
        Assert.Equal([3L], (await Store.ListAsync(AlertState.Failed, "sensor", 10)).Select(a => a.Number));
        Assert.Empty(await Store.ListAsync(AlertState.Failed, "other", 10));
        Assert.Equal([3L], (await Store.ListAsync(null, "sensor", 1)).Select(a => a.Number));
        var error = Assert.Single(await ErrorsAsync());
        Assert.Equal(("torn.csx", 2), (error.Playbook, error.Times));
        Assert.Contains("; expected", error.Message);
    }

    [Fact]
    public async Task An_alert_that_is_asked_about_again_waits_again()
    {
        var accepted = Assert.Single(await TakeAsync("sensor", "a"));
        Assert.False(await Store.ReopenAsync(accepted.Id));
        await Store.DecidedAsync(accepted.Id, AlertState.Failed, "broken", [], Now);
        var told = 0;
        Store.Arrived += () => told++;
        Assert.True(await Store.ReopenAsync(accepted.Id));
        Assert.Equal((AlertState.Waiting, null), (await Store.WaitingAsync(1))[0] is var record ? (record.State, record.Reason) : default);
        Assert.Equal(1, told);
    }

    [Fact]
    public async Task What_is_over_is_noted_and_what_was_over_from_the_beginning_starts_nothing()
    {
        await TakeAsync("alertmanager", "a");
        var over = Now.AddMinutes(5);
        await Store.AcceptAsync("alertmanager", new Heard { Alerts = [new IncomingAlert(Alert("a"), over), new IncomingAlert(Alert("b"), over)] }, Now.AddMinutes(6));
        await TakeAsync("alertmanager", "a"); // late news do not bring it back
        Assert.Equal((AlertState.Waiting, over), (await Store.FindAsync("1"))! is var a ? (a.State, a.ResolvedAt) : default);
        var never = (await Store.FindAsync("2"))!;
        Assert.Equal((AlertState.NoTrigger, over), (never.State, never.ResolvedAt));
        Assert.Contains("over when it was heard of", never.Reason);
        Assert.Equal(1, await Store.CountWaitingAsync());
    }

    [Fact]
    public async Task What_cannot_be_read_is_counted_and_the_newest_are_kept()
    {
        var told = 0;
        Store.Arrived += () => told++;
        await Store.AcceptAsync("sensor", new Heard { Unreadable = [new("{\"cut", "no JSON"), new(new string('x', 9_000), "too long")], Ignored = 5 }, Now);
        await Store.AcceptAsync("sensor", new Heard { Unreadable = [new("{\"cut", "no JSON at all")] }, Now.AddSeconds(1));
        Assert.Equal(0, told);
        Assert.Equal([("sensor", 0L, 5L, 3L, Now.AddSeconds(1))], (await Store.SourcesAsync()).Select(s => (s.Source, s.Alerts, s.Ignored, s.Unreadable, s.LastAt)));
        var unreadable = await Store.UnreadableAsync("sensor", 10);
        Assert.Equal([("{\"cut", "no JSON at all", 2, Now), (new string('x', UnreadableInput.MostText), "too long", 1, Now)], unreadable.Select(u => (u.Text, u.Problem, u.Times, u.FirstAt)));
        Assert.Empty(await Store.UnreadableAsync("other", 10));

        for (var i = 0; i < 30; i++)
            await Store.AcceptAsync("flood", new Heard { Unreadable = [.. Enumerable.Range(0, 50).Select(n => new UnreadableInput($"{i}/{n}", "nonsense"))] }, Now.AddSeconds(i));
        Assert.Equal(AlertStore.MostUnreadable, (await Store.UnreadableAsync("flood", 10_000)).Count);
        Assert.Equal(1_500, (await Store.SourcesAsync()).Single(s => s.Source == "flood").Unreadable);
        Assert.Equal(2, (await Store.UnreadableAsync("sensor", 10)).Count);
    }

    private static readonly string Print = new('f', 64);

    private async Task<AcceptedAlert> TakeAsync(string id, DateTimeOffset at, AlertHandling handling, DateTimeOffset? over = null) =>
        Assert.Single(await Store.AcceptAsync("sensor", new Heard { Alerts = [new IncomingAlert(Alert(id), over) { Handling = handling }] }, at));

    private static AlertHandling Same(string print = "") => new() { Fingerprint = print.Length == 0 ? Print : print, SameWithin = TimeSpan.FromMinutes(10) };

    [Fact]
    public async Task A_repeat_within_the_window_of_the_first_is_kept_counts_there_and_does_not_wait()
    {
        var told = 0;
        Store.Arrived += () => told++;
        Assert.Null((await TakeAsync("a", Now, Same())).DuplicateOf);
        var repeat = await TakeAsync("b", Now.AddMinutes(9), Same());
        Assert.Equal((2L, true, 1L), (repeat.Number, repeat.New, repeat.DuplicateOf));
        Assert.Equal(1L, (await TakeAsync("c", Now.AddMinutes(9.9), Same())).DuplicateOf);
        Assert.Equal((false, 1L), await TakeAsync("c", Now.AddMinutes(20), Same()) is var again ? (again.New, again.DuplicateOf) : default);
        Assert.Null((await TakeAsync("d", Now.AddMinutes(9), Same(new string('0', 64)))).DuplicateOf);
        Assert.Equal(2, told);

        var first = (await Store.FindAsync("1"))!;
        Assert.Equal((AlertState.Waiting, 2, 1, Now.AddMinutes(9.9)), (first.State, first.Duplicates, first.Times, first.LastAt));
        var kept = (await Store.FindAsync("2"))!;
        Assert.Equal((AlertState.Duplicate, 1L, Now.AddMinutes(9)), (kept.State, kept.DuplicateOf, kept.DecidedAt));
        Assert.Contains("repeats alert 1, within 10 minutes", kept.Reason);
        Assert.Equal("b", kept.Alert.Id);
        Assert.Contains("Ѓорѓи", kept.Alert.Payload!.Value.GetRawText());
        Assert.Equal([3L, 2L], (await Store.DuplicatesAsync(1, 10)).Select(a => a.Number));
        Assert.Equal([1L, 4L], (await Store.WaitingAsync(10)).Select(a => a.Number));

        // What goes on after the window is told again, and is the first of what follows.
        Assert.Null((await TakeAsync("e", Now.AddMinutes(10), Same())).DuplicateOf);
        Assert.Equal(5L, (await TakeAsync("f", Now.AddMinutes(11), Same())).DuplicateOf);
        Assert.Equal((6L, 3L, 1L), (await Store.SourcesAsync())[0] is var counts ? (counts.Alerts, counts.Duplicates, counts.Repeated) : default);
    }

    [Fact]
    public async Task Of_many_that_are_the_same_and_come_at_once_one_is_the_first()
    {
        var all = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => (i % 2 == 0 ? Store : Another()).AcceptAsync("sensor", new Heard { Alerts = [.. Enumerable.Range(0, 2).Select(n => new IncomingAlert(Alert($"{i}/{n}")) { Handling = Same() })] }, Now)));
        Assert.Single(all.SelectMany(a => a), a => a.DuplicateOf is null);
        Assert.Equal(119, (await Store.FindAsync("1"))!.Duplicates);
        Assert.Equal(119, (await Store.ListAsync(AlertState.Duplicate, null, 1_000)).Count(a => a.DuplicateOf == 1));
        Assert.Equal(1, await Store.CountWaitingAsync());
    }

    [Fact]
    public async Task What_was_over_or_suppressed_has_no_repeats_and_what_is_decided_has()
    {
        await TakeAsync("a", Now, Same());
        await TakeAsync("a", Now, Same(), over: Now);
        Assert.Null((await TakeAsync("b", Now.AddMinutes(1), Same())).DuplicateOf);
        await Store.DecidedAsync((await Store.FindAsync("2"))!.Id, AlertState.NoTrigger, null, [], Now.AddMinutes(2));
        Assert.Equal(2L, (await TakeAsync("c", Now.AddMinutes(3), Same())).DuplicateOf);
        await TakeAsync("d", Now, Same(new string('0', 64)) with { SuppressedBy = "scanner" });
        Assert.Null((await TakeAsync("e", Now, Same(new string('0', 64)))).DuplicateOf);
    }

    [Fact]
    public async Task What_a_rule_suppresses_is_kept_names_it_and_does_not_wait()
    {
        var told = 0;
        Store.Arrived += () => told++;
        var taken = await TakeAsync("a", Now, new AlertHandling { SuppressedBy = "own scanner", SuppressedFor = "change 4711." });
        Assert.Equal((1L, true, "own scanner", null), (taken.Number, taken.New, taken.SuppressedBy, taken.DuplicateOf));
        var kept = (await Store.FindAsync("1"))!;
        Assert.Equal((AlertState.Suppressed, "own scanner", "The rule 'own scanner' suppresses it: change 4711.", Now), (kept.State, kept.SuppressedBy, kept.Reason, kept.DecidedAt));
        Assert.Equal((0, 0), (told, await Store.CountWaitingAsync()));
        Assert.Equal((1L, 1L), (await Store.SourcesAsync())[0] is var counts ? (counts.Alerts, counts.Suppressed) : default);
    }

    [Fact]
    public async Task A_repeat_or_what_was_suppressed_stands_for_itself_once_it_is_asked_about_again()
    {
        await TakeAsync("a", Now, Same());
        var repeat = await TakeAsync("b", Now, Same());
        var suppressed = await TakeAsync("c", Now, new AlertHandling { SuppressedBy = "scanner" });
        Assert.True(await Store.ReopenAsync(repeat.Id));
        Assert.True(await Store.ReopenAsync(suppressed.Id));
        Assert.Equal([1L, 2L, 3L], (await Store.WaitingAsync(10)).Select(a => a.Number));
        Assert.Equal((0, null), ((await Store.FindAsync("1"))!.Duplicates, (await Store.FindAsync("2"))!.DuplicateOf));
        Assert.Empty(await Store.DuplicatesAsync(1, 10));
        Assert.False(await Store.ReopenAsync(repeat.Id));
    }

    [Fact]
    public async Task What_a_rule_has_changed_is_kept_with_what_the_detector_said()
    {
        await TakeAsync("a", Now, new AlertHandling { Routing = new AlertRouting("mail server", 30, Tlp.Green) });
        await TakeAsync("b", Now, new AlertHandling { Routing = new AlertRouting("mail server", 0, null) });
        await TakeAsync("c", Now, AlertHandling.None);
        Assert.Equal([null, new AlertRouting("mail server", 0, null), new AlertRouting("mail server", 30, Tlp.Green)], (await Store.ListAsync(null, null, 10)).Select(a => a.Routed));
    }

    private static AlertHandling Group(params string[] keys) => new() { Grouping = new AlertGrouping("same attacker", keys, TimeSpan.FromHours(1), $"Case of {keys[0]}") };

    private async Task<int?> CaseOfAsync(string id, DateTimeOffset at, AlertHandling handling) => (await Store.FindAsync((await TakeAsync(id, at, handling)).Id.ToString()))!.CaseNumber;

    [Fact]
    public async Task Alerts_that_share_a_key_within_the_time_are_one_case_and_others_open_another()
    {
        var opened = 0;
        Store.CaseOpened += () => opened++;
        Assert.Equal(1, await CaseOfAsync("a", Now, Group("ip:1", "host:x")));
        Assert.Equal(1, await CaseOfAsync("b", Now.AddMinutes(50), Group("ip:2", "host:x")));
        Assert.Equal(1, await CaseOfAsync("c", Now.AddMinutes(100), Group("ip:2"))); // fifty minutes after the last one with it
        Assert.Equal(2, await CaseOfAsync("d", Now.AddMinutes(100), Group("ip:3")));
        Assert.Equal(3, await CaseOfAsync("e", Now.AddMinutes(100), new AlertHandling { Grouping = new AlertGrouping("another rule", ["ip:1"], TimeSpan.FromHours(1), "Another") }));
        Assert.Equal(4, await CaseOfAsync("f", Now.AddMinutes(110), Group("host:x"))); // an hour after the last one with it
        Assert.Null(await CaseOfAsync("g", Now, AlertHandling.None));
        Assert.Equal(4, opened);
        Assert.Equal([1L, 2L, 3L], (await Store.OfCaseAsync((await Store.FindAsync("1"))!.CaseId!, 10)).Select(a => a.Number));

        var cases = await CasesAsync();
        Assert.Equal([(4, 1), (3, 1), (2, 1), (1, 3)], cases.Select(c => (c.Number, c.Alerts)));
        Assert.Equal(("Case of ip:1", 80, Tlp.Amber, "alert 1", null, Now), cases[3] is var first ? (first.Title, first.Severity, first.Tlp, first.OpenedBy, first.Run, first.OpenedAt) : default);
    }

    [Fact]
    public async Task What_ties_two_cases_together_joins_the_older_and_what_follows_does_too()
    {
        await TakeAsync("a", Now, Group("ip:1"));
        await TakeAsync("b", Now, Group("ip:2"));
        Assert.Equal(1, await CaseOfAsync("c", Now, Group("ip:2", "ip:1")));
        Assert.Equal(1, await CaseOfAsync("d", Now, Group("ip:2")));
        Assert.Equal(2, (await Store.FindAsync("2"))!.CaseNumber);
    }

    [Fact]
    public async Task A_case_takes_the_gravest_and_the_strictest_of_its_alerts_and_a_repeat_lies_where_its_first_does()
    {
        Task<IReadOnlyList<AcceptedAlert>> Take(string id, int severity, Tlp? tlp, AlertHandling handling) =>
            Store.AcceptAsync("sensor", new Heard { Alerts = [new IncomingAlert(Alert(id) with { Severity = severity, Tlp = tlp }) { Handling = handling }] }, Now);
        await Take("a", 30, Tlp.Green, Group("ip:1") with { Fingerprint = Print, SameWithin = TimeSpan.FromMinutes(10) });
        await Take("b", 90, Tlp.Red, Group("ip:1"));
        await Take("c", 10, null, Group("ip:1"));
        Assert.Equal(1L, (await Take("d", 30, Tlp.Green, Group("ip:9") with { Fingerprint = Print, SameWithin = TimeSpan.FromMinutes(10) }))[0].DuplicateOf);
        var one = Assert.Single(await CasesAsync());
        Assert.Equal((90, Tlp.Red, 3), (one.Severity, one.Tlp, one.Alerts));
        Assert.Equal((1, AlertState.Duplicate), (await Store.FindAsync("4"))! is var repeat ? (repeat.CaseNumber, repeat.State) : default);
        Assert.Equal(4, (await Store.OfCaseAsync(one.Id.ToString(), 10)).Count);
        await Store.ReopenAsync((await Store.FindAsync("4"))!.Id); // now it is one of them
        await Store.ReopenAsync((await Store.FindAsync("4"))!.Id);
        Assert.Equal(4, (await CasesAsync())[0].Alerts);
    }

    [Fact]
    public async Task Of_many_that_belong_together_and_come_at_once_one_opens_the_case()
    {
        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => (i % 2 == 0 ? Store : Another()).AcceptAsync("sensor", new Heard { Alerts = [new IncomingAlert(Alert($"{i}")) { Handling = Group("ip:1", $"host:{i}") }] }, Now)));
        Assert.Equal(60, Assert.Single(await CasesAsync()).Alerts);
        Assert.All(await Store.ListAsync(null, null, 100), a => Assert.Equal(1, a.CaseNumber));
        await TakeAsync("7", Now, Group("ip:5")); // known: it opens nothing
        Assert.Single(await CasesAsync());
    }

    protected abstract Task<IReadOnlyList<Soar.Cases.TriggerError>> ErrorsAsync();

    protected abstract Task<IReadOnlyList<Soar.Cases.CaseFile>> CasesAsync();
}

/// <summary>The conformance suite on SQLite.</summary>
public sealed class SqliteAlertStoreTests : AlertStoreConformance
{
    private readonly Ids ids = new(TimeProvider.System);
    private SoarDatabase database = null!;

    protected override Task<IAlertStore> OpenAsync()
    {
        database = SoarDatabase.OpenForTests(new StandingClock());
        return Task.FromResult<IAlertStore>(new AlertStore(database, ids));
    }

    protected override IAlertStore Another() => new AlertStore(database, ids);

    protected override Task<IReadOnlyList<Soar.Cases.CaseFile>> CasesAsync() => new CaseStore(database, ids).ListAsync(100);

    protected override async Task CloseAsync() => await database.DisposeAsync();

    protected override Task<IReadOnlyList<Soar.Cases.TriggerError>> ErrorsAsync() => new CaseStore(database, ids).TriggerErrorsAsync(10);
}
