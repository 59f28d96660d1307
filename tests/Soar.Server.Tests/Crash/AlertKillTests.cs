using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Soar.Alerts;
using Soar.Runs;
using Soar.Server.Node;
using Soar.Testing;

namespace Soar.Server.Tests.Crash;

/// <summary>
/// <c>kill -9</c> of the real program while alerts stream in, by a file that is rotated and by a webhook whose sender repeats what it got no answer for: each alert is there once and has one run.
/// <c>SOAR_KILLS</c> sets how often, <c>SOAR_SEED</c> repeats a run.
/// </summary>
public sealed class AlertKillTests(ITestOutputHelper output) : IDisposable
{
    private const string Token = "kill-token-0123456789abcdef";

    private readonly TempFolder folder = new();
    private readonly HttpClient client = new();
    private TaskCompletionSource answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int answers;
    private string lastAnswer = "none";

    public void Dispose()
    {
        client.Dispose();
        folder.Dispose();
    }

    private string Eve => Path.Combine(folder.Path, "eve.json");

    [Fact]
    public async Task Killed_at_any_instant_while_alerts_stream_in_each_is_there_once_and_has_one_run()
    {
        var kills = int.Parse(Environment.GetEnvironmentVariable("SOAR_KILLS") ?? "4", CultureInfo.InvariantCulture);
        var seed = int.Parse(Environment.GetEnvironmentVariable("SOAR_SEED") ?? "1", CultureInfo.InvariantCulture);
        var random = new Random(seed);
        var port = LoopbackPort.Take();
        folder.File("token", Token);
        folder.File("answer.csx", """
            Playbook("answer", version: "1.0.0", type: PlaybookType.Investigation, tlp: Tlp.Amber, summary: "Notes what it was started for.");
            On.Alert(alert => alert.Severity > 0);
            await Note($"seen: {Alert.Id}");
            return Outcome.Completed(Alert.Id);
            """);
        folder.File("broken.csx", """
            Playbook("broken", version: "1.0.0", type: PlaybookType.Investigation, tlp: Tlp.Amber, summary: "Cannot be asked about the odd ones.");
            On.Alert(alert => alert.Severity == 7 && alert.Observables[5].Value == "x");
            return Outcome.Completed();
            """);
        var settings = folder.File("soar.yaml", $"""
            approvals: []
            connectors:
              sensor: {"{"} type: suricata-eve, file: {Eve} {"}"}
              hook: {"{"} type: webhook, port: {port}, token: "file:token", map: {"{"} id: $.id, title: $.title, severity: $.level {"}"} {"}"}
            """);
        client.BaseAddress = new Uri($"http://127.0.0.1:{port}/");
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);

        await using var soar = new SoarProcess(folder.Path, settings);
        await soar.StartAsync();
        using var enough = new CancellationTokenSource();
        var (writing, posting) = (WriteAsync(random.Next(), enough.Token), PostAsync(enough.Token));
        for (var kill = 0; kill < kills; kill++)
        {
            // Every other kill comes while posts are answered: a process that has just started may take a second before its first.
            if (kill % 2 == 1) await NextAnswerAsync(posting);
            await Task.Delay(random.Next(100, 1_500), TestContext.Current.CancellationToken); // the instant of the kill
            await soar.KillAsync();
            await soar.StartAsync();
        }

        while (answers < 30) await NextAnswerAsync(posting);
        await enough.CancelAsync();
        var (written, posted) = (await writing, await posting);
        var alerts = await UntilDecidedAsync(soar, written, posted);
        output.WriteLine($"seed {seed}: {kills} kills, {written} alerts by file, {posted} by webhook");
        Assert.True(written > 20 && posted > 20, $"seed {seed}: too few to prove anything: {written} and {posted}");
        Assert.Equal(Enumerable.Range(1, written), alerts.Where(a => a.Source == "sensor").Select(a => int.Parse(a.Alert.RuleId!["1:".Length..], CultureInfo.InvariantCulture)).Order());
        Assert.Equal(Enumerable.Range(1, posted), alerts.Where(a => a.Source == "hook").Select(a => int.Parse(a.Alert.Id, CultureInfo.InvariantCulture)).Order());

        using var reader = Reader(soar);
        var runs = await reader.Runs.ListAsync(null, null, int.MaxValue);
        Assert.Equal(alerts.Count(a => a.Alert.Severity > 0), runs.Count);
        foreach (var alert in alerts)
        {
            var (started, failed) = (alert.Triggers.Where(t => t.Verdict == TriggerVerdict.Started).ToList(), alert.Triggers.Where(t => t.Verdict == TriggerVerdict.Failed).ToList());
            Assert.Equal(alert.Alert.Severity > 0 ? AlertState.Started : AlertState.NoTrigger, alert.State);
            Assert.Equal(alert.Alert.Severity == 7, failed is [{ Playbook: "broken" }]);
            if (started is [{ Run: { } run }]) Assert.Equal($"alert {alert.Number}", runs.Single(r => r.Id == run).StartedBy);
            else Assert.Equal(0, alert.Alert.Severity);
        }

