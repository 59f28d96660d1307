using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace Soar.Server.Http;

/// <summary>
/// The web console: the files that <c>designer/</c> was built to, beside the program, read once at start. Whatever no route answers is looked up here by its whole path, so that no
/// path reaches a file system. A page's own address (<c>/runs/…</c>) gets the console's one page, which reads it.
/// </summary>
internal sealed class ConsoleFiles
{
    private const string Page = "/index.html";

    private static readonly Dictionary<string, string> Types = new(StringComparer.Ordinal)
    {
        [".html"] = "text/html; charset=utf-8", [".js"] = "text/javascript; charset=utf-8", [".css"] = "text/css; charset=utf-8", [".svg"] = "image/svg+xml", [".woff2"] = "font/woff2", [".json"] = "application/json",
    };

    private readonly FrozenDictionary<string, Asset> assets;

    private ConsoleFiles(FrozenDictionary<string, Asset> assets) => this.assets = assets;

    private sealed record Asset(string Type, byte[] Plain, byte[]? Brotli, string Tag, bool Hashed);

    public static string Folder => Path.Combine(AppContext.BaseDirectory, "console");

    public static ConsoleFiles Load(string folder)
    {
        var files = Directory.Exists(folder) ? Directory.GetFiles(folder, "*", SearchOption.AllDirectories) : [];
        return new(files.Where(file => Types.ContainsKey(Path.GetExtension(file))).ToFrozenDictionary(file => "/" + Path.GetRelativePath(folder, file).Replace('\\', '/'), file =>
        {
            var plain = File.ReadAllBytes(file);
            var hashed = Path.GetFileName(Path.GetDirectoryName(file)) == "assets";
            return new Asset(Types[Path.GetExtension(file)], plain, File.Exists(file + ".br") ? File.ReadAllBytes(file + ".br") : null, $"\"{Convert.ToHexStringLower(SHA256.HashData(plain))[..32]}\"", hashed);
        }, StringComparer.Ordinal));
    }

    public Task ServeAsync(HttpContext context, RequestDelegate next)
    {
        var path = context.Request.Path.Value ?? "/";
        var reads = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        if (!reads || context.GetEndpoint() is not null || path.StartsWith("/api", StringComparison.Ordinal) || path.StartsWith("/health", StringComparison.Ordinal)) return next(context);
        if (assets.TryGetValue(path, out var asset)) return SendAsync(context, asset);
        // A name with a dot is a file that is not there; anything else is a page of the console.
        if (path.LastIndexOf('.') > path.LastIndexOf('/') && path != Page && !path.StartsWith("/playbooks/", StringComparison.Ordinal)) return next(context);
        return assets.TryGetValue(Page, out var page) ? SendAsync(context, page) : NotBuiltAsync(context);
    }

    private static async Task SendAsync(HttpContext context, Asset asset)
    {
        var response = context.Response;
        response.Headers.ETag = asset.Tag;
        response.Headers.Vary = "Accept-Encoding";
        // A hashed name never changes its content; the page that names it is asked for each time.
        response.Headers.CacheControl = asset.Hashed ? "public, max-age=31536000, immutable" : "no-cache";
        if (context.Request.Headers.IfNoneMatch.ToString() == asset.Tag)
        {
            response.StatusCode = 304;
            return;
        }

        var bytes = asset.Plain;
        if (asset.Brotli is { } brotli && StringWithQualityHeaderValue.TryParseList(context.Request.Headers.AcceptEncoding, out var accepted) && accepted.Any(a => a.Value == "br" && a.Quality != 0))
        {
            bytes = brotli;
            response.Headers.ContentEncoding = "br";
        }

        response.ContentType = asset.Type;
        response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(context.Request.Method)) await response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    private static Task NotBuiltAsync(HttpContext context)
    {
        context.Response.StatusCode = 404;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync("""
            Soar runs, and its HTTP API answers under /api.

            The web console is not part of this build: it needs npm (Node.js 20 or later) when Soar is built. Install it, then build once with

                dotnet build engine/Soar.Server -p:SoarConsole=true

            and start Soar again.
            """, context.RequestAborted);
    }
}
