using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Soar.Server.Tests.Crash;

/// <summary>The outside world: an HTTP service that counts what arrives, by idempotency key. It outlives every kill.</summary>
internal sealed class Outside : IDisposable
{
    private readonly HttpListener listener = new();

    public Outside()
    {
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }

        listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
        listener.Start();
        _ = ServeAsync();
    }

    public int Port { get; }

    /// <summary>How often each effect arrived: path and key → count.</summary>
    public ConcurrentDictionary<(string Path, string Key), int> Arrived { get; } = new();

    public bool Has(string key) => Arrived.Keys.Any(k => k.Key == key);

    public void Dispose() => listener.Close();

    private async Task ServeAsync()
    {
        while (listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            _ = Task.Run(() => Answer(context));
        }
    }

    private void Answer(HttpListenerContext context)
    {
        try
        {
            if (context.Request.HttpMethod == "POST")
            {
                using var body = new StreamReader(context.Request.InputStream);
                body.ReadToEnd();
                Arrived.AddOrUpdate((context.Request.Url!.AbsolutePath, context.Request.Headers["Idempotency-Key"]!), 1, (_, n) => n + 1);
            }

            context.Response.ContentType = "application/json";
            // Twice that, as text and as JSON, is more than a record holds: it is kept as an artifact.
            if (context.Request.Url!.AbsolutePath is var path && path.StartsWith("/large/", StringComparison.Ordinal)) JsonSerializer.Serialize(context.Response.OutputStream, new { path, fill = new string('x', 200_000) });
            else context.Response.OutputStream.Write("{\"ok\":true}"u8);
            context.Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or IOException or ObjectDisposedException)
        {
            // The caller was killed while it was being answered; what arrived is counted.
        }
    }
}
