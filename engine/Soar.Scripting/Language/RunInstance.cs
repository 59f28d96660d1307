using System.Text.Json;
using Soar.Capabilities;
using Soar.Hosting;

namespace Soar.Language;

/// <summary>
/// One run of a playbook on this host: one logical thread. The body runs from the top; journaled deliveries are handed over in journal order, each
/// drained to idle before the next; calls without a delivery go to the engine once the replay has caught up. Used by one pump thread only.
/// </summary>
internal sealed class RunInstance
{
    [ThreadStatic]
    private static RunInstance? current;

    private readonly Script script;
    private readonly IPlaybookHostEvents events;
    private readonly Meter.Account account;
    private readonly RunContext context = new();
    private readonly Queue<Delivery> deliveries;
    private readonly int journaled;
    private readonly Dictionary<int, Open> open = [];
    private IReadOnlyList<CallMark> marks;
    private readonly List<(int Ordinal, Open Entry)> cancelledInReplay = [];
    private Task<Outcome>? body;
    private RunFailure? divergence;
    private int calls;
    private int nextMark;
    private int consumed;
    private bool replaying;

    public RunInstance(RunStart start, Script script, JsonSerializerOptions json, Budgets budgets, IPlaybookHostEvents events)
    {
        Run = start.Run;
        if (start.Traced) Trace = new Trace.Telling(start.Run, events);
        this.script = script;
        this.events = events;
        account = new Meter.Account(budgets);
        deliveries = new Queue<Delivery>(start.Deliveries);
        journaled = deliveries.Count;
        replaying = journaled > 0 || start.Marks.Count > 0;
        marks = IsSorted(start.Marks) ? start.Marks : [.. start.Marks.OrderBy(mark => mark.Ordinal)];
        Started = JsonSerializer.Deserialize<StartedRecord>(start.Started.Span, SoarJson.Options)
            ?? throw new SoarException("SOAR2003", "The run's Started record is empty: the store is damaged. Restore the last backup.");
        NowMs = start.StartedAt;
        script.Attach(this, json);
    }

    /// <summary>The run whose code is running on this thread.</summary>
    public static RunInstance Here => current
        ?? throw new InvalidOperationException("A step can only be started by a run.");

    /// <summary>The same, or null when no run is.</summary>
    public static RunInstance? OnThisThread => current;

    public RunId Run { get; }

    /// <summary>How values of the playbook's own types are written.</summary>
    public JsonSerializerOptions Json => script.Json;

    /// <summary>Where the probes of a tracing build report; null when nobody asked.</summary>
    public Trace.Telling? Trace { get; }
    public StartedRecord Started { get; }

    /// <summary>The branch that the code running now belongs to; set by whoever resumes it.</summary>
    public Branch Branch { get; set; } = new();
    public long NowMs { get; private set; }
    public bool HasEnded { get; private set; }

    /// <summary>Somebody cancelled the run; its finally blocks may still run steps.</summary>
    public bool CancelRequested { get; private set; }

    /// <summary>Set by <c>RunAgain</c>: the outcome object that means it, and the successor's inputs.</summary>
    public (Outcome Marker, byte[] Inputs)? Again { get; set; }

    public void Enqueue(in Delivery delivery) => deliveries.Enqueue(delivery);

    /// <summary>Runs everything that can run now: the beginning, then every delivery at hand. <paramref name="beforeSlice"/> is called before each.</summary>
    public void Drain(Action<RunId> beforeSlice)
    {
        if (HasEnded) return;
        if (body is null)
        {
            beforeSlice(Run);
            Slice(null);
            if (replaying && journaled == 0) CatchUp();
        }

        while (!HasEnded && deliveries.TryDequeue(out var delivery))
        {
            consumed++;
            beforeSlice(Run);
            Slice(delivery);
            if (replaying && consumed == journaled) CatchUp();
        }

        if (HasEnded) return;
        if (open.Count > 0) events.Idle(new RunIdle(Run, consumed, open.Count));
        else End(RunEndKind.Failed, Failure(new RunFailure("SOAR2042", "The playbook waits, but for no step: nothing can ever wake it. Look for functions that await each other.")));
    }

