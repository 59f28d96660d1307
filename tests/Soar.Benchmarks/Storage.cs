using System.Diagnostics;
using System.Text;
using Soar.Hosting;
using Soar.Runs;
using Soar.Storage;

namespace Soar.Benchmarks;

/// <summary>What the store alone can do: every caller drives its own run and appends its next record as soon as the last one is on disk.</summary>
internal static class Storage
{
    private static readonly TimeSpan Lease = TimeSpan.FromHours(1);

    public static async Task RunAsync(string[] args)
    {
        var time = TimeSpan.FromSeconds(args.Length > 0 ? double.Parse(args[0]) : 5);
        var root = Directory.CreateDirectory(Path.Combine(args.Length > 1 ? args[1] : Path.GetTempPath(), $"soar-bench-{Environment.ProcessId}")).FullName;
        try
        {
            Console.WriteLine($"  fsync of one 4 KiB block: {Fsync(root):0.00} ms");
            Console.WriteLine("  callers  rows/write  rows/s    commits/s  rows/commit  median   p99       CPU/row   written/row");
            foreach (var (callers, rows) in new[] { (1, 1), (50, 1), (500, 1), (500, 4) })
                await AppendAsync(Path.Combine(root, $"{callers}-{rows}"), callers, rows, time);
            await LifeAsync(Path.Combine(root, "life"), 500, time);
            await ReadAsync(Path.Combine(root, "read"));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static async Task AppendAsync(string folder, int callers, int rows, TimeSpan time)
    {
        await using var database = SoarDatabase.Open(Path.Combine(folder, "soar.db"), new StorageOptions(), TimeProvider.System);
        using var store = new RunStore(database);
        var runs = await StartAsync(store, callers);
        var payload = Encoding.UTF8.GetBytes("""{"address":"203.0.113.7","until":"2026-03-01T12:00:00Z","evidence":"elem 203.0.113.7 timeout 1d"}""");
        await DriveAsync(store, runs, rows, payload, TimeSpan.FromMilliseconds(500), []);
        var latencies = new List<double>[callers];
        for (var i = 0; i < callers; i++) latencies[i] = [];
        var commits = database.Commits;
        var cost = Cost.Now();
        var written = await DriveAsync(store, runs, rows, payload, time, latencies);
        var (seconds, cpu, bytes) = cost.Since();
        commits = database.Commits - commits;
        var all = latencies.SelectMany(l => l).Order().ToList();
        Console.WriteLine($"  {callers,7}  {rows,10}  {written / seconds,-8:N0}  {commits / seconds,-9:N0}  {(double)written / commits,-11:N0}  {all[all.Count / 2],-5:0.0} ms {all[(int)(all.Count * 0.99)],-5:0.0} ms  {cpu * 1e6 / written,-5:0.0} µs     {bytes / written:N0} B");
    }

    /// <summary>Whole runs of ten records: created, claimed, written, ended.</summary>
    private static async Task LifeAsync(string folder, int callers, TimeSpan time)
    {
        await using var database = SoarDatabase.Open(Path.Combine(folder, "soar.db"), new StorageOptions(), TimeProvider.System);
        using var store = new RunStore(database);
        var ids = new Ids(TimeProvider.System);
        var end = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
        long done = 0;
        var cost = Cost.Now();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            while (Stopwatch.GetTimestamp() < end)
            {
                var id = await store.CreateAsync(New(ids));
                var run = (await store.ClaimAsync(id, "bench", DateTimeOffset.UnixEpoch, Lease))!;
                for (var seq = 2; seq <= 11; seq++)
                    await store.WriteAsync(new RunWrite { Run = id, Epoch = run.Epoch, Records = [Record(seq, "{}"u8.ToArray())] });
                await store.WriteAsync(new RunWrite { Run = id, Epoch = run.Epoch, Records = [Record(12, "{}"u8.ToArray())], Status = RunStatus.Completed, Result = "{}" });
                Interlocked.Increment(ref done);
            }
        })));
        var (seconds, cpu, bytes) = cost.Since();
        Console.WriteLine($"  whole runs of ten steps, {callers} at once: {done / seconds:N0} runs/s, {done * 10 / seconds:N0} steps/s, {cpu * 1e6 / done:N0} µs of CPU and {bytes / done:N0} B written per run");
    }

    /// <summary>What a replay costs the store: a long journal whose rows lie among those of a hundred other runs.</summary>
    private static async Task ReadAsync(string folder)
    {
        await using var database = SoarDatabase.Open(Path.Combine(folder, "soar.db"), new StorageOptions { Durability = Durability.Off }, TimeProvider.System);
        using var store = new RunStore(database);
        var runs = await StartAsync(store, 100);
        for (var seq = 2; seq <= 10_001; seq++)
        {
            // The first run has ten thousand records, the others a tenth of that.
            foreach (var (run, _) in seq % 10 == 0 ? runs : runs[..1])
                _ = store.WriteAsync(new RunWrite { Run = run.Id, Epoch = run.Epoch, Records = [Record(run.Id == runs[0].Run.Id ? seq : seq / 10 + 1, "{}"u8.ToArray())] });
        }

        await store.WriteAsync(new RunWrite { Run = runs[0].Run.Id, Epoch = runs[0].Run.Epoch });
        var count = (await store.ReadJournalAsync(runs[0].Run.Id)).Count;
        var cost = Cost.Now();
        for (var i = 0; i < 20; i++) await store.ReadJournalAsync(runs[0].Run.Id);
        var (_, cpu, _) = cost.Since();
        Console.WriteLine($"  reading a journal of {count:N0} records: {cpu / 20 * 1000:0.0} ms of CPU");
    }

    private static async Task<long> DriveAsync(RunStore store, (Run Run, int Seq)[] runs, int rows, byte[] payload, TimeSpan time, List<double>[] latencies)
    {
        var end = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
        var written = await Task.WhenAll(runs.Select((_, caller) => Task.Run(async () =>
        {
            long count = 0;
            while (Stopwatch.GetTimestamp() < end)
            {
                var (run, seq) = runs[caller];
                var records = new JournalRecord[rows];
                for (var i = 0; i < rows; i++) records[i] = Record(++seq, payload);
                var begun = Stopwatch.GetTimestamp();
                await store.WriteAsync(new RunWrite { Run = run.Id, Epoch = run.Epoch, Records = records });
                if (latencies.Length > 0) latencies[caller].Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
                runs[caller] = (run, seq);
                count += rows;
            }

            return count;
        })));
        return written.Sum();
    }

    private static async Task<(Run Run, int Seq)[]> StartAsync(RunStore store, int count)
    {
        var ids = new Ids(TimeProvider.System);
        await Task.WhenAll(Enumerable.Range(0, count).Select(_ => store.CreateAsync(New(ids))));
        return [.. (await store.ClaimDueAsync("bench", TimeProvider.System.GetUtcNow().AddMinutes(1), Lease, count)).Select(r => (r, 1))];
    }

    private static NewRun New(Ids ids) => new(
        new Run
        {
            Id = new RunId(ids.Next()), Playbook = "block-attacking-address", PlaybookVersion = "1.0.0", VersionHash = "0123456789abcdef", Mode = RunMode.Live, Status = RunStatus.Running,
            StartedBy = "bench", CreatedAt = DateTimeOffset.UnixEpoch,
        },
        "{}"u8.ToArray());

    private static JournalRecord Record(int seq, byte[] payload) =>
        new(seq, 1_772_366_400_000 + seq, JournalKind.Delivered, seq, DeliveryKind.Done, $"block-it-at-every-edge/firewall-block/{seq}", "firewall.block", 0x9E3779B97F4A7C15, payload);

    /// <summary>What this process has spent so far: time, processor time, bytes sent to the disk.</summary>
    private readonly record struct Cost(long At, TimeSpan Cpu, long Bytes)
    {
        public static Cost Now() => new(Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime, WrittenBytes());

        public (double Seconds, double CpuSeconds, long Bytes) Since() =>
            (Stopwatch.GetElapsedTime(At).TotalSeconds, (Environment.CpuUsage.TotalTime - Cpu).TotalSeconds, WrittenBytes() - Bytes);

        private static long WrittenBytes() => !File.Exists("/proc/self/io") ? 0 : long.Parse(File.ReadLines("/proc/self/io").First(l => l.StartsWith("wchar", StringComparison.Ordinal)).Split(' ')[1]);
    }

    private static double Fsync(string folder)
    {
        using var file = new FileStream(Path.Combine(folder, "fsync"), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[4096];
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < 100; i++)
        {
            file.Write(block);
            file.Flush(flushToDisk: true);
        }

        return watch.Elapsed.TotalMilliseconds / 100;
    }
}
