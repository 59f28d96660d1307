using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Soar.Scripting.Jail;

/// <summary>
/// A child process of our own program in a jail, fed over two pipes. It has no store, no secrets, no files but the readable ones, no
/// network, and dies with us. Disposing kills it.
/// </summary>
public sealed class JailedProcess : IAsyncDisposable
{
    private readonly JailOptions _options;
    private readonly TaskCompletionSource<int> _spawned = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<JailReport> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<ChildExit> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private bool _reaped;
    private long _peak;

    private JailedProcess(JailOptions options, int toChild, int fromChild, SharedPage page)
    {
        _options = options;
        Page = page;
        ToChild = new FileStream(new SafeFileHandle(toChild, ownsHandle: true), FileAccess.Write, bufferSize: 0);
        FromChild = new FileStream(new SafeFileHandle(fromChild, ownsHandle: true), FileAccess.Read, bufferSize: 0);
    }

    /// <summary>The child's process id.</summary>
    public int Id { get; private set; }

    /// <summary>What is written here the child reads. Unbuffered; writing to a child that is gone throws <see cref="IOException"/>.</summary>
    public Stream ToChild { get; }

    /// <summary>What the child writes is read here. Unbuffered; ends when the child is gone.</summary>
    public Stream FromChild { get; }

    /// <summary>Memory that the child sees too, as <see cref="JailEntry.Page"/>; it outlives the child.</summary>
    public SharedPage Page { get; }

    /// <summary>Completes when the jail is shut and the child's body begins; fails with <see cref="JailException"/> if it never gets there.</summary>
    public Task<JailReport> Ready => _ready.Task;

    /// <summary>Completes, never fails, when the child is gone.</summary>
    public Task<ChildExit> Exited => _exited.Task;

    /// <summary>The most physical memory the child has held so far, in bytes; after its end, the last value seen.</summary>
    public long PeakMemoryBytes => ReadPeak();

    /// <summary>Starts this application again for a jailed verb. Returns when the process exists; <see cref="Ready"/> says when its jail is shut.</summary>
    public static JailedProcess Start(string verb, IReadOnlyList<string> arguments, JailOptions options) =>
        Start(ChildEntry.ThisApplication, verb, arguments, options);

    /// <summary>Starts <paramref name="entry"/> for a jailed verb.</summary>
    public static JailedProcess Start(ChildEntry entry, string verb, IReadOnlyList<string> arguments, JailOptions options)
    {
        options.Validate();
        var (childReads, weWrite) = Linux.Pipe();
        var (weRead, childWrites) = Linux.Pipe();
        var (errors, childErrors) = Linux.Pipe();
        var (page, pageDescriptor) = SharedPage.Create();
        var process = new JailedProcess(options, weWrite, weRead, page);
        string[] commandLine = [entry.Executable, .. entry.Prefix, verb, .. arguments];
        var environment = EnvironmentFor(options);
        // The kernel's "kill me when my parent dies" looks at the thread that started the child. So one thread of its own starts
        // it, reads its error stream and waits for its end: it lives exactly as long as the child.
        var watcher = new Thread(() => process.Watch(commandLine, environment, new(childReads, childWrites, childErrors, pageDescriptor), errors), maxStackSize: 256 * 1024)
        {
            IsBackground = true,
            Name = $"jail {verb}",
        };
        watcher.Start();
        try
        {
            process.Id = process._spawned.Task.GetAwaiter().GetResult(); // A process start: milliseconds, on a thread that does nothing else.
        }
        catch (JailException)
        {
            process.ToChild.Dispose();
            process.FromChild.Dispose();
            throw;
        }
        return process;
    }

