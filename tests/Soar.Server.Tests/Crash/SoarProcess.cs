using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Soar.Server.Node;

namespace Soar.Server.Tests.Crash;

/// <summary>The real program, <c>soar serve</c>, on a store of the test's own; killed and started again at will.</summary>
internal sealed class SoarProcess(string folder, string settings, string http = "off") : IAsyncDisposable
{
    private Process? process;
    private TaskCompletionSource printed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Store { get; } = Path.Combine(folder, ".soar");
    public string Socket => Path.Combine(Store, "soar.sock");

    /// <summary>Started and ready: it says so on its standard output.</summary>
    public async Task StartAsync()
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "soar.dll"), "serve", "--http", http, "--store", Store, "--settings", settings])
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        start.Environment["SOAR_CACHE"] = Path.Combine(folder, "cache");
        process = Process.Start(start)!;
        _ = process.StandardError.ReadToEndAsync();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (!line.StartsWith("Soar drives", StringComparison.Ordinal)) continue;
            _ = ReadAsync(process.StandardOutput);
            return;
        }

        throw new InvalidOperationException($"soar serve ended with {process.ExitCode} before it was ready.");
    }

    /// <summary>What it has printed since it was ready.</summary>
    public ConcurrentQueue<string> Lines { get; } = new();

    /// <summary>The first line like this, now or later.</summary>
    public async Task<string> LineAsync(Func<string, bool> wanted)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var next = printed.Task;
            if (Lines.FirstOrDefault(wanted) is { } found) return found;
            try
            {
                await next.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"It was not printed. These were:\n{string.Join('\n', Lines)}");
            }
        }
    }

    private async Task ReadAsync(StreamReader output)
    {
        while (await output.ReadLineAsync() is { } line)
        {
            Lines.Enqueue(line);
            Interlocked.Exchange(ref printed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        }
    }

    /// <summary><c>kill -9</c>; its children die with it.</summary>
    public async Task KillAsync()
    {
        process!.Kill(); // SIGKILL on Linux
        await process.WaitForExitAsync();
        process.Dispose();
        process = null;
    }

    /// <summary>One call over the owner's socket. Null when it died before it answered.</summary>
    public async Task<JsonElement?> TryCallAsync(string call, object arguments)
    {
        try
        {
            await using var stream = await OwnerClient.ConnectAsync(Socket, CancellationToken.None);
            return stream is null ? null : await OwnerClient.CallAsync(stream, call, arguments, _ => Task.CompletedTask, CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or SoarException { Code: "SOAR5003" })
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null) await KillAsync();
    }
}
