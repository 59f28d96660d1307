using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Connectors.Mime;

namespace Soar.Connectors.Http;

/// <summary>Calls one declared web service. A playbook chooses the path below its address, never host, scheme or credential.</summary>
[Connector("http", "Calls a web service with JSON, forms, XML or text; address and credential are the instance's settings.", Proven = "HTTP/1.1 test servers only", Outside = true, Rate = "20/s")]
public sealed class HttpConnector(HttpSettings settings, ConnectorServices services) : IConnector, IHttp
{
    internal const int MostBody = 256 * 1024;
    private const string Wanted = "application/json, */*;q=0.5";

    private readonly HttpAccess access = new(settings.Rules() with { MaxBytes = MostBody, Authorise = request => Authorise(settings, request) }, services);

    public object Simulator { get; } = new HttpSimulator(settings);

    public async Task<HttpAnswer> GetAsync(string path, ActionContext context, CancellationToken cancellation)
    {
        var reply = await access.SendAsync(HttpCall.Reads(Join(settings, path)).Accept(Wanted), cancellation);
        return Answer(reply, reply.Text());
    }

    public async Task<HttpAnswer> PostAsync(string path, JsonElement body, ActionContext context, CancellationToken cancellation)
    {
        var call = HttpCall.Changes(HttpMethod.Post, Join(settings, path)).Json(body).Accept(Wanted).Header("Idempotency-Key", context.Key.Value);
        var reply = await access.SendAsync(call, cancellation);
        return Answer(reply, Cut(reply));
    }

    public async Task<HttpAnswer> SendAsync(
        string method, string path, string? body = null, string? mediaType = null, IReadOnlyDictionary<string, string>? headers = null, IReadOnlyDictionary<string, string>? form = null,
        ActionContext context = null!, CancellationToken cancellation = default)
    {
        var call = ChosenRequest.Of(settings, method, path, body, mediaType, headers, form);
        if (headers is null || !headers.Keys.Contains("Accept", StringComparer.OrdinalIgnoreCase))
            call = call.Accept(Wanted);
        if (call.Does == HttpDoes.Reads)
        {
            var read = await access.SendAsync(call, cancellation);
            return Answer(read, read.Text());
        }
        var reply = await access.SendAsync(call.Header("Idempotency-Key", context.Key.Value), cancellation);
        return Answer(reply, Cut(reply));
    }

    public Task<ConnectorTest> TestAsync(CancellationToken cancellation) => ConnectorTest.OfAsync(async () =>
    {
        var reply = await access.AnyAsync(HttpCall.Reads(Join(settings, settings.TestPath)).Accept(Wanted), cancellation);
        return reply.Status < 400
            ? new ConnectorTest(true, $"{HttpAccess.Show(reply.Address)} answers {reply.Status}.")
            : new ConnectorTest(false, access.Refused(reply, reply.Excerpt()).Message);
    });

    public ValueTask DisposeAsync()
    {
        access.Dispose();
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

    // It is done, whatever the length of the answer: what is too much is cut.
    private static string Cut(HttpReply reply) => Charsets.Decode(reply.Body, HttpReply.Charset(reply.Header("Content-Type") ?? ""), null);

    private static void Authorise(HttpSettings settings, HttpRequestMessage request)
    {
        if (settings.Token is { } token)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Reveal());
        else if (settings.Password is { } password)
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{settings.User}:{password.Reveal()}")));
        if (settings.Key is { } key)
            request.Headers.TryAddWithoutValidation(settings.KeyHeader!, key.Reveal());
    }

    private static HttpAnswer Answer(HttpReply reply, string body)
    {
        var type = reply.Header("Content-Type") ?? "";
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
}

/// <summary>Answers 200 with an empty JSON object; refuses what the connector refuses before it sends.</summary>
internal sealed class HttpSimulator(HttpSettings settings) : IHttp
{
    private static readonly HttpAnswer Empty = new(200, new Dictionary<string, string> { ["Content-Type"] = "application/json" }, "{}", JsonSerializer.SerializeToElement(new { }));

    public Task<HttpAnswer> GetAsync(string path, ActionContext context, CancellationToken cancellation) => AnswerAsync(path);
    public Task<HttpAnswer> PostAsync(string path, JsonElement body, ActionContext context, CancellationToken cancellation) => AnswerAsync(path);

    public Task<HttpAnswer> SendAsync(
        string method, string path, string? body = null, string? mediaType = null, IReadOnlyDictionary<string, string>? headers = null, IReadOnlyDictionary<string, string>? form = null,
        ActionContext context = null!, CancellationToken cancellation = default)
    {
        ChosenRequest.Of(settings.Address is null ? settings with { Address = new Uri("https://simulated.invalid/") } : settings, method, path, body, mediaType, headers, form);
        return Task.FromResult(Empty);
    }

    private Task<HttpAnswer> AnswerAsync(string path)
    {
        if (settings.Address is not null)
            HttpConnector.Join(settings, path);
        return Task.FromResult(Empty);
    }
}
