using System.Text;
using Soar.Capabilities;
using Soar.Hosting;
using Soar.Runs;

namespace Soar.Engine;

/// <summary>The run's calls: how they begin, wait, are withdrawn and complete.</summary>
internal sealed partial class RunDriver
{
    /// <summary>The playbook awaits a step.</summary>
    private void Begin(StepCall call)
    {
        // A halted run begins nothing (its replay will ask again); a call that is open already was made again by a restarted host.
        if (!hosted || open.ContainsKey(call.Ordinal) || completed.Contains(call.Ordinal)) return;
        quiet = false;
        calls = Math.Max(calls, call.Ordinal + 1);
        if (history.Carried(call, out var result))
        {
            Complete(new OpenCall(call, new CallPast()), StepEnd.Done(result));
            return;
        }

        if (stops is not null && history.Cancel is null && cancelItem is null && stops.Before(call))
        {
            Halt(RunStatus.Paused, new ControlRecord("pause", run.StartedBy, $"stopped before {call.Path}"));
            return;
        }

        var step = new OpenCall(call, history.PastOf(call));
        open[call.Ordinal] = step;
        // The playbook made this call before the run was cancelled, and the engine was started again since.
        if (call.Ordinal < (history.Cancel?.Calls ?? 0)) Withdraw(step, again: true);
        else if (step.Past.Effected == Effected.Asked) AwaitPerson(step, QuestionIdOf(step.Past.Asked!));
        else if (step.Past.AwaitsDecision) AwaitDecision(step, step.Past.Asked!);
        else if (call.Action.StartsWith("soar.", StringComparison.Ordinal)) BeginOwn(step);
        else Execute(step);
    }

    /// <summary>One of the engine's own steps: something outside is opened, or was opened before.</summary>
    private void BeginOwn(OpenCall step)
    {
        var call = step.Call;
        if (engine.Events.Watched && call.Action is not (BuiltIns.Timeout or BuiltIns.Run)) Tell(step, RunEventKind.StepStarted, null, now: true);
        switch (call.Action)
        {
            case BuiltIns.Ask or BuiltIns.Form or BuiltIns.Todo:
                step.Due = Questions.DueOf(call, history.ResumedAt);
                if (step.Past.Asked is not { } asked)
                {
                    try
                    {
                        var (question, record) = Questions.Of(call, new QuestionId(engine.Ids.Next()), engine.Now, step.Due);
                        // Who only tries a playbook plays everybody in it: nobody is asked to decide on what does not happen.
                        if (run is { Mode: RunMode.DryRun, Parent: null }) question = question with { Who = run.StartedBy, EscalateTo = null, Quorum = 1, FourEyes = false };
                        asked = record;
                        batch.Ask.Add(question with { Tlp = Tlp });
                        Record(step, JournalKind.Asked, Json.Of(record));
                        Authorisations.Asked(call.Ordinal, record);
                        Tell(step, RunEventKind.Asked, question.Text);
                    }
                    catch (SoarException e)
                    {
                        Complete(step, StepEnd.Refused(e.Code, e.Message));
                        return;
                    }
                }

                step.Escalates = step.Past.Escalated || run.Mode == RunMode.DryRun ? null : Questions.EscalationOf(call, step.Past.Since ?? engine.Now, step.Due);
                AwaitPerson(step, QuestionIdOf(asked));
                break;
            case BuiltIns.Wait:
                step.Due = Questions.DueOf(call, history.ResumedAt);
                step.Waits = WaitsFor.Time;
                break;
            case BuiltIns.Timeout:
                step.Due = LimitOf(call);
                step.Waits = WaitsFor.Time;
                break;
            case BuiltIns.Receive:
                step.Due = Questions.DueOf(call, history.ResumedAt);
                step.Signal = Json.Read<ReceiveArguments>(call.Arguments).Signal;
                step.Waits = WaitsFor.Signal;
                Match(step);
                break;
            case BuiltIns.Run when step.Past.Asked is { Child: { } child }:
                AwaitChild(step, RunId.Parse(child));
                break;
            case BuiltIns.Run:
                Execute(step);
                break;
            default:
                Complete(step, StepEnd.Failed("no-action", $"The engine has no step {call.Action}.", 0));
                break;
        }

        if (step.Waits != WaitsFor.None && step.NextDue <= engine.Now) FireDue();
    }

