using Soar.Hosting;
using Soar.Server.Settings;

namespace Soar.Server.Schedules;

/// <summary>Playbooks' schedules as they are now: the folder is read again whenever somebody wants to know, and what has not been touched costs nothing.</summary>
internal sealed record ScheduleReading(ScheduleBook Book, Holidays Holidays, TriggeredPlaybooks Playbooks)
{
    public static async Task<ScheduleReading> ReadAsync(IPlaybooks playbooks, SoarSettings settings, string folder, DateTimeOffset now, CancellationToken cancellation)
    {
        var found = await playbooks.TriggeredByAsync("schedule", cancellation);
        return new ScheduleReading(ScheduleBook.Of(found.Playbooks.Select(p => p.Header), settings), Holidays.Read(settings.Calendars, folder, now), found);
    }

    /// <summary>Why the playbook of this schedule cannot be read now; null when it can, or there is none. One that somebody is writing on keeps its schedules meanwhile.</summary>
    public string? Broken(string schedule)
    {
        var file = $"{schedule.Split('/')[0]}.csx";
        return Playbooks.Broken.Concat(Playbooks.Unreadable).Where(b => b.File == file).Select(b => b.Problem).FirstOrDefault();
    }
}
