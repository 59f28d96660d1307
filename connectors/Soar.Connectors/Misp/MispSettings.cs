using Soar.Connectors.Http;

namespace Soar.Connectors.Misp;

/// <summary>How far an event of ours is shared.</summary>
public enum MispDistribution
{
    /// <summary>Our organisation on this MISP.</summary>
    Organisation,

    /// <summary>Everybody on this MISP.</summary>
    Community,

    /// <summary>The MISPs connected to this one too.</summary>
    Connected,

    /// <summary>Everybody.</summary>
    All,
}

/// <summary>A MISP instance.</summary>
public sealed record MispSettings : HttpServiceSettings
{
    [Setting("Authentication key of a user; to submit and sight it needs the right to add events and sightings.")]
    public Secret? Key { get; init; }

    [Setting("How far submitted events are shared once somebody publishes them: organisation, community, connected, all. Default: organisation.")]
    public MispDistribution Distribution { get; init; }

    public override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems())
            yield return problem;
        if (Key is null)
            yield return "key: is missing; make one in MISP at My Profile: Auth keys";
    }
}