    private void Execute(OpenCall step)
    {
        step.Waits = WaitsFor.None;
        step.Due = null;
        step.Lifts = lifts;
        step.PlaceFreed = false;
        executing.Add(step);
        if (engine.Events.Watched) Tell(step, RunEventKind.StepStarted, null, now: true);
        // Before the step begins: what it waits for may leave before it comes back here.
        engine.Options.Activity?.Enter();
        var task = step.Call.Action == BuiltIns.Run ? engine.Starts.ChildAsync(run, Tlp, history, step.Call) : engine.Executor.ExecuteAsync(this, step);
        if (!task.IsCompletedSuccessfully)
        {
            _ = ReportAsync(step, task);
            return;
        }

        Executed(step, task.Result);
        engine.Options.Activity?.Leave();
    }

    private async Task ReportAsync(OpenCall step, ValueTask<StepEnd> task)
    {
        try
        {
            Post(new RunMessage.Executed(step, await task));
        }
        catch (Exception e) // the store failed under the step, or its lease is lost: the turn decides
        {
            Post(new RunMessage.Broke(step, e));
        }
        finally
        {
            engine.Options.Activity?.Leave();
        }
    }

    private void Executed(OpenCall step, StepEnd end)
    {
        // A step of an earlier life of this driver: its record, if it made one, was refused; the replay settles it.
        if (!executing.Remove(step) || end.Recorded) return;
        switch (end.Kind)
        {
            case StepEndKind.Deliver:
                Complete(step, end);
                break;
            case StepEndKind.Later when step.Withdrawn && step.Past.Effected == Effected.No:
                Complete(step, StepEnd.Cancelled());
                break;
            case StepEndKind.Later:
                step.Waits = WaitsFor.Time;
                step.Due = end.Due;
                break;
            case StepEndKind.Held:
                step.Waits = WaitsFor.Switch;
                if (step.Withdrawn) Withdraw(step, again: true);
                else if (step.Lifts != lifts) Execute(step); // the switch was lifted before it was waited for
                break;
            case StepEndKind.InLine:
                step.Waits = WaitsFor.Place;
                step.Due = end.Due;
                if (halting is not null) step.LeaveLines();
                else if (step.Withdrawn) Withdraw(step, again: true);
                else if (step.PlaceFreed) Execute(step); // it was its turn before it was waited for
                break;
            case StepEndKind.AskedPerson:
                step.Due = end.Due == default ? null : end.Due;
                AwaitPerson(step, end.Question);
                if (step.Withdrawn) Withdraw(step, again: true);
                break;
            case StepEndKind.Child when step.Withdrawn && end.Begun is null:
                Complete(step, StepEnd.Cancelled());
                break;
            case StepEndKind.Child:
                var child = end.Begun ?? end.Child!.Run.Id;
                Record(step, JournalKind.Asked, Json.Of(new AskedRecord(Child: child.ToString(), Version: end.Child?.Run.VersionHash, Title: step.Call.Options?.Title)));
                if (end.Child is not null) batch.Children.Add(end.Child);
                AwaitChild(step, child);
                if (step.Withdrawn) Withdraw(step, again: true);
                break;
            case StepEndKind.Crash:
                var crashed = run.Id;
                Forget();
                engine.Dispatcher.TakeUpAgain(crashed);
                break;
        }
    }

