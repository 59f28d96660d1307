using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Soar.Testing.Contract;

/// <summary>What an HTTP double answers.</summary>
public sealed record HttpTold(int Status, string Body = "", string Type = "application/json", params string[] Headers);

/// <summary>
/// A web service on the loopback address, one request per connection. The test says how it answers when all is well, and what stands there; every <see cref="Trouble"/> is made here,
/// so that an HTTP connector's suite is its product's double and nothing else.
/// </summary>
public sealed class HttpOtherSide : OtherSide
{
    private readonly LoopbackTcp server;
    private readonly TcpListener silent = new(IPAddress.Loopback, 0);
    private readonly TcpListener undeclared = new(IPAddress.Parse("127.0.0.9"), 0);
    private readonly Func<HttpAsked, HttpTold> answer;
    private readonly Func<string> state;
    private readonly Func<HttpAsked, bool> changes;
    private readonly Lock gate = new();
    private TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Trouble? trouble;
    private bool changesOnly;
    private Uri? elsewhere;
    private Uri? onward;

    /// <param name="answer">Does what is asked and answers, as the product would. Called one at a time.</param>
    /// <param name="state">Everything that stands there.</param>
    /// <param name="changes">Which requests change something; null = all but GET and HEAD.</param>
    public HttpOtherSide(Func<HttpAsked, HttpTold> answer, Func<string> state, Func<HttpAsked, bool>? changes = null)
    {
        (this.answer, this.state) = (answer, state);
        this.changes = changes ?? (request => request.Method is not ("GET" or "HEAD"));
        server = new LoopbackTcp(ServeAsync);
        silent.Start();
        undeclared.Start();
    }

    /// <summary>The same from a double that answers <see cref="LoopbackHttp"/>'s way.</summary>
    public static HttpOtherSide Speaking(Func<HttpAsked, string?> answer, Func<string> state, Func<HttpAsked, bool>? changes = null) =>
        new(request => Told(answer(request)!), state, changes);

    public Uri Address => elsewhere ?? new Uri($"http://127.0.0.1:{server.Port}/");

    /// <summary>With a refusal, and with an answer of 200 that is not what was asked for.</summary>
    public override IReadOnlyList<Trouble> CanEcho => [Trouble.Forbidden, Trouble.Garbage];

    public override IEnumerable<string> Credentials =>
        Requests.SelectMany(request => request.Headers).Where(header => header.Key == "Authorization").Select(header => header.Value.Split(' ')[^1]).Where(credential => credential.Length > 12);

    public List<HttpAsked> Requests { get; } = [];

    public override string State
    {
        get
        {
            lock (gate) return state();
        }
    }

    public override int? Changes
    {
        get
        {
            lock (gate) return Requests.Count(changes);
        }
    }

    public override Task WhenAsked => asked.Task;

    public override bool Strayed => undeclared.Pending();

    protected override bool CanRedirect => true;

    /// <summary>The same service at another port of the same host.</summary>
    public HttpOtherSide Branch() => new(answer, state, changes);

    /// <summary>From now on it sends everybody who reads on to that one.</summary>
    public void SendTo(HttpOtherSide branch) => onward = branch.Address;

    public override async ValueTask DisposeAsync()
    {
        silent.Dispose();
        undeclared.Dispose();
        await server.DisposeAsync();
    }

    protected override Expectation Bring(Trouble which, bool onlyChanges)
    {
        lock (gate)
        {
            (trouble, changesOnly) = (which, onlyChanges);
            asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            elsewhere = which switch
            {
                Trouble.Refused => new Uri("http://127.0.0.1:1/"),
                Trouble.SilentBefore => new Uri($"https://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/"), // never answers the TLS handshake
                _ => null,
            };
        }

        return Expectation.Usual;
    }

