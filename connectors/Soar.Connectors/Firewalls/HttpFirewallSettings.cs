using Soar.Connectors.Http;

namespace Soar.Connectors.Firewalls;

/// <summary>A firewall that is reached by HTTP, with what it never blocks.</summary>
public abstract record HttpFirewallSettings : HttpServiceSettings, IFirewallLimits
{
    [Setting("Addresses and networks that are never blocked, nor any network that holds one of them: management, own servers. Default: none but loopback.")]
    public IReadOnlyList<IpAddress> Never { get; init; } = [];

    [Setting("Widest IPv4 network that may be blocked, as prefix length. Default: 16.")]
    public int WidestV4 { get; init; } = 16;

    [Setting("Widest IPv6 network that may be blocked, as prefix length. Default: 32.")]
    public int WidestV6 { get; init; } = 32;

    public override IEnumerable<string> Problems() => base.Problems().Concat(FirewallLimits.Problems(this));
}
