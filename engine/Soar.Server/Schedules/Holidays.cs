using Ical.Net;
using Ical.Net.DataTypes;
using Soar.Server.Settings;

namespace Soar.Server.Schedules;

/// <summary>The days of the deployment's calendars.</summary>
internal sealed class Holidays
{
    private static readonly IReadOnlySet<DateOnly> None = new HashSet<DateOnly>();

    private readonly Dictionary<string, IReadOnlySet<DateOnly>> byName;

    private Holidays(Dictionary<string, IReadOnlySet<DateOnly>> byName) => this.byName = byName;

    public IReadOnlySet<DateOnly> Of(Schedule schedule) => schedule.Says.Calendar is { } name ? byName.GetValueOrDefault(name) ?? None : None;

    /// <summary>Reads what the settings name. Repeated events count from the year before to the fifth after this one. Throws SOAR4008 when a file cannot be read.</summary>
    public static Holidays Read(IReadOnlyDictionary<string, CalendarSettings> calendars, string folder, DateTimeOffset now) =>
        new(calendars.ToDictionary(c => c.Key, c => Days(c.Key, c.Value, folder, now.Year), StringComparer.Ordinal));

    /// <summary>All days, so that another set of them reads otherwise.</summary>
    public override string ToString() => string.Join('\n', byName.Select(c => $"{c.Key}: {string.Join(' ', c.Value.Order().Select(day => day.DayNumber))}"));

    private static IReadOnlySet<DateOnly> Days(string name, CalendarSettings calendar, string folder, int year)
    {
        var days = calendar.Dates.ToHashSet();
        if (calendar.File is not null) days.UnionWith(InFile(name, Path.Combine(folder, calendar.File), new DateOnly(year - 1, 1, 1), new DateOnly(year + 6, 1, 1)));
        return days;
    }

    private static HashSet<DateOnly> InFile(string name, string path, DateOnly from, DateOnly until)
    {
        var days = new HashSet<DateOnly>();
        try
        {
            var read = CalendarCollection.Load(File.ReadAllText(path));
            var events = read.SelectMany(calendar => calendar.Events).Where(e => e.Status != "CANCELLED").ToList();
            if (events.Count == 0) throw new SoarException("SOAR4008", $"The file {path} of the calendar '{name}' has no event. Give it an iCalendar file (.ics) with at least one.");
            foreach (var occurrence in read.SelectMany(calendar => calendar.GetOccurrences<Ical.Net.CalendarComponents.CalendarEvent>(new CalDateTime(from))).TakeWhile(o => o.Period.StartTime.Date < until))
            {
                if (occurrence.Source is Ical.Net.CalendarComponents.CalendarEvent { Status: "CANCELLED" }) continue;
                var first = occurrence.Period.StartTime.Date;
                // The end of an all-day event is the day after; that of another is in its last day, unless it is midnight.
                var end = occurrence.Period.EffectiveEndTime;
                var last = end is null ? first : end.HasTime && end.Time > TimeOnly.MinValue ? end.Date : end.Date.AddDays(-1);
                for (var day = first; day == first || day <= last; day = day.AddDays(1)) days.Add(day);
            }
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or FormatException or System.Runtime.Serialization.SerializationException or ArgumentException)
        {
            throw new SoarException("SOAR4008", $"The file {path} of the calendar '{name}' cannot be read as an iCalendar file: {problem.Message}", problem);
        }

        return days;
    }
}
