using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Soar.Connectors.Serving;

/// <summary>Takes connections of senders that only talk (syslog, EVE by socket), each served by itself. How many at once is limited: the others wait in the kernel's queue.</summary>
/// <param name="bind">Makes the socket, bound.</param>
/// <param name="secure">What secures a new connection; null = nothing does.</param>
/// <param name="serve">Reads one connection to its end.</param>
/// <param name="broke">Told why a connection ended otherwise than by its sender's will.</param>
internal sealed class StreamListener(Func<Socket> bind, int mostConnections, Func<SslServerAuthenticationOptions>? secure, Func<Stream, CancellationToken, Task> serve, Action<string, string> broke) : IAsyncDisposable
{
    private static readonly TimeSpan Handshake = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource end = new();
    private readonly SemaphoreSlim room = new(mostConnections, mostConnections);
    private readonly HashSet<Task> serving = [];
    private Socket? listener;
    private Task accepting = Task.CompletedTask;

    public bool Serves => listener is not null;

    /// <summary>Listens, if it does not yet. Throws <see cref="SocketException"/> when the address is taken.</summary>
    public void Listen()
    {
        if (listener is not null || end.IsCancellationRequested)
            return;
        var made = bind();
        try
        {
            made.Listen(128);
        }
        catch
        {
            made.Dispose();
            throw;
        }
        listener = made;
        accepting = AcceptAsync(made);
    }

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        listener?.Dispose();
        await accepting;
        Task[] left;
        lock (serving)
            left = [.. serving];
        await Task.WhenAll(left);
    }

    private async Task AcceptAsync(Socket socket)
    {
        try
        {
            while (true)
            {
                await room.WaitAsync(end.Token);
                var connection = await socket.AcceptAsync(end.Token);
                var task = ServeAsync(connection);
                lock (serving)
                    serving.Add(task);
                _ = task.ContinueWith(ended =>
                {
                    lock (serving)
                        serving.Remove(ended);
                    room.Release();
                }, TaskScheduler.Default);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // the process ends
        }
    }

    private async Task ServeAsync(Socket connection)
    {
        var peer = connection.RemoteEndPoint?.ToString() is { Length: > 0 } known ? known : "a local program";
        try
        {
            await using var stream = new NetworkStream(connection, ownsSocket: true);
            if (secure is null)
            {
                await serve(stream, end.Token);
                return;
            }
            await using var tls = new SslStream(stream);
            using (var limit = CancellationTokenSource.CreateLinkedTokenSource(end.Token))
            {
                limit.CancelAfter(Handshake);
                await tls.AuthenticateAsServerAsync(secure(), limit.Token);
            }
            await serve(tls, end.Token);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // the process ends
        }
        catch (Exception e)
        {
            // The edge of a source: the sender's connection, its certificate, or a defect of ours. The others go on.
            broke(peer, e is OperationCanceledException ? "It did not finish its TLS handshake." : e.InnerException is { } inner && e is AuthenticationException ? $"{e.Message} {inner.Message}" : e.Message);
        }
    }
}
