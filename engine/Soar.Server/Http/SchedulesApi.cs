using Microsoft.AspNetCore.Http.HttpResults;
using Soar.Server.Accounts;
using Soar.Server.Node;
using Soar.Server.Schedules;
using Soar.Storage;

namespace Soar.Server.Http;

/// <summary><c>/api/schedules</c>: what the clock starts, when next, and what became of past due times.</summary>
internal static class SchedulesApi
{
    private const int NextOnes = 5, MostOfOne = 200;
    private static readonly TimeSpan Longest = TimeSpan.FromDays(31);

    public static void Map(IEndpointRouteBuilder routes)
    {
        var schedules = routes.MapGroup("/api/schedules").WithTags("schedules");
        schedules.MapGet("", ListAsync).Needs(Permission.ReadPlaybooks).WithSummary("Every schedule as this deployment has it, with its next due times and what became of the last one.");
        schedules.MapGet("/{name}", ShowAsync).Needs(Permission.ReadPlaybooks).WithSummary("One schedule: its next due times, and what became of past ones, newest first: started, queued, skipped and why, missed. The second one of a playbook is asked for as playbook%2F2.");
        routes.MapGet("/api/calendar", CalendarAsync).Needs(Permission.ReadPlaybooks).WithTags("schedules").WithSummary("What the clock does from one time until another (31 days at most): what is due, what became of what was due, what was missed. Of one schedule no more than 200 of each.");
    }

    /// <param name="Calendar">On whose days it does not fire.</param>
    /// <param name="Enabled">False: soar.yaml says that it does not fire here.</param>
    /// <param name="Problem">Why it cannot fire.</param>
    /// <param name="Next">Empty: it does not fire, or never again.</param>
    /// <param name="Maintenance">The window that its next due time lies in: it is skipped then.</param>
    internal sealed record ScheduleView(
        string Name, string Playbook, string Version, string Cron, string Zone, string? Calendar, Missed Missed, Overlap Overlap, bool Enabled, string? Problem, IReadOnlyList<DateTimeOffset> Next, string? Maintenance, ScheduleFiring? Last);

    /// <param name="Unknown">Names under 'schedules' of soar.yaml that no playbook has.</param>
    internal sealed record ScheduleList(IReadOnlyList<ScheduleView> Schedules, IReadOnlyList<string> Unknown);

    /// <param name="Schedule">Null: no playbook has it any more, only its past is there.</param>
    /// <param name="Misses">Due times that passed while no server ran.</param>
    internal sealed record ScheduleStory(ScheduleView? Schedule, IReadOnlyList<ScheduleFiring> Firings, IReadOnlyList<ScheduleMisses> Misses);

    /// <param name="Maintenance">The window that it lies in: it is skipped then.</param>
    internal sealed record PlannedView(string Schedule, string Playbook, DateTimeOffset Due, string? Maintenance);

    /// <param name="Planned">Still to come.</param>
    /// <param name="Whole">False: some schedule fires more often than is shown.</param>
    internal sealed record CalendarView(IReadOnlyList<PlannedView> Planned, IReadOnlyList<ScheduleFiring> Firings, IReadOnlyList<ScheduleMisses> Misses, bool Whole);

