namespace Soar.Storage;

public enum ReviewState
{
    Open, Approved, Refused,

    /// <summary>By its author.</summary>
    Withdrawn,

    /// <summary>The draft was submitted again.</summary>
    Replaced,
    Published,
}

/// <summary>A draft as it was submitted to be reviewed, and what became of it.</summary>
public sealed record Review
{
    public required Guid Id { get; init; }
    public required string Playbook { get; init; }

    /// <summary>As its header says.</summary>
    public required string Version { get; init; }
    public required string Content { get; init; }
    public required string Source { get; init; }

    /// <summary>The draft's version that was submitted.</summary>
    public required int Draft { get; init; }

    /// <summary>The content of the published version that the draft was begun from; null = none was published.</summary>
    public string? BegunFrom { get; init; }

    /// <summary>Who submitted it.</summary>
    public required string Author { get; init; }

    /// <summary>Everybody who saved the draft; none of them reviews it.</summary>
    public required IReadOnlyList<string> Writers { get; init; }
    public string Note { get; init; } = "";

    /// <summary>How many of the playbook's tests passed.</summary>
    public int Tests { get; init; }
    public required DateTimeOffset SubmittedAt { get; init; }
    public ReviewState State { get; init; }
    public string? Reviewer { get; init; }
    public DateTimeOffset? DecidedAt { get; init; }
    public string Reason { get; init; } = "";

    /// <summary>Whether this person had a hand in the text.</summary>
    public bool IsBy(string person) => Writers.Append(Author).Contains(person, StringComparer.OrdinalIgnoreCase);
}

/// <param name="Line">Of the submitted text, from 1; null = on all of it.</param>
public sealed record ReviewComment(string By, DateTimeOffset At, string Text, int? Line);

public enum ReviewEnd
{
    Done,

    /// <summary>There is no such draft (any more), or it is another version by now.</summary>
    OtherDraft,

    /// <summary>It is not open, or of publishing: not approved.</summary>
    NotInHand,

    /// <summary>Whoever wants to decide had a hand in the text.</summary>
    OwnText,

    /// <summary>Another version is current than the one the draft was begun from.</summary>
    Stale,

    /// <summary>The version is published with another text.</summary>
    OtherContent,
}

/// <param name="Review">As it stands now; null when there is none.</param>
/// <param name="Published">What publishing came to; null of everything else.</param>
public sealed record ReviewChange(ReviewEnd End, Review? Review, Published? Published = null);
