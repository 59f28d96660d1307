using System.Globalization;
using Microsoft.Extensions.Logging;
using Soar.Engine;
using Soar.Runs;
using Soar.Server.Settings;
using Soar.Storage;

namespace Soar.Server.Schedules;

/// <summary>
/// Decides what becomes of due times that the clock handed over: each gets a run under the key (schedule, due time), or a reason why not. A crash at any instant repeats the deciding,
/// not the starts.
/// </summary>
internal sealed class ScheduleRuns(SoarEngine engine, IRunStore runs, ScheduleStore store, SoarSettings settings, Action look, TimeProvider clock, ILogger log)
{
    /// <summary>No more due times of one schedule than this wait for the run before; what was missed and is to be made up for waits in any number.</summary>
    private const int MostQueued = 100;

    private readonly MaintenanceWindows maintenance = new(settings.Maintenance);
    private readonly HashSet<RunId> awaited = [];

    /// <summary>Decides all that can be decided now.</summary>
    public async Task PassAsync(ScheduleReading reading, CancellationToken cancellation)
    {
        foreach (var schedule in await store.WaitingAsync())
        {
            while (await DecideAsync(schedule, await store.OpenAsync(schedule, MostQueued + 1), reading, cancellation))
            {
                // More lie there, and nothing holds them up.
            }
        }
    }

    /// <summary>True when everything that was read is decided, and there may be more.</summary>
    private async Task<bool> DecideAsync(string name, IReadOnlyList<ScheduleFiring> open, ScheduleReading reading, CancellationToken cancellation)
    {
        for (var i = 0; i < open.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var firing = open[i];
            // Started just before a crash, and not noted.
            if (await runs.FindTriggeredAsync(KeyOf(firing)) is { } begun)
            {
                await store.DecidedAsync(firing, FiringState.Started, begun, null, clock.GetUtcNow());
                continue;
            }

            if (await RefuseAsync(name, firing, reading)) continue;
            var schedule = reading.Book.Find(name)!;
            if (schedule.Says.Overlap != Overlap.Allow && await PreviousAsync(name) is { } previous)
            {
                if (await WaitsAsync(schedule, firing, previous, behind: open.Count - 1 - i)) return false;
                continue;
            }

            await StartAsync(schedule, firing, reading);
        }

        return open.Count > MostQueued;
    }

    /// <summary>Leaves out what must not start, whatever runs now. True: it is decided.</summary>
    private async Task<bool> RefuseAsync(string name, ScheduleFiring firing, ScheduleReading reading)
    {
        var schedule = reading.Book.Find(name);
        if (schedule is null && reading.Broken(name) is { } broken) return await FailAsync(firing, $"Its playbook does not compile: {broken}");
        var reason = schedule is null ? "No playbook has this schedule any more."
            : !schedule.Enabled ? "It is disabled in soar.yaml."
            : maintenance.At(firing.Due) is { } window ? $"It was due in the maintenance window '{window}'."
            : reading.Holidays.Of(schedule).Contains(FireTimes.DateOf(firing.Due, schedule.Zone)) ? $"It was due on a day of the calendar '{schedule.Says.Calendar}'."
            : null;
        if (reason is null) return schedule!.Problem is { } problem && await FailAsync(firing, problem);
        await store.DecidedAsync(firing, FiringState.Skipped, null, reason, clock.GetUtcNow());
        return true;
    }

    /// <summary>The run before has not ended. True: this and what follows waits for it; false: it is decided.</summary>
    /// <param name="behind">How many further due times there are.</param>
    private async Task<bool> WaitsAsync(Schedule schedule, ScheduleFiring firing, Run previous, int behind)
    {
        // Missed ones that are all to be made up for come at once, and would leave each other out.
        var madeUpFor = schedule.Says.Missed == Missed.All && firing.Fired - firing.Due > settings.LateAfter;
        var reason = schedule.Says.Overlap switch
        {
            Overlap.CancelPrevious when behind > 0 => "A later due time took its place.",
            Overlap.Queue when behind >= MostQueued && !madeUpFor => $"More than {MostQueued} due times wait for run {previous.Id}.",
            Overlap.Skip when !madeUpFor => $"The run before, {previous.Id}, had not ended: it was {previous.Status.ToString().ToLowerInvariant()}.",
            _ => null,
        };
        if (reason is not null)
        {
            await store.DecidedAsync(firing, FiringState.Skipped, null, reason, clock.GetUtcNow());
            return false;
        }

        if (schedule.Says.Overlap == Overlap.CancelPrevious) await engine.CancelAsync(previous.Id, $"schedule {schedule.Name}", $"It is due again: {Time(firing.Due)}.");
        if (firing.State != FiringState.Queued) await store.DecidedAsync(firing, FiringState.Queued, null, $"It waits for run {previous.Id} to end.", clock.GetUtcNow());
        LookAgainAfter(previous.Id);
        return true;
    }

    private async Task StartAsync(Schedule schedule, ScheduleFiring firing, ScheduleReading reading)
    {
        try
        {
            var playbook = reading.Playbooks.Playbooks.First(p => p.Header.Name == schedule.Playbook);
            var run = await engine.StartAsync(playbook, new StartRequest { StartedBy = $"schedule {schedule.Name}", TriggerKey = KeyOf(firing) });
            await store.DecidedAsync(firing, FiringState.Started, run, null, clock.GetUtcNow());
        }
        catch (Exception e) when (e is not SoarException { Code: var code } || !code.StartsWith("SOAR3", StringComparison.Ordinal))
        {
            // Trigger dispatch: a start that is refused, and also a defect of ours, is shown with the schedule and keeps no other from starting. Where the store is away it stays due.
            await FailAsync(firing, e is SoarException ? e.Message : $"This should not happen: {e.GetType().Name}: {e.Message}");
        }
    }

    private async Task<bool> FailAsync(ScheduleFiring firing, string why)
    {
        log.NotStarted(firing.Schedule, firing.Due, why);
        await store.DecidedAsync(firing, FiringState.Failed, null, why, clock.GetUtcNow());
        return true;
    }

    /// <summary>The newest run of the schedule, or the one that it goes on as, unless it has ended.</summary>
    private async Task<Run?> PreviousAsync(string schedule)
    {
        if (await store.LastStartedAsync(schedule) is not { Run: { } id } || await runs.FindAsync(id) is not { } run) return null;
        while (run.Successor is { } successor) run = (await runs.FindAsync(successor))!;
        return run.EndedAt is null ? run : null;
    }

    private void LookAgainAfter(RunId run)
    {
        lock (awaited)
            if (!awaited.Add(run)) return;
        _ = LookAsync();

        async Task LookAsync()
        {
            Task ended = engine.WhenEndedAsync(run);
            await ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            lock (awaited) awaited.Remove(run);
            look();
        }
    }

    // By due time, not by what the playbook was then: a version that is published between a crash and the next look starts no second run.
    private static string KeyOf(ScheduleFiring firing) => $"schedule/{firing.Schedule}/{Time(firing.Due)}";

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
