using Soar.Connectors;
using Soar.Connectors.Http;

namespace Example.Siren;

/// <summary>What stands in soar.yaml; address, certificates, proxy and time-out come from <see cref="HttpServiceSettings"/>.</summary>
public sealed record SirenSettings : HttpServiceSettings
{
    [Setting("Token of a user of Soar's own at the controller.")]
    public Secret? Token { get; init; }

    [Setting("Longest time that a siren may sound. Default: 10m.")]
    public TimeSpan Longest { get; init; } = TimeSpan.FromMinutes(10);

    public override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems())
            yield return problem;
        if (Token is null)
            yield return "token: is missing; write env:NAME or file:/path of a token that the controller made";
        if (Longest <= TimeSpan.Zero)
            yield return "longest: must be longer than nothing";
    }
}
