using System.Net;
using Soar.Connectors;

namespace Soar.Server.Settings;

/// <summary><c>http:</c> of the settings: where <c>soar serve</c> listens, whom it believes, how long people stay logged in.</summary>
internal sealed record HttpSettings : IValidatedSettings
{
    [Setting("Where to listen: http:// or https://, an IP address (localhost = 127.0.0.1, * = every address) and a port. Port 0 takes a free one. An empty list listens nowhere. Default: http://127.0.0.1:7620.")]
    public IReadOnlyList<string> Listen { get; init; } = ["http://127.0.0.1:7620"];

    [Setting("PEM file of the certificate for https://, with its chain. Relative to the settings file. Default: none.")]
    public string? Certificate { get; init; }

    [Setting("PEM file of the certificate's private key. Relative to the settings file. Default: none.")]
    public string? CertificateKey { get; init; }

    [Setting("Addresses and networks (CIDR) of reverse proxies whose X-Forwarded-For and X-Forwarded-Proto are believed. Default: none, the headers are ignored.")]
    public IReadOnlyList<string> Proxies { get; init; } = [];

    [Setting("The largest request body, in bytes. Default: 10485760 (10 MiB).")]
    public long MaxRequestBytes { get; init; } = 10L << 20;

    [Setting("A session that is not used for so long is over. Default: 30m.")]
    public TimeSpan SessionIdle { get; init; } = TimeSpan.FromMinutes(30);

    [Setting("A session is over after so long, used or not. Default: 12h.")]
    public TimeSpan SessionLength { get; init; } = TimeSpan.FromHours(12);

    [Setting("Attempts to log in, set up or set a password, per address and minute. Default: 10.")]
    public int LoginsPerMinute { get; init; } = 10;

    [Setting("So many wrong passwords in a row lock an account. Default: 10.")]
    public int LockAfter { get; init; } = 10;

    [Setting("How long a locked account stays locked. Default: 15m.")]
    public TimeSpan LockFor { get; init; } = TimeSpan.FromMinutes(15);

    public IEnumerable<string> Problems()
    {
        foreach (var url in Listen)
        {
            if (ListenAddress.Problem(url) is { } problem) yield return $"listen: {problem}";
            else if (url.StartsWith("https:", StringComparison.OrdinalIgnoreCase) && (Certificate is null || CertificateKey is null)) yield return $"listen: {url} needs http.certificate and http.certificateKey";
        }

        foreach (var proxy in Proxies.Where(p => !IPAddress.TryParse(p, out _) && !IPNetwork.TryParse(p, out _)))
            yield return $"proxies: {proxy} is neither an IP address nor a network such as 10.0.0.0/8";
        if (MaxRequestBytes is < 1024 or > 1L << 32) yield return $"maxRequestBytes: {MaxRequestBytes} is not between 1024 and 4294967296";
        if (SessionIdle <= TimeSpan.Zero || SessionIdle > SessionLength) yield return "sessionIdle: must be more than nothing, and not longer than sessionLength";
        if (SessionLength > TimeSpan.FromDays(30)) yield return "sessionLength: is longer than 30 days";
        if (LoginsPerMinute < 1) yield return "loginsPerMinute: is less than 1: nobody could log in";
        if (LockAfter < 1) yield return "lockAfter: is less than 1: nobody could log in";
        if (LockFor <= TimeSpan.Zero) yield return "lockFor: must be more than nothing";
    }
}

/// <summary>One address to listen at.</summary>
internal sealed record ListenAddress(bool Tls, IPAddress Address, int Port)
{
    public static string? Problem(string url) => Read(url) is null ? $"'{url}' is no address to listen at: write http://127.0.0.1:7620, with an IP address, localhost or *" : null;

    public static ListenAddress? Read(string url)
    {
        // Uri knows no "*"; it stands for every address.
        if (!Uri.TryCreate(url.Replace("//*", "//[::]", StringComparison.Ordinal), UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.PathAndQuery != "/") return null;
        var host = uri.Host.Trim('[', ']');
        var address = host == "localhost" ? IPAddress.Loopback : IPAddress.TryParse(host, out var given) ? given : null;
        return address is null ? null : new ListenAddress(uri.Scheme == "https", address, uri.Port);
    }
}
