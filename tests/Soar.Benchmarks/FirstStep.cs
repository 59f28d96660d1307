using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Hosting;
using Soar.Scripting.Compile;
using Soar.Scripting.Host;
using Soar.Server.Node;

namespace Soar.Benchmarks;

/// <summary>
/// How long it takes from a playbook whose assembly lies in the cache to its first step call: in a host process that does not exist yet (jail included), and in one that is up and has run
/// others. Every round takes a version that no process has loaded; compiling is not measured. Medians, because a process start on a busy machine has a long tail.
/// </summary>
internal static class FirstStep
{
    /// <summary>The warm host has run this many versions before it is measured.</summary>
    private const int WarmAfter = 5;

    public static async Task RunAsync(string[] args)
    {
        var rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 25;
        var folder = Directory.CreateTempSubdirectory("soar-bench-first-").FullName;
        try
        {
            var surface = PlaybookSurface.Of(new ActionCatalog(), folder);
            var compiler = new PlaybookCompiler(new PlaybookBuilder(surface), surface.Hash, new PlaybookCache(folder, new PlaybookCacheOptions(), TimeProvider.System));
            var playbooks = new List<CompiledPlaybook>();
            for (var i = 0; i < 2 * rounds + WarmAfter; i++) playbooks.Add(await CompileAsync(compiler, i));

            var options = new HostOptions { CacheFolder = folder, Processes = 1, Entry = ChildProgram.Entry };
            var (ready, fresh, warm) = (new List<double>(), new List<double>(), new List<double>());
            for (var i = 0; i < rounds; i++)
            {
                var first = new First();
                var began = Stopwatch.GetTimestamp();
                await using var pool = await HostPool.StartAsync(first, options, TimeProvider.System, CancellationToken.None);
                ready.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
                pool.Start(StartOf(playbooks[i], i));
                fresh.Add(Stopwatch.GetElapsedTime(began, await first.Called).TotalMilliseconds);
            }

            var relay = new First();
            await using var host = await HostPool.StartAsync(relay, options, TimeProvider.System, CancellationToken.None);
            for (var i = 0; i < rounds + WarmAfter; i++)
            {
                relay.Renew();
                var start = StartOf(playbooks[rounds + i], rounds + i);
                var began = Stopwatch.GetTimestamp();
                host.Start(start);
                var took = Stopwatch.GetElapsedTime(began, await relay.Called).TotalMilliseconds;
                host.Drop(start.Run);
                if (i >= WarmAfter) warm.Add(took);
            }

            Console.WriteLine($"  {rounds} rounds, a 20-step playbook from the cache each time");
            Say("new jailed host process, jail shut", ready);
            Say("new jailed host process, first step", fresh);
            Say("warm jailed host process, first step", warm);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Say(string what, List<double> times)
    {
        times.Sort();
        Console.WriteLine($"  {what,-38} median {times[times.Count / 2],6:0.0} ms   best {times[0],6:0.0} ms   worst {times[^1],6:0.0} ms");
    }

    private static async Task<CompiledPlaybook> CompileAsync(PlaybookCompiler compiler, int number)
    {
        var steps = string.Concat(Enumerable.Range(0, 20).Select(i => $"// Step {i}\nvar answer{i} = await Http.Get(\"/{number}/{i}\");\nif (answer{i}.Status != 200) return Outcome.Escalated($\"{{answer{i}.Status}}\");\n"));
        var source = $"Playbook(\"first-{number}\", version: \"1.0.0\", type: PlaybookType.Investigation, tlp: Tlp.Clear, summary: \"Benchmark.\");\n{steps}return Outcome.Completed();\n";
        var result = await compiler.CompileAsync(source, $"first-{number}.csx", new BuildOptions(), CancellationToken.None);
        return result.Playbook ?? throw new InvalidOperationException(string.Join("\n", result.Errors));
    }

    private static RunStart StartOf(CompiledPlaybook playbook, int number) => new()
    {
        Run = new RunId(new Guid(number, 0, 7, new byte[8])), Version = playbook.Hash, AssemblyPath = playbook.AssemblyPath, StartedAt = 1,
        Started = JsonSerializer.SerializeToUtf8Bytes(new StartedRecord
        {
            Playbook = playbook.Header.Name, PlaybookVersion = "1.0.0", Inputs = new Dictionary<string, JsonElement>(), Instances = new Dictionary<string, IReadOnlyList<string>> { ["Http"] = ["api"] },
        }, SoarJson.Options),
    };

    /// <summary>Notes when the first step call comes.</summary>
    private sealed class First : IPlaybookHostEvents
    {
        private TaskCompletionSource<long> called = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<long> Called => called.Task;

        public void Renew() => called = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void StepCalled(StepCall call) => called.TrySetResult(Stopwatch.GetTimestamp());

        public void StepCancelled(RunId run, int ordinal)
        {
        }

        public void Idle(RunIdle idle)
        {
        }

        public void Ended(RunEnd end) => called.TrySetException(new InvalidOperationException($"The playbook ended before its first step: {end.Kind}"));

        public void HostDied(string reason, RunId? inHand, IReadOnlyList<RunId> lost) => called.TrySetException(new InvalidOperationException(reason));
    }
}
