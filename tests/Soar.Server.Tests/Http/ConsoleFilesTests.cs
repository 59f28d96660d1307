using Microsoft.AspNetCore.Http;
using Soar.Server.Http;
using Soar.Testing;

namespace Soar.Server.Tests.Http;

/// <summary>The console's files, as a browser asks for them.</summary>
public sealed class ConsoleFilesTests : IDisposable
{
    private readonly TempFolder folder = new();

    public ConsoleFilesTests()
    {
        folder.File("index.html", "<html>");
        folder.File("assets/app-1a2b.js", "plain script");
        folder.File("assets/app-1a2b.js.br", "compressed");
        folder.File("secret.yaml", "not a kind that is served");
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_hashed_file_is_kept_by_browsers_and_the_page_is_asked_for_each_time()
    {
        var script = await AskAsync("/assets/app-1a2b.js");
        Assert.Equal((200, "plain script", "text/javascript; charset=utf-8"), (script.Status, script.Body, script.Headers.ContentType.ToString()));
        Assert.Equal("public, max-age=31536000, immutable", script.Headers.CacheControl.ToString());
        Assert.Equal("no-cache", (await AskAsync("/")).Headers.CacheControl.ToString());
    }

    [Fact]
    public async Task Who_takes_brotli_gets_what_the_build_compressed_and_who_has_it_gets_nothing()
    {
        var small = await AskAsync("/assets/app-1a2b.js", ("Accept-Encoding", "gzip, br;q=0.8"));
        Assert.Equal(("compressed", "br", "Accept-Encoding"), (small.Body, small.Headers.ContentEncoding.ToString(), small.Headers.Vary.ToString()));
        Assert.Equal("plain script", (await AskAsync("/assets/app-1a2b.js", ("Accept-Encoding", "br;q=0, gzip"))).Body);
        var again = await AskAsync("/assets/app-1a2b.js", ("If-None-Match", small.Headers.ETag.ToString()));
        Assert.Equal((304, ""), (again.Status, again.Body));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/runs/01a22cab-21c9-7598-b394-501611f081a6")]
    [InlineData("/inbox")]
    [InlineData("/playbooks/with.dots")]
    public async Task An_address_of_the_console_is_its_one_page(string path) => Assert.Equal((200, "<html>"), ((await AskAsync(path)).Status, (await AskAsync(path)).Body));

    [Theory]
    [InlineData("/api/nowhere")]
    [InlineData("/api")]
    [InlineData("/health/nowhere")]
    [InlineData("/assets/app-0000.js")]
    [InlineData("/secret.yaml")]
    [InlineData("/../secret.yaml")]
    [InlineData("/assets/..%2f..%2fsecret.yaml")]
    public async Task What_is_no_file_and_no_page_is_left_to_whoever_comes_after(string path) => Assert.Equal(404, (await AskAsync(path)).Status);

    [Fact]
    public async Task Nothing_but_reading_is_answered()
    {
        var files = ConsoleFiles.Load(folder.Path);
        var context = Context("/inbox");
        context.Request.Method = "POST";
        await files.ServeAsync(context, PassedOn);
        Assert.Equal(404, context.Response.StatusCode);
    }

    [Fact]
    public async Task Where_no_console_was_built_the_first_page_says_how_to_get_it()
    {
        var files = ConsoleFiles.Load(Path.Combine(folder.Path, "nowhere"));
        var context = Context("/");
        await files.ServeAsync(context, PassedOn);
        Assert.Contains("-p:SoarConsole=true", Body(context), StringComparison.Ordinal);
    }

    private sealed record Answer(int Status, string Body, IHeaderDictionary Headers);

    private async Task<Answer> AskAsync(string path, params (string Name, string Value)[] headers)
    {
        var context = Context(path);
        foreach (var (name, value) in headers) context.Request.Headers[name] = value;
        await ConsoleFiles.Load(folder.Path).ServeAsync(context, PassedOn);
        return new(context.Response.StatusCode, Body(context), context.Response.Headers);
    }

    private static Task PassedOn(HttpContext context)
    {
        context.Response.StatusCode = 404;
        return Task.CompletedTask;
    }

    private static DefaultHttpContext Context(string path)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = "GET";
        context.Request.Path = path;
        context.Response.Body = new MemoryStream();
        return context;
    }

    private static string Body(HttpContext context) => System.Text.Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray());
}
