using System.Diagnostics;
using System.Globalization;
using System.Runtime;
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

        await ForEachMemoryAsync(rig);
    }

    /// <summary>What a long loop holds while it runs, four items at a time: ten times the items may hold their results more, and nothing else.</summary>
    private static async Task ForEachMemoryAsync(BenchRig rig)
    {
        foreach (var items in new[] { 10_000, 10_000, 100_000 })
        {
            var playbook = await rig.CompileAsync($"four-{items}", $"var results = await ForEach(Enumerable.Range(0, {items}).ToList(), i => Bench.Nothing(i), parallel: 4);\nreturn Outcome.Completed($\"{{results.Count}}\");");
            var before = Held(rig);
            var ended = rig.Engine.WhenEndedAsync(await rig.StartAsync(playbook));
            var most = before;
            while (await Task.WhenAny(ended, Task.Delay(10)) != ended)
            {
                var (engine, hosts) = rig.Resident();
                most = (Math.Max(most.Managed, GC.GetTotalMemory(forceFullCollection: false)), Math.Max(most.Engine, engine), Math.Max(most.Hosts, hosts));
            }

            if ((await ended).Status != RunStatus.Completed) throw new InvalidOperationException((await ended).Result);
            Console.WriteLine($"  {items:N0} items, parallel 4: at most {Mb(most.Managed - before.Managed)} more managed memory in the engine's process, garbage included; resident: {Mb(most.Engine - before.Engine)} more there, {Mb(most.Hosts - before.Hosts)} in the playbook hosts");
        }
    }

    /// <summary>
    /// Runs that wait: what they hold, and how fast they all go on. What the start of so many runs leaves behind in any case (caches of SQLite, pools, compiled code) is there before: as many runs
    /// wait, are woken and end first. Only then the same number is started and left waiting, and what is held more is theirs.
    /// </summary>
    public static async Task SuspendedAsync(string[] args)
    {
        var held = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 100_000;
        var woken = Math.Min(10_000, held);
        await using var rig = await BenchRig.OpenAsync(new EngineOptions { Eviction = Eviction.Always });
        var waiter = await rig.CompileAsync("waiter", "var n = await Bench.Nothing(1);\nawait Receive<string>(\"go\");\nn += await Bench.Nothing(2);\nreturn Outcome.Completed($\"{n}\");");
        for (var round = 0; round < 2; round++)
        {
            await WakeAsync(rig, await StartManyAsync(rig, waiter, held));
            Held(rig); // so that both measurements come after one
        }

        var before = Held(rig);
        var runs = await StartManyAsync(rig, waiter, held);
        await QuietAsync(rig);
        var after = Held(rig);
        Console.WriteLine($"  {held:N0} waiting runs hold {Mb(after.Managed - before.Managed)} of managed memory in the engine's process; resident: {Mb(after.Engine - before.Engine)} there, {Mb(after.Hosts - before.Hosts)} in the playbook hosts");
        Console.WriteLine($"    (before them: {Mb(before.Managed)} managed, {Mb(before.Engine)} and {Mb(before.Hosts)} resident; {rig.Engine.Health().Driving + rig.Engine.Health().Kept} runs in the engine's memory)");
        var began = Stopwatch.GetTimestamp();
        await WakeAsync(rig, runs[..woken]);
        Console.WriteLine($"  {woken:N0} woken at once: all have ended after {Stopwatch.GetElapsedTime(began).TotalSeconds:0.00} s");
        var wrong = 0;
        foreach (var run in runs[..woken])
        {
            var journal = await rig.Store.ReadJournalAsync(run);
            if (journal.Count(r => r.Kind == JournalKind.Delivered) != 3 || journal.Count(r => r.Kind == JournalKind.Ended) != 1) wrong++;
        }

        Console.WriteLine($"  of these, {wrong} did not continue exactly once");
    }

    private static async Task WakeAsync(BenchRig rig, RunId[] runs)
    {
        await QuietAsync(rig);
        var signal = JsonSerializer.SerializeToElement("now");
        await Task.WhenAll(runs.Select(run => rig.Engine.SignalAsync(run, "go", signal, "go")));
        foreach (var run in runs) await rig.Engine.WhenEndedAsync(run);
    }

    private static string Mb(long bytes) => $"{bytes / 1048576.0:0.0} MB";

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

    private static async Task<RunId[]> StartManyAsync(BenchRig rig, Soar.Hosting.CompiledPlaybook playbook, int count)
    {
        var runs = new RunId[count];
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 500 }, async (i, _) => runs[i] = await rig.StartAsync(playbook));
        return runs;
    }

    /// <summary>Every run that was started waits (or has ended), and the engine has none of them in its memory.</summary>
    private static async Task QuietAsync(BenchRig rig)
    {
        while ((await rig.Store.ListAsync(RunStatus.Running, null, 1)).Count > 0 || rig.Engine.Health() is not { Driving: 0, Kept: 0 }) await Task.Delay(100);
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

    private static (long Managed, long Engine, long Hosts) Held(BenchRig rig)
    {
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        var (engine, hosts) = rig.Resident();
        return (GC.GetTotalMemory(forceFullCollection: true), engine, hosts);
    }
}
