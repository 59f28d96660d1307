using Soar.Connectors.Firewalls;

namespace Soar.Connectors.Nftables;

/// <summary>An nftables firewall: on this machine, or on a gateway reached by the system's ssh.</summary>
public sealed record NftablesSettings : IValidatedSettings, IFirewallLimits
{
    [Setting("Gateway reached by ssh. Default: none, nft runs on this machine.")]
    public SshSettings? Ssh { get; init; }

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

/// <summary>Access to a gateway where <c>soar-nft</c> is the forced command of our key.</summary>
public sealed record SshSettings
{
    [Setting("Name or address of the gateway.")]
    public string Host { get; init; } = "";

    [Setting("TCP port. Default: 22.")]
    public int Port { get; init; } = 22;

    [Setting("User on the gateway. Default: soar.")]
    public string User { get; init; } = "soar";

    [Setting("File of the private key, readable by Soar only.")]
    public string Key { get; init; } = "";

    [Setting("File with the gateway's host key, as ssh-keyscan prints it. A changed or unknown host key is always refused.")]
    public string KnownHosts { get; init; } = "";

    [Setting("Time for the connection. Default: 10s.")]
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    internal IEnumerable<string> Problems()
    {
        // A word that begins with a hyphen would be an option to ssh.
        if (Host.Length == 0 || !Host.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or ':' or '_') || Host[0] == '-')
            yield return $"host: '{Host}' is not a host name or address";
        if (User.Length == 0 || !User.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_') || User[0] == '-')
            yield return $"user: '{User}' is not a user name";
        if (Port is < 1 or > 65535)
            yield return $"port: {Port} is no TCP port";
        if (!File.Exists(Key))
            yield return $"key: {(Key.Length == 0 ? "is missing" : Key + " does not exist")}; make one with ssh-keygen -t ed25519";
        if (!File.Exists(KnownHosts))
            yield return $"knownHosts: {(KnownHosts.Length == 0 ? "is missing" : KnownHosts + " does not exist")}; make it with ssh-keyscan and compare the fingerprint";
        if (ConnectTimeout < TimeSpan.FromSeconds(1))
            yield return "connectTimeout: must be at least 1s";
    }
}
