using Soar.Alerts;
using Soar.Cases.Alerts;
using Soar.Engine;
using Soar.Hosting;
using Soar.Runs;
using Soar.Scripting.Host;
using Soar.Storage;

namespace Soar.Tests.Engine;

/// <summary>Playbooks that are started by alerts: exactly once for an alert and a playbook, whatever happens to the process, and every alert ends in one state that can be seen.</summary>
public sealed class AlertTriggerTests : IAsyncLifetime
{
    private readonly ManualClock clock = new();
    private readonly Plays plays = new();
    private readonly SoarDatabase database;
    private readonly RunStore runs;
    private readonly AlertStore alerts;
    private readonly IAlertIntake intake;

    public AlertTriggerTests()
    {
        database = SoarDatabase.OpenForTests(clock);
        runs = new RunStore(database);
        alerts = new AlertStore(database, new Ids(clock));
        intake = new AlertIntake(alerts, AlertRules.None, clock, mostWaiting: 20_000).For("sensor");
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => database.DisposeAsync();

    private World NewWorld(int seed = 1) => new(null, runs, clock, plays: plays, seed: seed, host: events => new AskedHost(new InProcessHost(events, scripts: plays.Scripts), plays));

    private Alert Alert(string id, string category = "intrusion", int severity = 80) => new() { Id = id, Detector = "suricata", Title = "scan", Category = category, Severity = severity, Time = clock.GetUtcNow() };

    private static Task<Outcome> Nothing(PlayBench s) => Task.FromResult(Outcome.Completed());

    private async Task<AlertRecord> DecidedAsync(long number) => await World.UntilAsync(async () => await alerts.FindAsync($"{number}") is { State: not AlertState.Waiting } found ? found : null, $"alert {number} is decided");

    [Fact]
    public async Task A_playbook_whose_triggers_are_off_here_is_not_started_and_the_alert_says_why()
    {
        plays.AddOnAlert("block", _ => true, Nothing, "1.0.0");
        plays.AddOnAlert("note", _ => true, Nothing, "1.0.0");
        var options = new EngineOptions { Triggers = new Dictionary<string, TriggerTerms> { ["block"] = new() { Enabled = false } } };
        await using var world = new World(options, runs, clock, plays: plays, seed: 1, host: events => new AskedHost(new InProcessHost(events, scripts: plays.Scripts), plays));
        await using var watch = world.Engine.WatchAlerts(alerts);
        await intake.AcceptAsync(Heard.One(Alert("a-1")), CancellationToken.None);
        var alert = await DecidedAsync(1);

        Assert.Equal("note", Assert.Single(await runs.ListAsync(null, null, 99)).Playbook);
        var off = Assert.Single(alert.Triggers, t => t.Playbook == "block");
        Assert.Equal((TriggerVerdict.NotWanted, "Its triggers are off here (triggers.block in soar.yaml)."), (off.Verdict, off.Message));
    }

    [Fact]
    public async Task A_run_for_which_there_is_no_place_waits_in_line_and_its_alert_says_why()
    {
        plays.AddOnAlert("block", _ => true, async s =>
        {
            await s.Pause(TimeSpan.FromHours(1));
            return Outcome.Completed();
        });
        var options = new EngineOptions { Triggers = new Dictionary<string, TriggerTerms> { ["block"] = new() { PerSource = 1 } } };
        await using var world = new World(options, runs, clock, plays: plays, seed: 1, host: events => new AskedHost(new InProcessHost(events, scripts: plays.Scripts), plays));
        await using var watch = world.Engine.WatchAlerts(alerts);
        await intake.AcceptAsync(Heard.One(Alert("a-1")), CancellationToken.None);
        await DecidedAsync(1);
        await intake.AcceptAsync(Heard.One(Alert("a-2")), CancellationToken.None);
        var second = Assert.Single((await DecidedAsync(2)).Triggers);

        Assert.Equal((TriggerVerdict.Started, "Its run stands in line: no more than 1 of block may be under way at once for alerts of one source (triggers.block.perSource in soar.yaml); it is the next."), (second.Verdict, second.Message));
        var waiting = (await runs.FindAsync(second.Run!.Value))!;
        Assert.Equal((true, "sensor"), (waiting.InLine, waiting.Source));
        Assert.Equal(RunStatus.Completed, (await world.PassToEndAsync(waiting.Id, TimeSpan.FromMinutes(10))).Status);
    }

    [Fact]
    public async Task A_playbook_in_its_maintenance_window_is_not_started_and_the_alert_says_so_and_can_be_asked_again()
    {
        plays.AddOnAlert("block", _ => true, Nothing);
        var open = true;
        var options = new EngineOptions { Triggers = new Dictionary<string, TriggerTerms> { ["block"] = new() { Maintenance = _ => open ? "patch-night" : null } } };
        await using var world = new World(options, runs, clock, plays: plays, seed: 1, host: events => new AskedHost(new InProcessHost(events, scripts: plays.Scripts), plays));
        await using var watch = world.Engine.WatchAlerts(alerts);
        await intake.AcceptAsync(Heard.One(Alert("a-1")), CancellationToken.None);
        var kept = await DecidedAsync(1);
        Assert.Equal((AlertState.NoTrigger, "block: It wants the alert. It is not started in the maintenance window 'patch-night' (triggers.block in soar.yaml). Afterwards: soar alerts retry 1"), (kept.State, kept.Reason));
        Assert.Empty(await runs.ListAsync(null, null, 9));

        open = false;
        Assert.True(await alerts.ReopenAsync(kept.Id));
        await world.CalmAsync();
        Assert.Equal(AlertState.Started, (await DecidedAsync(1)).State);
    }

    [Fact]
    public async Task An_alert_starts_the_playbooks_that_want_it_once_and_says_what_the_others_said()
    {
        plays.AddOnAlert("block", a => a.Category == "intrusion", s => Task.FromResult(Outcome.Contained(s.In<string>("who"))), "1.0.0", new InputHeader("who", "string", "whom", "\"the shift\"", null, 3));
        plays.AddOnAlert("hunt", a => a.Severity > 90, Nothing, "2.1.0");
        plays.AddOnCase("unasked", _ => true, Nothing);
        await using var world = NewWorld();
        await using var watch = world.Engine.WatchAlerts(alerts);
        Assert.True((await intake.AcceptAsync(Heard.One(Alert("a-1")), CancellationToken.None))[0].New);
        await world.CalmAsync();
        Assert.False((await intake.AcceptAsync(Heard.One(Alert("a-1")), CancellationToken.None))[0].New);
        await world.CalmAsync();

        var run = Assert.Single(await runs.ListAsync(null, null, 99));
        Assert.Equal(("block", RunStatus.Completed, "alert 1"), (run.Playbook, run.Status, run.StartedBy));
        Assert.Contains("the shift", run.Result);
        Assert.Contains("\"id\":\"a-1\"", await world.PayloadAsync(run.Id, JournalKind.Started));
        var alert = await DecidedAsync(1);
        Assert.Equal((AlertState.Started, null, 2), (alert.State, alert.Reason, alert.Times));
        Assert.Equal(
            [new TriggerAnswer("block", "1.0.0", TriggerVerdict.Started, "what block wants", run.Id), new TriggerAnswer("hunt", "2.1.0", TriggerVerdict.NotWanted, "what hunt wants")],
            alert.Triggers);
    }

    [Fact]
    public async Task An_alert_that_nobody_wants_says_so_and_so_does_one_that_nobody_could_be_asked_about()
    {
        await using var world = NewWorld();
        await using var watch = world.Engine.WatchAlerts(alerts);
        await intake.AcceptAsync(Heard.One(Alert("a")), CancellationToken.None);
        await world.CalmAsync();
        Assert.Equal((AlertState.NoTrigger, "No playbook has an alert trigger."), await DecidedAsync(1) is var none ? (none.State, none.Reason) : default);

        plays.AddOnAlert("block", _ => false, Nothing);
        await intake.AcceptAsync(Heard.One(Alert("b")), CancellationToken.None);
        await world.CalmAsync();
        Assert.Equal((AlertState.NoTrigger, null), await DecidedAsync(2) is var unwanted ? (unwanted.State, unwanted.Reason) : default);

        plays.NotCompiling.Add(("torn.csx", "torn.csx:3:1: error CS1002: ; expected"));
        await intake.AcceptAsync(Heard.One(Alert("c")), CancellationToken.None);
        await world.CalmAsync();
        var failed = await DecidedAsync(3);
        Assert.Equal(AlertState.Failed, failed.State);
        Assert.Contains("CS1002", failed.Reason);
    }

    [Fact]
    public async Task A_predicate_that_throws_and_a_start_that_is_refused_are_seen_and_the_others_start()
    {
        plays.AddOnAlert("broken", a => throw new InvalidOperationException($"no such thing in {a.Title}"), Nothing);
        plays.AddOnAlert("needy", _ => true, Nothing, "2.0.0", new InputHeader("address", "IpAddress", "whom", null, null, 3));
        await using var world = NewWorld();
        await using var watch = world.Engine.WatchAlerts(alerts);
        await intake.AcceptAsync(Heard.One(Alert("a")), CancellationToken.None);
        await world.CalmAsync();
        var failed = await DecidedAsync(1);
        Assert.Equal(AlertState.Failed, failed.State);
        Assert.Contains("And 1 more", failed.Reason);
        Assert.Contains(failed.Triggers, t => t is { Playbook: "broken", Verdict: TriggerVerdict.Failed } && t.Message!.Contains("no such thing in scan"));
        Assert.Contains(failed.Triggers, t => t is { Playbook: "needy", Verdict: TriggerVerdict.Failed } && t.Message!.Contains("address"));

        plays.AddOnAlert("sound", _ => true, Nothing);
        await intake.AcceptAsync(Heard.One(Alert("b")), CancellationToken.None);
        await world.CalmAsync();
        var started = await DecidedAsync(2);
        Assert.Equal((AlertState.Started, 2), (started.State, started.Triggers.Count(t => t.Verdict == TriggerVerdict.Failed)));
        Assert.Equal("alert 2", Assert.Single(await runs.ListAsync(null, null, 99)).StartedBy);
        var errors = await new CaseStore(database, new Ids(clock)).TriggerErrorsAsync(10);
        Assert.Equal(["broken@1.0.0", "needy@2.0.0"], errors.Select(e => e.Playbook).Order());
        Assert.All(errors, e => Assert.Equal(("alerts", 2), (e.Subject, e.Times)));
        Assert.All(errors, e => Assert.StartsWith("alert 2: ", e.Message));
        Assert.Contains(world.Log.Lines, l => l.Contains("broken@1.0.0 was not started for alert 1"));

        // Mended, and asked again: what was started is not started again.
        plays.AddOnAlert("broken", _ => true, Nothing, "1.0.1");
        Assert.True(await alerts.ReopenAsync(started.Id));
        await world.CalmAsync();
        var again = await DecidedAsync(2);
        Assert.Equal(1, again.Triggers.Count(t => t.Verdict == TriggerVerdict.Failed));
        Assert.Equal(["broken", "sound"], (await runs.ListAsync(null, null, 99)).Select(r => r.Playbook).Order());
    }

    [Fact]
    public async Task What_came_while_nobody_looked_is_looked_at_later_and_a_crash_between_start_and_note_starts_nothing_twice()
    {
        plays.AddOnAlert("block", _ => true, Nothing);
        await using (var world = NewWorld())
        {
            await intake.AcceptAsync(new Heard { Alerts = [.. Enumerable.Range(0, 30).Select(n => new IncomingAlert(Alert($"a-{n}")))] }, CancellationToken.None);
            await using var dying = world.Engine.WatchAlerts(new DyingAlerts(alerts));
            world.Clock.Advance(TimeSpan.Zero);
            await World.UntilAsync(async () => (await runs.ListAsync(null, null, 99)).Count > 0 ? "started" : null, "some are started");
            await world.CalmAsync();
            Assert.Equal(30, await alerts.CountWaitingAsync());
        }

        plays.AddOnAlert("block", _ => true, Nothing, "1.1.0"); // published while the process was down
        await using var again = NewWorld(seed: 2);
        await using var watch = again.Engine.WatchAlerts(alerts);
        await again.PassAsync(async () => await alerts.CountWaitingAsync() == 0);
        var all = await runs.ListAsync(null, null, 99);
        Assert.Equal(30, all.Count);
        Assert.Equal(30, all.Select(r => r.StartedBy).Distinct().Count());
        Assert.All(await alerts.ListAsync(null, null, 99), a => Assert.Equal((AlertState.Started, $"alert {a.Number}"), (a.State, all.Single(r => r.Id == Assert.Single(a.Triggers).Run).StartedBy)));
    }

    [Fact]
    public async Task Ten_thousand_alerts_in_a_burst_are_all_decided_and_none_twice()
    {
        plays.AddOnAlert("block", a => a.Severity == 1, Nothing);
        await using var world = NewWorld();
        await using var watch = world.Engine.WatchAlerts(alerts);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(batch => intake.AcceptAsync(
            new Heard { Alerts = [.. Enumerable.Range(0, 100).Select(n => new IncomingAlert(Alert($"{batch}/{n}", severity: n == 7 ? 1 : 50)))] }, CancellationToken.None)));
        await world.CalmAsync();
        Assert.Equal(0, await alerts.CountWaitingAsync());
        Assert.Equal(100, (await alerts.ListAsync(AlertState.Started, null, 20_000)).Count);
        Assert.Equal(9_900, (await alerts.ListAsync(AlertState.NoTrigger, null, 20_000)).Count);
        Assert.Equal(100, (await runs.ListAsync(null, null, 20_000)).Count);
    }

