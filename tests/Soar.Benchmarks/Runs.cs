using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Soar.Engine;
using Soar.Runs;
using Soar.Server.Bench;

namespace Soar.Benchmarks;

/// <summary>Whole runs through all layers.</summary>
internal static class Runs
{
    /// <summary><c>ForEach</c> over more and more items: is it linear?</summary>
    public static async Task ForEachAsync(string[] args)
    {
        await using var rig = await BenchRig.OpenAsync(new EngineOptions());
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
        await using var rig = await BenchRig.OpenAsync(new EngineOptions { Eviction = Eviction.Always });
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
        await using var rig = await BenchRig.OpenAsync(new EngineOptions { Eviction = Eviction.Always });
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

    private static async Task<List<RunId>> StartManyAsync(BenchRig rig, Soar.Hosting.CompiledPlaybook playbook, int count)
    {
        var runs = new RunId[count];
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 500 }, async (i, _) => runs[i] = await rig.StartAsync(playbook));
        return [.. runs];
    }

    private static async Task QuietAsync(BenchRig rig, int waiting)
    {
        while ((await rig.Store.ListAsync(RunStatus.Waiting, null, int.MaxValue)).Count < waiting || rig.Engine.Health().Driving > 0) await Task.Delay(100);
    }

    // Waiting, forgotten, and having received so many signals: only then is the next one a full replay.
    private static async Task WaitingAsync(BenchRig rig, RunId run, int received)
    {
        while (true)
        {
            var row = await rig.Store.FindAsync(run);
            if (row!.Status == RunStatus.Waiting && rig.Engine.Health().Driving == 0 && (await rig.Store.ReadInboxAsync(run)).Count == 0) return;
            if (row.Status is RunStatus.Failed or RunStatus.Completed) throw new InvalidOperationException($"After {received} signals the run is {row.Status}: {row.Result}");
            await Task.Delay(1);
        }
    }

    private static (long Managed, long Resident) Held(BenchRig rig)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return (GC.GetTotalMemory(forceFullCollection: true), rig.Resident());
    }
}
