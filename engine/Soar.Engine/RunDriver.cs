using System.Text.Json;
using Soar.Capabilities;
using Soar.Hosting;
using Soar.Runs;

namespace Soar.Engine;

/// <summary>
/// Drives one run. Everything that happens to the run (the playbook's calls, steps' ends, what arrives in its inbox, the clock, the host's death) comes as a message;
/// <see cref="TurnAsync"/>, the run loop, takes messages in one after the other, writes what follows from them in one commit, and only then hands it to the playbook.
/// </summary>
internal sealed partial class RunDriver(EngineParts engine, RunId id) : IThreadPoolWorkItem
{
    private enum State
    {
        /// <summary>No lease, nothing in memory.</summary>
        Forgotten,

        /// <summary>Under our lease.</summary>
        Driving,

        /// <summary>Written as Waiting, lease given up, but host and engine still remember it.</summary>
        Kept,
    }

    // The mailbox: any thread posts, one turn at a time takes.
    private readonly Lock gate = new();
    private readonly Queue<RunMessage> mailbox = new();
    private bool turning;

    // Everything below belongs to the turn.
    private State state;
    private Run run = null!;
    private RunHistory history = null!;
    private RunBatch batch = new();
    private readonly Queue<RunMessage.Write> ledgerWrites = new();
    private readonly Dictionary<int, OpenCall> open = [];
    private readonly HashSet<OpenCall> executing = [];

    /// <summary>Calls that are complete: what an earlier life of this run in the host still says about them comes too late.</summary>
    private readonly HashSet<int> completed = [];
    private int nextSeq;

    /// <summary>Completions handed to the host; when the host reports idle at this number, every call it could make has arrived.</summary>
    private int handed;
    private bool hosted;
    private bool quiet;
    private int calls;
    private RunEnd? ending;
    private RunStatus? halting;
    private bool stopping;

    /// <summary>Its version could not be compiled just now: when to take it up again.</summary>
    private DateTimeOffset? compileAt;
    private PlaybookHeader header = null!;

    /// <summary>Null for all but dry runs that somebody follows step by step.</summary>
    private DryRunStops? stops;

    public RunId Id => id;
    public long Epoch => run.Epoch;
    public RunMode Mode => run.Mode;
    public string Playbook => run.Playbook;
    public PlaybookType Type => header.Type;
    public string? CaseId => run.CaseId;
    public int Resumes => history.Resumes;
    public Authorisations Authorisations => history.Authorisations;

    /// <summary>Until when nobody else can hold the lease; the engine moves it on.</summary>
    public DateTimeOffset LeaseUntil { get; set; }
    public bool LeaseIsAlive => engine.Now < LeaseUntil;

    /// <summary>Whether it counts as in hand, and under which epoch its lease is renewed; null when it is not driven.</summary>
    public long? DrivenEpoch => state == State.Driving ? run.Epoch : null;

    /// <summary>While it is only kept in memory: until when.</summary>
    public DateTimeOffset? KeptUntil { get; private set; }

