using System.Text.Json;
using Soar.Runs;
using Soar.Server.Schedules;
using Soar.Server.Settings;
using Soar.Storage;

namespace Soar.Server.Tests.Schedules;

/// <summary>What becomes of due times: with the server up, down, and while the run before goes on.</summary>
public sealed class SchedulingTests : IAsyncLifetime
{
    private readonly ScheduleRig rig = new();

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => rig.DisposeAsync();

    private static string[] Due(IEnumerable<ScheduleFiring> firings, FiringState state) => [.. firings.Where(f => f.State == state).Select(f => f.Due.ToString("MM-dd HH:mm:ss", null))];

    private static bool AllDecided(IReadOnlyList<ScheduleFiring> firings) => firings.Count > 0 && firings.All(f => f.State > FiringState.Queued);

    [Fact]
    public async Task A_due_time_starts_one_run_that_says_who_started_it()
    {
        rig.Playbook("report", "On.Schedule(\"0 0 6 * * ?\", zone: \"Europe/Kyiv\");\nvar days = Input(\"days\", 3, \"How far back\");", "return Outcome.Completed($\"{days}\");");
        await rig.PassAsync("2026-12-01T04:00:00");
        var firing = Assert.Single(await rig.UntilAsync("report", AllDecided));

        Assert.Equal((FiringState.Started, ScheduleRig.Time("2026-12-01T04:00:00")), (firing.State, firing.Due));
        var run = await rig.Engine.WhenEndedAsync(firing.Run!.Value);
        Assert.Equal(("schedule report", "schedule/report/2026-12-01T04:00:00.000Z", RunStatus.Completed), (run.StartedBy, run.TriggerKey, run.Status));
        Assert.Contains("\"3\"", run.Result);
        Assert.Empty(await rig.Store.MissesAsync("report", 10));
    }

    [Theory]
    [InlineData("Once", "12-01 11:00:00", 4)]
    [InlineData("Skip", "", 4)]
    [InlineData("All", "12-01 11:00:00,12-01 12:00:00,12-01 13:00:00,12-01 14:00:00", 0)]
    public async Task What_was_due_while_no_server_ran_is_dealt_with_once_as_the_schedule_says(string policy, string started, int missed)
    {
        rig.Playbook("hourly", $"On.Schedule(\"0 0 * * * ?\", missed: Missed.{policy});");
        await rig.ServeAsync("2026-12-01T10:30:00");
        await rig.ServeAsync("2026-12-01T14:10:00");
        if (started.Length > 0) await rig.UntilAsync("hourly", firings => Due(firings, FiringState.Started).Length == started.Split(',').Length);
        // Once more, and nothing of it comes again; then a due time on time tells that all before it is over.
        await rig.ServeAsync("2026-12-01T14:20:00");
        await rig.ServeAsync("2026-12-01T15:00:10");
        var firings = await rig.UntilAsync("hourly", f => f.Any(one => one.Due == ScheduleRig.Time("2026-12-01T15:00:00") && one.State == FiringState.Started));

        Assert.Equal([.. started.Split(',', StringSplitOptions.RemoveEmptyEntries), "12-01 15:00:00"], Due(firings, FiringState.Started));
        Assert.Equal(firings.Count, firings.Select(f => f.Run).Distinct().Count());
        var misses = await rig.Store.MissesAsync("hourly", 10);
        Assert.Equal(missed > 0 ? 1 : 0, misses.Count);
        if (missed > 0) Assert.Equal((ScheduleRig.Time("2026-12-01T11:00:00"), ScheduleRig.Time("2026-12-01T14:00:00"), missed), (misses[0].First, misses[0].Last, misses[0].Times));
    }

    [Fact]
    public async Task A_short_time_down_misses_nothing()
    {
        rig.Playbook("minutely", "On.Schedule(\"0 * * * * ?\", missed: Missed.Skip);");
        await rig.ServeAsync("2026-12-01T10:00:30");
        await rig.ServeAsync("2026-12-01T10:01:20");
        Assert.Equal(["12-01 10:01:00"], Due(await rig.UntilAsync("minutely", AllDecided), FiringState.Started));
    }

