namespace Soar.Capabilities;

/// <summary>What kind of request to somebody outside.</summary>
public enum RequestKind { Preservation = 1, Assistance = 2, Siena = 3 }

/// <summary>How a request stands.</summary>
public enum RequestStatus
{
    /// <summary>Written down, not sent.</summary>
    Open = 1,

    /// <summary>Sent or handed over.</summary>
    Sent = 2,

    /// <summary>The other side has confirmed it: the data is being kept, the bureau has taken it.</summary>
    Confirmed = 3,

    /// <summary>Answered, or followed by what it was meant to prepare: nothing more is due.</summary>
    Answered = 4,

    /// <summary>Prolonged by another request.</summary>
    Extended = 5,

    /// <summary>Not sent, or taken back.</summary>
    Withdrawn = 6,

    /// <summary>Its time ran out without an answer or an extension.</summary>
    Lapsed = 7,
}

/// <summary>A request of the register.</summary>
/// <param name="Number">1, 2, 3 …</param>
/// <param name="Reference">What stands in mails and forms, for example <c>R-2026-0007</c>.</param>
/// <param name="Extends">Reference of the request that this one prolongs, else null.</param>
public sealed record RequestRef(int Number, string Reference, string? Extends = null)
{
    public override string ToString() => Reference;
}

[Capability("Requests", "The register of requests to providers, points of contact, Interpol and Europol: who was asked what, until when, and how it stands.", BuiltIn = true, Proven = "a real database, and playbooks on the virtual clock")]
public interface IRequests
{
    /// <summary>Writes a request down and gives it its reference. Nothing is sent.</summary>
    /// <param name="kind">What kind.</param>
    /// <param name="addressee">Who is asked.</param>
    /// <param name="subject">What is asked, in one line.</param>
    /// <param name="extends">Number of the request that this one prolongs; it must be of the same kind. 0 = a first request.</param>
    [Action(Effect.Records, SafeToRepeat = true)]
    Task<RequestRef> OpenAsync(RequestKind kind, Text addressee, Text subject, int extends = 0, ActionContext context = null!, CancellationToken cancellation = default);

    /// <summary>Writes down how it stands now. Earlier entries stay; what is over (Answered, Withdrawn, Lapsed) takes only notes of the same status.</summary>
    /// <param name="number">The request's number.</param>
    /// <param name="status">How it stands.</param>
    /// <param name="note">What happened: a Message-ID, the other side's reference, a name.</param>
    /// <param name="due">When something is due next, in UTC: data is kept until then, an answer is needed by then. Null = nothing is.</param>
    [Action(Effect.Records, SafeToRepeat = true)]
    Task UpdateAsync(int number, RequestStatus status, Text note, [MayBeEmpty] DateTimeOffset? due = null, ActionContext context = null!, CancellationToken cancellation = default);
}
