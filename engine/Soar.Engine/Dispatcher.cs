using System.Collections.Concurrent;
using Soar.Hosting;
using Soar.Runs;

namespace Soar.Engine;

/// <summary>
/// Claims runs that are due, as many as there is room for, and hands them to their drivers; keeps the leases of what is driven here, and passes on what the playbook host and the store tell
/// of a run.
/// </summary>
internal sealed class Dispatcher
{
    private readonly EngineParts engine;
    private readonly ConcurrentDictionary<RunId, RunDriver> drivers = new();
    private readonly Doorbell look = new();
    private readonly TaskCompletionSource limitsTold = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource allForgotten = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ITimer? heartbeat;
    private ITimer? poll;
    private ITimer? sweep;
    private Task dispatching = Task.CompletedTask;
    private bool started;
    private int driving;
    private int kept;
    private volatile string? lastError;
    private DateTimeOffset lastErrorAt;

    // Due runs were left where they were, because there was no room for them.
    private volatile bool full;

    // Runs are due that were not claimed yet: whoever comes now takes its place among them instead of the next free one.
    private volatile bool behind;
    private volatile bool stopping;

    public Dispatcher(EngineParts engine)
    {
        this.engine = engine;
        Host = new HostEvents(this);
        engine.Store.Arrived += OnArrived;
    }

    /// <summary>Where the playbook host reports.</summary>
    public IPlaybookHostEvents Host { get; }

    /// <summary>How many waiting runs are kept in memory.</summary>
    public int Kept => Volatile.Read(ref kept);

    public bool IsStopping => stopping;

    public EngineHealth Health() => new(Volatile.Read(ref driving), Kept, lastError, lastErrorAt);

    public bool Drives(RunId run) => drivers.ContainsKey(run);

