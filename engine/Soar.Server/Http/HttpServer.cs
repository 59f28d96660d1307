using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Serialization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Soar.Capabilities;
using Soar.Server.Display;
using Soar.Server.Node;
using Soar.Server.Observe;
using Soar.Server.Settings;

namespace Soar.Server.Http;

using Endpoint = Microsoft.AspNetCore.Http.Endpoint; // inside the namespace: Soar has a word Endpoint of its own

/// <summary>
/// The HTTP API of <c>soar serve</c>, on Kestrel. One static class per resource (<see cref="RunsApi"/>) maps its routes; handlers get the <see cref="SoarNode"/> for changes and its
/// <see cref="NodeReader"/> for reads. Nothing of the framework's configuration (environment, appsettings.json) counts: <c>soar.yaml</c> does.
/// </summary>
internal sealed class HttpServer : IAsyncDisposable
{
    public const string LoginLimit = "login";

    private readonly WebApplication app;

    private HttpServer(WebApplication app) => this.app = app;

    /// <summary>Where it listens, with the ports that were taken.</summary>
    public IReadOnlyList<string> Addresses => [.. app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses];

    /// <summary>Every route there is, for the tests that hold them against the rules.</summary>
    public IReadOnlyList<Endpoint> Endpoints => app.Services.GetRequiredService<EndpointDataSource>().Endpoints;

