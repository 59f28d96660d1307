using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Quartz;
using Quartz.Extensibility;
using Quartz.Impl.Calendar;
using Soar.Storage;

namespace Soar.Server.Schedules;

/// <summary>
/// Quartz, with its tables in <c>schedules.db</c> beside the main file. It keeps the time, and what was missed; all that its job does is hand a due time over to the main store,
/// under the key (schedule, due time). A process that dies in between is no loss: the job asks for recovery, and Quartz says the same due time again at the next start.
/// </summary>
internal sealed class QuartzClock : IAsyncDisposable
{
    private readonly IScheduler scheduler;
    private readonly MissListener misses;
    private readonly SqliteConnection pool;

    private QuartzClock(IScheduler scheduler, MissListener misses, SqliteConnection pool)
    {
        this.scheduler = scheduler;
        this.misses = misses;
        this.pool = pool;
    }

    public static string FileIn(string folder) => Path.Combine(folder, "schedules.db");

    /// <summary>Opens the tables, without firing anything yet.</summary>
    public static async Task<QuartzClock> OpenAsync(string folder, TimeSpan lateAfter, ScheduleStore store, TimeProvider clock, ILoggerFactory logs, CancellationToken cancellation)
    {
        var connection = new SqliteConnection($"Data Source={FileIn(folder)}");
        await connection.OpenAsync(cancellation);
        using (var wal = connection.CreateCommand())
        {
            wal.CommandText = "PRAGMA journal_mode = WAL";
            await wal.ExecuteNonQueryAsync(cancellation);
        }

        await connection.CloseAsync();
        var hears = new MissListener(store, clock);
        var made = await QuartzSchedulerBuilder.Create(quartz =>
        {
            quartz.Services.AddSingleton(logs);
            quartz.UseTimeProvider(clock)
                .ConfigureScheduler(options => (options.InstanceName, options.InstanceId, options.ShutdownJobInterruption) = ("soar", "soar", ShutdownJobInterruption.Always))
                .UseDefaultThreadPool(1) // so that due times come in their order
                .UseJobFactory(new HandOverFactory(store, clock, logs.CreateLogger("schedules")))
                .AddTriggerListener(hears)
                .UsePersistentStore(tables =>
                {
                    tables.UseSqlite(SqliteFactory.Instance, connection.ConnectionString).ProvisionSchema();
                    tables.ConfigureStore(options =>
                    {
                        options.MisfireThreshold = lateAfter;
                        options.StoreJobDataAsStrings = true;
                        options.RecoverFiringsCancelledByShutdown = true;
                    });
                });
        }).BuildScheduler(cancellation);
        return new QuartzClock(made, hears, connection);
    }

    /// <summary>From now on it fires, and begins with what was due and not handed over.</summary>
    public async Task StartAsync(CancellationToken cancellation) => await scheduler.Start(cancellation);

