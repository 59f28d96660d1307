using Soar.Connectors.Http;

namespace Soar.Connectors.VirusTotal;

/// <summary>VirusTotal, version 3 of its API.</summary>
public sealed record VirusTotalSettings : HttpServiceSettings
{
    public VirusTotalSettings() => Address = new Uri("https://www.virustotal.com/api/v3/");

    [Setting("API key, from virustotal.com/gui/my-apikey.")]
    public Secret? Key { get; init; }

    [Setting("How many engines must call it malicious for it to be Malicious. Default: 3, since single engines are often wrong.")]
    public int Malicious { get; init; } = 3;

    [Setting("How many engines must call it malicious or suspicious for it to be Suspicious. Default: 1.")]
    public int Suspicious { get; init; } = 1;

    public override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems())
            yield return problem;
        if (Key is null)
            yield return "key: is missing; find it at virustotal.com/gui/my-apikey";
        if (Malicious < 1)
            yield return "malicious: write 1 or more";
        if (Suspicious < 1 || Suspicious > Malicious)
            yield return "suspicious: write 1 up to the value of malicious";
    }
}