    [Fact]
    public async Task A_full_intake_keeps_nothing_and_says_when_to_come_again_and_has_room_once_alerts_are_decided()
    {
        var small = new AlertIntake(alerts, AlertRules.None, clock, mostWaiting: 10).For("sensor");
        await small.AcceptAsync(new Heard { Alerts = [.. Enumerable.Range(0, 10).Select(n => new IncomingAlert(Alert($"{n}")))] }, CancellationToken.None);
        clock.Advance(TimeSpan.FromSeconds(1));
        var full = await Assert.ThrowsAsync<IntakeFullException>(() => small.AcceptAsync(Heard.One(Alert("beyond")), CancellationToken.None));
        Assert.True(full.RetryAfter > TimeSpan.Zero);
        await Assert.ThrowsAsync<IntakeFullException>(() => small.AcceptAsync(Heard.One(Alert("beyond")), CancellationToken.None));
        await small.AcceptAsync(new Heard { Unreadable = [new("x", "nonsense")] }, CancellationToken.None); // bad news need no room
        Assert.Equal(10, await alerts.CountWaitingAsync());

        await using var world = NewWorld();
        await using var watch = world.Engine.WatchAlerts(alerts);
        await world.PassAsync(async () => await alerts.CountWaitingAsync() == 0);
        Assert.True((await small.AcceptAsync(Heard.One(Alert("beyond")), CancellationToken.None))[0].New);
    }

