namespace Soar.Capabilities;

/// <summary>The article of the Budapest Convention (ETS 185) that a preservation request rests on. There is no default: somebody has to know it.</summary>
public enum PreservationArticle
{
    /// <summary>Expedited preservation at a custodian of our own country; at most 90 days, renewable (Article 16(2)).</summary>
    Article16 = 1,

    /// <summary>Expedited preservation in another country, asked for through its 24/7 point; at least 60 days (Article 29(7)).</summary>
    Article29 = 2,

    /// <summary>As Article 29, and the traffic data that shows the way to a provider elsewhere is to be disclosed at once (Article 30).</summary>
    Article30 = 3,
}

/// <summary>
/// A connection that the custodian can find in its records. Behind a shared address (carrier-grade NAT) only the source port and the exact time tell the subscriber: both must be there.
/// </summary>
/// <param name="Address">The address in the custodian's network.</param>
/// <param name="Port">Its port, 1 to 65535.</param>
/// <param name="From">First seen, in UTC.</param>
/// <param name="Until">Last seen, in UTC.</param>
/// <param name="Peer">The address at our end.</param>
/// <param name="PeerPort">The port at our end.</param>
/// <param name="Protocol">For example TCP.</param>
public sealed record ConnectionSeen(IpAddress Address, int Port, DateTimeOffset From, DateTimeOffset Until, IpAddress? Peer = null, int? PeerPort = null, string? Protocol = null);

/// <summary>
/// A request for expedited preservation of stored computer data, with every item of Article 29(2) of the Budapest Convention. Nothing of it has a default: what a playbook leaves out
/// does not compile, and what arrives empty is refused by name.
/// </summary>
/// <param name="Article">What it rests on.</param>
/// <param name="Authority">29(2)(a): the authority seeking the preservation.</param>
/// <param name="Offence">29(2)(b): the offence that is investigated, with its provision.</param>
/// <param name="Facts">29(2)(b): a brief summary of the related facts.</param>
/// <param name="Data">29(2)(c): the stored computer data to be preserved.</param>
/// <param name="Relationship">29(2)(c): its relationship to the offence.</param>
/// <param name="Custodian">29(2)(d): information identifying the custodian of the data, or the location of the computer system.</param>
/// <param name="Necessity">29(2)(e): why the preservation is necessary.</param>
/// <param name="Intent">29(2)(f): that, and by whom, a request for mutual assistance (in our own country: a production order) will be submitted.</param>
/// <param name="Days">For how many days it is to be kept: Article 16 at most 90, Articles 29 and 30 at least 60.</param>
/// <param name="Connections">Connections that identify the data. May be empty where there are accounts.</param>
/// <param name="Accounts">Accounts, mailboxes or other identifiers. May be empty where there are connections.</param>
/// <param name="Officer">Who answers questions at any hour: name, telephone, mail.</param>
/// <param name="ExtensionOf">Reference of the request that this one prolongs; null for a first request.</param>
public sealed record PreservationRequest(
    PreservationArticle Article, string Authority, string Offence, string Facts, string Data, string Relationship, string Custodian, string Necessity, string Intent, int Days,
    IReadOnlyList<ConnectionSeen> Connections, IReadOnlyList<string> Accounts, string Officer, string? ExtensionOf = null)
{
    /// <summary>Everything that is missing or wrong, each beginning with the item's name; empty when it can be sent.</summary>
    public IReadOnlyList<string> Problems()
    {
        var items = new Items();
        items.Need("article", Enum.IsDefined(Article), "must be Article16, Article29 or Article30");
        items.Text("authority", Authority, "the authority seeking the preservation, Article 29(2)(a)");
        items.Text("offence", Offence, "the offence that is investigated, Article 29(2)(b)");
        items.Text("facts", Facts, "a brief summary of the related facts, Article 29(2)(b)");
        items.Text("data", Data, "the stored data to be preserved, Article 29(2)(c)");
        items.Text("relationship", Relationship, "the data's relationship to the offence, Article 29(2)(c)");
        items.Text("custodian", Custodian, "the custodian of the data or the location of the system, Article 29(2)(d)");
        items.Text("necessity", Necessity, "why preservation is necessary, Article 29(2)(e)");
        items.Text("intent", Intent, "the intent to submit a request for mutual assistance, Article 29(2)(f)");
        items.Text("officer", Officer, "who answers questions at any hour");
        items.Need("days", Article == PreservationArticle.Article16 ? Days is >= 1 and <= 90 : Days is >= 60 and <= 3650,
            Article == PreservationArticle.Article16 ? "must be 1 to 90 (Article 16(2))" : "must be at least 60 (Article 29(7))");
        items.Need("connections", Connections is { Count: > 0 } || Accounts is { Count: > 0 }, "or accounts must say what identifies the data");
        for (var i = 0; i < (Connections?.Count ?? 0); i++)
            Check(items, $"connections[{i}]", Connections![i]);
        for (var i = 0; i < (Accounts?.Count ?? 0); i++)
            items.Text($"accounts[{i}]", Accounts![i], "an account or mailbox");
        items.Need("extensionOf", ExtensionOf is null || ExtensionOf.Trim().Length > 0, "is empty: give the first request's reference, or leave it out");
        return items.Problems;
    }

    private static void Check(Items items, string name, ConnectionSeen? seen)
    {
        if (!items.Need(name, seen is not null, "is missing"))
            return;
        items.Need($"{name}.address", seen!.Address is { IsNetwork: false }, "must be one address");
        items.Need($"{name}.port", seen.Port is >= 1 and <= 65535, "must be 1 to 65535: behind a shared address only the port tells the subscriber");
        items.Need($"{name}.peerPort", seen.PeerPort is null or (>= 1 and <= 65535), "must be 1 to 65535");
        items.Utc($"{name}.from", seen.From);
        items.Utc($"{name}.until", seen.Until);
        items.Need($"{name}.until", seen.Until >= seen.From, "lies before from");
    }
}
