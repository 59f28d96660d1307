using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Soar.Runs;

namespace Soar.Storage.Tests;

/// <summary>Full disks, read-only files, damaged pages: a clear message, no damage, and on with it when the cause is gone.</summary>
public sealed class FaultTests : IDisposable
{
    private readonly TestFolder folder = new();
    private readonly StandingClock clock = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_database_that_is_full_says_so_keeps_what_it_has_and_goes_on_when_there_is_room()
    {
        await using var database = SoarDatabase.Open(folder.Database, new StorageOptions { MaxPages = 200 }, clock);
        using var store = new RunStore(database);
        var run = await DrivenAsync(store);
        var (written, error) = await FillAsync(store, run);
        Assert.Equal("SOAR3004", error.Code);
        Assert.Contains(folder.Database, error.Message);
        Assert.Equal(written, (await store.ReadJournalAsync(run.Id)).Count);

        await database.WriteAsync(session => session["PRAGMA max_page_count = 100000"].Step());
        await store.WriteAsync(Append(run, written + 1));
        Assert.Equal(written + 1, (await store.ReadJournalAsync(run.Id)).Count);
        Assert.Empty(await database.CheckAsync());
    }

    [Fact]
    public async Task A_full_disk_says_so_keeps_what_it_has_and_goes_on_when_there_is_room()
    {
        using var disk = SmallDisk.Mount("4m");
        Assert.SkipUnless(disk.Mounted, "needs the right to mount a small tmpfs");
        var ballast = Path.Combine(disk.Root, "ballast");
        File.WriteAllBytes(ballast, new byte[1 << 20]);
        await using var database = SoarDatabase.Open(Path.Combine(disk.Root, "soar.db"), new StorageOptions(), clock);
        using var store = new RunStore(database);
        var run = await DrivenAsync(store);
        var (written, error) = await FillAsync(store, run);
        Assert.Equal("SOAR3004", error.Code);
        Assert.Contains(database.File, error.Message);

        // Everybody who asks meanwhile is told, and nobody waits for ever.
        var refused = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ => (await Record.ExceptionAsync(() => store.WriteAsync(Append(run, written + 1)))) is SoarException { Code: "SOAR3004" }));
        Assert.All(refused, Assert.True);
        var large = Append(run, written + 1, 400_000);
        Assert.Equal("SOAR3006", (await Assert.ThrowsAsync<SoarException>(() => store.WriteAsync(large))).Code);
        Assert.Equal(written, (await store.ReadJournalAsync(run.Id)).Count);

        File.Delete(ballast);
        await store.WriteAsync(Append(run, written + 1));
        await store.WriteAsync(large with { Records = [large.Records[0] with { Seq = written + 2 }] });
        var journal = await store.ReadJournalAsync(run.Id);
        Assert.Equal(Enumerable.Range(1, written + 2), journal.Select(r => r.Seq));
        Assert.Empty(await database.CheckAsync());
    }

    [Fact]
    public async Task A_read_only_file_system_is_refused_with_the_remedy_and_nothing_is_lost()
    {
        using var disk = SmallDisk.Mount("8m");
        Assert.SkipUnless(disk.Mounted, "needs the right to mount a small tmpfs");
        var file = Path.Combine(disk.Root, "soar.db");
        RunId id;
        await using (var database = SoarDatabase.Open(file, new StorageOptions(), clock))
        {
            using var store = new RunStore(database);
            id = await store.CreateAsync(Some.Run());
        }

        disk.Remount("ro");
        var error = Assert.Throws<SoarException>(() => SoarDatabase.Open(file, new StorageOptions(), clock));
        Assert.Equal("SOAR3005", error.Code);
        Assert.Contains(file, error.Message);
        Assert.Contains("to write there", error.Message);

        disk.Remount("rw");
        await using var again = SoarDatabase.Open(file, new StorageOptions(), clock);
        using var readable = new RunStore(again);
        Assert.NotNull(await readable.FindAsync(id));
    }

    [Fact]
    public async Task A_file_without_the_right_to_write_is_refused_with_the_remedy()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.UserName == "root", "root may write everything; the test above covers it");
        await using (SoarDatabase.Open(folder.Database, new StorageOptions(), clock))
        {
        }

        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder.Database, UnixFileMode.UserRead);
        var error = Assert.Throws<SoarException>(() => SoarDatabase.Open(folder.Database, new StorageOptions(), clock));
        Assert.Equal("SOAR3005", error.Code);
    }

    [Fact]
    public async Task Damaged_pages_are_detected_and_named_and_nothing_wrong_is_given_back()
    {
        Run run;
        await using (var database = SoarDatabase.Open(folder.Database, new StorageOptions(), clock))
        {
            using var store = new RunStore(database);
            run = await DrivenAsync(store);
            for (var seq = 2; seq <= 2000; seq += 100)
                await store.WriteAsync(new RunWrite { Run = run.Id, Epoch = run.Epoch, Records = [.. Enumerable.Range(seq, 100).Select(s => Some.Record(s, new string('x', 300)))] });
            Assert.Empty(await database.CheckAsync());
        }

        // The journal's pages are the last ones written; the schema and the runs lie in front of them.
        var size = new FileInfo(folder.Database).Length;
        using (var file = new FileStream(folder.Database, FileMode.Open, FileAccess.Write))
        {
            var noise = new byte[4096];
            new Random(7).NextBytes(noise);
            for (var page = size / 4096 - 20; page < size / 4096 - 10; page++)
            {
                file.Position = page * 4096;
                file.Write(noise);
            }
        }

        await using (var damaged = SoarDatabase.Open(folder.Database, new StorageOptions(), clock))
        {
            using var store = new RunStore(damaged);
            var error = await Assert.ThrowsAsync<SoarException>(() => store.ReadJournalAsync(run.Id));
            Assert.Equal("SOAR3007", error.Code);
            Assert.Contains(folder.Database, error.Message);
            Assert.Contains("backup", error.Message);
            Assert.NotEmpty(await damaged.CheckAsync());
            Assert.Equal("SOAR3013", (await Assert.ThrowsAsync<SoarException>(() => damaged.BackupAsync(Path.Combine(folder.Root, "backup")))).Code);
            Assert.False(Directory.Exists(Path.Combine(folder.Root, "backup")));

            // What is not damaged goes on: a new run is created and read.
            Assert.NotNull(await store.FindAsync(run.Id));
        }
    }

    [Fact]
    public async Task A_damaged_first_page_is_named_with_the_remedy()
    {
        await using (SoarDatabase.Open(folder.Database, new StorageOptions(), clock))
        {
        }

        using (var file = new FileStream(folder.Database, FileMode.Open, FileAccess.Write)) file.Write(new byte[100]);
        var before = File.ReadAllBytes(folder.Database);
        var error = Assert.Throws<SoarException>(() => SoarDatabase.Open(folder.Database, new StorageOptions(), clock));
        Assert.Equal("SOAR3007", error.Code);
        Assert.Contains("backup", error.Message);
        Assert.Equal(before, File.ReadAllBytes(folder.Database));
    }

    [Fact]
    public async Task A_shell_that_holds_the_file_is_waited_for_and_then_named()
    {
        await using var database = SoarDatabase.Open(folder.Database, new StorageOptions { BusyTimeout = TimeSpan.FromMilliseconds(20) }, clock);
        using var store = new RunStore(database);
        using (var shell = Dialect.Sqlite.Connect(folder.Database, SqliteOpenMode.ReadWrite))
        {
            Dialect.Execute(shell, "BEGIN IMMEDIATE");
            var error = await Assert.ThrowsAsync<SoarException>(() => store.CreateAsync(Some.Run()));
            Assert.Equal("SOAR3008", error.Code);
            Dialect.Execute(shell, "ROLLBACK");
        }

        await store.CreateAsync(Some.Run());
        Assert.Single(await store.ListAsync(null, null, 10));
    }

    private static async Task<Run> DrivenAsync(RunStore store) => (await store.ClaimAsync(await store.CreateAsync(Some.Run()), "a", Some.Noon, Some.Lease))!;

    private static RunWrite Append(Run run, int seq, int size = 3000) => new() { Run = run.Id, Epoch = run.Epoch, Records = [Some.Record(seq, new byte[size])] };

    /// <summary>Appends until it is refused; the number of records that were accepted (the Started one included).</summary>
    private static async Task<(int Written, SoarException Error)> FillAsync(RunStore store, Run run)
    {
        for (var seq = 2; seq < 100_000; seq++)
        {
            try
            {
                await store.WriteAsync(Append(run, seq));
            }
            catch (SoarException error)
            {
                return (seq - 1, error);
            }
        }

        throw new InvalidOperationException("the disk never filled");
    }

    /// <summary>A small file system of its own, where the machine allows it.</summary>
    private sealed class SmallDisk : IDisposable
    {
        private SmallDisk(string root, bool mounted) => (Root, Mounted) = (root, mounted);

        public string Root { get; }
        public bool Mounted { get; }

        public static SmallDisk Mount(string size)
        {
            var root = Directory.CreateTempSubdirectory("soar-disk-").FullName;
            return new SmallDisk(root, OperatingSystem.IsLinux() && Environment.UserName == "root" && Run("mount", "-t", "tmpfs", "-o", $"size={size}", "soar-test", root) == 0);
        }

        public void Remount(string mode) => Assert.Equal(0, Run("mount", "-o", $"remount,{mode}", Root));

        public void Dispose()
        {
            if (Mounted) Run("umount", "-l", Root);
            Directory.Delete(Root, recursive: false);
        }

        private static int Run(string program, params string[] arguments)
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false })!;
            process.WaitForExit();
            return process.ExitCode;
        }
    }
}
