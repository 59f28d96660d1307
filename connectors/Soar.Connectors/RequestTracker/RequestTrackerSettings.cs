using Soar.Connectors.Http;
using Soar.Connectors.Tickets;

namespace Soar.Connectors.RequestTracker;

/// <summary>A Request Tracker 5 and the queue that Soar opens tickets in.</summary>
public sealed record RequestTrackerSettings : HttpServiceSettings
{
    [Setting("Authentication token of a user of Soar's own; RT makes it under Settings, Auth Tokens.")]
    public Secret? Token { get; init; }

    [Setting("Queue that new tickets go to.")]
    public string Queue { get; init; } = "";

    [Setting("Requestor of new tickets; RT writes to it by the queue's own rules. Default: none.")]
    public EmailAddress? Requestor { get; init; }

    [Setting("RT's words for new, open, waiting, resolved and rejected, where the queue's life cycle has others. Default: new, open, stalled, resolved, rejected.")]
    public IReadOnlyDictionary<string, string> Statuses { get; init; } = new Dictionary<string, string>();

    [Setting("How often a ticket is looked at while a run waits for a change. Default: 1m.")]
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromMinutes(1);

    public override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems())
            yield return problem;
        if (Token is null)
            yield return "token: is missing; write env:NAME or file:/path of an authentication token";
        if (string.IsNullOrWhiteSpace(Queue))
            yield return "queue: is missing; write the name of the queue for new tickets";
        foreach (var problem in StatusWords.Problems(Statuses))
            yield return problem;
        if (LookEvery < TimeSpan.FromSeconds(5))
            yield return "lookEvery: is too often; write 5s or more";
    }
}
