using Soar.Server.Settings;
using Soar.Storage;

namespace Soar.Server.Node;

/// <param name="Runs">How many went.</param>
internal sealed record Removed(int Runs, int Alerts);

/// <summary>Removes what the settings keep no longer, and nothing that a hold keeps.</summary>
internal sealed class Retention(RetentionStore store, RetentionSettings settings, TimeProvider clock)
{
    /// <summary>Looked up in one go, and of alerts removed in one transaction.</summary>
    private const int Many = 200;

    /// <summary>More than this is not counted.</summary>
    public const int MostCounted = 100_000;

    public bool Asked => settings.Runs is not null || settings.Alerts is not null;

    /// <summary>What would go now; nothing is removed.</summary>
    public async Task<Removed> LookAsync()
    {
        var now = clock.GetUtcNow();
        return new Removed(
            settings.Runs is { } runs ? (await store.RunsAsync(now - runs, 0, MostCounted)).Count : 0,
            settings.Alerts is { } alerts ? (await store.AlertsAsync(now - alerts, 0, MostCounted)).Count : 0);
    }

    /// <summary>Removes it, a little at a time, so that others' changes go in between.</summary>
    public async Task<Removed> SweepAsync(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var (runs, alerts, after) = (0, 0, 0L);
        while (settings.Runs is { } keepRuns && await store.RunsAsync(now - keepRuns, after, Many) is { Count: > 0 } due)
        {
            foreach (var run in due)
            {
                cancellation.ThrowIfCancellationRequested();
                if (await store.RemoveRunAsync(run, now - keepRuns)) runs++;
            }

            // Sub-runs come after the runs above them, which are gone by now.
            after = due[^1];
        }

        after = 0;
        while (settings.Alerts is { } keepAlerts && await store.AlertsAsync(now - keepAlerts, after, Many) is { Count: > 0 } due)
        {
            cancellation.ThrowIfCancellationRequested();
            alerts += await store.RemoveAlertsAsync(due, now - keepAlerts);
            after = due[^1];
        }

        return new Removed(runs, alerts);
    }
}
