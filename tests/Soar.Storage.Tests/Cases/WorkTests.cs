using Soar.Alerts;
using Soar.Capabilities;
using Soar.Cases;
using Soar.Runs;

namespace Soar.Storage.Tests.Cases;

/// <summary>What people do with cases, on a real database.</summary>
public sealed class WorkTests : IAsyncLifetime
{
    private readonly StandingClock clock = new();
    private readonly SoarDatabase database;
    private readonly RunStore runs;
    private readonly CaseStore cases;
    private readonly AlertStore alerts;

    public WorkTests()
    {
        database = SoarDatabase.OpenForTests(clock);
        runs = new RunStore(database);
        cases = new CaseStore(database, new Ids(clock));
        alerts = new AlertStore(database, new Ids(clock));
    }

    private static DateTimeOffset Now => Some.Noon;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;
    public ValueTask DisposeAsync() => database.DisposeAsync();

    private static Entry Entry(RunId run, int ordinal) => new(IdempotencyKey.For(run, ordinal, "case"), run, $"block/{ordinal}", Now);

    private async Task<(CaseFile Case, RunId Run)> OpenAsync(string title = "Hoax mails", int severity = 50, Tlp tlp = Tlp.Amber)
    {
        var run = await runs.CreateAsync(Some.Run());
        return (await cases.OpenAsync(Entry(run, 0), title, severity, tlp), run);
    }

    private Task SeenAsync(RunId run, string value, int ordinal = 1) => cases.AddObservableAsync(Entry(run, ordinal), new Observable("ip", value), Verdict.Malicious);

    private async Task<long> AlertAsync(string id, string key, DateTimeOffset at, bool reopens = false)
    {
        var grouping = new AlertGrouping("attacker", [key], TimeSpan.FromHours(24), $"Case of {key}") { Reopens = reopens };
        var alert = new Alert { Id = id, Detector = "suricata", Title = $"scan {id}", Category = "recon", Severity = 40, Time = at };
        return (await alerts.AcceptAsync("sensor", new Heard { Alerts = [new IncomingAlert(alert) { Handling = new AlertHandling { Grouping = grouping } }] }, at))[0].Number;
    }

    private Task<CaseFile> ChangeAsync(CaseFile file, CaseEdit edit, int minutes = 0, string by = "ana") => cases.ChangeAsync(file.Id, edit, by, Now.AddMinutes(minutes));

    private static async Task<string> RefusedAsync(Task change)
    {
        var refused = await Assert.ThrowsAsync<SoarException>(() => change);
        Assert.Equal("SOAR2014", refused.Code);
        return refused.Message;
    }

    [Fact]
    public async Task A_case_goes_from_new_to_closed_and_its_times_and_its_timeline_say_when_and_by_whom()
    {
        var (file, run) = await OpenAsync();
        Assert.Equal((CaseStatus.New, null, null), (file.Status, file.Owner, file.AcknowledgedAt));
        var taken = await ChangeAsync(file, new CaseEdit { Owner = " ana " }, 5);
        Assert.Equal((CaseStatus.Open, "ana", Now.AddMinutes(5)), (taken.Status, taken.Owner, taken.AcknowledgedAt));
        await ChangeAsync(file, new CaseEdit { Status = CaseStatus.Contained, Priority = 1, Severity = 90, Tlp = Tlp.Red, Declared = true, Reason = "700 buildings" }, 20, "boris");
        await RefusedAsync(ChangeAsync(file, new CaseEdit { Status = CaseStatus.Closed }));
        await RefusedAsync(ChangeAsync(file, new CaseEdit { Resolution = CaseResolution.Benign }));
        await RefusedAsync(ChangeAsync(file, new CaseEdit { Severity = 101 }));
        await RefusedAsync(ChangeAsync(file, new CaseEdit { Title = " " }));
        var closed = await ChangeAsync(file, new CaseEdit { Status = CaseStatus.Closed, Resolution = CaseResolution.Resolved }, 60);
        Assert.Equal(
            (CaseStatus.Closed, CaseResolution.Resolved, 1, 90, Tlp.Red, Now.AddMinutes(20), "boris", Now.AddMinutes(5), Now.AddMinutes(20), Now.AddMinutes(60)),
            (closed.Status, closed.Resolution, closed.Priority, closed.Severity, closed.Tlp, closed.DeclaredAt, closed.DeclaredBy, closed.AcknowledgedAt, closed.ContainedAt, closed.ClosedAt));
        Assert.Equal(closed, await cases.FindAsync("1"));

        var reopened = await ChangeAsync(file, new CaseEdit { Status = CaseStatus.Open, Priority = 0, Declared = false, Owner = "" }, 90);
        Assert.Equal((null, null, null, null, null), (reopened.Resolution, reopened.ClosedAt, reopened.Priority, reopened.DeclaredAt, reopened.Owner));
        Assert.Equal(Now.AddMinutes(20), reopened.ContainedAt);
        await ChangeAsync(file, new CaseEdit { Status = CaseStatus.Open }, 95);

        var timeline = await cases.TimelineAsync(file.Id, 100);
        Assert.Equal(
            ["opened", "run started", "owner", "status", "severity", "priority", "tlp", "status", "declared", "status", "priority", "owner", "status", "no incident"],
            timeline.Select(e => e.What));
        var contained = timeline.Last(e => e.What == "status" && e.New == "Contained");
        Assert.Equal(("boris", "Open", "700 buildings", Now.AddMinutes(20)), (contained.Who, contained.Old, contained.Text, contained.At));
        Assert.Equal("Closed (Resolved)", timeline.Single(e => e.Old == "Contained").New);
        Assert.Equal(run, timeline[1].Run);
    }

