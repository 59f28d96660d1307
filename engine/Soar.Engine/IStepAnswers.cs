using System.Text.Json;
using Soar.Capabilities;

namespace Soar.Engine;

/// <summary>Answers the steps of runs in test mode in place of connectors. It is asked once per attempt.</summary>
public interface IStepAnswers
{
    /// <summary>What this attempt comes to; null = let the connector's simulator answer.</summary>
    ValueTask<StepAnswer?> AnswerAsync(StepAttempt attempt, CancellationToken cancellation);

    /// <summary>What a probe would say about an unknown outcome, and where it is in place what it gave; null = no probe.</summary>
    ValueTask<(ProbeAnswer Answer, JsonElement? Result)?> ProbeAsync(StepAttempt attempt, CancellationToken cancellation);
}

/// <summary>One attempt of one step, as a test sees it.</summary>
public sealed record StepAttempt(RunId Run, int Ordinal, string Path, string Action, string Instance, JsonElement Arguments, int Attempt)
{
    /// <summary>How long the attempt may take: the action's time-out, cut to what is left of the step's own.</summary>
    public TimeSpan Timeout { get; init; }
}

/// <summary>What an attempt comes to in a test.</summary>
public abstract record StepAnswer
{
    private StepAnswer()
    {
    }

    /// <summary>Done with this result.</summary>
    public sealed record Result(JsonElement Value) : StepAnswer;

    /// <summary>Failed as a connector would fail; <see cref="FailureKind.Unknown"/> makes the outcome unknown.</summary>
    public sealed record Failure(FailureKind Kind, string Reason, string Message, TimeSpan? RetryAfter = null) : StepAnswer;

    /// <summary>Never answers: the attempt's time-out passes.</summary>
    public sealed record Silence : StepAnswer;

    /// <summary>The engine crashes after the dispatch: the run is read back from its journal.</summary>
    public sealed record Crash : StepAnswer;
}