    [Theory]
    [InlineData("Skip")]
    [InlineData("Queue")]
    [InlineData("CancelPrevious")]
    [InlineData("Allow")]
    public async Task A_due_time_while_the_run_before_goes_on_is_treated_as_the_schedule_says(string overlap)
    {
        rig.Playbook("long", $"On.Schedule(\"0 0 * * * ?\", overlap: Overlap.{overlap});", "await Receive<string>(\"go\");\nreturn Outcome.Completed();");
        await rig.PassAsync("2026-12-01T11:00:00");
        var first = (await rig.UntilAsync("long", AllDecided))[0].Run!.Value;
        await rig.ServeAsync("2026-12-01T12:00:10");
        var second = ScheduleRig.Time("2026-12-01T12:00:00");
        var wanted = overlap switch { "Skip" => FiringState.Skipped, "Queue" => FiringState.Queued, _ => FiringState.Started };
        var became = (await rig.UntilAsync("long", firings => firings.Any(f => f.Due == second && f.State == wanted)))[1];

        switch (overlap)
        {
            case "Skip":
                Assert.Contains($"The run before, {first}, had not ended", became.Reason);
                break;
            case "Queue":
                Assert.Contains($"It waits for run {first} to end", became.Reason);
                await rig.Engine.SignalAsync(first, "go", JsonSerializer.SerializeToElement("now"));
                var later = (await rig.UntilAsync("long", firings => firings[^1].State == FiringState.Started))[1];
                Assert.True((await rig.Runs.FindAsync(later.Run!.Value))!.CreatedAt >= (await rig.Runs.FindAsync(first))!.EndedAt);
                break;
            case "CancelPrevious":
                var cancelled = (await rig.Runs.FindAsync(first))!;
                Assert.Equal(RunStatus.Cancelled, cancelled.Status);
                Assert.Contains(await rig.Runs.ReadJournalAsync(first), r => System.Text.Encoding.UTF8.GetString(r.Payload.Span).Contains("schedule long", StringComparison.Ordinal));
                break;
            default:
                Assert.NotEqual(first, became.Run);
                Assert.Null((await rig.Runs.FindAsync(first))!.EndedAt);
                break;
        }
    }

    [Fact]
    public async Task What_was_missed_and_is_all_to_be_made_up_for_runs_one_after_another()
    {
        rig.Playbook("ledger", "On.Schedule(\"0 0 * * * ?\", missed: Missed.All);", "await Wait(10.Milliseconds);\nreturn Outcome.Completed();");
        await rig.ServeAsync("2026-12-01T00:30:00");
        await rig.ServeAsync("2026-12-01T06:30:00");
        var runs = new List<Run>();
        foreach (var firing in await rig.UntilAsync("ledger", firings => firings.Count == 6 && AllDecided(firings))) runs.Add(await rig.Engine.WhenEndedAsync(firing.Run!.Value));

        for (var i = 1; i < runs.Count; i++) Assert.True(runs[i].CreatedAt >= runs[i - 1].EndedAt, $"{runs[i].TriggerKey} began before {runs[i - 1].TriggerKey} had ended");
    }

    [Fact]
    public async Task The_schedule_follows_its_playbook_while_the_server_runs_and_over_a_restart()
    {
        rig.Playbook("moved", "On.Schedule(\"0 0 9 * * ?\");");
        await rig.ServeAsync("2026-12-01T08:00:00");
        rig.Playbook("moved", "On.Schedule(\"0 0 10 * * ?\");", version: "1.1.0");
        await rig.UntilFollowedAsync("moved", "0 0 10 * * ?");
        await rig.ServeAsync("2026-12-01T10:00:10");
        Assert.Equal(["12-01 10:00:00"], Due(await rig.UntilAsync("moved", AllDecided), FiringState.Started));
        // Written on, it keeps its schedule; the due time tells why nothing was started.
        rig.File("moved.csx", "Playbook(\"moved\", ver");
        await rig.ServeAsync("2026-12-02T10:00:10");
        var broken = await rig.UntilAsync("moved", f => f.Count == 2 && AllDecided(f));
        Assert.Equal(["12-02 10:00:00"], Due(broken, FiringState.Failed));
        Assert.Contains("does not compile", broken[1].Reason);
        // Removed, it is over; another that is due later tells that nothing of it came.
        rig.Remove("moved");
        rig.Playbook("other", "On.Schedule(\"0 0 10 * * ?\");");
        await rig.PassAsync("2026-12-03T10:00:00");
        await rig.UntilAsync("other", AllDecided);
        Assert.Equal(2, (await rig.Store.ListAsync("moved", 10)).Count);
        await rig.UntilFollowedAsync("moved", null);
    }

