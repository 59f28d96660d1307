using Soar.Connectors.Firewalls;

namespace Soar.Connectors.CrowdSec;

/// <summary>A CrowdSec local API (LAPI).</summary>
public sealed record CrowdSecSettings : HttpFirewallSettings
{
    [Setting("Key of a bouncer, from: cscli bouncers add soar. It reads decisions.")]
    public Secret? BouncerKey { get; init; }

    [Setting("Name of a machine, from: cscli machines add soar --auto. It writes alerts and decisions. Default: soar.")]
    public string Machine { get; init; } = "soar";

    [Setting("Password of the machine.")]
    public Secret? Password { get; init; }

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
    }
}