    [Fact]
    public async Task A_repeat_and_what_is_suppressed_start_nothing_until_a_person_has_them_looked_at()
    {
        plays.AddOnAlert("block", _ => true, Nothing);
        var quiet = AlertCondition.Parse(new Dictionary<string, IReadOnlyList<string>> { ["category"] = ["policy"] }, []);
        var rules = new AlertRules { Same = new SameAlerts(TimeSpan.FromMinutes(10), []), Suppressions = [new Suppression("quiet", quiet, null, "")] };
        var ruled = new AlertIntake(alerts, rules, clock, mostWaiting: 100).For("sensor");
        await using var world = NewWorld();
        await using var watch = world.Engine.WatchAlerts(alerts);
        var from = new Endpoint(IpAddress.Parse("203.0.113.7"));
        foreach (var (id, category) in new[] { ("a", "intrusion"), ("b", "intrusion"), ("c", "policy") })
        {
            await ruled.AcceptAsync(Heard.One(Alert(id, category) with { Source = from }), CancellationToken.None);
            await world.CalmAsync();
        }

        Assert.Equal([AlertState.Suppressed, AlertState.Duplicate, AlertState.Started], (await alerts.ListAsync(null, null, 9)).Select(a => a.State));
        Assert.Equal("alert 1", Assert.Single(await runs.ListAsync(null, null, 99)).StartedBy);
        await alerts.ReopenAsync((await alerts.FindAsync("2"))!.Id);
        await world.CalmAsync();
        Assert.Equal(AlertState.Started, (await DecidedAsync(2)).State);
        Assert.Equal(["alert 1", "alert 2"], (await runs.ListAsync(null, null, 99)).Select(r => r.StartedBy).Order());
    }

