using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Soar.Engine;
using Soar.Runs;

namespace Soar.Benchmarks;

/// <summary>Whole runs through all layers.</summary>
internal static class Runs
{
    /// <summary>Durable steps per second of a ten-step playbook, at so many runs at once.</summary>
    public static async Task StepsAsync(string[] args)
    {
        var seconds = args.Length > 0 ? double.Parse(args[0], CultureInfo.InvariantCulture) : 10;
        var levels = args.Length > 1 ? [int.Parse(args[1], CultureInfo.InvariantCulture)] : new[] { 500, 50, 1 };
        Console.WriteLine("  runs at once   steps/s    runs/s   run median   run p99   commits/s   CPU/step");
        foreach (var level in levels)
        {
            await using var rig = await Rig.OpenAsync(new EngineOptions());
            var ten = await rig.CompileAsync("ten", "var sum = 0;\nfor (var i = 0; i < 10; i++) sum += await Bench.Nothing(i);\nreturn Outcome.Completed($\"{sum}\");");
            await DriveAsync(rig, ten, level, TimeSpan.FromSeconds(3));
            var (commits, cpu, began) = (rig.Database.Commits, rig.Cpu(), Stopwatch.GetTimestamp());
            var times = await DriveAsync(rig, ten, level, TimeSpan.FromSeconds(seconds));
            var took = Stopwatch.GetElapsedTime(began).TotalSeconds;
            times.Sort();
            Console.WriteLine($"  {level,12}   {times.Count * 10 / took,-8:N0}   {times.Count / took,-6:N0}   {times[times.Count / 2],-7:0.0} ms   {times[(int)(times.Count * 0.99)],-5:0.0} ms   {(rig.Database.Commits - commits) / took,-9:N0}   {(rig.Cpu() - cpu) * 1e6 / (times.Count * 10):0.0} µs");
        }
    }

    private static async Task<List<double>> DriveAsync(Rig rig, Soar.Hosting.CompiledPlaybook playbook, int level, TimeSpan time)
    {
        var end = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
        var all = await Task.WhenAll(Enumerable.Range(0, level).Select(_ => Task.Run(async () =>
        {
            var mine = new List<double>();
            while (Stopwatch.GetTimestamp() < end)
            {
                var began = Stopwatch.GetTimestamp();
                var run = await rig.Engine.WhenEndedAsync(await rig.StartAsync(playbook));
                if (run.Status != RunStatus.Completed) throw new InvalidOperationException($"A run ended as {run.Status}: {run.Result}");
                mine.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }

            return mine;
        })));
        return [.. all.SelectMany(t => t)];
    }

    /// <summary><c>ForEach</c> over more and more items: is it linear?</summary>
    public static async Task ForEachAsync(string[] args)
    {
        await using var rig = await Rig.OpenAsync(new EngineOptions());
        Console.WriteLine("  items     time       items/s   of 10,000's time");
        var tenThousand = 0.0;
        foreach (var items in new[] { 100, 100, 1_000, 10_000, 100_000 })
        {
            var playbook = await rig.CompileAsync($"loop-{items}", $"var results = await ForEach(Enumerable.Range(0, {items}).ToList(), i => Bench.Nothing(i), parallel: 64);\nreturn Outcome.Completed($\"{{results.Count}}\");");
            var began = Stopwatch.GetTimestamp();
            var run = await rig.Engine.WhenEndedAsync(await rig.StartAsync(playbook));
            var took = Stopwatch.GetElapsedTime(began).TotalSeconds;
            if (run.Status != RunStatus.Completed) throw new InvalidOperationException(run.Result);
            if (items == 10_000) tenThousand = took;
            Console.WriteLine($"  {items,-8:N0}  {took,-6:0.00} s   {items / took,-8:N0}  {(tenThousand > 0 ? $"{took / tenThousand:0.0}×" : "")}");
        }
    }

