using System.Text.Json;
using Soar.Hosting;
using Soar.Language;
using Soar.Scripting.Compile;
using Soar.Scripting.Host;
using Soar.Tests.Language;

namespace Soar.Tests.Scripting.Compile;

/// <summary>Runs a compiled text in this process; every call is answered at once by the test's lambda.</summary>
internal sealed class Running : IAsyncDisposable
{
    private readonly FakeEngine engine = new();
    private readonly InProcessHost host;
    private readonly byte[] unique = Guid.NewGuid().ToByteArray()[8..];
    private int runs;

    public Running(Budgets? budgets = null) => host = new InProcessHost(engine, budgets);

    public static async Task<FakeEngine.Kept> RunAsync(string text, Func<StepCall, object?>? answer = null, object? inputs = null, Alert? alert = null)
    {
        await using var running = new Running();
        return await running.StartAsync(await PathOfAsync(text), answer, inputs, alert);
    }

    /// <summary>Builds a text and puts the assembly beside the facades.</summary>
    public static async Task<string> PathOfAsync(string text, bool trace = false)
    {
        var built = await Compiling.Builder.BuildAsync(text, "test.csx", new BuildOptions(Trace: trace), CancellationToken.None);
        Assert.True(built.Succeeded, string.Join('\n', built.Diagnostics));
        var path = Path.Combine(Compiling.Folder, $"{Guid.NewGuid():N}.dll");
        await File.WriteAllBytesAsync(path, built.Assembly!);
        return path;
    }

    public Task<byte[]> EvaluateAsync(string path, string lambda, LambdaSubject subject) => host.EvaluateAsync(path, path, lambda, subject, CancellationToken.None);

    public async Task<FakeEngine.Kept> StartAsync(string path, Func<StepCall, object?>? answer = null, object? inputs = null, Alert? alert = null)
    {
        var run = new RunId(new Guid(runs++, 0, 7, unique));
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        engine.RunEnded += end => { if (end.Run == run) ended.TrySetResult(); };
        engine.Called += call =>
        {
            if (call.Run == run && answer is not null) host.Deliver(run, FakeEngine.Done(call.Ordinal, answer(call)));
        };
        var started = new StartedRecord
        {
            Playbook = "test",
            PlaybookVersion = "1.0.0",
            Alert = alert,
            Inputs = JsonSerializer.SerializeToElement(inputs ?? new { }, Soar.Capabilities.SoarJson.Options).EnumerateObject().ToDictionary(p => p.Name, p => p.Value),
            Instances = new Dictionary<string, IReadOnlyList<string>> { ["Firewall"] = ["edge-1", "edge-2"], ["Intel"] = ["local"], ["Isp"] = ["rdap"], ["Mail"] = ["smtp"] },
        };
        host.Start(new RunStart { Run = run, Version = path, AssemblyPath = path, Started = FakeEngine.Json(started), StartedAt = 500, Traced = true });
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(60));
        return engine.Of(run);
    }

    public ValueTask DisposeAsync() => host.DisposeAsync();
}