    /// <summary>The playbook makes a call: compare it with the journal, keep it open, and tell the engine unless it is history.</summary>
    /// <returns>Its ordinal.</returns>
    public int Call(ICall call)
    {
        var arguments = call.Arguments;
        if (account.Stopped is not null) throw new RunStopped(account.Stopped);
        account.CountStep(arguments.Length);
        var ordinal = calls++;
        var hash = CallHash.Short(call.Action, call.Instance, arguments.Span);
        var known = nextMark < marks.Count && marks[nextMark].Ordinal == ordinal;
        if (known)
        {
            var mark = marks[nextMark++];
            if (mark.Hash != hash || !string.Equals(mark.Path, call.Path, StringComparison.Ordinal) || !string.Equals(mark.Action, call.Action, StringComparison.Ordinal))
                Diverge(mark.Path, $"Call {ordinal} differs from the journal. Journal: {mark.Action} at {mark.Path} ({mark.Hash:x16}). Now: {call.Action} at {call.Path} ({hash:x16}), arguments {Shorten(arguments.Span)}.");
        }

        var entry = new Open(call, hash, known);
        open.Add(ordinal, entry);
        if (!replaying) events.StepCalled(call.ToCall(this, ordinal, hash));
        return ordinal;
    }

    /// <summary>False where the journal knows the next call, and it is another one.</summary>
    public bool MayCall(string action, string path) => nextMark >= marks.Count || marks[nextMark].Ordinal != calls || (marks[nextMark].Action == action && marks[nextMark].Path == path);

    /// <summary>Raises <see cref="OperationCanceledException"/> at every open await of a branch (null = of the run), oldest call first.</summary>
    public void Cancel(Branch? branch)
    {
        foreach (var ordinal in OpenIn(branch)) TakeBack(ordinal)?.Cancel();
    }

    /// <summary>Gives a branch up: its calls are taken back, and its code is never resumed; no <c>catch</c> and no <c>finally</c> runs.</summary>
    public void Abandon(Branch branch)
    {
        branch.Abandon();
        foreach (var ordinal in OpenIn(branch)) TakeBack(ordinal);
    }

    /// <summary>Nobody waits for this call any more. Null when it is over already.</summary>
    public ICall? TakeBack(int ordinal)
    {
        if (!open.Remove(ordinal, out var entry)) return null;
        // Not told yet: after the replay the engine hears of those that have a trace in the journal, to settle what they came to.
        if (!replaying) events.StepCancelled(Run, ordinal);
        else if (entry.Known) cancelledInReplay.Add((ordinal, entry));
        return entry.Call;
    }

    /// <summary>What the compiler knows of a place in the playbook's source.</summary>
    public KnownSite? Info(Site site) => script.Info(site);

    private int[] OpenIn(Branch? branch) => [.. open.Where(o => branch is null || o.Value.Call.Branch!.IsWithin(branch)).Select(o => o.Key).Order()];

    private void Slice(Delivery? delivery)
    {
        var outer = SynchronizationContext.Current;
        current = this;
        SynchronizationContext.SetSynchronizationContext(context);
        context.Owner = this;
        Meter.BeginSlice(account);
        try
        {
            if (delivery is null) Begin();
            else Hand(delivery.Value);
            context.RunPosted();
        }
        catch (RunStopped)
        {
            // The account knows why; nothing of this run runs again.
        }
        catch (Exception error)
        {
            // Playbook code that awaits nothing (and that no checker has seen) can throw past every await: it ends its own run, not the host.
            body = Task.FromException<Outcome>(error);
        }
        finally
        {
            Meter.EndSlice();
            SynchronizationContext.SetSynchronizationContext(outer);
            current = null;
        }

        EndIfOver();
    }

    private void Begin()
    {
        try
        {
            body = script.Start();
        }
        catch (RunStopped)
        {
            body = Task.FromException<Outcome>(new RunStopped(account.Stopped!));
        }
    }

    private void Hand(in Delivery delivery)
    {
        NowMs = delivery.At;
        if (delivery.Kind == DeliveryKind.CancelRun)
        {
            CancelRequested = true;
            Cancel(branch: null);
            return;
        }

        var ordinal = delivery.Ordinal;
        if (open.Remove(ordinal, out var entry))
            entry.Call.Deliver(this, delivery);
        else if (ordinal >= calls)
            Diverge(null, $"The journal holds a completion of call {ordinal}, but the playbook has made only {calls} calls by then.");
        else
            cancelledInReplay.RemoveAll(c => c.Ordinal == ordinal); // It comes late, for a call whose branch was cancelled: nobody waits for it.
    }

    private void CatchUp()
    {
        replaying = false;
        if (HasEnded) return;
        if (nextMark < marks.Count)
        {
            var missing = marks[nextMark];
            End(RunEndKind.NonDeterministic, Failure(new RunFailure("SOAR2040", $"The journal holds call {missing.Ordinal}, {missing.Action} at {missing.Path}, which the playbook did not make this time.", missing.Path)));
            return;
        }

        marks = [];
        deliveries.TrimExcess();
        var told = open.Select(o => (Ordinal: o.Key, Entry: o.Value, Cancelled: false))
            .Concat(cancelledInReplay.Select(c => (c.Ordinal, c.Entry, Cancelled: true)))
            .OrderBy(o => o.Ordinal).ToArray();
        cancelledInReplay.Clear();
        foreach (var (ordinal, entry, cancelled) in told)
        {
            events.StepCalled(entry.Call.ToCall(this, ordinal, entry.Hash));
            if (cancelled) events.StepCancelled(Run, ordinal);
        }
    }

