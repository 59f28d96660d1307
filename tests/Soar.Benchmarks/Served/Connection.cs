using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Soar.Benchmarks.Served;

/// <summary>
/// One client's connection: HTTP/1.1, kept alive, one request after the other, blocking. As little as that is, because the clients share the machine with what they measure; the general client of the framework costs as much
/// as the server does.
/// </summary>
internal sealed class Connection : IDisposable
{
    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] buffer = new byte[64 * 1024];
    private int filled;
    private (int From, int Length) body;

    public Connection(int port) => socket.Connect(IPAddress.Loopback, port);

    /// <summary>Of the last answer.</summary>
    public ReadOnlySpan<byte> Body => buffer.AsSpan(body.From, body.Length);

    /// <summary>A request's bytes.</summary>
    public static byte[] Request(string method, string path, string token, string json = "") =>
        Encoding.UTF8.GetBytes($"{method} {path} HTTP/1.1\r\nHost: soar\r\nAuthorization: Bearer {token}\r\n{(json.Length == 0 && method == "GET" ? "" : $"Content-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(json)}\r\n")}\r\n{json}");

    /// <summary>The answer's status, once all of it is here.</summary>
    public int Send(ReadOnlySpan<byte> request)
    {
        filled = 0;
        for (var sent = 0; sent < request.Length;) sent += socket.Send(request[sent..]);
        int end;
        while ((end = buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8)) < 0) Receive();
        var head = Encoding.ASCII.GetString(buffer, 0, end + 2);
        var status = int.Parse(head.AsSpan(9, 3));
        if (Field(head, "Content-Length: ") is { } length) Whole(end + 4, int.Parse(length));
        else if (head.Contains("Transfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase)) Chunks(end + 4);
        else body = (end + 4, 0);
        return status;
    }

    public void Dispose() => socket.Dispose();

    private static string? Field(string head, string name)
    {
        var at = head.IndexOf(name, StringComparison.OrdinalIgnoreCase);
        return at < 0 ? null : head[(at + name.Length)..head.IndexOf('\r', at)];
    }

    private void Whole(int from, int length)
    {
        while (filled < from + length) Receive();
        body = (from, length);
    }

    /// <summary>The chunks' bytes are moved together.</summary>
    private void Chunks(int from)
    {
        var (at, to) = (from, from);
        while (true)
        {
            int line;
            while ((line = buffer.AsSpan(at, filled - at).IndexOf("\r\n"u8)) < 0) Receive();
            var size = Convert.ToInt32(Encoding.ASCII.GetString(buffer, at, line), 16);
            at += line + 2;
            while (filled < at + size + 2) Receive();
            buffer.AsSpan(at, size).CopyTo(buffer.AsSpan(to));
            (at, to) = (at + size + 2, to + size);
            if (size == 0) break;
        }

        body = (from, to - from);
    }

    private void Receive()
    {
        if (filled == buffer.Length) Array.Resize(ref buffer, buffer.Length * 2);
        var more = socket.Receive(buffer.AsSpan(filled));
        if (more == 0) throw new IOException("The server closed the connection.");
        filled += more;
    }
}
