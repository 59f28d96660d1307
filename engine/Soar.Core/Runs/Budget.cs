using Soar.Capabilities;

namespace Soar.Runs;

/// <summary>What a budget is counted over.</summary>
public enum BudgetSpan
{
    /// <summary>One run, its sub-runs included.</summary>
    Run,

    /// <summary>The last sixty minutes, of all runs together.</summary>
    Hour,
}

/// <summary>What happens to an effect that policy does not let pass by itself.</summary>
public enum PolicyAnswer
{
    /// <summary>The step waits for a person's approval of exactly it.</summary>
    Ask,

    /// <summary>The step fails as refused.</summary>
    Refuse,
}

/// <summary>How many different targets effects of one class may reach.</summary>
/// <param name="Targets">The last one that passes; at least 1.</param>
/// <param name="Connector">Counts what is done at this instance only; null = at all of them together.</param>
/// <param name="AskWho">The role or person that is asked.</param>
public sealed record Budget(Effect Effect, BudgetSpan Per, int Targets, string? Connector, PolicyAnswer Over, string AskWho)
{
    public bool Counts(Effect effect, string instance) => effect == Effect && (Connector is null || Connector.Equals(instance, StringComparison.OrdinalIgnoreCase));
}
