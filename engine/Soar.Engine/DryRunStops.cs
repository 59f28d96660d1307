using Soar.Hosting;

namespace Soar.Engine;

/// <summary>
/// Where a dry run stops before a step, for whoever follows it: at breakpoints, or before every step. It stops by pausing, so a stopped run is a paused one, and whoever resumes it goes on. Live runs
/// have none. It is not on record: after a restart a stopped run is still paused, and no longer knows before what.
/// </summary>
public sealed class DryRunStops(IEnumerable<string> breakpoints, bool stepping)
{
    private readonly Lock gate = new();

    /// <summary>Calls before which it has stopped, or passed: a replay makes them again.</summary>
    private readonly HashSet<int> passed = [];
    private IReadOnlySet<string> breakpoints = breakpoints.ToHashSet(StringComparer.Ordinal);
    private bool stepping = stepping;
    private StepCall? at;

    /// <summary>The call before which the run stands; null while it goes on.</summary>
    public StepCall? At
    {
        get
        {
            lock (gate) return at;
        }
    }

    /// <summary>Where it stops from now on.</summary>
    /// <param name="at">Ids of steps.</param>
    /// <param name="each">Before the next step, whichever it is.</param>
    public void Set(IEnumerable<string> at, bool each)
    {
        lock (gate) (breakpoints, stepping, this.at) = (at.ToHashSet(StringComparer.Ordinal), each, null);
    }

    /// <summary>Whether the run stops before this call: once before each at most.</summary>
    internal bool Before(StepCall call)
    {
        lock (gate)
        {
            at = passed.Add(call.Ordinal) && (stepping || breakpoints.Contains(IdOf(call.Path))) ? call : null;
            return at is not null;
        }
    }

    /// <summary><c>warn[3]/mail-send#2</c> → <c>mail-send</c>.</summary>
    private static string IdOf(string path)
    {
        var last = path[(path.LastIndexOf('/') + 1)..];
        var end = last.AsSpan().IndexOfAny('#', '[');
        return end < 0 ? last : last[..end];
    }
}
