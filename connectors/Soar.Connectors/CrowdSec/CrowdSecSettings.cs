using Soar.Connectors.Firewalls;
using Soar.Connectors.Http;

namespace Soar.Connectors.CrowdSec;

/// <summary>A CrowdSec local API (LAPI).</summary>
public sealed record CrowdSecSettings : HttpServiceSettings, IFirewallLimits
{
    [Setting("Key of a bouncer, from: cscli bouncers add soar. It reads decisions.")]
    public Secret? BouncerKey { get; init; }

    [Setting("Name of a machine, from: cscli machines add soar --auto. It writes alerts and decisions. Default: soar.")]
    public string Machine { get; init; } = "soar";

    [Setting("Password of the machine.")]
    public Secret? Password { get; init; }

    [Setting("Addresses and networks that are never blocked, nor any network that holds one of them: management, own servers. Default: none but loopback.")]
    public IReadOnlyList<IpAddress> Never { get; init; } = [];

    [Setting("Widest IPv4 network that may be blocked, as prefix length. Default: 16.")]
    public int WidestV4 { get; init; } = 16;

    [Setting("Widest IPv6 network that may be blocked, as prefix length. Default: 32.")]
    public int WidestV6 { get; init; } = 32;

    public override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems())
            yield return problem;
        if (BouncerKey is null)
            yield return "bouncerKey: is missing; make one with: cscli bouncers add soar";
        if (Machine.Length == 0)
            yield return "machine: is empty; make one with: cscli machines add soar --auto";
        if (Password is null)
            yield return "password: is missing; cscli machines add shows it or writes it to the file it names";
        foreach (var problem in FirewallLimits.Problems(this))
            yield return problem;
    }
}
