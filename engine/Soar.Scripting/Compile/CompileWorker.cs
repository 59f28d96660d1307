using System.Buffers.Binary;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Hosting;
using Soar.Scripting.Edit;
using Soar.Scripting.Jail;

namespace Soar.Scripting.Compile;

/// <summary>Limits of compilation.</summary>
public sealed record CompileWorkerOptions
{
    /// <summary>One playbook's compilation. Default 20 seconds.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Managed heap of a worker process, in bytes. Default 1 GiB.</summary>
    public long MemoryLimitBytes { get; init; } = 1L << 30;

    /// <summary>Processes at work at once. Default 1.</summary>
    public int Processes { get; init; } = 1;

    /// <summary>A process is replaced after this many compilations. Default 500.</summary>
    public int CompilationsPerProcess { get; init; } = 500;

    /// <summary>What to do where the kernel cannot build the whole jail. Default: refuse.</summary>
    public JailPolicy Policy { get; init; } = JailPolicy.Require;
}

/// <summary>
/// Compiles playbooks in jailed processes (<c>soar compile-worker</c>), which stay warm from one to the next. A playbook made to bring the compiler down
/// costs its own process and gets a diagnostic; the next one gets a new process.
/// </summary>
public sealed class CompileWorker : IPlaybookBuilder, IAsyncDisposable
{
    /// <summary>The verb of the jailed process.</summary>
    public const string Verb = "compile-worker";

    private const string WarmUp =
        """
        Playbook("warm-up", version: "1.0.0", type: PlaybookType.Investigation, tlp: Tlp.Clear, summary: "Loads what every playbook needs.");
        On.Alert(alert => alert.Severity > 0);
        var time = Input("time", 1.Hours, "How long");
        foreach (var n in new[] { 1, 2 }.Where(n => n > 1))
            if (n > 1) await Wait(time);
        return Outcome.Completed($"{time}");
        """;

    private static readonly TimeSpan LongestStart = TimeSpan.FromMinutes(2);

    private readonly PlaybookSurface surface;
    private readonly CompileWorkerOptions options;
    private readonly ChildEntry entry;
    private readonly TimeProvider clock;
    private readonly SemaphoreSlim free;
    private readonly Stack<Child> idle = new();
    private readonly HashSet<Child> busy = [];
    private readonly Lock gate = new();
    private bool disposed;

    public CompileWorker(PlaybookSurface surface, CompileWorkerOptions options, ChildEntry entry, TimeProvider clock)
    {
        this.surface = surface;
        this.options = options;
        this.entry = entry;
        this.clock = clock;
        free = new(options.Processes, options.Processes);
    }

    /// <summary>How many processes were started so far.</summary>
    public int Started { get; private set; }

    /// <inheritdoc/>
    public async Task<BuildResult> BuildAsync(string text, string file, BuildOptions build, CancellationToken cancellation)
    {
        var (reply, refused) = await AskAsync(new Request(null, text, file, build), cancellation);
        return refused is null ? reply!.ToResult() : new([refused], null, null);
    }

    /// <summary>What may be written at this place of an unfinished playbook.</summary>
    /// <param name="position">Characters from the beginning of the text.</param>
    public async Task<IReadOnlyList<Completion>> CompleteAsync(string text, string file, int position, CancellationToken cancellation)
    {
        var (reply, refused) = await AskAsync(new Request(null, text, file, new BuildOptions()) { CompleteAt = position }, cancellation);
        return refused is null ? reply!.Completions : throw new SoarException(refused.Code, $"{refused.Message} {refused.Remedy}");
    }

    // Who goes away does not end the work: a process in the middle of it could only be killed, and the next one would have to wait until another is warm. An editor gives up most of what it asks.
    private async Task<(Reply? Reply, PlaybookDiagnostic? Refused)> AskAsync(Request request, CancellationToken cancellation)
    {
        await free.WaitAsync(cancellation);
        return await WorkAsync(request).WaitAsync(cancellation);
    }

    private async Task<(Reply? Reply, PlaybookDiagnostic? Refused)> WorkAsync(Request request)
    {
        Child? child = null;
        try
        {
            child = Take();
            await child.WarmAsync(clock);
            var reply = await child.AskAsync(request).WaitAsync(options.TimeLimit, clock);
            Return(child);
            child = null;
            return (reply, null);
        }
        catch (TimeoutException)
        {
            return (null, Refused(request.File, "SOAR1006", $"Compiling took more than {Durations.Say(options.TimeLimit)}."));
        }
        catch (Exception problem) when (problem is IOException or EndOfStreamException or JsonException)
        {
            var exit = await child!.Process.Exited;
            return (null, Refused(request.File, "SOAR1007", $"Compiling needed more than {options.MemoryLimitBytes >> 20} MiB of memory or too much stack (the compiler's process ended with {exit.Summary})."));
        }
        finally
        {
            if (child is not null) await DropAsync(child);
            free.Release();
        }
    }

    private ValueTask DropAsync(Child child)
    {
        lock (gate) busy.Remove(child);
        return child.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Child[] left;
        lock (gate)
        {
            disposed = true;
            left = [.. idle, .. busy];
            idle.Clear();
            busy.Clear();
        }

        foreach (var child in left) await child.DisposeAsync();
    }

    private static PlaybookDiagnostic Refused(string file, string code, string message) =>
        new(code, file, 1, 1, 1, 1, message, "Look for lambdas nested in calls that have several overloads, for texts multiplied by +, or for very long expressions, and split them.");

