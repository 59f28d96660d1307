using Soar.Capabilities;

namespace Soar.Connectors.DnsProtocol;

/// <summary>What no resolver of ours is ever told to answer falsely, the same for every product.</summary>
internal static class SinkholeRules
{
    public static void Allowed(DomainName name, bool subdomains, TimeSpan duration, IReadOnlyList<DomainName> never)
    {
        if (!name.Value.Contains('.'))
            throw ConnectorFailure.Permanent($"'{name}' is a whole top-level domain; that is not sinkholed. Name the domain that is meant.", reason: "too-wide");
        if (never.FirstOrDefault(kept => kept.Contains(name) || (subdomains && name.Contains(kept))) is { } guarded)
            throw ConnectorFailure.Permanent($"{name}{(subdomains ? " with its subdomains" : "")} is not sinkholed: it touches {guarded}, which is never to be (setting never).", reason: "never");
        if (duration <= TimeSpan.Zero)
            throw ConnectorFailure.Permanent($"A sinkhole for {Durations.Say(duration)} is not possible. Give a time, or Until.Lifted for no end.", reason: "duration");
    }

    /// <summary>What the resolver should answer for it.</summary>
    public static (DnsRecordType Type, Func<DnsAnswer, bool> Expected) Proof(IReadOnlyList<IpAddress> sinkhole)
    {
        var first = sinkhole.Count == 0 ? null : sinkhole[0];
        return first is null
            ? (DnsRecordType.A, answer => answer.Status == "NXDOMAIN")
            : (first.IsV6 ? DnsRecordType.Aaaa : DnsRecordType.A, answer => answer.Records.Any(record => record.Data == first.ToString()));
    }
}
