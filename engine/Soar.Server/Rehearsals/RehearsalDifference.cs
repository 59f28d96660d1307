namespace Soar.Server.Rehearsals;

/// <summary>In what two rehearsed runs differ; what weighs most stands first.</summary>
internal enum DifferenceKind
{
    EffectAdded,
    EffectGone,

    /// <summary>The same step, with other arguments or at another instance.</summary>
    EffectChanged,
    Verdict,
    Outcome,
    StepAdded,
    StepGone,
    StepChanged,
}

/// <param name="Step">The path of the step that differs; empty where no single one does.</param>
/// <param name="Action">The step's action.</param>
/// <param name="From">As it is published: a verdict, an outcome with its reason, arguments; null where it has nothing of the kind.</param>
/// <param name="To">As the draft has it.</param>
internal sealed record RehearsalDifference(DifferenceKind Kind, string Step, string Action, string? From, string? To)
{
    /// <summary>What the draft would have done otherwise, heaviest first. Where a step stands and what it is called is no difference.</summary>
    public static IReadOnlyList<RehearsalDifference> Between(RehearsedRun published, RehearsedRun draft)
    {
        if (published.Verdict != draft.Verdict) return [new(DifferenceKind.Verdict, "", "", published.Verdict.ToString(), draft.Verdict.ToString()), .. Steps(published, draft)];
        List<RehearsalDifference> found = [.. Steps(published, draft)];
        if ((published.Outcome, published.Reason) != (draft.Outcome, draft.Reason)) found.Add(new(DifferenceKind.Outcome, "", "", Say(published), Say(draft)));
        return [.. found.OrderBy(difference => difference.Kind)];
    }

    private static IEnumerable<RehearsalDifference> Steps(RehearsedRun published, RehearsedRun draft)
    {
        var (gone, added) = (Without(published.Steps, draft.Steps), Without(draft.Steps, published.Steps));
        foreach (var step in added.Where(step => step.IsEffect).Concat(added.Where(step => !step.IsEffect)))
        {
            var before = gone.Find(other => other.Path == step.Path && other.Action == step.Action && other.Depth == step.Depth);
            if (before is not null) gone.Remove(before);
            var kind = (before, step.IsEffect) switch
            {
                (null, true) => DifferenceKind.EffectAdded,
                (null, false) => DifferenceKind.StepAdded,
                (_, true) => DifferenceKind.EffectChanged,
                _ => DifferenceKind.StepChanged,
            };
            yield return new(kind, step.Path, step.Action, before is null ? null : Say(before), Say(step));
        }

        foreach (var step in gone) yield return new(step.IsEffect ? DifferenceKind.EffectGone : DifferenceKind.StepGone, step.Path, step.Action, Say(step), null);
    }

    /// <summary>Those of the first that the second does not have, each counted as often as it is there.</summary>
    private static List<RehearsedStep> Without(IReadOnlyList<RehearsedStep> these, IReadOnlyList<RehearsedStep> others)
    {
        var left = others.GroupBy(step => step.What, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
        var without = new List<RehearsedStep>();
        foreach (var step in these)
        {
            var count = left.GetValueOrDefault(step.What);
            if (count == 0) without.Add(step);
            else left[step.What] = count - 1;
        }

        return without;
    }

    private static string Say(RehearsedRun run) => run.Reason is null ? run.Outcome ?? "" : $"{run.Outcome}: {run.Reason}";

    private static string Say(RehearsedStep step)
    {
        var arguments = step.Arguments?.GetRawText() ?? "{…}";
        return $"{step.Instance} {(arguments.Length > 400 ? arguments[..399] + "…" : arguments)}".TrimStart();
    }
}