    private Child Take()
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            while (idle.TryPop(out var waiting))
            {
                if (waiting.Process.Exited.IsCompleted) continue;
                busy.Add(waiting);
                return waiting;
            }

            Started++;
        }

        var jail = new JailOptions
        {
            HeapLimitBytes = options.MemoryLimitBytes,
            Policy = options.Policy,
            ReadOnlyPaths = [.. surface.References],
            // Half of a cold start is JIT: no instrumented code. And a compiler makes much that dies at once: 64 MB (hex) before the first collection.
            RuntimeSettings = new Dictionary<string, string> { ["DOTNET_TieredPGO"] = "0", ["DOTNET_GCgen0size"] = "4000000" },
        };
        var child = new Child(JailedProcess.Start(entry, Verb, [], jail), surface);
        lock (gate) busy.Add(child);
        return child;
    }

    private void Return(Child child)
    {
        lock (gate)
        {
            busy.Remove(child);
            if (!disposed && child.Compilations < options.CompilationsPerProcess)
            {
                idle.Push(child);
                return;
            }
        }

        child.Process.Kill();
    }

    /// <summary>The jailed side: answers requests until its parent closes the pipe.</summary>
    public static async Task<int> ServeAsync(IReadOnlyList<string> arguments, Stream fromParent, Stream toParent)
    {
        _ = arguments;
        PlaybookBuilder? builder = null;
        while (await Frames.ReadAsync<Request>(fromParent, CancellationToken.None) is { } request)
        {
            if (request.Surface is { } surface) builder = new PlaybookBuilder(surface);
            await Frames.WriteAsync(toParent, await AnswerAsync(builder!, request), CancellationToken.None);
        }

        return 0;
    }

    private static async Task<Reply> AnswerAsync(PlaybookBuilder builder, Request request)
    {
        if (request.CompleteAt is { } position) return new([], null, null) { Completions = await builder.CompleteAsync(request.Text, request.File, position, CancellationToken.None) };
        var result = await builder.BuildAsync(request.Text, request.File, request.Options, CancellationToken.None);
        return new(result.Diagnostics, result.Header, result.Assembly);
    }

    /// <param name="Surface">With a process's first request only.</param>
    internal sealed record Request(PlaybookSurface? Surface, string Text, string File, BuildOptions Options)
    {
        /// <summary>Asks what may be written at this place, instead of a build.</summary>
        public int? CompleteAt { get; init; }
    }

    internal sealed record Reply(IReadOnlyList<PlaybookDiagnostic> Diagnostics, PlaybookHeader? Header, byte[]? Assembly)
    {
        public IReadOnlyList<Completion> Completions { get; init; } = [];

        public BuildResult ToResult() => new(Diagnostics, Header, Assembly);
    }

    private sealed class Child(JailedProcess process, PlaybookSurface surface) : IAsyncDisposable
    {
        public JailedProcess Process { get; } = process;
        public int Compilations { get; private set; }

        /// <summary>
        /// A new process loads and compiles the compiler itself with its first text; that time is not the playbook's. So the first text is ours.
        /// </summary>
        public async Task WarmAsync(TimeProvider clock)
        {
            if (Compilations > 0) return;
            await Process.Ready;
            try
            {
                await AskAsync(new Request(null, WarmUp, "warm-up.csx", new BuildOptions())).WaitAsync(LongestStart, clock);
            }
            catch (Exception problem) when (problem is TimeoutException or IOException or EndOfStreamException)
            {
                throw new SoarException("SOAR1911", $"The compile worker does not come up: {problem.Message} Look at the machine's load and memory, and at the jail in 'soar health'.", problem);
            }
        }

        public async Task<Reply> AskAsync(Request request)
        {
            if (Compilations++ == 0) request = request with { Surface = surface };
            await Frames.WriteAsync(Process.ToChild, request, CancellationToken.None);
            return await Frames.ReadAsync<Reply>(Process.FromChild, CancellationToken.None) ?? throw new EndOfStreamException();
        }

        public ValueTask DisposeAsync() => Process.DisposeAsync();
    }
}

/// <summary>JSON messages with their length in front.</summary>
internal static class Frames
{
    private const int Longest = 64 << 20;

    public static async Task WriteAsync<T>(Stream stream, T message, CancellationToken cancellation)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(message, SoarJson.Options);
        var frame = new byte[4 + json.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, json.Length);
        json.CopyTo(frame, 4);
        await stream.WriteAsync(frame, cancellation);
        await stream.FlushAsync(cancellation);
    }

    /// <summary>The next message; null at the end of the stream.</summary>
    public static async Task<T?> ReadAsync<T>(Stream stream, CancellationToken cancellation)
        where T : class
    {
        var length = new byte[4];
        var read = await stream.ReadAtLeastAsync(length, 4, throwOnEndOfStream: false, cancellation);
        if (read == 0) return null;
        if (read < 4) throw new EndOfStreamException();
        var size = BinaryPrimitives.ReadInt32LittleEndian(length);
        if (size is < 0 or > Longest) throw new IOException($"A message of {size} bytes is not one of ours.");
        var json = new byte[size];
        await stream.ReadExactlyAsync(json, cancellation);
        return JsonSerializer.Deserialize<T>(json, SoarJson.Options);
    }
}
