using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Soar.Connectors.Serving;

/// <summary>
/// Takes connections of senders that only talk (syslog, EVE by socket), each served by itself. How many at once is limited: the others wait in the kernel's queue. While one waits, whoever has
/// said nothing for a minute makes room, first where most connections come from: somebody who only connects must not make the source deaf.
/// </summary>
/// <param name="bind">Makes the socket, bound.</param>
/// <param name="secure">What secures a new connection; null = nothing does.</param>
/// <param name="serve">Reads one connection to its end.</param>
/// <param name="broke">Told why a connection ended otherwise than by its sender's will.</param>
/// <param name="full">Told that all places are taken, once a minute at most.</param>
internal sealed class StreamListener(
    Func<Socket> bind, int mostConnections, Func<SslServerAuthenticationOptions>? secure, Func<Stream, CancellationToken, Task> serve, Action<string, string> broke, Action<string> full, TimeProvider clock)
    : IAsyncDisposable
{
    internal static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Handshake = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource end = new();
    private readonly SemaphoreSlim room = new(mostConnections, mostConnections);
    // By connection, not by task: those that end at once share one task.
    private readonly Dictionary<HeardStream, Task> serving = [];
    private DateTimeOffset fullTold;
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
            left = [.. serving.Values];
        await Task.WhenAll(left);
    }

    private async Task AcceptAsync(Socket socket)
    {
        try
        {
            while (true)
                if (await NextAsync(socket) is { } connection)
                    await TakeAsync(connection);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // the process ends
        }
    }

    private async Task<Socket?> NextAsync(Socket socket)
    {
        try
        {
            return await socket.AcceptAsync(end.Token);
        }
        catch (SocketException) when (!end.IsCancellationRequested)
        {
            // The sender went before it was taken, or the system has no more files to give: no reason to be deaf for good.
            await Task.Delay(Look, clock, end.Token);
            return null;
        }
    }

    private async Task TakeAsync(Socket connection)
    {
        HeardStream heard;
        try
        {
            await RoomAsync();
            heard = new HeardStream(connection, clock);
        }
        catch (OperationCanceledException)
        {
            connection.Dispose();
            throw;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            connection.Dispose(); // it went while it waited
            room.Release();
            return;
        }
        var task = ServeAsync(heard);
        lock (serving)
            serving.Add(heard, task);
        _ = task.ContinueWith(_ =>
        {
            lock (serving)
                serving.Remove(heard);
            room.Release();
        }, TaskScheduler.Default);
    }

    private async Task RoomAsync()
    {
        var free = room.WaitAsync(end.Token);
        while (!free.IsCompleted)
        {
            var look = Task.Delay(Look, clock, end.Token);
            MakeRoom();
            await Task.WhenAny(free, look);
        }
        await free;
    }

    private void MakeRoom()
    {
        lock (serving)
        {
            var most = serving.Keys.GroupBy(heard => heard.Host).OrderByDescending(group => group.Count()).ToList();
            if (clock.GetUtcNow() - fullTold >= Quiet && most.Count > 0)
            {
                fullTold = clock.GetUtcNow();
                full($"all {mostConnections} connections are taken, {most[0].Count()} of them by {most[0].Key}; the next sender waits.");
            }
            if (most.Select(group => group.MaxBy(heard => heard.Silent)!).FirstOrDefault(heard => heard.Silent >= Quiet) is not { } quiet)
                return;
            quiet.Hang();
            broke(quiet.Peer, $"It said nothing for {Durations.Say(Quiet)}, and all {mostConnections} places were taken.");
        }
    }

    private async Task ServeAsync(HeardStream stream)
    {
        var peer = stream.Peer;
        try
        {
            await using var owned = stream;
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
            if (!stream.Hung)
                broke(peer, e is OperationCanceledException ? "It did not finish its TLS handshake." : e.InnerException is { } inner && e is AuthenticationException ? $"{e.Message} {inner.Message}" : e.Message);
        }
    }

    /// <summary>A sender's connection that knows how long it has been waited for. While what it said is being handed over nobody waits for it.</summary>
    private sealed class HeardStream(Socket connection, TimeProvider clock) : NetworkStream(connection, ownsSocket: true)
    {
        private long since; // timestamp; 0 = nobody reads

        public string Peer { get; } = connection.RemoteEndPoint?.ToString() is { Length: > 0 } known ? known : "a local program";
        public string Host { get; } = connection.RemoteEndPoint is IPEndPoint from ? from.Address.ToString() : "local programs";
        public bool Hung { get; private set; }

        public TimeSpan Silent => !Hung && Interlocked.Read(ref since) is not 0 and var began ? clock.GetElapsedTime(began) : TimeSpan.Zero;

        /// <summary>It reads as if the sender had ended it: what was said before is still taken.</summary>
        public void Hang()
        {
            Hung = true;
            try
            {
                Socket.Shutdown(SocketShutdown.Both);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // it went by itself at this very moment
            }
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> into, CancellationToken cancellation = default)
        {
            Interlocked.Exchange(ref since, clock.GetTimestamp());
            try
            {
                return await base.ReadAsync(into, cancellation);
            }
            finally
            {
                Interlocked.Exchange(ref since, 0);
            }
        }
    }
}
