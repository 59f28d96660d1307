using Soar.Scripting.Jail;

namespace Soar.Tests.Scripting.Jail;

/// <summary>What must work inside the jail, and what must end there and nowhere else.</summary>
public sealed class JailLimitsTests
{
    [Theory]
    [InlineData("jit", "42")]
    [InlineData("regex", "a#b#")]
    [InlineData("json", """{"a":[1,2]}""")]
    [InlineData("threads", "28")]
    [InlineData("time zone", "01:00:00")]
    [InlineData("garbage collection", "True")]
    public async Task Honest_work_is_not_hindered(string work, string result) =>
        Assert.Equal(result, await JailedProcessTests.Work(new JailOptions(), work));

    [Fact]
    public async Task A_compiled_playbook_loads_from_a_readable_path_and_from_nowhere_else()
    {
        var cache = Directory.CreateTempSubdirectory("soar-cache-").FullName;
        try
        {
            var assembly = Path.Combine(cache, "playbook.dll");
            File.Copy(typeof(JailOptions).Assembly.Location, assembly);
            Assert.Equal("loaded", await JailedProcessTests.Work(new JailOptions { ReadOnlyPaths = [cache] }, "load an assembly", assembly));

            await using var child = JailedProcess.Start(TestChild.Entry, "works", ["load an assembly", assembly], new JailOptions());
            var exit = await child.Exited;
            Assert.Equal(6, exit.Signal);
            Assert.Contains(exit.LastErrorLines, line => line.Contains("playbook.dll", StringComparison.Ordinal));
        }
        finally
        {
            Directory.Delete(cache, recursive: true);
        }
    }

    [Fact]
    public async Task A_heap_bomb_ends_its_own_process_within_its_limit()
    {
        await using var child = JailedProcess.Start(TestChild.Entry, "works", ["heap bomb"], new JailOptions { HeapLimitBytes = 64 << 20 });
        var exit = await child.Exited;
        Assert.Equal(6, exit.Signal);
        Assert.Contains(exit.LastErrorLines, line => line.Contains("Out of memory", StringComparison.OrdinalIgnoreCase) || line.Contains("OutOfMemory", StringComparison.Ordinal));
        Assert.InRange(exit.PeakMemoryBytes, 0, 250 << 20);
    }

    [Fact]
    public async Task Memory_outside_the_heap_is_limited_too() =>
        Assert.Equal("refused", await JailedProcessTests.Work(new JailOptions { AddressSpaceLimitBytes = 5L << 30 }, "native bomb"));

    [Fact]
    public async Task A_thread_bomb_ends_its_own_process()
    {
        await using var child = JailedProcess.Start(TestChild.Entry, "works", ["thread bomb"], new JailOptions());
        var exit = await child.Exited;
        Assert.Equal(6, exit.Signal);
        Assert.InRange(exit.PeakMemoryBytes, 0, 400 << 20);
    }

    [Theory]
    [InlineData("soar-jail")]
    [InlineData("soar-jail 1 2 3")]
    [InlineData("soar-jail 1 1 1 x 0 256 0 7 1 1")]
    [InlineData("something else")]
    public void A_line_that_only_looks_like_a_report_is_none(string line) => Assert.Null(JailReport.FromLine(line));

    [Fact]
    public async Task A_stack_overflow_ends_its_own_process_and_is_reported()
    {
        await using var child = JailedProcess.Start(TestChild.Entry, "works", ["stack overflow"], new JailOptions());
        var exit = await child.Exited;
        Assert.Equal(6, exit.Signal);
        Assert.Contains(exit.LastErrorLines, line => line.Contains("Overflow", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Processor_time_is_limited_when_asked()
    {
        await using var child = JailedProcess.Start(TestChild.Entry, "works", ["endless loop"], new JailOptions { CpuSeconds = 1 });
        var exit = await child.Exited;
        Assert.Equal(24, exit.Signal);
        Assert.InRange(exit.ProcessorTime.TotalSeconds, 0.5, 3);
    }

    [Fact]
    public async Task A_call_made_in_the_32_bit_way_ends_the_child()
    {
        await using var child = JailedProcess.Start(TestChild.Entry, "works", ["thirty-two bit call"], new JailOptions());
        var exit = await child.Exited;
        Assert.SkipWhen(exit.Signal is 11 or 6, "this kernel has no 32-bit gate at all");
        Assert.Equal(31, exit.Signal); // SIGSYS
    }

    [Theory]
    [InlineData(nameof(JailLayers.Landlock), "The kernel offers no landlock")]
    [InlineData(nameof(JailLayers.Seccomp), "The kernel offers no seccomp filter")]
    public async Task A_kernel_without_a_layer_is_refused_or_accepted_as_the_policy_says(string layer, string message)
    {
        var options = new JailOptions { PretendMissing = Enum.Parse<JailLayers>(layer) };
        await using var refused = JailedProcess.Start(TestChild.Entry, "echo", [], options);
        var problem = await Assert.ThrowsAsync<JailException>(() => refused.Ready);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
        Assert.Equal(JailEntry.JailNotBuilt, (await refused.Exited).ExitCode);

        await using var accepted = JailedProcess.Start(TestChild.Entry, "echo", [], options with { Policy = JailPolicy.AcceptWeaker });
        var report = await accepted.Ready;
        Assert.False(report.IsWhole);
        Assert.Equal(layer == nameof(JailLayers.Seccomp), report.Landlock);
        Assert.Equal(layer == nameof(JailLayers.Landlock), report.Seccomp);
        Assert.Contains(report.Kernel.Weaknesses(), weakness => weakness.StartsWith(message, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_problem_of_the_options_is_told_at_once()
    {
        var options = new JailOptions
        {
            HeapLimitBytes = 1, AddressSpaceLimitBytes = 1, CpuSeconds = 0, MaxOpenFiles = 1, KeptErrorLines = 0,
            ReadOnlyPaths = ["relative", "/no/such/path", "/"], RuntimeSettings = new Dictionary<string, string> { ["LD_PRELOAD"] = "x" },
        };
        var message = Assert.Throws<JailException>(options.Validate).Message;
        foreach (var part in (string[])["HeapLimitBytes", "AddressSpaceLimitBytes", "CpuSeconds", "MaxOpenFiles", "KeptErrorLines", "'relative'", "'/no/such/path'", "'/'", "LD_PRELOAD"])
            Assert.Contains(part, message, StringComparison.Ordinal);
        Assert.Same(JailOptionsDefault, JailOptionsDefault.Validate());
    }

    private static readonly JailOptions JailOptionsDefault = new();
}
