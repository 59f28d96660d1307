using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Soar.Connectors.Serving;

/// <summary>A web server on one address and port for one connector: HTTP/1.1, TLS by setting, limits on everything that a stranger can send.</summary>
/// <param name="mostBytes">Largest body of a request; a larger one is answered with 413.</param>
internal sealed class WebListener(ListenSettings settings, long mostBytes, RequestDelegate answer) : IAsyncDisposable
{
    private readonly RenewedCertificate certificate = new(settings);
    private readonly SemaphoreSlim starting = new(1, 1);
    private WebApplication? application;
    private bool ended;

    public bool Serves => application is not null;

    /// <summary>Listens, if it does not yet. Throws <see cref="IOException"/> when the port is taken or the address is not ours.</summary>
    public async Task ListenAsync(CancellationToken cancellation)
    {
        await starting.WaitAsync(cancellation);
        try
        {
            if (application is not null || ended)
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

    /// <summary>Ends listening; who is being answered is told so within a second, and the request is cancelled.</summary>
    public async ValueTask DisposeAsync()
    {
        await starting.WaitAsync();
        var served = application;
        (application, ended) = (null, true);
        starting.Release();
        if (served is null)
            return;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1), TimeProvider.System); // a real connection takes real time
        await served.StopAsync(limit.Token);
        await served.DisposeAsync();
    }

    private WebApplication Build()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>(); // signals are the program's business
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = mostBytes;
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
                        https.ServerCertificateSelector = (_, _) => certificate.Current;
                    });
            });
        });
        var made = builder.Build();
        made.Run(answer);
        return made;
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
