using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Soar.Testing;

/// <summary>A real HTTP/1.1 server on the loopback address that answers as the test says, byte for byte; one request per connection.</summary>
public sealed class LoopbackHttp : IAsyncDisposable
{
    public sealed record Request(string Method, string Target, IReadOnlyDictionary<string, string> Headers, string Body);

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource end = new();
    private readonly Func<Request, string?> answer;
    private readonly Task work;

    /// <param name="answer">The raw answer; null = close without one; "hang" = never answer.</param>
    public LoopbackHttp(Func<Request, string?> answer)
    {
        this.answer = answer;
        listener.Start();
        work = RunAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
    public List<Request> Requests { get; } = [];

    public static string Answer(int status, string body, string type = "application/json", params string[] headers) =>
        $"HTTP/1.1 {status} X\r\nContent-Type: {type}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n{body}";

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
            var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.UTF8);
            var start = (await reader.ReadLineAsync(end.Token))?.Split(' ');
            if (start is null)
                return;
            var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            while (await reader.ReadLineAsync(end.Token) is { Length: > 0 } line)
                headers[line[..line.IndexOf(':')]] = line[(line.IndexOf(':') + 1)..].Trim();
            var body = new char[int.Parse(headers.GetValueOrDefault("Content-Length", "0"))];
            if (body.Length > 0)
                await reader.ReadBlockAsync(body, end.Token);
            var request = new Request(start[0], start[1], headers, new string(body));
            lock (Requests)
                Requests.Add(request);
            var text = answer(request);
            if (text == "hang")
                await new TaskCompletionSource().Task.WaitAsync(end.Token);
            if (text is not null)
                await stream.WriteAsync(Encoding.UTF8.GetBytes(text), end.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // the client left, or the test is over
        }
    }
}
