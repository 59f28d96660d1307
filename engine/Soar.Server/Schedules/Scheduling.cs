using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Soar.Engine;
using Soar.Hosting;
using Soar.Runs;
using Soar.Server.Settings;
using Soar.Storage;

namespace Soar.Server.Schedules;

/// <summary>What scheduling works with.</summary>
/// <param name="Folder">Of the store.</param>
/// <param name="SettingsFolder">What files named in the settings are relative to.</param>
internal sealed record SchedulingParts(SoarEngine Engine, IRunStore Runs, ScheduleStore Store, IPlaybooks Playbooks, SoarSettings Settings, string Folder, string SettingsFolder, TimeProvider Clock, ILoggerFactory Logs);

/// <summary>
/// Fires the playbooks' schedules while the server runs: reads the folder again now and then, has Quartz follow it, and decides what becomes of the due times that Quartz hands over.
/// Where nothing is scheduled, Quartz is not even loaded.
/// </summary>
internal sealed class Scheduling : IAsyncDisposable
{
    private static readonly TimeSpan Often = TimeSpan.FromSeconds(2);

    private readonly SchedulingParts parts;
    private readonly ILogger log;
    private readonly ScheduleRuns starts;
    private readonly Channel<bool> bell = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource stop = new();
    private readonly ITimer timer;
    private readonly Task working;
    private readonly HashSet<string> told = [];
    private QuartzClock? quartz;
    private string? followed;

    public Scheduling(SchedulingParts parts)
    {
        this.parts = parts;
        log = parts.Logs.CreateLogger("schedules");
        starts = new ScheduleRuns(parts.Engine, parts.Runs, parts.Store, parts.Settings, Look, parts.Clock, log);
        parts.Store.Arrived += Look;
        timer = parts.Clock.CreateTimer(_ => Look(), null, Often, Often);
        working = Task.Run(RunAsync);
        Look();
    }

    /// <summary>Completes once the folder was read and its schedules fire.</summary>
    public Task Ready => ready.Task;

    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async ValueTask DisposeAsync()
    {
        parts.Store.Arrived -= Look;
        await timer.DisposeAsync();
        await stop.CancelAsync();
        bell.Writer.TryComplete();
        await working;
        if (quartz is not null) await quartz.DisposeAsync();
        stop.Dispose();
    }

    private void Look() => bell.Writer.TryWrite(true);

    private async Task RunAsync()
    {
        await foreach (var _ in bell.Reader.ReadAllAsync())
        {
            try
            {
                var reading = await ScheduleReading.ReadAsync(parts.Playbooks, parts.Settings, parts.SettingsFolder, parts.Clock.GetUtcNow(), stop.Token);
                await FollowAsync(reading);
                await starts.PassAsync(reading, stop.Token);
                ready.TrySetResult();
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return; // what is not decided waits for the next server
            }
            catch (Exception e) // trigger dispatch: the store, the folder or the tables of Quartz are away; the timer looks again
            {
                log.SchedulesFailed(e);
            }
        }
    }

    private async Task FollowAsync(ScheduleReading reading)
    {
        Tell(reading);
        if (quartz is null && !reading.Book.Schedules.Any(s => s.Fires) && !File.Exists(QuartzClock.FileIn(parts.Folder))) return;
        // Quartz's tables are read and written only when something is other than it was.
        var now = $"{string.Join('\n', reading.Book.Schedules.Select(s => $"{s.Name} {s.Says} {s.Fires}"))}\n{reading.Holidays}\n{string.Join('\n', reading.Playbooks.Broken.Concat(reading.Playbooks.Unreadable))}";
        if (now == followed) return;
        quartz ??= await QuartzClock.OpenAsync(parts.Folder, parts.Settings.LateAfter, parts.Store, parts.Clock, parts.Logs, stop.Token);
        await quartz.FollowAsync(reading.Book, reading.Holidays, name => reading.Book.Find(name) is null && reading.Broken(name) is not null, stop.Token);
        if (followed is null) await quartz.StartAsync(stop.Token);
        followed = now;
    }

    private void Tell(ScheduleReading reading)
    {
        foreach (var schedule in reading.Book.Schedules.Where(s => s.Problem is not null))
            if (told.Add($"{schedule.Name} {schedule.Problem}")) log.DoesNotFire(schedule.Name, schedule.Problem!);
        foreach (var stranger in reading.Book.Strangers)
            if (told.Add(stranger)) log.DoesNotFire(stranger, "soar.yaml has it under 'schedules', and no playbook has such a schedule");
    }
}