    /// <summary>Ends the child at once, whatever it does. Nothing happens if it is gone already.</summary>
    public void Kill()
    {
        lock (_gate)
        {
            // Once reaped, its number may belong to somebody else.
            if (!_reaped && Linux.Kill(-Id, Linux.SIGKILL) != 0)
                _ = Linux.Kill(Id, Linux.SIGKILL);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await Exited;
        await ToChild.DisposeAsync();
        await FromChild.DisposeAsync();
    }

    private void Watch(string[] commandLine, List<string> environment, ChildEnds ends, int errors)
    {
        int pid;
        var ownPeak = Spawner.PeakMemory(Environment.ProcessId);
        try
        {
            pid = Spawner.Spawn(commandLine, environment, ends);
        }
        catch (JailException problem)
        {
            _ = Linux.Close(errors);
            _ready.SetException(problem);
            _ = _ready.Task.Exception; // Whoever called Start sees the problem there.
            _spawned.SetException(problem);
            return;
        }
        Id = pid;
        _spawned.SetResult(pid);
        var lines = DrainErrors(errors);
        Spawner.AwaitEnd(pid);
        (int? Code, int? Signal, TimeSpan Time, long PeakMemory) end;
        lock (_gate)
        {
            end = Spawner.Reap(pid);
            _reaped = true;
            // The kernel's final figure begins with our own peak, which the child shared until its first exec: it tells only what is beyond.
            if (end.PeakMemory > ownPeak)
                _peak = Math.Max(_peak, end.PeakMemory);
        }
        var exit = new ChildExit(end.Code, end.Signal, lines.Finish(Keep), end.Time, _peak);
        _exited.SetResult(exit);
        if (_ready.TrySetException(new JailException(
            $"The jailed child {commandLine[0]} ended before its jail was shut, with {exit.Summary}. It said: {string.Join(" | ", exit.LastErrorLines)}")))
            _ = _ready.Task.Exception; // Seen by whoever awaits Ready; nobody has to.
    }

    private unsafe LastLines DrainErrors(int errors)
    {
        var lines = new LastLines(_options.KeptErrorLines);
        var buffer = stackalloc byte[4096];
        while (true)
        {
            var read = Linux.Read(errors, buffer, 4096);
            if (read > 0)
                lines.Add(new ReadOnlySpan<byte>(buffer, (int)read), Keep);
            else if (read == 0 || Linux.Errno != Linux.EINTR)
                break;
        }
        _ = Linux.Close(errors);
        return lines;
    }

    /// <summary>The first report comes from our own code, before foreign code runs; a later line that looks like one is only a line.</summary>
    private bool Keep(string line) =>
        _ready.Task.IsCompleted || JailReport.FromLine(line) is not { } report || !_ready.TrySetResult(report);

    private long ReadPeak()
    {
        lock (_gate)
        {
            if (!_reaped)
                _peak = Math.Max(_peak, Spawner.PeakMemory(Id));
            return _peak;
        }
    }

    /// <summary>Nothing of our own environment: secrets are often kept there.</summary>
    private static List<string> EnvironmentFor(JailOptions options)
    {
        var settings = new Dictionary<string, string>
        {
            ["DOTNET_GCHeapHardLimit"] = options.HeapLimitBytes.ToString("x", CultureInfo.InvariantCulture),
            ["DOTNET_gcServer"] = "0",
            ["DOTNET_gcConcurrent"] = "0",                     // fewer threads; a pause in the child hurts nobody
            ["DOTNET_EnableWriteXorExecute"] = "0",            // else the JIT maps a file, which the file size limit of 0 forbids
            ["DOTNET_EnableDiagnostics"] = "0",                // no debugger, profiler or diagnostics socket
            ["DOTNET_DbgEnableMiniDump"] = "0",
            ["DOTNET_TieredPGO"] = "1",
            ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1",
            ["TZ"] = "UTC",                                    // a playbook means the same on every machine
            ["DOTNET_ROOT"] = ChildEntry.FrameworkRoot(),
            ["DOTNET_NOLOGO"] = "1",
            [JailPlan.Variable] = JailPlan.Of(options, Environment.ProcessId).Write(),
        };
        foreach (var (name, value) in options.RuntimeSettings)
            settings[name] = value;
        return [.. settings.Select(setting => $"{setting.Key}={setting.Value}")];
    }
}
