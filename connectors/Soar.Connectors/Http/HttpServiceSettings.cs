using System.Globalization;
using System.Reflection;
using Soar.Capabilities;

namespace Soar.Connectors.Http;

/// <summary>How an instance reaches HTTP servers; the fields that every HTTP connector shares. Derive from <see cref="HttpServiceSettings"/> where there is one address.</summary>
public abstract record HttpTransportSettings : IValidatedSettings
{
    [Setting("The name may resolve to an internal address. Default: false; an address in place of a name is always allowed.")]
    public bool AllowPrivate { get; init; }

    [Setting("PEM file of the CA that signed the server's certificate; replaces the system's CAs. Default: the system's.")]
    public string? CaFile { get; init; }

    [Setting("PEM file of our client certificate. Default: none.")]
    public string? ClientCertificate { get; init; }

    [Setting("PEM file of its key, where the certificate's file does not hold it.")]
    public string? ClientKey { get; init; }

    [Setting("Proxy, for example http://proxy:3128. Default: none.")]
    public Uri? Proxy { get; init; }

    [Setting("Time for one request with its whole answer. Default: 20s.")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Override it and begin with <c>foreach (var problem in base.Problems()) yield return problem;</c>.</summary>
    public virtual IEnumerable<string> Problems()
    {
        foreach (var (field, file) in new[] { ("caFile", CaFile), ("clientCertificate", ClientCertificate), ("clientKey", ClientKey) })
            if (file is not null && !File.Exists(file))
                yield return $"{field}: {file} does not exist";
        if (ClientKey is not null && ClientCertificate is null)
            yield return "clientKey: a key without clientCertificate; set both";
        if (Proxy is not null && (Proxy.Scheme is not ("http" or "https") || Proxy.UserInfo.Length > 0))
            yield return "proxy: must be http(s)://host:port without user";
        if (Timeout <= TimeSpan.Zero)
            yield return "timeout: must be longer than nothing";
    }

    /// <summary>The rules of <see cref="HttpAccess"/> for these settings and the hosts that the connector may call.</summary>
    public HttpRules RulesFor(params IEnumerable<string> hosts) => new()
    {
        Hosts = hosts.Select(host => host.ToLowerInvariant()).ToHashSet(StringComparer.Ordinal), AllowPrivate = AllowPrivate, CaFile = CaFile,
        ClientCertificate = ClientCertificate, ClientKey = ClientKey, Proxy = Proxy, Timeout = Timeout,
    };
}

/// <summary>A service with one address, below which every request goes. Add the credential and what else the product needs.</summary>
public abstract record HttpServiceSettings : HttpTransportSettings
{
    [Setting("Base address; every request goes below it.")]
    public Uri? Address { get; init; }

    public override IEnumerable<string> Problems()
    {
        if (Address is null || Address.Scheme is not ("https" or "http") || Address.UserInfo.Length > 0 || Address.Query.Length > 0 || Address.Fragment.Length > 0)
            yield return "address: is missing or not http(s)://host/path without user and query";
        else if (Address.Scheme == "http" && !Address.IsLoopback && HasSecret)
            yield return "address: a credential is not sent without TLS; write https";
        foreach (var problem in base.Problems())
            yield return problem;
    }

    /// <summary>The rules for this one address.</summary>
    public HttpRules Rules() => RulesFor(Address is { } address && UriHost.Of(address) is { } host ? [host] : []);

    /// <summary>
    /// An address below <see cref="Address"/>; every hole is escaped, so that no value can add a segment or a parameter: <c>At($"rest/issue/{key}?fields={fields}")</c>.
    /// </summary>
    public Uri At(FormattableString path)
    {
        var holes = path.GetArguments().Select(hole => Convert.ToString(hole, CultureInfo.InvariantCulture) ?? "").ToArray();
        var query = path.Format.IndexOf('?');
        for (var i = 0; i < holes.Length; i++)
        {
            var at = path.Format.IndexOf($"{{{i}", StringComparison.Ordinal);
            if (holes[i] is "" or "." or ".." && (query < 0 || at < query))
                throw ConnectorFailure.Permanent($"'{holes[i]}' cannot stand in the path of an address.", reason: "path");
            holes[i] = Uri.EscapeDataString(holes[i]);
        }
        return new Uri($"{Address!.GetLeftPart(UriPartial.Path).TrimEnd('/')}/{string.Format(CultureInfo.InvariantCulture, path.Format, holes)}");
    }

    private bool HasSecret => GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Any(property => property.PropertyType == typeof(Secret) && property.GetValue(this) is not null);
}
