using Soar.Connectors.Http;
using Soar.Connectors.Packages;

namespace Soar.Connectors.Interpol;

/// <summary>Where the public notices are asked, and how packages for the national central bureau are made.</summary>
public sealed record InterpolSettings : HttpServiceSettings
{
    public InterpolSettings() => Address = new Uri("https://ws-public.interpol.int/notices/v1/");

    [Setting("How requests for the national central bureau are made, with the fields of a preservation connector. Default: none, requests fail and say so.")]
    public PackageSettings? Package { get; init; }

    public override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems())
            yield return problem;
        foreach (var problem in Package?.Problems() ?? [])
            yield return "package." + problem;
    }
}
