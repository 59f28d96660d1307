using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Soar.Runs;
using Soar.Server.Node;
using Soar.Testing;

namespace Soar.Server.Tests.Crash;

/// <summary><c>kill -9</c> of the real program while curl posts to a webhook and repeats what it got no answer for: each delivery has one run, and the answer names it. <c>SOAR_KILLS</c> sets how often, <c>SOAR_SEED</c> repeats a run.</summary>
public sealed class WebhookKillTests(ITestOutputHelper output) : IDisposable
{
    private const string Token = "kill-token-0123456789abcdef";

    private readonly TempFolder folder = new();
    private readonly string address = $"http://127.0.0.1:{LoopbackPort.Take()}";

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Killed_at_any_instant_each_delivery_has_one_run_and_its_repetition_is_answered_with_it()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/curl"), "curl is not installed");
        var kills = int.Parse(Environment.GetEnvironmentVariable("SOAR_KILLS") ?? "3", CultureInfo.InvariantCulture);
        var seed = int.Parse(Environment.GetEnvironmentVariable("SOAR_SEED") ?? "1", CultureInfo.InvariantCulture);
        var random = new Random(seed);
        folder.File("token", Token);
        folder.File("answer.csx", """
            Playbook("answer", version: "1.0.0", type: PlaybookType.Investigation, tlp: Tlp.Amber, summary: "Notes what it was started for.");
            On.Webhook("partner-gate");
            var number = Input<int>("number", "Which one");
            await Note($"seen: {number}");
            return Outcome.Completed($"{number}");
            """);
        var settings = folder.File("soar.yaml", "approvals: []\nhooks: { partner-gate: { token: 'file:token', perMinute: 100000, inputs: { number: $.event.number } } }\n");
        await using var soar = new SoarProcess(folder.Path, settings, address);
        await soar.StartAsync();
        using var enough = new CancellationTokenSource();
        var posting = PostAsync(enough.Token);
        for (var kill = 0; kill < kills; kill++)
        {
            // Every other life lasts until it has answered: on a busy machine many in a row would end before their first.
            if (kill % 2 == 1) await NextAnswerAsync(posting);
            await Task.Delay(random.Next(100, 1_500), TestContext.Current.CancellationToken); // the instant of the kill
            await soar.KillAsync();
            await soar.StartAsync();
        }

        await enough.CancelAsync();
        var (answers, unanswered) = await posting;
        output.WriteLine($"seed {seed}: {kills} kills, {answers.Count} deliveries, {unanswered} posts without an answer");
        Assert.True(answers.Count >= 5, $"seed {seed}: too few to prove anything: {answers.Count}");
        await soar.KillAsync();
        using var reader = SoarNode.OpenReader(Soar.Server.Settings.Workspace.Find(settings, null, soar.Store));
        var runs = await reader.Runs.ListAsync(null, null, int.MaxValue);
        Assert.Equal(answers.Select(answer => answer.Value).Order(StringComparer.Ordinal), runs.Select(run => run.Id.ToString()).Order(StringComparer.Ordinal));
        Assert.All(runs, run => Assert.Equal("webhook partner-gate", run.StartedBy));
    }

    /// <summary>A sender that repeats what it got no answer for. What each delivery was answered with, and how many posts had no answer.</summary>
    private async Task<(IReadOnlyDictionary<int, string> Answers, int Unanswered)> PostAsync(CancellationToken enough)
    {
        var (answers, unanswered) = (new Dictionary<int, string>(), 0);
        while (!enough.IsCancellationRequested || answers.Count < 5)
        {
            var number = answers.Count + 1;
            var body = $$$"""{"event":{"number":{{{number}}}}}""";
            string? run;
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
            while ((run = await CurlAsync(body)) is null)
            {
                patience.Token.ThrowIfCancellationRequested();
                unanswered++;
            }

            answers.Add(number, run);
            Interlocked.Exchange(ref answered, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
            // As if the answer had been lost.
            if (await CurlAsync(body) is { } again) Assert.Equal(run, again);
        }

        return (answers, unanswered);
    }

    private TaskCompletionSource answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task NextAnswerAsync(Task posting)
    {
        var next = answered.Task;
        if (await Task.WhenAny(next, posting).WaitAsync(TimeSpan.FromMinutes(3), TestContext.Current.CancellationToken) != next) await posting; // a sender that broke says why
    }

    private async Task<string?> CurlAsync(string body)
    {
        string[] arguments = ["-s", "-f", "-m", "30", "-H", "Content-Type: application/json", "-H", $"Authorization: Bearer {Token}", "--data-binary", body, $"{address}/api/hooks/partner-gate"];
        using var curl = Process.Start(new ProcessStartInfo("curl", arguments) { RedirectStandardOutput = true })!;
        var said = await curl.StandardOutput.ReadToEndAsync();
        await curl.WaitForExitAsync();
        // 22 is an answer that refuses; there is none here, so that it is never taken for a kill.
        Assert.NotEqual(22, curl.ExitCode);
        return curl.ExitCode == 0 ? JsonDocument.Parse(said).RootElement.GetProperty("id").GetString() : null;
    }
}
