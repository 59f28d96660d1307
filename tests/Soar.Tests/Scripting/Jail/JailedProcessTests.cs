using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Soar.Scripting.Jail;

namespace Soar.Tests.Scripting.Jail;

public sealed class JailedProcessTests
{
    [Fact]
    public async Task A_jailed_child_answers_over_its_pipes_and_returns_its_exit_code()
    {
        await using var child = JailedProcess.Start(TestChild.Entry, "echo", ["a", "b", "c"], new JailOptions());
        await child.ToChild.WriteAsync("Добро јутро"u8.ToArray());
        child.ToChild.Close();

        using var reader = new StreamReader(child.FromChild, Encoding.UTF8);
        var answer = await reader.ReadToEndAsync();
        var exit = await child.Exited;
        Assert.True(exit.ExitCode == 3, exit.Summary + string.Join('\n', exit.LastErrorLines));
        Assert.Equal("Добро јутро", answer);
        Assert.Null(exit.Signal);
        Assert.Empty(exit.LastErrorLines);
        Assert.True(exit.ProcessorTime > TimeSpan.Zero);
    }

    [Fact]
    public async Task A_child_reports_a_whole_jail_before_its_body_begins()
    {
        await using var child = JailedProcess.Start(TestChild.Entry, "echo", [], new JailOptions { MaxOpenFiles = 123, AddressSpaceLimitBytes = 5L << 30 });
        var report = await child.Ready;
        Assert.True(report.IsWhole, report.ToString());
        Assert.Equal(123, report.OpenFilesLimit);
        Assert.Equal(5L << 30, report.AddressSpaceLimitBytes);
        Assert.Equal(KernelSupport.OfThisMachine(), report.Kernel);
        Assert.InRange(child.PeakMemoryBytes, 1 << 20, 512L << 20);
    }

    [Fact]
    public async Task A_child_outlives_the_thread_that_started_it()
    {
        JailedProcess? child = null;
        var starter = new Thread(() => child = JailedProcess.Start(TestChild.Entry, "echo", [], new JailOptions()));
        starter.Start();
        starter.Join();
        await using (child)
        {
            await child!.Ready;
            await child.ToChild.WriteAsync(new byte[] { 42 });
            Assert.Equal(42, child.FromChild.ReadByte());
        }
    }

