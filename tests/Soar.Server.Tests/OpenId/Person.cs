using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Soar.Server.Tests.OpenId;

/// <summary>Somebody at a browser: follows what server and provider say, fills in the provider's forms, and stops where a test wants to look.</summary>
internal sealed partial class Person : IDisposable
{
    private readonly HttpClient client;

    public Person(Uri soar)
    {
        Soar = soar;
        client = new HttpClient(new SocketsHttpHandler { UseCookies = true, CookieContainer = Cookies, AllowAutoRedirect = false });
    }

    public Uri Soar { get; }
    public CookieContainer Cookies { get; } = new();

    /// <summary>To the provider and through its forms, up to the address that it leads back to; that one is not opened.</summary>
    public async Task<Uri> BackFromAsync(string begin, string name)
    {
        var at = await RedirectAsync(new Uri(Soar, begin));
        return await ThroughAsync(at, name);
    }

    public async Task<Uri> ThroughAsync(Uri at, string name)
    {
        for (var i = 0; i < 20 && !at.AbsolutePath.EndsWith("/callback", StringComparison.Ordinal); i++)
        {
            using var page = await client.GetAsync(at);
            if (page.Headers.Location is { } next)
            {
                at = new Uri(at, next);
                continue;
            }

            var html = await page.Content.ReadAsStringAsync();
            Assert.True(page.StatusCode == HttpStatusCode.OK && Prompt().Match(html) is { Success: true }, $"{at}: {(int)page.StatusCode}: {html}");
            var form = new Dictionary<string, string> { ["prompt"] = Prompt().Match(html).Groups[1].Value, ["login"] = $"s-{name}", ["password"] = "any" };
            using var sent = await client.PostAsync(new Uri(at, Action().Match(html).Groups[1].Value), new FormUrlEncodedContent(form));
            at = new Uri(at, sent.Headers.Location!);
        }

        return at;
    }

    /// <summary>Opens an address of Soar's that leads elsewhere; where to.</summary>
    public async Task<Uri> RedirectAsync(Uri address)
    {
        using var response = await client.GetAsync(address);
        Assert.True(response.StatusCode == HttpStatusCode.Redirect, $"{address}: {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        return new Uri(Soar, response.Headers.Location!);
    }

    /// <summary>The whole way; the page that is opened at its end.</summary>
    public async Task<string> LogInAsync(string name, string begin = "/api/login/corp") => (await RedirectAsync(await BackFromAsync(begin, name))).PathAndQuery;

    public async Task<JsonElement> MeAsync()
    {
        using var response = await client.GetAsync(new Uri(Soar, "/api/me"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(HttpMethod method, string path, object? body = null, string? antiforgery = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(Soar, path));
        if (body is not null) request.Content = System.Net.Http.Json.JsonContent.Create(body);
        if (antiforgery is not null) request.Headers.Add(Server.Http.Cookies.AntiforgeryHeader, antiforgery);
        using var response = await client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }

    public void Dispose() => client.Dispose();

    [GeneratedRegex("name=\"prompt\" value=\"(\\w+)\"", RegexOptions.None, 1000)]
    private static partial Regex Prompt();

    [GeneratedRegex("action=\"([^\"]+)\"", RegexOptions.None, 1000)]
    private static partial Regex Action();
}