    private static AlertField Field(string name) => AlertField.Find(name, out _)!;

    private static AlertCondition When(string field, params string[] wanted) => AlertCondition.Parse(new Dictionary<string, IReadOnlyList<string>> { [field] = wanted }, []);

    [Fact]
    public async Task The_playbooks_of_an_alert_run_on_the_case_that_it_was_grouped_into_and_the_case_s_own_start_for_it()
    {
        plays.AddOnAlert("block", _ => true, Nothing);
        plays.AddOnCase("triage", c => c.Severity >= 80, Nothing);
        var rules = AlertRules.None with { Cases = [new CaseRule("attacker", null, [Field("source.ip")], TimeSpan.FromHours(1), "Attacks from {source.ip}")] };
        var cases = new CaseStore(database, new Ids(clock));
        alerts.CaseOpened += cases.Tell;
        var ruled = new AlertIntake(alerts, rules, clock, mostWaiting: 100).For("sensor");
        await using var world = NewWorld();
        await using var watch = world.Engine.WatchAlerts(alerts);
        await using var ofCases = world.Engine.WatchCases(cases);
        foreach (var (id, ip) in new[] { ("a", "203.0.113.7"), ("b", "203.0.113.8"), ("c", "203.0.113.7") })
        {
            await ruled.AcceptAsync(Heard.One(Alert(id) with { Source = new Endpoint(IpAddress.Parse(ip)), Tlp = Tlp.Red }), CancellationToken.None);
            await world.CalmAsync();
        }

        var files = await cases.ListAsync(10);
        Assert.Equal(["Attacks from 203.0.113.8", "Attacks from 203.0.113.7"], files.Select(c => c.Title));
        var all = await runs.ListAsync(null, null, 99);
        Assert.Equal([("alert 1", 1), ("alert 2", 2), ("alert 3", 1)], all.Where(r => r.Playbook == "block").Select(r => (r.StartedBy, files.Single(c => c.Id.ToString() == r.CaseId).Number)).Order());
        Assert.Equal([("case 1", 1), ("case 2", 2)], all.Where(r => r.Playbook == "triage").Select(r => (r.StartedBy, files.Single(c => c.Id.ToString() == r.CaseId).Number)).Order());
        var started = await world.PayloadAsync(all.Single(r => r.StartedBy == "case 1").Id, JournalKind.Started);
        Assert.Contains("\"id\":\"a\"", started);
        Assert.All(files, file => Assert.Equal((Tlp.Red, null), (file.Tlp, file.Run)));
    }

