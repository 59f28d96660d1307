using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Net.Http.Headers;

namespace Soar.Connectors.BlockList;

/// <summary>A list as it was given to a poller last.</summary>
internal sealed record Poll(DateTimeOffset At, string By, string Tag);

/// <summary>
/// Serves the lists to those who have their token: GET and HEAD, plain text, with an entity tag so that an unchanged list costs nothing. It tells nothing to anybody else, not even
/// which lists there are. While the file cannot be read it answers 503: a firewall then keeps what it has.
/// </summary>
internal sealed class BlockListServer(BlockListSettings settings, BlockListFile file, TimeProvider clock) : IAsyncDisposable
{
    private readonly Dictionary<string, Served> lists = settings.Lists.ToDictionary(list => list.Key, list => new Served(list.Value), StringComparer.Ordinal);
    private readonly SemaphoreSlim starting = new(1, 1);
    private WebApplication? application;
    private (string Stamp, X509Certificate2 Value)? certificate;

    /// <summary>Who polled which list last, since this process serves it.</summary>
    public IReadOnlyDictionary<string, Poll> Polls => lists.Where(list => list.Value.Last is not null).ToDictionary(list => list.Key, list => list.Value.Last!);

    public bool Serves => application is not null;

    /// <summary>The tag under which a list has what is on disk now.</summary>
    public string Tag(string list) => Render(lists[list]).Tag;

    /// <summary>Listens, if it does not yet. Throws <see cref="IOException"/> when the port is taken or the address is not ours.</summary>
    public async Task ListenAsync(CancellationToken cancellation)
    {
        await starting.WaitAsync(cancellation);
        try
        {
            if (application is not null)
                return;
            var made = Build();
            try
            {
                await made.StartAsync(cancellation);
                application = made;
            }
            catch
            {
                await made.DisposeAsync();
                throw;
            }
        }
        finally
        {
            starting.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (application is not null)
            await application.DisposeAsync();
        application = null;
    }

    private WebApplication Build()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>(); // signals are the program's business
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Limits.MaxConcurrentConnections = 500;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(30);
            kestrel.Listen(settings.Listen.ToIPAddress(), settings.Port, endpoint =>
            {
                endpoint.Protocols = HttpProtocols.Http1;
                if (settings.Tls)
                    endpoint.UseHttps(https =>
                    {
                        https.SslProtocols = System.Security.Authentication.SslProtocols.Tls12 | System.Security.Authentication.SslProtocols.Tls13;
                        https.ServerCertificateSelector = (_, _) => Certificate();
                    });
            });
        });
        var made = builder.Build();
        made.Run(AnswerAsync);
        return made;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        response.Headers.CacheControl = "private, no-cache";
        response.Headers.XContentTypeOptions = "nosniff";
        var name = request.Path.Value?.TrimStart('/') ?? "";
        var list = lists.GetValueOrDefault(name.EndsWith(".txt", StringComparison.Ordinal) ? name[..^4] : name);
        if (list is null || !Allowed(request, list))
        {
            response.Headers.WWWAuthenticate = "Basic realm=\"soar\", charset=\"UTF-8\"";
            await SayAsync(context, StatusCodes.Status401Unauthorized, "No list for this address and token.\n");
            return;
        }
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            response.Headers.Allow = "GET, HEAD";
            await SayAsync(context, StatusCodes.Status405MethodNotAllowed, "GET or HEAD.\n");
            return;
        }
        RenderedList rendered;
        try
        {
            rendered = Render(list);
        }
        catch (SoarException)
        {
            response.Headers.RetryAfter = "60";
            await SayAsync(context, StatusCodes.Status503ServiceUnavailable, "The list cannot be read at the moment; keep the last one.\n");
            return;
        }
        list.Last = new Poll(clock.GetUtcNow(), context.Connection.RemoteIpAddress?.ToString() ?? "?", rendered.Tag);
        response.Headers.ETag = rendered.Tag;
        if (Knows(request, rendered.Tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        response.ContentType = "text/plain; charset=utf-8";
        response.ContentLength = rendered.Body.Length;
        if (HttpMethods.IsGet(request.Method))
            await response.Body.WriteAsync(rendered.Body, context.RequestAborted);
    }

    private static Task SayAsync(HttpContext context, int status, string words)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.ContentLength = words.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.WriteAsync(words, context.RequestAborted);
    }

    private static bool Allowed(HttpRequest request, Served list) =>
        (Given(request) is { } given && list.Is(given))
        || (list.Settings.TokenInAddress && request.Query["token"] is [{ } inAddress] && list.Is(inAddress));

    // A Bearer token, or the password of HTTP Basic.
    private static string? Given(HttpRequest request)
    {
        if (!System.Net.Http.Headers.AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header) || header.Parameter is null)
            return null;
        if (header.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
            return header.Parameter;
        if (!header.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase))
            return null;
        var bytes = new byte[header.Parameter.Length];
        if (!Convert.TryFromBase64String(header.Parameter, bytes, out var length))
            return null;
        var pair = Encoding.UTF8.GetString(bytes, 0, length);
        return pair.Contains(':') ? pair[(pair.IndexOf(':') + 1)..] : null;
    }

    private static bool Knows(HttpRequest request, string tag) =>
        EntityTagHeaderValue.TryParseList([.. request.Headers.IfNoneMatch.OfType<string>()], out var tags)
        && tags.Any(known => known.Tag == "*" || known.Compare(EntityTagHeaderValue.Parse(tag), useStrongComparison: false));

    private RenderedList Render(Served list)
    {
        var (entries, now) = (file.Current, clock.GetUtcNow());
        if (list.Rendered is not { } rendered || !ReferenceEquals(rendered.Of, entries) || rendered.List.ValidUntil <= now)
            list.Rendered = rendered = new(entries, entries.Render(list.Settings.Family, now));
        return rendered.List;
    }

    // Renewed certificates are used at the next handshake; one that cannot be read leaves the last one in use.
    private X509Certificate2 Certificate()
    {
        lock (lists)
        {
            var now = Stamp(settings.Certificate!) + Stamp(settings.Key);
            if (certificate?.Stamp == now)
                return certificate.Value.Value;
            try
            {
                certificate = (now, settings.ReadCertificate());
            }
            catch (Exception e) when (certificate is not null && e is CryptographicException or IOException or UnauthorizedAccessException)
            {
                // it is being replaced, or broken: TestAsync tells
            }
            return certificate!.Value.Value;
        }
    }

    private static string Stamp(string? path) => path is not null && new FileInfo(path) is { Exists: true } found ? $"{found.LastWriteTimeUtc.Ticks}/{found.Length};" : "none;";

    private sealed class Served(ServedListSettings settings)
    {
        private readonly byte[] token = Hash(settings.Token!.Reveal());

        public ServedListSettings Settings => settings;
        public Rendering? Rendered { get; set; }
        public Poll? Last { get; set; }

        public bool Is(string given) => CryptographicOperations.FixedTimeEquals(Hash(given), token);

        private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
    }

    private sealed record Rendering(BlockedEntries Of, RenderedList List);

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
