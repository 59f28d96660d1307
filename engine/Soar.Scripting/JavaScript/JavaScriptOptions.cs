namespace Soar.Scripting.JavaScript;

/// <summary>How much a JavaScript snippet may cost.</summary>
public sealed record JavaScriptOptions
{
    /// <summary>Wall time of one snippet, after which its process is killed. Default 5 seconds.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Heap of the worker process, in bytes. Default 128 MiB.</summary>
    public long MemoryLimitBytes { get; init; } = 128L << 20;

    /// <summary>Longest code, input or result, in bytes of UTF-8. Default 8 MiB.</summary>
    public int LongestTextBytes { get; init; } = 8 << 20;

    /// <summary>How many snippets one worker process serves before a fresh one takes its place. Default 500.</summary>
    public int RunsPerProcess { get; init; } = 500;

    /// <summary>What to do where the kernel cannot build the whole jail. Default: refuse.</summary>
    public Jail.JailPolicy Policy { get; init; } = Jail.JailPolicy.Require;

    /// <summary>Throws one <see cref="SoarException"/> that names every problem at once.</summary>
    public JavaScriptOptions Validate()
    {
        var problems = new List<string>();
        if (TimeLimit <= TimeSpan.Zero || TimeLimit > TimeSpan.FromMinutes(10))
            problems.Add($"TimeLimit is {TimeLimit}; give more than zero and at most 10 minutes.");
        if (MemoryLimitBytes < 32L << 20)
            problems.Add($"MemoryLimitBytes is {MemoryLimitBytes}; give at least {32L << 20} (32 MiB).");
        if (LongestTextBytes < 1024 || LongestTextBytes > MemoryLimitBytes / 8)
            problems.Add($"LongestTextBytes is {LongestTextBytes}; give at least 1024 and at most an eighth of MemoryLimitBytes ({MemoryLimitBytes / 8}).");
        if (RunsPerProcess < 1)
            problems.Add($"RunsPerProcess is {RunsPerProcess}; give at least 1.");
        return problems.Count == 0 ? this : throw new SoarException("SOAR2110", "The JavaScript options are not usable: " + string.Join(" ", problems));
    }
}

/// <summary>Why a snippet gave no result.</summary>
public enum JavaScriptFailureKind
{
    /// <summary>It is not ECMAScript 5.</summary>
    Syntax,

    /// <summary>It threw, or used something that is not there.</summary>
    Thrown,

    /// <summary>Its last expression has no value, or one that JSON cannot say.</summary>
    NoResult,

    /// <summary>It ran longer than <see cref="JavaScriptOptions.TimeLimit"/> and was killed.</summary>
    TimedOut,

    /// <summary>It wanted more memory than <see cref="JavaScriptOptions.MemoryLimitBytes"/>.</summary>
    OutOfMemory,

    /// <summary>Its process died of something else, for example of too deep a recursion.</summary>
    Crashed,

    /// <summary>Code, input or result is longer than <see cref="JavaScriptOptions.LongestTextBytes"/>.</summary>
    TooLarge,
}

/// <summary>A snippet gave no result. Nothing else is affected; the same snippet with the same input will fail again.</summary>
public sealed class JavaScriptFailure(JavaScriptFailureKind kind, int? line, string message) : SoarException("SOAR2111", message)
{
    public JavaScriptFailureKind Kind { get; } = kind;

    /// <summary>The line of the snippet, from 1, where it is known.</summary>
    public int? Line { get; } = line;
}