    [Fact]
    public async Task Notes_and_tasks_of_people_lie_in_the_case_and_whoever_begins_has_taken_it_up()
    {
        var (file, run) = await OpenAsync();
        await cases.AddNoteAsync(Entry(run, 3), "The run says this.");
        await cases.NoteAsync(file.Id, "Called the provider. <script>alert(1)</script>", "ana", Now.AddMinutes(3));
        Assert.Equal(Now.AddMinutes(3), (await cases.FindAsync("1"))!.AcknowledgedAt);
        await RefusedAsync(cases.NoteAsync(file.Id, " ", "ana", Now));
        await Assert.ThrowsAsync<NotFoundException>(() => cases.NoteAsync(new CaseId(Guid.NewGuid()), "x", "ana", Now));

        var task = await cases.AddTaskAsync(file.Id, "Ask the registry", "boris", Now.AddHours(2), "ana", Now.AddMinutes(4));
        Assert.Equal(new CaseTask(task.Number, "Ask the registry", "boris", Now.AddHours(2), Now.AddMinutes(4), "ana", null, null), task);
        Assert.Equal((Now.AddMinutes(9), "boris"), await cases.ChangeTaskAsync(file.Id, task.Number, new TaskEdit(Done: true), "boris", Now.AddMinutes(9)) is var done ? (done.DoneAt, done.DoneBy) : default);
        Assert.Null((await cases.ChangeTaskAsync(file.Id, task.Number, new TaskEdit(Assignee: "", Done: false), "ana", Now.AddMinutes(10))).DoneAt);
        var (other, _) = await OpenAsync();
        await Assert.ThrowsAsync<NotFoundException>(() => cases.ChangeTaskAsync(other.Id, task.Number, new TaskEdit(Done: true), "ana", Now));

        var work = await cases.DeskworkAsync(file.Id);
        Assert.Equal(("ana", "Called the provider. <script>alert(1)</script>"), (Assert.Single(work.Notes).Who, work.Notes[0].Text));
        Assert.Null(Assert.Single(work.Tasks).Assignee);
        Assert.Equal(["note", "note", "task", "task", "task"], (await cases.TimelineAsync(file.Id, 100)).Select(e => e.What).Where(w => w is "note" or "task"));
    }

    [Fact]
    public async Task Cases_that_are_about_the_same_are_related_those_that_share_most_first()
    {
        var (one, first) = await OpenAsync("One");
        var (two, second) = await OpenAsync("Two");
        var (three, third) = await OpenAsync("Three");
        foreach (var (run, value, at) in new[] { (first, "203.0.113.1", 1), (first, "203.0.113.2", 2), (second, "203.0.113.1", 1), (second, "203.0.113.2", 2), (third, "203.0.113.2", 1), (third, "203.0.113.9", 2) })
            await SeenAsync(run, value, at);
        await AlertAsync("a", "ip:203.0.113.9", Now);

        var related = await cases.RelatedAsync(one.Id, 10);
        Assert.Equal([(two.Id, 2), (three.Id, 1)], related.Select(r => (r.Case.Id, r.Count)));
        Assert.Equal(["ip 203.0.113.1", "ip 203.0.113.2"], related[0].Shared);
        Assert.Equal([1, 4], (await cases.RelatedAsync(three.Id, 10)).Select(r => r.Case.Number).Where(n => n is 1 or 4).Order());

        // What a run has found before its case was opened counts too.
        var late = await runs.CreateAsync(Some.Run());
        await SeenAsync(late, "203.0.113.1");
        var opened = await cases.OpenAsync(Entry(late, 0), "Late", 10, Tlp.Green);
        Assert.Contains(one.Id, (await cases.RelatedAsync(opened.Id, 10)).Select(r => r.Case.Id));
    }

