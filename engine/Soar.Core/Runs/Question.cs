namespace Soar.Runs;

public enum QuestionKind { Approval, Form, Todo, UnknownOutcome }

public enum QuestionStatus { Open, Answered, Expired, Withdrawn }

/// <summary>Something a person is asked. At most one is open per (run, ordinal, kind), so that a replay never asks twice; asking again while it is open changes nothing.</summary>
public sealed record Question
{
    public required QuestionId Id { get; init; }
    public required RunId Run { get; init; }
    public required int Ordinal { get; init; }
    public required QuestionKind Kind { get; init; }
    public required string Who { get; init; }
    public required string Text { get; init; }

    /// <summary>The call's arguments as JSON: prepared steps, form fields, or the effect whose outcome is unknown.</summary>
    public required string Details { get; init; }
    public required DateTimeOffset AskedAt { get; init; }
    public DateTimeOffset? Until { get; init; }
    public int Quorum { get; init; } = 1;
    public string? EscalateTo { get; init; }
    public QuestionStatus Status { get; init; } = QuestionStatus.Open;

    /// <summary>Votes so far, JSON array of <see cref="Answer"/>.</summary>
    public IReadOnlyList<Answer> Answers { get; init; } = [];
}

/// <summary>One person's answer. <paramref name="Value"/> holds a form's values as JSON; for an unknown outcome <c>"done"</c> or <c>"not-done"</c>.</summary>
public sealed record Answer(string By, bool Approve, string Reason, DateTimeOffset At, string? Value = null);
