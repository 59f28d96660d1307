using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Soar.Connectors;
using Soar.Server.Accounts;
using Soar.Server.Tests.Http;
using Soar.Testing.Contract;

namespace Soar.Server.Tests.Connectors;

/// <summary>
/// A real <c>soar serve</c> with a canary in every place that holds a secret, and a product that throws every credential back: the canaries are in nothing that the system emits or stores. Looked at are its standard
/// output and error, every byte of every file it has made (a backup's too), the answers of every GET route that there is, metrics and traces, the audit's export, and the memory of the jailed playbook hosts.
/// </summary>
public sealed class CanaryTests : IDisposable
{
    private const string Mark = "c4nary";
    private const string FromEnvironment = "c4nary-env/11+aa==", FromFile = "c4nary fïle \"22\"", FromStore = "c4nary-store-33", Newer = "c4nary-newer-value-44", Header = "c4nary-header-55",
        Hook = "c4nary-hook-token-66", Collector = "Authorization: c4nary-collector-77", Password = "c4nary password eighty-eight";

    /// <summary>Secrets that the system makes itself: no mark is in them.</summary>
    private readonly Dictionary<string, string> made = new(StringComparer.Ordinal);

    private readonly Deployment deployment = new();
    private readonly List<(string Where, string Text)> emitted = [];
    private Process? server;

    public void Dispose()
    {
        if (server is { HasExited: false })
        {
            server.Kill();
            server.WaitForExit();
        }

        server?.Dispose();
        deployment.Dispose();
    }

    [Fact]
    public async Task No_canary_is_in_anything_that_the_system_emits_or_stores()
    {
        await using var service = new HttpOtherSide(Echo, () => "");
        await using var collector = new HttpOtherSide(_ => new HttpTold(200), () => "");
        Plant(service.Address, collector.Address);
        var (address, code) = Serve();
        var errors = server!.StandardError.ReadToEndAsync();
        var output = server.StandardOutput.ReadToEndAsync();

        using var browser = new Browser(address);
        await browser.PostAsync("/api/setup", new { code, name = "root.admin", password = Password }, HttpStatusCode.NoContent);
        await browser.LoginAsync("root.admin", Password);
        var token = await WorkAsync(browser);
        foreach (var _ in new[] { "first", "with the newer value" })
        {
            var run = (await browser.PostAsync("/api/runs", new { playbook = "leak" }, HttpStatusCode.Created)).GetProperty("id").GetString()!;
            Assert.Contains("•••", (await EndedAsync(browser, run)).ToString(), StringComparison.Ordinal); // it was said, and is not shown
            await browser.AnswerAsync(HttpMethod.Put, "/api/credentials/service", new { value = Newer }, HttpStatusCode.OK);
        }

        Assert.Contains(service.Requests, r => r.Headers.GetValueOrDefault("Authorization") == $"Bearer {FromStore}");
        Assert.Contains(service.Requests, r => r.Headers.GetValueOrDefault("Authorization") == $"Bearer {Newer}");
        await HooksAsync(address);
        LookAtHosts();
        await RoutesAsync(browser);
        await RoutesAsync(token);
        emitted.Add(("soar audit export", deployment.Soar("audit", "export").Output));
        foreach (var command in new[] { "runs", "show last", "show last --why", "connectors", "connectors test", "credentials", "credentials --json", "settings", "health", "users --json", "audit", "triggers", "backup " + Path.Combine(deployment.Home, "backup") })
            emitted.Add(($"soar {command}", deployment.Soar(command.Split(' ')).Output));

        using (var stop = Process.Start("kill", ["-TERM", server.Id.ToString(CultureInfo.InvariantCulture)])) await stop.WaitForExitAsync();
        await server.WaitForExitAsync();
        emitted.Add(("standard output", await output));
        emitted.Add(("standard error", await errors));
        Assert.Contains(collector.Requests, r => r.Target == "/v1/traces");
        foreach (var request in collector.Requests) emitted.Add(($"collector {request.Target}", request.Body));
        Judge();
    }

