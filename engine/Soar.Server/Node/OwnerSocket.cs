using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Soar.Capabilities;

namespace Soar.Server.Node;

/// <summary>
/// The local socket beside the store's file. The process that owns the store listens; other <c>soar</c> commands send their changes to it.
/// One request a connection: a line <c>{"call":…,"args":…}</c>, answered by any number of lines <c>{"event":…}</c> and a last line
/// <c>{"result":…}</c> or <c>{"error":{"code":…,"message":…}}</c>. Only the file's owner may connect (mode 0600).
/// </summary>
internal sealed class OwnerSocket : IAsyncDisposable
{
    /// <summary>A socket's address has this much room, and no more: the kernel's <c>sun_path</c> without its end.</summary>
    public const int LongestPath = 107;

    public delegate Task<object?> Handler(string call, JsonElement arguments, Func<object, Task> send, CancellationToken cancellation);

    private readonly Socket listener;
    private readonly string path;
    private readonly Handler handler;
    private readonly TimeProvider clock;
    private readonly CancellationTokenSource stopping = new();
    private readonly Task accepting;

    public OwnerSocket(string path, Handler handler, TimeProvider clock)
    {
        this.path = path;
        this.handler = handler;
        this.clock = clock;
        // The store's lock says that no other process owns it, so a socket file that is still here is left over from one that was killed.
        File.Delete(path);
        listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        // A full queue turns a command away as if nobody listened. The kernel caps it (somaxconn).
        listener.Listen(4_096);
        accepting = AcceptAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Dispose();
        await accepting;
        File.Delete(path);
        stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            Socket connection;
            try
            {
                connection = await listener.AcceptAsync(stopping.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // No file descriptors are left, or the client is gone again. The owner goes on to be asked.
                await Task.Delay(TimeSpan.FromMilliseconds(100), clock, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            _ = ServeAsync(connection);
        }
    }

    private async Task ServeAsync(Socket connection)
    {
        await using var stream = new NetworkStream(connection, ownsSocket: true);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
        var writing = new SemaphoreSlim(1);
        async Task Send(JsonObject line)
        {
            await writing.WaitAsync(gone.Token);
            try { await stream.WriteAsync(Encoding.UTF8.GetBytes(line.ToJsonString(SoarJson.Options) + "\n"), gone.Token); }
            finally { writing.Release(); }
        }

        try
        {
            if (await reader.ReadLineAsync(gone.Token) is not { } line) return;
            var request = JsonDocument.Parse(line).RootElement;
            // A client that goes away cancels what it asked for (it only ever watches; changes are on disk by then or not begun).
            _ = reader.ReadLineAsync(gone.Token).AsTask().ContinueWith(_ => gone.CancelAsync(), TaskScheduler.Default);
            try
            {
                var result = await handler(request.GetProperty("call").GetString()!, request.GetProperty("args"),
                    item => Send(new JsonObject { ["event"] = JsonSerializer.SerializeToNode(item, SoarJson.Options) }), gone.Token);
                await Send(new JsonObject { ["result"] = JsonSerializer.SerializeToNode(result, SoarJson.Options) });
            }
            catch (SoarException error)
            {
                await Send(new JsonObject { ["error"] = new JsonObject { ["code"] = error.Code, ["message"] = error.Message } });
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or JsonException)
        {
            // The client went away, or did not speak our protocol: nothing to answer.
        }
    }
}

/// <summary>The other end: sends one call to the owner of the store.</summary>
internal static class OwnerClient
{
    /// <summary>Null when nobody listens there.</summary>
    public static async Task<Stream?> ConnectAsync(string path, CancellationToken cancellation)
    {
        if (!File.Exists(path)) return null;
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }

    public static async Task<JsonElement> CallAsync(Stream stream, string call, object arguments, Func<JsonElement, Task> received, CancellationToken cancellation)
    {
        var request = new JsonObject { ["call"] = call, ["args"] = JsonSerializer.SerializeToNode(arguments, SoarJson.Options) };
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request.ToJsonString(SoarJson.Options) + "\n"), cancellation);
        using var reader = new StreamReader(stream, Encoding.UTF8, leaveOpen: true);
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            var answer = JsonDocument.Parse(line).RootElement;
            if (answer.TryGetProperty("event", out var item)) await received(item);
            else if (answer.TryGetProperty("result", out var result)) return result;
            else if (answer.TryGetProperty("error", out var error))
                throw new SoarException(error.GetProperty("code").GetString()!, error.GetProperty("message").GetString()!);
        }

        throw new SoarException("SOAR5003", "The process that owns the store went away before it answered. Look with 'soar runs' and 'soar audit' whether the change was made before you try again: what it had begun goes on when 'soar serve' or any soar command opens the store.");
    }
}