    [Fact]
    public async Task Several_children_run_at_once_and_each_has_its_own_pipes()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(async number =>
        {
            await using var child = JailedProcess.Start(TestChild.Entry, "echo", [], new JailOptions());
            await child.ToChild.WriteAsync(new[] { (byte)number });
            child.ToChild.Close(); // were its other end held by a sibling, the child would wait for ever
            var answer = child.FromChild.ReadByte();
            return (answer, (await child.Exited).ExitCode);
        }));
        Assert.Equal(Enumerable.Range(0, 6).Select(number => (number, (int?)0)), answers);
    }

    [Fact]
    public async Task A_child_that_loops_for_ever_is_killed_by_its_parent()
    {
        await using var child = JailedProcess.Start(TestChild.Entry, "works", ["endless loop"], new JailOptions());
        await child.Ready;
        Assert.False(child.Exited.IsCompleted);
        child.Kill();
        var exit = await child.Exited;
        Assert.Equal((null, 9), (exit.ExitCode, exit.Signal));
        child.Kill(); // nothing is left to kill
    }

    [Fact]
    public async Task A_child_dies_when_its_parent_is_killed()
    {
        using var parent = Process.Start(new ProcessStartInfo(TestChild.Entry.Executable, [.. TestChild.Entry.Prefix, "keep-a-child"])
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true,
        })!;
        var child = int.Parse((await parent.StandardOutput.ReadLineAsync())!);
        var descriptor = (int)Syscall(434 /* pidfd_open */, child, 0);
        Assert.True(descriptor > 0, "the child is there");
        parent.Kill();
        Assert.True(EndsWithin(descriptor, TimeSpan.FromSeconds(20)), "the child outlived its parent");
    }

    [Fact]
    public async Task The_environment_of_the_parent_stays_with_the_parent()
    {
        Environment.SetEnvironmentVariable("SOAR_TEST_TOKEN", "hunter2");
        var environment = await Work(new JailOptions { RuntimeSettings = new Dictionary<string, string> { ["DOTNET_GCgen0size"] = "4000000" } }, "environment");
        Assert.DoesNotContain("hunter2", environment, StringComparison.Ordinal);
        Assert.Contains("DOTNET_GCgen0size=4000000", environment, StringComparison.Ordinal);
        Assert.All(environment.Split('\n').Except(["TZ=UTC"]), line => Assert.StartsWith("DOTNET_", line, StringComparison.Ordinal));
        Assert.Contains("TZ=UTC", environment, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_child_opens_no_door_for_debuggers()
    {
        // Processes that were killed left theirs, and one of them may have had the number that the child gets.
        var before = Directory.GetFiles(Path.GetTempPath(), "dotnet-diagnostic-*");
        await using var child = JailedProcess.Start(TestChild.Entry, "echo", [], new JailOptions());
        await child.Ready;
        Assert.Empty(Directory.GetFiles(Path.GetTempPath(), $"dotnet-diagnostic-{child.Id}-*").Except(before));
    }

    [Fact]
    public async Task A_child_that_talks_too_much_is_remembered_by_its_last_lines_and_cannot_forge_its_report()
    {
        await using var child = JailedProcess.Start(TestChild.Entry, "works", ["chatter"], new JailOptions { KeptErrorLines = 3 });
        var exit = await child.Exited;
        Assert.Equal(["line 19999", "line 20000", "soar-jail 0 0 0 0 0 0 0 0 0 0"], exit.LastErrorLines);
        Assert.True((await child.Ready).IsWhole);
    }

    [Fact]
    public async Task An_unhandled_exception_is_in_the_crash_report()
    {
        await using var child = JailedProcess.Start(TestChild.Entry, "works", ["unhandled"], new JailOptions());
        var exit = await child.Exited;
        Assert.Equal(6, exit.Signal);
        Assert.Contains(exit.LastErrorLines, line => line.Contains("no one caught this", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_program_that_does_not_exist_is_named_in_the_error()
    {
        var problem = Assert.Throws<JailException>(() => JailedProcess.Start(new ChildEntry("/no/such/program", []), "echo", [], new JailOptions()));
        Assert.Contains("/no/such/program could not be started", problem.Message, StringComparison.Ordinal);
        await Task.CompletedTask;
    }

    [Fact]
    public async Task A_program_that_knows_no_such_verb_fails_Ready_with_what_it_said()
    {
        await using var child = JailedProcess.Start(TestChild.Entry, "no-such-verb", [], new JailOptions());
        var problem = await Assert.ThrowsAsync<JailException>(() => child.Ready);
        Assert.Contains("exit code 2", problem.Message, StringComparison.Ordinal);
        Assert.Contains("This program is started by tests.", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_jailed_verb_does_nothing_when_started_by_hand()
    {
        using var process = Process.Start(new ProcessStartInfo(TestChild.Entry.Executable, [.. TestChild.Entry.Prefix, "echo"])
        {
            UseShellExecute = false, RedirectStandardError = true,
        })!;
        Assert.Contains("runs only inside the jail", await process.StandardError.ReadToEndAsync(), StringComparison.Ordinal);
        await process.WaitForExitAsync();
        Assert.Equal(JailEntry.JailNotBuilt, process.ExitCode);
    }

    internal static async Task<string> Work(JailOptions options, params string[] arguments)
    {
        await using var child = JailedProcess.Start(TestChild.Entry, "works", arguments, options);
        using var reader = new StreamReader(child.FromChild);
        var answer = await reader.ReadToEndAsync();
        var exit = await child.Exited;
        Assert.True(exit.ExitCode == 0, $"{exit.Summary}: {string.Join('\n', exit.LastErrorLines)}");
        return answer;
    }

    private static bool EndsWithin(int processDescriptor, TimeSpan time)
    {
        var wanted = new PollDescriptor { Descriptor = processDescriptor, Events = 1 };
        int ended;
        do
            ended = Poll(ref wanted, 1, (int)time.TotalMilliseconds);
        while (ended < 0 && Marshal.GetLastPInvokeError() == 4 /* EINTR: the parent's own end is a signal to us, and poll is not restarted */);
        return ended == 1;
    }

    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Happened;
    }

    [DllImport("libc", EntryPoint = "syscall")]
    private static extern nint Syscall(nint number, nint a, nint b);

    [DllImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static extern int Poll(ref PollDescriptor descriptors, nuint count, int milliseconds);
}

internal static class TestChild
{
    internal static ChildEntry Entry { get; } = ChildEntry.ForAssembly(Path.Combine(AppContext.BaseDirectory, "Soar.Testing.Child.dll"));
}
