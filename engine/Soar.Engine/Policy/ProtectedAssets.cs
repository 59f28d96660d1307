using System.Text.Json;
using Soar.Capabilities;
using Soar.Runs;

namespace Soar.Engine;

/// <summary>Things of ours that automation neither contains nor destroys by itself.</summary>
public sealed record ProtectedAsset
{
    /// <summary>What it is, for people: <c>private networks</c>, <c>our mail relays</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Addresses and networks: a target that lies in one, contains one or overlaps one is protected.</summary>
    public IReadOnlyList<IpAddress> Networks { get; init; } = [];

    /// <summary>Targets that lie wholly in one of these are not protected by this asset.</summary>
    public IReadOnlyList<IpAddress> Except { get; init; } = [];

    /// <summary>Names with everything below them.</summary>
    public IReadOnlyList<DomainName> Domains { get; init; } = [];

    /// <summary>What stands behind the @ of our addresses, with everything below it.</summary>
    public IReadOnlyList<DomainName> MailDomains { get; init; } = [];

    /// <summary>Login names or mail addresses, in any case: <c>administrator</c> is <c>CORP\Administrator</c> and <c>administrator@corp.example</c> too.</summary>
    public IReadOnlyList<string> Accounts { get; init; } = [];
    public PolicyAnswer Then { get; init; } = PolicyAnswer.Refuse;

    /// <summary>The role or person that is asked.</summary>
    public string AskWho { get; init; } = "shift-lead";
}

/// <summary>A target that is protected.</summary>
/// <param name="Which">The part of the asset that it meets.</param>
public sealed record Protection(ProtectedAsset Asset, string Target, string Which);

/// <summary>All assets that are protected. It only compares: what follows is <see cref="Policy"/>'s.</summary>
public sealed class ProtectedAssets(IReadOnlyList<ProtectedAsset> assets)
{
    public static ProtectedAssets None { get; } = new([]);

    private static readonly IpAddress Nat64 = IpAddress.Parse("64:ff9b::/96");
    private static readonly IpAddress SixToFour = IpAddress.Parse("2002::/16");

    public IReadOnlyList<ProtectedAsset> All { get; } = assets;

    /// <summary>
    /// What nobody contains on purpose, where nobody said otherwise. Documentation networks are not among it: nobody lives there, and examples and tests do.
    /// </summary>
    public static IReadOnlyList<ProtectedAsset> BuiltIn(IReadOnlyList<IpAddress> allowed) =>
    [
        Ranges("private networks", allowed, "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"),
        Ranges("this machine (loopback, unspecified)", allowed, "127.0.0.0/8", "0.0.0.0/8", "::1/128", "::/128"),
        Ranges("link-local addresses", allowed, "169.254.0.0/16", "fe80::/10"),
        Ranges("multicast and reserved addresses", allowed, "224.0.0.0/4", "240.0.0.0/4", "ff00::/8"),
        new ProtectedAsset { Name = "this machine", Domains = [DomainName.Parse("localhost")] },
    ];

    /// <summary>The protected asset that a target of these arguments meets, one that refuses before one that asks; null when there is none.</summary>
    public Protection? Find(ActionDescriptor action, JsonElement arguments)
    {
        Protection? found = null;
        foreach (var parameter in action.Parameters)
        {
            if (!parameter.IsTarget || !arguments.TryGetProperty(parameter.Name, out var value)) continue;
            var below = arguments.TryGetProperty("subdomains", out var subdomains) && subdomains.ValueKind == JsonValueKind.True;
            foreach (var target in Texts(value))
            {
                foreach (var asset in All)
                {
                    if (Meets(asset, target, below) is not { } which) continue;
                    found = found is null || (found.Asset.Then == PolicyAnswer.Ask && asset.Then == PolicyAnswer.Refuse) ? new Protection(asset, target, which) : found;
                }
            }
        }

        return found;
    }

    private static string? Meets(ProtectedAsset asset, string target, bool below)
    {
        if (Uri.TryCreate(target, UriKind.Absolute, out var uri) && uri.Host.Length > 0) target = uri.Host.Trim('[', ']');
        if (IpAddress.TryParse(target, null, out var address)) return NetworkOf(asset, address);
        if (EmailAddress.TryParse(target, null, out var mail) && DomainName.TryParse(mail.Domain, null, out var behind)
            && asset.MailDomains.Concat(asset.Domains).FirstOrDefault(d => d.Contains(behind)) is { } mailDomain)
        {
            return mailDomain.Value;
        }

        if (DomainName.TryParse(target, null, out var name)
            && asset.Domains.Concat(asset.MailDomains).FirstOrDefault(d => d.Contains(name) || (below && name.Contains(d))) is { } domain)
        {
            return domain.Value;
        }

        return asset.Accounts.FirstOrDefault(account => LoginOf(account).Equals(LoginOf(target), StringComparison.OrdinalIgnoreCase));
    }

    private static string? NetworkOf(ProtectedAsset asset, IpAddress target)
    {
        if (asset.Except.Any(allowed => allowed.Contains(target))) return null;
        var carried = Carried(target);
        if (carried is not null && asset.Except.Any(allowed => allowed.Contains(carried))) return null;
        return asset.Networks.FirstOrDefault(n => Overlap(n, target) || (carried is not null && Overlap(n, carried)))?.ToString();
    }

    private static bool Overlap(IpAddress one, IpAddress other) => one.Contains(other) || other.Contains(one);

    /// <summary>The IPv4 address or network that an IPv6 one carries in it (RFC 6052, RFC 3056): who is cut off by it is the one behind; null when it carries none. Mapped ones are IPv4 already.</summary>
    private static IpAddress? Carried(IpAddress address)
    {
        if (!address.IsV6) return null;
        if (address.PrefixLength < 96 && address.Contains(Nat64)) return IpAddress.Parse("0.0.0.0/0");
        var bytes = address.ToIPAddress().GetAddressBytes();
        if (Nat64.Contains(address)) return IpAddress.Parse($"{bytes[12]}.{bytes[13]}.{bytes[14]}.{bytes[15]}/{address.PrefixLength - 96}");
        return SixToFour.Contains(address) ? IpAddress.Parse($"{bytes[2]}.{bytes[3]}.{bytes[4]}.{bytes[5]}/{Math.Min(address.PrefixLength - 16, 32)}") : null;
    }

    /// <summary>The login name in <c>CORP\name</c>, <c>name@corp.example</c> or <c>CN=name,OU=…</c>.</summary>
    private static string LoginOf(string account)
    {
        var name = account.Trim().Normalize();
        if (name.StartsWith("CN=", StringComparison.OrdinalIgnoreCase) || name.StartsWith("UID=", StringComparison.OrdinalIgnoreCase)) name = name[(name.IndexOf('=') + 1)..].Split(',')[0];
        name = name[(name.LastIndexOf('\\') + 1)..];
        var at = name.IndexOf('@');
        return (at > 0 ? name[..at] : name).Trim();
    }

    private static IEnumerable<string> Texts(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Array => value.EnumerateArray().SelectMany(Texts),
        JsonValueKind.Object => value.EnumerateObject().SelectMany(p => Texts(p.Value)),
        _ => [],
    };

    private static ProtectedAsset Ranges(string name, IReadOnlyList<IpAddress> allowed, params string[] ranges) =>
        new() { Name = name, Networks = [.. ranges.Select(IpAddress.Parse)], Except = allowed };
}
