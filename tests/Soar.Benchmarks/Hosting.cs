using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Soar.Capabilities;
using Soar.Hosting;
using Soar.Language;
using Soar.Scripting.Host;

namespace Soar.Benchmarks;

/// <summary>The playbook host without a store: how fast steps go through the pipe, how fast a run replays, how soon a host answers.</summary>
internal static class Hosting
{
    private const string Loop = "for (var i = 0; i < 1_000_000_000; i++) await Http.Get(\"x\"); return Outcome.Completed();";
    private const string TenThousand = "for (var i = 0; i < 10_000; i++) await Http.Get(\"x\"); await Wait(1.Hours); return Outcome.Completed();";

    private static readonly ReadOnlyMemory<byte> Answer = JsonSerializerBytes(new HttpAnswer(200, new Dictionary<string, string>(), "ok", null));

    public static async Task RunAsync(string[] args)
    {
        var seconds = args.Length > 0 ? double.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture) : 3;
        var folder = Directory.CreateTempSubdirectory("soar-bench-hosts").FullName;
        try
        {
            await MeasureAsync(folder, seconds, args);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task MeasureAsync(string folder, double seconds, string[] args)
    {
        var (version, path) = Compile(folder, "loop", Loop);
        var options = new HostOptions { CacheFolder = folder };
        if (args.Contains("replay"))
        {
            await ReplayAsync(folder, options);
            return;
        }

        if (args.Contains("live"))
        {
            await PipeAsync(options, version, path, seconds);
            return;
        }

        if (args.Contains("wake"))
        {
            await WakeAsync(folder, options);
            return;
        }

        if (args.Contains("held"))
        {
            Held(folder);
            return;
        }

        if (args.Contains("start"))
        {
            await StartUpAsync(folder, options);
            return;
        }

        await PipeAsync(options, version, path, seconds);
        {
            var desk = new Desk();
            await using var host = new InProcessHost(desk);
            await LiveAsync("in process", desk, host, version, path, 500, seconds);
        }

        await ReplayAsync(folder, options);
        await WakeAsync(folder, options);
        Held(folder);
        await ForEachAsync(folder);
        await StartUpAsync(folder, options);
    }

    private static async Task PipeAsync(HostOptions options, string version, string path, double seconds)
    {
        foreach (var processes in new[] { 1, 2 })
        {
            foreach (var runs in new[] { 500, 50, 1 })
            {
                if (processes > runs) continue;
                var desk = new Desk();
                await using var pool = await HostPool.StartAsync(desk, options with { Processes = processes }, TimeProvider.System, default);
                await LiveAsync($"jailed, {processes} process(es)", desk, pool, version, path, runs, seconds);
            }
        }
    }

    private static async Task LiveAsync(string name, Desk desk, IPlaybookHost host, string version, string path, int runs, double seconds)
    {
        desk.Host = host;
        for (var i = 0; i < runs; i++) host.Start(StartOf(version, path, i));
        await Task.Delay(TimeSpan.FromSeconds(1)); // warm-up: the JIT settles
        var (steps, messages) = (desk.Steps, desk.Messages);
        var watch = Stopwatch.StartNew();
        var (here, there) = (Environment.CpuUsage.TotalTime, ProcessorTimeOf(host));
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        var time = watch.Elapsed.TotalSeconds;
        (here, there) = (Environment.CpuUsage.TotalTime - here, ProcessorTimeOf(host) - there);
        (steps, messages) = (desk.Steps - steps, desk.Messages - messages);
        desk.Host = null;
        Console.WriteLine($"{name}, {runs} runs: {steps / time:N0} steps/s, {messages / time:N0} messages/s; processor time a step {here.TotalMicroseconds / steps:N2} µs in the engine's process, {there.TotalMicroseconds / steps:N2} µs in the hosts");
        for (var i = 0; i < runs; i++) host.Drop(RunOf(i));
    }

    private static TimeSpan ProcessorTimeOf(IPlaybookHost host) => host is not HostPool pool
        ? TimeSpan.Zero
        : new TimeSpan(pool.Processes.Sum(id => Process.GetProcessById(id).TotalProcessorTime.Ticks));

    private static async Task ReplayAsync(string folder, HostOptions options)
    {
        var (version, path) = Compile(folder, "ten-thousand", TenThousand);
        var deliveries = Enumerable.Range(0, 10_000).Select(i => new Delivery(i, DeliveryKind.Done, 1000 + i, Answer)).ToArray();
        var hash = CallHash.Short("http.get", "api", "{\"path\":\"x\"}"u8);
        var marks = Enumerable.Range(0, 10_000).Select(i => new CallMark(i, i == 0 ? "http-get" : $"http-get#{i + 1}", "http.get", hash)).ToArray();
        var desk = new Desk();
        ReplayOnOneThread(desk, StartOf(version, path, 999) with { Deliveries = deliveries, Marks = marks });
        await using var pool = await HostPool.StartAsync(desk, options with { Processes = 1 }, TimeProvider.System, default);
        await using var host = new InProcessHost(desk);
        foreach (var (name, target) in new (string, IPlaybookHost)[] { ("jailed", pool), ("in process", host) })
        {
            for (var round = 0; round < 6; round++)
            {
                var start = StartOf(version, path, 1000 + round) with { Deliveries = deliveries, Marks = marks };
                var idle = desk.NextIdleAsync(start.Run);
                var watch = Stopwatch.StartNew();
                target.Start(start);
                await idle;
                var ms = watch.Elapsed.TotalMilliseconds;
                if (round is 0 or 5) Console.WriteLine($"replay of 10,000 steps, {name}, {(round == 0 ? "first" : "warm")}: {ms:N0} ms ({10_000 / ms * 1000:N0} steps/s)");
                target.Drop(start.Run);
            }
        }
    }

    /// <summary>The language alone; in processor time, which a busy machine does not change as much.</summary>
    private static void ReplayOnOneThread(Desk desk, RunStart start)
    {
        var set = new RunSet(desk, new PlaybookLoader(), new Budgets(), new InHandMark());
        for (var round = 0; round < 3; round++)
        {
            const int Times = 100;
            var before = Environment.CpuUsage.TotalTime;
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < Times; i++)
            {
                set.Take(new Work(start.Run, Start: start));
                set.DrainAll();
            }

            var time = (Environment.CpuUsage.TotalTime - before).TotalSeconds;
            if (round == 2) Console.WriteLine($"replay on one thread: {Times * 10_000 / time:N0} steps per second of processor time, {(GC.GetAllocatedBytesForCurrentThread() - allocated) / Times / 10_000} bytes a step");
        }

        set.Take(new Work(start.Run));
    }

