using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Soar.Capabilities;
using Soar.Connectors.Tls;

namespace Soar.Connectors.Http;

/// <summary>
/// The one way connectors speak HTTP: pooled connections, declared hosts only, each name resolved, checked and connected to as checked (so that DNS cannot
/// answer differently in between), every redirect checked again, certificates always verified, time and size bounded, the instance's rate kept, a server that is down left alone for a while,
/// every failure what it is (<see cref="HttpFailures"/>).
/// Made in a connector's constructor; nothing is opened before the first request.
/// </summary>
public sealed class HttpAccess : IDisposable
{
    private readonly HttpRules rules;
    private readonly TimeProvider clock;
    private readonly Pace pace;
    private readonly SecretMask mask;
    private readonly HttpResilience resilience;
    private readonly Lazy<HttpClient> client;

    public HttpAccess(HttpRules rules, ConnectorServices services)
    {
        this.rules = rules;
        clock = services.Clock;
        (pace, mask) = (services.Pace, services.Mask);
        pace.CountsRequests = true;
        resilience = new HttpResilience(rules.Hosts, clock);
        client = new(Connect, LazyThreadSafetyMode.PublicationOnly); // a CA file that is mended is read at the next request
    }

    /// <summary>Sends it. The answer is 2xx or one that the call takes; every other status, and everything that breaks, is a <see cref="ConnectorFailure"/>.</summary>
    public async Task<HttpReply> SendAsync(HttpCall call, CancellationToken cancellation)
    {
        var reply = await AnyAsync(call, cancellation);
        return reply.IsSuccess || call.Answers.Contains(reply.Status) ? reply : throw Refused(reply, reply.Excerpt());
    }

    /// <summary>Sends it and gives the answer whatever its status: the caller judges, and throws <see cref="Refused"/> for what is none.</summary>
    public async Task<HttpReply> AnyAsync(HttpCall call, CancellationToken cancellation)
    {
        var home = call.Address.Authority;
        var authorise = call.Authorise ?? rules.Authorise;
        for (var hop = 0; ; hop++)
        {
            var reply = await resilience.RunAsync(call, token => OnceAsync(call, call.Address.Authority == home ? authorise : static _ => { }, token), cancellation);
            // A host that others named speaks for itself only: it must not stop the instance for everybody.
            if (IsDeclared(call.Address) && HttpFailures.Pause(reply, clock.GetUtcNow()) is { } wait)
                pace.Hold(wait);
            if (call.Does == HttpDoes.Changes || call.Method != HttpMethod.Get || reply.Status is not (301 or 302 or 303 or 307 or 308) || reply.Header("Location") is not { } location)
                return reply;
            call = call with { Address = Next(call.Address, location, hop) };
        }
    }

    /// <summary>A refusing status as the failure it is, with the other side's own words where the connector found any.</summary>
    public ConnectorFailure Refused(HttpReply reply, string words) => HttpFailures.OfStatus(reply, words, clock.GetUtcNow());

    /// <summary>Scheme, host and path: queries can hold secrets and never stand in a message.</summary>
    public static string Show(Uri address) => address.IsAbsoluteUri ? address.GetLeftPart(UriPartial.Path) : address.ToString();

    public void Dispose()
    {
        if (client.IsValueCreated)
            client.Value.Dispose();
    }