    /// <summary>Whatever is asked, everything that came with it is in the answer, and the secrets in other forms besides.</summary>
    private static HttpTold Echo(HttpAsked request)
    {
        var everything = $"{request.Method} {request.Target} {string.Join(" ", request.Headers.Select(header => $"{header.Key}: {header.Value}"))} {request.Body} {Uri.EscapeDataString(FromEnvironment)} {Convert.ToBase64String(Encoding.UTF8.GetBytes(FromFile))} {FromStore} {Newer} {Hook}";
        var status = request.Path switch { "/refuse" => 403, "/fail" => 500, _ => 200 };
        return new HttpTold(status, $"{{\"echo\":{JsonSerializer.Serialize(everything)}}}", "application/json", [$"X-Echo: {request.Headers.GetValueOrDefault("Authorization", "none")}"]);
    }

    private void Plant(Uri service, Uri collector)
    {
        foreach (var (variable, value) in new[] { ("CANARY_TOKEN", FromEnvironment), ("CANARY_HEADER", Header), ("CANARY_HOOK", Hook), ("CANARY_COLLECTOR", Collector), ("SOAR_LOG", "debug"), ("SOAR_USER", "ana") }) deployment.Set(variable, value);
        deployment.File("secrets/password", FromFile);
        deployment.Soar("credentials", "key", Path.Combine(deployment.Home, "secrets", "credentials.key"));
        made["the key of credentials"] = File.ReadAllText(Path.Combine(deployment.Home, "secrets", "credentials.key")).Trim();
        deployment.File("soar.yaml", $$"""
            approvals: []
            credentials: { key: "file:secrets/credentials.key" }
            telemetry: { otlp: "{{collector.ToString().TrimEnd('/')}}", otlpHeader: env:CANARY_COLLECTOR, every: 1s }
            hooks: { gate: { token: env:CANARY_HOOK } }
            connectors:
              bearer: { type: http, address: "{{service}}", token: "credential:service", default: true }
              environment: { type: http, address: "{{service}}", token: env:CANARY_TOKEN }
              basic: { type: http, address: "{{service}}", user: soc, password: "file:secrets/password" }
              header: { type: http, address: "{{service}}", keyHeader: X-Key, key: env:CANARY_HEADER, testPath: refuse }
              gone: { type: http, address: "http://127.0.0.1:1/", token: env:CANARY_TOKEN }
              mail: { type: smtp, host: 127.0.0.1, port: 1, from: soc@cert.example, user: soc, password: "credential:service" }
            """);
        deployment.File("leak.csx", """
            Playbook("leak", version: "1.0.0", type: PlaybookType.Investigation, tlp: Tlp.Clear, summary: "Asks a service that talks.");
            On.Webhook("gate");
            var said = new List<string>();

            // Ask every instance
            foreach (var instance in new[] { "bearer", "environment", "basic", "header", "gone" })
            {
                foreach (var path in new[] { "ok", "refuse", "fail" })
                {
                    try
                    {
                        var answer = await Http[instance].Get(path).Retry(1);
                        said.Add(answer.Body);
                    }
                    catch (StepFailed failure)
                    {
                        said.Add(failure.Message);
                    }
                }
            }

            // Mail what it said
            try
            {
                await Mail.Send(EmailAddress.Parse("a@b.example"), "It said", $"{said[0]} {said[1]}").Retry(1);
            }
            catch (StepFailed failure)
            {
                said.Add(failure.Message);
            }

            return Outcome.Completed(string.Join(" | ", said));
            """);
        var (exit, set) = deployment.SoarReading(FromStore + "\n", "credentials", "set", "service");
        Assert.True(exit == 0, set);
        emitted.Add(("soar credentials set", set));
    }