    [Fact]
    public async Task A_mixed_thousand_ends_with_each_alert_in_exactly_one_state_and_nothing_is_lost()
    {
        plays.AddOnAlert("block", a => a.Category == "intrusion", Nothing);
        plays.AddOnAlert("odd", a => a.Category == "malware" ? throw new InvalidOperationException("cannot be asked") : false, Nothing);
        var rules = new AlertRules
        {
            Same = new SameAlerts(TimeSpan.FromMinutes(10), []), SameOf = new Dictionary<string, SameAlerts> { ["s2"] = new(TimeSpan.Zero, []) },
            Suppressions = [new Suppression("policy", When("category", "policy"), null, "")], Cases = [new CaseRule("attacker", null, [Field("source.ip")], TimeSpan.FromHours(1), null)],
        };
        var ruled = new AlertIntake(alerts, rules, clock, mostWaiting: 10_000);
        var random = new Random(7);
        string[] categories = ["intrusion", "malware", "policy", "recon"];
        var sent = Enumerable.Range(0, 1_000).Select(n => (Source: $"s{random.Next(3)}", Alert: Alert($"{random.Next(900)}", categories[random.Next(4)], 1 + random.Next(3)) with
        {
            Source = random.Next(3) == 0 ? null : new Endpoint(IpAddress.Parse($"203.0.113.{random.Next(40)}")), Title = random.Next(50) == 0 ? "" : "scan",
        }, Over: random.Next(20) == 0 ? clock.GetUtcNow() : (DateTimeOffset?)null)).ToList();
        await using var world = NewWorld();
        await using var watch = world.Engine.WatchAlerts(alerts);
        var answers = new List<(string Source, AcceptedAlert Accepted)>();
        foreach (var batch in sent.Chunk(37))
            foreach (var ofSource in batch.GroupBy(s => s.Source))
                answers.AddRange((await ruled.AcceptAsync(ofSource.Key, new Heard { Alerts = [.. ofSource.Select(s => new IncomingAlert(s.Alert, s.Over))] }, CancellationToken.None)).Select(a => (ofSource.Key, a)));
        await world.PassAsync(async () => await alerts.CountWaitingAsync() == 0);

        // What was answered is what lies there: new ones, repeats of known ids, and what was no alert.
        var all = await alerts.ListAsync(null, null, 5_000);
        Assert.Equal(1_000, answers.Count);
        Assert.Equal(all.Select(a => a.Number).Order(), answers.Where(a => a.Accepted.New).Select(a => a.Accepted.Number).Order());
        Assert.Equal(1_000 - answers.Count(a => a.Accepted.Problem is not null), all.Sum(a => a.Times));
        Assert.Equal(answers.Count(a => a.Accepted.Problem is not null), (await alerts.SourcesAsync()).Sum(s => s.Unreadable));
        // Exactly one state, whose signs it carries and no other's.
        var seen = new List<AlertState>();
        foreach (var state in Enum.GetValues<AlertState>()) seen.AddRange((await alerts.ListAsync(state, null, 5_000)).Select(a => a.State));
        Assert.Equal(all.Count, seen.Count);
        Assert.Equal(Enum.GetValues<AlertState>().Where(s => s != AlertState.Waiting), seen.Distinct().Order()); // each is met
        var started = await runs.ListAsync(null, null, 5_000);
        Assert.Equal(started.Select(r => r.StartedBy).Order(), all.Where(a => a.State == AlertState.Started).Select(a => $"alert {a.Number}").Order());
        foreach (var alert in all)
        {
            Assert.Equal(alert.State == AlertState.Duplicate, alert.DuplicateOf is not null);
            Assert.Equal(alert.State == AlertState.Suppressed, alert.SuppressedBy is not null);
            Assert.Equal(alert.State is AlertState.Started or AlertState.Failed || alert is { State: AlertState.NoTrigger, Alert.Category: "recon", Triggers.Count: > 0 }, alert.Triggers.Count > 0);
            Assert.Equal(all.Count(a => a.DuplicateOf == alert.Number), alert.Duplicates);
            if (alert.DuplicateOf is { } first) Assert.Equal((alert.Source, alert.Alert.Source, alert.CaseNumber), all.Single(a => a.Number == first) is var f ? (f.Source, f.Alert.Source, f.CaseNumber) : default);
            if (alert.State == AlertState.Started) Assert.Equal(alert.CaseId, started.Single(r => r.StartedBy == $"alert {alert.Number}").CaseId);
        }

        foreach (var file in await new CaseStore(database, new Ids(clock)).ListAsync(1_000)) Assert.Equal(file.Alerts, all.Count(a => a.CaseNumber == file.Number && a.DuplicateOf is null));
        Assert.All(all.Where(a => a.CaseNumber is not null).GroupBy(a => a.Alert.Source!.Ip), group => Assert.Single(group.Select(a => a.CaseNumber).Distinct()));
    }

