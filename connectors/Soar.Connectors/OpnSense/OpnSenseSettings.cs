using Soar.Connectors.Firewalls;

namespace Soar.Connectors.OpnSense;

/// <summary>An OPNsense firewall and the alias that holds what is blocked.</summary>
public sealed record OpnSenseSettings : HttpFirewallSettings
{
    [Setting("Key of an API user who may use Firewall: Alias: Edit and Diagnostics: Show States.")]
    public Secret? Key { get; init; }

    [Setting("Secret that belongs to the key.")]
    public Secret? Secret { get; init; }

    [Setting("Alias of type External, Host or Network that a block rule uses. External ones forget at reboot. Default: soar_blocked.")]
    public string Alias { get; init; } = "soar_blocked";

    [Setting("End the connections that an address has when it is blocked: pf lets established ones go on. Default: true.")]
    public bool CutStates { get; init; } = true;

    public override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems())
            yield return problem;
        if (Key is null)
            yield return "key: is missing; make one at System: Access: Users";
        if (Secret is null)
            yield return "secret: is missing; it came with the key";
        if (Alias.Length is 0 or > 32 || !Alias.All(character => char.IsAsciiLetterOrDigit(character) || character == '_'))
            yield return $"alias: '{Alias}' is no alias' name";
    }
}
