using System.Text.Json;

namespace Soar;

/// <summary>
/// How a run ended, in the playbook's own words. <see cref="Kind"/> is one of the names below; <see cref="Reason"/> is for people.
/// </summary>
public sealed record Outcome(string Kind, string? Reason = null)
{
    /// <summary>What the playbook gives to the one that runs it, as JSON; null where it gives nothing. Set by <c>.With(…)</c>, read by <c>Run&lt;T&gt;</c>.</summary>
    public JsonElement? Value { get; init; }

    /// <summary>The playbook did what it is for.</summary>
    public static Outcome Completed(Text reason = default) => new(nameof(Completed), reason.ToStringOrNull());

    /// <summary>The threat is contained.</summary>
    public static Outcome Contained(Text reason = default) => new(nameof(Contained), reason.ToStringOrNull());

    /// <summary>The alert was wrong.</summary>
    public static Outcome FalsePositive(Text reason = default) => new(nameof(FalsePositive), reason.ToStringOrNull());

    /// <summary>A person has to go on from here.</summary>
    public static Outcome Escalated(Text reason = default) => new(nameof(Escalated), reason.ToStringOrNull());

    /// <summary>Nothing had to be done.</summary>
    public static Outcome NothingToDo(Text reason = default) => new(nameof(NothingToDo), reason.ToStringOrNull());

    public override string ToString() => Reason is null ? Kind : $"{Kind}: {Reason}";
}
