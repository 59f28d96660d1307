using Soar;
using Soar.Hosting;
using Soar.Runs;
using Soar.Storage;

// The process that the crash tests kill: it appends as fast as it can, from many callers, and says on standard output what it was told is on disk: "<run> <seq>".
// Arguments: database, callers, mode (append | large | own).
await using var database = SoarDatabase.Open(args[0], new StorageOptions(), TimeProvider.System);
using var store = new RunStore(database);
if (args[2] == "own")
{
    Console.WriteLine(Environment.ProcessId);
    await Console.In.ReadLineAsync();
    return 0;
}

var ids = new Ids(TimeProvider.System);
if (args[2] == "large")
{
    // One record whose payload goes to the artifacts folder.
    var large = await ClaimedAsync();
    await store.WriteAsync(new RunWrite { Run = large.Id, Epoch = large.Epoch, Records = [new JournalRecord(2, 2, JournalKind.Delivered, 2, DeliveryKind.Done, "p", "a", 1, new byte[300_000])] });
    return 0;
}

var output = TextWriter.Synchronized(new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true });
await Task.WhenAll(Enumerable.Range(0, int.Parse(args[1])).Select(caller => Task.Run(async () =>
{
    var random = new Random(caller);
    while (true)
    {
        var run = await ClaimedAsync();
        output.WriteLine($"{run.Id} 1");
        for (var seq = 2; seq <= 40; seq++)
        {
            // Now and then one that goes to the artifacts folder.
            var payload = new byte[random.Next(60) == 0 ? 300_000 : random.Next(400)];
            Array.Fill(payload, (byte)seq);
            await store.WriteAsync(new RunWrite
            {
                Run = run.Id, Epoch = run.Epoch, Records = [new JournalRecord(seq, seq, JournalKind.Delivered, seq, DeliveryKind.Done, "p", "a", 1, payload)],
            });
            output.WriteLine($"{run.Id} {seq}");
        }
    }
})));
return 0;

async Task<Run> ClaimedAsync()
{
    var id = await store.CreateAsync(new NewRun(
        new Run
        {
            Id = new RunId(ids.Next()), Playbook = "block", PlaybookVersion = "1.0.0", VersionHash = "abc", Mode = RunMode.Live, Status = RunStatus.Running,
            StartedBy = "child", CreatedAt = TimeProvider.System.GetUtcNow(),
        },
        "{}"u8.ToArray()));
    return (await store.ClaimAsync(id, "child", TimeProvider.System.GetUtcNow(), TimeSpan.FromHours(1)))!;
}
