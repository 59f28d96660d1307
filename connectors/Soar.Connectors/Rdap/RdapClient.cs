using System.Collections.Concurrent;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Connectors.Http;

namespace Soar.Connectors.Rdap;

/// <summary>Finds the most specific registered network of an address and whom to tell about abuse from it.</summary>
internal sealed class RdapClient(RdapRegistries registries, HttpAccess http, TimeSpan keep, TimeProvider clock)
{
    private const int MostRequests = 6;
    private const int MostCached = 10_000;
    private const int MostRedactions = 10;

    /// <summary>All that links lead to together gets no more than this: a link to a server that never answers must not cost the answer that is there.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    /// <summary>What was answered, by the networks that it holds for: the senders of one wave sit in few networks.</summary>
    private readonly ConcurrentDictionary<IpAddress, (NetworkOwner Owner, DateTimeOffset Until)> cache = new();

    public async Task<NetworkOwner> OwnerAsync(IpAddress address, CancellationToken cancellation)
    {
        if (address.IsSpecial)
            throw ConnectorFailure.Permanent($"{address} is private or special and has no provider. Look it up in your own asset list.", reason: "special");
        var now = clock.GetUtcNow();
        if (Known(address, now) is { } known)
            return known with { Address = address };
        var registry = (await registries.CurrentAsync(cancellation)).Find(address)
            ?? throw ConnectorFailure.Permanent($"No registry is known for {address}. Set bootstrap to a folder with IANA's newer files, or baseAddress.", reason: "no-registry");
        var (owner, networks) = await FollowAsync(address, new Uri(registry, $"ip/{address}"), cancellation);
        if (cache.Count >= MostCached)
            cache.Clear();
        foreach (var network in networks)
            cache[network] = (owner, now + keep);
        return owner;
    }

    private NetworkOwner? Known(IpAddress address, DateTimeOffset now) => cache.Where(entry => entry.Value.Until > now && entry.Key.Contains(address))
        .OrderByDescending(entry => entry.Key.PrefixLength).Select(entry => entry.Value.Owner).FirstOrDefault();

    /// <summary>
    /// The networks that this answer holds for. Inside an allocation, and inside what is too wide to be one organisation's (a registry's own block, or everything), customers may have
    /// networks of their own: there it holds for the /24 or /48 around the address only.
    /// </summary>
    internal static IReadOnlyList<IpAddress> HoldsFor(RdapObject answer, IpAddress address)
    {
        var (widest, near) = address.IsV6 ? (32, 48) : (16, 24);
        var holding = answer.Networks.First(network => network.Contains(address));
        var customers = answer.Type?.Contains("ALLOCAT", StringComparison.OrdinalIgnoreCase) == true || holding.PrefixLength < widest;
        return !customers ? answer.Networks : holding.PrefixLength >= near ? [holding] : [IpAddress.Parse($"{address}/{near}")];
    }