    [Fact]
    public async Task What_lies_in_a_merged_case_lies_in_the_other_and_what_comes_later_does_too()
    {
        var number = await AlertAsync("a", "ip:203.0.113.1", Now);
        var gone = (await cases.FindAsync("1"))!;
        var (kept, run) = await OpenAsync("Kept", 20, Tlp.Red);
        var child = await runs.CreateAsync(Some.Run() is var made ? made with { Run = made.Run with { CaseId = gone.Id.ToString() } } : made);
        await cases.NoteAsync(gone.Id, "of the first", "ana", Now);
        await cases.AddTaskAsync(gone.Id, "to do", null, null, "ana", Now);

        await RefusedAsync(cases.MergeAsync(gone.Id, gone.Id, "", "ana", Now));
        var merged = await cases.MergeAsync(gone.Id, kept.Id, "the same attacker", "ana", Now.AddMinutes(1));
        Assert.Equal((kept.Id, 40, Tlp.Red, 1), (merged.Id, merged.Severity, merged.Tlp, merged.Alerts));
        var closed = (await cases.FindAsync("1"))!;
        Assert.Equal((CaseStatus.Closed, CaseResolution.Duplicate, kept.Number, 0), (closed.Status, closed.Resolution, closed.MergedInto, closed.Alerts));
        Assert.Equal(kept.Id.ToString(), (await alerts.FindAsync($"{number}"))!.CaseId);
        Assert.Equal(kept.Id.ToString(), (await runs.FindAsync(child))!.CaseId);
        Assert.Equal((1, 1), await cases.DeskworkAsync(kept.Id) is var work ? (work.Notes.Count, work.Tasks.Count) : default);
        await cases.AddNoteAsync(Entry(child, 5), "later");
        Assert.Single((await cases.ReadAsync(kept.Id)).Notes);
        Assert.Equal(kept.Id.ToString(), (await alerts.FindAsync($"{await AlertAsync("b", "ip:203.0.113.1", Now.AddMinutes(2))}"))!.CaseId);
        Assert.Contains("merged into case 2", await RefusedAsync(ChangeAsync(closed, new CaseEdit { Owner = "ana" })));
        Assert.Contains((await cases.TimelineAsync(kept.Id, 100)), e => e.What == "merged" && e.Text == "Case 1 was merged into it: the same attacker");
    }

    [Fact]
    public async Task A_split_case_has_what_is_named_and_nothing_that_lies_elsewhere()
    {
        var first = await AlertAsync("a", "ip:203.0.113.1", Now);
        var second = await AlertAsync("b", "ip:203.0.113.1", Now);
        var elsewhere = await AlertAsync("c", "ip:203.0.113.2", Now);
        var from = (await cases.FindAsync("1"))!;
        var run = await runs.CreateAsync(Some.Run() is var made ? made with { Run = made.Run with { CaseId = from.Id.ToString() } } : made);
        await SeenAsync(run, "203.0.113.7");
        Assert.Contains($"alert {elsewhere}", await RefusedAsync(cases.SplitAsync(from.Id, "Another", [second, elsewhere], [], "ana", Now)));
        await RefusedAsync(cases.SplitAsync(from.Id, "Another", [], [], "ana", Now));

        var changed = 0;
        cases.Changed += () => changed++;
        var split = await cases.SplitAsync(from.Id, "Another attacker", [second], [run], "ana", Now.AddMinutes(1));
        Assert.Equal(("Another attacker", CaseStatus.Open, 1, from.Severity, from.Tlp), (split.Title, split.Status, split.Alerts, split.Severity, split.Tlp));
        Assert.Equal(1, changed);
        Assert.Equal((from.Id.ToString(), split.Id.ToString()), ((await alerts.FindAsync($"{first}"))!.CaseId, (await alerts.FindAsync($"{second}"))!.CaseId));
        Assert.Equal(split.Id.ToString(), (await runs.FindAsync(run))!.CaseId);
        Assert.Equal(1, (await cases.FindAsync("1"))!.Alerts);
        Assert.Single((await cases.ReadAsync(split.Id)).Observables);
        Assert.Contains(await cases.TimelineAsync(from.Id, 100), e => e.What == "split");
    }

