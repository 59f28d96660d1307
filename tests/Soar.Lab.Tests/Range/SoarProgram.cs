using System.Diagnostics;
using System.Text.Json;
using Soar.Alerts;
using Soar.Runs;
using Soar.Server.Node;
using Soar.Storage;
using Soar.Testing;

namespace Soar.Lab.Tests.Range;

/// <summary>The real program with a settings file and a store of its own in a test's folder.</summary>
internal sealed class SoarProgram(TempFolder folder, string settings)
{
    private readonly List<int> started = [];
    private readonly string settings = folder.File("soar.yaml", settings);

    public static string ShippedPlaybooks => Path.Combine(Root(), "playbooks");

    public string Database => Path.Combine(folder.Path, ".soar", "soar.db");

    /// <summary>Runs one command to its end.</summary>
    public Tools.Result Run(params string[] arguments)
    {
        using var process = Start(arguments);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new Tools.Result(process.ExitCode, output, errors.Result);
    }

    /// <summary>Starts the engine; returns when it drives.</summary>
    /// <param name="http">Where its HTTP API listens.</param>
    public Process Serve(string http = "off")
    {
        var process = Start("serve", "--http", http);
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (!line.StartsWith("Soar drives", StringComparison.Ordinal)) continue;
            _ = process.StandardOutput.ReadToEndAsync();
            _ = process.StandardError.ReadToEndAsync();
            return process;
        }

        throw new InvalidOperationException("soar serve ended: " + process.StandardError.ReadToEnd());
    }

    public Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "soar.dll"), .. arguments, "--settings", settings, "--store", Path.GetDirectoryName(Database)!])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["SOAR_CACHE"] = Path.Combine(folder.Path, "cache");
        var process = Process.Start(start)!;
        started.Add(process.Id);
        return process;
    }

    /// <summary>Ends what a test that failed has left running; the last thing that every test does with its program.</summary>
    public void End()
    {
        foreach (var id in started)
        {
            try
            {
                using var process = Process.GetProcessById(id);
                if (File.ReadAllText($"/proc/{id}/cmdline").Contains(folder.Path, StringComparison.Ordinal)) process.Kill(entireProcessTree: true);
            }
            catch (Exception e) when (e is ArgumentException or IOException or InvalidOperationException)
            {
                // it has ended
            }
        }
    }

    public static void Kill(Process process)
    {
        if (!process.HasExited) process.Kill(); // SIGKILL; its children die with it
        process.WaitForExit();
    }

    /// <summary>Ends it as a service manager does; returns when it is gone.</summary>
    public static void Stop(Process process)
    {
        Tools.Must("kill", "-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        process.WaitForExit();
    }

    /// <summary>One call to the engine that serves. Null when it was not there to take it.</summary>
    public async Task<JsonElement?> TryCallAsync(string call, object arguments)
    {
        try
        {
            await using var stream = await OwnerClient.ConnectAsync(Path.Combine(Path.GetDirectoryName(Database)!, "soar.sock"), CancellationToken.None);
            return stream is null ? null : await OwnerClient.CallAsync(stream, call, arguments, _ => Task.CompletedTask, CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or SoarException { Code: "SOAR5003" })
        {
            return null;
        }
    }

    public static async Task EndsWithinAsync(Process process, TimeSpan time)
    {
        try
        {
            await process.WaitForExitAsync().WaitAsync(time);
        }
        catch (TimeoutException)
        {
            // Still running: that is what it is killed for.
        }
    }

    /// <summary>Waits until everything that was contained is lifted; what was found stays what it is.</summary>
    public async Task UntilLiftedAsync()
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await tick.WaitForNextTickAsync(patience.Token))
        {
            var rows = await ContainmentsAsync();
            if (rows.Count > 0 && rows.All(row => row.Status is ContainmentStatus.Lifted or ContainmentStatus.Found)) return;
        }
    }

    public Task<IReadOnlyList<Containment>> ContainmentsAsync() => ReadAsync(store => store.ContainmentsAsync(null, null, standingOnly: false));

    /// <summary>Every alert that came.</summary>
    public async Task<IReadOnlyList<AlertRecord>> AlertsAsync()
    {
        await using var database = SoarDatabase.OpenReader(Database, new StorageOptions(), TimeProvider.System);
        return await new AlertStore(database, new Ids(TimeProvider.System)).ListAsync(null, null, 100_000);
    }

    /// <summary>The newest run; null before one was on disk.</summary>
    public async Task<Run?> NewestRunAsync() => File.Exists(Database) ? (await ReadAsync(store => store.ListAsync(null, null, 1))).FirstOrDefault() : null;

    /// <summary>Waits until the newest run has ended, well or not.</summary>
    public async Task<Run> UntilEndedAsync()
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await tick.WaitForNextTickAsync(patience.Token))
            if (await NewestRunAsync() is { EndedAt: not null } ended) return ended;
        throw new InvalidOperationException("The tick ended.");
    }

    public async Task<T> ReadAsync<T>(Func<RunStore, Task<T>> read)
    {
        await using var database = SoarDatabase.OpenReader(Database, new StorageOptions(), TimeProvider.System);
        using var store = new RunStore(database);
        return await read(store);
    }

    private static string Root()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(here!.FullName, "Soar.sln"))) here = here.Parent;
        return here.FullName;
    }
}
