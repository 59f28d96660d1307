using Soar.Alerts;
using Soar.Capabilities;
using Soar.Cases;
using Soar.Runs;

namespace Soar.Storage.Tests;

/// <summary>What is removed when it is old enough, and above all what is not.</summary>
public sealed class RetentionTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Later = Some.Noon.AddDays(400), Before = Some.Noon.AddDays(1);

    private readonly StandingClock clock = new();
    private readonly SoarDatabase database;
    private readonly RunStore runs;
    private readonly CaseStore cases;
    private readonly AlertStore alerts;
    private readonly RetentionStore retention;

    public RetentionTests()
    {
        database = SoarDatabase.OpenForTests(clock);
        runs = new RunStore(database);
        cases = new CaseStore(database, new Ids(clock));
        alerts = new AlertStore(database, new Ids(clock));
        retention = new RetentionStore(database);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;
    public ValueTask DisposeAsync() => database.DisposeAsync();

    private static Entry Entry(RunId run, int ordinal = 0) => new(IdempotencyKey.For(run, ordinal, "case"), run, $"block/{ordinal}", Some.Noon);

    /// <summary>A run that ended at noon, with a journal, an answered question and a signal.</summary>
    private async Task<RunId> EndedAsync(string? caseId = null, RunId? parent = null, int records = 3)
    {
        var made = Some.Run(parent: parent);
        var id = await runs.CreateAsync(made with { Run = made.Run with { CaseId = caseId } });
        var run = (await runs.ClaimAsync(id, "a", Some.Noon, Some.Lease))!;
        var question = Some.Question(id);
        await runs.WriteAsync(new RunWrite { Run = id, Epoch = run.Epoch, Records = [.. Enumerable.Range(2, records).Select(seq => Some.Record(seq))], Ask = [question] });
        await runs.AnswerAsync(question.Id, Some.Answer("lead"));
        await runs.SendAsync(Some.Signal(id, "s-1"));
        await runs.WriteAsync(new RunWrite { Run = id, Epoch = run.Epoch, Status = RunStatus.Completed, Result = "{}" });
        return id;
    }

    private async Task<CaseFile> CaseAsync(bool closed = true)
    {
        var opener = await runs.CreateAsync(Some.Run());
        var file = await cases.OpenAsync(Entry(opener), "Hoax mails", 50, Tlp.Amber);
        if (closed) await cases.ChangeAsync(file.Id, new CaseEdit { Status = CaseStatus.Closed, Resolution = CaseResolution.Resolved }, "ana", Some.Noon);
        return file;
    }

    private async Task<int> SweepAsync()
    {
        var removed = 0;
        foreach (var run in await retention.RunsAsync(Before, 0, 100)) removed += await retention.RemoveRunAsync(run, Before) ? 1 : 0;
        return removed;
    }

    private async Task<bool> StandsAsync(RunId run) => await runs.FindAsync(run) is not null;

    [Fact]
    public async Task A_run_that_ended_long_ago_goes_whole_and_one_that_did_not_stays()
    {
        var (old, running) = (await EndedAsync(), await runs.CreateAsync(Some.Run()));
        Assert.Empty(await retention.RunsAsync(Some.Noon, 0, 100));
        Assert.Equal(1, await SweepAsync());
        Assert.False(await StandsAsync(old));
        Assert.True(await StandsAsync(running));
        Assert.Empty(await runs.ReadJournalAsync(old));
        Assert.Empty(await runs.QuestionsAsync(old, null));
        Assert.Empty(await database.CheckAsync());
        Assert.Equal(0, await SweepAsync());
    }

    /// <summary>Whoever adds a table that refers to runs, questions or alerts says here what becomes of its rows: gone with the run (<see cref="RetentionStore.RemoveRunAsync"/>), or a reason to keep it.</summary>
    [Fact]
    public async Task Everything_that_refers_to_what_is_removed_is_known()
    {
        var referring = await database.Readers.ReadAsync(reader =>
        {
            var found = new List<string>();
            var s = reader["SELECT m.name || ' → ' || f.\"table\" FROM sqlite_master AS m JOIN pragma_foreign_key_list(m.name) AS f WHERE m.type = 'table' AND f.\"table\" IN ('runs', 'questions', 'alerts') ORDER BY 1"];
            while (s.Step()) found.Add(s.Text(0));
            return found;
        });
        Assert.Equal(
            [
                "answers → questions", "budget_uses → runs", "case_changes → runs", "cases → alerts", "cases → runs", "evidence → runs", "held_effects → runs", "inbox → runs", "journal → runs", "notes → runs",
                "notices → questions", "observables → runs", "questions → runs", "request_entries → runs", "requests → runs",
            ],
            referring);
    }

    [Fact]
    public async Task A_journal_of_many_thousand_records_goes_in_parts()
    {
        var run = await EndedAsync(records: RetentionStore.AtOnce * 2 + 5);
        var commits = database.Commits;
        Assert.Equal(1, await SweepAsync());
        Assert.True(database.Commits - commits >= 3);
        Assert.False(await StandsAsync(run));
    }

    [Fact]
    public async Task What_belongs_to_a_case_stays_until_it_is_closed_and_not_on_hold()
    {
        var (open, closed, held) = (await CaseAsync(closed: false), await CaseAsync(), await CaseAsync());
        var of = new List<RunId>();
        foreach (var file in new[] { open, closed, held }) of.Add(await EndedAsync(file.Id.ToString()));
        await cases.HoldAsync(held.Id, "Order 12/2026", "ana", Some.Noon);
        Assert.Equal(1, await SweepAsync());
        Assert.Equal((true, false, true), (await StandsAsync(of[0]), await StandsAsync(of[1]), await StandsAsync(of[2])));

        await cases.ReleaseAsync(held.Id, "The order is over", "root", Some.Noon);
        Assert.Equal(1, await SweepAsync());
        Assert.False(await StandsAsync(of[2]));
    }

    [Fact]
    public async Task A_hold_that_comes_between_the_look_and_the_removal_counts()
    {
        var file = await CaseAsync();
        var run = await EndedAsync(file.Id.ToString(), records: RetentionStore.AtOnce + 10);
        var number = Assert.Single(await retention.RunsAsync(Before, 0, 100));
        await cases.HoldAsync(file.Id, "Order 12/2026", "ana", Some.Noon);
        Assert.False(await retention.RemoveRunAsync(number, Before));
        Assert.Equal(RetentionStore.AtOnce + 11, (await runs.ReadJournalAsync(run)).Count);
    }

    [Fact]
    public async Task Holds_need_a_reason_are_told_in_the_timeline_and_travel_with_what_is_merged_and_split()
    {
        var (file, other) = (await CaseAsync(closed: false), await CaseAsync(closed: false));
        await Assert.ThrowsAsync<SoarException>(() => cases.HoldAsync(file.Id, " ", "ana", Some.Noon));
        await Assert.ThrowsAsync<SoarException>(() => cases.ReleaseAsync(file.Id, "none", "ana", Some.Noon));
        await cases.HoldAsync(file.Id, "Order 12/2026", "ana", Some.Noon);
        var held = await cases.HoldAsync(file.Id, "Another order", "boris", Some.Noon.AddDays(1));
        Assert.Equal(("ana", "Order 12/2026", Some.Noon), (held.HeldBy, held.HoldReason, held.HeldAt));
        Assert.Equal([file.Id], (await cases.HeldAsync()).Select(c => c.Id));
        Assert.Contains(await cases.TimelineAsync(file.Id, 99), e => e is { What: "hold", Who: "ana", Text: "Order 12/2026" });

        var split = await cases.SplitAsync(file.Id, "Another", [], [file.Run!.Value], "ana", Some.Noon);
        Assert.Equal("Order 12/2026", (await cases.FindAsync($"{split.Number}"))!.HoldReason);
        Assert.Equal("Order 12/2026", (await cases.MergeAsync(file.Id, other.Id, "", "ana", Some.Noon)).HoldReason);
    }

    [Fact]
    public async Task What_a_case_is_made_of_and_what_still_contains_something_stays_however_old()
    {
        var file = await CaseAsync();
        var seen = await EndedAsync(file.Id.ToString());
        await cases.AddObservableAsync(Entry(seen, 1), new Observable("ip", "203.0.113.7"), Verdict.Malicious);
        var noted = await EndedAsync(file.Id.ToString());
        await cases.AddNoteAsync(Entry(noted, 1), "Called the provider.");
        var contains = Some.Run();
        var run = (await runs.ClaimAsync(await runs.CreateAsync(contains), "a", Some.Noon, Some.Lease))!;
        await runs.WriteAsync(new RunWrite { Run = run.Id, Epoch = run.Epoch, Containments = [Some.Containment(run.Id)] });
        await runs.WriteAsync(new RunWrite { Run = run.Id, Epoch = run.Epoch, Status = RunStatus.Completed });
        Assert.Equal(0, await SweepAsync());
        Assert.True(await StandsAsync(seen) && await StandsAsync(noted) && await StandsAsync(run.Id));
    }

    [Fact]
    public async Task A_sub_run_goes_after_the_run_above_it()
    {
        var above = await runs.CreateAsync(Some.Run());
        var child = await EndedAsync(parent: above);
        Assert.Equal(0, await SweepAsync());
        var run = (await runs.ClaimAsync(above, "a", Some.Noon, Some.Lease))!;
        await runs.WriteAsync(new RunWrite { Run = above, Epoch = run.Epoch, Status = RunStatus.Completed });
        Assert.Equal(1, await SweepAsync());
        Assert.Equal(1, await SweepAsync());
        Assert.False(await StandsAsync(child));
    }

    [Fact]
    public async Task Alerts_go_by_when_they_came_last_and_stay_with_their_case_and_where_they_opened_it()
    {
        async Task<long> TakeAsync(string id, string? key = null, DateTimeOffset? at = null)
        {
            var alert = new Alert { Id = id, Detector = "suricata", Title = "scan", Category = "recon", Severity = 40, Time = Some.Noon };
            var handling = key is null ? AlertHandling.None : new AlertHandling { Grouping = new AlertGrouping("attacker", [key], TimeSpan.FromDays(1), "Case") };
            var taken = (await alerts.AcceptAsync("sensor", new Heard { Alerts = [new IncomingAlert(alert) { Handling = handling }] }, at ?? Some.Noon))[0];
            await alerts.DecidedAsync(taken.Id, AlertState.NoTrigger, null, [], at ?? Some.Noon);
            return taken.Number;
        }

        var old = await TakeAsync("a");
        var repeated = await TakeAsync("b");
        await alerts.AcceptAsync("sensor", new Heard { Alerts = [new IncomingAlert(new Alert { Id = "b", Detector = "suricata", Title = "scan", Category = "recon", Severity = 40, Time = Some.Noon })] }, Later);
        var (opener, second) = (await TakeAsync("c", "ip:1"), await TakeAsync("d", "ip:1"));
        var due = await retention.AlertsAsync(Before, 0, 100);
        Assert.Equal([old], due);
        var file = (await cases.FindAsync("1"))!;
        await cases.ChangeAsync(file.Id, new CaseEdit { Status = CaseStatus.Closed, Resolution = CaseResolution.Resolved }, "ana", Some.Noon);
        due = await retention.AlertsAsync(Before, 0, 100);
        Assert.Equal([old, second], due);
        await cases.HoldAsync(file.Id, "Order", "ana", Some.Noon);
        Assert.Equal(1, await retention.RemoveAlertsAsync(due, Before));
        Assert.Null(await alerts.FindAsync($"{old}"));
        foreach (var kept in new[] { repeated, opener, second }) Assert.NotNull(await alerts.FindAsync($"{kept}"));
    }
}