    /// <param name="listen">Instead of the settings' addresses; null = those.</param>
    public static async Task<HttpServer> StartAsync(SoarNode node, string? listen, CancellationToken cancellation)
    {
        var settings = node.Tools.Settings.Http;
        var addresses = (listen is null ? settings.Listen : [listen]).Select(url => ListenAddress.Read(url) ?? throw new SoarException("SOAR5001", $"--http: {ListenAddress.Problem(url)}, or 'off'.")).ToList();
        var built = Build(node, settings, addresses);
        try
        {
            await built.StartAsync(cancellation);
            return new HttpServer(built);
        }
        catch (Exception error) when (error is IOException or System.Net.Sockets.SocketException)
        {
            await built.DisposeAsync();
            throw new SoarException("SOAR6016", $"Soar cannot listen at {string.Join(", ", listen is null ? settings.Listen : [listen])}: {error.Message.TrimEnd('.')}. Change http.listen in soar.yaml, or give --http with another address, or --http off.", error);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Those who watch would keep it from stopping.
        await app.Services.GetRequiredService<Feed>().DisposeAsync();
        await app.Services.GetRequiredService<Telemetry>().DisposeAsync();
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private static WebApplication Build(SoarNode node, HttpSettings settings, IReadOnlyList<ListenAddress> addresses)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "soar", ContentRootPath = AppContext.BaseDirectory });
        var services = builder.Services;
        services.AddSingleton<ILoggerFactory>(new StandardErrorLog());
        services.AddSingleton<IHostLifetime, NoLifetime>();
        services.AddSingleton(node);
        services.AddSingleton(node.Reader);
        services.AddSingleton(_ => new Feed(node));
        services.AddSingleton(_ => new Telemetry(node));
        services.AddOpenApi(ApiDocument.Configure);
        services.AddRoutingCore();
        // Antiforgery tokens need not outlive the process: a client gets a new one with GET /api/me. So no key lies on a disk.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddAntiforgery(o =>
        {
            o.HeaderName = Cookies.AntiforgeryHeader;
            o.Cookie.Name = "soar-antiforgery";
            o.Cookie.SameSite = SameSiteMode.Strict;
            o.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
        ProvidersApi.Add(services, node);
        // It would make keys in the home folder at once, which nothing here uses.
        services.Remove(services.Single(service => service.ImplementationType?.Name == "DataProtectionHostedService"));
        services.AddRateLimiter(o => LimitLogins(o, settings));
        services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(o => Json(o.SerializerOptions));
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => Listen(kestrel, node, settings, addresses));
        var built = builder.Build();
        Route(built, node, settings);
        return built;
    }

    private static void Route(WebApplication routes, SoarNode node, HttpSettings settings)
    {
        var log = routes.Services.GetRequiredService<ILoggerFactory>().CreateLogger("http");
        var doorkeeper = ActivatorUtilities.CreateInstance<Doorkeeper>(routes.Services);
        if (settings.Proxies.Count > 0) routes.UseForwardedHeaders(Forwarded(settings));
        routes.Use((HttpContext context, RequestDelegate next) => Edge.PassAsync(context, next, log));
        routes.UseRouting();
        routes.UseRateLimiter();
        routes.Use((HttpContext context, RequestDelegate next) => doorkeeper.PassAsync(context, next));
        var console = ConsoleFiles.Load(ConsoleFiles.Folder);
        routes.Use((HttpContext context, RequestDelegate next) => console.ServeAsync(context, next));
        HealthApi.Map(routes);
        SessionApi.Map(routes);
        ProvidersApi.Map(routes);
        UsersApi.Map(routes);
        TokensApi.Map(routes);
        RunsApi.Map(routes);
        QuestionsApi.Map(routes);
        ContainmentsApi.Map(routes);
        PlaybooksApi.Map(routes);
        EditorApi.Map(routes);
        DraftsApi.Map(routes);
        ReviewsApi.Map(routes);
        VersionsApi.Map(routes);
        AuditApi.Map(routes);
        AlertsApi.Map(routes);
        CasesApi.Map(routes);
        CaseWorkApi.Map(routes);
        ListsApi.Map(routes);
        KillSwitchesApi.Map(routes);
        SchedulesApi.Map(routes);
        DashboardApi.Map(routes);
        ConnectorsApi.Map(routes);
        CredentialsApi.Map(routes);
        EventsApi.Map(routes);
        WebhooksApi.Map(routes);
        AnswersApi.Map(routes);
        MetricsApi.Map(routes, routes.Services.GetRequiredService<Telemetry>());
        routes.MapOpenApi("/api/openapi.json").ForAnybody();
        var unstated = Rules.Unstated(((IEndpointRouteBuilder)routes).DataSources.SelectMany(source => source.Endpoints));
        if (unstated.Count > 0) throw new InvalidOperationException($"These routes do not say who may call them: {string.Join(", ", unstated)}");
    }

    private static void Listen(KestrelServerOptions kestrel, SoarNode node, HttpSettings settings, IReadOnlyList<ListenAddress> addresses)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = settings.MaxRequestBytes;
        foreach (var address in addresses)
        {
            if (address.Tls) kestrel.Listen(address.Address, address.Port, o => o.UseHttps(Tls(node, settings)));
            else kestrel.Listen(address.Address, address.Port);
        }
    }

    /// <summary>TLS 1.2 and 1.3, whatever the machine's own policy still allows; the file's other certificates lead to the CA and are sent along.</summary>
    private static HttpsConnectionAdapterOptions Tls(SoarNode node, HttpSettings settings)
    {
        var folder = node.Tools.Workspace.SettingsPath is { } file ? Path.GetDirectoryName(Path.GetFullPath(file))! : ".";
        try
        {
            var (certificate, key) = (Path.Combine(folder, settings.Certificate ?? ""), Path.Combine(folder, settings.CertificateKey ?? ""));
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(certificate);
            return new HttpsConnectionAdapterOptions { ServerCertificate = X509Certificate2.CreateFromPemFile(certificate, key), ServerCertificateChain = chain, SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13 };
        }
        catch (Exception error) when (error is System.Security.Cryptography.CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new SoarException("SOAR6017", $"http.certificate and http.certificateKey cannot be used: {error.Message} Both are PEM files.", error);
        }
    }

    private static ForwardedHeadersOptions Forwarded(HttpSettings settings)
    {
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null };
        // The framework believes loopback unasked; here only those that are named.
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var proxy in settings.Proxies)
        {
            if (IPAddress.TryParse(proxy, out var address)) options.KnownProxies.Add(address);
            else options.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(proxy));
        }

        return options;
    }

    private static void LimitLogins(Microsoft.AspNetCore.RateLimiting.RateLimiterOptions options, HttpSettings settings)
    {
        options.AddPolicy(LoginLimit, context => RateLimitPartition.GetFixedWindowLimiter(
            Doorkeeper.Origin(context), _ => new FixedWindowRateLimiterOptions { PermitLimit = settings.LoginsPerMinute, Window = TimeSpan.FromMinutes(1) }));
        options.OnRejected = async (rejected, _) =>
        {
            var after = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? (int)Math.Ceiling(wait.TotalSeconds) : 60;
            rejected.HttpContext.Response.Headers.RetryAfter = after.ToString(System.Globalization.CultureInfo.InvariantCulture);
            await Problem.WriteAsync(rejected.HttpContext, 429, "SOAR6004", $"There were too many attempts from this address. Try again in {after} seconds.");
        };
    }

    /// <summary>As everywhere, and stricter with what comes in: an unknown field, a field given twice, a number for a word and a null where none may be are errors.</summary>
    private static void Json(System.Text.Json.JsonSerializerOptions options)
    {
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.Encoder = SoarJson.Options.Encoder;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        options.Converters.Add(new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false));
        StrictJson.Apply(options);
    }

    /// <summary>Signals end the command, which ends the server: the framework must not listen to them too.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
