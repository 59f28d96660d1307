using System.Collections.Concurrent;
using System.Text;
using Soar.Hosting;
using Soar.Language;
using Soar.Scripting.Compile;
using Soar.Scripting.Host;
using Soar.Scripting.Jail;
using Soar.Tests.Language;
using Soar.Tests.Scripting.Compile;
using Soar.Tests.Scripting.Jail;

namespace Soar.Tests.Scripting.Check;

/// <summary>Bombs cost their own run. A neighbour in the same process either never notices or begins again elsewhere and ends as it would have.</summary>
public sealed class ResourceBombTests(ResourceBombTests.Ground ground) : IClassFixture<ResourceBombTests.Ground>
{
    public static TheoryData<string, bool> Bombs => new(
        HostilePlaybookTests.Corpus.Where(h => h is { Attempt: "bomb", Expect: "legal-bomb" }).Select(h => (h.Section.Head, true))
            // What the checker refuses, with the checker off, unless the compiler refuses it by itself; and the worst of the legal ones without their meter.
            .Concat(HostilePlaybookTests.Corpus.Where(h => h is { Attempt: "bomb", Expect: "none" } && CheckLab.CompileUnchecked(h.Harmless()) is not null).Select(h => (h.Section.Head, false)))
            .Concat(HostilePlaybookTests.Corpus.Where(h => Unmetered.Contains(h.Name)).Select(h => (h.Section.Head, false))));

    public static TheoryData<string> CompileBombs => new(HostilePlaybookTests.Corpus.Where(h => h.Expect == "compile-bomb").Select(h => h.Section.Head));

    private static readonly HashSet<string> Unmetered = new(StringComparer.Ordinal)
    {
        "endless loop", "endless recursion", "heap by list", "heap by string doubling", "one big array", "big range to a list", "catch and go on", "regex backtracking",
        "nested catch and rethrow", "recursive iterator",
    };

    [Theory]
    [MemberData(nameof(Bombs))]
    public async Task Resource_bombs_cost_their_own_run_and_nothing_else(string head, bool metered)
    {
        var bomb = Hostile.Find("bombs.csx", head);
        var path = metered ? await ground.BuildAsync(bomb.Harmless()) : ground.CompileUnchecked(bomb.Harmless());
        Assert.NotNull(path);
        var neighbour = ground.Begin(ground.Calm);
        Assert.Equal("waiting", await ground.EndOf(neighbour));

        var culprit = ground.Begin(path, answer: true);
        var end = await ground.EndOf(culprit);

        var death = ground.DeathOf(culprit);
        if (end.StartsWith("died", StringComparison.Ordinal)) Assert.Equal(culprit, death);
        Assert.Equal("Completed neighbour", await ground.AnswerAsync(neighbour));
        TestContext.Current.TestOutputHelper?.WriteLine($"{bomb.Name}: {end}");
    }

    public static TheoryData<string> TextBombs => new(HostilePlaybookTests.Corpus
        .Where(h => h is { Attempt: "bomb", Expect: "legal-bomb" } && (h.Name.Contains("regex", StringComparison.Ordinal) || h.Name is "heap by string doubling" or "heap by straight doubling" or "replace growth" or "join growth"))
        .Select(h => h.Section.Head));

    [Theory]
    [MemberData(nameof(TextBombs))]
    public async Task Texts_and_patterns_never_cost_the_process(string head)
    {
        var culprit = ground.Begin(await ground.BuildAsync(Hostile.Find("bombs.csx", head).Harmless()), answer: true);
        var end = await ground.EndOf(culprit);

        Assert.True(end.StartsWith("OverBudget", StringComparison.Ordinal) || end.StartsWith("Completed", StringComparison.Ordinal) || end.Contains("too large", StringComparison.Ordinal), end);
        TestContext.Current.TestOutputHelper?.WriteLine(end);
    }

    [Theory]
    [MemberData(nameof(CompileBombs))]
    public async Task A_bomb_for_the_compiler_costs_its_own_compilation(string head)
    {
        var options = new CompileWorkerOptions { TimeLimit = TimeSpan.FromSeconds(8), MemoryLimitBytes = 512L << 20 };
        await using var worker = new CompileWorker(Compiling.Surface, options, TestChild.Entry, TimeProvider.System);
        var text = Compiling.Head + Hostile.Find("bombs.csx", head).Harmless();

        var bombed = await worker.BuildAsync(text, "bomb.csx", new BuildOptions(), CancellationToken.None);
        var next = await worker.BuildAsync(Compiling.Head + "return Outcome.Completed();", "next.csx", new BuildOptions(), CancellationToken.None);

        Assert.False(bombed.Succeeded);
        Assert.True(next.Succeeded, string.Join('\n', next.Diagnostics));
    }