    private (Uri Address, string Code) Serve()
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "soar.dll"), "serve", "--http", "http://127.0.0.1:0", "--settings", Path.Combine(deployment.Home, "soar.yaml"), "--store", deployment.Store])
        {
            WorkingDirectory = deployment.Home, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        foreach (var (name, value) in deployment.Environment) start.Environment[name] = value;
        server = Process.Start(start)!;
        var (address, code) = ("", "");
        while (server.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith("The HTTP API listens at ", StringComparison.Ordinal)) address = line["The HTTP API listens at ".Length..];
            // This one line is for whoever starts the server: it hands them the code.
            if (line.Contains("/setup#", StringComparison.Ordinal)) code = line.Split("/setup#")[1];
            else emitted.Add(("standard output", line));
            if (line.StartsWith("Soar drives", StringComparison.Ordinal)) break;
        }

        Assert.True(code.Length > 0, $"It did not start: {string.Join('\n', emitted)}");
        made["the set-up code"] = code;
        return (new Uri(address), code);
    }

    /// <summary>An authenticator, a token, another user's one-time code: each is handed over once, in the answer to whoever asked for it.</summary>
    private async Task<Browser> WorkAsync(Browser browser)
    {
        var secret = (await browser.GetAsync("/api/me/totp")).GetProperty("secret").GetString()!;
        made["the authenticator's secret"] = secret;
        await browser.AnswerAsync(HttpMethod.Put, "/api/me/totp", new { password = Password, secret, code = Totp.Code(Bytes(secret), Totp.StepAt(TimeProvider.System.GetUtcNow()), digits: 6) }, HttpStatusCode.NoContent);
        var scopes = (await browser.GetAsync("/api/tokens")).GetProperty("scopes").EnumerateArray().Select(scope => scope.GetString()!).ToArray();
        made["a token"] = (await browser.PostAsync("/api/tokens", new { name = "all", scopes }, HttpStatusCode.Created)).GetProperty("value").GetString()!;
        made["a one-time code"] = (await browser.PostAsync("/api/users", new { name = "vera", roles = new[] { "viewer" } }, HttpStatusCode.Created)).GetProperty("code").GetString()!;
        await browser.RefusedAsync(HttpMethod.Post, "/api/login", new { name = "root.admin", password = Password + " wrong" }, 401, "SOAR6003");
        await browser.PostAsync("/api/alerts", new { id = "1", detector = "siem", title = "seen", category = "intrusion", severity = 50, time = "2027-03-01T12:00:00Z" }, HttpStatusCode.OK);
        foreach (var instance in new[] { "bearer", "header", "gone", "mail" }) emitted.Add(($"test of {instance}", (await browser.PostAsync($"/api/connectors/{instance}/test", null, HttpStatusCode.OK)).ToString()));
        return new Browser(new Uri(browser.Address, "/")) { Token = made["a token"] };
    }

    private async Task<JsonElement> EndedAsync(Browser browser, string run)
    {
        for (var look = 0; look < 20_000; look++)
        {
            var story = await browser.GetAsync($"/api/runs/{run}");
            if (story.GetProperty("run").TryGetProperty("endedAt", out _)) return story;
            await Task.Yield();
        }

        throw new InvalidOperationException($"Run {run} does not end.");
    }

    private async Task HooksAsync(Uri address)
    {
        using var client = new HttpClient { BaseAddress = address };
        foreach (var (token, status) in new[] { (Hook, HttpStatusCode.Accepted), (Hook + "x", HttpStatusCode.Unauthorized) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/hooks/gate") { Content = new StringContent("{}", null, "application/json") };
            request.Headers.Authorization = new("Bearer", token);
            using var answer = await client.SendAsync(request);
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.StatusCode == status, text);
            emitted.Add(("answer to a webhook", text));
        }
    }

    /// <summary>Every GET route of the API's own document and the one that is not in it, with the names and ids that there are.</summary>
    private async Task RoutesAsync(Browser browser)
    {
        var document = await browser.GetAsync("/api/openapi.json");
        var run = (await browser.GetAsync("/api/runs")).GetProperty("runs")[0].GetProperty("id").GetString()!;
        var asked = 0;
        foreach (var path in document.GetProperty("paths").EnumerateObject().Where(p => p.Value.TryGetProperty("get", out _)).Select(p => p.Name).Append("/metrics").Append("/api/openapi.json"))
        {
            // A new secret is offered each time; one that is offered is no secret yet.
            if (path is "/api/me/totp") continue;
            var filled = path.Replace("{version}", "1.0.0", StringComparison.Ordinal).Replace("{link}", "no-link", StringComparison.Ordinal)
                .Replace("{id}", path.Contains("/runs/", StringComparison.Ordinal) ? run : path.Contains("/alerts/", StringComparison.Ordinal) ? "1" : "01890000-0000-7000-8000-000000000000", StringComparison.Ordinal)
                .Replace("{name}", path.Contains("/connectors/", StringComparison.Ordinal) ? "bearer" : "leak", StringComparison.Ordinal);
            Assert.DoesNotContain("{", filled, StringComparison.Ordinal);
            using var answer = await browser.SendAsync(HttpMethod.Get, filled, whole: false);
            Assert.True((int)answer.StatusCode < 500, $"{filled}: {answer.StatusCode}");
            // The stream of events does not end by itself: what is there is read by the console's own tests; here the journal is, which it is made of.
            var text = path == "/api/events" ? "" : await answer.Content.ReadAsStringAsync();
            emitted.Add(($"GET {filled}", $"{answer.Headers} {answer.Content.Headers} {text}"));
            asked++;
        }

        Assert.True(asked > 40, $"only {asked} routes were asked");
    }

    /// <summary>The processes that playbooks run in: neither their environment nor anything they have in memory holds a secret.</summary>
    private void LookAtHosts()
    {
        var hosts = Directory.GetDirectories($"/proc/{server!.Id}/task").SelectMany(task => File.ReadAllText($"{task}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();
        Assert.NotEmpty(hosts);
        var read = 0L;
        foreach (var host in hosts)
        {
            emitted.Add(($"environment of a child of {server.Id}", File.ReadAllText($"/proc/{host}/environ")));
            emitted.Add(($"command line of a child of {server.Id}", File.ReadAllText($"/proc/{host}/cmdline")));
            read += Memory(host);
        }

        if (read == 0) TestContext.Current.SendDiagnosticMessage("The memory of playbook hosts may not be read here: it was not searched.");
    }

    private long Memory(string process)
    {
        var read = 0L;
        try
        {
            using var memory = new FileStream($"/proc/{process}/mem", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 1);
            foreach (var line in File.ReadAllLines($"/proc/{process}/maps").Where(line => line.Contains(" rw", StringComparison.Ordinal)))
            {
                var ends = line.Split(' ')[0].Split('-');
                var (from, to) = (Convert.ToInt64(ends[0], 16), Convert.ToInt64(ends[1], 16));
                if (from < 0 || to - from > 256 << 20) continue; // reserved, not used
                var bytes = new byte[to - from];
                try
                {
                    memory.Seek(from, SeekOrigin.Begin);
                    memory.ReadExactly(bytes);
                }
                catch (IOException)
                {
                    continue; // not backed by anything
                }

                read += bytes.Length;
                Assert.True(Held(bytes) is not { } found, $"the memory of playbook host {process} holds {found}");
            }
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return read;
        }

        return read;
    }

    private void Judge()
    {
        foreach (var (where, text) in emitted) Assert.True(Held(Encoding.UTF8.GetBytes(text)) is not { } found, $"{where} holds {found}: {text}");
        var files = Directory.GetFiles(deployment.Home, "*", SearchOption.AllDirectories).Where(file => !file.Contains("/secrets/", StringComparison.Ordinal)).ToList();
        foreach (var name in new[] { ".soar/soar.db", "backup/soar.db", ".soar/answer.key" }) Assert.Contains(files, file => file.EndsWith(name, StringComparison.Ordinal) || name.EndsWith("answer.key", StringComparison.Ordinal));
        foreach (var file in files) Assert.True(Held(File.ReadAllBytes(file)) is not { } found, $"{file} holds {found}");
    }

    private SecretMask? everyForm;

    /// <summary>Which secret these bytes hold, in any form that protocols give one.</summary>
    private string? Held(byte[] bytes)
    {
        if (bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Mark)) is >= 0 and var at) return $"a canary ({Encoding.UTF8.GetString(bytes.AsSpan(at, Math.Min(24, bytes.Length - at)))})";
        foreach (var (what, secret) in made)
            if (bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)) >= 0 || bytes.AsSpan().IndexOf(Encoding.Unicode.GetBytes(secret)) >= 0) return what;
        if (bytes.AsSpan().IndexOf(Encoding.Unicode.GetBytes(Mark)) >= 0) return "a canary in UTF-16";
        everyForm ??= new SecretMask(new[] { FromEnvironment, FromFile, FromStore, Newer, Header, Hook, Collector, Password }.Select(secret => new Secret(secret)));
        return ReferenceEquals(everyForm.Utf8(bytes), bytes) ? null : "a canary in another form";
    }

    private static byte[] Bytes(string base32)
    {
        var (bytes, buffer, bits) = (new List<byte>(), 0, 0);
        foreach (var letter in base32)
        {
            buffer = (buffer << 5) | "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(letter, StringComparison.Ordinal);
            if ((bits += 5) < 8) continue;
            bytes.Add((byte)(buffer >> (bits -= 8)));
            buffer &= (1 << bits) - 1;
        }

        return [.. bytes];
    }
}