    /// <summary>Makes Quartz's triggers what the book says; what has not changed is not touched, so that nothing missed is forgotten. Keeps what <paramref name="keep"/> says it must.</summary>
    public async Task FollowAsync(ScheduleBook book, Holidays holidays, Func<string, bool> keep, CancellationToken cancellation)
    {
        misses.Knows(book, holidays);
        var wanted = book.Schedules.Where(s => s.Fires).ToDictionary(s => s.Name, StringComparer.Ordinal);
        var known = await scheduler.QueryJobs(new JobQuery { Take = PagedQuery.All }, cancellation);
        foreach (var job in known.Items.Where(job => !wanted.ContainsKey(job.Key.Name) && !keep(job.Key.Name))) await scheduler.DeleteJob(job.Key, cancellation);
        foreach (var schedule in wanted.Values) await FollowAsync(schedule, await CalendarAsync(schedule, holidays, cancellation), cancellation);
        await ForgetCalendarsAsync(cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await scheduler.Shutdown(waitForJobsToComplete: true);
        await scheduler.DisposeAsync();
        SqliteConnection.ClearPool(pool);
        await pool.DisposeAsync();
    }

    private async Task FollowAsync(Schedule schedule, string? calendar, CancellationToken cancellation)
    {
        var key = new TriggerKey(schedule.Name);
        var policy = schedule.Says.Missed switch { Missed.Skip => CronTriggerMisfireInstruction.DoNothing, Missed.All => CronTriggerMisfireInstruction.IgnoreMisfires, _ => CronTriggerMisfireInstruction.FireAndProceed };
        if (await scheduler.GetTrigger(key, cancellation) is ICronTrigger before && before.CronExpressionString == schedule.Says.Cron && before.TimeZone.Id == schedule.Says.Zone)
        {
            if (before.CalendarName == calendar && before.MisfireInstruction == policy) return;
            // What is due and not handed over yet stays due; it is judged by the new rules.
            if (before.CalendarName == calendar || before.NextFireTimeUtc <= scheduler.TimeProvider.GetUtcNow())
            {
                await scheduler.UpdateTriggerDetails(key, new TriggerDetailsUpdate().WithMisfireInstruction(policy).WithCalendarName(calendar), cancellation);
                return;
            }
        }

        var trigger = TriggerBuilder.Create(scheduler.TimeProvider).WithIdentity(key).ForJob(schedule.Name).WithCalendarName(calendar)
            .WithSchedule(CronScheduleBuilder.Create(schedule.Says.Cron).InTimeZone(schedule.Zone).WithMisfireInstruction(policy)).Build();
        if (await scheduler.RescheduleJob(key, trigger, cancellation) is not null) return;
        await scheduler.AddJob(JobBuilder.Create<HandOver>().WithIdentity(schedule.Name).RequestRecovery().StoreDurably().Build(), AddJobOptions.Replacing, cancellation);
        await scheduler.ScheduleJob(trigger, new ScheduleJobOptions(), cancellation);
    }

    /// <summary>The calendar's name in Quartz's tables. Its days are part of it: other days are another calendar, and its schedules see that.</summary>
    private async Task<string?> CalendarAsync(Schedule schedule, Holidays holidays, CancellationToken cancellation)
    {
        if (schedule.Says.Calendar is null) return null;
        var days = holidays.Of(schedule).Order().ToList();
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(' ', days.Select(d => d.ToString("yyyy-MM-dd", null))))))[..16];
        var name = $"{schedule.Says.Calendar} {schedule.Says.Zone} {hash}";
        if (await scheduler.Exists(name, cancellation)) return name;
        var calendar = new HolidayCalendar { TimeZone = schedule.Zone };
        foreach (var day in days) calendar.AddExcludedDay(day);
        await scheduler.AddCalendar(name, calendar, new AddCalendarOptions(), cancellation);
        return name;
    }

    private async Task ForgetCalendarsAsync(CancellationToken cancellation)
    {
        var names = await scheduler.QueryCalendarNames(new CalendarQuery { Take = PagedQuery.All }, cancellation);
        if (names.Items.Count == 0) return;
        var triggers = await scheduler.QueryTriggers(new TriggerQuery { Take = PagedQuery.All }, cancellation);
        var used = (await scheduler.GetTriggers([.. triggers.Items.Select(t => t.Key)], cancellation)).Select(t => t.CalendarName).ToHashSet();
        foreach (var name in names.Items.Where(name => !used.Contains(name))) await scheduler.DeleteCalendar(name, cancellation);
    }

    private sealed class HandOverFactory(ScheduleStore store, TimeProvider clock, ILogger log) : IJobFactory
    {
        public ValueTask<JobScope> CreateJob(TriggerFiredBundle bundle, IScheduler scheduler, CancellationToken cancellationToken = default) => new(new JobScope(new HandOver(store, clock, log), null));

        public ValueTask ReturnJob(JobScope scope, CancellationToken cancellationToken = default) => default;
    }
}
