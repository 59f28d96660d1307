namespace Soar;

/// <summary>What people answered.</summary>
public enum DecisionKind { Approved, Refused, Expired }

/// <summary>
/// The answer to <c>Ask</c>. It authorises exactly the prepared steps that were handed to that <c>Ask</c>, each once, in this run.
/// </summary>
/// <param name="Kind">Approved, Refused or Expired (nobody answered in time).</param>
/// <param name="By">Who decided last; empty when it expired.</param>
/// <param name="Reason">Their words, or why it expired.</param>
/// <param name="At">When, UTC.</param>
public sealed record Decision(DecisionKind Kind, string By, string Reason, DateTimeOffset At)
{
    public bool Approved => Kind == DecisionKind.Approved;
}

/// <summary>A signal that was received: who sent it, when (UTC), and what it carried.</summary>
public sealed record Signal<T>(string Id, string Name, T Value, DateTimeOffset At);