    public void Start()
    {
        var clock = engine.Clock;
        heartbeat = clock.CreateTimer(_ => _ = RenewAsync(), null, engine.Options.Lease / 3, engine.Options.Lease / 3);
        poll = clock.CreateTimer(_ => Look(), null, engine.Options.Poll, engine.Options.Poll);
        sweep = clock.CreateTimer(_ => Sweep(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        dispatching = DispatchAsync();
        started = true;
    }

    /// <summary>Whether a run that is about to begin has room here, and is driven at once instead of being found due and claimed. It is counted then; <see cref="NotBegun"/> takes that back.</summary>
    /// <param name="limited">It may have to stand in line: that is the store's to say.</param>
    public async ValueTask<bool> TakeRoomAsync(bool limited)
    {
        if (limited && started) await limitsTold.Task;
        if (Interlocked.Increment(ref driving) <= engine.Options.RunsInHand && !limited && !behind && !stopping && started) return true;
        Interlocked.Decrement(ref driving);
        return false;
    }

    public void NotBegun() => Counted(driving: -1, kept: 0);

    /// <summary>Claims nothing more.</summary>
    public async Task CloseAsync()
    {
        stopping = true;
        CloseLook();
        poll?.Dispose();
        sweep?.Dispose();
        await dispatching;
    }

    /// <summary>Has what is under way recorded, and gives up the leases. What is not done within <paramref name="patience"/> is left to its lease.</summary>
    public async Task LetGoAsync(TimeSpan patience)
    {
        foreach (var driver in drivers.Values) driver.Post(new RunMessage.Stop());
        if (drivers.IsEmpty) allForgotten.TrySetResult();
        await using (engine.Clock.CreateTimer(_ => allForgotten.TrySetResult(), null, patience, Timeout.InfiniteTimeSpan))
            await allForgotten.Task;
        heartbeat?.Dispose();
        engine.Store.Arrived -= OnArrived;
    }

    /// <summary>As a process that is killed: no lease is kept any more, and nothing is heard.</summary>
    public Task DieAsync()
    {
        heartbeat?.Dispose();
        engine.Store.Arrived -= OnArrived;
        return CloseAsync();
    }

    /// <summary>Lets go of all runs without a word to the store.</summary>
    public void Drop()
    {
        foreach (var driver in drivers.Values) driver.Post(new RunMessage.LeaseGone(driver.DrivenEpoch ?? 0));
    }

    /// <summary>Something may be due.</summary>
    public void Look() => look.Ring(engine.Options.Activity is { } activity ? activity.Enter : null);

    private void CloseLook()
    {
        // A look that was asked for and not taken is in hand no more.
        if (look.Close()) engine.Options.Activity?.Leave();
        // Whoever waits for the limits to be known hears from the store that nothing is taken any more.
        limitsTold.TrySetResult();
    }

    public void Counted(int driving, int kept)
    {
        Interlocked.Add(ref this.driving, driving);
        Interlocked.Add(ref this.kept, kept);
        if (driving < 0 && full) Look();
    }

    public void Remembered(RunDriver driver) => drivers[driver.Id] = driver;

    public void Forgotten(RunDriver driver)
    {
        drivers.TryRemove(new KeyValuePair<RunId, RunDriver>(driver.Id, driver));
        if (stopping && drivers.IsEmpty) allForgotten.TrySetResult();
    }

    /// <summary>A test made the engine crash in this run: read it back from its journal.</summary>
    public void TakeUpAgain(RunId run) => _ = TakeUpAgainAsync(run);

    private async Task TakeUpAgainAsync(RunId run)
    {
        engine.Options.Activity?.Enter();
        try
        {
            var claimed = await engine.Store.ClaimAsync(run, engine.Options.Owner, engine.Now, engine.Options.Lease);
            if (claimed?.LeaseOwner is not null) Drive(new RunMessage.Claimed(claimed));
        }
        finally
        {
            engine.Options.Activity?.Leave();
        }
    }

    private void OnArrived(RunId run)
    {
        if (drivers.TryGetValue(run, out var driver)) driver.Post(new RunMessage.Arrived());
        else Look();
        engine.Endings.Look(run);
    }

    /// <summary>Claims due runs whenever something hints at one, when one wakes by the clock, and now and then.</summary>
    private async Task DispatchAsync()
    {
        await using var wake = engine.Clock.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        while (await look.WaitAsync())
        {
            try
            {
                if (!limitsTold.Task.IsCompleted)
                {
                    await engine.Store.LimitAsync([.. engine.Options.Triggers.Select(t => t.Value.Limit(t.Key)).OfType<RunLimit>()]);
                    limitsTold.TrySetResult();
                }

                full = true; // said before it is known, so that a run that ends just now looks in any case
                Interlocked.MemoryBarrier();
                var room = engine.Options.RunsInHand - Volatile.Read(ref driving);
                behind = room <= 0;
                if (behind) continue;
                full = false;
                var due = await engine.Store.ClaimDueAsync(engine.Options.Owner, engine.Now, engine.Options.Lease, Math.Min(room, 200));
                behind = due.Count == room;
                foreach (var run in due) Drive(new RunMessage.Claimed(run));
                if (due.Count > 0)
                {
                    Look();
                }
                else if (await engine.Store.NextWakeAsync() is { } next)
                {
                    wake.Change(Wait.Until(next, engine.Now), Timeout.InfiniteTimeSpan);
                }
            }
            catch (Exception e) // the store is away: say so, and look again at the next poll
            {
                Failed(e);
            }
            finally
            {
                engine.Options.Activity?.Leave();
            }
        }
    }

    public void Drive(RunMessage.Claimed claimed)
    {
        // Counted before its driver takes it up, so that the next look knows how much room is left. One that is born under our lease was counted before it was written.
        if (claimed.Born is null) Counted(driving: +1, kept: 0);
        var driver = drivers.GetOrAdd(claimed.Run.Id, static (id, parts) => new RunDriver(parts, id), engine);
        driver.Post(claimed);
        // A start that was on its way to the disk when the engine stopped: its lease is given up like all others.
        if (stopping) driver.Post(new RunMessage.Stop());
    }

    private async Task RenewAsync()
    {
        engine.Options.Activity?.Enter();
        try
        {
            var held = drivers.Values.Select(d => (Driver: d, Epoch: d.DrivenEpoch)).Where(d => d.Epoch is not null).ToList();
            if (held.Count == 0) return;
            var until = engine.Now + engine.Options.Lease;
            var lost = await engine.Store.RenewLeasesAsync(engine.Options.Owner, [.. held.Select(d => (d.Driver.Id, d.Epoch!.Value))], engine.Now, engine.Options.Lease);
            foreach (var (driver, epoch) in held)
            {
                if (lost.Contains(driver.Id)) driver.Post(new RunMessage.LeaseGone(epoch!.Value));
                else driver.LeaseUntil = until;
                driver.Post(new RunMessage.Arrived());
            }

            // Runs that end under another engine tell nobody here: those who wait look again.
            engine.Endings.LookAll();
        }
        catch (Exception e) // the store is away: the leases run out by themselves
        {
            Failed(e);
        }
        finally
        {
            engine.Options.Activity?.Leave();
        }
    }

    private void Sweep()
    {
        if (Kept == 0) return;
        var now = engine.Now;
        foreach (var driver in drivers.Values)
        {
            if (driver.KeptUntil <= now) driver.Post(new RunMessage.Evict());
        }
    }

    /// <summary>A place at an instance is free for a call of a run: told at once where the run is in hand, else by its inbox, which makes it due.</summary>
    public void PlaceFree(RunId run, int ordinal)
    {
        if (drivers.TryGetValue(run, out var driver)) driver.Post(new RunMessage.PlaceFree(ordinal));
        else Wake(run, ordinal);
    }

    public void Wake(RunId run, int ordinal) => _ = WakeAsync(run, ordinal);

    private async Task WakeAsync(RunId run, int ordinal)
    {
        engine.Options.Activity?.Enter();
        try
        {
            await engine.Store.SendAsync(new InboxItem(run, $"place/{engine.Ids.Next()}", InboxKind.Wake, ordinal.ToString(System.Globalization.CultureInfo.InvariantCulture), "{}"u8.ToArray(), engine.Now));
        }
        catch (Exception e) // the store is away: the call asks again by itself
        {
            Failed(e);
        }
        finally
        {
            engine.Options.Activity?.Leave();
        }
    }

    private void Failed(Exception e)
    {
        lastError = e.Message;
        lastErrorAt = engine.Now;
        engine.Log.LookFailed(e);
    }

    /// <summary>Where the playbook host reports; each report goes to its run's mailbox.</summary>
    private sealed class HostEvents(Dispatcher dispatcher) : IPlaybookHostEvents
    {
        public void StepCalled(StepCall call) => Tell(call.Run, new RunMessage.Called(call));

        public void StepCancelled(RunId run, int ordinal) => Tell(run, new RunMessage.Withdrawn(ordinal));

        public void Idle(RunIdle idle) => Tell(idle.Run, new RunMessage.Idle(idle));

        public void Ended(RunEnd end) => Tell(end.Run, new RunMessage.CodeEnded(end));

        public void HostDied(string reason, RunId? inHand, IReadOnlyList<RunId> lost)
        {
            dispatcher.engine.Log.HostDied(reason, inHand, lost.Count);
            foreach (var run in lost) Tell(run, new RunMessage.HostLost(run == inHand, reason));
            if (inHand is { } culprit && !lost.Contains(culprit)) Tell(culprit, new RunMessage.HostLost(Blamed: true, reason));
        }

        private void Tell(RunId run, RunMessage message)
        {
            if (dispatcher.drivers.TryGetValue(run, out var driver)) driver.Post(message);
        }
    }
}
