using Soar.Capabilities;

namespace Soar.Cases;

/// <summary>
/// The register of requests to others. Entries are appended, never changed; a step's <see cref="IdempotencyKey"/> writes once. Thread-safe.
/// </summary>
public interface IRequestStore
{
    /// <summary>Writes a request down under the next number. <paramref name="extends"/> must name a request of the same kind; SOAR2012 says what does not fit.</summary>
    Task<LegalRequest> OpenAsync(Entry entry, RequestKind kind, string addressee, string subject, int? extends);

    /// <summary>Appends how it stands. SOAR2012 for a request that is over, or that does not exist.</summary>
    Task<LegalRequest> UpdateAsync(Entry entry, int number, RequestStatus status, string note, DateTimeOffset? due);

    /// <summary>Newest first.</summary>
    /// <param name="openOnly">Only those that something may still be due for.</param>
    Task<IReadOnlyList<LegalRequest>> ListAsync(bool openOnly);

    /// <summary>By number or reference; null when there is none.</summary>
    Task<LegalRequest?> FindAsync(string numberOrReference);

    /// <summary>What happened to it, oldest first.</summary>
    Task<IReadOnlyList<RequestEntry>> HistoryAsync(int number);
}

/// <summary>A request as it stands.</summary>
/// <param name="Extends">Reference of the request that it prolongs.</param>
/// <param name="Due">When something is due next.</param>
public sealed record LegalRequest(int Number, string Reference, RequestKind Kind, string Addressee, string Subject, RunId Run, DateTimeOffset OpenedAt, string? Extends, RequestStatus Status, DateTimeOffset? Due, string Note)
{
    /// <summary>Nothing is due any more.</summary>
    public bool Over => IsOver(Status);

    public static bool IsOver(RequestStatus status) => status is RequestStatus.Answered or RequestStatus.Extended or RequestStatus.Withdrawn or RequestStatus.Lapsed;
}

/// <summary>One entry in a request's history.</summary>
public sealed record RequestEntry(DateTimeOffset At, RequestStatus Status, string Note, DateTimeOffset? Due, RunId Run, string Step);
