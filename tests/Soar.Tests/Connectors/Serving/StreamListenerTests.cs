using System.Net;
using System.Net.Sockets;
using Soar.Connectors.Serving;

namespace Soar.Tests.Connectors.Serving;

public sealed class StreamListenerTests
{
    private const int Senders = 100;

    [Fact]
    public async Task Senders_that_come_together_and_are_done_at_once_leave_nobody_deaf()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var address = socket.LocalEndPoint!;
        var served = 0;
        await using var listener = new StreamListener(() => socket, Senders, null, (_, _) => Done(ref served), (_, _) => { }, _ => { }, TimeProvider.System);
        listener.Listen();
        var senders = Enumerable.Range(0, Senders).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)).ToList();
        foreach (var sender in senders) await sender.ConnectAsync(address);
        foreach (var sender in senders)
        {
            Assert.Equal(0, await sender.ReceiveAsync(new byte[1]).WaitAsync(TimeSpan.FromSeconds(30)));
            sender.Dispose();
        }

        Assert.Equal(Senders, served);
    }

    private static Task Done(ref int served)
    {
        Interlocked.Increment(ref served);
        return Task.CompletedTask;
    }
}