    [Fact]
    public async Task An_alert_for_a_closed_case_opens_another_or_opens_it_again_as_its_rule_says()
    {
        var first = await AlertAsync("a", "ip:203.0.113.1", Now);
        var file = (await cases.FindAsync("1"))!;
        await ChangeAsync(file, new CaseEdit { Status = CaseStatus.Closed, Resolution = CaseResolution.Resolved }, 1);
        var again = (await alerts.FindAsync($"{await AlertAsync("b", "ip:203.0.113.1", Now.AddMinutes(2), reopens: true)}"))!;
        var open = (await cases.FindAsync("1"))!;
        Assert.Equal((1, CaseStatus.Open, null, null), (again.CaseNumber, open.Status, open.Resolution, open.ClosedAt));
        Assert.Contains(await cases.TimelineAsync(file.Id, 100), e => e.Who == $"alert {again.Number}" && e.New == "Open");

        await ChangeAsync(file, new CaseEdit { Status = CaseStatus.Closed, Resolution = CaseResolution.Resolved }, 3);
        Assert.Equal(2, (await alerts.FindAsync($"{await AlertAsync("c", "ip:203.0.113.1", Now.AddMinutes(4))}"))!.CaseNumber);
        Assert.Equal(CaseStatus.Closed, (await cases.FindAsync("1"))!.Status);
        Assert.Equal(2, (await alerts.FindAsync($"{await AlertAsync("d", "ip:203.0.113.1", Now.AddMinutes(5), reopens: true)}"))!.CaseNumber);
        Assert.NotEqual(first, again.Number);
    }

    [Fact]
    public async Task Cases_are_found_by_what_they_stand_at_whose_they_are_and_what_they_are_about_and_measured()
    {
        var files = new List<CaseFile>();
        for (var i = 0; i < 10; i++)
        {
            var (file, run) = await OpenAsync($"Case {i}");
            files.Add(file);
            if (i == 3) await SeenAsync(run, "203.0.113.33");
            if (i < 9) await ChangeAsync(file, new CaseEdit { Owner = i % 2 == 0 ? "ana" : "boris" }, i + 1);
            if (i < 4) await ChangeAsync(file, new CaseEdit { Status = CaseStatus.Closed, Resolution = i == 0 ? CaseResolution.FalsePositive : CaseResolution.Resolved }, 60 * (i + 1));
        }

        async Task<IEnumerable<int>> Of(CaseFilter filter, int max = 50) => (await cases.PageAsync(filter, max)).Select(c => c.Number);
        Assert.Equal([10], await Of(new CaseFilter(CaseStatus.New)));
        Assert.Equal([9, 7, 5], await Of(new CaseFilter(CaseStatus.Open, "ana")));
        Assert.Equal([4], await Of(new CaseFilter(Text: "203.0.113.33")));
        Assert.Equal([8], await Of(new CaseFilter(Text: "case 7")));
        Assert.Equal([7, 6], await Of(new CaseFilter(Before: 8), 2));
        Assert.Empty(await Of(new CaseFilter(Declared: true)));

        await cases.MergeAsync(files[9].Id, files[8].Id, "", "ana", Now.AddHours(5));
        var metrics = await cases.MetricsAsync(Now, Now.AddMinutes(1));
        Assert.Equal((9, 0, 9, 4, 0), (metrics.Opened, metrics.Declared, metrics.Acknowledge.Cases, metrics.Close.Cases, metrics.Contain.Cases));
        Assert.Equal((TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(9)), (metrics.Acknowledge.Median, metrics.Acknowledge.P90));
        Assert.Equal((5, 4), (metrics.ByStatus[CaseStatus.Open], metrics.ByStatus[CaseStatus.Closed]));
        Assert.Equal(3, metrics.ByResolution[CaseResolution.Resolved]);
        Assert.Equal(0, (await cases.MetricsAsync(Now.AddDays(1), Now.AddDays(2))).Opened);
    }
}
