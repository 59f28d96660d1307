using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Soar.Server.Tests.Connectors;

namespace Soar.Server.Tests.Http;

/// <summary>The real program: <c>soar serve</c> prints where it listens, people come in by its code, and the manual's own commands do what it says.</summary>
public sealed class ServeHttpTests : IDisposable
{
    private readonly Deployment deployment = new();
    private readonly List<Process> started = [];

    public void Dispose()
    {
        foreach (var process in started)
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }

        deployment.Dispose();
    }

    [Fact]
    public void The_manual_s_commands_lead_from_the_first_run_to_a_token()
    {
        deployment.File("soar.yaml", "approvals: []\n");
        var lines = Serve("--http", "http://127.0.0.1:0");
        var address = lines.Single(l => l.StartsWith("The HTTP API listens at ", StringComparison.Ordinal))["The HTTP API listens at ".Length..];
        var variables = new Dictionary<string, string> { ["SOAR"] = address, ["CODE"] = lines.Single(l => l.Contains("/setup#", StringComparison.Ordinal)).Split("/setup#")[1] };
        var commands = File.ReadAllLines(Path.Combine(Deployment.Root(), "engine", "docs", "http.md")).Where(l => l.StartsWith("curl ", StringComparison.Ordinal)).ToList();
        Assert.True(commands.Count >= 5, $"{commands.Count}");
        foreach (var command in commands)
        {
            var output = Bash(command.Replace("curl -sS", "curl -sS --fail-with-body", StringComparison.Ordinal), variables);
            if (output.Length == 0) continue;
            var answer = JsonDocument.Parse(output).RootElement;
            if (answer.TryGetProperty("antiforgery", out var antiforgery)) variables["ANTIFORGERY"] = antiforgery.GetString()!;
            if (answer.TryGetProperty("value", out var token)) variables["TOKEN"] = token.GetString()!;
        }

        Assert.Contains("TOKEN", variables.Keys);

        // Users from the command line, beside the server.
        var (exit, added) = deployment.Soar("users", "add", "boris", "--role", "analyst");
        Assert.True(exit == 0, added);
        var code = added.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1].Trim();
        Bash($"curl -sS --fail-with-body -X POST $SOAR/api/password -H 'Content-Type: application/json' -d '{{\"code\": \"{code}\", \"password\": \"correct horse battery\"}}'", variables);
        Assert.Contains("may log in", deployment.Soar("users").Output);
        Assert.Contains("as the roles", deployment.Soar("users").Output);
        Assert.Contains("TLP:AMBER+STRICT; sees containment; runs *", deployment.Soar("users", "sight", "boris", "--clearance", "amber+strict", "--see", "containment", "--run", "*").Output);
        Assert.Contains("AmberStrict", deployment.Soar("users", "--json").Output);
        Assert.Contains("SOAR5001", deployment.Soar("users", "sight", "boris").Output);
        Assert.Contains("SOAR6013", deployment.Soar("users", "sight", "boris", "--see", "../x").Output);
        Assert.Equal(0, deployment.Soar("users", "disable", "boris").Exit);
        Assert.Contains("disabled", deployment.Soar("users").Output);
        Assert.Contains("SOAR6015", deployment.Soar("users", "disable", "ana").Output);
        Assert.DoesNotContain("correct horse battery", deployment.Soar("audit", "export").Output);
    }

    [Fact]
    public void Who_does_not_answer_by_HTTP_does_not_load_the_web_framework_and_no_jailed_child_ever_does()
    {
        deployment.File("soar.yaml", "approvals: []\n");
        Serve("--http", "off");
        Assert.DoesNotContain("Microsoft.AspNetCore.Server.Kestrel", Maps(started[0].Id)); // the folder of the framework holds other libraries, too

        using var second = new Deployment();
        second.File("soar.yaml", "approvals: []\n");
        Serve(second, "--http", "http://127.0.0.1:0");
        Assert.Contains("Microsoft.AspNetCore.Server.Kestrel", Maps(started[1].Id));
        var children = File.ReadAllText($"/proc/{started[1].Id}/task/{started[1].Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        foreach (var child in Directory.GetDirectories($"/proc/{started[1].Id}/task").SelectMany(task => File.ReadAllText($"{task}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(int.Parse))
            Assert.Contains("soar.child.runtimeconfig.json", File.ReadAllText($"/proc/{child}/cmdline"));
        Assert.True(children.Length > 0 || Directory.GetDirectories($"/proc/{started[1].Id}/task").Any(task => File.ReadAllText($"{task}/children").Length > 0), "no child was found");
    }

    [Fact]
    public void A_taken_port_is_told_with_the_setting_that_names_it()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        deployment.File("soar.yaml", $"http: {{ listen: [\"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}\"] }}\n");
        var (exit, output) = deployment.Soar("serve");
        Assert.NotEqual(0, exit);
        Assert.Contains("SOAR6016", output);
        Assert.Contains("http.listen", output);
        Assert.Contains("address already in use", output);

        deployment.File("soar.yaml", "http: { listen: [\"http://soc.example:80\", \"https://127.0.0.1:443\"], proxies: [cache], lockAfter: 0 }\n");
        var refused = deployment.Soar("serve").Output;
        foreach (var part in new[] { "SOAR4002", "http://soc.example:80", "http.certificate", "cache is neither", "lockAfter" }) Assert.Contains(part, refused);
    }

    private List<string> Serve(params string[] arguments) => Serve(deployment, arguments);

    private List<string> Serve(Deployment where, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "soar.dll"), "serve", .. arguments, "--settings", Path.Combine(where.Home, "soar.yaml"), "--store", where.Store])
        {
            WorkingDirectory = where.Home, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        start.Environment["SOAR_CACHE"] = Path.Combine(where.Home, "cache");
        var process = Process.Start(start)!;
        started.Add(process);
        var lines = new List<string>();
        while (process.StandardOutput.ReadLine() is { } line)
        {
            lines.Add(line);
            if (line.StartsWith("Soar drives", StringComparison.Ordinal)) return lines;
        }

        throw new InvalidOperationException($"soar serve ended: {string.Join('\n', lines)}{process.StandardError.ReadToEnd()}");
    }

    private static string Maps(int process) => File.ReadAllText($"/proc/{process}/maps");

    private string Bash(string command, IReadOnlyDictionary<string, string> variables)
    {
        var start = new ProcessStartInfo("bash", ["-c", command]) { WorkingDirectory = deployment.Home, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in variables) start.Environment[name] = value;
        using var bash = Process.Start(start)!;
        var errors = bash.StandardError.ReadToEndAsync();
        var output = bash.StandardOutput.ReadToEnd();
        bash.WaitForExit();
        Assert.True(bash.ExitCode == 0, $"{command}: {output}{errors.Result}");
        return output;
    }
}
