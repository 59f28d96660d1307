using Soar.Connectors.Sockets;

namespace Soar.Connectors.Unbound;

/// <summary>An Unbound resolver and the program that controls it.</summary>
public sealed record UnboundSettings : IValidatedSettings
{
    [Setting("How unbound-control is started, word by word, for example [unbound-control, -c, /etc/unbound/unbound.conf]. Default: [unbound-control].")]
    public IReadOnlyList<string> Command { get; init; } = ["unbound-control"];

    [Setting("Addresses of the sinkhole, IPv4 and IPv6, that sinkholed names get. Default: none; names with their subdomains get NXDOMAIN, names alone an empty answer.")]
    public IReadOnlyList<IpAddress> Sinkhole { get; init; } = [];

    [Setting("Domains that are never sinkholed, nor any name below them: our own, the identity provider. Default: none.")]
    public IReadOnlyList<DomainName> Never { get; init; } = [];

    [Setting("TTL of the answers. Default: 60s.")]
    public TimeSpan Ttl { get; init; } = TimeSpan.FromSeconds(60);

    [Setting("Address where this Unbound answers, for Resolve and to see that a sinkhole works. Default: 127.0.0.1.")]
    public string Resolver { get; init; } = "127.0.0.1";

    [Setting("TCP port there. Default: 53.")]
    public int ResolverPort { get; init; } = 53;

    [Setting("Time for one call of unbound-control and for one answer. Default: 10s.")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    public IEnumerable<string> Problems()
    {
        if (Command.Count == 0 || Command.Any(string.IsNullOrWhiteSpace))
            yield return "command: has no words; write [unbound-control]";
        if (Sinkhole.Any(address => address.IsNetwork))
            yield return "sinkhole: write single addresses, no networks";
        if (Ttl < TimeSpan.Zero || Ttl > TimeSpan.FromDays(1))
            yield return "ttl: write 0s to 24h";
        if (Resolver.Length == 0 || Resolver.Any(char.IsWhiteSpace))
            yield return $"resolver: '{Resolver}' is not a host name or address";
        if (ResolverPort is < 1 or > 65535)
            yield return $"resolverPort: {ResolverPort} is no TCP port";
        if (Timeout <= TimeSpan.Zero)
            yield return "timeout: must be longer than nothing";
    }

    internal LinkTarget Asked => new() { Host = Resolver, Port = ResolverPort };
}
