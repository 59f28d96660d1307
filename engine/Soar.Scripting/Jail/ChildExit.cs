namespace Soar.Scripting.Jail;

/// <summary>How a jailed child ended.</summary>
/// <param name="ExitCode">The code it returned; <c>null</c> if a signal ended it.</param>
/// <param name="Signal">The signal that ended it (9 killed, 6 aborted by its runtime, 11 memory fault, 24 processor time); <c>null</c> if it returned.</param>
/// <param name="LastErrorLines">The last lines of its error stream, oldest first, for the crash report.</param>
/// <param name="ProcessorTime">Processor time it used, its start included.</param>
/// <param name="PeakMemoryBytes">The most physical memory it held, in bytes; 0 if it lived too briefly and too modestly to be seen.</param>
public sealed record ChildExit(int? ExitCode, int? Signal, IReadOnlyList<string> LastErrorLines, TimeSpan ProcessorTime, long PeakMemoryBytes)
{
    /// <summary>For people: <c>exit code 1</c>, <c>signal 6 (aborted by its runtime)</c>.</summary>
    public string Summary => Signal switch
    {
        null => $"exit code {ExitCode}",
        6 => "signal 6 (aborted by its runtime: unhandled exception, stack overflow or out of memory)",
        9 => "signal 9 (killed)",
        11 => "signal 11 (memory fault)",
        24 => "signal 24 (processor time used up)",
        _ => $"signal {Signal}",
    };
}

/// <summary>The last lines of a stream that may say anything, endlessly: bounded in lines and in the length of a line.</summary>
internal sealed class LastLines(int keep)
{
    private const int LongestLine = 2_000;
    private readonly Queue<string> _lines = new();
    private readonly List<byte> _current = [];

    /// <summary>Takes bytes as they come; hands each finished line to <paramref name="seen"/>, which returns whether to keep it.</summary>
    internal void Add(ReadOnlySpan<byte> bytes, Func<string, bool> seen)
    {
        foreach (var b in bytes)
        {
            if (b == '\n')
                EndLine(seen);
            else if (_current.Count < LongestLine)
                _current.Add(b);
        }
    }

    internal IReadOnlyList<string> Finish(Func<string, bool> seen)
    {
        if (_current.Count > 0)
            EndLine(seen);
        return [.. _lines];
    }

    private void EndLine(Func<string, bool> seen)
    {
        var line = System.Text.Encoding.UTF8.GetString(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_current)).TrimEnd('\r');
        _current.Clear();
        if (!seen(line))
            return;
        _lines.Enqueue(line);
        if (_lines.Count > keep)
            _lines.Dequeue();
    }
}
