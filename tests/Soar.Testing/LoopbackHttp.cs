using System.Net.Sockets;
using System.Text;
using Soar.Testing.Contract;

namespace Soar.Testing;

/// <summary>A real HTTP/1.1 server on the loopback address that answers as the test says, byte for byte; one request per connection.</summary>
public sealed class LoopbackHttp : IAsyncDisposable
{
    private readonly Func<HttpAsked, string?> answer;
    private readonly LoopbackTcp server;

    /// <param name="answer">The raw answer; null = close without one; "hang" = never answer.</param>
    public LoopbackHttp(Func<HttpAsked, string?> answer)
    {
        this.answer = answer;
        server = new LoopbackTcp(ServeAsync);
    }

    public Uri Address => new($"http://127.0.0.1:{server.Port}/");
    public List<HttpAsked> Requests { get; } = [];

    public static string Answer(int status, string body, string type = "application/json", params string[] headers) =>
        $"HTTP/1.1 {status} X\r\nContent-Type: {type}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n{body}";

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private async Task ServeAsync(NetworkStream stream, CancellationToken end)
    {
        if (await HttpAsked.ReadAsync(stream, end) is not { } request)
            return;
        lock (Requests)
            Requests.Add(request);
        var text = answer(request);
        if (text == "hang")
            await LoopbackTcp.Silence(end);
        if (text is not null)
            await stream.WriteAsync(Encoding.UTF8.GetBytes(text), end);
    }
}