    private async Task<(NetworkOwner Owner, IReadOnlyList<IpAddress> Networks)> FollowAsync(IpAddress address, Uri first, CancellationToken cancellation)
    {
        var visited = new HashSet<string>(StringComparer.Ordinal);
        var (best, source) = await GetAsync(first, visited, cancellation);
        var network = Network(best, address)
            ?? throw ConnectorFailure.Permanent($"{HttpAccess.Show(source)} answered with something that is no network of {address} ({(best.Class.Length == 0 ? "no object" : best.Class)}).", reason: "garbage");
        using var timer = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellation);
        // A referral to the registry that knows it more exactly counts only if all that it speaks for really is inside: it may be the attacker's own server, and is kept as the answer for all of it.
        for (var link = Next(best, visited, "related", "down"); link is not null && visited.Count < MostRequests; link = Next(best, visited, "related", "down"))
        {
            var (more, answered) = await TryGetAsync(link, visited, either.Token, cancellation);
            if (more is not null && Network(more, address) is { } inner && more.Networks.All(part => best.Networks.Any(whole => whole.Contains(part))))
                (best, network, source) = (more, inner, answered!);
        }
        var contacts = AbuseMails(best);
        // A customer's network often names nobody: then its parent's abuse desk is responsible.
        for (var at = best; contacts.Count == 0 && visited.Count < MostRequests && Next(at, visited, "up") is { } up;)
        {
            var (parent, _) = await TryGetAsync(up, visited, either.Token, cancellation);
            if (parent is null || Network(parent, address) is null)
                break;
            contacts = AbuseMails(parent);
            at = parent;
        }
        var owner = new NetworkOwner
        {
            Address = address,
            Name = OwnerName(best),
            Handle = best.Handle ?? network.Text,
            Network = network.Text,
            Country = best.Country is { Length: 2 } country ? country.ToUpperInvariant() : null,
            AbuseContacts = contacts,
            Redacted = best.Redacted.Count == 0 ? null : [.. best.Redacted.Select(RdapConnector.OneLine).Distinct(StringComparer.Ordinal).Take(MostRedactions)],
            Registry = source.AbsoluteUri,
        };
        return (owner, HoldsFor(best, address));
    }

    private async Task<(RdapObject Object, Uri Source)> GetAsync(Uri address, HashSet<string> visited, CancellationToken cancellation)
    {
        visited.Add(address.AbsoluteUri);
        var reply = await http.AnyAsync(HttpCall.Reads(address).Accept("application/rdap+json, application/json;q=0.9"), cancellation);
        visited.Add(reply.Address.AbsoluteUri);
        RdapObject? answer = null;
        try
        {
            answer = reply.Truncated ? null : RdapObject.Parse(reply.Body);
        }
        catch (JsonException) when (reply.Status >= 300)
        {
            // an error page in HTML: the status tells
        }
        catch (JsonException e)
        {
            throw ConnectorFailure.Transient($"{HttpAccess.Show(reply.Address)} answered something that is not JSON.", inner: e, reason: "garbage");
        }
        if (reply.Status == 404)
            throw ConnectorFailure.Permanent($"The registry knows nothing of this address: {HttpAccess.Show(reply.Address)} answered 404{(answer?.Title is { } words ? $" ({words})" : "")}.", reason: "404");
        if (reply.Status >= 300)
            throw http.Refused(reply, answer?.Title ?? "");
        if (reply.Truncated)
            throw ConnectorFailure.Permanent($"{HttpAccess.Show(reply.Address)} answered too much for an RDAP object.", reason: "too-large");
        if (answer!.ErrorCode is { } code)
            throw ConnectorFailure.Permanent($"{HttpAccess.Show(reply.Address)} answered error {code}: {answer.Title}", reason: code.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return (answer, reply.Address);
    }

    // What a referral leads to is worth having but not needed.
    private async Task<(RdapObject?, Uri?)> TryGetAsync(Uri address, HashSet<string> visited, CancellationToken patience, CancellationToken cancellation)
    {
        try
        {
            return await GetAsync(address, visited, patience);
        }
        catch (ConnectorFailure)
        {
            return (null, null);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (null, null);
        }
    }

    private static Uri? Next(RdapObject from, HashSet<string> visited, params string[] relations) => from.Links
        .Where(link => relations.Contains(link.Rel, StringComparer.OrdinalIgnoreCase) && link.Type.StartsWith("application/rdap+json", StringComparison.OrdinalIgnoreCase))
        .Select(link => Uri.TryCreate(link.Href, UriKind.Absolute, out var address) ? address : null)
        .FirstOrDefault(address => address is not null && !visited.Contains(address.AbsoluteUri));

    /// <summary>The network that holds the address: in CIDR form, or first and last where the registry's range is no single one.</summary>
    internal static (string Text, int Length)? Network(RdapObject answer, IpAddress address)
    {
        if (answer.Class != "ip network")
            return null;
        var holding = answer.Networks.Where(network => network.Contains(address)).ToList();
        if (holding.Count == 0)
            return null;
        if (answer.Networks.Count == 1)
            return (holding[0].ToString(), holding[0].PrefixLength);
        return (answer.Start is null || answer.End is null ? string.Join(", ", answer.Networks) : $"{answer.Start} - {answer.End}", holding[0].PrefixLength);
    }

    internal static string OwnerName(RdapObject answer)
    {
        var registrant = answer.Entities.FirstOrDefault(entity => entity.Has("registrant") && (entity.Card.Name ?? entity.Card.Organisation) is not null);
        return registrant?.Card.Organisation ?? registrant?.Card.Name ?? answer.Name ?? answer.Handle ?? "unknown";
    }

    /// <summary>Mails of abuse contacts, the nearest to the network first: its own, then those inside its registrant, then those inside anybody else.</summary>
    internal static IReadOnlyList<EmailAddress> AbuseMails(RdapObject answer)
    {
        var mails = new List<EmailAddress>();
        var level = answer.Entities.OrderByDescending(entity => entity.Has("registrant")).ToList();
        while (level.Count > 0)
        {
            mails.AddRange(level.Where(entity => entity.Has("abuse")).SelectMany(entity => entity.Card.Mails));
            level = [.. level.SelectMany(entity => entity.Entities)];
        }
        return [.. mails.DistinctBy(mail => mail.Value.ToLowerInvariant()).Take(10)];
    }
}
