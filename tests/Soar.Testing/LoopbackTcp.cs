using System.Net;
using System.Net.Sockets;

namespace Soar.Testing;

/// <summary>A TCP server on the loopback address that holds each conversation as the test says; a handler that returns closes.</summary>
public sealed class LoopbackTcp : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource end = new();
    private readonly Func<NetworkStream, CancellationToken, Task> speak;
    private readonly Task work;

    public LoopbackTcp(Func<NetworkStream, CancellationToken, Task> speak)
    {
        this.speak = speak;
        listener.Start();
        work = RunAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Says nothing until the test is over.</summary>
    public static Task Silence(CancellationToken cancellation) => new TaskCompletionSource().Task.WaitAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        listener.Stop();
        try
        {
            await work;
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // stopped
        }
        end.Dispose();
    }

    private async Task RunAsync()
    {
        var open = new List<Task>();
        try
        {
            while (!end.IsCancellationRequested)
                open.Add(ServeAsync(await listener.AcceptTcpClientAsync(end.Token)));
        }
        finally
        {
            await Task.WhenAll(open);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using var owned = client;
            await speak(client.GetStream(), end.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // the client left, or the test is over
        }
    }
}