    private void EndIfOver()
    {
        if (HasEnded) return;
        if (divergence is not null) End(RunEndKind.NonDeterministic, Failure(divergence));
        else if (account.Stopped is not null) End(RunEndKind.OverBudget, Failure(new RunFailure("SOAR2041", account.Stopped)));
        else if (body is { IsCompleted: true }) EndWithBody(body);
    }

    private void EndWithBody(Task<Outcome> over)
    {
        var undelivered = deliveries.FirstOrDefault(d => d.Ordinal >= calls, new Delivery(-1, default, 0, default)).Ordinal;
        if (replaying && (undelivered >= 0 || nextMark < marks.Count))
        {
            var what = nextMark < marks.Count ? $"{marks[nextMark].Action} at {marks[nextMark].Path}" : $"call {undelivered}";
            End(RunEndKind.NonDeterministic, Failure(new RunFailure("SOAR2040", $"The playbook ended, but the journal goes on with {what}.")));
        }
        else if (over.IsCompletedSuccessfully)
        {
            if (Again is { } again && ReferenceEquals(again.Marker, over.Result)) End(RunEndKind.RunAgain, again.Inputs);
            else if (over.Result?.Value is { } value && OutcomeValues.TooLarge(value) is { } problem) End(RunEndKind.Failed, Failure(new RunFailure("SOAR2041", problem)));
            else End(RunEndKind.Completed, JsonSerializer.SerializeToUtf8Bytes(over.Result ?? Outcome.Completed(), SoarJson.Options));
        }
        else if (over.Exception?.InnerException is OutOfMemoryException)
        {
            // The host's own limit came before the slice's, because others take of it too: a budget all the same, not a defect of the code.
            End(RunEndKind.OverBudget, Failure(new RunFailure("SOAR2041", "The playbook asked for more memory in one piece than its host has left. Work on smaller pieces, or pass Artifacts instead of bytes.")));
        }
        else
        {
            var error = over.Exception?.InnerException ?? new OperationCanceledException("The playbook's own work was cancelled.");
            var failure = Failures.Describe(error, script.GetType().Assembly);
            End(error is OperationCanceledException && CancelRequested ? RunEndKind.Cancelled : RunEndKind.Failed, Failure(failure));
        }
    }

    private void Diverge(string? step, string what)
    {
        divergence ??= new RunFailure("SOAR2040", what + " The run is stopped; nothing was done twice. Look for what changed between the two: code that reads a clock, a random number or an unordered collection.", step);
        account.StopOtherwise(divergence.Message);
    }

    private void End(RunEndKind kind, byte[] payload)
    {
        HasEnded = true;
        open.Clear();
        events.Ended(new RunEnd(Run, kind, payload));
    }

    private static byte[] Failure(RunFailure failure) => JsonSerializer.SerializeToUtf8Bytes(failure, SoarJson.Options);

    private static string Shorten(ReadOnlySpan<byte> json) => System.Text.Encoding.UTF8.GetString(json.Length > 500 ? json[..500] : json);

    private static bool IsSorted(IReadOnlyList<CallMark> marks)
    {
        for (var i = 1; i < marks.Count; i++)
        {
            if (marks[i].Ordinal < marks[i - 1].Ordinal) return false;
        }

        return true;
    }

    private readonly record struct Open(ICall Call, ulong Hash, bool Known);

    /// <summary>Brings continuations of plain tasks (<c>async Task</c> local functions) back to this run, in the branch that posted them.</summary>
    private sealed class RunContext : SynchronizationContext
    {
        private readonly Queue<(SendOrPostCallback Callback, object? State, Branch Branch)> posted = new();

        public RunInstance? Owner { get; set; }

        public override void Post(SendOrPostCallback d, object? state)
        {
            if (!ReferenceEquals(current, Owner)) throw new InvalidOperationException("Playbook code must not be resumed from outside its run.");
            posted.Enqueue((d, state, Owner!.Branch));
        }

        public override void Send(SendOrPostCallback d, object? state) => d(state);

        public override SynchronizationContext CreateCopy() => this;

        public void RunPosted()
        {
            while (posted.TryDequeue(out var next))
            {
                if (next.Branch.IsAbandoned) continue;
                Owner!.Branch = next.Branch;
                next.Callback(next.State);
            }
        }
    }
}
