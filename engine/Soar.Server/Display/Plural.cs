namespace Soar.Server.Display;

/// <summary>Numbers of things in words: 1 run, 2 runs, no "1 runs".</summary>
internal static class Plural
{
    /// <param name="one">The word for one of them.</param>
    /// <param name="many">Where it is not just an s more: people, queries, sub-processes of a "host that lives".</param>
    public static string Of(long n, string one, string? many = null) => FormattableString.Invariant($"{n} {Word(n, one, many)}");

    /// <summary>Only the word.</summary>
    public static string Word(long n, string one, string? many = null) => n == 1 ? one : many ?? one + "s";
}
