using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Soar.Testing;

namespace Soar.Server.Tests.Http;

/// <summary><c>soar serve --demo</c> as a newcomer meets it: an attack comes in, one of its people signs in with the password that was printed, decides, and the run ends.</summary>
public sealed class DemoTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly List<string> printed = [];
    private Process? soar;

    public void Dispose()
    {
        Stop();
        folder.Dispose();
    }

    [Fact]
    public async Task An_attack_of_the_demonstration_is_answered_by_one_of_its_people_and_a_second_start_goes_on_with_new_passwords()
    {
        var (address, password) = await StartAsync();
        await LineAsync(line => line.Contains("■ FalsePositive", StringComparison.Ordinal));
        await LineAsync(line => line.Contains("Block 203.0.113.66", StringComparison.Ordinal));
        using (var ana = await SignInAsync(address, password))
        {
            var questions = (await ana.GetFromJsonAsync<JsonElement>("/api/questions")).GetProperty("questions");
            var id = questions.EnumerateArray().First(q => q.GetProperty("text").GetString()!.Contains("203.0.113.66", StringComparison.Ordinal)).GetProperty("id").GetString();
            using var answered = await ana.PostAsJsonAsync($"/api/questions/{id}/answer", new { answer = "approve", reason = "a known attacker" });
            Assert.True(answered.IsSuccessStatusCode, await answered.Content.ReadAsStringAsync());
            await LineAsync(line => line.Contains("■ Contained", StringComparison.Ordinal));
            var containments = await ana.GetStringAsync("/api/containments");
            Assert.Contains("edge-1-simulated", containments); // nobody takes it for a real block
        }

        Stop();
        var (again, renewed) = await StartAsync();
        using var old = await SignInAsync(again, password, HttpStatusCode.Unauthorized);
        using var anew = await SignInAsync(again, renewed);
        Assert.Contains("Contained", await anew.GetStringAsync("/api/runs"));
    }

    [Fact]
    public void A_folder_with_something_else_in_it_is_left_alone()
    {
        var file = folder.File("mine/notes.txt", "mine");
        Start(Path.GetDirectoryName(file)!);
        var said = soar!.StandardError.ReadToEnd();
        soar.WaitForExit();
        Assert.NotEqual(0, soar.ExitCode);
        Assert.Contains("SOAR5009", said);
        Assert.Equal([file], Directory.GetFileSystemEntries(Path.GetDirectoryName(file)!));
    }

    private async Task<(string Address, string Password)> StartAsync()
    {
        Start(Path.Combine(folder.Path, "demo"));
        var address = (await LineAsync(line => line.StartsWith("The HTTP API listens at ", StringComparison.Ordinal))).Split(' ')[^1];
        var ana = await LineAsync(line => line.StartsWith("  ana ", StringComparison.Ordinal));
        return (address, ana.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
    }

    private void Start(string demo)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "soar.dll"), "serve", "--demo", "--http", "http://127.0.0.1:0", "--store", demo])
        {
            WorkingDirectory = folder.Path, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        start.Environment["SOAR_CACHE"] = Path.Combine(folder.Path, "cache");
        printed.Clear();
        soar = Process.Start(start)!;
    }

    private void Stop()
    {
        if (soar is null) return;
        soar.Kill();
        soar.WaitForExit();
        soar.Dispose();
        soar = null;
    }

    /// <summary>The first line like this that it has printed, or will.</summary>
    private async Task<string> LineAsync(Func<string, bool> wanted)
    {
        if (printed.FirstOrDefault(wanted) is { } there) return there;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        while (await soar!.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            printed.Add(line);
            if (wanted(line)) return line;
        }

        throw new InvalidOperationException($"soar serve ended: {await soar.StandardError.ReadToEndAsync(patience.Token)}");
    }

    private static async Task<HttpClient> SignInAsync(string address, string password, HttpStatusCode expected = HttpStatusCode.OK)
    {
        var client = new HttpClient { BaseAddress = new Uri(address) };
        using var signedIn = await client.PostAsJsonAsync("/api/login", new { name = "ana", password });
        Assert.Equal(expected, signedIn.StatusCode);
        if (expected == HttpStatusCode.OK) client.DefaultRequestHeaders.Add("X-Soar-Antiforgery", (await client.GetFromJsonAsync<JsonElement>("/api/me")).GetProperty("antiforgery").GetString());
        return client;
    }
}
