using System.Text;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Scripting.Jail;

namespace Soar.Scripting.JavaScript;

/// <summary>
/// Runs JavaScript snippets one at a time in a jailed worker process that is kept warm. A snippet that takes too long or too much costs
/// its worker, nothing else; the next worker is started at once.
/// </summary>
public sealed class JavaScriptRunner(JavaScriptOptions options, ChildEntry entry, TimeProvider time) : IJavaScript, IAsyncDisposable
{
    private readonly JavaScriptOptions _options = options.Validate();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private JailedProcess? _worker;
    private int _runs;

    /// <summary>Starts the worker before it is needed. Throws <see cref="JailException"/> where its jail cannot be built.</summary>
    public async Task WarmAsync(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            _ = await Worker();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>
    /// Runs ECMAScript 5 with <c>input</c> in scope; the value of the last expression is the result. Input and result are JSON.
    /// Throws <see cref="JavaScriptFailure"/>; cancelling kills the worker.
    /// </summary>
    public async Task<string> RunAsync(string code, string inputJson, CancellationToken cancellation)
    {
        var codeBytes = Bytes("code", code);
        var inputBytes = Bytes("input", inputJson);
        await _turn.WaitAsync(cancellation);
        try
        {
            var worker = await Worker();
            _runs++;
            bool timedOut;
            (byte Kind, int Line, string Text)? answer;
            using (var limit = new CancellationTokenSource(_options.TimeLimit, time))
            {
                await using (limit.Token.Register(worker.Kill))
                await using (cancellation.Register(worker.Kill))
                    answer = await Exchange(worker, codeBytes, inputBytes);
                timedOut = limit.IsCancellationRequested;
            }
            if (answer is null || timedOut || cancellation.IsCancellationRequested)
            {
                // The worker is dead or was shot a moment after it answered: either way it is not asked again.
                var exit = await Discard(worker);
                if (answer is null)
                {
                    cancellation.ThrowIfCancellationRequested();
                    throw timedOut ? TimedOut() : Died(exit);
                }
            }
            else if (_runs >= _options.RunsPerProcess)
                await Discard(worker);
            var (kind, line, text) = answer.Value;
            return kind == JavaScriptWire.Result ? text : throw new JavaScriptFailure((JavaScriptFailureKind)kind, line > 0 ? line : null, text);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc cref="IJavaScript.RunAsync"/>
    public async Task<JsonElement> RunAsync(string code, JsonElement input, ActionContext context, CancellationToken cancellation)
    {
        try
        {
            using var result = JsonDocument.Parse(await RunAsync(code, input.GetRawText(), cancellation));
            return result.RootElement.Clone();
        }
        catch (JavaScriptFailure failure)
        {
            throw ConnectorFailure.Permanent(failure.Message, failure, failure.Kind.ToString());
        }
        catch (JailException problem)
        {
            throw ConnectorFailure.Transient(problem.Message, inner: problem, reason: "worker");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync();
        if (_worker is { } worker)
            await worker.DisposeAsync();
        _turn.Dispose();
    }

    private async Task<JailedProcess> Worker()
    {
        if (_worker is { Exited.IsCompleted: true } ended)
            await Discard(ended); // somebody killed it while it was idle
        var worker = _worker ??= Start();
        try
        {
            await worker.Ready;
        }
        catch (JailException)
        {
            _worker = null;
            await worker.DisposeAsync();
            throw;
        }
        return worker;
    }

    private JailedProcess Start()
    {
        _runs = 0;
        return JailedProcess.Start(entry, JavaScriptWorker.Verb, [], new JailOptions { HeapLimitBytes = _options.MemoryLimitBytes, Policy = _options.Policy });
    }

    /// <summary>Ends a worker and starts the next one, so that the next snippet finds it warm.</summary>
    private async Task<ChildExit> Discard(JailedProcess worker)
    {
        _worker = null;
        await worker.DisposeAsync();
        try
        {
            _worker = Start();
        }
        catch (JailException)
        {
            // What the snippet did is the news now; if no worker can be started, the next snippet says so.
        }
        return await worker.Exited;
    }

    private async Task<(byte Kind, int Line, string Text)?> Exchange(JailedProcess worker, byte[] code, byte[] input)
    {
        try
        {
            // Not cancelled by token: a half-written frame is worthless, killing the worker ends both directions.
            await JavaScriptWire.WriteRequest(worker.ToChild, code, input, CancellationToken.None);
            return await JavaScriptWire.ReadAnswerOrEnd(worker.FromChild, _options.LongestTextBytes);
        }
        catch (IOException)
        {
            return null; // the pipe broke: the worker is gone
        }
        catch (InvalidDataException)
        {
            await Discard(worker);
            throw new JavaScriptFailure(JavaScriptFailureKind.TooLarge, null,
                $"The result of the JavaScript is longer than {_options.LongestTextBytes} bytes. Return less, or raise the limit in the settings.");
        }
    }

    private byte[] Bytes(string what, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return bytes.Length <= _options.LongestTextBytes
            ? bytes
            : throw new JavaScriptFailure(JavaScriptFailureKind.TooLarge, null,
                $"The {what} of the JavaScript is {bytes.Length} bytes long, at most {_options.LongestTextBytes} are taken. Hand in less, or raise the limit in the settings.");
    }

    private JavaScriptFailure TimedOut() => new(JavaScriptFailureKind.TimedOut, null,
        $"The JavaScript ran longer than {_options.TimeLimit.TotalSeconds:0.###} seconds and was killed. Look for an endless loop or a regular expression with nested repetition.");

    private JavaScriptFailure Died(ChildExit exit) =>
        exit.LastErrorLines.Any(line => line.Contains("OutOfMemory", StringComparison.Ordinal) || line.Contains("Out of memory", StringComparison.Ordinal))
            ? new(JavaScriptFailureKind.OutOfMemory, null,
                $"The JavaScript wanted more than {_options.MemoryLimitBytes >> 20} MiB of memory and was ended. Work on less at a time, or raise the limit in the settings.")
            : new(JavaScriptFailureKind.Crashed, null, $"The process that ran the JavaScript ended with {exit.Summary}. Look for very deep nesting or recursion.");
}
