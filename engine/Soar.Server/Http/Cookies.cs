namespace Soar.Server.Http;

/// <summary>The session's cookie: no script reads it, no other site's request carries it; over TLS only where there is TLS.</summary>
internal static class Cookies
{
    public const string AntiforgeryHeader = "X-Soar-Antiforgery";

    // With the prefix a browser takes it over TLS only, and from no neighbouring domain.
    private static string Name(HttpContext context) => context.Request.IsHttps ? "__Host-soar" : "soar";

    public static string? Session(HttpContext context) => context.Request.Cookies.TryGetValue(Name(context), out var value) && value.Length <= 100 ? value : null;

    public static void Set(HttpContext context, string session, TimeSpan life) => context.Response.Cookies.Append(Name(context), session, Options(context, life));

    public static void Clear(HttpContext context) => context.Response.Cookies.Delete(Name(context), Options(context, null));

    private static CookieOptions Options(HttpContext context, TimeSpan? life) =>
        new() { HttpOnly = true, Secure = context.Request.IsHttps, SameSite = SameSiteMode.Strict, Path = "/", MaxAge = life, IsEssential = true };
}
