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

    /// <summary>How many different people must approve. One refusal decides, whatever the quorum.</summary>
    public int Quorum { get; init; } = 1;

    /// <summary>Who may answer too from <see cref="EscalateAt"/> on.</summary>
    public string? EscalateTo { get; init; }

    /// <summary>When <see cref="EscalateTo"/> came in, as the run's journal says; null = not yet, and until then only <see cref="Who"/> may answer.</summary>
    public DateTimeOffset? EscalatedAt { get; init; }

    /// <summary>When <see cref="EscalateTo"/> comes in: at half of the time; null when nobody is named or the question has no end.</summary>
    public DateTimeOffset? EscalateAt => EscalateTo is null || Until is null ? null : HalfOf(AskedAt, Until.Value);

    /// <summary>Of its run, when it was asked: who may be told what it is about. Null: from before it was kept.</summary>
    public Tlp? Tlp { get; init; }

    /// <summary>Neither who started the run nor an author of its playbook's version may answer.</summary>
    public bool FourEyes { get; init; }

    /// <summary>Who said that they see to it; null = nobody. Others may answer all the same.</summary>
    public string? ClaimedBy { get; init; }
    public DateTimeOffset? ClaimedAt { get; init; }

    /// <summary>Who handed it on to whom, in order. Whoever did has no say any more, so that nobody's say becomes two.</summary>
    public IReadOnlyList<Delegation> Delegations { get; init; } = [];

    /// <summary>Roles and people who may answer now.</summary>
    public IReadOnlyList<string> MayAnswer => [Who, .. EscalateTo is null || EscalatedAt is null ? Array.Empty<string>() : [EscalateTo], .. Delegations.Select(d => d.To).Where(to => HandedTo(to) is not null)];

    /// <summary>How it was handed to this person; null when it was not, or they handed it on.</summary>
    public Delegation? HandedTo(string person) => Delegations.LastOrDefault(d => d.Concerns(person)) is { } last && last.To.Equals(person, StringComparison.OrdinalIgnoreCase) ? last : null;

    /// <summary>How this person handed it on; null when they did not, or got it back.</summary>
    public Delegation? HandedOnBy(string person) => Delegations.LastOrDefault(d => d.Concerns(person)) is { } last && last.From.Equals(person, StringComparison.OrdinalIgnoreCase) ? last : null;
    public QuestionStatus Status { get; init; } = QuestionStatus.Open;

    /// <summary>Votes so far, in the order given.</summary>
    public IReadOnlyList<Answer> Answers { get; init; } = [];

    /// <summary>Half of the time between two times, in whole milliseconds, as journal and store keep them.</summary>
    public static DateTimeOffset HalfOf(DateTimeOffset from, DateTimeOffset until)
    {
        var (first, last) = (from.ToUnixTimeMilliseconds(), until.ToUnixTimeMilliseconds());
        return DateTimeOffset.FromUnixTimeMilliseconds(first + (last - first) / 2);
    }

    /// <summary>Whether this person has answered already. People are told apart by name, without regard to case: a quorum needs different ones.</summary>
    public bool AnsweredBy(string person) => Answers.Any(a => a.By.Equals(person, StringComparison.OrdinalIgnoreCase));
}

/// <summary>One person's answer. <paramref name="Value"/> holds a form's values as JSON; for an unknown outcome <c>not-done</c>, <c>done</c>, or what the action gave as JSON, which says done.</summary>
/// <param name="By">The person.</param>
/// <param name="As">The role in which they answer; null on the way to the engine means whichever they hold of those that may answer now.</param>
public sealed record Answer(string By, bool Approve, string Reason, DateTimeOffset At, string? Value = null, string? As = null);

/// <summary>Somebody's say in a question, handed to another person.</summary>
/// <param name="As">The role in which it is a say.</param>
public sealed record Delegation(string From, string To, string As, string Reason, DateTimeOffset At)
{
    public bool Concerns(string person) => From.Equals(person, StringComparison.OrdinalIgnoreCase) || To.Equals(person, StringComparison.OrdinalIgnoreCase);
}
