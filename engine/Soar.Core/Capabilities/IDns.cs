namespace Soar.Capabilities;

/// <summary>A name that our resolvers answer falsely on purpose.</summary>
/// <param name="Name">The name.</param>
/// <param name="Answer">What is answered: <c>NXDOMAIN</c>, or the address of the sinkhole.</param>
/// <param name="Subdomains">Whether every name below it is answered so too.</param>
/// <param name="Effective">Whether the resolver was seen to answer so; false when it was not yet.</param>
/// <param name="Evidence">The product's own words: the entry read back, the answer seen.</param>
public sealed record DnsSinkhole(DomainName Name, string Answer, bool Subdomains, bool Effective, string Evidence);

/// <summary>Types of records that can be asked for.</summary>
public enum DnsRecordType
{
    A, Aaaa, Cname, Mx, Ns, Ptr, Soa, Txt,
}

/// <summary>One record of an answer, its data as zone files write it: an address, a name, <c>10 mail.example</c>.</summary>
public sealed record DnsRecord(string Name, string Type, int Ttl, string Data);

/// <summary>What a resolver answered.</summary>
/// <param name="Status"><c>NOERROR</c>, or <c>NXDOMAIN</c> when there is no such name. Everything else fails the step.</param>
/// <param name="Records">All records of the answer, aliases included; empty when there are none of that type.</param>
public sealed record DnsAnswer(DomainName Name, DnsRecordType Type, string Status, IReadOnlyList<DnsRecord> Records);

[Capability("Dns", "Sinkholes names at our resolvers, and resolves names.")]
public interface IDns
{
    /// <summary>
    /// Makes our resolvers answer a name falsely (NXDOMAIN, or a sinkhole's address, by the instance's settings), for a time. An entry that somebody else made is left as it is.
    /// </summary>
    /// <param name="name">The name itself; a wildcard is refused.</param>
    /// <param name="duration">How long; <c>Until.Lifted</c> for no end. The engine lifts it, since DNS servers keep no time.</param>
    /// <param name="subdomains">True for every name below it too. Default: the name alone.</param>
    [Action(Effect.Contains, SafeToRepeat = true, Inverse = nameof(ReleaseAsync), Probe = nameof(ProbeSinkholeAsync))]
    Task<DnsSinkhole> SinkholeAsync([Target] DomainName name, [LeaseTime] TimeSpan duration, bool subdomains = false, ActionContext context = null!, CancellationToken cancellation = default);

    /// <summary>Lets a name that we sinkholed be answered truly again, its subdomains too. One that is not sinkholed is no error; one that somebody else sinkholed is.</summary>
    [Action(Effect.Lifts, SafeToRepeat = true)]
    Task ReleaseAsync([Target] DomainName name, ActionContext context, CancellationToken cancellation);

    /// <summary>
    /// Asks our resolver, so the answer is what our users get: a sinkholed name gives the sinkhole. Any other name is asked for at its owner's own name servers, who may be the attacker: the
    /// question leaves the house.
    /// </summary>
    /// <param name="name">For the name of an address (PTR): <c>66.113.0.203.in-addr.arpa</c>.</param>
    [Action(Effect.ReadsOnly, Outside = true)]
    Task<DnsAnswer> ResolveAsync(DomainName name, DnsRecordType type = DnsRecordType.A, ActionContext context = null!, CancellationToken cancellation = default);

    [Probe]
    Task<Probe<DnsSinkhole>> ProbeSinkholeAsync(DomainName name, TimeSpan duration, bool subdomains = false, ActionContext context = null!, CancellationToken cancellation = default);
}
