using System.Diagnostics;
using System.Globalization;

namespace Soar.Storage.Tests;

/// <summary>A process that is killed with <c>kill -9</c> while it appends: whatever it was told is on disk, is.</summary>
public sealed class CrashTests : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Everything_that_was_acknowledged_before_kill_9_is_there_whole_and_without_gaps()
    {
        var acknowledged = new Dictionary<RunId, int>();
        var random = new Random(20260301);
        for (var life = 0; life < 5; life++)
        {
            using var child = Start("append", callers: 30);
            var until = random.Next(50, 1500);
            var lines = 0;
            while (await child.StandardOutput.ReadLineAsync() is { } line)
            {
                // The last line may be cut off by the kill: it was not read, so it is not claimed.
                if (line.Split(' ') is [{ Length: 36 } run, var seq] && int.TryParse(seq, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                    acknowledged[RunId.Parse(run)] = Math.Max(acknowledged.GetValueOrDefault(RunId.Parse(run)), number);
                if (++lines == until) child.Kill();
            }

            await child.WaitForExitAsync();
            Assert.True(lines >= until, $"the child ended by itself after {lines} lines: {await child.StandardError.ReadToEndAsync()}");
        }

        await using var database = SoarDatabase.Open(folder.Database, new StorageOptions(), TimeProvider.System);
        using var store = new RunStore(database);
        Assert.Empty(await database.CheckAsync());
        Assert.NotEmpty(acknowledged);
        foreach (var (run, seq) in acknowledged)
        {
            var journal = await store.ReadJournalAsync(run);
            Assert.True(journal.Count >= seq, $"run {run}: {seq} acknowledged, {journal.Count} there");
            Assert.Equal(Enumerable.Range(1, journal.Count), journal.Select(r => r.Seq));
            Assert.All(journal.Skip(1), record => Assert.Equal(-1, record.Payload.Span.IndexOfAnyExcept((byte)record.Seq)));
        }
    }

    [Fact]
    public async Task Another_process_that_owns_the_file_is_named_and_after_its_death_the_lock_is_taken_over()
    {
        using var child = Start("own", callers: 0);
        var pid = await child.StandardOutput.ReadLineAsync();
        var error = Assert.Throws<SoarException>(() => SoarDatabase.Open(folder.Database, new StorageOptions(), TimeProvider.System));
        Assert.Equal("SOAR3002", error.Code);
        Assert.Contains($"process {pid}", error.Message);
        Assert.Contains(folder.Database + ".lock", error.Message);
        await using (var reader = SoarDatabase.OpenReader(folder.Database, new StorageOptions(), TimeProvider.System))
        {
            using var store = new RunStore(reader);
            Assert.Empty(await store.ListAsync(null, null, 10));
        }

        child.Kill();
        await child.WaitForExitAsync();
        await using var database = SoarDatabase.Open(folder.Database, new StorageOptions(), TimeProvider.System);
        using var owned = new RunStore(database);
        await owned.CreateAsync(Some.Run());
    }

    private Process Start(string mode, int callers)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Soar.Storage.Tests.Child.dll"), folder.Database, $"{callers}", mode])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false,
        };
        return Process.Start(start)!;
    }
}
