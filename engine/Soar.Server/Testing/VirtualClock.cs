namespace Soar.Server.Testing;

/// <summary>
/// A clock that stands still until it is moved. Timers that fire once decide how far it can be moved; those that repeat (polls, heartbeats) are only fired along, so that a wait of
/// 30 days does not tick through every second of it.
/// </summary>
internal sealed class VirtualClock(DateTimeOffset start) : TimeProvider
{
    private readonly Lock gate = new();
    private readonly HashSet<Timer> timers = [];
    private DateTimeOffset now = start;
    private long made;

    /// <summary>Set when the test is over: what waits no time at all gets it without anybody moving the clock.</summary>
    public bool Over { get; set; }

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate) return now;
    }

    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>When the next timer fires that fires once; null when there is none.</summary>
    public DateTimeOffset? Next
    {
        get
        {
            lock (gate) return timers.Where(t => !t.Repeats).Min(t => (DateTimeOffset?)t.Due);
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state, Interlocked.Increment(ref made));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves on and fires what is due by then, in order of time, on the caller's thread.</summary>
    public void MoveTo(DateTimeOffset time)
    {
        List<Timer> due;
        lock (gate)
        {
            if (time > now) now = time;
            due = [.. timers.Where(t => !t.Repeats && t.Due <= now).OrderBy(t => t.Due).ThenBy(t => t.Number)];
            foreach (var timer in due) timers.Remove(timer);
        }

        foreach (var timer in due) timer.Fire();
        Tick();
    }

    /// <summary>Fires every timer that repeats, once.</summary>
    public void Tick()
    {
        List<Timer> repeating;
        lock (gate) repeating = [.. timers.Where(t => t.Repeats).OrderBy(t => t.Number)];
        foreach (var timer in repeating) timer.Fire();
    }

    private sealed class Timer(VirtualClock clock, TimerCallback callback, object? state, long number) : ITimer
    {
        public long Number { get; } = number;
        public DateTimeOffset Due { get; private set; }
        public bool Repeats { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock.gate)
            {
                clock.timers.Remove(this);
                Repeats = period > TimeSpan.Zero;
                if (dueTime == Timeout.InfiniteTimeSpan) return true;
                Due = dueTime > DateTimeOffset.MaxValue - clock.now ? DateTimeOffset.MaxValue : clock.now + dueTime;
                if (clock.Over && dueTime <= TimeSpan.Zero && !Repeats) ThreadPool.QueueUserWorkItem(static timer => timer.Fire(), this, preferLocal: false);
                else clock.timers.Add(this);
            }

            return true;
        }

        public void Fire() => callback(state);

        public void Dispose()
        {
            lock (clock.gate) clock.timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
