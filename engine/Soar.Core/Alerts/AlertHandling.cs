namespace Soar.Alerts;

/// <summary>
/// What the deployment's rules say of an alert. The intake finds it by the alert alone; what depends on other alerts the store decides in the commit that keeps it, so that no crash comes in between.
/// </summary>
public sealed record AlertHandling
{
    public static AlertHandling None { get; } = new();

    /// <summary>The suppression rule that it falls under; null = none.</summary>
    public string? SuppressedBy { get; init; }

    /// <summary>Why that rule suppresses; empty where nobody said.</summary>
    public string SuppressedFor { get; init; } = "";

    /// <summary>Equal for alerts that are repeats of each other; null = it stands for itself.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>So long after the first of them others count as its repeats.</summary>
    public TimeSpan SameWithin { get; init; }

    /// <summary>What a rule has changed in it; null = nothing.</summary>
    public AlertRouting? Routing { get; init; }

    /// <summary>How it finds its case; null = it belongs to none.</summary>
    public AlertGrouping? Grouping { get; init; }
}

/// <summary>An alert whose weight a rule of the settings has changed; what its detector had said stays on record.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Severity">The detector's; 0 = unset.</param>
/// <param name="Tlp">The detector's; null = it said none.</param>
public sealed record AlertRouting(string Rule, int Severity, Tlp? Tlp);

/// <summary>Alerts that share a key within a time belong to one case.</summary>
/// <param name="Rule">The rule that says so; each has cases of its own.</param>
/// <param name="Keys">What the alert is about: <c>ip:203.0.113.66</c>. At least one.</param>
/// <param name="Within">So long after the last alert with that key.</param>
/// <param name="Title">Of the case, when it is opened for this alert.</param>
public sealed record AlertGrouping(string Rule, IReadOnlyList<string> Keys, TimeSpan Within, string Title)
{
    /// <summary>A closed case is opened again for it; otherwise it opens another one.</summary>
    public bool Reopens { get; init; }
}
