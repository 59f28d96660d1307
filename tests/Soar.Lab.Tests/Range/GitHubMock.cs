using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;

namespace Soar.Lab.Tests.Range;

/// <summary>
/// A mock of api.github.com that refuses every request that is not as GitHub's own OpenAPI description wants it. npm brings description and mock (Prism) into a folder of the machine's
/// temporary files, once; nothing of them is in the repository. A proxy in front records what was asked and answered.
/// </summary>
public sealed class GitHubMock : LabServer
{
    private const string Prism = "@stoplight/prism-cli@5.14.2";
    private const string Description = "@octokit/openapi@23.0.2";

    /// <summary>What of the description is kept: the whole takes Prism a quarter of a minute to read.</summary>
    public static readonly IReadOnlyList<string> Paths =
    [
        "/repos/{owner}/{repo}/issues", "/repos/{owner}/{repo}/issues/{issue_number}", "/repos/{owner}/{repo}/issues/{issue_number}/comments", "/repos/{owner}/{repo}/issues/{issue_number}/timeline",
        "/repos/{owner}/{repo}", "/repos/{owner}/{repo}/installation", "/search/issues", "/user", "/app", "/app/installations/{installation_id}/access_tokens",
    ];

    // Prism skips a body whose schema its validator cannot read, in silence: "nullable" without "type" is such a one. The description lacks the media type that GitHub
    // recommends, and has one example wrapped twice.
    private const string Trim = """
        import { readFileSync, writeFileSync } from 'node:fs';
        const [source, target, ...keep] = process.argv.slice(2);
        const whole = JSON.parse(readFileSync(source, 'utf8'));
        const paths = {};
        for (const path of keep) {
          if (!whole.paths[path]) throw new Error(`the description has no ${path}`);
          paths[path] = whole.paths[path];
        }
        const seen = new Set();
        const mend = (node) => {
          if (node === null || typeof node !== 'object' || seen.has(node)) return;
          seen.add(node);
          if (node.nullable === true && node.type === undefined) delete node.nullable;
          for (const example of Object.values(node.examples ?? {}))
            if (example?.value?.value && example.value['x-github-breaking-changes']) example.value = example.value.value;
          for (const value of Object.values(node)) mend(value);
        };
        mend(paths);
        for (const path of Object.values(paths))
          for (const operation of Object.values(path))
            for (const response of Object.values(operation.responses ?? {}))
              if (response.content?.['application/json']) response.content['application/vnd.github+json'] = response.content['application/json'];
        writeFileSync(target, JSON.stringify({ openapi: whole.openapi, info: whole.info, servers: [{ url: '/' }], paths }));
        """;

    private readonly HttpListener listener = new();
    private readonly HttpClient http = new();
    private Task work = Task.CompletedTask;
    private string? absent;

    public GitHubMock() : base("github") => Stand(Start);

    /// <param name="Violations">What of the request is not as the description wants it; GitHub's own example answers are not all as it wants them either, which is none of ours.</param>
    public sealed record Call(string Method, string Path, int Status, IReadOnlyList<string> Violations);

    public Uri Address { get; private set; } = new("http://127.0.0.1:1/");

    public ConcurrentQueue<Call> Calls { get; } = new();

    /// <summary>What is made of the mock's answers, which are the description's examples: method and body.</summary>
    public Func<string, string, string> Rewrite { get; set; } = (_, answer) => answer;

    public void Require() => Assert.SkipWhen(absent is not null, absent ?? "");

    private protected override void End()
    {
        listener.Close();
        work.Wait();
        base.End();
        http.Dispose();
    }

    private void Start()
    {
        if (!Tools.Has("node", "npm"))
        {
            absent = "node and npm are not installed on this machine";
            return;
        }

        var folder = Path.Combine(Path.GetTempPath(), $"soar-lab-github-{Environment.UserName}");
        if (Install(folder) is { } problem)
        {
            absent = problem;
            return;
        }

        var description = In("trimmed.json");
        File.WriteAllText(In("trim.mjs"), Trim);
        Tools.Must("node", ["--max-old-space-size=4000", In("trim.mjs"), Path.Combine(folder, "node_modules/@octokit/openapi/generated/api.github.com.deref.json"), description, .. Paths]);
        var port = LoopbackPort.Take();
        Server = Tools.Serve(In("prism.log"), port, TimeSpan.FromMinutes(2), "node", Path.Combine(folder, "node_modules/@stoplight/prism-cli/dist/index.js"), "mock", "-h", "127.0.0.1", "-p", $"{port}", description);
        Address = new Uri($"http://127.0.0.1:{LoopbackPort.Take()}/");
        listener.Prefixes.Add(Address.ToString());
        listener.Start();
        work = ServeAsync(port);
    }

    private static List<string> Violations(HttpResponseMessage answer) => !answer.Headers.TryGetValues("sl-violations", out var values)
        ? []
        : [.. JsonSerializer.Deserialize<JsonElement>(string.Concat(values)).EnumerateArray().Where(violation => violation.GetProperty("location")[0].GetString() == "request").Select(violation => violation.GetRawText())];

    private static string? Install(string folder)
    {
        Directory.CreateDirectory(folder);
        // Test processes of one machine share it, and one of them brings it.
        using var alone = Tools.Alone(Path.Combine(folder, "lock"), TimeSpan.FromMinutes(5));
        var done = Path.Combine(folder, "installed");
        var wanted = $"{Prism} {Description}";
        if (File.Exists(done) && File.ReadAllText(done) == wanted)
            return null;
        File.WriteAllText(Path.Combine(folder, "package.json"), """{"private":true}""");
        var npm = Tools.Run("npm", "install", "--prefix", folder, "--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", Prism, Description);
        if (npm.ExitCode != 0)
            return $"npm cannot install {Prism} and {Description} on this machine (exit {npm.ExitCode})";
        File.WriteAllText(done, wanted);
        return null;
    }

    private async Task ServeAsync(int port)
    {
        while (listener.IsListening)
        {
            try
            {
                var context = await listener.GetContextAsync();
                using var request = new HttpRequestMessage(new HttpMethod(context.Request.HttpMethod), new Uri($"http://127.0.0.1:{port}{context.Request.RawUrl}"));
                if (context.Request.HasEntityBody)
                    request.Content = new StreamContent(context.Request.InputStream);
                foreach (var name in context.Request.Headers.AllKeys.OfType<string>().Where(name => name is not ("Host" or "Content-Length" or "Connection")))
                    if (!request.Headers.TryAddWithoutValidation(name, context.Request.Headers[name]))
                        request.Content?.Headers.TryAddWithoutValidation(name, context.Request.Headers[name]);
                using var answer = await http.SendAsync(request);
                var body = Rewrite(context.Request.HttpMethod, await answer.Content.ReadAsStringAsync());
                Calls.Enqueue(new Call(context.Request.HttpMethod, context.Request.RawUrl!, (int)answer.StatusCode, Violations(answer)));
                // The example's Link header leads to GitHub itself: its next page is ours instead, and the last, so that the second request meets the description too.
                if (context.Request.QueryString["page"] is null && answer.Headers.TryGetValues("Link", out var links) && links.Any(link => link.Contains("rel=\"next\"", StringComparison.Ordinal)))
                    context.Response.Headers["Link"] = $"<{new Uri(Address, context.Request.RawUrl + (context.Request.Url!.Query.Length > 0 ? "&" : "?") + "page=2")}>; rel=\"next\"";
                context.Response.StatusCode = (int)answer.StatusCode;
                context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
                await context.Response.OutputStream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(body));
                context.Response.Close();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                // the test is over
            }
        }
    }
}
