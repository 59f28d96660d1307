using Soar.Server.Settings;

namespace Soar.Server.Schedules;

/// <summary>Times in which no schedule starts a run.</summary>
internal sealed class MaintenanceWindows(IReadOnlyDictionary<string, MaintenanceSettings> settings)
{
    /// <summary>The window that this time lies in; null = none.</summary>
    public string? At(DateTimeOffset time) => settings.FirstOrDefault(window => Covers(window.Value, time)).Key;

    private static bool Covers(MaintenanceSettings window, DateTimeOffset time) => window.Cron is { } cron
        ? FireTimes.Covers(cron, TimeZoneInfo.FindSystemTimeZoneById(window.Zone), window.For!.Value, time)
        : window.From <= time && time < window.Until;
}
