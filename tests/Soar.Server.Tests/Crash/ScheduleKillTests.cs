using System.Globalization;
using Soar.Runs;
using Soar.Server.Node;
using Soar.Storage;
using Soar.Testing;

namespace Soar.Server.Tests.Crash;

/// <summary>
/// <c>kill -9</c> of the real program while a schedule fires every second: afterwards every second that it had to fire at has exactly one run, those during which it was dead included.
/// <c>SOAR_KILLS</c> sets how often, <c>SOAR_SEED</c> repeats a run.
/// </summary>
public sealed class ScheduleKillTests(ITestOutputHelper output) : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Killed_at_any_instant_while_a_schedule_fires_each_due_time_has_exactly_one_run()
    {
        var kills = int.Parse(Environment.GetEnvironmentVariable("SOAR_KILLS") ?? "5", CultureInfo.InvariantCulture);
        var seed = int.Parse(Environment.GetEnvironmentVariable("SOAR_SEED") ?? "1", CultureInfo.InvariantCulture);
        var random = new Random(seed);
        folder.File("tick.csx", """
            Playbook("tick", version: "1.0.0", type: PlaybookType.Investigation, tlp: Tlp.Amber, summary: "Ticks.");
            On.Schedule("* * * * * ?", missed: Missed.All, overlap: Overlap.Allow);
            await Note("tick");
            return Outcome.Completed();
            """);
        // However slow this machine is, no due time is missed; how missed ones are dealt with is another test's.
        var settings = folder.File("soar.yaml", "approvals: []\nlateAfter: 1h\n");
        await using var soar = new SoarProcess(folder.Path, settings);
        await soar.StartAsync();
        var seen = (await UntilAsync(soar, firings => firings.Count > 0)).Count;
        for (var kill = 0; kill < kills; kill++)
        {
            await Task.Delay(random.Next(50, 1_500), TestContext.Current.CancellationToken); // the instant of the kill
            await soar.KillAsync();
            await soar.StartAsync();
            // It has come to fire again, so that the next kill meets it at work.
            seen = (await UntilAsync(soar, firings => firings.Count > seen)).Count;
        }

        var last = (await UntilAsync(soar, firings => firings.Count > seen))[0].Due;
        var all = (await UntilAsync(soar, firings => firings.Any(f => f.Due > last) && firings.Where(f => f.Due <= last).All(f => f.State == FiringState.Started))).Where(f => f.Due <= last).ToList();
        output.WriteLine($"seed {seed}: {kills} kills, {all.Count} due times");

        var first = all[^1].Due;
        Assert.Equal(Enumerable.Range(0, (int)(last - first).TotalSeconds + 1).Select(s => first.AddSeconds(s)), all.Select(f => f.Due).Order());
        using var reader = Reader(soar);
        var runs = (await reader.Runs.ListAsync(null, "tick", int.MaxValue)).ToLookup(r => r.TriggerKey);
        Assert.All(all, firing => Assert.Equal(firing.Run, Assert.Single(runs[$"schedule/tick/{firing.Due:yyyy-MM-ddTHH:mm:ss.fff}Z"]).Id));
        Assert.All(runs, key => Assert.Single(key));
    }

    private static async Task<IReadOnlyList<ScheduleFiring>> UntilAsync(SoarProcess soar, Func<IReadOnlyList<ScheduleFiring>, bool> wanted)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        while (true)
        {
            using (var reader = Reader(soar))
            {
                var firings = await reader.Schedules.ListAsync("tick", int.MaxValue);
                if (wanted(firings)) return firings;
                if (patience.IsCancellationRequested) Assert.Fail($"It did not come to that: {firings.Count} due times, {firings.Count(f => f.State == FiringState.Started)} started. The newest: {firings.FirstOrDefault()}");
            }

            await tick.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private static NodeReader Reader(SoarProcess soar) => SoarNode.OpenReader(new Soar.Server.Settings.Workspace(null, soar.Store, soar.Store, soar.Store));
}