    /// <summary>A completion: journaled with this turn's commit, handed over after it.</summary>
    private void Complete(OpenCall step, StepEnd end)
    {
        step.LeaveLines();
        open.Remove(step.Ordinal);
        completed.Add(step.Ordinal);
        var payload = end.Payload;
        var at = Record(step, JournalKind.Delivered, payload, end.Delivery);
        batch.Deliveries.Add(new Delivery(step.Ordinal, end.Delivery, at, payload));
        if (step.Past.IsHeld) batch.Release.Add(step.Ordinal);
        if (step.Said is { } said) batch.Consume.Add(said.Item); // it ended before anybody asked what was said
        StandStill(batch.Records[^1]);
        if (step.Call.Action == BuiltIns.Ask && end.Delivery == DeliveryKind.Done) Authorisations.Decided(step.Ordinal, payload);
        if (step.Call.Action == "case.open" && end.Delivery == DeliveryKind.Done)
        {
            var opened = Json.Read<CaseRef>(payload);
            batch.CaseId = opened.Id;
            run = run with { CaseId = batch.CaseId };
            Raise(opened.Tlp);
        }

        if (engine.Events.Watched) Tell(step, RunEventKind.StepEnded, Said(end), result: end is { Delivery: DeliveryKind.Done, Payload.Length: > 0 and <= RunEvent.LongestResult } ? Encoding.UTF8.GetString(payload.Span) : null);
    }

    /// <summary>How a step ended, for people: a failure with its code and message.</summary>
    private static string Said(StepEnd end)
    {
        if (end.Delivery is not (DeliveryKind.Failed or DeliveryKind.TimedOut or DeliveryKind.Refused)) return end.Delivery.ToString();
        var error = Json.Read<StepError>(end.Payload);
        var word = end.Delivery switch { DeliveryKind.TimedOut => "timed out", DeliveryKind.Refused => "refused", _ => "failed" };
        return $"{word} ({error.Code}): {error.Message}";
    }

    /// <summary>
    /// Nobody wants this call's result any more: nothing is dispatched for it, its question and its timer go, an effect under way is awaited and recorded, a sub-run is
    /// cancelled; then it completes as cancelled, or as what it came to.
    /// </summary>
    private void Withdraw(OpenCall step, bool again = false)
    {
        if (step.Withdrawn && !again) return;
        step.Withdrawn = true;
        // It may stand in line since an earlier life of this run.
        if (step.Line is null && engine.Catalog.Find(step.Call.Action) is { } action && engine.Instances.Terms(action.Capability.Name, step.Call.Instance).Places is { } places)
            step.Line = (places, new Connectors.PlaceHolder(id, step.Ordinal, step.Call.Path, action.Id));
        step.LeaveLines();
        if (executing.Contains(step))
        {
            Record(step, JournalKind.Withdrawn, Json.Null.ToArray());
            step.Attempt?.Cancel();
            return;
        }

        if (step.Question is { } question) batch.Close.Add((question, QuestionStatus.Withdrawn));
        if (step.Call.Action == BuiltIns.Run && (step.Child ?? (step.Past.Asked?.Child is { } begun ? RunId.Parse(begun) : null)) is { } child)
        {
            batch.Send.Add(CancelOf(child));
            if (step.Waits != WaitsFor.Child) AwaitChild(step, child);
        }
        else if (step.Past.Effected is Effected.Dispatched or Effected.Unknown)
        {
            // What became of it is settled first, without doing it again.
            Execute(step);
        }
        else
        {
            Complete(step, StepEnd.Cancelled());
        }
    }

    /// <summary>One of the instance's places is set aside for this call.</summary>
    private void TakePlace(int ordinal)
    {
        if (halting is not null || !open.TryGetValue(ordinal, out var step)) return; // it has left the line
        if (step.Waits == WaitsFor.Place) Execute(step);
        else step.PlaceFreed = true;
    }

    private void AwaitPerson(OpenCall step, QuestionId question)
    {
        step.Waits = WaitsFor.Person;
        step.Question = question;
        Match(step);
    }

    private void AwaitChild(OpenCall step, RunId child)
    {
        step.Waits = WaitsFor.Child;
        step.Child = child;
        Match(step);
    }

    private InboxItem CancelOf(RunId child) =>
        new(child, "cancel", InboxKind.Cancel, "", Json.Of(new ControlRecord("cancel", $"run {id}", "Its parent run was cancelled.")), engine.Now);

    private static QuestionId QuestionIdOf(AskedRecord asked) => new(Guid.Parse(asked.Question!));