    /// <summary>One process, small limits, and an engine that starts lost runs again as the real one does.</summary>
    public sealed class Ground : IAsyncLifetime, IPlaybookHostEvents
    {
        private readonly ConcurrentDictionary<RunId, Known> runs = new();
        private HostPool? pool;
        private int last;

        public string Calm { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            Calm = await BuildAsync("await Wait(1.Hours);\nreturn Outcome.Completed(\"neighbour\");");
            var options = new HostOptions
            {
                Entry = TestChild.Entry,
                CacheFolder = Compiling.Folder,
                Processes = 1,
                SliceLimit = TimeSpan.FromSeconds(1),
                Budgets = new Budgets { FuelPerSlice = 5_000_000, StepsPerRun = 5_000 },
                Jail = new JailOptions { HeapLimitBytes = 256L << 20 },
            };
            pool = await HostPool.StartAsync(this, options, TimeProvider.System, CancellationToken.None);
        }

        public async ValueTask DisposeAsync()
        {
            if (pool is not null) await pool.DisposeAsync();
        }

        public async Task<string> BuildAsync(string text) => await Keep((await Compiling.GoodAsync(Compiling.Head + text)).Assembly!);

        public string? CompileUnchecked(string text) => CheckLab.CompileUnchecked(text) is { } image ? Keep(image).Result : null;

        public RunId Begin(string path, bool answer = false)
        {
            var run = new RunId(new Guid(Interlocked.Increment(ref last), 0, 7, new byte[8]));
            var start = HostileInTheJailTests.Range.Start(run, path);
            runs[run] = new Known(start, answer);
            pool!.Start(start);
            return run;
        }

        /// <summary>How the run ended, or "waiting" for its first answer.</summary>
        public Task<string> EndOf(RunId run) => runs[run].End.Task.WaitAsync(TimeSpan.FromSeconds(60));

        public RunId? DeathOf(RunId run) => runs[run].Blamed;

        /// <summary>Answers the neighbour's one call, where it lives now.</summary>
        public async Task<string> AnswerAsync(RunId run)
        {
            var known = runs[run];
            var answer = FakeEngine.Done(0, (object?)null);
            while (true)
            {
                var done = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
                known.End = done;
                if (known.Lost) pool!.Start(known.Start with { Deliveries = [answer] });
                else pool!.Deliver(run, answer);
                var end = await done.Task.WaitAsync(TimeSpan.FromSeconds(60));
                // Lost with a process that was already dying; blamed for it, it must never be.
                if (!end.StartsWith("died", StringComparison.Ordinal) || known.Blamed == run) return end;
            }
        }

        public void StepCalled(StepCall call)
        {
            if (runs[call.Run].Answer) pool?.Deliver(call.Run, FakeEngine.Done(call.Ordinal, (object?)null));
        }

        public void StepCancelled(RunId run, int ordinal)
        {
        }

        public void Idle(RunIdle idle)
        {
            var known = runs[idle.Run];
            if (!known.Answer) known.End.TrySetResult("waiting");
        }

        public void Ended(RunEnd end)
        {
            var text = Encoding.UTF8.GetString(end.Payload.Span);
            runs[end.Run].End.TrySetResult($"{end.Kind} {(text.Contains("\"neighbour\"", StringComparison.Ordinal) ? "neighbour" : text[..Math.Min(text.Length, 300)])}");
        }

        public void HostDied(string reason, RunId? inHand, IReadOnlyList<RunId> lost)
        {
            foreach (var run in lost)
            {
                var known = runs[run];
                known.Lost = true;
                known.Blamed = inHand;
                known.End.TrySetResult("died " + reason);
            }
        }

        private static async Task<string> Keep(byte[] image)
        {
            var path = Path.Combine(Compiling.Folder, $"{Guid.NewGuid():N}.dll");
            await File.WriteAllBytesAsync(path, image);
            return path;
        }

        private sealed class Known(RunStart start, bool answer)
        {
            public RunStart Start { get; } = start;
            public bool Answer { get; } = answer;
            public TaskCompletionSource<string> End { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
            public bool Lost { get; set; }
            public RunId? Blamed { get; set; }
        }
    }
}
