using Soar.Connectors.Firewalls;
using Soar.Connectors.Ssh;

namespace Soar.Connectors.Nftables;

/// <summary>An nftables firewall: on this machine, or on a gateway reached by the system's ssh.</summary>
public sealed record NftablesSettings : IValidatedSettings, IFirewallLimits
{
    [Setting("Gateway reached by ssh, where soar-nft is the forced command of our key. Default: none, nft runs on this machine.")]
    public SshAccess? Ssh { get; init; }

    [Setting("How nft is started on this machine, word by word, for example [sudo, -n, nft]. Default: [nft].")]
    public IReadOnlyList<string> Command { get; init; } = ["nft"];

    [Setting("Family and name of the table of soar.nft. Default: inet soar.")]
    public string Table { get; init; } = "inet soar";

    [Setting("Addresses and networks that are never blocked, nor any network that holds one of them: management, own servers. Default: none but loopback.")]
    public IReadOnlyList<IpAddress> Never { get; init; } = [];

    [Setting("Widest IPv4 network that may be blocked, as prefix length. Default: 16.")]
    public int WidestV4 { get; init; } = 16;

    [Setting("Widest IPv6 network that may be blocked, as prefix length. Default: 32.")]
    public int WidestV6 { get; init; } = 32;

    [Setting("Time for one call of nft or ssh. Default: 20s.")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    public IEnumerable<string> Problems()
    {
        if (Table.Split(' ') is not [("inet" or "ip" or "ip6"), { Length: > 0 } name] || !name.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-'))
            yield return $"table: '{Table}' is not a family and a name; write inet soar";
        if (Command.Count == 0 || Command.Any(string.IsNullOrWhiteSpace))
            yield return "command: has no words; write [nft]";
        foreach (var problem in FirewallLimits.Problems(this))
            yield return problem;
        if (Timeout <= TimeSpan.Zero)
            yield return "timeout: must be longer than nothing";
        foreach (var problem in Ssh?.Problems() ?? [])
            yield return "ssh." + problem;
    }
}
