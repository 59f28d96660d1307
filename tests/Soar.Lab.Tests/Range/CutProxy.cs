using System.Net;
using System.Net.Sockets;

namespace Soar.Lab.Tests.Range;

/// <summary>
/// Passes connections on to a server, one after the other, and cuts the first whose bytes from the client hold a certain text: before or after those bytes reached the
/// server, and without letting any answer through from then on. Later connections pass.
/// </summary>
internal sealed class CutProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource end = new();
    private readonly Task work;

    public CutProxy(int server, byte[] trigger, bool deliver)
    {
        listener.Start();
        work = RunAsync(server, trigger, deliver);
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        listener.Stop();
        try
        {
            await work;
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // cutting is what it is for
        }
        end.Dispose();
    }

    private async Task RunAsync(int port, byte[] trigger, bool deliver)
    {
        var spent = false;
        while (true)
        {
            using var client = await listener.AcceptTcpClientAsync(end.Token);
            try
            {
                spent |= await PassAsync(client, port, spent ? [] : trigger, deliver);
            }
            catch (IOException)
            {
                // one side has left: the next connection
            }
        }
    }

    private async Task<bool> PassAsync(TcpClient client, int port, byte[] trigger, bool deliver)
    {
        using var server = new TcpClient();
        await server.ConnectAsync(IPAddress.Loopback, port, end.Token);
        var (near, far) = (client.GetStream(), server.GetStream());
        var cut = false;
        var answers = PassAnswersAsync(far, near, () => Volatile.Read(ref cut));
        var seen = new List<byte>();
        var buffer = new byte[16_384];
        int read;
        while ((read = await near.ReadAsync(buffer, end.Token)) > 0)
        {
            seen.AddRange(buffer.AsSpan(0, read));
            var hit = trigger.Length > 0 && System.Runtime.InteropServices.CollectionsMarshal.AsSpan(seen).IndexOf(trigger) >= 0;
            if (hit)
                Volatile.Write(ref cut, value: true);
            if (!hit || deliver)
                await far.WriteAsync(buffer.AsMemory(0, read), end.Token);
            if (!hit)
                continue;
            if (deliver)
                await answers; // the server has answered: it has the mail
            client.Client.LingerState = new LingerOption(enable: true, seconds: 0); // a reset, as a dying firewall sends it
            client.Close();
            return true;
        }
        return false;
    }

    // Ends with the first answer after the cut, which is swallowed.
    private async Task PassAnswersAsync(NetworkStream from, NetworkStream to, Func<bool> cut)
    {
        var buffer = new byte[16_384];
        int read;
        while ((read = await from.ReadAsync(buffer, end.Token)) > 0)
        {
            if (cut())
                return;
            await to.WriteAsync(buffer.AsMemory(0, read), end.Token);
        }
    }
}
