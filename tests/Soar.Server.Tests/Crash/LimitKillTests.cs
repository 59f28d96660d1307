using System.Globalization;
using System.Text.Json;
using Soar.Runs;
using Soar.Server.Node;
using Soar.Testing;

namespace Soar.Server.Tests.Crash;

/// <summary>
/// <c>kill -9</c> of the real program while most runs of a playbook stand in line, each time just after one more of them has begun: never are more under way than the settings say, they begin in the order
/// in which they were started, and none is lost or left standing. <c>SOAR_KILLS</c> sets how often, <c>SOAR_SEED</c> repeats a run.
/// </summary>
public sealed class LimitKillTests(ITestOutputHelper output) : IDisposable
{
    private const int AtOnce = 2;

    private readonly TempFolder folder = new();
    private readonly Outside outside = new();

    public void Dispose()
    {
        outside.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Killed_whenever_one_more_has_begun_no_more_are_under_way_than_may_be_and_all_end_in_their_order()
    {
        var kills = int.Parse(Environment.GetEnvironmentVariable("SOAR_KILLS") ?? "4", CultureInfo.InvariantCulture);
        var seed = int.Parse(Environment.GetEnvironmentVariable("SOAR_SEED") ?? "1", CultureInfo.InvariantCulture);
        var random = new Random(seed);
        var playbook = folder.File("slow.csx", """
            Playbook("slow", version: "1.0.0", type: PlaybookType.Investigation, tlp: Tlp.Amber, summary: "Begins, waits, ends.");
            var n = Input<int>("n", "Which run this is");
            await Http.Get($"/begin/{n}");
            await Wait(300.Milliseconds);
            await Http.Get($"/end/{n}");
            return Outcome.Completed($"{n}");
            """);
        var settings = folder.File("soar.yaml", $"approvals: []\ntriggers: {{ slow: {{ concurrency: {AtOnce} }} }}\nconnectors:\n  outside: {{ type: http, address: \"http://127.0.0.1:{outside.Port}/\" }}\n");
        await using var soar = new SoarProcess(folder.Path, settings);
        await soar.StartAsync();
        // So many that some stand in line at every kill.
        var runs = new List<RunId>();
        for (var n = 0; n < (kills * AtOnce) + 4; n++)
        {
            var call = new RunCall(playbook, null, new Dictionary<string, JsonElement> { ["n"] = JsonSerializer.SerializeToElement(n) }, RunMode.Live, "harness");
            runs.Add(new RunId((await soar.TryCallAsync(Calls.Start, call))!.Value.GetGuid()));
        }

        var killedInLine = 0;
        for (var kill = 0; kill < kills; kill++)
        {
            var begun = (await LookAsync(soar, runs)).Count(row => !row.InLine);
            await UntilAsync(soar, runs, rows => rows.Count(row => !row.InLine) > begun || rows.All(row => row.EndedAt is not null));
            await Task.Delay(random.Next(0, 100), TestContext.Current.CancellationToken); // the instant of the kill
            await soar.KillAsync();
            if ((await LookAsync(soar, runs)).Any(row => row.InLine)) killedInLine++;
            await soar.StartAsync();
        }

        var ended = await UntilAsync(soar, runs, rows => rows.All(row => row.EndedAt is not null));
        output.WriteLine($"seed {seed}: {kills} kills, at {killedInLine} of them runs stood in line, {runs.Count} runs");
        Assert.True(killedInLine > 0, $"seed {seed}: nothing stood in line");
        Assert.All(ended, row => Assert.Equal(RunStatus.Completed, row.Status));
        var spans = new List<(DateTimeOffset Begun, DateTimeOffset Ended)>();
        using var reader = Reader(soar);
        foreach (var row in ended) spans.Add((At((await reader.Runs.ReadJournalAsync(row.Id)).First(record => record.Kind is not JournalKind.Started).At), row.EndedAt!.Value));
        Assert.All(spans, one => Assert.InRange(spans.Count(other => other.Begun <= one.Begun && one.Begun < other.Ended), 1, AtOnce));
    }

    private static DateTimeOffset At(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    /// <summary>In the order in which they were started; whatever was seen, no more were under way than may be, and nobody was passed.</summary>
    private static async Task<List<Run>> LookAsync(SoarProcess soar, List<RunId> runs)
    {
        using var reader = Reader(soar);
        var all = (await reader.Runs.ListAsync(null, "slow", int.MaxValue)).ToDictionary(run => run.Id);
        var rows = runs.ConvertAll(id => all[id]);
        Assert.InRange(rows.Count(row => row is { InLine: false, EndedAt: null }), 0, AtOnce);
        Assert.DoesNotContain(rows.SkipWhile(row => !row.InLine), row => !row.InLine);
        return rows;
    }

    private static async Task<List<Run>> UntilAsync(SoarProcess soar, List<RunId> runs, Func<List<Run>, bool> come)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            var rows = await LookAsync(soar, runs);
            if (come(rows)) return rows;
            Assert.False(patience.IsCancellationRequested, $"It did not come to that: {string.Join("; ", rows.Where(row => row.EndedAt is null))}");
            await tick.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private static NodeReader Reader(SoarProcess soar) => SoarNode.OpenReader(new Soar.Server.Settings.Workspace(null, soar.Store, soar.Store, soar.Store));
}
