using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Soar.Connectors.Serving;

namespace Soar.Connectors.BlockList;

/// <summary>A list as it was given to a poller last.</summary>
internal sealed record Poll(DateTimeOffset At, string By, string Tag);

/// <summary>
/// Serves the lists to those who have their token: GET and HEAD, plain text, with an entity tag so that an unchanged list costs nothing. It tells nothing to anybody else, not even
/// which lists there are. While the file cannot be read it answers 503: a firewall then keeps what it has.
/// </summary>
internal sealed class BlockListServer(BlockListSettings settings, BlockListFile file, TimeProvider clock) : IAsyncDisposable
{
    private readonly Dictionary<string, Served> lists = settings.Lists.ToDictionary(list => list.Key, list => new Served(list.Value), StringComparer.Ordinal);
    private WebListener? listener;

    /// <summary>Who polled which list last, since this process serves it.</summary>
    public IReadOnlyDictionary<string, Poll> Polls => lists.Where(list => list.Value.Last is not null).ToDictionary(list => list.Key, list => list.Value.Last!);

    public bool Serves => Listener.Serves;

    /// <summary>The tag under which a list has what is on disk now.</summary>
    public string Tag(string list) => Render(lists[list]).Tag;

    public Task ListenAsync(CancellationToken cancellation) => Listener.ListenAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        if (listener is not null)
            await listener.DisposeAsync();
    }

    private WebListener Listener => listener ??= new WebListener(settings, mostBytes: 0, AnswerAsync);

    private async Task AnswerAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        response.Headers.CacheControl = "private, no-cache";
        response.Headers.XContentTypeOptions = "nosniff";
        var name = request.Path.Value?.TrimStart('/') ?? "";
        var list = lists.GetValueOrDefault(name.EndsWith(".txt", StringComparison.Ordinal) ? name[..^4] : name);
        if (list is null || !Allowed(request, list))
        {
            response.Headers.WWWAuthenticate = $"Basic {Presence.Realm}, charset=\"UTF-8\"";
            await SayAsync(context, StatusCodes.Status401Unauthorized, "No list for this address and token.\n");
            return;
        }
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            response.Headers.Allow = "GET, HEAD";
            await SayAsync(context, StatusCodes.Status405MethodNotAllowed, "GET or HEAD.\n");
            return;
        }
        RenderedList rendered;
        try
        {
            rendered = Render(list);
        }
        catch (SoarException)
        {
            response.Headers.RetryAfter = "60";
            await SayAsync(context, StatusCodes.Status503ServiceUnavailable, "The list cannot be read at the moment; keep the last one.\n");
            return;
        }
        list.Last = new Poll(clock.GetUtcNow(), context.Connection.RemoteIpAddress?.ToString() ?? "?", rendered.Tag);
        response.Headers.ETag = rendered.Tag;
        if (Knows(request, rendered.Tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        response.ContentType = "text/plain; charset=utf-8";
        response.ContentLength = rendered.Body.Length;
        if (HttpMethods.IsGet(request.Method))
            await response.Body.WriteAsync(rendered.Body, context.RequestAborted);
    }

    private static Task SayAsync(HttpContext context, int status, string words)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.ContentLength = words.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.WriteAsync(words, context.RequestAborted);
    }

    private static bool Allowed(HttpRequest request, Served list) =>
        (Given(request) is { } given && list.Is(given))
        || (list.Settings.TokenInAddress && request.Query["token"] is [{ } inAddress] && list.Is(inAddress));

    // A Bearer token, or the password of HTTP Basic.
    private static string? Given(HttpRequest request)
    {
        if (!System.Net.Http.Headers.AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header) || header.Parameter is null)
            return null;
        if (header.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
            return header.Parameter;
        if (!header.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase))
            return null;
        var bytes = new byte[header.Parameter.Length];
        if (!Convert.TryFromBase64String(header.Parameter, bytes, out var length))
            return null;
        var pair = Encoding.UTF8.GetString(bytes, 0, length);
        return pair.Contains(':') ? pair[(pair.IndexOf(':') + 1)..] : null;
    }

    private static bool Knows(HttpRequest request, string tag) =>
        EntityTagHeaderValue.TryParseList([.. request.Headers.IfNoneMatch.OfType<string>()], out var tags)
        && tags.Any(known => known.Tag == "*" || known.Compare(EntityTagHeaderValue.Parse(tag), useStrongComparison: false));

    private RenderedList Render(Served list)
    {
        var (entries, now) = (file.Current, clock.GetUtcNow());
        if (list.Rendered is not { } rendered || !ReferenceEquals(rendered.Of, entries) || rendered.List.ValidUntil <= now)
            list.Rendered = rendered = new(entries, entries.Render(list.Settings.Family, now));
        return rendered.List;
    }

    private sealed class Served(ServedListSettings settings)
    {
        private readonly byte[] token = Hash(settings.Token!.Reveal());

        public ServedListSettings Settings => settings;
        public Rendering? Rendered { get; set; }
        public Poll? Last { get; set; }

        public bool Is(string given) => CryptographicOperations.FixedTimeEquals(Hash(given), token);

        private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
    }

    private sealed record Rendering(BlockedEntries Of, RenderedList List);
}
