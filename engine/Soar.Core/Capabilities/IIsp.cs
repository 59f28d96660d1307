namespace Soar.Capabilities;

/// <summary>Who is responsible for an address, from the regional registry.</summary>
public sealed record NetworkOwner
{
    public required IpAddress Address { get; init; }

    /// <summary>The organisation's name; the network's name where no organisation is told.</summary>
    public required string Name { get; init; }

    /// <summary>The registry's handle of the most specific network.</summary>
    public required string Handle { get; init; }

    /// <summary>The most specific registered network, for example <c>203.0.113.0/24</c>.</summary>
    public required string Network { get; init; }

    /// <summary>ISO 3166-1 alpha-2, where told.</summary>
    public string? Country { get; init; }

    /// <summary>Where abuse is reported; empty when the registry names none.</summary>
    public IReadOnlyList<EmailAddress> AbuseContacts { get; init; } = [];

    /// <summary>What the registry says that it left out (RFC 9537), in its words, for example <c>Registrant Email</c>; null where it says nothing of the kind.</summary>
    public IReadOnlyList<string>? Redacted { get; init; }

    /// <summary>The URL that answered, for this address or for another one of its network.</summary>
    public required string Registry { get; init; }

    public override string ToString() => Name;
}

/// <summary>What an address did. It decides the type of the X-ARF report, as far as the facts that are told suffice for it.</summary>
public enum AbuseKind
{
    /// <summary>Looked for open ports. Needs <c>protocol</c>, <c>sourcePort</c> and <c>firstSeen</c>.</summary>
    PortScan,

    /// <summary>Tried to log in: guessed passwords, used stolen ones. Needs the same.</summary>
    LoginAttack,

    /// <summary>Took part in a denial of service. Needs the same.</summary>
    Ddos,

    /// <summary>Tried to slip SQL into a web application. Needs the same, over TCP or UDP.</summary>
    SqlInjection,

    /// <summary>Sent mail that nobody wanted: spam, a threat. Needs that mail as evidence, and <c>sourcePort</c>.</summary>
    UnwantedMail,

    /// <summary>Holds a page that steals credentials. Needs <c>url</c>.</summary>
    Phishing,

    /// <summary>Hands out malware. Needs <c>url</c>.</summary>
    Malware,
}

/// <summary>A report that a provider's mail server accepted.</summary>
public sealed record ProviderReport(EmailAddress To, string MessageId, string Response)
{
    /// <summary>X-ARF category and type that it was made as, for example <c>connection/port_scan</c>.</summary>
    public string Type { get; init; } = "";

    /// <summary>What stands in its subject, and finds the case when the provider answers.</summary>
    public string Reference { get; init; } = "";
}

[Capability("Isp", "Finds the provider behind an address and reports abuse to it.")]
public interface IIsp
{
    /// <summary>Who is responsible for this address (RDAP, RFC 9083, followed to the most specific network)?</summary>
    [Action(Effect.ReadsOnly)]
    Task<NetworkOwner> OwnerAsync(IpAddress address, ActionContext context, CancellationToken cancellation);

    /// <summary>
    /// Reports abuse from an address to its provider: one mail, signed where the instance has a certificate, with text for people, a feedback report (RFC 5965) and X-ARF v4. Fails by name
    /// when the provider has no abuse contact. The more facts are given, the more precise is the type of the report; what is not given is not claimed.
    /// </summary>
    /// <param name="owner">From <c>Isp.Owner</c>.</param>
    /// <param name="address">The address that attacked.</param>
    /// <param name="template">Name of a template in <c>playbooks/templates</c>, for example <c>intrusion</c>.</param>
    /// <param name="kind">What it did. Without it, or without the facts that it needs, the report is <c>reputation/threat_intelligence</c>, which claims nothing but address and kind.</param>
    /// <param name="protocol"><c>tcp</c>, <c>udp</c>, <c>icmp</c> or <c>sctp</c>.</param>
    /// <param name="sourcePort">The attacker's port. Behind carrier-grade NAT only port and time together lead to a customer.</param>
    /// <param name="target">Which of our addresses was attacked; leave it out where that is nobody's business.</param>
    /// <param name="ports">Our ports that were attacked.</param>
    /// <param name="url">The page, for phishing and malware.</param>
    /// <param name="firstSeen">When it began.</param>
    /// <param name="lastSeen">When it was seen last.</param>
    /// <param name="evidence">Log excerpts, or the mail (<c>message/rfc822</c>); at most 5 MiB each.</param>
    [Action(Effect.Notifies, NoInverse = "A mail cannot be taken back.", TimeoutSeconds = 720)]
    Task<ProviderReport> ReportAsync(
        NetworkOwner owner, [Target] IpAddress address, string template, [MayBeEmpty] AbuseKind? kind = null, [MayBeEmpty] string? protocol = null, [MayBeEmpty] int? sourcePort = null,
        [MayBeEmpty] IpAddress? target = null, [MayBeEmpty] IReadOnlyList<int>? ports = null, [MayBeEmpty] string? url = null, [MayBeEmpty] DateTimeOffset? firstSeen = null,
        [MayBeEmpty] DateTimeOffset? lastSeen = null, [MayBeEmpty] IReadOnlyList<Artifact>? evidence = null, ActionContext context = null!, CancellationToken cancellation = default);

    /// <summary>
    /// Waits until the provider answers a report, for weeks if need be; the run is forgotten meanwhile. An answer is known by its thread, or, from the provider's own domain, by the reference in
    /// its subject. <c>.Timeout(3.Days)</c> ends the wait with <c>StepTimedOut</c>; a report that comes back as undeliverable fails the step with the code <c>undelivered</c>.
    /// </summary>
    /// <param name="report">From <c>Isp.Report</c>.</param>
    /// <param name="automatic">True to take a receipt that a machine wrote. Default: those are passed over.</param>
    /// <param name="after">The answer that was had before, to await the next one.</param>
    [Action(Effect.ReadsOnly, Waits = true, TimeoutSeconds = 120)]
    Task<MailReply> AwaitReplyAsync(ProviderReport report, bool automatic = false, MailRef? after = null, ActionContext context = null!, CancellationToken cancellation = default) =>
        throw ConnectorFailure.Permanent("This instance does not see what providers answer.", reason: "unsupported");
}
