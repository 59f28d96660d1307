using System.Text;
using Soar.Hosting;
using Soar.Runs;

namespace Soar.Engine;

/// <summary>How a run is taken up, halted, cancelled and ended.</summary>
internal sealed partial class RunDriver
{
    /// <summary>How far what this run knows may travel: the highest of its playbook's, its alert's, its case's and its parent's.</summary>
    public Tlp Tlp { get; private set; }

    /// <summary>We hold the lease: go on from memory when nobody else drove the run since, else read its journal and replay it.</summary>
    private async ValueTask TakeUpAsync(Run claimed, JournalRecord? born)
    {
        // The next epoch after ours: nobody drove it in between, be it that it waited, or that our own lease ran out while this engine was stalled.
        var inMemory = state != State.Forgotten && claimed.Epoch == run.Epoch + 1 && hosted;
        if (!inMemory && state != State.Forgotten) Forget();
        engine.Dispatcher.Remembered(this);
        // Whoever claimed it has counted it.
        engine.Dispatcher.Counted(driving: state == State.Driving ? -1 : 0, kept: state == State.Kept ? -1 : 0);
        run = claimed;
        state = State.Driving;
        LeaseUntil = claimed.LeaseUntil ?? engine.Now + engine.Options.Lease;
        KeptUntil = null;
        if (inMemory)
        {
            await LookAtInboxAsync();
            FireDue();
            return;
        }

        stops = run.Mode == RunMode.DryRun ? engine.Stops.GetValueOrDefault(id) : null;
        nextSeq = 0;
        inboxSeen = 0;
        calls = 0;
        ending = null;
        halting = null;
        compileAt = null;
        stopping = false;
        cancelItem = null;
        resumeItem = null;
        signals.Clear();
        answers.Clear();
        childEnds.Clear();
        if (born is { } first) Know([first]);
        else await ReadBackAsync();
        await LookAtInboxAsync();
        if (history.Ended)
        {
            Forget();
            return;
        }

        if (history.NextSeq == 2) Tell(null, RunEventKind.Started, $"of {run.Playbook} {run.PlaybookVersion}, started by {run.StartedBy}{(run.Mode == RunMode.DryRun ? " (dry run: no effect reaches a product)" : "")}", now: true);
        if (history.Halted is { } halted) Reawaken(halted);
        if (halting is null && ending is null) await StartHostAsync();
    }

    private async ValueTask ReadBackAsync() => Know(await engine.Store.ReadJournalAsync(id));

    private void Know(IReadOnlyList<JournalRecord> journal)
    {
        history = RunHistory.From(journal);
        nextSeq = history.NextSeq;
        completed.Clear();
        if (history.Deliveries.Count > 0) completed.EnsureCapacity(history.Deliveries.Count);
        foreach (var delivery in history.Deliveries) completed.Add(delivery.Ordinal);
    }

    /// <summary>A run that was paused, quarantined or parked goes on only when a person resumed it; cancelled, it ends.</summary>
    private void Reawaken(RunStatus halted)
    {
        if (resumeItem is { } resume)
        {
            Record(JournalKind.Control, resume.Payload);
            batch.Deaths = 0;
            batch.Status = RunStatus.Running;
            run = run with { Deaths = 0 };
            resumeItem = null;
        }
        else if (cancelItem is { } cancel)
        {
            // What killed its host twice, or does not compile, is not run for its finally blocks either.
            Record(JournalKind.Control, cancel.Payload);
            if (halted != RunStatus.Paused) End(new RunEnd(id, RunEndKind.Cancelled, cancel.Payload));
            batch.Status = RunStatus.Running;
        }
        else
        {
            halting = halted;
        }
    }

    private async ValueTask StartHostAsync()
    {
        CompiledPlaybook playbook;
        try
        {
            playbook = await engine.Playbooks.ByHashAsync(run.VersionHash, CancellationToken.None);
        }
        catch (SoarException e) when (e.Code == "SOAR1901")
        {
            // The compiler was slow, or its process died: that says nothing about the version. The run stays due and is taken up again.
            engine.Log.NotCompiled(id, e.Message);
            compileAt = engine.Now + engine.Options.CompileRetry;
            return;
        }
        catch (SoarException e) when (e.Code == "SOAR1900")
        {
            engine.Log.Parked(id, e.Message);
            Halt(RunStatus.Parked, new ControlRecord("park", "soar", e.Message));
            return;
        }

        header = playbook.Header;
        Tlp = header.Tlp;
        var started = Json.Read<StartedRecord>(history.Started);
        Raise(started.Alert?.Tlp);
        Raise(started.Tlp);
        foreach (var opened in history.CasesOpened) Raise(opened.Tlp);
        handed = history.Deliveries.Count;
        quiet = false;
        hosted = true;
        engine.Host.Start(new RunStart
        {
            Run = id, Version = playbook.Hash, AssemblyPath = playbook.AssemblyPath, Started = history.Started, StartedAt = history.StartedAt,
            Deliveries = history.Deliveries, Marks = history.Marks,
        });
    }

