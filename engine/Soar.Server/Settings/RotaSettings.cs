using System.Globalization;
using Soar.Connectors;

namespace Soar.Server.Settings;

/// <summary>One of <c>rota:</c>: who of a role's holders is on duty when. An override goes before the calendar, and that before the week.</summary>
internal sealed record RotaSettings
{
    [Setting("IANA time zone of the weekly shifts, and of events in the calendar that name none. Default: UTC.")]
    public string Zone { get; init; } = "UTC";

    [Setting("Shifts that come again every week. Default: none.")]
    public IReadOnlyList<WeeklyShiftSettings> Weekly { get; init; } = [];

    [Setting("Times in which somebody else is on duty. A later one goes before an earlier one. Default: none.")]
    public IReadOnlyList<DutySettings> Overrides { get; init; } = [];

    [Setting("An iCalendar file (.ics), relative to the settings file: each event's title names who is on duty, by login name, several with commas. Read again when it changes. Default: none.")]
    public string? Calendar { get; init; }

    /// <param name="holders">Those whom <c>roles:</c> names for this role; null = it does not name the role.</param>
    public IEnumerable<string> Problems(IReadOnlyList<string>? holders)
    {
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(Zone, out _)) yield return $"zone: '{Zone}' is no time zone of this machine; write an IANA name, for example Europe/Kyiv";
        if (holders is null) yield return "roles: does not name this role; name there everybody who may ever hold it";
        foreach (var problem in Weekly.SelectMany(shift => shift.Problems()).Concat(Overrides.SelectMany(one => one.Problems()))) yield return problem;
        foreach (var stranger in Weekly.SelectMany(s => s.Who).Concat(Overrides.SelectMany(o => o.Who)).Where(who => holders?.Contains(who, StringComparer.OrdinalIgnoreCase) == false).Distinct(StringComparer.OrdinalIgnoreCase))
            yield return $"who: {stranger} does not hold this role; name them under roles:";
        if (Weekly.Count == 0 && Overrides.Count == 0 && Calendar is null) yield return "it has no shifts; give weekly, overrides or calendar";
    }
}

/// <summary>One of a rota's <c>weekly:</c>.</summary>
internal sealed record WeeklyShiftSettings
{
    [Setting("The days on which it begins: [monday, tuesday]. Default: every day.")]
    public IReadOnlyList<DayOfWeek> Days { get; init; } = [DayOfWeek.Monday, DayOfWeek.Tuesday, DayOfWeek.Wednesday, DayOfWeek.Thursday, DayOfWeek.Friday, DayOfWeek.Saturday, DayOfWeek.Sunday];

    [Setting("When it begins, by the clock on the wall: '08:00'.")]
    public required string From { get; init; }

    [Setting("When it ends: '20:00'. One that is not later than its beginning ends on the next day.")]
    public required string Until { get; init; }

    [Setting("Who is on duty, by login name.")]
    public required IReadOnlyList<string> Who { get; init; }

    public static TimeOnly? Read(string text) => TimeOnly.TryParseExact(text, "H:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time : null;

    public IEnumerable<string> Problems()
    {
        foreach (var (field, text) in new[] { ("from", From), ("until", Until) })
            if (Read(text) is null) yield return $"weekly: {field}: '{text}' is no time of day; write 08:00";
        if (Days.Count == 0) yield return "weekly: days: names no day";
        if (Who.Count == 0) yield return "weekly: who: names nobody";
    }
}

/// <summary>One of a rota's <c>overrides:</c>.</summary>
internal sealed record DutySettings
{
    [Setting("When it begins: 2026-12-24T20:00+02:00.")]
    public required DateTimeOffset From { get; init; }

    [Setting("When it ends.")]
    public required DateTimeOffset Until { get; init; }

    [Setting("Who is on duty instead, by login name.")]
    public required IReadOnlyList<string> Who { get; init; }

    public IEnumerable<string> Problems()
    {
        if (Until <= From) yield return $"overrides: until: {Until:O} is not later than from";
        if (Who.Count == 0) yield return "overrides: who: names nobody";
    }
}