        Assert.Empty(await reader.Alerts.UnreadableAsync(null, 10));
    }

    /// <summary>As Suricata writes and logrotate rotates. Returns how many alerts.</summary>
    private async Task<int> WriteAsync(int seed, CancellationToken enough)
    {
        var random = new Random(seed);
        var (number, old) = (0, 0);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (await TickAsync(tick, enough))
        {
            number++;
            var line = Encoding.UTF8.GetBytes($$$"""{"timestamp":"2026-11-20T08:14:03.{{{number:000000}}}+0000","flow_id":7,"event_type":"alert","src_ip":"203.0.113.66","alert":{"gid":1,"signature_id":{{{number}}},"signature":"s","category":"x","severity":1}}""" + "\n");
            await using (var file = new FileStream(Eve, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete)) file.Write(line);
            if (random.Next(40) == 0) File.Move(Eve, $"{Eve}.{++old}");
        }

        return number;
    }

    /// <summary>A sender that repeats what it got no good answer for. Returns how many alerts.</summary>
    private async Task<int> PostAsync(CancellationToken enough)
    {
        var number = 0;
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (await TickAsync(tick, enough))
        {
            number++;
            while (!await TryPostAsync($$"""{"id":{{number}},"title":"t","level":{{number % 10}}}""")) await tick.WaitForNextTickAsync(CancellationToken.None);
        }

        return number;
    }

    private async Task NextAnswerAsync(Task posting)
    {
        try
        {
            var next = answered.Task;
            if (await Task.WhenAny(next, posting).WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken) != next) await posting; // a sender that broke says why
        }
        catch (TimeoutException)
        {
            Assert.Fail($"No post was answered well for two minutes, after {answers}; the last one: {lastAnswer}");
        }
    }

    private async Task<bool> TryPostAsync(string body)
    {
        try
        {
            using var answer = await client.PostAsync("", new StringContent(body, Encoding.UTF8, "application/json"));
            Assert.NotEqual(HttpStatusCode.BadRequest, answer.StatusCode);
            lastAnswer = $"{(int)answer.StatusCode}";
            if (!answer.IsSuccessStatusCode) return false;
            Interlocked.Increment(ref answers);
            Interlocked.Exchange(ref answered, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
            return true;
        }
        catch (Exception gone) when (gone is HttpRequestException or SocketException) // .NET lets the latter through for a peer that dies between the connect and the first byte
        {
            lastAnswer = gone.Message;
            return false; // it was killed before it answered: maybe taken, maybe not
        }
    }

    private static async Task<bool> TickAsync(PeriodicTimer tick, CancellationToken enough)
    {
        try
        {
            return await tick.WaitForNextTickAsync(enough);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static async Task<IReadOnlyList<AlertRecord>> UntilDecidedAsync(SoarProcess soar, int written, int posted)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        var (decided, progress) = (-1, Stopwatch.StartNew());
        while (true)
        {
            using (var reader = Reader(soar))
            {
                var alerts = await reader.Alerts.ListAsync(null, null, int.MaxValue);
                if (alerts.Count >= written + posted && alerts.All(a => a.State != AlertState.Waiting)) return alerts;
                // Many kills leave many alerts: what counts is that it goes on.
                var now = alerts.Count(a => a.State != AlertState.Waiting);
                if (now != decided) progress.Restart();
                decided = now;
                if (progress.Elapsed > TimeSpan.FromSeconds(90)) Assert.Fail(Missing(alerts, written, posted));
            }

            await tick.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private static string Missing(IReadOnlyList<AlertRecord> alerts, int written, int posted)
    {
        var lines = Enumerable.Range(1, written).Except(alerts.Where(a => a.Source == "sensor").Select(a => int.Parse(a.Alert.RuleId!["1:".Length..], CultureInfo.InvariantCulture)));
        var posts = Enumerable.Range(1, posted).Except(alerts.Where(a => a.Source == "hook").Select(a => int.Parse(a.Alert.Id, CultureInfo.InvariantCulture)));
        return $"{alerts.Count} of {written + posted} alerts are there, {alerts.Count(a => a.State == AlertState.Waiting)} wait; lines missing: {string.Join(' ', lines)}; posts missing: {string.Join(' ', posts)}";
    }

    private static NodeReader Reader(SoarProcess soar) => SoarNode.OpenReader(new Soar.Server.Settings.Workspace(null, soar.Store, soar.Store, soar.Store));
}
