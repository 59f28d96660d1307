using Soar.Capabilities;
using Soar.Connectors.Mime;
using Soar.Scripting.Compile;
using Soar.Scripting.Host;
using Soar.Server.Testing;
using Soar.Testing;

namespace Soar.Server.Tests.Testing;

/// <summary>Runs test files as <c>soar test</c> does, with playbooks on a thread of this process and one warm builder for all.</summary>
internal sealed class Bench : IAsyncDisposable
{
    private static readonly string Cache = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"soar-playtest-{Environment.ProcessId}")).FullName;
    private static readonly ActionCatalog Catalog = new();
    private static readonly PlaybookSurface Surface = PlaybookSurface.Of(Catalog, Cache);
    private static readonly PlaybookCompiler Compiler = new(new PlaybookBuilder(Surface), Surface.Hash, new PlaybookCache(Cache, new PlaybookCacheOptions(), TimeProvider.System));

    private readonly TempFolder folder = new();

    public const string Header = "Playbook(\"sample\", version: \"1.0.0\", type: PlaybookType.Investigation, tlp: Tlp.Amber, summary: \"A sample.\");\n";

    /// <summary>Another playbook in the same folder.</summary>
    public void Add(string name, string body) => folder.File($"{name}.csx", Header.Replace("\"sample\"", $"\"{name}\"", StringComparison.Ordinal) + body);

    /// <summary>Runs the tests of a playbook given as its body.</summary>
    public async Task<FileResult> RunAsync(string body, string tests, string? filter = null, Func<string, object?>? simulator = null, bool coverage = false)
    {
        var playbook = folder.File("sample.csx", Header + body);
        return await RunFileAsync(playbook, folder.File("sample.tests.yaml", tests), filter, simulator, coverage);
    }

    public async Task<FileResult> RunFileAsync(string playbook, string tests, string? filter = null, Func<string, object?>? simulator = null, bool coverage = false)
    {
        await using var bench = new TestBench(Catalog, new Playbooks(Compiler, Path.GetDirectoryName(playbook)!, StoredVersions.None), simulator ?? (_ => null), new Dictionary<string, object> { ["Mime"] = new MimeCapability(new MimeSettings()) });
        await bench.StartAsync(events => Task.FromResult<Soar.Hosting.IPlaybookHost>(new InProcessHost(events)));
        return await new TestRunner(bench, TimeProvider.System) { Filter = filter, Coverage = coverage }.RunAsync(playbook, tests, CancellationToken.None);
    }

    /// <summary>Runs one test and returns everything that failed in it, one per line.</summary>
    public async Task<string> FailuresAsync(string body, string test, Func<string, object?>? simulator = null)
    {
        var indented = string.Concat(test.Trim('\n').Split('\n').Select(line => "    " + line + "\n"));
        var file = await RunAsync(body, $"tests:\n  - name: The test\n{indented}", simulator: simulator);
        return string.Join("\n", file.Results.SelectMany(r => r.Failures).Concat(file.Problem is null ? [] : [file.Problem]));
    }

    public ValueTask DisposeAsync()
    {
        folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
