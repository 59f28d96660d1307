using Soar.Connectors.Http;

namespace Soar.Connectors.AbuseIpDb;

/// <summary>AbuseIPDB, version 2 of its API.</summary>
public sealed record AbuseIpDbSettings : HttpServiceSettings
{
    public AbuseIpDbSettings() => Address = new Uri("https://api.abuseipdb.com/api/v2/");

    [Setting("API key, from abuseipdb.com/account/api.")]
    public Secret? Key { get; init; }

    [Setting("How far back reports count, in days, 1 to 365. Default: 90.")]
    public int Days { get; init; } = 90;

    [Setting("From which confidence score on an address is Malicious, 1 to 100. Default: 75.")]
    public int Malicious { get; init; } = 75;

    [Setting("From which confidence score on an address is Suspicious. Default: 25.")]
    public int Suspicious { get; init; } = 25;

    [Setting("Numbers of the categories under which we report, see abuseipdb.com/categories. Default: [15], hacking.")]
    public IReadOnlyList<int> Categories { get; init; } = [15];

    public override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems())
            yield return problem;
        if (Key is null)
            yield return "key: is missing; make one at abuseipdb.com/account/api";
        if (Days is < 1 or > 365)
            yield return "days: write 1 to 365";
        if (Malicious is < 1 or > 100)
            yield return "malicious: write 1 to 100";
        if (Suspicious < 1 || Suspicious > Malicious)
            yield return "suspicious: write 1 up to the value of malicious";
        if (Categories.Count == 0 || Categories.Any(category => category is < 1 or > 99))
            yield return "categories: name at least one, as a number";
    }
}
