using Soar.Capabilities;

namespace Soar.Runs;

/// <summary>
/// Who goes first where more runs are due than can be driven at once: what contains before what tells, and that before what finds out. It is a start, no right of way: each lane counts as if it
/// had become due <see cref="Lanes.Behind"/> later than the one before, so that what has waited longer than that goes before any newcomer and nothing starves.
/// </summary>
public enum Lane { Containment = 0, Notification = 1, Enrichment = 2 }

/// <summary>How lanes follow from playbooks.</summary>
public static class Lanes
{
    /// <summary>How much later a lane counts than the one before it.</summary>
    public static readonly TimeSpan Behind = TimeSpan.FromSeconds(15);

    public static Lane Of(PlaybookType type) => type switch
    {
        PlaybookType.Mitigation or PlaybookType.Remediation or PlaybookType.Prevention => Lane.Containment,
        PlaybookType.Notification or PlaybookType.Engagement => Lane.Notification,
        _ => Lane.Enrichment,
    };

    /// <summary>At an instance a call goes by what it does, and no later than its run.</summary>
    public static Lane Of(PlaybookType type, Effect effect)
    {
        var own = effect switch { Effect.Contains or Effect.Destroys or Effect.Lifts => Lane.Containment, Effect.Notifies => Lane.Notification, _ => Lane.Enrichment };
        return own < Of(type) ? own : Of(type);
    }

    /// <summary>A sub-run goes no later than the run that waits for it.</summary>
    public static Lane OfSubRun(PlaybookType type, PlaybookType above) => Of(type) < Of(above) ? Of(type) : Of(above);
}
