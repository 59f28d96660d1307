using Soar.Capabilities;

namespace Soar.Runs;

/// <summary>
/// An effect that begins with a write: the store lets it, or refuses, in the same commit, so that no effect begins after a kill switch is on and no two together exceed a budget.
/// </summary>
/// <param name="Key">Its idempotency key: it counts once, however often it is tried.</param>
/// <param name="Target">What it reaches, in the ledger's spelling; its key where the action names no target.</param>
/// <param name="Simulated">Nothing reaches a product: no switch holds it, and only its own run's budgets count it.</param>
/// <param name="Waived">It counts, and no budget refuses it: somebody has approved it.</param>
/// <param name="Budgets">Those that count it.</param>
public sealed record EffectBegin(int Ordinal, string Key, string Playbook, string Instance, Effect Effect, string Target, DateTimeOffset At, bool Simulated, bool Waived, IReadOnlyList<Budget> Budgets);

/// <summary>One effect of a write may not begin, or be held, as things stand. Nothing of the write was written.</summary>
public abstract class EffectNotBegunException(string code, int ordinal, string message) : SoarException(code, message)
{
    /// <summary>The call that it is about.</summary>
    public int Ordinal { get; } = ordinal;
}

/// <summary>A kill switch holds it.</summary>
public sealed class EffectHeldException(int ordinal, KillSwitch by)
    : EffectNotBegunException("SOAR3030", ordinal, $"The kill switch holds {by.Scope()} {by.Words()}")
{
    public KillSwitch By { get; } = by;
}

/// <summary>It was to be put on record as held, and nothing holds it any more.</summary>
public sealed class EffectFreeException(int ordinal) : EffectNotBegunException("SOAR3031", ordinal, "No kill switch holds it any more: it may begin.");

/// <summary>It would reach one target more than a budget allows.</summary>
public sealed class OverBudgetException(int ordinal, Budget budget)
    : EffectNotBegunException("SOAR3032", ordinal, $"It would be target {budget.Targets + 1} of {budget.Effect.ToString().ToLowerInvariant()}{(budget.Connector is null ? "" : $" at {budget.Connector}")} "
        + $"{(budget.Per == BudgetSpan.Run ? "in this run" : "within an hour")}; the budget is {budget.Targets}.")
{
    public Budget Budget { get; } = budget;
}
