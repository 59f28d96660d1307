using Soar.Hosting;
using Soar.Server.Schedules;
using Soar.Server.Settings;
using Soar.Testing;

namespace Soar.Server.Tests.Schedules;

/// <summary>When a cron expression is due: over the changes of daylight saving, and on other days than a calendar's.</summary>
public sealed class FireTimesTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    private static Schedule Of(string cron, string zone, string? calendar = null) => new("s", "s", "1.0.0", new ScheduleHeader(cron, zone, calendar, Missed.Once, Overlap.Skip), Enabled: true, Problem: null);

    private static string[] Next(Schedule schedule, IReadOnlySet<DateOnly> holidays, string from, int count) =>
        [.. FireTimes.Next(schedule, holidays, ScheduleRig.Time(from), count).Select(at => at.ToString("yyyy-MM-dd'T'HH:mm:ss", null))];

    private static string[] Next(string cron, string zone, string from, int count) => Next(Of(cron, zone), new HashSet<DateOnly>(), from, count);

    [Fact]
    public void A_time_that_a_day_skips_in_spring_comes_when_the_gap_is_over()
    {
        // 2027-03-28: 02:00 becomes 03:00 in Vienna; there is no 02:30, and 03:00 is 01:00 UTC.
        Assert.Equal(["2027-03-27T01:30:00", "2027-03-28T01:00:00", "2027-03-29T00:30:00"], Next("0 30 2 * * ?", "Europe/Vienna", "2027-03-26T12:00:00", 3));
        Assert.Equal(["2027-03-28T00:30:00", "2027-03-28T01:00:00", "2027-03-28T01:30:00"], Next("0 30 * * * ?", "Europe/Vienna", "2027-03-28T00:00:00", 3));
    }

    [Fact]
    public void A_time_that_a_day_has_twice_in_autumn_comes_once_and_what_runs_every_hour_runs_every_hour()
    {
        // 2026-10-25: 03:00 becomes 02:00 in Vienna; 02:30 is there twice.
        Assert.Equal(["2026-10-24T00:30:00", "2026-10-25T00:30:00", "2026-10-26T01:30:00"], Next("0 30 2 * * ?", "Europe/Vienna", "2026-10-23T12:00:00", 3));
        Assert.Equal(["2026-10-25T00:30:00", "2026-10-25T01:30:00", "2026-10-25T02:30:00"], Next("0 30 * * * ?", "Europe/Vienna", "2026-10-25T00:00:00", 3));
    }

    [Fact]
    public void Due_times_keep_to_the_wall_clock_of_their_zone_over_both_changes()
    {
        foreach (var zone in new[] { "Europe/Kyiv", "Europe/Skopje", "America/New_York", "Australia/Lord_Howe", "America/St_Johns" })
        {
            var schedule = Of("0 15 6 * * ?", zone);
            var year = FireTimes.Next(schedule, new HashSet<DateOnly>(), ScheduleRig.Time("2026-12-31T12:00:00"), 365).Select(at => TimeZoneInfo.ConvertTime(at, schedule.Zone).DateTime).ToList();
            Assert.All(year, at => Assert.Equal(new TimeSpan(6, 15, 0), at.TimeOfDay));
            Assert.Equal(365, year.Select(at => at.Date).Distinct().Count());
        }
    }

    [Fact]
    public void Days_of_a_calendar_are_days_of_the_schedule_s_zone()
    {
        var holidays = new HashSet<DateOnly> { new(2027, 1, 1) };
        // 23:30 UTC on New Year's Eve is New Year's Day in Kyiv.
        Assert.Equal(["2026-12-30T23:30:00", "2027-01-01T23:30:00"], Next(Of("0 30 1 * * ?", "Europe/Kyiv", "x"), holidays, "2026-12-30T12:00:00", 2));
        Assert.Equal(["2026-12-30T23:30:00", "2026-12-31T23:30:00", "2027-01-02T23:30:00"], Next(Of("0 30 23 * * ?", "UTC", "x"), holidays, "2026-12-30T12:00:00", 3));
    }

    [Fact]
    public void Missed_due_times_are_counted_and_a_week_of_seconds_is_not_counted_for_long()
    {
        var (first, until) = (ScheduleRig.Time("2026-12-01T11:00:00"), ScheduleRig.Time("2026-12-08T11:00:00"));
        Assert.Equal((169, until), FireTimes.Between(Of("0 0 * * * ?", "UTC"), new HashSet<DateOnly>(), first, until));
        Assert.Equal(FireTimes.MostCounted, FireTimes.Between(Of("* * * * * ?", "UTC"), new HashSet<DateOnly>(), first, until).Times);
    }

    [Fact]
    public void An_iCalendar_file_gives_every_day_of_its_events_those_that_come_back_included()
    {
        folder.File("days.ics", """
            BEGIN:VCALENDAR
            VERSION:2.0
            PRODID:-//test//EN
            BEGIN:VEVENT
            UID:1
            DTSTART;VALUE=DATE:20261203
            DTEND;VALUE=DATE:20261205
            SUMMARY:Two days\, folded over
             two lines
            END:VEVENT
            BEGIN:VEVENT
            UID:2
            DTSTART;VALUE=DATE:20201225
            RRULE:FREQ=YEARLY
            SUMMARY:Christmas
            END:VEVENT
            BEGIN:VEVENT
            UID:3
            DTSTART;VALUE=DATE:20261210
            STATUS:CANCELLED
            SUMMARY:Called off
            END:VEVENT
            BEGIN:VEVENT
            UID:4
            DTSTART:20261212T200000
            DTEND:20261213T060000
            SUMMARY:Over midnight
            END:VEVENT
            END:VCALENDAR
            """.ReplaceLineEndings("\r\n"));
        var days = Read(null, new DateOnly(2026, 12, 31)).Of(Of("", "UTC", "red"));
        Assert.Equal([new DateOnly(2026, 12, 31)], days);
        days = Read("days.ics", new DateOnly(2026, 12, 31)).Of(Of("", "UTC", "red"));
        Assert.Equal(
            ["2025-12-25", "2026-12-03", "2026-12-04", "2026-12-12", "2026-12-13", "2026-12-25", "2026-12-31", "2027-12-25"],
            days.Order().Where(day => day.Year < 2028).Select(day => day.ToString("yyyy-MM-dd", null)));
        Assert.Contains(new DateOnly(2031, 12, 25), days);
    }

    [Theory]
    [InlineData("not a calendar at all")]
    [InlineData("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n")]
    [InlineData("")]
    public void A_file_that_gives_no_day_is_refused_by_name(string text)
    {
        folder.File("days.ics", text);
        Assert.Contains("days.ics of the calendar 'red'", Assert.Throws<SoarException>(() => Read("days.ics")).Message);
        Assert.Equal("SOAR4008", Assert.Throws<SoarException>(() => Read("nowhere.ics")).Code);
    }

    private Holidays Read(string? file, params DateOnly[] dates) =>
        Holidays.Read(new Dictionary<string, CalendarSettings> { ["red"] = new() { Dates = dates, File = file } }, folder.Path, ScheduleRig.Time("2026-12-01T00:00:00"));
}
