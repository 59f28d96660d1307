using Soar.Connectors.Firewalls;
using Soar.Connectors.Http;

namespace Soar.Connectors.Panos;

/// <summary>A Palo Alto Networks firewall and the tag that its dynamic address group matches.</summary>
public sealed record PanosSettings : HttpServiceSettings, IFirewallLimits
{
    [Setting("API key of an administrator with the XML API rights User-ID Agent and Operational Requests; sent as a header.")]
    public Secret? ApiKey { get; init; }

    [Setting("Tag that the dynamic address group of a deny rule matches. Default: soar-blocked.")]
    public string Tag { get; init; } = "soar-blocked";

    [Setting("Virtual system, for example vsys2. Default: none, the firewall's first.")]
    public string? Vsys { get; init; }

    [Setting("Serial number of the firewall when the address is Panorama's. Default: none.")]
    public string? Target { get; init; }

    [Setting("Addresses and networks that are never blocked, nor any network that holds one of them: management, own servers. Default: none but loopback.")]
    public IReadOnlyList<IpAddress> Never { get; init; } = [];

    [Setting("Widest IPv4 network that may be blocked, as prefix length. Default: 16.")]
    public int WidestV4 { get; init; } = 16;

    [Setting("Widest IPv6 network that may be blocked, as prefix length; PAN-OS registers single IPv6 addresses only. Default: 128.")]
    public int WidestV6 { get; init; } = 128;

    public override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems())
            yield return problem;
        if (ApiKey is null)
            yield return "apiKey: is missing; make one with type=keygen";
        if (Tag.Length is 0 or > 127 || !Tag.All(Word) || Tag.StartsWith(RegisteredAddress.Mark, StringComparison.Ordinal))
            yield return $"tag: '{Tag}' must be up to 127 letters, digits, - _ or . and not begin with {RegisteredAddress.Mark}";
        if (Vsys is not null && !Vsys.All(Word))
            yield return $"vsys: '{Vsys}' is no virtual system; write vsys1";
        if (Target is not null && !Target.All(char.IsAsciiLetterOrDigit))
            yield return $"target: '{Target}' is no serial number";
        foreach (var problem in FirewallLimits.Problems(this))
            yield return problem;
        if (WidestV6 != 128)
            yield return "widestV6: PAN-OS registers no IPv6 networks; leave it at 128";
    }

    private static bool Word(char character) => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.';
}
