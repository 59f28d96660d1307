using Quartz;
using Soar.Storage;

namespace Soar.Server.Schedules;

/// <summary>Hears from Quartz that due times have passed, before it does with them what the schedule says, and puts them on record.</summary>
internal sealed class MissListener(ScheduleStore store, TimeProvider clock) : ITriggerListener
{
    private volatile Tuple<ScheduleBook, Holidays>? known;

    public string Name => "misses";

    public void Knows(ScheduleBook book, Holidays holidays) => known = Tuple.Create(book, holidays);

    public async ValueTask TriggerMisfired(ITrigger trigger, IScheduler scheduler, CancellationToken cancellationToken = default)
    {
        if (known is not var (book, holidays) || book.Find(trigger.Key.Name) is not { } schedule || trigger.NextFireTimeUtc is not { } first) return;
        var now = clock.GetUtcNow();
        var (times, last) = FireTimes.Between(schedule, holidays.Of(schedule), first, now);
        await store.MissAsync(new ScheduleMisses(schedule.Name, first, last, times, schedule.Says.Missed, now));
    }

    public ValueTask TriggerFired(ITrigger trigger, IJobExecutionContext context, CancellationToken cancellationToken = default) => default;

    public ValueTask<bool> VetoJobExecution(ITrigger trigger, IJobExecutionContext context, CancellationToken cancellationToken = default) => new(false);

    public ValueTask TriggerComplete(ITrigger trigger, IJobExecutionContext context, SchedulerInstruction triggerInstructionCode, CancellationToken cancellationToken = default) => default;
}
