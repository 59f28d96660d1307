using System.Collections.Immutable;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Hosting;
using Soar.Runs;
using Soar.Server.Testing;

namespace Soar.Server.Rehearsals;

/// <summary>What a playbook says to an alert.</summary>
internal enum RehearsalVerdict
{
    Wanted,
    NotWanted,

    /// <summary>Nobody knows: its predicate throws, or it could not have been started.</summary>
    Failed,
}

/// <summary>One call of a rehearsed run.</summary>
/// <param name="Effect">What it would do to the world; null for steps of the language.</param>
/// <param name="Depth">0 = the playbook's own; above, a sub-playbook's.</param>
/// <param name="Arguments">Null where they are larger than a page should carry.</param>
/// <param name="Ended">How; null = it was still open at the end.</param>
/// <param name="Result">What the simulator gave, as <paramref name="Arguments"/>; of a step that failed its error.</param>
internal sealed record RehearsedStep(string Path, string Action, string Instance, Effect? Effect, int Depth, JsonElement? Arguments, DeliveryKind? Ended, JsonElement? Result)
{
    private const int LongestValue = 8 * 1024;

    public static RehearsedStep Of(StoryStep step) => new(
        step.Path, step.Action, step.Instance, step.Effect, step.Depth, step.Arguments.Length > LongestValue ? null : step.ArgumentsJson(), step.Ended,
        step.Payload.Length is 0 or > LongestValue ? null : JsonDocument.Parse(step.Payload).RootElement);

    /// <summary>Whether it would have changed something outside.</summary>
    internal bool IsEffect => Effect is not (null or Soar.Capabilities.Effect.ReadsOnly);

    /// <summary>What is done, wherever in the playbook it stands.</summary>
    internal string What => $"{Action}\n{Instance}\n{Arguments?.GetRawText()}";
}

/// <summary>What one version of a playbook would have done about an alert.</summary>
/// <param name="Outcome">Its kind; <c>Failed</c>, or <c>Stuck</c> when nothing could have moved it on. Null where no run would have been started.</param>
/// <param name="Reason">Of the outcome, or what went wrong.</param>
/// <param name="Steps">In the order in which they were called, sub-playbooks' behind theirs; what was only prepared is not among them.</param>
/// <param name="Left">How many more steps there were than are shown.</param>
/// <param name="Questions">Whom it asked what.</param>
/// <param name="Taken">Branches of its diagram that it took, by id; of the published version none are told.</param>
internal sealed record RehearsedRun(RehearsalVerdict Verdict, string? Outcome, string? Reason, IReadOnlyList<RehearsedStep> Steps, int Left, IReadOnlyList<string> Questions, IReadOnlyCollection<string> Taken)
{
    private const int MostSteps = 300;

    public static RehearsedRun NotWanted { get; } = new(RehearsalVerdict.NotWanted, null, null, [], 0, [], []);

    public static RehearsedRun Failed(string problem) => new(RehearsalVerdict.Failed, null, problem, [], 0, [], []);

    public static RehearsedRun Of(TestStory story, ImmutableHashSet<string> taken)
    {
        var (outcome, reason) = story switch
        {
            { Stuck: { } stuck } => ("Stuck", stuck),
            { Outcome: { } end } => (end.Kind, end.Reason),
            { Failure: { } failure } => (nameof(RunStatus.Failed), failure.Message),
            _ => (story.Root.Status.ToString(), null),
        };
        var steps = story.Steps.Where(step => step.Happened).ToList();
        return new RehearsedRun(
            RehearsalVerdict.Wanted, outcome, reason, [.. steps.Take(MostSteps).Select(RehearsedStep.Of)], Math.Max(0, steps.Count - MostSteps),
            [.. story.Questions.Select(question => $"{question.Who}: {question.Text}")], [.. taken.Order(StringComparer.Ordinal)]);
    }
}
