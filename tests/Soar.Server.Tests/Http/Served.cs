using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Soar.Server.Http;
using Soar.Server.Node;
using Soar.Server.Settings;
using Soar.Testing;

namespace Soar.Server.Tests.Http;

/// <summary>The real server on a free port, in this process, on a store of the test's own.</summary>
internal sealed class Served : IAsyncDisposable
{
    public const string Password = "correct horse battery";

    private readonly TempFolder folder;

    private Served(TempFolder folder, SoarNode node, HttpServer server)
    {
        this.folder = folder;
        Node = node;
        Server = server;
    }

    public SoarNode Node { get; }
    public HttpServer Server { get; }
    public string Database => Path.Combine(folder.Path, ".soar", "soar.db");
    public Uri Address => new(Server.Addresses[0]);

    /// <param name="settings">The text of soar.yaml; the playbooks are written beside it.</param>
    /// <param name="playbooks">By name, what follows after the head.</param>
    public static Task<Served> StartAsync(string settings = "approvals: []\n", params (string Name, string Body)[] playbooks) => StartAsync(settings, files: [], playbooks);

    /// <param name="files">Whole playbooks, in folders of their own: <c>containment/block.csx</c>.</param>
    public static async Task<Served> StartAsync(string settings, (string Path, string Text)[] files, (string Name, string Body)[] playbooks)
    {
        var folder = new TempFolder();
        foreach (var (path, text) in files) folder.File(path, text);
        var file = folder.File("soar.yaml", settings);
        foreach (var (name, body) in playbooks) folder.File($"{name}.csx", $"Playbook(\"{name}\", version: \"1.0.0\", type: PlaybookType.Investigation, tlp: Tlp.Amber, summary: \"A test.\");\n{body}");
        var node = await SoarNode.OpenAsync(Workspace.Find(file, null, Path.Combine(folder.Path, ".soar")), TimeProvider.System, CancellationToken.None);
        return new Served(folder, node, await HttpServer.StartAsync(node, "http://127.0.0.1:0", CancellationToken.None));
    }

    /// <summary>A browser with nobody logged in.</summary>
    public Browser Browser() => new(Address);

    /// <summary>The first user, an administrator, logged in.</summary>
    public async Task<Browser> AdministratorAsync(string name = "root.admin")
    {
        var code = await Node.Logins.OfferSetUpAsync();
        var browser = Browser();
        if (code is not null) await browser.PostAsync("/api/setup", new { code, name, password = Password }, HttpStatusCode.NoContent);
        await browser.LoginAsync(name);
        return browser;
    }

    /// <summary>Another user with these roles, who sees everything, logged in.</summary>
    public Task<Browser> UserAsync(Browser administrator, string name, params string[] roles) => UserAsync(administrator, name, Soar.Storage.Grant.Everything, roles);

    public async Task<Browser> UserAsync(Browser administrator, string name, Soar.Storage.Grant? sight, params string[] roles)
    {
        var offered = await administrator.PostAsync("/api/users", new { name, roles, sight }, HttpStatusCode.Created);
        var browser = Browser();
        await browser.PostAsync("/api/password", new { code = offered.GetProperty("code").GetString(), password = Password }, HttpStatusCode.NoContent);
        await browser.LoginAsync(name);
        return browser;
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Node.DisposeAsync();
        folder.Dispose();
    }
}

/// <summary>A client with cookies and, once logged in, the antiforgery header; or with a token.</summary>
internal sealed class Browser(Uri address) : IDisposable
{
    private readonly HttpClient client = new(new SocketsHttpHandler { UseCookies = true, CookieContainer = new CookieContainer(), AllowAutoRedirect = false }) { BaseAddress = address, Timeout = TimeSpan.FromMinutes(5) }; // a playbook is compiled meanwhile, beside other tests

    private static readonly JsonSerializerOptions Words = new(JsonSerializerDefaults.Web) { Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter() } };

    public Uri Address => address;
    public string? Antiforgery { get; set; }
    public string? Token { get; set; }

    public async Task<JsonElement> LoginAsync(string name, string password = Served.Password)
    {
        var me = await PostAsync("/api/login", new { name, password }, HttpStatusCode.OK);
        Antiforgery = me.GetProperty("antiforgery").GetString();
        return me;
    }

    /// <param name="whole">False: the answer is looked at when its head is here; one that never ends must be.</param>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body = null, bool whole = true)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is string text) request.Content = new StringContent(text, Encoding.UTF8, "application/json");
        else if (body is HttpContent content) request.Content = content;
        else if (body is not null) request.Content = JsonContent.Create(body, options: Words);
        if (Antiforgery is not null) request.Headers.Add(Cookies.AntiforgeryHeader, Antiforgery);
        if (Token is not null) request.Headers.Authorization = new("Bearer", Token);
        return await client.SendAsync(request, whole ? HttpCompletionOption.ResponseContentRead : HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>A request as it is, with who is logged in; looked at when its head is here.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        if (Antiforgery is not null && !request.Headers.Contains(Cookies.AntiforgeryHeader)) request.Headers.Add(Cookies.AntiforgeryHeader, Antiforgery);
        return client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
    }

    public Task<JsonElement> GetAsync(string path, HttpStatusCode expected = HttpStatusCode.OK) => AnswerAsync(HttpMethod.Get, path, null, expected);

    public Task<JsonElement> PostAsync(string path, object? body, HttpStatusCode expected) => AnswerAsync(HttpMethod.Post, path, body, expected);

    public async Task<JsonElement> AnswerAsync(HttpMethod method, string path, object? body, HttpStatusCode expected)
    {
        using var response = await SendAsync(method, path, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == expected, $"{method} {path}: {(int)response.StatusCode} instead of {(int)expected}: {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }

    /// <summary>That it is refused with this status and code, as a problem document.</summary>
    public async Task<string> RefusedAsync(HttpMethod method, string path, object? body, int status, string code)
    {
        using var response = await SendAsync(method, path, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{method} {path}: {(int)response.StatusCode} instead of {status}: {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonDocument.Parse(text).RootElement;
        Assert.Equal(code, problem.GetProperty("code").GetString());
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        return problem.GetProperty("detail").GetString()!;
    }

    public void Dispose() => client.Dispose();
}
