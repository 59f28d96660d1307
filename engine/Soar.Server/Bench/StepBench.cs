using Soar.Engine;
using Soar.Hosting;
using Soar.Runs;

namespace Soar.Server.Bench;

/// <summary>Durable steps per second on this machine, through all layers, beside what the store alone does at the same level in the same minute: disks and machines differ, the ratio hardly.</summary>
internal static class StepBench
{
    /// <summary>Durable steps per second of a ten-step playbook, at so many runs at once, and the records per second of as many callers of the bare store.</summary>
    /// <param name="seconds">How long each of the two is measured at each level.</param>
    /// <param name="levels">How many runs at once, one line each.</param>
    public static async Task MeasureAsync(double seconds, IReadOnlyList<int> levels)
    {
        Console.WriteLine("  runs at once   steps/s    bare rows/s   ratio   runs/s   run median   run p99   commits/s   CPU/step");
        foreach (var level in levels)
        {
            var bare = await BareCommits.MeasureAsync(level, TimeSpan.FromSeconds(seconds));
            await using var rig = await BenchRig.OpenAsync(new EngineOptions());
            var ten = await rig.CompileAsync("ten", "var sum = 0;\nfor (var i = 0; i < 10; i++) sum += await Bench.Nothing(i);\nreturn Outcome.Completed($\"{sum}\");");
            await DriveAsync(rig, ten, level, TimeSpan.FromSeconds(8));
            var (commits, cpu, began) = (rig.Database.Commits, rig.Cpu(), TimeProvider.System.GetTimestamp());
            var times = await DriveAsync(rig, ten, level, TimeSpan.FromSeconds(seconds));
            var took = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
            times.Sort();
            Console.WriteLine($"  {level,12}   {times.Count * 10 / took,-8:N0}   {bare,-11:N0}   {times.Count * 10 / took / bare,-5:0.00}   {times.Count / took,-6:N0}   {times[times.Count / 2],-7:0.0} ms   {times[(int)(times.Count * 0.99)],-5:0.0} ms   {(rig.Database.Commits - commits) / took,-9:N0}   {(rig.Cpu() - cpu) * 1e6 / (times.Count * 10):0.0} µs");
        }
    }

    private static async Task<List<double>> DriveAsync(BenchRig rig, CompiledPlaybook playbook, int level, TimeSpan time)
    {
        var end = TimeProvider.System.GetTimestamp() + (long)(time.TotalSeconds * TimeProvider.System.TimestampFrequency);
        var all = await Task.WhenAll(Enumerable.Range(0, level).Select(_ => Task.Run(async () =>
        {
            var mine = new List<double>();
            while (TimeProvider.System.GetTimestamp() < end)
            {
                var began = TimeProvider.System.GetTimestamp();
                var run = await rig.Engine.WhenEndedAsync(await rig.StartAsync(playbook));
                if (run.Status != RunStatus.Completed) throw new InvalidOperationException($"A run ended as {run.Status}: {run.Result}");
                mine.Add(TimeProvider.System.GetElapsedTime(began).TotalMilliseconds);
            }

            return mine;
        })));
        return [.. all.SelectMany(t => t)];
    }
}
