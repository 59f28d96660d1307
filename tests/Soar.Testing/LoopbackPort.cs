using System.Net;
using System.Net.Sockets;

namespace Soar.Testing;

/// <summary>
/// Ports of the loopback address for servers that cannot take port 0. A port is given once while a process lives, and to one process of the machine: a lock file in the temporary
/// folder says whose it is. None is from the range that the system gives to connections going out, so nobody takes it before the server has started, nor while it is started again.
/// </summary>
public static class LoopbackPort
{
    private const int First = 20_000;
    private const int Count = 12_000; // Linux gives out 32768 and higher

    private static readonly string Folder = Path.Combine(Path.GetTempPath(), $"soar-ports-{Environment.UserName}");
    private static readonly Lock Gate = new();
    private static readonly List<FileStream> Taken = []; // held until the process ends
    private static int looked = Environment.ProcessId * 101; // processes begin to look at different places

    /// <summary>A TCP and UDP port that is free and stays this process's.</summary>
    public static int Take()
    {
        lock (Gate)
        {
            Directory.CreateDirectory(Folder);
            for (var i = 0; i < Count; i++)
            {
                var port = First + (int)((uint)looked++ % Count);
                if (Hold(port) is not { } file) continue;
                if (IsFree(port))
                {
                    Taken.Add(file);
                    return port;
                }

                file.Dispose();
            }
        }

        throw new InvalidOperationException($"No port from {First} on is free on the loopback address. End servers that earlier tests left.");
    }

    private static FileStream? Hold(int port)
    {
        try
        {
            // Exclusive among processes too, and let go by the system when the process ends in whatever way.
            return new FileStream(Path.Combine(Folder, $"{port}"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var stream = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            using var datagram = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            stream.Bind(new IPEndPoint(IPAddress.Loopback, port));
            stream.Listen();
            datagram.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
