using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Soar.Alerts;
using Soar.Cases;
using Soar.Runs;
using Soar.Server.Node;
using Soar.Testing;

namespace Soar.Server.Tests.Crash;

/// <summary>
/// <c>kill -9</c> of the real program while alerts come that repeat each other, are suppressed and belong together: whatever the instant, each has its one state, every first its count, every case its
/// alerts and every first its one run on that case. <c>SOAR_KILLS</c> sets how often, <c>SOAR_SEED</c> repeats a run.
/// </summary>
public sealed class AlertRulesKillTests(ITestOutputHelper output) : IDisposable
{
    private const string Token = "kill-token-0123456789abcdef";

    private readonly TempFolder folder = new();
    private readonly HttpClient client = new();

    public void Dispose()
    {
        client.Dispose();
        folder.Dispose();
    }

    // New ones begin all the time, so that every kill meets firsts, repeats and cases that are just being opened.
    private static string Ip(int number) => $"203.0.{number / 120 % 250}.{number % 11}";

    private static string Rule(int number) => $"r{number / 30}";

    private static bool Quiet(int number) => number % 10 == 0;

    /// <summary>What makes two of them the same.</summary>
    private static string Same(int number) => $"{Rule(number)} {Ip(number)}";

    [Fact]
    public async Task Killed_at_any_instant_no_alert_is_counted_grouped_or_started_twice_or_lost()
    {
        var kills = int.Parse(Environment.GetEnvironmentVariable("SOAR_KILLS") ?? "3", CultureInfo.InvariantCulture);
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
        var settings = folder.File("soar.yaml", $$"""
            approvals: []
            alerts:
              same: { within: 2h, by: [rule, source.ip] }
              suppress: [{ name: quiet, when: { category: policy } }]
              cases: [{ name: attacker, by: [source.ip], title: 'From {source.ip}' }]
            connectors:
              hook: { type: webhook, port: {{port}}, token: "file:token", map: { id: $.id, title: $.title, ruleId: $.rule, category: $.category, severity: $.level, sourceIp: $.ip } }
            """);
        client.BaseAddress = new Uri($"http://127.0.0.1:{port}/");
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);

        await using var soar = new SoarProcess(folder.Path, settings);
        await soar.StartAsync();
        using var enough = new CancellationTokenSource();
        var posting = Task.WhenAll(Enumerable.Range(0, 3).Select(lane => PostAsync(lane, enough.Token)));
        for (var kill = 0; kill < kills; kill++)
        {
            await Task.Delay(random.Next(300, 2_000), TestContext.Current.CancellationToken); // the instant of the kill
            await soar.KillAsync();
            await soar.StartAsync();
        }

