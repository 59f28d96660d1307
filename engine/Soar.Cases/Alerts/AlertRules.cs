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

    /// <summary>The first that holds counts.</summary>
    public IReadOnlyList<Suppression> Suppressions { get; init; } = [];

    /// <summary>The first that leads somewhere counts.</summary>
    public IReadOnlyList<CaseRule> Cases { get; init; } = [];

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
