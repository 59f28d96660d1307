using System.Diagnostics;
using System.Globalization;
using Soar.Capabilities;
using Soar.Scripting.Compile;
using Soar.Server.Node;

namespace Soar.Benchmarks;

/// <summary>Playbooks from text to assembly, checks included: warm by size, and fifty from a cold start, in jailed workers as <c>soar check</c> does it.</summary>
internal static class Compiling
{
    public static async Task RunAsync(string[] args)
    {
        var rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 10;
        var folder = Directory.CreateTempSubdirectory("soar-bench-compile").FullName;
        try
        {
            var surface = PlaybookSurface.Of(new ActionCatalog(), folder);
            await using (var worker = new CompileWorker(surface, new CompileWorkerOptions(), ChildProgram.Entry, TimeProvider.System))
            {
                foreach (var steps in new[] { 1, 20, 100 })
                {
                    var text = Playbook("bench", steps);
                    for (var i = 0; i < 20; i++) await BuildAsync(worker, text + new string(' ', i + 1));
                    var times = new List<double>();
                    for (var i = 0; i < rounds; i++)
                    {
                        var watch = Stopwatch.StartNew();
                        await BuildAsync(worker, text + new string('\n', i + 1));
                        times.Add(watch.Elapsed.TotalMilliseconds);
                    }

                    times.Sort();
                    Console.WriteLine($"{steps,4} steps, warm worker: median {times[times.Count / 2]:0} ms, best {times[0]:0} ms, worst {times[^1]:0} ms");
                }
            }

            await ColdAsync(folder, surface);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task ColdAsync(string folder, PlaybookSurface surface)
    {
        var playbooks = Directory.CreateDirectory(Path.Combine(folder, "playbooks")).FullName;
        for (var i = 0; i < 50; i++) await File.WriteAllTextAsync(Path.Combine(playbooks, $"p{i}.csx"), Playbook($"p{i}", 20));
        await using var worker = new CompileWorker(surface, new CompileWorkerOptions { Processes = 2 }, ChildProgram.Entry, TimeProvider.System);
        var compiler = new PlaybookCompiler(worker, surface.Hash, new PlaybookCache(Path.Combine(folder, "cache"), new PlaybookCacheOptions(), TimeProvider.System));
        foreach (var what in new[] { "cold", "from the cache" })
        {
            var watch = Stopwatch.StartNew();
            var entries = await PlaybookCatalog.ReadAsync(playbooks, compiler, parallel: 2, CancellationToken.None);
            if (entries.FirstOrDefault(entry => entry.Playbook is null) is { } bad) throw new InvalidOperationException(string.Join('\n', bad.Diagnostics));
            Console.WriteLine($"50 playbooks of 20 steps, {what}: {watch.Elapsed.TotalSeconds:0.00} s");
        }
    }

    private static async Task BuildAsync(IPlaybookBuilder builder, string text)
    {
        var result = await builder.BuildAsync(text, "bench.csx", new BuildOptions(), CancellationToken.None);
        if (!result.Succeeded) throw new InvalidOperationException(string.Join('\n', result.Diagnostics));
    }

    private static string Playbook(string name, int steps) =>
        $"Playbook(\"{name}\", version: \"1.0.0\", type: PlaybookType.Investigation, tlp: Tlp.Amber, summary: \"Made to be compiled.\");\n"
        + "var address = Input<IpAddress>(\"address\", \"An address\", from: alert => alert.Source?.Ip);\n"
        + string.Concat(Enumerable.Range(1, (steps + 1) / 2).Select(i => $"// Look it up, {i}\nvar owner{i} = await Isp.Owner(address).Retry(3);\n"
            + (2 * i <= steps ? $"if (owner{i}.Name.Length > {i})\n    await Note($\"{{address}} belongs to {{owner{i}.Name}}\");\n" : "")));
}