    private static async Task<Ok<CalendarView>> CalendarAsync(DateTimeOffset from, DateTimeOffset until, Sight sight, SoarNode node, NodeReader reader, CancellationToken cancellation)
    {
        if (until <= from || until - from > Longest) throw new SoarException("SOAR6007", $"'until' cannot be {until:O}: it is later than 'from', by {Longest.TotalDays} days at most.");
        var reading = await ReadAsync(node, cancellation);
        var windows = new MaintenanceWindows(node.Tools.Settings.Maintenance);
        var (planned, firings, misses, now, whole) = (new List<PlannedView>(), new List<ScheduleFiring>(), new List<ScheduleMisses>(), node.Clock.GetUtcNow(), true);
        var seen = await sight.PlaybooksAsync();
        foreach (var schedule in reading.Book.Schedules.Where(schedule => seen.Contains(schedule.Playbook)))
        {
            var begin = from > now ? from.AddSeconds(-1) : now;
            List<DateTimeOffset> due = schedule.Fires ? [.. FireTimes.After(schedule, reading.Holidays.Of(schedule), begin).TakeWhile(at => at < until).Take(MostOfOne)] : [];
            planned.AddRange(due.Select(at => new PlannedView(schedule.Name, schedule.Playbook, at, windows.At(at))));
            var past = await reader.Schedules.BetweenAsync(schedule.Name, from, until, MostOfOne);
            firings.AddRange(past);
            misses.AddRange(await reader.Schedules.MissedBetweenAsync(schedule.Name, from, until, MostOfOne));
            whole &= due.Count < MostOfOne && past.Count < MostOfOne;
        }

        return TypedResults.Ok(new CalendarView([.. planned.OrderBy(p => p.Due)], [.. firings.OrderBy(f => f.Due)], [.. misses.OrderBy(m => m.First)], whole));
    }

    private static async Task<Ok<ScheduleList>> ListAsync(Sight sight, SoarNode node, NodeReader reader, CancellationToken cancellation)
    {
        var reading = await ReadAsync(node, cancellation);
        var views = new List<ScheduleView>();
        var seen = await sight.PlaybooksAsync();
        foreach (var schedule in reading.Book.Schedules.Where(schedule => seen.Contains(schedule.Playbook))) views.Add(await ViewAsync(schedule, reading, node, reader));
        return TypedResults.Ok(new ScheduleList(views, reading.Book.Strangers));
    }

    private static async Task<Ok<ScheduleStory>> ShowAsync(string name, Sight sight, SoarNode node, NodeReader reader, int? max, CancellationToken cancellation)
    {
        var page = Paging.Of(max);
        // The framework leaves a slash in a name as it was sent.
        name = name.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        var reading = await ReadAsync(node, cancellation);
        var firings = await reader.Schedules.ListAsync(name, page);
        var schedule = reading.Book.Find(name);
        // The second one of a playbook is named playbook/2; of one that is gone only the name is left.
        var seen = sight.Given.SeesEverything || (await sight.PlaybooksAsync()).Contains(schedule?.Playbook ?? name.Split('/')[0]);
        if (!seen || (schedule is null && firings.Count == 0)) throw new NotFoundException("schedule", name, "GET /api/schedules lists them.");
        return TypedResults.Ok(new ScheduleStory(schedule is null ? null : await ViewAsync(schedule, reading, node, reader), firings, await reader.Schedules.MissesAsync(name, page)));
    }

    private static async Task<ScheduleView> ViewAsync(Schedule schedule, ScheduleReading reading, SoarNode node, NodeReader reader)
    {
        IReadOnlyList<DateTimeOffset> next = schedule.Fires ? FireTimes.Next(schedule, reading.Holidays.Of(schedule), node.Clock.GetUtcNow(), NextOnes) : [];
        return new ScheduleView(
            schedule.Name, schedule.Playbook, schedule.Version, schedule.Says.Cron, schedule.Says.Zone, schedule.Says.Calendar, schedule.Says.Missed, schedule.Says.Overlap, schedule.Enabled, schedule.Problem, next,
            next is [var first, ..] ? new MaintenanceWindows(node.Tools.Settings.Maintenance).At(first) : null, (await reader.Schedules.ListAsync(schedule.Name, 1)).FirstOrDefault());
    }

    private static Task<ScheduleReading> ReadAsync(SoarNode node, CancellationToken cancellation) =>
        ScheduleReading.ReadAsync(node.Playbooks, node.Tools.Settings, node.Tools.Workspace.SettingsFolder, node.Clock.GetUtcNow(), cancellation);
}
