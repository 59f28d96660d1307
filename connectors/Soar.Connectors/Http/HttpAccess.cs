using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Soar.Capabilities;
using Soar.Connectors.Tls;

namespace Soar.Connectors.Http;

/// <summary>What a connector declares about its HTTP calls. Nothing that is not declared can be reached.</summary>
internal sealed record HttpRules
{
    /// <summary>Hosts that may be called, by name or address, lower case. An address that stands here, or a name with <see cref="AllowPrivate"/>, may be internal.</summary>
    public required IReadOnlySet<string> Hosts { get; init; }

    /// <summary>Any other host may be called too, if it is public and by https: RDAP registries refer to each other.</summary>
    public bool AnyPublicHost { get; init; }

    /// <summary>Declared names may resolve to internal addresses.</summary>
    public bool AllowPrivate { get; init; }

    public string? CaFile { get; init; }
    public string? ClientCertificate { get; init; }
    public string? ClientKey { get; init; }
    public Uri? Proxy { get; init; }
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);
    public int MaxBytes { get; init; } = 1024 * 1024;
    public int Redirects { get; init; } = 5;
}

/// <summary>An answer, whole or <see cref="Truncated"/> at the limit.</summary>
internal sealed record HttpReply(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Body, bool Truncated, Uri Address)
{
    public string? Header(string name) => Headers.GetValueOrDefault(name);
}

/// <summary>
/// The one way connectors speak HTTP: pooled connections, declared hosts only, each name resolved, checked and connected to as checked (so that DNS cannot
/// answer differently in between), every redirect checked again, certificates always verified, time and size bounded.
/// </summary>
internal sealed class HttpAccess : IDisposable
{
    private readonly HttpRules rules;
    private readonly TimeProvider clock;
    private readonly HttpClient client;

