using Microsoft.Extensions.Logging;
using Quartz;
using Soar.Storage;

namespace Soar.Server.Schedules;

/// <summary>Quartz's one job: hands a due time over to the main store. Its name stands in <c>schedules.db</c>, so it stays.</summary>
internal sealed class HandOver(ScheduleStore store, TimeProvider clock, ILogger log) : IJob
{
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);

    /// <summary>Goes on until the store has it. Told to stop, it throws, and Quartz keeps the due time for the next start.</summary>
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var (schedule, due) = (context.JobDetail.Key.Name, context.ScheduledFireTimeUtc!.Value);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                await store.FireAsync(schedule, due, clock.GetUtcNow());
                return;
            }
            catch (SoarException away) when (away.Code.StartsWith("SOAR3", StringComparison.Ordinal))
            {
                log.NotHandedOver(schedule, due, away.Message);
            }

            await Task.Delay(Again, clock, cancellationToken);
        }
    }
}