    /// <summary>What a run costs in the host while it waits there, and after it was forgotten.</summary>
    private static void Held(string folder)
    {
        const int Runs = 100_000;
        var (version, path) = Compile(folder, "held", "var name = \"x\"; await Http.Get(name); await Wait(1.Hours); return Outcome.Completed(name);");
        var set = new RunSet(new Desk(), new PlaybookLoader(), new Budgets(), new InHandMark());
        var started = StartOf(version, path, 0);
        for (var round = 0; round < 2; round++)
        {
            var before = GC.GetTotalMemory(forceFullCollection: true);
            for (var i = 0; i < Runs; i++)
            {
                set.Take(new Work(RunOf(i), Start: started with { Run = RunOf(i), Deliveries = [new Delivery(0, DeliveryKind.Done, 1000, Answer)] }));
                set.DrainAll();
            }

            var held = GC.GetTotalMemory(forceFullCollection: true) - before;
            for (var i = 0; i < Runs; i++) set.Take(new Work(RunOf(i)));
            var forgotten = GC.GetTotalMemory(forceFullCollection: true) - before;
            if (round == 1) Console.WriteLine($"{Runs:N0} waiting runs: {held / Runs:N0} bytes each while held, {forgotten / 1024:N0} KiB together once forgotten");
        }
    }

    /// <summary>Many forgotten runs come back at once: each is started, replays one delivery, makes its next call and is forgotten again.</summary>
    private static async Task WakeAsync(string folder, HostOptions options)
    {
        const int Runs = 10_000;
        var (version, path) = Compile(folder, "woken", "await Wait(1.Hours); await Http.Get(\"x\"); return Outcome.Completed();");
        var desk = new Desk();
        await using var pool = await HostPool.StartAsync(desk, options, TimeProvider.System, default);
        for (var round = 0; round < 2; round++)
        {
            var idle = Enumerable.Range(0, Runs).Select(i => desk.NextIdleAsync(RunOf(i))).ToArray();
            var before = desk.Steps;
            var watch = Stopwatch.StartNew();
            for (var i = 0; i < Runs; i++) pool.Start(StartOf(version, path, i) with { Deliveries = [new Delivery(0, DeliveryKind.Done, 1000, "null"u8.ToArray())] });
            await Task.WhenAll(idle);
            Console.WriteLine($"{Runs:N0} runs woken at once: all at their next step after {watch.Elapsed.TotalMilliseconds:N0} ms, {desk.Steps - before:N0} calls");
            for (var i = 0; i < Runs; i++) pool.Drop(RunOf(i));
        }
    }

    private static async Task ForEachAsync(string folder)
    {
        double previous = 0;
        foreach (var items in new[] { 100, 1_000, 10_000, 100_000 })
        {
            var (version, path) = Compile(folder, $"each-{items}", $"var all = await ForEach(Enumerable.Range(0, {items}), async i => {{ var a = await Http.Get(\"x\"); return a.Status + i; }}, parallel: 8); return Outcome.Completed($\"{{all.Count}}\");");
            var best = double.MaxValue;
            for (var round = 0; round < 3; round++)
            {
                var desk = new Desk();
                await using var host = new InProcessHost(desk);
                desk.Host = host;
                var start = StartOf(version, path, round);
                var ended = desk.EndAsync(start.Run);
                var watch = Stopwatch.StartNew();
                host.Start(start);
                await ended;
                best = Math.Min(best, watch.Elapsed.TotalMilliseconds);
            }

            Console.WriteLine($"ForEach over {items:N0} items, in process: {best:N1} ms{(previous > 0 ? $" ({best / previous:N1} times the one before)" : "")}");
            previous = best;
        }
    }

