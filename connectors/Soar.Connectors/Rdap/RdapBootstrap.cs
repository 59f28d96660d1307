using System.Reflection;
using System.Text.Json;
using Soar.Capabilities;

namespace Soar.Connectors.Rdap;

/// <summary>Which registry answers for an address (RFC 9224): longest prefix wins.</summary>
internal sealed class RdapBootstrap
{
    /// <summary>IANA's names for the files.</summary>
    public static readonly string[] Names = ["ipv4.json", "ipv6.json"];

    private readonly List<(IpAddress Network, Uri Registry)> services = [];

    private RdapBootstrap()
    {
    }

    public IEnumerable<string> Hosts => services.Select(service => service.Registry.IdnHost.ToLowerInvariant()).Distinct();

    /// <summary>When IANA published it, the older of the two files; null where nobody says.</summary>
    public DateTimeOffset? Publication { get; private set; }

    /// <summary>The snapshot that is shipped.</summary>
    public static RdapBootstrap Shipped()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Soar.Connectors.Rdap.bootstrap.json")!;
        using var document = JsonDocument.Parse(stream);
        var bootstrap = new RdapBootstrap();
        bootstrap.Add(document.RootElement.GetProperty("ipv4"));
        bootstrap.Add(document.RootElement.GetProperty("ipv6"));
        return bootstrap;
    }

    /// <summary>IANA's own files <c>ipv4.json</c> and <c>ipv6.json</c> from a folder.</summary>
    public static RdapBootstrap From(string folder)
    {
        var bootstrap = new RdapBootstrap();
        foreach (var name in Names)
        {
            var path = Path.Combine(folder, name);
            try
            {
                using var document = JsonDocument.Parse(File.ReadAllBytes(path));
                bootstrap.Add(document.RootElement);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException || Unreadable(e))
            {
                throw ConnectorFailure.Permanent($"{path} is not an RDAP bootstrap file ({e.Message}). Take it from https://data.iana.org/rdap/{name}.", e, "bootstrap");
            }
        }
        return bootstrap;
    }

    /// <summary>Refuses what is no list of that name with https addresses.</summary>
    public static void Require(string name, ReadOnlyMemory<byte> content)
    {
        try
        {
            using var document = JsonDocument.Parse(content);
            var bootstrap = new RdapBootstrap();
            bootstrap.Add(document.RootElement);
            if (bootstrap.services.Count > 0 && bootstrap.services.All(service => service.Network.IsV6 == name.Contains('6') && service.Registry.Scheme == Uri.UriSchemeHttps))
                return;
        }
        catch (Exception e) when (Unreadable(e))
        {
            throw ConnectorFailure.Transient($"What came as {name} is no list of registries ({e.Message}).", inner: e, reason: "garbage");
        }
        throw ConnectorFailure.Transient($"What came as {name} names no registry, or one without https.", reason: "garbage");
    }

    private static bool Unreadable(Exception e) => e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException;

    /// <summary>One registry for everything.</summary>
    public static RdapBootstrap Only(Uri registry)
    {
        var bootstrap = new RdapBootstrap();
        bootstrap.services.Add((IpAddress.Parse("0.0.0.0/0"), Slash(registry)));
        bootstrap.services.Add((IpAddress.Parse("::/0"), Slash(registry)));
        return bootstrap;
    }

    public Uri? Find(IpAddress address) => services.Where(service => service.Network.Contains(address)).OrderByDescending(service => service.Network.PrefixLength).Select(service => service.Registry).FirstOrDefault();

    private void Add(JsonElement registry)
    {
        if (registry.TryGetProperty("publication", out var text) && text.ValueKind == JsonValueKind.String && text.TryGetDateTimeOffset(out var published) && !(Publication < published))
            Publication = published;
        foreach (var service in registry.GetProperty("services").EnumerateArray())
        {
            var urls = service[1].EnumerateArray().Select(url => url.GetString()!).OrderByDescending(url => url.StartsWith("https:", StringComparison.OrdinalIgnoreCase)).ToList();
            foreach (var prefix in service[0].EnumerateArray())
                services.Add((IpAddress.Parse(prefix.GetString()!), Slash(new Uri(urls[0]))));
        }
    }

    private static Uri Slash(Uri address) => address.AbsolutePath.EndsWith('/') ? address : new Uri(address.AbsoluteUri + "/");
}
