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
}
