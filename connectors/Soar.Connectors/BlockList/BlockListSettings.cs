using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Soar.Connectors.Firewalls;

namespace Soar.Connectors.BlockList;

/// <summary>A list of blocked addresses that Soar serves by HTTP and that firewalls poll.</summary>
public sealed record BlockListSettings : IValidatedSettings, IFirewallLimits
{
    [Setting("Address that the list is served on. Default: 127.0.0.1; 0.0.0.0 or :: for every address of this machine.")]
    public IpAddress Listen { get; init; } = IpAddress.Parse("127.0.0.1");

    [Setting("TCP port that the list is served on. Default: 8042.")]
    public int Port { get; init; } = 8042;

    [Setting("PEM file of the server's certificate with its chain; read again when it changes. Default: none, plain HTTP.")]
    public string? Certificate { get; init; }

    [Setting("PEM file of the certificate's key, where the certificate's file does not hold it.")]
    public string? Key { get; init; }

    [Setting("Serve plain HTTP on other addresses than loopback, tokens included: a management network of its own only. Default: false.")]
    public bool AllowPlain { get; init; }

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

    internal bool Tls => !string.IsNullOrEmpty(Certificate);

    internal string Address => $"{(Tls ? "https" : "http")}://{(Listen.IsV6 ? $"[{Listen}]" : Listen.ToString())}:{Port}/";

    public IEnumerable<string> Problems()
    {
        if (Listen.IsNetwork)
            yield return $"listen: {Listen} is a network; write one address";
        if (Port is < 1 or > 65535)
            yield return $"port: {Port} is no TCP port";
        foreach (var problem in CertificateProblems())
            yield return problem;
        if (!Tls && !AllowPlain && !System.Net.IPAddress.IsLoopback(Listen.ToIPAddress()))
            yield return $"listen: {Listen} without a certificate would send tokens and list in the clear; set certificate, or allowPlain on a management network of its own";
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

    internal X509Certificate2 ReadCertificate() => X509Certificate2.CreateFromPemFile(Certificate!, string.IsNullOrEmpty(Key) ? null : Key);

    private IEnumerable<string> CertificateProblems()
    {
        if (Key is not null && Certificate is null)
            yield return "key: a key without certificate; set both";
        if (!Tls)
            yield break;
        string? unusable = null;
        try
        {
            ReadCertificate().Dispose();
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            unusable = e.Message;
        }
        if (unusable is not null)
            yield return $"certificate: {Certificate} cannot be used ({unusable}); it must be PEM with its private key, or name the key file in key";
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