    [Fact]
    public async Task The_deployment_has_the_last_word()
    {
        rig.Playbook("off", "On.Schedule(\"0 0 10 * * ?\");");
        rig.Playbook("other-time", "On.Schedule(\"0 0 3 * * ?\", zone: \"Europe/Kyiv\");");
        rig.Playbook("holiday", "On.Schedule(\"0 0 10 * * ?\", calendar: \"red-days\");");
        rig.Playbook("patched", "On.Schedule(\"0 0 10 * * ?\");\nOn.Schedule(\"30 0 10 * * ?\");");
        rig.Playbook("no-calendar", "On.Schedule(\"0 0 10 * * ?\", calendar: \"nobody-has-it\");");
        rig.Settings = new SoarSettings
        {
            Calendars = new Dictionary<string, CalendarSettings> { ["red-days"] = new() { Dates = [new DateOnly(2026, 12, 1)] } },
            Schedules = new Dictionary<string, ScheduleSettings> { ["off"] = new() { Enabled = false }, ["other-time"] = new() { Cron = "0 2 11 * * ?", Zone = "Europe/Vienna" } },
            Maintenance = new Dictionary<string, MaintenanceSettings> { ["patch-day"] = new() { Cron = "0 59 9 1 * ?", For = TimeSpan.FromSeconds(70) } },
        };
        await rig.PassAsync("2026-12-01T10:00:00");
        await rig.ServeAsync("2026-12-01T10:02:10");
        Assert.Equal(["12-01 10:02:00"], Due(await rig.UntilAsync("other-time", AllDecided), FiringState.Started));
        var skipped = Assert.Single(await rig.UntilAsync("patched", AllDecided));
        Assert.Equal(["12-01 10:00:30"], Due(await rig.UntilAsync("patched/2", AllDecided), FiringState.Started));
        Assert.Equal((FiringState.Skipped, "It was due in the maintenance window 'patch-day'."), (skipped.State, skipped.Reason));
        Assert.Empty(await rig.Store.ListAsync("off", 10));
        Assert.Empty(await rig.Store.ListAsync("holiday", 10));
        Assert.Empty(await rig.Store.ListAsync("no-calendar", 10));
        await rig.ServeAsync("2026-12-02T10:00:10");
        Assert.Equal(["12-02 10:00:00"], Due(await rig.UntilAsync("holiday", AllDecided), FiringState.Started));
    }

    [Fact]
    public async Task Other_days_of_a_calendar_and_another_policy_leave_what_is_due_due()
    {
        rig.Playbook("daily", "On.Schedule(\"0 0 10 * * ?\", calendar: \"red-days\");");
        rig.Settings = new SoarSettings { Calendars = new Dictionary<string, CalendarSettings> { ["red-days"] = new() { Dates = [new DateOnly(2026, 12, 25)] } } };
        await rig.ServeAsync("2026-12-01T09:00:00");
        rig.Settings = rig.Settings with
        {
            Calendars = new Dictionary<string, CalendarSettings> { ["red-days"] = new() { Dates = [new DateOnly(2026, 12, 3)] } },
            Schedules = new Dictionary<string, ScheduleSettings> { ["daily"] = new() { Missed = Missed.All } },
        };
        await rig.ServeAsync("2026-12-04T12:00:00");
        Assert.Equal(["12-01 10:00:00", "12-02 10:00:00", "12-04 10:00:00"], Due(await rig.UntilAsync("daily", f => f.Count(one => one.State == FiringState.Started) == 3), FiringState.Started));
    }

    [Fact]
    public async Task A_due_time_that_was_started_and_not_noted_finds_its_run_again()
    {
        rig.Playbook("noted", "On.Schedule(\"0 0 10 * * ?\");");
        await rig.PassAsync("2026-12-01T10:00:00");
        var before = Assert.Single(await rig.UntilAsync("noted", AllDecided));
        await rig.DownAsync();
        // As a crash leaves it between the start and the note; and Quartz says the same due time once more.
        await rig.ForgetDecisionAsync(before.Number);
        Assert.False(await rig.Store.FireAsync("noted", before.Due, before.Fired));
        await rig.ServeAsync("2026-12-01T10:00:20");

        Assert.Equal(before.Run, Assert.Single(await rig.UntilAsync("noted", AllDecided)).Run);
        Assert.Single(await rig.Runs.ListAsync(null, "noted", 10));
    }

    [Fact]
    public async Task Where_nothing_is_scheduled_there_is_no_table_of_Quartz()
    {
        rig.Playbook("by-hand", "");
        await rig.ServeAsync("2026-12-01T10:00:00");
        Assert.False(File.Exists(rig.QuartzFile));
    }
}