    /// <summary>Puts a step's records on disk and returns when they are there. Throws <see cref="ContainmentChangedException"/> when the ledger row moved on, <see cref="EffectNotBegunException"/> when the effect may not begin.</summary>
    public Task CommitAsync(OpenCall step, IReadOnlyList<(JournalKind Kind, byte[] Payload)> records, Containment? row = null, Question? ask = null, StepEnd? end = null, EffectBegin? begin = null, HeldEffect? hold = null, string? consume = null)
    {
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(new RunMessage.Write(step, records, row, ask, end, written) { Begin = begin, Hold = hold, Consume = consume });
        return written.Task;
    }

    private void Accept(RunMessage.Write write)
    {
        if (!executing.Contains(write.Step)) write.Written.TrySetException(new LeaseLostException(id, run.Epoch));
        else if (write.Row is not null) ledgerWrites.Enqueue(write);
        else Append(write);
    }

    private void Append(RunMessage.Write write)
    {
        var first = batch.Records.Count;
        foreach (var (kind, payload) in write.Records) Record(write.Step, kind, payload);
        batch.Writes.Add((write, batch.Records.GetRange(first, batch.Records.Count - first)));
        batch.Containment = write.Row;
        if (write.Ask is not null) batch.Ask.Add(write.Ask with { Tlp = Tlp });
        if (write.Begin is not null) batch.Begins.Add(write.Begin);
        if (write.Hold is not null) batch.Hold.Add(write.Hold);
        if (write.Consume is not null) batch.Consume.Add(write.Consume);
        if (write.Records.Any(r => r.Kind == JournalKind.Released)) batch.Release.Add(write.Step.Ordinal);
        if (write.End is { } end) Complete(write.Step, end);
    }

    private long Record(OpenCall step, JournalKind kind, ReadOnlyMemory<byte> payload, DeliveryKind delivery = default)
    {
        var at = engine.Now.ToUnixTimeMilliseconds();
        batch.Records.Add(new JournalRecord(nextSeq++, at, kind, step.Ordinal, delivery, step.Call.Path, step.Call.Action, step.Call.Hash, payload));
        return at;
    }

    private long Record(JournalKind kind, byte[] payload, DeliveryKind delivery = default)
    {
        var at = engine.Now.ToUnixTimeMilliseconds();
        batch.Records.Add(new JournalRecord(nextSeq++, at, kind, -1, delivery, "", "", 0, payload));
        return at;
    }

    /// <summary>Whether this action is answered by a simulator in this run's mode.</summary>
    public bool Simulates(ActionDescriptor action) => run.Mode == RunMode.Test || (run.Mode == RunMode.DryRun && (action.Effect != Effect.ReadsOnly || action.Declared.Waits));

    public ActionContext ContextOf(OpenCall step, ActionDescriptor action, string? key)
    {
        var context = new ActionContext
        {
            Run = id, Step = step.Call.Path, Attempt = step.Past.Failed + 1, Artifacts = engine.Artifacts, Tlp = Tlp, Ordinal = step.Ordinal, Action = action.Id,
            Case = Guid.TryParse(run.CaseId, out var caseId) ? new CaseId(caseId) : null,
        };
        return key is null ? context : context with { Key = new IdempotencyKey(key) };
    }

    // A read leaves no record of an attempt but of those that failed.
    private static int AttemptOf(OpenCall? step, RunEventKind kind) =>
        step is null ? 0 : Math.Max(step.Past.Dispatched, kind == RunEventKind.StepEnded ? step.Past.Failed + 1 : step.Past.Failed);

    /// <summary>Tells those who watch; with the next commit, unless it is about something that is not recorded.</summary>
    public void Tell(OpenCall? step, RunEventKind kind, string? detail, bool now = false, string? result = null)
    {
        if (!engine.Events.Watched) return;
        var call = step?.Call;
        var happened = new RunEvent(id, kind, engine.Now, call?.Ordinal ?? -1, call?.Path ?? "", call?.Action ?? "", call?.Instance ?? "", call?.Options?.Title, AttemptOf(step, kind), detail, run.Playbook, call?.Options?.Of ?? 0, result);
        if (now || kind is RunEventKind.StepRetried or RunEventKind.StepUnknown or RunEventKind.Simulated) engine.Events.Publish(happened);
        else batch.Events.Add(happened);
    }
}
