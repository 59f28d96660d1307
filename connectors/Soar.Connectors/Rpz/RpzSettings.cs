using Soar.Connectors.DnsProtocol;
using Soar.Connectors.Sockets;

namespace Soar.Connectors.Rpz;

/// <summary>A response policy zone (RPZ) that we may update.</summary>
public sealed record RpzSettings : IValidatedSettings
{
    [Setting("Name or address of the zone's primary server.")]
    public string Server { get; init; } = "";

    [Setting("TCP port of the server. Default: 53.")]
    public int Port { get; init; } = 53;

    [Setting("The response policy zone, for example rpz.soar. Best one of Soar's own.")]
    public DomainName? Zone { get; init; }

    [Setting("Name of the TSIG key, as the server knows it.")]
    public DomainName? KeyName { get; init; }

    [Setting("Secret of the key in Base64, as tsig-keygen prints it.")]
    public Secret? KeySecret { get; init; }

    [Setting("hmac-sha256, hmac-sha384 or hmac-sha512. Default: hmac-sha256.")]
    public TsigAlgorithm KeyAlgorithm { get; init; } = TsigAlgorithm.HmacSha256;

    [Setting("Addresses of the sinkhole, IPv4 and IPv6, that sinkholed names get. Default: none, they get NXDOMAIN.")]
    public IReadOnlyList<IpAddress> Sinkhole { get; init; } = [];

    [Setting("Domains that are never sinkholed, nor any name below them: our own, the identity provider. Default: none.")]
    public IReadOnlyList<DomainName> Never { get; init; } = [];

    [Setting("TTL of the entries. Default: 60s.")]
    public TimeSpan Ttl { get; init; } = TimeSpan.FromSeconds(60);

    [Setting("Resolver that our users ask, for Resolve and to see that a sinkhole works. Default: the server.")]
    public string? Resolver { get; init; }

    [Setting("TCP port of the resolver. Default: 53, or the server's port where resolver is not set.")]
    public int ResolverPort { get; init; }

    [Setting("How long the resolver is watched for the change. BIND applies changes of a policy zone at most once in min-update-interval (60s unless set). Default: 5s.")]
    public TimeSpan EffectWithin { get; init; } = TimeSpan.FromSeconds(5);

    [Setting("Time for the connection and for each answer. Default: 10s.")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    public IEnumerable<string> Problems()
    {
        if (Server.Length == 0 || Server.Any(char.IsWhiteSpace))
            yield return $"server: '{Server}' is not a host name or address";
        if (Port is < 1 or > 65535)
            yield return $"port: {Port} is no TCP port";
        if (Zone is null)
            yield return "zone: is missing; write the name of the response policy zone";
        if (KeyName is null)
            yield return "keyName: is missing; updates without a key are not made. Make one with tsig-keygen";
        if (KeySecret is null || Decoded() is not { Length: >= 16 })
            yield return "keySecret: is missing, no Base64, or shorter than 16 bytes; make a key with tsig-keygen";
        if (Sinkhole.Any(address => address.IsNetwork))
            yield return "sinkhole: write single addresses, no networks";
        if (Ttl < TimeSpan.Zero || Ttl > TimeSpan.FromDays(1))
            yield return "ttl: write 0s to 24h";
        if (ResolverPort is < 0 or > 65535)
            yield return $"resolverPort: {ResolverPort} is no TCP port";
        if (EffectWithin < TimeSpan.Zero)
            yield return "effectWithin: must not be less than nothing";
        if (Timeout <= TimeSpan.Zero)
            yield return "timeout: must be longer than nothing";
    }

    internal LinkTarget Primary => new() { Host = Server, Port = Port };

    internal LinkTarget Asked => string.IsNullOrEmpty(Resolver) ? Primary with { Port = ResolverPort > 0 ? ResolverPort : Port } : new() { Host = Resolver, Port = ResolverPort > 0 ? ResolverPort : 53 };

    internal byte[]? Decoded()
    {
        var buffer = new byte[1_024];
        return KeySecret is not null && Convert.TryFromBase64String(KeySecret.Reveal().Trim(), buffer, out var length) ? buffer[..length] : null;
    }
}
