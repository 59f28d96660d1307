using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Soar.Benchmarks.Served;

/// <summary>The real program, <c>soar serve</c>, as it was built beside the benchmarks, in a process of its own; spoken to by HTTP as anybody does.</summary>
internal sealed partial class Server : IAsyncDisposable
{
    private const string Password = "correct horse battery";

    private readonly Process process;
    private readonly HttpClient http;

    private Server(Process process, int port, TimeSpan ready)
    {
        this.process = process;
        Port = port;
        Ready = ready;
        Tree = new ProcessTree(process.Id);
        http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromMinutes(5) };
    }

    public int Port { get; }

    /// <summary>From the process's start until <c>/health/ready</c> said yes.</summary>
    public TimeSpan Ready { get; }

    public ProcessTree Tree { get; }

    /// <summary>For <c>Authorization</c>, once <see cref="LogInAsync"/> made it.</summary>
    public string Token { get; private set; } = "";

    public static async Task<Server> StartAsync(Deployment deployment)
    {
        var port = FreePort();
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "soar.dll"), "serve", "--http", $"http://127.0.0.1:{port}", "--settings", Path.Combine(deployment.Folder, "soar.yaml"), "--store", deployment.Store])
        {
            WorkingDirectory = deployment.Folder, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["SOAR_CACHE"] = deployment.Cache;
        var began = Stopwatch.GetTimestamp();
        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is { Length: > 0 } text) Console.Error.WriteLine($"    the server says: {text}");
        };
        process.BeginErrorReadLine();
        await ReadyAsync(process, port);
        var server = new Server(process, port, Stopwatch.GetElapsedTime(began));
        _ = server.ReadOutputAsync();
        return server;
    }

    /// <summary>Until every playbook of the folder is in the cache; the list of playbooks tells of each whether it compiles.</summary>
    public async Task CompileAsync()
    {
        await LogInAsync();
        var broken = (await GetAsync("/api/playbooks")).GetProperty("playbooks").EnumerateArray().FirstOrDefault(p => p.GetProperty("errors").GetInt32() > 0);
        if (broken.ValueKind != JsonValueKind.Undefined) throw new InvalidOperationException($"A playbook of the benchmark does not compile: {broken}");
    }

    /// <summary>The first user of a new store, or the same again, with a token for everything.</summary>
    public async Task LogInAsync()
    {
        if (await code.Task.WaitAsync(TimeSpan.FromSeconds(1)).ContinueWith(t => t.IsCompletedSuccessfully ? t.Result : null) is { } first)
            (await http.PostAsJsonAsync("/api/setup", new { code = first, name = "bench", password = Password })).EnsureSuccessStatusCode();
        using var login = await http.PostAsJsonAsync("/api/login", new { name = "bench", password = Password });
        var me = (await login.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("antiforgery").GetString();
        http.DefaultRequestHeaders.Add("X-Soar-Antiforgery", me);
        var scopes = (await http.GetFromJsonAsync<JsonElement>("/api/tokens")).GetProperty("scopes");
        using var made = await http.PostAsJsonAsync("/api/tokens", new { name = $"bench-{Environment.ProcessId}-{Stopwatch.GetTimestamp()}", scopes });
        Token = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("value").GetString()!;
        http.DefaultRequestHeaders.Remove("X-Soar-Antiforgery");
        http.DefaultRequestHeaders.Authorization = new("Bearer", Token);
    }

    public async Task<JsonElement> GetAsync(string path) => await http.GetFromJsonAsync<JsonElement>(path);

    public async Task<JsonElement> PostAsync(string path, object body)
    {
        using var answer = await http.PostAsJsonAsync(path, body);
        return answer.IsSuccessStatusCode ? await answer.Content.ReadFromJsonAsync<JsonElement>() : throw new InvalidOperationException($"POST {path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    /// <summary>All runs, newest first, page by page.</summary>
    public async Task<List<JsonElement>> RunsAsync(string filter = "")
    {
        var all = new List<JsonElement>();
        for (string? before = ""; before is not null;)
        {
            var page = await GetAsync($"/api/runs?max=500{filter}{before}");
            all.AddRange(page.GetProperty("runs").EnumerateArray());
            before = page.TryGetProperty("next", out var next) && next.GetString() is { } last ? $"&before={last}" : null;
        }

        return all;
    }

    /// <summary>Stopped as an operator stops it.</summary>
    public async Task StopAsync()
    {
        using var kill = Process.Start("kill", ["-INT", $"{process.Id}"]);
        await process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        http.Dispose();
    }

    private readonly TaskCompletionSource<string> code = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task ReadOutputAsync()
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (Code().Match(line) is { Success: true } match) code.TrySetResult(match.Groups[1].Value);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task ReadyAsync(Process process, int port)
    {
        var request = "GET /health/ready HTTP/1.1\r\nHost: soar\r\n\r\n"u8.ToArray();
        while (true)
        {
            try
            {
                using var client = new Connection(port);
                if (client.Send(request) == 200) return;
            }
            catch (SocketException)
            {
                // Nobody listens yet.
            }

            if (process.HasExited) throw new InvalidOperationException($"soar serve ended with {process.ExitCode} before it was ready.");
            await Task.Delay(5);
        }
    }

    [GeneratedRegex("setup#([A-Za-z0-9_-]+)", RegexOptions.None, 1000)]
    private static partial Regex Code();
}
