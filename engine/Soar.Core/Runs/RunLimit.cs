namespace Soar.Runs;

/// <summary>
/// How many runs of a playbook may be under way at once: begun and not ended, whatever they wait for. Only live runs that no other run has started count, and are held back: sub-runs belong to the
/// run above, and would wait for it while it waits for them. What is over the limit stands in line in the order in which it was started, and is never dropped.
/// </summary>
/// <param name="AtOnce">Of the playbook; null = any number.</param>
/// <param name="PerSource">Of those that alerts of one source have started, each source for itself; null = any number.</param>
public sealed record RunLimit(string Playbook, int? AtOnce, int? PerSource);

/// <summary>Where a run stands that a <see cref="RunLimit"/> holds back.</summary>
/// <param name="Ahead">How many runs of the playbook stand before it.</param>
/// <param name="UnderWay">How many runs of the playbook are under way.</param>
/// <param name="OfSource">How many of those alerts of its source have started.</param>
public sealed record InLine(RunLimit Limit, int Ahead, int UnderWay, int OfSource);
