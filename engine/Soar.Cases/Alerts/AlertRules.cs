using Soar.Alerts;

namespace Soar.Cases.Alerts;

/// <summary>What this deployment wants done with alerts before playbooks are asked about them.</summary>
public sealed record AlertRules
{
    public static AlertRules None { get; } = new() { Same = new SameAlerts(TimeSpan.Zero, []) };

    /// <summary>How repeats are known, of sources that have no rule of their own.</summary>
    public required SameAlerts Same { get; init; }

    /// <summary>By source.</summary>
    public IReadOnlyDictionary<string, SameAlerts> SameOf { get; init; } = new Dictionary<string, SameAlerts>();

    /// <summary>The first that holds counts. What it changes is what all other rules and the playbooks see.</summary>
    public IReadOnlyList<AlertRoute> Routes { get; init; } = [];

    /// <summary>The first that holds counts.</summary>
    public IReadOnlyList<Suppression> Suppressions { get; init; } = [];

    /// <summary>The first that leads somewhere counts.</summary>
    public IReadOnlyList<CaseRule> Cases { get; init; } = [];

    /// <summary>An alert as it is kept, with what becomes of it.</summary>
    public IncomingAlert Apply(string source, IncomingAlert incoming, DateTimeOffset now)
    {
        var alert = incoming.Alert;
        var route = Routes.FirstOrDefault(r => r.When.Holds(source, alert));
        if (route is null) return incoming with { Handling = For(source, alert, now) };
        var routed = alert with { Severity = route.Severity ?? alert.Severity, Tlp = route.Tlp is { } atLeast && !(alert.Tlp > atLeast) ? atLeast : alert.Tlp };
        return incoming with { Alert = routed, Handling = For(source, routed, now) with { Routing = new AlertRouting(route.Name, alert.Severity, alert.Tlp) } };
    }

    public AlertHandling For(string source, Alert alert, DateTimeOffset now)
    {
        var suppression = Suppressions.FirstOrDefault(s => !(s.Until <= now) && s.When.Holds(source, alert));
        var same = SameOf.GetValueOrDefault(source, Same);
        return new AlertHandling
        {
            SuppressedBy = suppression?.Name, SuppressedFor = suppression?.Reason ?? "",
            Fingerprint = suppression is null && same.Within > TimeSpan.Zero ? same.Fingerprint(source, alert) : null, SameWithin = same.Within,
            Grouping = suppression is null ? Cases.Select(rule => rule.Group(source, alert)).FirstOrDefault(grouping => grouping is not null) : null,
        };
    }
}

/// <summary>Alerts that shall be kept and start nothing.</summary>
/// <param name="Until">From then on it holds no more; null = it has no end.</param>
public sealed record Suppression(string Name, AlertCondition When, DateTimeOffset? Until, string Reason);

/// <summary>Alerts that weigh more or less here than their detector can know.</summary>
/// <param name="Severity">Instead of the detector's; null = that.</param>
/// <param name="Tlp">At least; what the detector says is never loosened. Null = the detector's.</param>
public sealed record AlertRoute(string Name, AlertCondition When, int? Severity, Tlp? Tlp);