    private static async Task StartUpAsync(string folder, HostOptions options)
    {
        var (version, path) = Compile(folder, "first", "await Http.Get(\"x\"); return Outcome.Completed();");
        for (var round = 0; round < 3; round++)
        {
            var desk = new Desk();
            var watch = Stopwatch.StartNew();
            await using var pool = await HostPool.StartAsync(desk, options with { Processes = 1 }, TimeProvider.System, default);
            var ready = watch.Elapsed.TotalMilliseconds;
            var start = StartOf(version, path, 1);
            var called = desk.NextIdleAsync(start.Run);
            pool.Start(start);
            await called;
            var first = watch.Elapsed.TotalMilliseconds;
            var (other, otherPath) = Compile(folder, $"other-{round}", $"await Http.Get(\"{round}\"); return Outcome.Completed();");
            var warmStart = StartOf(other, otherPath, 2);
            called = desk.NextIdleAsync(warmStart.Run);
            watch.Restart();
            pool.Start(warmStart);
            await called;
            Console.WriteLine($"new jailed host: jail shut after {ready:N0} ms, first step of a cached playbook after {first:N0} ms; another playbook in that host: first step after {watch.Elapsed.TotalMilliseconds:N1} ms");
        }
    }

    private static RunId RunOf(int i) => new(new Guid(i, 0, 7, new byte[8]));

    private static RunStart StartOf(string version, string path, int i) => new()
    {
        Run = RunOf(i),
        Version = version,
        AssemblyPath = path,
        StartedAt = 1,
        Started = JsonSerializerBytes(new StartedRecord
        {
            Playbook = "bench",
            PlaybookVersion = "1.0.0",
            Inputs = new Dictionary<string, System.Text.Json.JsonElement>(),
            Instances = new Dictionary<string, IReadOnlyList<string>> { ["Http"] = ["api"] },
        }),
    };

    private static ReadOnlyMemory<byte> JsonSerializerBytes<T>(T value) => System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(value, SoarJson.Options);

    private static (string Version, string Path) Compile(string folder, string name, string body)
    {
        var facades = FacadeAssembly.Ensure(new ActionCatalog(), folder);
        var path = Path.Combine(folder, name + ".dll");
        var source = $"using System; using System.Linq; using System.Collections.Generic; using System.Threading.Tasks; using Soar; using Soar.Language; public sealed class P : Soar.Facades.PlaybookBase {{ protected override async Task<Outcome> Body() {{ {body} }} }}";
        var compilation = CSharpCompilation.Create(name, [CSharpSyntaxTree.ParseText(source, new CSharpParseOptions(LanguageVersion.CSharp14), encoding: Encoding.UTF8)],
            [.. FacadeAssembly.References(), MetadataReference.CreateFromFile(facades)], new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release));
        var result = compilation.Emit(path);
        return result.Success ? (name, path) : throw new InvalidOperationException(string.Join("\n", result.Diagnostics));
    }

    /// <summary>An engine that answers at once.</summary>
    private sealed class Desk : IPlaybookHostEvents
    {
        private readonly ConcurrentDictionary<RunId, TaskCompletionSource> idle = new();
        private readonly ConcurrentDictionary<RunId, TaskCompletionSource> ends = new();
        private long steps;
        private long idles;

        public volatile IPlaybookHost? Host;

        public long Steps => Interlocked.Read(ref steps);

        /// <summary>Calls and results, and reports of idle runs.</summary>
        public long Messages => (2 * Steps) + Interlocked.Read(ref idles);

        public Task NextIdleAsync(RunId run) => idle.GetOrAdd(run, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

        public Task EndAsync(RunId run) => ends.GetOrAdd(run, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

        public void StepCalled(StepCall call)
        {
            Interlocked.Increment(ref steps);
            Host?.Deliver(call.Run, new Delivery(call.Ordinal, DeliveryKind.Done, 1000, Answer));
        }

        public void StepCancelled(RunId run, int ordinal)
        {
        }

        public void Idle(RunIdle report)
        {
            Interlocked.Increment(ref idles);
            if (!idle.IsEmpty && idle.TryRemove(report.Run, out var waiting)) waiting.TrySetResult();
        }

        public void Ended(RunEnd end)
        {
            if (end.Kind != RunEndKind.Completed) Console.WriteLine($"{end.Kind}: {Encoding.UTF8.GetString(end.Payload.Span)}");
            if (ends.TryRemove(end.Run, out var waiting)) waiting.TrySetResult();
        }

        public void HostDied(string reason, RunId? inHand, IReadOnlyList<RunId> lost) => Console.WriteLine(reason);
    }
}
