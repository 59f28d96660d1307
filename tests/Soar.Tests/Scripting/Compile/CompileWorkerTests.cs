using System.Text;
using Soar.Hosting;
using Soar.Scripting.Compile;
using Soar.Scripting.Jail;
using static Soar.Tests.Scripting.Compile.Compiling;

namespace Soar.Tests.Scripting.Compile;

/// <summary>A text made to bring the compiler down costs its own process.</summary>
public sealed class CompileWorkerTests
{
    private static readonly ChildEntry Entry = ChildEntry.ForAssembly(Path.Combine(AppContext.BaseDirectory, "Soar.Testing.Child.dll"));

    [Fact]
    public async Task A_worker_gives_the_same_assembly_as_this_process_and_is_used_again()
    {
        await using var worker = new CompileWorker(Surface, new CompileWorkerOptions(), Entry, TimeProvider.System);
        var text = Head + "// Чекати\nawait Wait(1.Hours);";
        var here = await GoodAsync(text);
        var there = await worker.BuildAsync(text, "test.csx", new BuildOptions(), CancellationToken.None);
        Assert.Equal(here.Assembly, there.Assembly);
        Assert.Equal(here.Header!.Summary, there.Header!.Summary);
        var refused = await worker.BuildAsync(Head + "nonsense();", "bad.csx", new BuildOptions(), CancellationToken.None);
        Assert.Equal("bad.csx:2:1: error CS0103: The name 'nonsense' does not exist in the current context. Declare it before this line with var, or as an Input; 'soar actions' and language.md say what is in scope.", Assert.Single(refused.Diagnostics).ToString());
        Assert.Equal(1, worker.Started);
    }

    [Fact]
    public async Task A_pinned_version_that_the_compiler_has_no_time_for_still_compiles_later()
    {
        using var folder = new TempFolder();
        await using var worker = new CompileWorker(Surface, new CompileWorkerOptions { TimeLimit = TimeSpan.FromMilliseconds(1) }, Entry, TimeProvider.System);
        var compiler = new PlaybookCompiler(worker, Surface.Hash, new PlaybookCache(folder.Path, new PlaybookCacheOptions(), TimeProvider.System));
        var stored = new CompiledPlaybook(new string('c', 64), "", "slow.csx", Head + "return Outcome.Completed();", null!);
        var playbooks = new Playbooks(compiler, folder.Path, StoredVersions.None with { ByHash = _ => Task.FromResult<CompiledPlaybook?>(stored) });
        var problem = await Assert.ThrowsAsync<SoarException>(() => playbooks.ByHashAsync(stored.Hash, CancellationToken.None));
        Assert.Equal("SOAR1901", problem.Code);
        Assert.Contains("Compiling took more than", problem.Message);
    }

    /// <summary>A machine under so much load that the compiler does not even get ready: about the machine, not about the version, so the run is taken up again.</summary>
    [Fact]
    public async Task A_pinned_version_whose_compiler_does_not_come_up_in_time_is_to_be_tried_again()
    {
        using var folder = new TempFolder();
        var clock = new HastyClock();
        await using var worker = new CompileWorker(Surface, new CompileWorkerOptions(), Entry, clock);
        var compiler = new PlaybookCompiler(worker, Surface.Hash, new PlaybookCache(folder.Path, new PlaybookCacheOptions(), TimeProvider.System));
        var stored = new CompiledPlaybook(new string('d', 64), "", "slow.csx", Head + "return Outcome.Completed();", null!);
        var playbooks = new Playbooks(compiler, folder.Path, StoredVersions.None with { ByHash = _ => Task.FromResult<CompiledPlaybook?>(stored) });
        var problem = await Assert.ThrowsAsync<SoarException>(() => playbooks.ByHashAsync(stored.Hash, CancellationToken.None));
        Assert.Equal("SOAR1901", problem.Code);
        Assert.Contains("The compile worker does not come up", problem.Message);
        clock.Hastes = false;
        Assert.Equal(stored.Hash, (await playbooks.ByHashAsync(stored.Hash, CancellationToken.None)).Hash);
    }

    /// <summary>What waits on it has no time at all, as if the machine had stood still for all of it.</summary>
    private sealed class HastyClock : TimeProvider
    {
        public bool Hastes { get; set; } = true;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => base.CreateTimer(callback, state, Hastes && dueTime > TimeSpan.Zero ? TimeSpan.Zero : dueTime, period);
    }

    [Theory]
    [InlineData("nested overloaded lambdas")]
    [InlineData("constant string doubling")]
    [InlineData("deep nesting")]
    [InlineData("deep chain")]
    public async Task A_bomb_costs_its_process_and_the_next_playbook_compiles(string bomb)
    {
        var options = new CompileWorkerOptions { TimeLimit = TimeSpan.FromSeconds(8), MemoryLimitBytes = 256L << 20 };
        await using var worker = new CompileWorker(Surface, options, Entry, TimeProvider.System);
        var killed = await worker.BuildAsync(Head + Bomb(bomb), "bomb.csx", new BuildOptions(), CancellationToken.None);
        Assert.False(killed.Succeeded);
        Assert.Contains(killed.Diagnostics, d => d.Code is "SOAR1006" or "SOAR1007" or "SOAR1005" || d.Code is "CS8078" or "CS8095");
        Assert.All(killed.Diagnostics, d => Assert.Equal("bomb.csx", d.File));
        var next = await worker.BuildAsync(Head + "await Wait(1.Hours);", "good.csx", new BuildOptions(), CancellationToken.None);
        Assert.True(next.Succeeded, string.Join('\n', next.Diagnostics));
    }

    private static string Bomb(string name)
    {
        var text = new StringBuilder();
        switch (name)
        {
            case "nested overloaded lambdas":
                text.Append("int F(Func<int, int> f) => f(1);\nstring G(Func<string, string> f) => f(\"\");\n");
                text.Append("R.M(a => R.M(b => R.M(c => R.M(d => R.M(e => R.M(f => R.M(g => R.M(h => R.M(i => R.M(j => R.M(k => R.M(l => R.M(m => R.M(n => a.X + b.X + c.X + d.X + e.X + f.X + g.X + h.X + i.X + j.X + k.X + l.X + m.X + n.X))))))))))))));\n");
                text.Append("record A(int X); record B(int X); record C(int X);\n");
                text.Append("record R { public static int M(Func<A, int> f) => 1; public static int M(Func<B, int> f) => 1; public static int M(Func<C, int> f) => 1; }\n");
                return text.ToString();
            case "constant string doubling":
                text.Append("const string s0 = \"0123456789abcdef\";\n");
                for (var i = 1; i <= 27; i++) text.Append($"const string s{i} = s{i - 1} + s{i - 1};\n");
                return text.Append("await Note(s27);").ToString();
            case "deep nesting":
                return "var x = " + new string('(', 200_000) + "1" + new string(')', 200_000) + ";";
            default:
                return "var x = 1" + string.Concat(Enumerable.Repeat(".Hours.Days.Hours", 25_000)) + ";";
        }
    }
}
