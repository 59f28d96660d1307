using System.Globalization;

namespace Soar;

/// <summary>Durations as people write them: <c>24.Hours</c>, <c>20.Seconds</c>. One of each prints in the singular.</summary>
public static class Durations
{
    extension(int count)
    {
        public TimeSpan Milliseconds => TimeSpan.FromMilliseconds(count);
        public TimeSpan Seconds => TimeSpan.FromSeconds(count);
        public TimeSpan Minutes => TimeSpan.FromMinutes(count);
        public TimeSpan Hours => TimeSpan.FromHours(count);
        public TimeSpan Days => TimeSpan.FromDays(count);
        public TimeSpan Weeks => TimeSpan.FromDays(7 * count);
    }

    /// <summary>"24 hours", "1 day 6 hours", "90 seconds" as "1 minute 30 seconds", "0 seconds", "250 milliseconds".</summary>
    /// <remarks>Whole days above 48 hours are said in days, up to 48 hours in hours: people say "24 hours", not "1 day".</remarks>
    public static string Say(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero) return "0 seconds";
        if (duration < TimeSpan.Zero) return "minus " + Say(duration.Negate());
        if (duration < TimeSpan.FromSeconds(1)) return Count((long)Math.Ceiling(duration.TotalMilliseconds), "millisecond");
        if (duration <= TimeSpan.FromHours(48) && duration.Ticks % TimeSpan.TicksPerHour == 0)
            return Count((long)duration.TotalHours, "hour");
        var parts = new List<string>(4);
        if (duration.Days > 0) parts.Add(Count(duration.Days, "day"));
        if (duration.Hours > 0) parts.Add(Count(duration.Hours, "hour"));
        if (duration.Minutes > 0) parts.Add(Count(duration.Minutes, "minute"));
        if (duration.Seconds > 0) parts.Add(Count(duration.Seconds, "second"));
        return string.Join(' ', parts);
    }

    private static string Count(long n, string unit) => $"{n.ToString(CultureInfo.InvariantCulture)} {unit}{(n == 1 ? "" : "s")}";
}
