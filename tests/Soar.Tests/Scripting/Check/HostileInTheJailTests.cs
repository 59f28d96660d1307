using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Soar.Hosting;
using Soar.Scripting.Host;
using Soar.Scripting.Jail;
using Soar.Tests.Language;
using Soar.Tests.Scripting.Compile;
using Soar.Tests.Scripting.Jail;

namespace Soar.Tests.Scripting.Check;

/// <summary>
/// The same hostile playbooks with the checker switched off, no meter and pointers allowed, against the jail alone. Each tries to leave a proof; none does. The
/// second half runs them without a jail, where they do: so the first half can fail.
/// </summary>
public sealed class HostileInTheJailTests(HostileInTheJailTests.Range range) : IClassFixture<HostileInTheJailTests.Range>
{
    // What the compiler itself refuses even without our checker: directives, unknown words, members that do not exist.
    private const int AtLeastCompile = 270;

    public static TheoryData<string, string> All => new(HostilePlaybookTests.Corpus.Where(h => h.Attempt != "bomb").Select(h => (h.File, h.Section.Head)));

    public static TheoryData<string, string> Provable => new(HostilePlaybookTests.Corpus
        .Where(h => h.Attempt is "files" or "network" or "exec" or "memory" or "environment" or "reflection" && h.Expect != "none" && h.Name != "module initializer")
        .Select(h => (h.File, h.Section.Head)));

    [Theory]
    [MemberData(nameof(All))]
    public async Task Hostile_playbooks_get_nothing_from_the_jail_alone(string file, string head)
    {
        var hostile = Hostile.Find(file, head);
        if (range.Compile(hostile, atParent: true) is not { } path) return; // counted below

        var end = await range.RunJailedAsync(path);

        Assert.Null(range.Proof(hostile, end));
    }

    [Theory]
    [MemberData(nameof(Provable))]
    public async Task Without_a_jail_the_same_playbooks_get_what_they_want(string file, string head)
    {
        var hostile = Hostile.Find(file, head);
        Assert.SkipUnless(hostile.Attempt != "memory" || Environment.UserName == "root", "reading another process's memory needs root or a lenient kernel");
        var path = range.Compile(hostile, atParent: false);
        Assert.NotNull(path);

        var end = await range.RunUnjailedAsync(path);

        Assert.True(range.Proof(hostile, end) is not null, $"{hostile.Name} left no proof: {end}");
    }

    [Fact]
    public void Most_of_the_corpus_compiles_without_the_checker()
    {
        var compiled = HostilePlaybookTests.Corpus.Count(h => h.Expect != "compile-bomb" && CheckLab.CompileUnchecked(h.Harmless()) is not null);

        Assert.True(compiled >= AtLeastCompile, $"{compiled}");
    }

    /// <summary>A folder with a secret, a port that listens, a process that waits, and a jailed host that may read none of it.</summary>
    public sealed class Range : IAsyncLifetime, IPlaybookHostEvents
    {
        private const string Secret = "the-secret-5b1f7c";
        private const string Variable = "SOAR_HOSTILE_TOKEN";

        private readonly string canary = Directory.CreateTempSubdirectory("soar-canary-").FullName;
        private readonly string cache = Directory.CreateTempSubdirectory("soar-hostile-").FullName;
        private readonly TcpListener tcp = new(IPAddress.Loopback, 0);
        private readonly Socket unix = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        private readonly ConcurrentDictionary<RunId, TaskCompletionSource<string>> runs = new();
        private HostPool? pool;
        private Process? victim;
        private int last;
        private int connections;

        public async ValueTask InitializeAsync()
        {
            Environment.SetEnvironmentVariable(Variable, Secret);
            Soar.Language.FacadeAssembly.Ensure(Compiling.Catalog, cache);
            tcp.Start();
            _ = CountConnectionsAsync();
            unix.Bind(new UnixDomainSocketEndPoint(Path.Combine(canary, "socket")));
            unix.Listen();
            var options = new HostOptions { Entry = TestChild.Entry, CacheFolder = cache, Processes = 1, SliceLimit = TimeSpan.FromSeconds(5) };
            pool = await HostPool.StartAsync(this, options, TimeProvider.System, CancellationToken.None);
            Assert.True(pool.Jail!.IsWhole);
        }

        public async ValueTask DisposeAsync()
        {
            Environment.SetEnvironmentVariable(Variable, null);
            if (pool is not null) await pool.DisposeAsync();
            if (victim is { HasExited: false }) victim.Kill();
            victim?.Dispose();
            tcp.Dispose();
            unix.Dispose();
            Directory.Delete(canary, recursive: true);
            Directory.Delete(cache, recursive: true);
        }

        /// <summary>
        /// The assembly, aimed at this range in its initial state; null where the text is no C# even without our checker. What it wants of its parent it seeks in this very process, which
        /// started the jail; without a jail in a sibling, whose environment holds the secret from its first instant.
        /// </summary>
        public string? Compile(Hostile hostile, bool atParent)
        {
            Reset();
            if (CheckLab.CompileUnchecked(hostile.Aimed(canary, ((IPEndPoint)tcp.LocalEndpoint).Port, atParent ? Environment.ProcessId : victim!.Id, victim!.Id)) is not { } image) return null;
            var path = Path.Combine(cache, $"{Guid.NewGuid():N}.dll");
            File.WriteAllBytes(path, image);
            return path;
        }