    [Fact]
    public async Task What_is_no_complete_alert_is_kept_as_unreadable_and_the_others_are_taken()
    {
        var accepted = await intake.AcceptAsync(new Heard { Alerts = [new(Alert("a")), new(Alert("b") with { Title = " " }), new(Alert("c") with { Severity = 101 }), new(Alert("d"))] }, CancellationToken.None);
        Assert.Equal([(1L, true), (0L, false), (0L, false), (2L, true)], accepted.Select(a => (a.Number, a.New)));
        Assert.Contains("title", accepted[1].Problem);
        Assert.Contains("severity", accepted[2].Problem);
        Assert.Equal(2, (await alerts.UnreadableAsync(null, 10)).Count);
    }

    /// <summary>Dies before it has noted what became of an alert.</summary>
    private sealed class DyingAlerts(IAlertStore inner) : IAlertStore
    {
        public event Action? Arrived
        {
            add => inner.Arrived += value;
            remove => inner.Arrived -= value;
        }

        public Task DecidedAsync(AlertId alert, AlertState state, string? reason, IReadOnlyList<TriggerAnswer> triggers, DateTimeOffset now) => Task.FromException(new CrashException());

        public event Action<AlertId, IReadOnlyList<TriggerAnswer>>? Decided
        {
            add => inner.Decided += value;
            remove => inner.Decided -= value;
        }