    private HttpClient Connect()
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None, // a small answer must not become a large one
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            MaxConnectionsPerServer = 16,
            MaxResponseHeadersLength = 64,
            ConnectTimeout = rules.Timeout, // what is left behind when a request has given up ends too
            UseProxy = rules.Proxy is not null,
            Proxy = rules.Proxy is null ? null : new WebProxy(rules.Proxy),
            ConnectCallback = (context, cancellation) => PinnedConnection.OpenAsync(rules, context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancellation),
            SslOptions = ServerTrust.Options("", rules.CaFile, rules.ClientCertificate, rules.ClientKey),
        };
        handler.SslOptions.TargetHost = null; // set per connection by the handler
        if (rules.ClientCertificate is not null)
            handler.SslOptions.LocalCertificateSelectionCallback = (_, host, ours, _, _) => CertificateFor(host, ours);
        return new HttpClient(handler) { Timeout = System.Threading.Timeout.InfiniteTimeSpan };
    }

    /// <summary>Our certificate tells who we are: a host that others named never sees it.</summary>
    internal X509Certificate CertificateFor(string host, X509CertificateCollection ours) => rules.Hosts.Contains(host.ToLowerInvariant()) && ours.Count > 0 ? ours[0] : null!;

    private bool IsDeclared(Uri address) => UriHost.Of(address) is { } host && rules.Hosts.Contains(host);

    private Uri Next(Uri address, string location, int hop)
    {
        if (hop == rules.Redirects)
            throw ConnectorFailure.Permanent($"{Show(address)} redirects more than {rules.Redirects} times.", reason: "redirects");
        if (!Uri.TryCreate(address, location, out var next))
            throw ConnectorFailure.Permanent($"{Show(address)} redirects to something that is no address.", reason: "redirects");
        if (address.Scheme == Uri.UriSchemeHttps && next.Scheme != Uri.UriSchemeHttps)
            throw ConnectorFailure.Permanent($"{Show(address)} redirects from https to {next.Scheme}; that is not followed.", reason: "redirects");
        return next;
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

    // Through a proxy it is the proxy that connects, so PinnedConnection sees its address only: a host that others named is resolved here before the proxy hears of it.
    private async ValueTask CheckBehindProxyAsync(HttpCall call, CancellationToken cancellation)
    {
        if (rules.Proxy is null || UriHost.Of(call.Address) is not { } host || rules.Hosts.Contains(host))
            return;
        using var timer = new CancellationTokenSource(rules.Timeout, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellation);
        try
        {
            await PinnedConnection.RequirePublicAsync(host, both.Token);
        }
        catch (SocketException e)
        {
            var unknown = new HttpRequestException(HttpRequestError.NameResolutionError, $"the name is not known here ({e.Message}), so nobody can tell whether it is internal. The proxy was not asked for it");
            throw HttpFailures.OfBreak(unknown, call.Address, call.Does, begun: false);
        }
        catch (ConnectorFailure e)
        {
            throw HttpFailures.OfBreak(e, call.Address, call.Does, begun: false);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw HttpFailures.OfTimeout(e, call.Address, call.Does, begun: false, rules.Timeout);
        }
        catch (OperationCanceledException e) when (call.Does == HttpDoes.Changes)
        {
            throw NotAsked(call, e);
        }
    }

    private async ValueTask<HttpReply> OnceAsync(HttpCall call, Action<HttpRequestMessage> authorise, CancellationToken cancellation)
    {
        var sending = new Sending();
        using var request = Request(call, authorise, sending);
        await CheckBehindProxyAsync(call, cancellation);
        await TurnAsync(call, cancellation);
        using var timer = new CancellationTokenSource(rules.Timeout, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellation);
        try
        {
            using var response = await client.Value.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token);
            var (body, truncated) = await ReadAsync(response, both.Token);
            // cookies are credentials: they must not end up in a journal
            var headers = response.Headers.Concat(response.Content.Headers).Where(header => !header.Key.StartsWith("Set-Cookie", StringComparison.OrdinalIgnoreCase))
                .GroupBy(header => header.Key, StringComparer.OrdinalIgnoreCase)
                .ToDictionary(group => group.Key, group => string.Join(", ", group.SelectMany(header => header.Value)), StringComparer.OrdinalIgnoreCase);
            return new HttpReply((int)response.StatusCode, headers, body, truncated, call.Address) { Does = call.Does, Mask = mask };
        }
        // SocketException: a peer that resets between the connect and the first byte reaches us unwrapped.
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException)
        {
            throw HttpFailures.OfBreak(e, call.Address, call.Does, sending.Begun);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested) // our timer, or the handler's for connecting
        {
            throw HttpFailures.OfTimeout(e, call.Address, call.Does, sending.Begun, rules.Timeout);
        }
        catch (OperationCanceledException e) when (call.Does == HttpDoes.Changes && !sending.Begun)
        {
            throw NotAsked(call, e);
        }
    }

    // The first request of an attempt has had its turn; the others wait for theirs.
    private async ValueTask TurnAsync(HttpCall call, CancellationToken cancellation)
    {
        try
        {
            await pace.WaitAsync(cancellation);
        }
        catch (OperationCanceledException e) when (call.Does == HttpDoes.Changes)
        {
            throw NotAsked(call, e);
        }
    }

    // Told to stop before anything was sent: who asks must not think that it may have been done.
    private static ConnectorFailure NotAsked(HttpCall call, Exception e) => ConnectorFailure.Transient($"{Show(call.Address)} was not asked: there was no time left.", inner: e, reason: "timeout");

    private HttpRequestMessage Request(HttpCall call, Action<HttpRequestMessage> authorise, Sending sending)
    {
        Check(call.Address);
        var request = new HttpRequestMessage(call.Method, call.Address);
        request.Headers.UserAgent.ParseAdd("Soar/0.1");
        call.Prepare(request);
        authorise(request);
        if (call.Content is not null)
            request.Content = call.Content();
        if (call.Does == HttpDoes.Changes)
            request.Content = new WatchedContent(request.Content ?? new ByteArrayContent([]), sending);
        return request;
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

    private sealed class Sending
    {
        public bool Begun { get; set; }
    }

    /// <summary>
    /// A change's body, empty or not: it tells when the first byte may have left, and a request that has one is never repeated by the handler itself on a connection that the
    /// server has just closed.
    /// </summary>
    private sealed class WatchedContent : HttpContent
    {
        private readonly HttpContent inner;
        private readonly Sending sending;

        public WatchedContent(HttpContent inner, Sending sending)
        {
            (this.inner, this.sending) = (inner, sending);
            foreach (var (name, values) in inner.Headers)
                Headers.TryAddWithoutValidation(name, values);
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            sending.Begun = true;
            return inner.CopyToAsync(stream, context, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = inner.Headers.ContentLength ?? 0;
            return inner.Headers.ContentLength is not null;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