        public async Task<string> RunJailedAsync(string path)
        {
            var run = new RunId(new Guid(Interlocked.Increment(ref last), 0, 7, new byte[8]));
            var ended = runs[run] = new(TaskCreationOptions.RunContinuationsAsynchronously);
            pool!.Start(Start(run, path));
            return await ended.Task.WaitAsync(TimeSpan.FromSeconds(30));
        }

        public async Task<string> RunUnjailedAsync(string path)
        {
            var info = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
            {
                ArgumentList = { Path.Combine(AppContext.BaseDirectory, "Soar.Testing.Child.dll"), "unjailed-playbook", path },
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            using var process = Process.Start(info)!;
            var error = process.StandardError.ReadToEndAsync();
            var text = await process.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(60));
            await process.WaitForExitAsync();
            return text + await error;
        }

        /// <summary>What shows that it got something; null when nothing does.</summary>
        public string? Proof(Hostile hostile, string end)
        {
            if (end.Contains(Secret, StringComparison.Ordinal)) return "the secret: " + end;
            // A file of its parent's process that could be read at all is a proof, whatever stands in it.
            if (hostile.Section.Text.Contains("/proc/@PID@/", StringComparison.Ordinal) && end.StartsWith("Completed", StringComparison.Ordinal)) return end;
            var left = Directory.GetFileSystemEntries(canary, "*", SearchOption.AllDirectories).Select(p => Path.GetRelativePath(canary, p)).Except(["secret.txt", "delete-me", "evil.dll", "socket"]).ToList();
            if (left.Count > 0) return "a file: " + string.Join(' ', left);
            if (!File.Exists(Path.Combine(canary, "delete-me"))) return "a file is gone";
            if (Volatile.Read(ref connections) > 0 || unix.Poll(0, SelectMode.SelectRead)) return "a connection";
            if (hostile.Expect == "killed" ? victim!.WaitForExit(TimeSpan.FromMilliseconds(200)) : victim!.HasExited) return "a process was killed";
            var said = hostile.Expect is not ("none" or "token" or "file" or "connect" or "deleted" or "killed") && end.StartsWith("Completed", StringComparison.Ordinal)
                && end.Contains(hostile.Expect, StringComparison.Ordinal);
            return said ? end : null;
        }

        public void StepCalled(StepCall call) => pool?.Deliver(call.Run, FakeEngine.Done(call.Ordinal, (object?)null));

        public void StepCancelled(RunId run, int ordinal)
        {
        }

        // It waits for something that is no step: nothing will come of it.
        public void Idle(RunIdle idle)
        {
            if (idle.OpenCalls == 0 && runs.TryGetValue(idle.Run, out var run)) run.TrySetResult("idle");
        }

        public void Ended(RunEnd end)
        {
            if (runs.TryGetValue(end.Run, out var run)) run.TrySetResult($"{end.Kind} {Encoding.UTF8.GetString(end.Payload.Span)}");
        }

        public void HostDied(string reason, RunId? inHand, IReadOnlyList<RunId> lost)
        {
            foreach (var run in lost) runs[run].TrySetResult("died " + reason);
        }

        internal static RunStart Start(RunId run, string path) => new()
        {
            Run = run,
            Version = path,
            AssemblyPath = path,
            Started = FakeEngine.Json(new StartedRecord
            {
                Playbook = "hostile",
                PlaybookVersion = "1.0.0",
                Inputs = new Dictionary<string, JsonElement>(),
                Instances = new Dictionary<string, IReadOnlyList<string>> { ["Firewall"] = ["edge-1"] },
            }),
            StartedAt = 500,
        };

        // Closed at once, so that nobody waits for an answer.
        private async Task CountConnectionsAsync()
        {
            try
            {
                while (true)
                {
                    using var connection = await tcp.AcceptSocketAsync();
                    Interlocked.Increment(ref connections);
                }
            }
            catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
            {
                // The range is taken down.
            }
        }

        private void Reset()
        {
            foreach (var entry in new DirectoryInfo(canary).GetFileSystemInfos().Where(e => e.Name != "socket"))
            {
                if (entry is DirectoryInfo { LinkTarget: null } folder) folder.Delete(recursive: true);
                else entry.Delete();
            }

            File.WriteAllText(Path.Combine(canary, "secret.txt"), Secret);
            File.WriteAllText(Path.Combine(canary, "delete-me"), "x");
            File.WriteAllBytes(Path.Combine(canary, "evil.dll"), Evil.Value);
            Volatile.Write(ref connections, 0);
            while (unix.Poll(0, SelectMode.SelectRead)) unix.Accept().Dispose();
            if (victim is { HasExited: false }) return;
            victim?.Dispose();
            victim = Process.Start(new ProcessStartInfo("dotnet")
            {
                ArgumentList = { Path.Combine(AppContext.BaseDirectory, "Soar.Testing.Child.dll"), "wait" },
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
            Assert.Equal("waiting", victim.StandardOutput.ReadLine());
        }

        private static readonly Lazy<byte[]> Evil = new(() => CheckLab.CompileUnchecked("return Outcome.Completed();")!);
    }
}
