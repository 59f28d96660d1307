using System.Collections;
using System.Collections.Concurrent;
using System.ComponentModel;
using System.Globalization;

namespace Soar.Language;

/// <summary>What a tracing build noticed.</summary>
/// <param name="Branch">A branch that was taken (<c>if-not-decision-approved/true</c>), or the construct that looked at a value (<c>if-not-decision-approved</c>).</param>
/// <param name="Text">The expression that was looked at; null for a branch that was taken.</param>
/// <param name="Value">Its value as short text; secrets are masked.</param>
/// <param name="At">The run's <c>Now</c>, UTC Unix milliseconds.</param>
public sealed record TraceEntry(string Branch, string? Text, string? Value, long At);

/// <summary>
/// Where the probes of a tracing build report. Used for <c>soar show --why</c> and for path coverage, where a run is replayed in this process; nothing of it
/// is journaled. Without a listener the probes do nothing.
/// </summary>
public static class Trace
{
    private const int LongestValue = 200;
    private static readonly ConcurrentDictionary<RunId, Action<TraceEntry>> Listeners = new();

    /// <summary>Hears what a run's probes notice, on the run's thread, until disposed.</summary>
    public static IDisposable Listen(RunId run, Action<TraceEntry> listener)
    {
        Listeners[run] = listener;
        return new Listening(run);
    }

    /// <summary>A branch was taken. Always true, so that it can stand in a condition.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public static bool Hit(string branch)
    {
        if (Listener() is { } found) found.Listener(new(branch, null, null, found.Run.NowMs));
        return true;
    }

    /// <summary>A condition looked at a value; gives it back.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public static T Value<T>(string branch, string text, T value)
    {
        if (Listener() is { } found) found.Listener(new(branch, text, Short(value), found.Run.NowMs));
        return value;
    }

    /// <summary>A combinator has taken its first item, or found that there is none: <c>warn-every-facility/entered</c> or <c>…/skipped</c>, by its step id.</summary>
    internal static void Items(string stepId, bool any)
    {
        if (Listener() is { } found) found.Listener(new($"{stepId}/{(any ? "entered" : "skipped")}", null, null, found.Run.NowMs));
    }

    private static (Action<TraceEntry> Listener, RunInstance Run)? Listener() =>
        RunInstance.OnThisThread is { } run && Listeners.TryGetValue(run.TracedAs, out var listener) ? (listener, run) : null;

    private static string Short(object? value)
    {
        var text = value switch
        {
            null => "null",
            Connectors.Secret => "•••",
            string s => $"\"{s}\"",
            bool yes => yes ? "true" : "false",
            TimeSpan duration => Durations.Say(duration),
            DateTimeOffset time => time.ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture),
            IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
            ICollection many => $"{many.Count} item{(many.Count == 1 ? "" : "s")}",
            IEnumerable => "items",
            Delegate => "a function",
            _ => value.ToString() ?? "",
        };
        return text.Length <= LongestValue ? text : string.Concat(text.AsSpan(0, LongestValue - 1), "…");
    }

    private sealed class Listening(RunId run) : IDisposable
    {
        public void Dispose() => Listeners.TryRemove(run, out _);
    }
}
