namespace Soar.Capabilities;

/// <summary>Interpol's public notices. Most notices are not public at all, so finding none says nothing.</summary>
public enum NoticeKind
{
    /// <summary>Wanted persons.</summary>
    Red = 1,

    /// <summary>Missing persons.</summary>
    Yellow = 2,

    /// <summary>Persons and entities under sanctions of the UN Security Council.</summary>
    Un = 3,
}

/// <summary>What is searched for; at least one of them.</summary>
/// <param name="Name">Family name, as the notice may spell it.</param>
/// <param name="Forename">Forename.</param>
/// <param name="Nationality">ISO 3166-1 alpha-2.</param>
/// <param name="WantedBy">ISO 3166-1 alpha-2 of the country that asked for the notice.</param>
/// <param name="FreeText">Words anywhere in the notice.</param>
public sealed record NoticeQuery(string? Name = null, string? Forename = null, string? Nationality = null, string? WantedBy = null, string? FreeText = null);

/// <summary>
/// A notice whose words fit the query. It is a lead, never a trigger: names are shared by many, and only the national bureau can tell whether it is this person. No action takes a lead
/// as its argument.
/// </summary>
/// <param name="NoticeId">Interpol's identifier, for example <c>2099/00001</c>.</param>
/// <param name="Kind">Which notice.</param>
/// <param name="Name">Family name.</param>
/// <param name="Forename">Forename, where told.</param>
/// <param name="DateOfBirth">As the notice writes it: often only a year.</param>
/// <param name="Nationalities">ISO 3166-1 alpha-2.</param>
/// <param name="Link">The notice itself.</param>
public sealed record Lead(string NoticeId, NoticeKind Kind, string Name, string? Forename, string? DateOfBirth, IReadOnlyList<string> Nationalities, string Link);

/// <summary>What a search of the public notices found.</summary>
/// <param name="Leads">What came back.</param>
/// <param name="Total">How many there are by Interpol's count.</param>
/// <param name="Truncated">There are more than came back: Interpol shows at most 160. Search for something narrower.</param>
/// <param name="AskedAt">When.</param>
public sealed record NoticeLeads(IReadOnlyList<Lead> Leads, int Total, bool Truncated, DateTimeOffset AskedAt);

[Capability("Interpol", "Searches Interpol's public notices, and makes requests for the national central bureau.")]
public interface IInterpol
{
    /// <summary>Searches the public notices. A hit is a lead that a person looks at, never a reason to act by itself; no hit says nothing.</summary>
    /// <param name="kind">Which notices.</param>
    /// <param name="query">What is searched for; at least one field.</param>
    [Action(Effect.ReadsOnly, TimeoutSeconds = 60)]
    Task<NoticeLeads> NoticesAsync(NoticeKind kind, NoticeQuery query, ActionContext context, CancellationToken cancellation);

    /// <summary>Makes a request for the national central bureau as a package (I-24/7 has no public interface); refused by name when an item is missing.</summary>
    /// <param name="request">The request.</param>
    /// <param name="reference">From <c>Requests.Open</c>.</param>
    [Action(Effect.Records, SafeToRepeat = true, NoInverse = "It lies here only; delete the file of the outbox if it is not to be carried over.")]
    Task<RequestPackage> PackageAsync(AssistanceRequest request, string reference, ActionContext context, CancellationToken cancellation);
}
