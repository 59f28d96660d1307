namespace Soar;

/// <summary>What changed in a case.</summary>
public enum CaseChange
{
    /// <summary>It was opened.</summary>
    Opened = 1,

    /// <summary>A run added an observable to it.</summary>
    Observable = 2,
}

/// <summary>A fact seen, with the verdict of the run that added it.</summary>
public sealed record JudgedObservable(string Type, string Value, Verdict Verdict);

/// <summary>A case as <c>On.Case</c> sees it: what just changed, and the whole of it afterwards.</summary>
/// <param name="Number">1, 2, 3 …: what people say on the telephone.</param>
/// <param name="Severity">0–100; 0 = unset.</param>
/// <param name="Observables">In the order in which they were added; the same fact again with another run's verdict.</param>
public sealed record CaseState(string Id, int Number, string Title, int Severity, Tlp Tlp, IReadOnlyList<JudgedObservable> Observables, CaseChange Change);
