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

    /// <summary>The URL that answered.</summary>
    public required string Registry { get; init; }

    public override string ToString() => Name;
}

/// <summary>A report that a provider's mail server accepted.</summary>
public sealed record ProviderReport(EmailAddress To, string MessageId, string Response);

[Capability("Isp", "Finds the provider behind an address and reports abuse to it.")]
public interface IIsp
{
    /// <summary>Who is responsible for this address (RDAP, RFC 9083, followed to the most specific network)?</summary>
    [Action(Effect.ReadsOnly)]
    Task<NetworkOwner> OwnerAsync(IpAddress address, ActionContext context, CancellationToken cancellation);

    /// <summary>Reports abuse from an address to its provider by mail, with an X-ARF v4 part. Fails by name when the provider has no abuse contact.</summary>
    /// <param name="owner">From <c>Isp.Owner</c>.</param>
    /// <param name="address">The address that attacked.</param>
    /// <param name="template">Name of a template in <c>playbooks/templates</c>, for example <c>intrusion</c>.</param>
    [Action(Effect.Notifies, NoInverse = "A mail cannot be taken back.")]
    Task<ProviderReport> ReportAsync(NetworkOwner owner, [Target] IpAddress address, string template, ActionContext context, CancellationToken cancellation);
}