    /// <summary>Runs that wait: what they hold, and how fast they all go on.</summary>
    public static async Task SuspendedAsync(string[] args)
    {
        var (held, woken) = (args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 100_000, 10_000);
        await using var rig = await Rig.OpenAsync(new EngineOptions { Eviction = Eviction.Always });
        var waiter = await rig.CompileAsync("waiter", "var n = await Bench.Nothing(1);\nawait Receive<string>(\"go\");\nn += await Bench.Nothing(2);\nreturn Outcome.Completed($\"{n}\");");
        await StartManyAsync(rig, waiter, 100);
        await QuietAsync(rig, 100);
        var before = Held(rig);
        var runs = await StartManyAsync(rig, waiter, held);
        await QuietAsync(rig, held + 100);
        var after = Held(rig);
        Console.WriteLine($"  {held:N0} waiting runs: engine and hosts hold {(after.Managed - before.Managed) / 1048576.0:0.0} MB more of managed memory here, resident {(after.Resident - before.Resident) / 1048576.0:0.0} MB more in all processes");
        var chosen = runs.Take(woken).ToList();
        var signal = JsonSerializer.SerializeToElement("now");
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(chosen.Select(run => rig.Engine.SignalAsync(run, "go", signal, "go")));
        foreach (var run in chosen) await rig.Engine.WhenEndedAsync(run);
        Console.WriteLine($"  {woken:N0} woken at once: all have ended after {Stopwatch.GetElapsedTime(began).TotalSeconds:0.00} s");
        var wrong = 0;
        foreach (var run in chosen)
        {
            var journal = await rig.Store.ReadJournalAsync(run);
            if (journal.Count(r => r.Kind == JournalKind.Delivered) != 3 || journal.Count(r => r.Kind == JournalKind.Ended) != 1) wrong++;
        }

        Console.WriteLine($"  of these, {wrong} did not continue exactly once");
    }

    /// <summary>A run of 10,000 steps that receives 1,000 signals one by one, forgotten between all of them; and what one replay costs.</summary>
    public static async Task SignalsAsync(string[] args)
    {
        var signals = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 1_000;
        await using var rig = await Rig.OpenAsync(new EngineOptions { Eviction = Eviction.Always });
        var playbook = await rig.CompileAsync("long", $"var sum = 0;\nfor (var i = 0; i < 10000; i++) sum += await Bench.Nothing(i);\nfor (var i = 0; i < {signals}; i++) await Receive<string>(\"next\");\nreturn Outcome.Completed($\"{{sum}}\");");
        var run = await rig.StartAsync(playbook);
        await WaitingAsync(rig, run, 0);
        var (cpu, began) = (rig.Cpu(), Stopwatch.GetTimestamp());
        var value = JsonSerializer.SerializeToElement("x");
        for (var i = 0; i < signals; i++)
        {
            await rig.Engine.SignalAsync(run, "next", value, $"s{i}");
            if (i < signals - 1) await WaitingAsync(rig, run, i + 1);
        }

        await rig.Engine.WhenEndedAsync(run);
        var (used, took) = (rig.Cpu() - cpu, Stopwatch.GetElapsedTime(began).TotalSeconds);
        Console.WriteLine($"  {signals:N0} signals, each after a replay of 10,000 and more steps: {used:0.0} s of CPU, {took:0.0} s; one replay of 10,000 steps {took * 1000 / signals:0} ms");
    }

    private static async Task<List<RunId>> StartManyAsync(Rig rig, Soar.Hosting.CompiledPlaybook playbook, int count)
    {
        var runs = new RunId[count];
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 500 }, async (i, _) => runs[i] = await rig.StartAsync(playbook));
        return [.. runs];
    }

    private static async Task QuietAsync(Rig rig, int waiting)
    {
        while ((await rig.Store.ListAsync(RunStatus.Waiting, null, int.MaxValue)).Count < waiting || rig.Engine.Health().Driving > 0) await Task.Delay(100);
    }

    // Waiting, forgotten, and having received so many signals: only then is the next one a full replay.
    private static async Task WaitingAsync(Rig rig, RunId run, int received)
    {
        while (true)
        {
            var row = await rig.Store.FindAsync(run);
            if (row!.Status == RunStatus.Waiting && rig.Engine.Health().Driving == 0 && (await rig.Store.ReadInboxAsync(run)).Count == 0) return;
            if (row.Status is RunStatus.Failed or RunStatus.Completed) throw new InvalidOperationException($"After {received} signals the run is {row.Status}: {row.Result}");
            await Task.Delay(1);
        }
    }

    private static (long Managed, long Resident) Held(Rig rig)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return (GC.GetTotalMemory(forceFullCollection: true), rig.Resident());
    }
}
