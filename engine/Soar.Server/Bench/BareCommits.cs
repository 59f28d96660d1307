using Soar.Hosting;
using Soar.Runs;
using Soar.Storage;

namespace Soar.Server.Bench;

/// <summary>What the store alone can do on this machine: every caller appends its run's next record as soon as the last one is on disk.</summary>
internal static class BareCommits
{
    private static readonly byte[] Payload = """{"number":7,"evidence":"what a step that costs nothing gives back"}"""u8.ToArray();
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);

    /// <summary>Records per second that the group commit brings to disk for so many callers.</summary>
    public static async Task<double> MeasureAsync(int callers, TimeSpan time)
    {
        var folder = Directory.CreateTempSubdirectory("soar-bench-bare-").FullName;
        try
        {
            await using var database = SoarDatabase.Open(Path.Combine(folder, "soar.db"), new StorageOptions(), TimeProvider.System);
            using var store = new RunStore(database);
            var ids = new Ids(TimeProvider.System);
            await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => store.CreateAsync(New(ids))));
            var runs = await store.ClaimDueAsync("bench", TimeProvider.System.GetUtcNow().AddMinutes(1), TimeSpan.FromHours(1), callers);
            var from = TimeProvider.System.GetTimestamp() + (long)(WarmUp.TotalSeconds * TimeProvider.System.TimestampFrequency);
            var until = from + (long)(time.TotalSeconds * TimeProvider.System.TimestampFrequency);
            var written = await Task.WhenAll(runs.Select(run => Task.Run(() => AppendAsync(store, run, from, until))));
            return written.Sum() / time.TotalSeconds;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<long> AppendAsync(RunStore store, Run run, long from, long until)
    {
        long counted = 0;
        for (var seq = 2; TimeProvider.System.GetTimestamp() < until; seq++)
        {
            await store.WriteAsync(new RunWrite { Run = run.Id, Epoch = run.Epoch, Records = [new JournalRecord(seq, seq, JournalKind.Delivered, seq, DeliveryKind.Done, "for/bench-nothing", "bench.nothing", 1, Payload)] });
            if (TimeProvider.System.GetTimestamp() >= from) counted++;
        }

        return counted;
    }

    private static NewRun New(Ids ids) => new(
        new Run
        {
            Id = new RunId(ids.Next()), Playbook = "bare", PlaybookVersion = "1.0.0", VersionHash = "bare", Mode = RunMode.Live, Status = RunStatus.Running, StartedBy = "bench", CreatedAt = DateTimeOffset.UnixEpoch,
        },
        "{}"u8.ToArray());
}
