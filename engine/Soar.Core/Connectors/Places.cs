using Soar.Runs;

namespace Soar.Connectors;

/// <summary>Who stands in line at an instance: one call of one run.</summary>
public sealed record PlaceHolder(RunId Run, int Ordinal, string Path, string Action);

/// <summary>One who has a place, or stands in line for one.</summary>
/// <param name="Ahead">How many are before it; null: it has its place.</param>
public sealed record PlaceInLine(PlaceHolder Holder, Lane Lane, DateTimeOffset Since, int? Ahead);

/// <summary>
/// So many calls may be under way at one connector instance, of all runs together. Further ones stand in line: by lane (containment before notification before enrichment), and within a lane in the order
/// in which they came; each lane counts as if it had come <see cref="Lanes.Behind"/> later than the one before, so that nothing starves. Thread-safe.
/// </summary>
public sealed class Places(int count, TimeProvider clock)
{
    /// <summary>A place that was set aside and is not taken by then was for something that does not want it any more.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private readonly Dictionary<PlaceHolder, Waiter> known = [];
    private readonly SortedSet<Waiter> line = new(Comparer<Waiter>.Create(static (a, b) => a.Counts != b.Counts ? a.Counts.CompareTo(b.Counts) : a.Number.CompareTo(b.Number)));
    private readonly List<Waiter> setAside = [];
    private int taken;
    private long number;

    public int Count { get; } = count;

    /// <summary>
    /// Null: it has a place, until <see cref="Leave"/>. Otherwise how many are before it; it stands in line, and asks again when it is told, or now and then.
    /// </summary>
    /// <param name="free">Told once when a place is set aside for it, on the thread of whoever made room, so it must only take notice.</param>
    public int? Take(PlaceHolder who, Lane lane, Action free)
    {
        List<Action> told = [];
        int? ahead;
        lock (gate)
        {
            Forget();
            if (!known.TryGetValue(who, out var waiter))
            {
                var now = clock.GetUtcNow();
                waiter = new Waiter(who, lane, now, now + (int)lane * Lanes.Behind, number++);
                known.Add(who, waiter);
                line.Add(waiter);
            }

            waiter.Free = free;
            SetAside(told, except: waiter);
            if (waiter.Stands == Standing.SetAside)
            {
                setAside.Remove(waiter);
                waiter.Stands = Standing.Taken;
            }

            ahead = waiter.Stands == Standing.Taken ? null : Before(waiter);
        }

        foreach (var tell in told) tell();
        return ahead;
    }

    /// <summary>It has a place, or stands in line.</summary>
    public bool Knows(PlaceHolder who)
    {
        lock (gate) return known.ContainsKey(who);
    }

    /// <summary>Gives its place back, or leaves the line.</summary>
    public void Leave(PlaceHolder who)
    {
        List<Action> told = [];
        lock (gate)
        {
            if (!known.Remove(who, out var waiter)) return;
            if (waiter.Stands == Standing.InLine) line.Remove(waiter);
            else taken--;
            setAside.Remove(waiter);
            SetAside(told, except: null);
        }

        foreach (var tell in told) tell();
    }

    /// <summary>Who has a place, then who stands in line, in order.</summary>
    public IReadOnlyList<PlaceInLine> Look()
    {
        lock (gate)
        {
            return [.. known.Values.Where(w => w.Stands != Standing.InLine).OrderBy(w => w.Number).Select(w => new PlaceInLine(w.Who, w.Lane, w.Since, null)), .. line.Select((w, at) => new PlaceInLine(w.Who, w.Lane, w.Since, at))];
        }
    }

    private void SetAside(List<Action> told, Waiter? except)
    {
        while (taken < Count && line.Min is { } first)
        {
            line.Remove(first);
            taken++;
            first.Stands = Standing.SetAside;
            first.At = clock.GetUtcNow();
            setAside.Add(first);
            if (first != except) told.Add(first.Free);
        }
    }

    private void Forget()
    {
        var now = clock.GetUtcNow();
        foreach (var gone in setAside.Where(w => now - w.At > Patience).ToList())
        {
            setAside.Remove(gone);
            known.Remove(gone.Who);
            taken--;
        }
    }

    private int Before(Waiter waiter)
    {
        var before = 0;
        foreach (var other in line)
        {
            if (other == waiter) break;
            before++;
        }

        return before;
    }

    private enum Standing { InLine, SetAside, Taken }

    private sealed class Waiter(PlaceHolder who, Lane lane, DateTimeOffset since, DateTimeOffset counts, long number)
    {
        public PlaceHolder Who { get; } = who;
        public Lane Lane { get; } = lane;
        public DateTimeOffset Since { get; } = since;

        /// <summary>When it counts as having come.</summary>
        public DateTimeOffset Counts { get; } = counts;
        public long Number { get; } = number;
        public Standing Stands { get; set; }
        public DateTimeOffset At { get; set; }
        public Action Free { get; set; } = static () => { };
    }
}
