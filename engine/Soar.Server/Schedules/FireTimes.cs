using Quartz;

namespace Soar.Server.Schedules;

/// <summary>What a cron expression means in a time zone, told by Quartz. Daylight saving: a time that a day skips comes when the gap is over, one that a day has twice comes the first time only.</summary>
internal static class FireTimes
{
    /// <summary>More missed due times than this are not counted one by one.</summary>
    public const int MostCounted = 10_000;

    /// <summary>What is wrong with the expression; null when nothing is.</summary>
    public static string? Problem(string cron)
    {
        try
        {
            CronExpression.Parse(cron);
            return null;
        }
        catch (FormatException refused)
        {
            return refused.Message;
        }
    }

    /// <summary>The due times after <paramref name="from"/>, those on the calendar's days left out.</summary>
    public static IEnumerable<DateTimeOffset> After(Schedule schedule, IReadOnlySet<DateOnly> holidays, DateTimeOffset from)
    {
        var cron = new CronExpression(schedule.Says.Cron, schedule.Zone);
        for (var next = cron.GetNextValidTimeAfter(from); next is { } at; next = cron.GetNextValidTimeAfter(at))
        {
            if (!holidays.Contains(DateOf(at, schedule.Zone))) yield return at;
        }
    }

    /// <summary>The next few due times: no more of them than asked for, and none that is more than ten years away.</summary>
    public static IReadOnlyList<DateTimeOffset> Next(Schedule schedule, IReadOnlySet<DateOnly> holidays, DateTimeOffset from, int count) =>
        [.. After(schedule, holidays, from).TakeWhile(at => at < from.AddYears(10)).Take(count)];

    /// <summary>How many due times lie from <paramref name="first"/> to <paramref name="until"/>, and which is the last of them.</summary>
    public static (int Times, DateTimeOffset Last) Between(Schedule schedule, IReadOnlySet<DateOnly> holidays, DateTimeOffset first, DateTimeOffset until)
    {
        var (times, last) = (1, first);
        foreach (var at in After(schedule, holidays, first).TakeWhile(at => at <= until).Take(MostCounted - 1)) (times, last) = (times + 1, at);
        return (times, last);
    }

    /// <summary>Whether a time lies in one of the spans that begin at these times.</summary>
    public static bool Covers(string cron, TimeZoneInfo zone, TimeSpan length, DateTimeOffset at) =>
        new CronExpression(cron, zone).GetNextValidTimeAfter(at - length) is { } begun && begun <= at;

    public static DateOnly DateOf(DateTimeOffset at, TimeZoneInfo zone) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, zone).DateTime);
}
