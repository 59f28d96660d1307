using System.Runtime.CompilerServices;
using Soar.Hosting;
using Soar.Scripting.Host;
using Soar.Tests.Language;

namespace Soar.Tests.Host;

public sealed class UnloadTests : IDisposable
{
    private readonly HandMade made = new();
    private string template = "";

    public void Dispose() => made.Dispose();

    [Fact]
    public async Task A_thousand_versions_load_run_and_unload_again()
    {
        const int Versions = 1_000;
        // 16 idle versions stay on purpose, and the JSON serializer remembers constructors for about a second, until it is next used.
        const int Kept = 100;
        await RunAllAsync(Versions);
        Assert.NotEqual(0, Loaded());
        var left = int.MaxValue;
        for (var i = 0; i < 20 && (left = Loaded()) > Kept; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.InRange(left, 0, Kept);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task RunAllAsync(int versions)
    {
        var engine = new FakeEngine();
        await using var host = new InProcessHost(engine);
        (template, var compiled) = made.Compile("""
            var items = await ForEach(new[] { new Mine("a", 1), new Mine("b", 2) }, async mine => mine with { N = mine.N + (await Http.Get(mine.Name)).Status });
            var mine = await Form<Mine>("lead", "Which?");
            return Outcome.Completed($"{items.Sum(i => i.N)} {mine}");
            """, "public sealed record Mine(string Name, int N);");
        var bytes = await File.ReadAllBytesAsync(compiled);
        var example = made.Start("return Outcome.Completed(await Task.FromResult(\"\"));", 0);
        engine.Called += call => host.Deliver(call.Run, call.Action == BuiltIns.Form
            ? FakeEngine.Done(call.Ordinal, new { name = "c", n = 3 })
            : FakeEngine.Done(call.Ordinal, new Soar.Capabilities.HttpAnswer(200, new Dictionary<string, string>(), "", null)));
        for (var i = 1; i <= versions; i++)
        {
            var path = Path.Combine(made.Folder, $"version-{i}.dll");
            await File.WriteAllBytesAsync(path, bytes);
            var start = example with { Run = new RunId(new Guid(i, 1, 7, new byte[8])), Version = $"version-{i}", AssemblyPath = path };
            host.Start(start);
            await engine.Of(start.Run).QuietUntilEndAsync();
            Assert.Contains("403 Mine { Name = c, N = 3 }", engine.Of(start.Run).EndText);
            File.Delete(path);
        }
    }

    // The assemblies themselves: a context leaves AssemblyLoadContext.All as soon as unloading is asked for, long before it succeeds.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Loaded() => AppDomain.CurrentDomain.GetAssemblies().Count(a => a.GetName().Name == template);
}
