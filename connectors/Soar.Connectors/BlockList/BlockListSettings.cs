using Soar.Connectors.Firewalls;
using Soar.Connectors.Serving;

namespace Soar.Connectors.BlockList;

/// <summary>A list of blocked addresses that Soar serves by HTTP and that firewalls poll.</summary>
public sealed record BlockListSettings : ListenSettings, IFirewallLimits
{
    [Setting("TCP port to listen on. Default: 8042.")]
    public override int Port { get; init; } = 8042;

    [Setting("The lists by name, each with its own token; edge is served as /edge (also /edge.txt).")]
    public IReadOnlyDictionary<string, ServedListSettings> Lists { get; init; } = new Dictionary<string, ServedListSettings>();

    [Setting("Most entries; a block beyond is refused. Set it to what the smallest of the firewalls takes. Default: 50000.")]
    public int MaxEntries { get; init; } = 50_000;

    [Setting("Addresses and networks that are never blocked, nor any network that holds one of them: management, own servers. Default: none but loopback.")]
    public IReadOnlyList<IpAddress> Never { get; init; } = [];

    [Setting("Widest IPv4 network that may be blocked, as prefix length. Default: 16.")]
    public int WidestV4 { get; init; } = 16;

    [Setting("Widest IPv6 network that may be blocked, as prefix length. Default: 32.")]
    public int WidestV6 { get; init; } = 32;

    internal string Address => $"{(Tls ? "https" : "http")}://{Endpoint}/";

    public override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems())
            yield return problem;
        if (Lists.Count == 0)
            yield return "lists: is missing; name at least one list with its token";
        foreach (var (name, list) in Lists)
            foreach (var problem in list.Problems(name))
                yield return $"lists.{name}.{problem}";
        if (Lists.Values.Where(list => list.Token is not null).GroupBy(list => list.Token!.Reveal(), StringComparer.Ordinal).Any(same => same.Count() > 1))
            yield return "lists: two lists have the same token; give each its own, so that one can be taken back alone";
        if (MaxEntries < 1)
            yield return "maxEntries: must be at least 1";
        foreach (var problem in FirewallLimits.Problems(this))
            yield return problem;
    }
}

/// <summary>One served list.</summary>
public sealed record ServedListSettings
{
    internal const int ShortestToken = 16;

    [Setting("The token that polls this list: as Bearer token, or as password of HTTP Basic with any user. At least 16 characters.")]
    public Secret? Token { get; init; }

    [Setting("What it holds: all, ipv4 or ipv6. Default: all.")]
    public ServedFamily Family { get; init; }

    [Setting("Take the token from the address too, as /edge?token=…, for firewalls that can send no header. It then stands in their configuration and in proxies' logs. Default: false.")]
    public bool TokenInAddress { get; init; }

    internal bool Holds(IpAddress address) => Family == ServedFamily.All || address.IsV6 == (Family == ServedFamily.Ipv6);

    internal IEnumerable<string> Problems(string name)
    {
        if (name.Length is 0 or > 64 || !name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_'))
            yield return "token: the list's name may hold letters, digits, - and _ only";
        if (Token is null)
            yield return "token: is missing; make one with: openssl rand -hex 24";
        else if (Token.Reveal().Length < ShortestToken)
            yield return $"token: is shorter than {ShortestToken} characters; make one with: openssl rand -hex 24";
    }
}

/// <summary>Which addresses a served list holds.</summary>
public enum ServedFamily { All, Ipv4, Ipv6 }