    private void Raise(Tlp? tlp)
    {
        if (tlp > Tlp) Tlp = tlp.Value;
    }

    /// <summary>The host is gone. The culprit is counted; the others, and the culprit the first time, are replayed in a new host while steps under way go on here.</summary>
    private async ValueTask RestartAsync(bool blamed, string reason)
    {
        if (!hosted) return;
        Unhost();
        if (blamed)
        {
            Record(JournalKind.HostDied, Json.Of(new ControlRecord("host-died", "soar", reason)));
            run = run with { Deaths = run.Deaths + 1 };
            batch.Deaths = run.Deaths;
            if (run.Deaths >= 2)
            {
                Halt(RunStatus.Quarantined, new ControlRecord("quarantine", "soar", $"Its playbook host died twice with this run in hand: {reason}"));
                return;
            }
        }

        await WriteAsync();
        await ReadBackAsync();
        await StartHostAsync();
    }

    /// <summary>Begins nothing more; steps under way are recorded, then the status is written.</summary>
    private void Halt(RunStatus status, ControlRecord why)
    {
        Record(JournalKind.Control, Json.Of(why));
        halting = status;
        // Others do not stand behind a run that does not go on.
        foreach (var step in open.Values) step.LeaveLines();
        Unhost();
    }

    private void Unhost()
    {
        if (hosted) engine.Host.Drop(id);
        hosted = false;
        quiet = false;
    }

    /// <summary>The run as a whole is cancelled: the playbook is told, and every call that is open is withdrawn.</summary>
    private void Cancel()
    {
        var asked = Json.Read<ControlRecord>(cancelItem!.Payload);
        var record = asked with { What = "cancel", Calls = calls };
        var payload = Json.Of(record);
        var at = Record(JournalKind.Delivered, payload, DeliveryKind.CancelRun);
        batch.Consume.Add(cancelItem.Id);
        batch.Deliveries.Add(new Delivery(-1, DeliveryKind.CancelRun, at, payload));
        history.Cancelled(record, at);
        cancelItem = null;
        foreach (var step in open.Values.OrderBy(s => s.Ordinal).ToList()) Withdraw(step);
    }

    /// <summary>The playbook's code has ended: what is open is withdrawn; once what is under way is recorded, the run ends.</summary>
    private void End(RunEnd end)
    {
        ending = end;
        Unhost();
        foreach (var step in open.Values.OrderBy(s => s.Ordinal).ToList()) Withdraw(step);
    }

    private async ValueTask EndAsync(RunEnd end)
    {
        foreach (var step in open.Values.OrderBy(s => s.Ordinal).ToList()) Complete(step, StepEnd.Cancelled());
        var cancelled = history.Cancel is not null || cancelItem is not null || end.Kind == RunEndKind.Cancelled;
        var ended = new EndedRecord(end.Kind.ToString(), Undelivered: signals.Count == 0 ? null : [.. signals.Select(s => new UndeliveredSignal(s.Id, s.Key))]);
        var status = cancelled ? RunStatus.Cancelled : end.Kind is RunEndKind.Completed or RunEndKind.RunAgain ? RunStatus.Completed : RunStatus.Failed;
        NewRun? successor = null;
        if (status == RunStatus.Completed && end.Kind == RunEndKind.RunAgain)
        {
            try
            {
                successor = engine.Starts.Successor(run, header, Tlp, history.Started, end.Payload);
            }
            catch (SoarException e) when (e.Code == "SOAR2021")
            {
                status = RunStatus.Failed;
                ended = ended with { Kind = nameof(RunEndKind.Failed), Failure = new RunFailure(e.Code, e.Message) };
            }
        }

        if (successor is not null)
        {
            batch.Successor = successor;
            ended = ended with { Successor = successor.Run.Id.ToString(), Outcome = new Outcome("Continued", $"Goes on as run {successor.Run.Id}.") };
        }
        else if (end.Kind == RunEndKind.Completed)
        {
            ended = ended with { Outcome = Json.Read<Outcome>(end.Payload) };
        }
        else if (end.Kind is not (RunEndKind.Cancelled or RunEndKind.RunAgain))
        {
            ended = ended with { Failure = Json.Read<RunFailure>(end.Payload) };
        }

        var result = ended.Outcome is not null ? Json.Of(ended.Outcome) : ended.Failure is not null ? Json.Of(ended.Failure) : null;
        Record(JournalKind.Ended, Json.Of(ended));
        batch.Status = status;
        batch.Result = result is null ? null : Encoding.UTF8.GetString(result);
        // Whoever waits for a run that goes on as another waits for that one.
        if (run.Parent is { } parent && successor is null) batch.Send.Add(Starts.TellParent(run, parent, status, result, history.Resumes, engine.Now));
        Tell(null, RunEventKind.Ended, ended.Outcome?.ToString() ?? ended.Failure?.Message ?? status.ToString());
        run = run with { Status = status };
        await WriteAsync();
        engine.Log.RunEnded(id, run.Playbook, status);
        Forget();
        engine.Stops.TryRemove(id, out _);
        engine.Endings.Look(id);
    }
}
