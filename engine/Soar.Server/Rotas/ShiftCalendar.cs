using Ical.Net;
using Ical.Net.CalendarComponents;
using Ical.Net.DataTypes;

namespace Soar.Server.Rotas;

/// <summary>Shifts from an iCalendar file: each event's title names who is on duty. Read again when the file was changed, and every day, because repeated events have no end.</summary>
internal sealed class ShiftCalendar(string role, string path, string zoneName)
{
    private readonly Lock gate = new();
    private IReadOnlyList<(DateTimeOffset From, DateTimeOffset Until, IReadOnlyList<string> Who)> shifts = [];
    private (DateTime Written, DateOnly Day) read;

    /// <summary>Whom the events of that time name; the one that began last goes first, and alone.</summary>
    public IReadOnlyList<string> At(DateTimeOffset time) => Shifts(time).Where(s => s.From <= time && time < s.Until).OrderByDescending(s => s.From).Select(s => s.Who).FirstOrDefault() ?? [];

    /// <summary>When events begin and end.</summary>
    public IEnumerable<DateTimeOffset> Changes(DateTimeOffset time) => Shifts(time).SelectMany(s => new[] { s.From, s.Until });

    /// <summary>Throws SOAR4008 when the file cannot be read.</summary>
    private IReadOnlyList<(DateTimeOffset From, DateTimeOffset Until, IReadOnlyList<string> Who)> Shifts(DateTimeOffset time)
    {
        lock (gate)
        {
            var now = (File.GetLastWriteTimeUtc(path), DateOnly.FromDateTime(time.UtcDateTime));
            if (now == read) return shifts;
            shifts = Read(time);
            read = now;
            return shifts;
        }
    }

    private List<(DateTimeOffset From, DateTimeOffset Until, IReadOnlyList<string> Who)> Read(DateTimeOffset time)
    {
        try
        {
            var zone = TimeZoneInfo.FindSystemTimeZoneById(zoneName);
            var (first, last) = (time.UtcDateTime.AddDays(-32), time.UtcDateTime.AddDays(32));
            var found = new List<(DateTimeOffset From, DateTimeOffset Until, IReadOnlyList<string> Who)>();
            foreach (var occurrence in CalendarCollection.Load(File.ReadAllText(path)).SelectMany(calendar => calendar.GetOccurrences<CalendarEvent>(new CalDateTime(first, "UTC"))).TakeWhile(o => o.Period.StartTime.AsUtc < last))
            {
                if (occurrence.Source is not CalendarEvent { Status: not "CANCELLED" } happening) continue;
                var end = occurrence.Period.EffectiveEndTime ?? occurrence.Period.StartTime.AddDays(1);
                found.Add((Instant(occurrence.Period.StartTime, zone), Instant(end, zone), (happening.Summary ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)));
            }

            return found;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or FormatException or System.Runtime.Serialization.SerializationException or ArgumentException)
        {
            throw new SoarException("SOAR4008", $"The file {path} of the rota of '{role}' cannot be read as an iCalendar file: {problem.Message}", problem);
        }
    }

    // Days, and times that name no zone, are meant where the rota is.
    private static DateTimeOffset Instant(CalDateTime time, TimeZoneInfo zone) => time.TzId is null ? Rota.Instant(time.Value, zone) : new DateTimeOffset(DateTime.SpecifyKind(time.AsUtc, DateTimeKind.Utc));
}
