using System.Diagnostics;
using System.Net.Http.Json;
using Soar.Server.Tests.Connectors;
using Soar.Testing;

namespace Soar.Server.Tests.OpenId;

/// <summary>A real OpenID Connect provider in a process of its own (tests/identity-provider: npm oidc-provider).</summary>
internal sealed class IdentityProvider : IDisposable
{
    private static readonly string Folder = Path.Combine(Deployment.Root(), "tests", "identity-provider");

    private readonly TempFolder keys = new();
    private readonly int port = LoopbackPort.Take();
    private readonly HttpClient client = new();
    private Process process;
    private int key;

    private IdentityProvider() => process = Start();

    public Uri Issuer => new($"http://127.0.0.1:{port}");

    /// <summary>The settings of a Soar that knows it as <c>corp</c>.</summary>
    public string Settings(string more = "", string top = "", string client = "soar")
    {
        Environment.SetEnvironmentVariable("SOAR_TEST_OIDC", "soar-secret-of-0123456789");
        Environment.SetEnvironmentVariable("SOAR_TEST_OIDC_POST", "soar-post-secret-of-0123456789");
        return $$"""
            approvals: []
            http: { loginsPerMinute: 1000 }
            {{top}}
            login:
              providers:
                corp: { title: The corporation, authority: '{{Issuer.ToString().TrimEnd('/')}}', clientId: {{client}}, clientSecret: 'env:SOAR_TEST_OIDC{{(client == "soar" ? "" : "_POST")}}'{{more}} }

            """;
    }

    public static IdentityProvider Start(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Assert.SkipUnless(Node is not null, "node is not installed on this machine");
        Assert.SkipUnless(Directory.Exists(Path.Combine(Folder, "node_modules", "oidc-provider")), "npm oidc-provider is not installed: run tests/run where npm may install, or 'npm install' in tests/identity-provider");
        return new IdentityProvider();
    }

    /// <summary>From now on its identity tokens are changed so.</summary>
    public async Task TwistAsync(object twist) => (await client.PutAsJsonAsync(new Uri(Issuer, "/twist"), twist)).EnsureSuccessStatusCode();

    /// <summary>Ends, and starts again at the same address with another key.</summary>
    public void RotateKey()
    {
        Stop();
        key++;
        process = Start();
    }

    public void Stop()
    {
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        process.WaitForExit();
        process.Dispose();
    }

    public void Dispose()
    {
        try
        {
            Stop();
        }
        catch (InvalidOperationException)
        {
            // It was ended by the test.
        }

        client.Dispose();
        keys.Dispose();
    }

    private static string? Node => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, "node")).FirstOrDefault(File.Exists);

    private Process Start()
    {
        var started = Process.Start(new ProcessStartInfo(Node!, [Path.Combine(Folder, "provider.mjs"), $"{port}", Path.Combine(keys.Path, $"key-{key}.json")]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = started.StandardError.ReadToEndAsync();
        // It warns about a configuration that is for tests only.
        while (started.StandardOutput.ReadLine() is { } line)
            if (line.StartsWith("ready ", StringComparison.Ordinal)) return started;
        throw new InvalidOperationException($"The identity provider ended before it listened: {errors.Result}");
    }
}
