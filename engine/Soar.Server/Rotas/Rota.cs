using Soar.Server.Settings;

namespace Soar.Server.Rotas;

/// <summary>Who is on duty for a role.</summary>
/// <param name="Until">When that changes; null = not that the rota knows.</param>
/// <param name="By"><c>override</c>, <c>calendar</c>, <c>weekly</c>, or <c>roles</c> where the rota names nobody for this time: then everybody who holds the role.</param>
internal sealed record Duty(string Role, IReadOnlyList<string> Who, DateTimeOffset? Until, string By);

/// <summary>A time in which the same people are on duty for a role.</summary>
internal sealed record Shift(string Role, DateTimeOffset From, DateTimeOffset Until, IReadOnlyList<string> Who, string By);

/// <summary>Who of a role's holders is on duty when.</summary>
internal sealed class Rota(SoarSettings settings, string folder)
{
    // Boundaries are looked for this far ahead.
    private static readonly TimeSpan Ahead = TimeSpan.FromDays(8);

    private readonly Dictionary<string, ShiftCalendar> calendars = settings.Rota.Where(r => r.Value.Calendar is not null)
        .ToDictionary(r => r.Key, r => new ShiftCalendar(r.Key, Path.Combine(folder, r.Value.Calendar!), r.Value.Zone), StringComparer.OrdinalIgnoreCase);

    /// <summary>Of every role that the settings name, in order.</summary>
    public IReadOnlyList<Duty> At(DateTimeOffset time) => [.. settings.Roles.Keys.Order(StringComparer.Ordinal).Select(role => At(role, time)!)];

    /// <summary>Who is on duty then; null for a role that the settings do not name.</summary>
    public Duty? At(string role, DateTimeOffset time)
    {
        if (settings.Roles.FirstOrDefault(r => r.Key.Equals(role, StringComparison.OrdinalIgnoreCase)) is not { Value: { } holders } named) return null;
        var until = NextChange(named.Key, time);
        if (Find(named.Key) is not { } rota) return new Duty(named.Key, holders, null, "roles");
        if (rota.Overrides.LastOrDefault(o => o.From <= time && time < o.Until) is { } instead) return new Duty(named.Key, instead.Who, until, "override");
        if (calendars.TryGetValue(named.Key, out var calendar) && Held(calendar.At(time), holders) is { Count: > 0 } planned) return new Duty(named.Key, planned, until, "calendar");
        var weekly = rota.Weekly.Where(shift => Times(shift, rota.Zone, time).Any(t => t.From <= time && time < t.Until)).SelectMany(shift => shift.Who).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        return weekly.Count > 0 ? new Duty(named.Key, weekly, until, "weekly") : new Duty(named.Key, holders, until, "roles");
    }

    /// <summary>When somebody else may be on duty for this role; null = not within the next days.</summary>
    public DateTimeOffset? NextChange(string role, DateTimeOffset time)
    {
        if (Find(role) is not { } rota) return null;
        var times = rota.Overrides.SelectMany(o => new[] { o.From, o.Until })
            .Concat(rota.Weekly.SelectMany(shift => Times(shift, rota.Zone, time)).SelectMany(t => new[] { t.From, t.Until }))
            .Concat(calendars.TryGetValue(role, out var calendar) ? calendar.Changes(time) : []).Where(at => at > time && at <= time + Ahead).ToList();
        return times.Count == 0 ? null : times.Min();
    }

    /// <summary>Of every role, who is on duty from then until then, in order.</summary>
    public IReadOnlyList<Shift> Between(DateTimeOffset from, DateTimeOffset until) => [.. settings.Roles.Keys.Order(StringComparer.Ordinal).SelectMany(role => Between(role, from, until))];

    private List<Shift> Between(string role, DateTimeOffset from, DateTimeOffset until)
    {
        var shifts = new List<Shift>();
        for (var time = from; time < until;)
        {
            var duty = At(role, time)!;
            // What changes further on than is looked for shows when that is looked at.
            var next = duty.Until ?? time + Ahead;
            if (next > until) next = until;
            if (shifts is [.., var last] && last.By == duty.By && last.Who.SequenceEqual(duty.Who, StringComparer.Ordinal)) shifts[^1] = last with { Until = next };
            else shifts.Add(new Shift(role, time, next, duty.Who, duty.By));
            time = next;
        }

        return shifts;
    }

    private RotaSettings? Find(string role) => settings.Rota.FirstOrDefault(r => r.Key.Equals(role, StringComparison.OrdinalIgnoreCase)).Value;

    // A title may hold a name that does not hold the role: a calendar gives nobody a role.
    private static List<string> Held(IReadOnlyList<string> names, IReadOnlyList<string> holders) => [.. holders.Where(holder => names.Contains(holder, StringComparer.OrdinalIgnoreCase))];

    /// <summary>When a shift begins and ends around that time. The clock on the wall counts, so that a shift in the night of the change is an hour longer or shorter.</summary>
    private static IEnumerable<(DateTimeOffset From, DateTimeOffset Until)> Times(WeeklyShiftSettings shift, string zoneName, DateTimeOffset around)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(zoneName);
        var (from, until) = (WeeklyShiftSettings.Read(shift.From)!.Value, WeeklyShiftSettings.Read(shift.Until)!.Value);
        var first = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(around, zone).DateTime).AddDays(-1);
        for (var day = first; day <= first.AddDays((int)Ahead.TotalDays + 1); day = day.AddDays(1))
        {
            if (shift.Days.Contains(day.DayOfWeek)) yield return (Instant(day.ToDateTime(from), zone), Instant((until > from ? day : day.AddDays(1)).ToDateTime(until), zone));
        }
    }

    /// <summary>A time on the wall; one that the change of the clock leaves out is an hour later.</summary>
    public static DateTimeOffset Instant(DateTime wall, TimeZoneInfo zone)
    {
        var there = zone.IsInvalidTime(wall) ? wall.AddHours(1) : wall;
        return new DateTimeOffset(there, zone.GetUtcOffset(there)).ToUniversalTime();
    }
}
