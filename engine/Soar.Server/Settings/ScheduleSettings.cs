using Soar.Connectors;
using Soar.Engine;
using Soar.Server.Schedules;

namespace Soar.Server.Settings;

/// <summary>What a deployment does otherwise than a playbook's <c>On.Schedule</c> says. What is not said stays as the playbook has it.</summary>
internal sealed record ScheduleSettings
{
    [Setting("false: it does not fire here. Default: true.")]
    public bool Enabled { get; init; } = true;

    [Setting("Cron expression with seconds, Quartz form. Default: the playbook's.")]
    public string? Cron { get; init; }

    [Setting("IANA time zone. Default: the playbook's.")]
    public string? Zone { get; init; }

    [Setting("A name under 'calendars', or 'none'. Default: the playbook's.")]
    public string? Calendar { get; init; }

    [Setting("What becomes of due times that passed while no server ran: once, skip or all. Default: the playbook's.")]
    public Missed? Missed { get; init; }

    [Setting("What becomes of a due time when the run before has not ended: skip, queue, cancel-previous or allow. Default: the playbook's.")]
    public Overlap? Overlap { get; init; }

    public IEnumerable<string> Problems(IEnumerable<string> calendars)
    {
        if (Cron is not null && FireTimes.Problem(Cron) is { } problem) yield return $"'{Cron}' is no cron expression: {problem}";
        if (Zone is not null && !TimeZoneInfo.TryFindSystemTimeZoneById(Zone, out _)) yield return $"'{Zone}' is no time zone of this machine; write an IANA name, for example Europe/Kyiv";
        if (Calendar is not null && Calendar != "none" && !calendars.Contains(Calendar, StringComparer.Ordinal)) yield return $"there is no calendar '{Calendar}' under 'calendars'";
    }
}

/// <summary>What a deployment does otherwise than a playbook's <c>On.Alert</c> and <c>On.Case</c> say.</summary>
internal sealed record TriggerSettings
{
    [Setting("false: neither alerts nor cases start it here; people and its schedules do. Default: true.")]
    public bool Enabled { get; init; } = true;

    [Setting("How many of its runs may be under way at once, whatever started them and whatever they wait for; the others wait in their order. Sub-runs and dry runs do not count. Default: any number.")]
    public int? Concurrency { get; init; }

    [Setting("How many of its runs may be under way at once that alerts of one source have started. Default: any number.")]
    public int? PerSource { get; init; }

    [Setting("Names under 'maintenance': in these times neither alerts nor cases start it. Default: none.")]
    public IReadOnlyList<string> Maintenance { get; init; } = [];

    public IEnumerable<string> Problems(IReadOnlyDictionary<string, MaintenanceSettings> windows)
    {
        if (Concurrency < 1) yield return $"concurrency: {Concurrency} would let none of its runs begin; leave it out for any number, or say enabled: false";
        if (PerSource < 1) yield return $"perSource: {PerSource} would let none of them begin; leave it out for any number";
        foreach (var name in Maintenance.Where(name => !windows.ContainsKey(name))) yield return $"there is no window '{name}' under 'maintenance'";
    }

    public TriggerTerms ToTerms(IReadOnlyDictionary<string, MaintenanceSettings> windows)
    {
        var named = new MaintenanceWindows(windows.Where(w => Maintenance.Contains(w.Key, StringComparer.Ordinal)).ToDictionary(StringComparer.Ordinal));
        return new TriggerTerms { Enabled = Enabled, AtOnce = Concurrency, PerSource = PerSource, Maintenance = named.At };
    }

    /// <summary>What it says, for people; empty = nothing.</summary>
    public string Words() => string.Join("; ", new[]
    {
        Enabled ? null : "off",
        Concurrency is { } most ? $"{most} at once" : null,
        PerSource is { } each ? $"{each} at once for each source" : null,
        Maintenance.Count > 0 ? $"not in {string.Join(", ", Maintenance)}" : null,
    }.OfType<string>());
}

/// <summary>Days on which schedules do not fire: those named, and all days of the events of an iCalendar file.</summary>
internal sealed record CalendarSettings
{
    [Setting("Days: [2026-12-25, 2027-01-01]. Default: none.")]
    public IReadOnlyList<DateOnly> Dates { get; init; } = [];

    [Setting("An iCalendar file (.ics), relative to the settings file; each event's days count, repeated ones too. Default: none.")]
    public string? File { get; init; }

    public IEnumerable<string> Problems()
    {
        if (Dates.Count == 0 && File is null) yield return "it has no days; name dates, or an iCalendar file";
    }
}

/// <summary>A time in which no schedule starts a run, nor alerts and cases those playbooks whose triggers name it: once (from, until) or again and again (cron, for).</summary>
internal sealed record MaintenanceSettings
{
    [Setting("When it begins, again and again: cron expression with seconds. Default: it happens once.")]
    public string? Cron { get; init; }

    [Setting("How long it lasts each time. With cron.")]
    public TimeSpan? For { get; init; }

    [Setting("IANA time zone of cron. Default: UTC.")]
    public string Zone { get; init; } = "UTC";

    [Setting("When it begins: 2027-01-01T22:00+01:00. Without cron.")]
    public DateTimeOffset? From { get; init; }

    [Setting("When it ends. Without cron.")]
    public DateTimeOffset? Until { get; init; }

    public IEnumerable<string> Problems()
    {
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(Zone, out _)) yield return $"'{Zone}' is no time zone of this machine; write an IANA name, for example Europe/Kyiv";
        if (Cron is not null && FireTimes.Problem(Cron) is { } problem) yield return $"'{Cron}' is no cron expression: {problem}";
        if (Cron is null && (From is null || Until is null || Until <= From)) yield return "it needs cron and for, or from and a later until";
        if (Cron is not null && (For is not { } length || length <= TimeSpan.Zero)) yield return "with cron it needs how long it lasts: for: 4h";
    }
}