        await answeredOften.Task.WaitAsync(TimeSpan.FromSeconds(90), TestContext.Current.CancellationToken);
        await enough.CancelAsync();
        var posted = (await posting).SelectMany(numbers => numbers).Order().ToList();
        using var reader = await DecidedAsync(soar, posted.Count);
        var alerts = await reader.Alerts.ListAsync(null, null, int.MaxValue);
        output.WriteLine($"seed {seed}: {kills} kills, {posted.Count} alerts, {alerts.Count(a => a.State == AlertState.Duplicate)} repeats, {alerts.Sum(a => a.Times) - alerts.Count} sent again");
        Check(posted, alerts, await reader.Runs.ListAsync(null, null, int.MaxValue), await reader.Cases.ListAsync(int.MaxValue));
    }

    private static void Check(List<int> posted, IReadOnlyList<AlertRecord> alerts, IReadOnlyList<Run> runs, IReadOnlyList<CaseFile> cases)
    {
        var byNumber = alerts.ToDictionary(a => int.Parse(a.Alert.Id, CultureInfo.InvariantCulture));
        Assert.Equal(posted, byNumber.Keys.Order());
        Assert.All(byNumber, a => Assert.Equal(Quiet(a.Key), a.Value is { State: AlertState.Suppressed, SuppressedBy: "quiet", CaseId: null }));
        foreach (var same in byNumber.Where(a => !Quiet(a.Key)).GroupBy(a => Same(a.Key)))
        {
            var first = same.MinBy(a => a.Value.Number).Value;
            Assert.Equal((AlertState.Started, null, same.Count() - 1), (first.State, first.DuplicateOf, first.Duplicates));
            Assert.All(same.Where(a => a.Value != first), a => Assert.Equal((AlertState.Duplicate, first.Number, first.CaseNumber), (a.Value.State, a.Value.DuplicateOf, a.Value.CaseNumber)));
            var run = Assert.Single(runs, r => r.StartedBy == $"alert {first.Number}");
            Assert.Equal((first.CaseId, first.Triggers.Single(t => t.Run is not null).Run), (run.CaseId, run.Id));
        }

        Assert.Equal(alerts.Count(a => a.State == AlertState.Started), runs.Count);
        foreach (var together in byNumber.Where(a => !Quiet(a.Key)).GroupBy(a => Ip(a.Key)))
        {
            var one = Assert.Single(cases, c => c.Title == $"From {together.Key}");
            Assert.Equal(together.Count(a => a.Value.DuplicateOf is null), one.Alerts);
            Assert.All(together, a => Assert.Equal(one.Number, a.Value.CaseNumber));
        }

        Assert.Equal(byNumber.Where(a => !Quiet(a.Key)).Select(a => Ip(a.Key)).Distinct().Count(), cases.Count);
    }

    private readonly TaskCompletionSource answeredOften = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int answers;

    /// <summary>A sender that repeats what it got no good answer for. Returns the numbers of its alerts.</summary>
    private async Task<List<int>> PostAsync(int lane, CancellationToken enough)
    {
        var numbers = new List<int>();
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        for (var number = lane + 1; !enough.IsCancellationRequested; number += 3)
        {
            numbers.Add(number);
            while (!await TryPostAsync(number)) await tick.WaitForNextTickAsync(CancellationToken.None);
        }

        return numbers;
    }

    private async Task<bool> TryPostAsync(int number)
    {
        try
        {
            var body = $$"""{"id":{{number}},"title":"t","rule":"{{Rule(number)}}","category":"{{(Quiet(number) ? "policy" : "intrusion")}}","level":50,"ip":"{{Ip(number)}}"}""";
            using var answer = await client.PostAsync("", new StringContent(body, Encoding.UTF8, "application/json"));
            Assert.NotEqual(HttpStatusCode.BadRequest, answer.StatusCode);
            if (answer.IsSuccessStatusCode && Interlocked.Increment(ref answers) == 120) answeredOften.SetResult();
            return answer.IsSuccessStatusCode;
        }
        catch (Exception gone) when (gone is HttpRequestException or SocketException) // .NET lets the latter through for a peer that dies between the connect and the first byte
        {
            return false; // it was killed before it answered: maybe taken, maybe not
        }
    }

    private static async Task<NodeReader> DecidedAsync(SoarProcess soar, int posted)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        var (decided, progress) = (-1, Stopwatch.StartNew()); // how many there are depends on the kills, so patience is for the next one only
        while (true)
        {
            var reader = SoarNode.OpenReader(new Soar.Server.Settings.Workspace(null, soar.Store, soar.Store, soar.Store));
            var (all, waiting) = ((await reader.Alerts.ListAsync(null, null, int.MaxValue)).Count, await reader.Alerts.CountWaitingAsync());
            if (all >= posted && waiting == 0) return reader;
            reader.Dispose();
            if (all - waiting != decided) progress.Restart();
            decided = all - waiting;
            Assert.True(progress.Elapsed < TimeSpan.FromSeconds(90), $"{all} of {posted} alerts are there, {waiting} wait");
            await tick.WaitForNextTickAsync(CancellationToken.None);
        }
    }
}
