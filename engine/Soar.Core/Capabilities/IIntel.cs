namespace Soar.Capabilities;

/// <summary>What one source knows of an observable.</summary>
/// <param name="Source">The connector instance that answered.</param>
/// <param name="Verdict">Its judgement; Unknown when it does not know the value, or knows no values of that type. That nobody calls it bad does not make it Benign.</param>
/// <param name="Details">Why, in its words.</param>
public sealed record IntelReport(string Source, Verdict Verdict, string Details);

/// <summary>What a source took from us.</summary>
/// <param name="Source">The connector instance that took it.</param>
/// <param name="Id">Its own number for it; empty where it gives none.</param>
/// <param name="Details">What it made of it, in its words.</param>
public sealed record IntelSubmission(string Source, string Id, string Details);

/// <summary>What a sighting says.</summary>
public enum SightingKind
{
    /// <summary>It was seen.</summary>
    Seen,

    /// <summary>It was seen, and it was harmless: the indicator is wrong there.</summary>
    FalsePositive,
}

/// <summary>That somebody saw an observable.</summary>
/// <param name="Source">The connector instance that tells it.</param>
/// <param name="Kind">What it says.</param>
/// <param name="At">When it was seen, or reported where only that is told.</param>
/// <param name="By">Who saw it, as the source names them; empty where it does not tell.</param>
/// <param name="Details">More in the source's words. Whoever reported it chose them.</param>
public sealed record IntelSighting(string Source, SightingKind Kind, DateTimeOffset At, string By, string Details);

[Capability("Intel", "Tells what threat intelligence knows about an observable, and tells it what we know.")]
public interface IIntel
{
    /// <summary>Looks up an address.</summary>
    [Action(Effect.ReadsOnly)]
    Task<IntelReport> LookupAsync(IpAddress address, ActionContext context, CancellationToken cancellation);

    /// <summary>Looks up any observable: domain, URL, hash, mail address.</summary>
    [Action(Effect.ReadsOnly)]
    Task<IntelReport> LookupObservableAsync(Observable observable, ActionContext context, CancellationToken cancellation);

    /// <summary>
    /// Gives the source our judgement of an observable: an event, a report, a vote, a line in our own list, whatever it keeps. Nothing is blocked by it. A source that takes none of
    /// this type, or not this verdict, refuses with the code <c>unsupported</c> before anything is sent.
    /// </summary>
    /// <param name="observable">What is judged.</param>
    /// <param name="verdict">Any but Unknown.</param>
    /// <param name="comment">Why, for those who read it there. It may become public: no names of ours, no addresses of ours.</param>
    [Action(Effect.Notifies, SafeToRepeat = true, LooksFirst = true, Probe = nameof(ProbeSubmitAsync), NoInverse = "What others have taken over cannot be taken back; submit the opposite verdict.")]
    Task<IntelSubmission> SubmitAsync(Observable observable, Verdict verdict, Text comment, ActionContext context, CancellationToken cancellation) => throw Refused("submissions");

    /// <summary>Who has seen an observable, the newest first, at most 100. Empty where the source knows of nobody or keeps no sightings.</summary>
    [Action(Effect.ReadsOnly)]
    Task<IReadOnlyList<IntelSighting>> SightingsAsync(Observable observable, ActionContext context, CancellationToken cancellation) => Task.FromResult<IReadOnlyList<IntelSighting>>([]);

    /// <summary>
    /// Tells the source that we have seen an observable, or that it is a false positive with us. A source that keeps no sightings refuses with the code <c>unsupported</c>.
    /// </summary>
    /// <param name="observable">What was seen. MISP takes sightings of what it knows only.</param>
    /// <param name="kind">Seen or FalsePositive.</param>
    /// <param name="seenAt">When it was seen.</param>
    [Action(Effect.Notifies, SafeToRepeat = true, LooksFirst = true, Probe = nameof(ProbeSightAsync), NoInverse = "What others have counted cannot be taken back.")]
    Task<IntelSubmission> SightAsync(Observable observable, SightingKind kind, DateTimeOffset seenAt, ActionContext context, CancellationToken cancellation) => throw Refused("sightings");

    [Probe]
    Task<Probe<IntelSubmission>> ProbeSubmitAsync(Observable observable, Verdict verdict, Text comment, ActionContext context, CancellationToken cancellation) => Task.FromResult(Probe.CannotTell<IntelSubmission>());

    [Probe]
    Task<Probe<IntelSubmission>> ProbeSightAsync(Observable observable, SightingKind kind, DateTimeOffset seenAt, ActionContext context, CancellationToken cancellation) => Task.FromResult(Probe.CannotTell<IntelSubmission>());

    private static ConnectorFailure Refused(string what) => ConnectorFailure.Permanent($"This source takes no {what}. Nothing was sent.", reason: "unsupported");
}
