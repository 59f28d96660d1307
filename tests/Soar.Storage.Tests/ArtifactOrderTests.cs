using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Soar.Storage.Tests;

/// <summary>A record never names bytes that a power cut could still take: what the kernel was asked to do, in which order, as strace saw it.</summary>
public sealed partial class ArtifactOrderTests
{
    [Fact]
    public async Task An_artifact_is_on_disk_before_the_record_that_refers_to_it_is_written()
    {
        using var folder = new TestFolder();
        var trace = Path.Combine(folder.Root, "trace");
        Assert.SkipUnless(await RunAsync("strace", ["-f", "-o", trace, "-e", "trace=execve", "true"]) == 0, "strace is not installed here, or may not trace: apt-get install strace");

        var exit = await RunAsync("strace", ["-f", "-y", "-s", "65536", "-o", trace, "-e", "trace=fsync,fdatasync,rename,renameat,renameat2,pwrite64",
            "dotnet", Path.Combine(AppContext.BaseDirectory, "Soar.Storage.Tests.Child.dll"), folder.Database, "1", "large"]);

        Assert.Equal(0, exit);
        var calls = await File.ReadAllLinesAsync(trace, TestContext.Current.CancellationToken);
        var artifact = Assert.Single(Directory.GetFiles(Path.Combine(Path.GetDirectoryName(folder.Database)!, "artifacts"), "*", SearchOption.AllDirectories));
        var sha256 = Path.GetFileName(artifact);
        var renamed = IndexOf(calls, 0, call => call.Contains("rename", StringComparison.Ordinal) && call.Contains($"/{sha256}\"", StringComparison.Ordinal));
        var temporary = Quoted().Match(calls[renamed]).Groups[1].Value;
        var written = IndexOf(calls, 0, call => call.Contains("sync(", StringComparison.Ordinal) && call.Contains($"<{temporary}>", StringComparison.Ordinal));
        var named = IndexOf(calls, renamed, call => call.Contains("fsync(", StringComparison.Ordinal) && call.Contains($"<{Path.GetDirectoryName(artifact)}>", StringComparison.Ordinal));
        var referred = IndexOf(calls, 0, call => call.Contains("pwrite64(", StringComparison.Ordinal) && call.Contains("-wal>", StringComparison.Ordinal) && call.Contains(sha256, StringComparison.Ordinal));
        Assert.True(written < renamed && renamed < named && named < referred, $"synced {written}, renamed {renamed}, folder synced {named}, record written {referred}");
        IndexOf(calls, referred, call => call.Contains("sync(", StringComparison.Ordinal) && call.Contains("-wal>", StringComparison.Ordinal));
    }

    private static int IndexOf(string[] calls, int from, Predicate<string> wanted)
    {
        var found = Array.FindIndex(calls, from, wanted);
        Assert.True(found >= 0, $"It was never asked of the kernel. It was asked:\n{string.Join('\n', calls.Select(call => call.Length > 200 ? call[..200] : call))}");
        return found;
    }

    private static async Task<int> RunAsync(string program, string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            var (said, printed) = (process.StandardError.ReadToEndAsync(), process.StandardOutput.ReadToEndAsync());
            await process.WaitForExitAsync();
            TestContext.Current.SendDiagnosticMessage($"{await said}{await printed}");
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1; // there is no such program
        }
    }

    [GeneratedRegex("\"([^\"]+/incoming/[^\"]+)\"", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Quoted();
}
