using Soar.Engine;

namespace Soar.Tests.Engine;

/// <summary>
/// A clock that stands still until a test moves it; its timers fire on the way, in order of time. One that repeats fires once a move, at its last time within it: a jump of a year
/// does not tick through every second.
/// </summary>
internal sealed class ManualClock(Interleaving? world = null) : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<Timer> timers = [];
    private DateTimeOffset now = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    /// <summary>The world of one thread that it belongs to; null = threads of the pool.</summary>
    public Interleaving? World { get; } = world;

    /// <summary>Told while a timer's callback is under way.</summary>
    public EngineActivity Activity { get; } = new();

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate) return now;
    }

    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>When the next timer fires that fires once; null when there is none.</summary>
    public DateTimeOffset? Next
    {
        get
        {
            lock (gate) return timers.Where(t => t.Period == TimeSpan.Zero).Min(t => t.Due);
        }
    }

    public void Advance(TimeSpan by)
    {
        var until = GetUtcNow() + by;
        while (true)
        {
            Timer? next;
            lock (gate)
            {
                next = timers.Where(t => t.Due <= until).MinBy(t => t.LastBefore(until));
                if (next is null)
                {
                    now = until;
                    return;
                }

                var at = next.LastBefore(until);
                if (at > now) now = at;
                next.Due = next.Period > TimeSpan.Zero ? at + next.Period : null;
                if (next.Due is null) timers.Remove(next);
            }

            next.Fire();
        }
    }

    private sealed class Timer(ManualClock clock, TimerCallback callback, object? state) : ITimer
    {
        public DateTimeOffset? Due { get; set; }
        public TimeSpan Period { get; private set; }

        /// <summary>Its last time until then; it is due.</summary>
        public DateTimeOffset LastBefore(DateTimeOffset until) => Period == TimeSpan.Zero ? Due!.Value : Due!.Value + Period * Math.Floor((until - Due.Value) / Period);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock.gate)
            {
                Due = dueTime == Timeout.InfiniteTimeSpan ? null : clock.now + dueTime;
                Period = period == Timeout.InfiniteTimeSpan ? TimeSpan.Zero : period;
                clock.timers.Remove(this);
                if (Due is not null) clock.timers.Add(this);
            }

            return true;
        }

        // A real timer fires on a pool thread, never inside whoever set it.
        public void Fire()
        {
            clock.Activity.Enter();
            if (clock.World is { } world) world.Post(Happen);
            else ThreadPool.QueueUserWorkItem(_ => Happen());
        }

        private void Happen()
        {
            callback(state);
            clock.Activity.Leave();
        }

        public void Dispose()
        {
            lock (clock.gate)
            {
                Due = null;
                clock.timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