        public Task<IReadOnlyList<TriggerAnswer>?> AnswersAsync(AlertId alert) => inner.AnswersAsync(alert);

        public Task<IReadOnlyList<AcceptedAlert>> AcceptAsync(string source, Heard heard, DateTimeOffset now) => inner.AcceptAsync(source, heard, now);

        public Task<int> CountWaitingAsync() => inner.CountWaitingAsync();

        public Task<IReadOnlyList<AlertRecord>> WaitingAsync(int max) => inner.WaitingAsync(max);

        public Task<bool> ReopenAsync(AlertId alert) => inner.ReopenAsync(alert);

        public Task<IReadOnlyList<AlertRecord>> ListAsync(AlertState? state, string? source, int max) => inner.ListAsync(state, source, max);

        public Task<IReadOnlyList<AlertRecord>> DuplicatesAsync(long number, int max) => inner.DuplicatesAsync(number, max);

        public event Action? CaseOpened
        {
            add => inner.CaseOpened += value;
            remove => inner.CaseOpened -= value;
        }

        public Task<IReadOnlyList<AlertRecord>> OfCaseAsync(string caseId, int max) => inner.OfCaseAsync(caseId, max);

        public Task<AlertRecord?> FindAsync(string idOrNumber) => inner.FindAsync(idOrNumber);

        public Task<IReadOnlyList<SourceCounts>> SourcesAsync() => inner.SourcesAsync();

        public Task<IReadOnlyList<UnreadableRecord>> UnreadableAsync(string? source, int max) => inner.UnreadableAsync(source, max);
    }
}
