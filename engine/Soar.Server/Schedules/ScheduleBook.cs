using Soar.Hosting;
using Soar.Server.Settings;

namespace Soar.Server.Schedules;

/// <summary>A schedule as this deployment has it.</summary>
/// <param name="Name">The playbook's name; its second and further <c>On.Schedule</c> are <c>name/2</c>, <c>name/3</c>.</param>
/// <param name="Says">When, where and what becomes of what is late: the playbook's words with the deployment's in their place.</param>
/// <param name="Problem">Why it cannot fire; null when it can.</param>
internal sealed record Schedule(string Name, string Playbook, string Version, ScheduleHeader Says, bool Enabled, string? Problem)
{
    public TimeZoneInfo Zone => TimeZoneInfo.FindSystemTimeZoneById(Says.Zone);

    public bool Fires => Enabled && Problem is null;
}

/// <summary>All schedules: what playbooks say, and what <c>soar.yaml</c> says otherwise.</summary>
internal sealed class ScheduleBook
{
    private readonly Dictionary<string, Schedule> byName;

    private ScheduleBook(IReadOnlyList<Schedule> schedules, IReadOnlyList<string> strangers)
    {
        Schedules = schedules;
        Strangers = strangers;
        byName = schedules.ToDictionary(s => s.Name, StringComparer.Ordinal);
    }

    public IReadOnlyList<Schedule> Schedules { get; }

    /// <summary>Names under <c>schedules</c> in the settings that no playbook has.</summary>
    public IReadOnlyList<string> Strangers { get; }

    public Schedule? Find(string name) => byName.GetValueOrDefault(name);

    public static ScheduleBook Of(IEnumerable<PlaybookHeader> playbooks, SoarSettings settings)
    {
        var schedules = playbooks.OrderBy(p => p.Name, StringComparer.Ordinal).SelectMany(p => p.Triggers.Where(t => t.Schedule is not null).Select((t, i) => With(p, i, t.Schedule!, settings))).ToList();
        return new ScheduleBook(schedules, [.. settings.Schedules.Keys.Where(name => schedules.All(s => s.Name != name)).Order(StringComparer.Ordinal)]);
    }

    private static Schedule With(PlaybookHeader playbook, int index, ScheduleHeader says, SoarSettings settings)
    {
        var name = index == 0 ? playbook.Name : $"{playbook.Name}/{index + 1}";
        var otherwise = settings.Schedules.GetValueOrDefault(name) ?? new ScheduleSettings();
        var calendar = otherwise.Calendar ?? says.Calendar;
        var here = new ScheduleHeader(otherwise.Cron ?? says.Cron, otherwise.Zone ?? says.Zone, calendar == "none" ? null : calendar, otherwise.Missed ?? says.Missed, otherwise.Overlap ?? says.Overlap);
        return new Schedule(name, playbook.Name, playbook.Version, here, otherwise.Enabled, Problem(name, here, settings));
    }

    private static string? Problem(string name, ScheduleHeader here, SoarSettings settings)
    {
        // The cron was checked with the playbook or the settings; the zone perhaps on another machine.
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(here.Zone, out _)) return $"'{here.Zone}' is no time zone of this machine. Install tzdata, or name another under schedules.{name}.zone in soar.yaml.";
        return here.Calendar is null || settings.Calendars.ContainsKey(here.Calendar) ? null : $"it names the calendar '{here.Calendar}', which soar.yaml does not have. Add it under 'calendars'.";
    }
}