    public HttpAccess(HttpRules rules, TimeProvider clock)
    {
        this.rules = rules;
        this.clock = clock;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None, // a small answer must not become a large one
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            MaxConnectionsPerServer = 16,
            MaxResponseHeadersLength = 64,
            ConnectTimeout = rules.Timeout,
            UseProxy = rules.Proxy is not null,
            Proxy = rules.Proxy is null ? null : new WebProxy(rules.Proxy),
            ConnectCallback = ConnectAsync,
            // the target host is set per connection by the handler
            SslOptions = ServerTrust.Options("", rules.CaFile, rules.ClientCertificate, rules.ClientKey),
        };
        handler.SslOptions.TargetHost = null;
        client = new HttpClient(handler) { Timeout = System.Threading.Timeout.InfiniteTimeSpan };
    }

    /// <summary>A read: whatever goes wrong on the way is Transient. The status is the caller's to judge.</summary>
    /// <param name="prepare">Headers that may go to any host of a redirect.</param>
    /// <param name="authorise">The credential: it stays with the host and port that it is for.</param>
    public async Task<HttpReply> GetAsync(Uri address, Action<HttpRequestMessage> prepare, Action<HttpRequestMessage> authorise, CancellationToken cancellation)
    {
        var home = address.Authority;
        for (var hop = 0; ; hop++)
        {
            var reply = await CallAsync(() => Request(HttpMethod.Get, address, address.Authority == home ? prepare + authorise : prepare), effect: false, cancellation);
            if (reply.Status is not (301 or 302 or 303 or 307 or 308) || reply.Header("Location") is not { } location)
                return reply;
            if (hop == rules.Redirects)
                throw ConnectorFailure.Permanent($"{Show(address)} redirects more than {rules.Redirects} times.", reason: "redirects");
            if (!Uri.TryCreate(address, location, out var next))
                throw ConnectorFailure.Permanent($"{Show(address)} redirects to something that is no address.", reason: "redirects");
            if (address.Scheme == Uri.UriSchemeHttps && next.Scheme != Uri.UriSchemeHttps)
                throw ConnectorFailure.Permanent($"{Show(address)} redirects from https to {next.Scheme}; that is not followed.", reason: "redirects");
            address = next;
        }
    }

    /// <summary>An effect: Unknown from the moment the request may have been sent. Redirects are not followed.</summary>
    public Task<HttpReply> PostAsync(Uri address, Action<HttpRequestMessage> prepare, CancellationToken cancellation) =>
        CallAsync(() => Request(HttpMethod.Post, address, prepare), effect: true, cancellation);

    public void Dispose() => client.Dispose();

    /// <summary>Turns a refusing status into the failure it is. For an effect, 5xx may have done it, except 503, which says that it did not.</summary>
    public ConnectorFailure Refused(HttpReply reply, bool effect, string words)
    {
        var what = $"{Show(reply.Address)} answered {reply.Status}{(words.Length > 0 ? ": " + words : "")}.";
        var reason = reply.Status.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return reply.Status switch
        {
            401 or 403 => ConnectorFailure.Permanent($"{what} Check this instance's credentials and their rights.", reason: reason),
            429 or 503 => ConnectorFailure.Transient(what, RetryAfter(reply), reason: reason),
            408 or 425 when !effect => ConnectorFailure.Transient(what, RetryAfter(reply), reason: reason),
            >= 500 when effect => ConnectorFailure.Unknown($"{what} It may have been done all the same.", reason: reason),
            >= 500 => ConnectorFailure.Transient(what, RetryAfter(reply), reason: reason),
            _ => ConnectorFailure.Permanent(what, reason: reason),
        };
    }

    /// <summary>Scheme, host and path: queries can hold secrets and never stand in a message.</summary>
    public static string Show(Uri address) => address.IsAbsoluteUri ? address.GetLeftPart(UriPartial.Path) : address.ToString();

    private HttpRequestMessage Request(HttpMethod method, Uri address, Action<HttpRequestMessage> prepare)
    {
        Check(address);
        var request = new HttpRequestMessage(method, address);
        request.Headers.UserAgent.ParseAdd("Soar/0.1");
        prepare(request);
        return request;
    }

    private void Check(Uri address)
    {
        if (address.Scheme is not ("https" or "http") || address.UserInfo.Length > 0)
            throw ConnectorFailure.Permanent($"{Show(address)} is not called: only http and https without a user in the address.", reason: "address");
        var host = UriHost.Of(address) ?? throw ConnectorFailure.Permanent("An address whose host is no valid name is not called.", reason: "address");
        if (rules.Hosts.Contains(host))
            return;
        if (!rules.AnyPublicHost)
            throw ConnectorFailure.Permanent($"{host} is not called: this instance is declared for {string.Join(", ", rules.Hosts)} only.", reason: "undeclared-host");
        if (address.Scheme != Uri.UriSchemeHttps)
            throw ConnectorFailure.Permanent($"{Show(address)} is not called: other hosts than the declared ones only by https.", reason: "undeclared-host");
    }

    private async Task<HttpReply> CallAsync(Func<HttpRequestMessage> make, bool effect, CancellationToken cancellation)
    {
        using var request = make();
        using var timer = new CancellationTokenSource(rules.Timeout, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellation);
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token);
            var (body, truncated) = await ReadAsync(response, both.Token);
            // cookies are credentials: they must not end up in a journal
            var headers = response.Headers.Concat(response.Content.Headers).Where(header => !header.Key.StartsWith("Set-Cookie", StringComparison.OrdinalIgnoreCase))
                .GroupBy(header => header.Key, StringComparer.OrdinalIgnoreCase)
                .ToDictionary(group => group.Key, group => string.Join(", ", group.SelectMany(header => header.Value)), StringComparer.OrdinalIgnoreCase);
            return new HttpReply((int)response.StatusCode, headers, body, truncated, request.RequestUri!);
        }
        catch (HttpRequestException e) when (Find<ConnectorFailure>(e) is { } refused)
        {
#pragma warning disable MA0027 // The rule takes it for the caught exception; it is the connector's own failure inside that one.
            throw refused;
#pragma warning restore MA0027
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.SecureConnectionError || Find<AuthenticationException>(e) is not null)
        {
            throw ConnectorFailure.Permanent($"The certificate of {request.RequestUri!.Authority} is not accepted: {Words(e)}. Set caFile to the PEM file of the CA that signed it.", e, "certificate");
        }
        catch (HttpRequestException e) when (!effect || e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.ProxyTunnelError)
        {
            throw ConnectorFailure.Transient($"{request.RequestUri!.Authority} cannot be reached: {Words(e)}.", inner: e, reason: "connection");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw effect
                ? ConnectorFailure.Unknown($"The connection to {request.RequestUri!.Authority} broke: {Words(e)}. The request may have been done.", e, "connection")
                : ConnectorFailure.Transient($"The connection to {request.RequestUri!.Authority} broke: {Words(e)}.", inner: e, reason: "connection");
        }
        catch (OperationCanceledException e) when (timer.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            var message = $"{Show(request.RequestUri!)} did not answer within {Durations.Say(rules.Timeout)}.";
            throw effect ? ConnectorFailure.Unknown($"{message} The request may have been done.", e, "timeout") : ConnectorFailure.Transient(message, inner: e, reason: "timeout");
        }
    }

    private async Task<(byte[] Body, bool Truncated)> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
        using var body = new MemoryStream();
        var buffer = new byte[16_384];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellation)) > 0)
        {
            var room = rules.MaxBytes - (int)body.Length;
            body.Write(buffer, 0, Math.Min(read, room));
            if (read > room)
                return (body.ToArray(), true);
        }
        return (body.ToArray(), false);
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var literal = IPAddress.TryParse(host, out var given);
        var addresses = literal ? [given!] : await Dns.GetHostAddressesAsync(host, cancellation);
        var throughProxy = rules.Proxy is { } proxy && string.Equals(proxy.IdnHost, host, StringComparison.OrdinalIgnoreCase) && proxy.Port == port;
        var declared = rules.Hosts.Contains(host.ToLowerInvariant());
        var mayBePrivate = throughProxy || (declared && (literal || rules.AllowPrivate));
        var allowed = addresses.Where(address => mayBePrivate || !Internal(address)).ToList();
        if (allowed.Count == 0)
            throw ConnectorFailure.Permanent(addresses.Length == 0
                ? $"{host} has no address."
                : $"{host} leads to the internal address {addresses[0]}, which is not called. If that is right, set allowPrivate: true.", reason: "private-address");
        Exception? last = null;
        foreach (var address in allowed)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException e)
            {
                socket.Dispose();
                last = e;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
        throw last!;
    }

    // Private, loopback, link-local (cloud metadata), multicast …, also where an IPv6 address only wraps such an IPv4 one (mapped, compatible, NAT64, 6to4).
    internal static bool Internal(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        if (IpAddress.Parse(new IPAddress(bytes).ToString()).IsSpecial)
            return true;
        if (bytes.Length != 16)
            return false;
        var wrapped = bytes switch
        {
            [0x20, 0x02, ..] => bytes[2..6],
            [0x00, 0x64, 0xFF, 0x9B, ..] => bytes[12..],
            _ when bytes.AsSpan(0, 12).IndexOfAnyExcept((byte)0) < 0 => bytes[12..],
            _ => null,
        };
        return wrapped is not null && Internal(new IPAddress(wrapped));
    }

    private TimeSpan? RetryAfter(HttpReply reply)
    {
        var text = reply.Header("Retry-After");
        if (int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var seconds))
            return TimeSpan.FromSeconds(Math.Min(seconds, 86_400));
        if (DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var time) && time > clock.GetUtcNow())
            return time - clock.GetUtcNow();
        return null;
    }

    private static T? Find<T>(Exception? e)
        where T : Exception
    {
        for (; e is not null; e = e.InnerException)
            if (e is T found)
                return found;
        return null;
    }

    private static string Words(Exception e) => (e.InnerException is { } inner && inner is not ConnectorFailure ? inner.Message : e.Message).TrimEnd('.');
}
