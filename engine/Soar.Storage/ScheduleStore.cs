using Dapper;

namespace Soar.Storage;

/// <summary>What became of a due time.</summary>
public enum FiringState
{
    /// <summary>The clock has handed it over; nobody has decided yet.</summary>
    Due = 0,

    /// <summary>It waits for the run before to end.</summary>
    Queued = 1,

    /// <summary>It has a run.</summary>
    Started = 2,

    /// <summary>It was left out, and the reason says why.</summary>
    Skipped = 3,

    /// <summary>It could not be started.</summary>
    Failed = 4,
}

/// <summary>A due time of a schedule. There is one for a schedule and a time.</summary>
/// <param name="Due">When it was due, whatever the clock said when it was handed over.</param>
/// <param name="Fired">When the clock handed it over.</param>
/// <param name="Run">Its run; null unless <see cref="FiringState.Started"/>.</param>
public sealed record ScheduleFiring(long Number, string Schedule, DateTimeOffset Due, DateTimeOffset Fired, FiringState State, RunId? Run, string? Reason, DateTimeOffset? Decided);

/// <summary>Due times that passed while no server ran.</summary>
/// <param name="Times">How many, as far as they were counted.</param>
/// <param name="Policy">What was done about them. With <see cref="Missed.Once"/> the run is the firing of <paramref name="First"/>.</param>
public sealed record ScheduleMisses(string Schedule, DateTimeOffset First, DateTimeOffset Last, int Times, Missed Policy, DateTimeOffset At);

/// <summary>Due times of schedules: handed over once each, then decided.</summary>
public sealed class ScheduleStore(SoarDatabase database)
{
    private const string Select = "SELECT firing_no, schedule, due_at, fired_at, state, run_id, reason, decided_at FROM schedule_firings";

    /// <summary>Raised in this process after a due time was handed over.</summary>
    public event Action? Arrived;

    /// <summary>Hands a due time over. False when it was there already: the clock may say the same again after a crash.</summary>
    public async Task<bool> FireAsync(string schedule, DateTimeOffset due, DateTimeOffset now)
    {
        var isNew = await database.WriteAsync(session => session["""
            INSERT INTO schedule_firings (schedule, due_at, fired_at, state) VALUES (@schedule, @due, @now, 0) ON CONFLICT (schedule, due_at) DO NOTHING
            """].Add(schedule).Add(Ms(due)).Add(Ms(now)).Run() > 0);
        if (isNew) Arrived?.Invoke();
        return isNew;
    }

    /// <summary>Notes due times that nobody handed over; said again, the later word counts.</summary>
    public Task MissAsync(ScheduleMisses misses) => database.WriteAsync(session => session["""
        INSERT INTO schedule_misses (schedule, first_at, last_at, times, policy, at) VALUES (@schedule, @first, @last, @times, @policy, @at)
        ON CONFLICT (schedule, first_at) DO UPDATE SET last_at = excluded.last_at, times = excluded.times, policy = excluded.policy, at = excluded.at
        """].Add(misses.Schedule).Add(Ms(misses.First)).Add(Ms(misses.Last)).Add(misses.Times).Add((long)misses.Policy).Add(Ms(misses.At)).Run());

    internal const string SelectWaiting = "SELECT DISTINCT schedule FROM schedule_firings WHERE state <= 1";

    /// <summary>The schedules that have something due or queued.</summary>
    public Task<IReadOnlyList<string>> WaitingAsync() => database.Readers.ReadAsync<IReadOnlyList<string>>(reader => [.. reader.Connection.Query<string>(SelectWaiting)]);

    internal const string SelectOpen = $"{Select} WHERE schedule = @schedule AND state <= 1 ORDER BY due_at LIMIT @max";

    /// <summary>What is due or queued of a schedule, in order of time.</summary>
    public Task<IReadOnlyList<ScheduleFiring>> OpenAsync(string schedule, int max) => ReadAsync(SelectOpen, new { schedule, max });

    /// <summary>Writes what became of a due time, unless that was decided before.</summary>
    public Task DecidedAsync(ScheduleFiring firing, FiringState state, RunId? run, string? reason, DateTimeOffset now) => database.WriteAsync(session => session[
        "UPDATE schedule_firings SET state = @state, run_id = @run, reason = @reason, decided_at = @at WHERE firing_no = @number AND state <= 1"]
        .Add((long)state).Add(run?.ToString()).Add(reason).Add(Ms(now)).Add(firing.Number).Run());

    internal const string SelectStarted = $"{Select} WHERE schedule = @schedule AND state = 2 ORDER BY firing_no DESC LIMIT 1";

    /// <summary>The newest due time of a schedule that has a run.</summary>
    public async Task<ScheduleFiring?> LastStartedAsync(string schedule) => (await ReadAsync(SelectStarted, new { schedule })).FirstOrDefault();

    /// <summary>Newest first.</summary>
    public Task<IReadOnlyList<ScheduleFiring>> ListAsync(string schedule, int max) => ReadAsync($"{Select} WHERE schedule = @schedule ORDER BY due_at DESC LIMIT @max", new { schedule, max });

    /// <summary>Due from then until then, newest first.</summary>
    public Task<IReadOnlyList<ScheduleFiring>> BetweenAsync(string schedule, DateTimeOffset from, DateTimeOffset until, int max) =>
        ReadAsync($"{Select} WHERE schedule = @schedule AND due_at >= @from AND due_at < @until ORDER BY due_at DESC LIMIT @max", new { schedule, from = Ms(from), until = Ms(until), max });

    private const string SelectMisses = "SELECT schedule, first_at, last_at, times, policy, at FROM schedule_misses WHERE schedule = @schedule";

    /// <summary>Newest first.</summary>
    public Task<IReadOnlyList<ScheduleMisses>> MissesAsync(string schedule, int max) => ReadMissesAsync($"{SelectMisses} ORDER BY first_at DESC LIMIT @max", new { schedule, max });

    /// <summary>Those of which some lie between then and then, newest first.</summary>
    public Task<IReadOnlyList<ScheduleMisses>> MissedBetweenAsync(string schedule, DateTimeOffset from, DateTimeOffset until, int max) =>
        ReadMissesAsync($"{SelectMisses} AND first_at < @until AND last_at >= @from ORDER BY first_at DESC LIMIT @max", new { schedule, from = Ms(from), until = Ms(until), max });

    private Task<IReadOnlyList<ScheduleMisses>> ReadMissesAsync(string sql, object parameters) => database.Readers.ReadAsync<IReadOnlyList<ScheduleMisses>>(reader =>
    [
        .. reader.Connection.Query<(string Schedule, long First, long Last, long Times, long Policy, long At)>(sql, parameters)
            .Select(m => new ScheduleMisses(m.Schedule, Time(m.First), Time(m.Last), (int)m.Times, (Missed)m.Policy, Time(m.At))),
    ]);

    private Task<IReadOnlyList<ScheduleFiring>> ReadAsync(string sql, object parameters) => database.Readers.ReadAsync<IReadOnlyList<ScheduleFiring>>(reader =>
    [
        .. reader.Connection.Query<(long Number, string Schedule, long Due, long Fired, long State, string? Run, string? Reason, long? Decided)>(sql, parameters)
            .Select(f => new ScheduleFiring(f.Number, f.Schedule, Time(f.Due), Time(f.Fired), (FiringState)f.State, f.Run is null ? null : RunId.Parse(f.Run), f.Reason, f.Decided is { } at ? Time(at) : null)),
    ]);

    private static long Ms(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    private static DateTimeOffset Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);
}