    public void Post(RunMessage message)
    {
        lock (gate)
        {
            mailbox.Enqueue(message);
            if (turning) return;
            turning = true;
            engine.Options.Activity?.Enter();
        }

        if (engine.Options.Turns is { } turns) turns(this);
        else ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute() => _ = TurnAsync();

    /// <summary>The run loop.</summary>
    private async Task TurnAsync()
    {
        while (true)
        {
            try
            {
                do
                {
                    while (TryTake(out var message)) await TakeInAsync(message);
                    await WriteAsync();
                    if (!Waits) await SettleDownAsync();
                }
                while (Waits || !batch.IsEmpty);
            }
            catch (LeaseLostException)
            {
                // Another engine took the run over. What is under way here is its to settle; nothing more is written.
                engine.Log.LeaseLost(id);
                Forget();
            }
            catch (Exception e) // the store failed: let go of the run; when its lease has ended it is claimed and read back
            {
                engine.Log.RunBroke(id, e);
                Forget();
            }

            lock (gate)
            {
                if (mailbox.Count > 0) continue;
                turning = false;
                engine.Options.Activity?.Leave();
                return;
            }
        }
    }

    /// <summary>Open calls that the playbook still waits for.</summary>
    private int WantedCalls()
    {
        var wanted = 0;
        foreach (var step in open.Values)
        {
            if (!step.Withdrawn) wanted++;
        }

        return wanted;
    }

    private bool Waits
    {
        get
        {
            lock (gate) return mailbox.Count > 0 || ledgerWrites.Count > 0;
        }
    }

    private bool TryTake(out RunMessage message)
    {
        lock (gate) return mailbox.TryDequeue(out message!);
    }

    private async ValueTask TakeInAsync(RunMessage message)
    {
        if (message is RunMessage.Claimed claimed)
        {
            await TakeUpAsync(claimed.Run, claimed.Born);
            return;
        }

        if (state != State.Driving)
        {
            if (message is RunMessage.Write write) write.Written.TrySetException(new LeaseLostException(id, run?.Epoch ?? 0));
            if (message is RunMessage.Arrived or RunMessage.Tick) engine.Dispatcher.Look();
            if (message is RunMessage.PlaceFree place) engine.Dispatcher.Wake(id, place.Ordinal);
            if (message is RunMessage.Evict or RunMessage.Stop or RunMessage.HostLost) Forget();
            return;
        }

        switch (message)
        {
            case RunMessage.Called called:
                Begin(called.Call);
                break;
            case RunMessage.Executed executed:
                Executed(executed.Step, executed.End);
                break;
            case RunMessage.Write write:
                Accept(write);
                break;
            case RunMessage.Idle idle:
                // The open calls must agree too: a report of the run's earlier life in this host may still be on its way.
                quiet = hosted && idle.At.Deliveries == handed && idle.At.OpenCalls == WantedCalls();
                break;
            case RunMessage.CodeEnded ended:
                if (hosted) End(ended.End);
                break;
            case RunMessage.Withdrawn withdrawn:
                if (open.TryGetValue(withdrawn.Ordinal, out var cancelled)) Withdraw(cancelled);
                break;
            case RunMessage.Arrived:
                await LookAtInboxAsync();
                break;
            case RunMessage.PlaceFree place:
                TakePlace(place.Ordinal);
                break;
            case RunMessage.Tick:
                FireDue();
                break;
            case RunMessage.HostLost lost:
                await RestartAsync(lost.Blamed, lost.Reason);
                break;
            case RunMessage.Broke broke when executing.Contains(broke.Step):
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(broke.Exception);
                break;
            case RunMessage.LeaseGone gone when gone.Epoch == run.Epoch:
                throw new LeaseLostException(id, run.Epoch);
            case RunMessage.Stop:
                stopping = true;
                Unhost();
                break;
        }
    }

    /// <summary>Writes what the messages came to, hands it over, and tells those who wait for it. Ledger rows go one by one, because one of them may have moved on.</summary>
    private async ValueTask WriteAsync()
    {
        while (!batch.IsEmpty)
        {
            await StoreAsync();
        }

        while (state == State.Driving && ledgerWrites.TryDequeue(out var write))
        {
            if (!executing.Contains(write.Step))
            {
                write.Written.TrySetException(new LeaseLostException(id, run.Epoch));
                continue;
            }

            var (seq, wasOpen) = (nextSeq, open.ContainsKey(write.Step.Ordinal));
            Append(write);
            try
            {
                await StoreAsync();
            }
            catch (ContainmentChangedException e)
            {
                nextSeq = seq;
                if (wasOpen)
                {
                    open[write.Step.Ordinal] = write.Step;
                    completed.Remove(write.Step.Ordinal);
                }

                write.Written.TrySetException(e);
            }
        }
    }

    private async ValueTask StoreAsync()
    {
        var written = batch;
        batch = new RunBatch();
        try
        {
            while (!written.IsEmpty)
            {
                try
                {
                    await engine.Store.WriteAsync(written.ToWrite(id, run.Epoch, inboxSeen));
                    break;
                }
                catch (EffectNotBegunException refused)
                {
                    // An effect that may not begin is taken out; what else happened is written all the same.
                    nextSeq -= written.TakeOut(refused);
                }
            }
        }
        catch (Exception e) when (e is not ContainmentChangedException)
        {
            // Steps that wait for this write must not wait for ever.
            foreach (var (write, _) in written.Writes) write.Written.TrySetException(new LeaseLostException(id, run.Epoch));
            throw;
        }

        HandOver(written);
    }

    private void HandOver(RunBatch written)
    {
        foreach (var (write, records) in written.Writes)
        {
            foreach (var record in records)
            {
                write.Step.Past.Take(record.Kind, record.At, record.Payload);
                StandStill(record);
            }

            write.Written.TrySetResult();
        }

        foreach (var delivery in written.Deliveries)
        {
            if (!hosted) break;
            quiet = false;
            handed++;
            engine.Host.Deliver(id, delivery);
        }

        foreach (var happened in written.Events) engine.Events.Publish(happened);
    }

    /// <summary>Nothing more to take in or to write: does the run end, halt, wait?</summary>
    private async ValueTask SettleDownAsync()
    {
        if (state != State.Driving) return;
        var underWay = executing.Count > 0;
        if (ending is not null)
        {
            if (underWay || open.Values.Any(s => s.Past.Effected is Effected.Dispatched or Effected.Unknown)) AwaitDue();
            else await EndAsync(ending);
        }
        else if (halting is { } status)
        {
            if (!underWay) await GiveUpLeaseAsync(status, null, RunEventKind.Paused);
        }
        else if (compileAt is { } later)
        {
            if (!underWay) await GiveUpLeaseAsync(RunStatus.Waiting, later, null);
        }
        else if (stopping)
        {
            if (!underWay) await GiveUpLeaseAsync(RunStatus.Waiting, engine.Now, null);
        }
        else if (quiet && cancelItem is not null)
        {
            Cancel();
        }
        else if (quiet && !underWay && !DueSoon(out var due))
        {
            await WaitAsync(due);
        }
        else
        {
            AwaitDue();
        }
    }

    /// <summary>Only people, signals, sub-runs and the clock can move it now: the lease is given up, and after a while it is forgotten.</summary>
    private async ValueTask WaitAsync(DateTimeOffset? due)
    {
        batch.Status = RunStatus.Waiting;
        batch.WakeAt = due;
        batch.WaitsFor = WaitedFor();
        Tell(null, RunEventKind.Waiting, null);
        await WriteAsync();
        if (due is not null) engine.Dispatcher.Look();
        timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        var keep = engine.Options.Eviction.KeepFor(handed, engine.Dispatcher.Kept);
        if (keep <= TimeSpan.Zero)
        {
            Forget();
            return;
        }

        state = State.Kept;
        KeptUntil = engine.Now + keep;
        engine.Dispatcher.Counted(driving: -1, kept: +1);
    }

    private async ValueTask GiveUpLeaseAsync(RunStatus status, DateTimeOffset? wakeAt, RunEventKind? tell)
    {
        batch.Status = status;
        batch.WakeAt = wakeAt;
        if (tell is { } kind) Tell(null, kind, status.ToString());
        await WriteAsync();
        if (wakeAt is not null) engine.Dispatcher.Look();
        Forget();
    }

    /// <summary>Drops the run from memory. Its tasks in the host never complete; what executes here finds nobody to report to.</summary>
    private void Forget()
    {
        if (hosted) engine.Host.Drop(id);
        if (state == State.Driving) engine.Dispatcher.Counted(driving: -1, kept: 0);
        if (state == State.Kept) engine.Dispatcher.Counted(driving: 0, kept: -1);
        hosted = false;
        state = State.Forgotten;
        KeptUntil = null;
        foreach (var step in executing) step.Attempt?.Cancel();
        foreach (var (write, _) in batch.Writes) write.Written.TrySetException(new LeaseLostException(id, run.Epoch));
        while (ledgerWrites.TryDequeue(out var write)) write.Written.TrySetException(new LeaseLostException(id, run.Epoch));
        executing.Clear();
        open.Clear();
        batch = new RunBatch();
        timer?.Dispose();
        timer = null;
        engine.Dispatcher.Forgotten(this);
    }
}