    private async Task ServeAsync(NetworkStream stream, CancellationToken end)
    {
        if (await HttpAsked.ReadAsync(stream, end) is not { } request) return;
        HttpTold told;
        Trouble? now;
        lock (gate)
        {
            Requests.Add(request);
            now = trouble is not null && (!changesOnly || changes(request)) ? trouble : null;
            told = now switch
            {
                Trouble.Unauthorised => Refusal(401, request),
                Trouble.Forbidden => Refusal(403, request),
                Trouble.Missing => Refusal(404, request),
                Trouble.Conflict => Refusal(409, request),
                Trouble.Limited => Refusal(429, request, "Retry-After: 7"),
                Trouble.ServerError => Refusal(500, request),
                Trouble.Unavailable => Refusal(503, request),
                Trouble.Redirected => new HttpTold(307, "", "text/plain", $"Location: http://{undeclared.LocalEndpoint}{request.Target}"),
                _ when onward is not null && request.Method == "GET" => new HttpTold(307, "", "text/plain", $"Location: {new Uri(onward, request.Target)}"),
                _ => answer(request),
            };
            if (now is not null) asked.TrySetResult();
        }

        await (now switch
        {
            Trouble.SilentAfter => LoopbackTcp.Silence(end),
            Trouble.BrokenAfter => Task.CompletedTask,
            Trouble.Garbage => SendAsync(stream, told with { Body = $"<html><body>Down for maintenance{(Echoes ? ", " + Sent(request) : "")}</body></html>", Type = "text/html" }, null, end),
            Trouble.Truncated => SendAsync(stream, told with { Body = told.Body[..(told.Body.Length / 2)] }, Encoding.UTF8.GetByteCount(told.Body) + 100, end),
            Trouble.Huge => FloodAsync(stream, told, end),
            _ => SendAsync(stream, told, null, end),
        });
    }

    private static HttpTold Told(string raw)
    {
        var end = raw.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var lines = raw[..end].Split("\r\n");
        var headers = lines.Skip(1).Where(line => line.Split(':')[0] is not ("Content-Type" or "Content-Length" or "Connection")).ToArray();
        var type = lines.FirstOrDefault(line => line.StartsWith("Content-Type:", StringComparison.Ordinal))?["Content-Type:".Length..].Trim();
        return new HttpTold(int.Parse(lines[0].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture), raw[(end + 4)..], type ?? "application/json", headers);
    }

    private HttpTold Refusal(int status, HttpAsked request, params string[] headers)
    {
        var words = Echoes ? Sent(request) : "no";
        return new HttpTold(status, $"{{\"message\":{System.Text.Json.JsonSerializer.Serialize(words)}}}", "application/json", headers);
    }

    private static string Sent(HttpAsked request) => $"you sent {request.Target} {string.Join(" ", request.Headers.Select(header => $"{header.Key}={header.Value}"))} {request.Body}";

    private static async Task SendAsync(NetworkStream stream, HttpTold told, int? length, CancellationToken end)
    {
        var head = $"HTTP/1.1 {told.Status} X\r\nConnection: close\r\n{(told.Status == 204 ? "" : $"Content-Type: {told.Type}\r\nContent-Length: {length ?? Encoding.UTF8.GetByteCount(told.Body)}\r\n")}"
            + string.Concat(told.Headers.Select(header => header + "\r\n"));
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"{head}\r\n{(told.Status == 204 ? "" : told.Body)}"), end);
    }

    // It goes on until the client has had enough; a client that takes everything gets a quarter of a gigabyte.
    private static async Task FloodAsync(NetworkStream stream, HttpTold told, CancellationToken end)
    {
        const int Pieces = 4_096;
        var piece = Encoding.UTF8.GetBytes(new string(' ', 65_536));
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 200 X\r\nContent-Type: {told.Type}\r\nConnection: close\r\nContent-Length: {(long)Pieces * piece.Length}\r\n\r\n"), end);
        for (var i = 0; i < Pieces; i++) await stream.WriteAsync(piece, end);
    }
}
