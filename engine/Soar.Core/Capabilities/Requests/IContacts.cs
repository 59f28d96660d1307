namespace Soar.Capabilities;

/// <summary>What a contact is there for.</summary>
public enum ContactKind
{
    /// <summary>24/7 point of contact under Article 35 of the Budapest Convention.</summary>
    Point247 = 1,

    /// <summary>A CERT or CSIRT that describes itself by RFC 2350.</summary>
    Cert = 2,

    /// <summary>A provider's desk for law enforcement.</summary>
    LawEnforcementDesk = 3,

    /// <summary>A national central bureau of Interpol.</summary>
    NationalBureau = 4,
}

/// <summary>Somebody abroad, or at a provider, who answers.</summary>
/// <param name="Kind">What it is there for.</param>
/// <param name="Country">ISO 3166-1 alpha-2.</param>
/// <param name="Organisation">Its name.</param>
/// <param name="Domains">Domains that it answers for, lower case; empty for a country's points.</param>
/// <param name="Mail">Where requests go.</param>
/// <param name="Phone">For questions at any hour.</param>
/// <param name="Hours">When somebody is there.</param>
/// <param name="Languages">In which languages.</param>
/// <param name="Key">Fingerprint of its OpenPGP key or certificate; empty when it has none.</param>
/// <param name="Source">Where this was taken from, for example its RFC 2350 document.</param>
/// <param name="Checked">When somebody last made sure of it, as YYYY-MM-DD.</param>
public sealed record Contact(
    ContactKind Kind, string Country, string Organisation, IReadOnlyList<string> Domains, EmailAddress Mail, string Phone, string Hours, string Languages, string Key, string Source, string Checked)
{
    /// <summary>Whom it is there for, as its RFC 2350 document says it (3.2), for example <c>AS64500, government of Exampleland</c>; null where the list does not tell.</summary>
    public string? Constituency { get; init; }

    /// <summary>The time zone of its hours, as its RFC 2350 document says it (2.4), for example <c>GMT+0100, with daylight saving</c>; null where the list does not tell.</summary>
    public string? TimeZone { get; init; }

    public override string ToString() => Organisation;
}

[Capability("Contacts", "The directory of contacts: 24/7 points, CERTs, providers' desks, Interpol's bureaus. Kept as the list 'contacts'.", BuiltIn = true, Proven = "an invented list in a real database")]
public interface IContacts
{
    /// <summary>Who answers for a country or a provider, in the list's order; empty when nobody is known.</summary>
    /// <param name="of">A country (ISO 3166-1 alpha-2), a provider's domain or any name or mail address below it, or an organisation's name.</param>
    /// <param name="kind">What for.</param>
    [Action(Effect.ReadsOnly)]
    Task<IReadOnlyList<Contact>> FindAsync(string of, ContactKind kind, ActionContext context, CancellationToken cancellation);
}
