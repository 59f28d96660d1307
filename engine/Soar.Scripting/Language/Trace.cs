using System.Collections;
using System.ComponentModel;
using System.Globalization;
using Soar.Hosting;

namespace Soar.Language;

/// <summary>
/// Where the probes of a tracing build report, for <c>soar show --why</c> and for path coverage; nothing of it is journaled. In a run that nobody asked to be traced
/// they do nothing.
/// </summary>
public static class Trace
{
    private const int LongestValue = 200;

    /// <summary>A branch was taken. Always true, so that it can stand in a condition.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public static bool Hit(string branch)
    {
        if (RunInstance.OnThisThread is { Trace: { } telling } run) telling.Tell(new(branch, null, null, run.NowMs));
        return true;
    }

    /// <summary>A condition looked at a value; gives it back.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public static T Value<T>(string branch, string text, T value)
    {
        if (RunInstance.OnThisThread is { Trace: { } telling } run) telling.Tell(new(branch, text, Short(value), run.NowMs));
        return value;
    }

    /// <summary>A combinator has taken its first item, or found that there is none: <c>warn-every-facility/entered</c> or <c>…/skipped</c>, by its step id.</summary>
    internal static void Items(string stepId, bool any)
    {
        if (RunInstance.OnThisThread is { Trace: { } telling } run) telling.Tell(new($"{stepId}/{(any ? "entered" : "skipped")}", null, null, run.NowMs));
    }

    private static string Short(object? value)
    {
        var text = value switch
        {
            null => "null",
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

    /// <summary>What one run tells. A loop of a million rounds is told as far as <see cref="TraceEntry.Most"/>; branches that come later are told once, with the values that led to them.</summary>
    internal sealed class Telling(RunId run, IPlaybookHostEvents events)
    {
        private const int MostValues = 100;

        private readonly HashSet<string> taken = new(StringComparer.Ordinal);
        private readonly List<TraceEntry> values = [];
        private int told;

        public void Tell(TraceEntry entry)
        {
            var isNew = entry.Text is null && taken.Add(entry.Branch);
            if (told < TraceEntry.Most)
            {
                told++;
                events.Noticed(run, entry);
            }
            else if (entry.Text is not null)
            {
                if (values.Count < MostValues) values.Add(entry);
            }
            else
            {
                if (isNew)
                {
                    foreach (var value in values) events.Noticed(run, value);
                    events.Noticed(run, entry);
                }

                values.Clear();
            }
        }
    }
}
