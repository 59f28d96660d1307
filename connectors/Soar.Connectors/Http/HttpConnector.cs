using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Connectors.Mime;

namespace Soar.Connectors.Http;

/// <summary>Calls one declared web service. A playbook chooses the path below its address, never host, scheme or credential.</summary>
[Connector("http", "Calls a web service with JSON; address and credential are the instance's settings.", Proven = "HTTP/1.1 test servers only")]
public sealed class HttpConnector(HttpSettings settings, ConnectorServices services) : IConnector, IHttp
{
    internal const int MostBody = 256 * 1024;

    private readonly Lazy<HttpAccess> access = new(() => new HttpAccess(new HttpRules
    {
        Hosts = new HashSet<string> { settings.Address!.IdnHost.ToLowerInvariant() }, AllowPrivate = settings.AllowPrivate, CaFile = settings.CaFile,
        ClientCertificate = settings.ClientCertificate, ClientKey = settings.ClientKey, Proxy = settings.Proxy, Timeout = settings.Timeout, MaxBytes = MostBody,
    }, services.Clock));

    public object Simulator { get; } = new HttpSimulator(settings);

    public async Task<HttpAnswer> GetAsync(string path, ActionContext context, CancellationToken cancellation)
    {
        var reply = await access.Value.GetAsync(Join(settings, path), Accept, Authorise, cancellation);
        if (reply.Status >= 300)
            throw access.Value.Refused(reply, effect: false, Excerpt(reply));
        if (reply.Truncated)
            throw ConnectorFailure.Permanent($"{HttpAccess.Show(reply.Address)} answered more than {MostBody / 1024} KiB. Ask for less, for example by page.", reason: "too-large");
        return Answer(reply);
    }

    public async Task<HttpAnswer> PostAsync(string path, JsonElement body, ActionContext context, CancellationToken cancellation)
    {
        var reply = await access.Value.PostAsync(Join(settings, path), request =>
        {
            Accept(request);
            Authorise(request);
            request.Headers.Add("Idempotency-Key", context.Key.Value);
            request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        }, cancellation);
        if (reply.Status >= 300)
            throw access.Value.Refused(reply, effect: true, Excerpt(reply));
        return Answer(reply);
    }

    public async Task<ConnectorTest> TestAsync(CancellationToken cancellation)
    {
        try
        {
            var reply = await access.Value.GetAsync(Join(settings, settings.TestPath), Accept, Authorise, cancellation);
            return reply.Status < 400
                ? new ConnectorTest(true, $"{HttpAccess.Show(reply.Address)} answers {reply.Status}.")
                : new ConnectorTest(false, access.Value.Refused(reply, effect: false, Excerpt(reply)).Message);
        }
        catch (SoarException e)
        {
            return new ConnectorTest(false, e.Message);
        }
    }

    public ValueTask DisposeAsync()
    {
        if (access.IsValueCreated)
            access.Value.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Path and query below the base address. What would leave it (another host, <c>..</c>) is refused.</summary>
    internal static Uri Join(HttpSettings settings, string path)
    {
        var root = settings.Address!.GetLeftPart(UriPartial.Path).TrimEnd('/');
        var relative = path.StartsWith('/') || path.StartsWith('?') || path.Length == 0 ? path : "/" + path;
        var plain = !path.Any(character => char.IsControl(character) || character is '\\' or '#') && !path.StartsWith("//", StringComparison.Ordinal);
        if (plain && Uri.TryCreate(root + relative, UriKind.Absolute, out var joined)
            && joined.Authority == settings.Address.Authority && joined.Scheme == settings.Address.Scheme && joined.UserInfo.Length == 0
            && (joined.GetLeftPart(UriPartial.Path) + "/").StartsWith(root + "/", StringComparison.Ordinal))
            return joined;
        throw ConnectorFailure.Permanent($"'{Charsets.Short(path)}' is not a path below {root}. Write path and query only, for example items/7?full=1.", reason: "path");
    }

    private static void Accept(HttpRequestMessage request) => request.Headers.Accept.ParseAdd("application/json, */*;q=0.5");

    private void Authorise(HttpRequestMessage request)
    {
        if (settings.Token is { } token)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Reveal());
        else if (settings.Password is { } password)
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{settings.User}:{password.Reveal()}")));
        if (settings.Key is { } key)
            request.Headers.TryAddWithoutValidation(settings.KeyHeader!, key.Reveal());
    }

    private static HttpAnswer Answer(HttpReply reply)
    {
        var type = reply.Header("Content-Type") ?? "";
        var body = Charsets.Decode(reply.Body, Charset(type), null);
        JsonElement? json = null;
        if (!reply.Truncated && (type.Contains("/json", StringComparison.OrdinalIgnoreCase) || type.Contains("+json", StringComparison.OrdinalIgnoreCase)))
        {
            try
            {
                using var document = JsonDocument.Parse(reply.Body);
                json = document.RootElement.Clone();
            }
            catch (JsonException)
            {
                // it says JSON and is none: the body tells
            }
        }
        return new HttpAnswer(reply.Status, reply.Headers, body, json);
    }

    private static string? Charset(string type)
    {
        var at = type.IndexOf("charset=", StringComparison.OrdinalIgnoreCase);
        return at < 0 ? null : type[(at + 8)..].Split(';')[0].Trim();
    }

    private static string Excerpt(HttpReply reply)
    {
        var text = string.Concat(Charsets.Guess(reply.Body.AsSpan(0, Math.Min(reply.Body.Length, 300))).Where(character => !char.IsControl(character)));
        return text.Trim();
    }
}

/// <summary>Answers 200 with an empty JSON object; refuses the paths that the connector refuses.</summary>
internal sealed class HttpSimulator(HttpSettings settings) : IHttp
{
    private static readonly HttpAnswer Empty = new(200, new Dictionary<string, string> { ["Content-Type"] = "application/json" }, "{}", JsonSerializer.SerializeToElement(new { }));

    public Task<HttpAnswer> GetAsync(string path, ActionContext context, CancellationToken cancellation) => AnswerAsync(path);
    public Task<HttpAnswer> PostAsync(string path, JsonElement body, ActionContext context, CancellationToken cancellation) => AnswerAsync(path);

    private Task<HttpAnswer> AnswerAsync(string path)
    {
        if (settings.Address is not null)
            HttpConnector.Join(settings, path);
        return Task.FromResult(Empty);
    }
}
