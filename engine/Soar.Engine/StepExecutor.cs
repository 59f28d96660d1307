using System.Text.Json;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Hosting;
using Soar.Runs;

namespace Soar.Engine;

/// <summary>
/// One step, in reading order: resolve, clearance, check arguments, authorise, protected assets, settle what is unknown, ledger, turn, intent (kill switches and budgets), dispatch, result. It works from what the journal knows
/// of the call (<see cref="CallPast"/>), so it goes on the same way after a retry's wait, after a person's answer and after a crash.
/// </summary>
internal sealed class StepExecutor(EngineParts engine, Attempt attempt)
{
    public async ValueTask<StepEnd> ExecuteAsync(RunDriver run, OpenCall step)
    {
        var call = step.Call;
        var past = step.Past;
        if (past.Effected == Effected.No && past.RetryAt > engine.Now && !step.Withdrawn) return StepEnd.Later(past.RetryAt.Value);

        // Which action, at which connector instance?
        if (engine.Catalog.Find(call.Action) is not { } action)
            return StepEnd.Failed("no-action", $"No capability of this deployment has the action {call.Action}. Install the connector that brings it.", past.Failed);
        var connector = engine.Instances.Find(action.Capability.Name, call.Instance, run.Simulates(action));
        using var json = JsonDocument.Parse(call.Arguments);
        var arguments = json.RootElement;

        // May this instance be told what this run knows?
        var terms = engine.Instances.Terms(action.Capability.Name, call.Instance);
        if (past.Effected == Effected.No && ClearanceCheck.Problem(run.Tlp, action, call.Instance, terms) is { } secret)
            return StepEnd.Refused("clearance", secret);
        // Where it may stand in line since an earlier life of the run here.
        if (terms.Places is { } line) step.Line = (line, new PlaceHolder(run.Id, step.Ordinal, call.Path, action.Id));
        if (action.Effect == Effect.ReadsOnly) return await ReadAsync(run, step, action, connector, arguments, terms);

        // Is every argument there, and none of them "everything"?
        if (past.Effected == Effected.No && ArgumentCheck.Problem(action, arguments) is { } problem)
            return StepEnd.Refused("missing-argument", problem);

        // Did somebody decide on exactly this step, where that is required?
        var hash = CallHash.Full(call.Action, call.Instance, call.Arguments.Span);
        var needed = engine.Options.ApprovalRequired.Contains(action.Effect) && !past.Authorised;
        if (needed && !run.Authorisations.TryTake(hash))
        {
            return StepEnd.Refused("approval-required",
                $"{action.Id} at {call.Instance} needs a decision that was asked about exactly this step. Prepare it, hand it to Ask, and do it once approved.");
        }

        var effect = new EffectStep(engine, run, step, action, connector, arguments, needed ? hash : null);

        // Is it one of those things that nothing contains or destroys unless a person says so?
        try
        {
            var end = await engine.Policy.ProtectedAsync(effect) ?? await EffectAsync(effect, terms);
            if (needed && !past.Authorised) run.Authorisations.GiveBack(hash);
            return end;
        }
        finally
        {
            step.GivePlaceBack(); // whatever kept it from being dispatched
        }
    }

    private async ValueTask<StepEnd> ReadAsync(RunDriver run, OpenCall step, ActionDescriptor action, object? connector, JsonElement arguments, InstanceTerms terms)
    {
        if (connector is null) return NoInstance(step, action);
        if (step.Withdrawn) return StepEnd.Cancelled();
        var timeout = TimeoutOf(step, action);
        if (timeout <= TimeSpan.Zero) return OutOfTime(step, action);
        if (await AwaitTurnAsync(run, step, action, terms) is { } later) return later;
        var result = await attempt.MakeAsync(run, step, action, connector, arguments, run.ContextOf(step, action, null), terms, timeout);
        step.GivePlaceBack();
        return result.Kind switch
        {
            AttemptKind.Done => StepEnd.Done(result.Result),
            AttemptKind.Withdrawn => StepEnd.Cancelled(),
            AttemptKind.Crash => new StepEnd(StepEndKind.Crash),
            AttemptKind.Permanent => StepEnd.Failed(result.Reason, result.Message, step.Past.Failed + 1),
            AttemptKind.NotYet => await AskAgainAsync(run, step, result),
            _ => await RetryAsync(run, step, action, result),
        };
    }

    /// <summary>
    /// Null: it may go. Otherwise the instance's rate makes it wait: by the clock, the run forgotten meanwhile, its place in the queue kept. No attempt is spent on waiting, and the
    /// whole step's time-out ends it. A long wait is on record once, because that time-out counts from there.
    /// </summary>
    private async ValueTask<StepEnd?> AwaitTurnAsync(RunDriver run, OpenCall step, ActionDescriptor action, InstanceTerms terms)
    {
        var pace = terms.PaceFor(action, engine.Clock);
        if (run.Simulates(action) || (pace is null && terms.Places is null)) return null;
        // Whoever stands in line for a place has had its turn.
        if (pace is null || step.Line?.Places.Knows(step.Line.Value.Who) == true) return await AwaitPlaceAsync(run, step, action);
        step.Queue = (pace, (run.Id, step.Ordinal));
        if (pace.Turn(step.Queue.Value.Place) is not { } at) return await AwaitPlaceAsync(run, step, action);
        if (at - engine.Now > engine.Options.ShortWait && step.Past.Since is null)
        {
            await run.CommitAsync(step, [(JournalKind.NotYet, Json.Of(new NotYetRecord(
                $"It is {step.Call.Instance}'s turn for this step at {at:yyyy-MM-dd HH:mm:ss} UTC{(pace.Rate is { } rate ? $" (rate {rate})" : "; it asked for a pause")}.")))]);
        }

        return StepEnd.Later(DeadlineOf(step) is { } deadline && deadline < at ? deadline : at);
    }

    /// <summary>
    /// Null: it has one of the instance's places, until its attempt is over. Otherwise it stands in line and is told; a wait that is no short one is on record once.
    /// </summary>
    private async ValueTask<StepEnd?> AwaitPlaceAsync(RunDriver run, OpenCall step, ActionDescriptor action)
    {
        if (step.Line is not var (places, who)) return null;
        var begins = !places.Knows(who);
        var (id, ordinal) = (run.Id, step.Ordinal);
        if (places.Take(who, Lanes.Of(run.Type, action.Effect), () => engine.Dispatcher.PlaceFree(id, ordinal)) is not { } ahead)
        {
            step.HasPlace = true;
            return null;
        }

        var words = $"waits for a free place at {step.Call.Instance}, {ahead} ahead";
        if (begins) run.Tell(step, RunEventKind.InLine, words, now: true);
        if (!begins && step.Past.Since is null) await run.CommitAsync(step, [(JournalKind.NotYet, Json.Of(new NotYetRecord($"It {words} ({places.Count} calls at once).")))]);
        var again = engine.Now + (begins ? engine.Options.ShortWait : engine.Options.InLineAgain);
        return StepEnd.InLine(DeadlineOf(step) is { } deadline && deadline < again ? deadline : again);
    }

    /// <summary>
    /// A read that waits has nothing to tell yet: the clock asks again, and the run is forgotten meanwhile. Asking leaves no record, or a wait of weeks would fill the
    /// journal; the first time does, because the whole step's time-out counts from there, and so does the first after an outage, which forgives it.
    /// </summary>
    private async ValueTask<StepEnd> AskAgainAsync(RunDriver run, OpenCall step, AttemptResult result)
    {
        if (step.Withdrawn) return StepEnd.Cancelled();
        if (step.Past.Since is null || step.Past.Failed > 0) await run.CommitAsync(step, [(JournalKind.NotYet, Json.Of(new NotYetRecord(result.Message)))]);
        var next = engine.Now + (result.RetryAfter ?? engine.Options.LongestBackoff);
        return StepEnd.Later(DeadlineOf(step) is { } deadline && deadline < next ? deadline : next);
    }

    private async ValueTask<StepEnd> EffectAsync(EffectStep effect, InstanceTerms terms)
    {
        var (run, step, action) = (effect.Run, effect.Step, effect.Action);
        var itsTurn = false;
        while (true)
        {
            // Before anything else: what became of an attempt whose outcome nobody recorded?
            if (step.Past.Effected != Effected.No && await SettleAsync(effect) is { } settled) return settled;
            if (step.Withdrawn && step.Past.Doubtful) continue;
            if (step.Withdrawn) return await effect.NotDoneAsync(StepEnd.Cancelled());
            if (effect.Connector is null) return await effect.NotDoneAsync(NoInstance(step, action));
            var timeout = TimeoutOf(step, action);
            if (timeout <= TimeSpan.Zero && step.Past.Doubtful) continue;
            if (timeout <= TimeSpan.Zero) return await effect.NotDoneAsync(OutOfTime(step, action));

            // What does the ledger say: dispatch, or is it in place already?
            if (await effect.ConsultLedgerAsync() is { } answered) return answered;

            // Is it this step's turn at the instance?
            if (!itsTurn && await AwaitTurnAsync(run, step, action, terms) is { } later) return later;
            itsTurn = true;

            // The intent is on disk before anything leaves the house, unless a kill switch holds it or a budget is spent.
            var (begun, stopped) = await effect.IntendAsync();
            if (stopped is not null) return stopped.Value;
            if (!begun) continue;
            if (step.Withdrawn)
            {
                if (await StillInDoubtAsync(run, step, new AttemptResult(AttemptKind.Transient, default, "withdrawn", "It was withdrawn before this attempt."))) continue;
                return await effect.NotDoneAsync(StepEnd.Cancelled());
            }

            if (!run.LeaseIsAlive) throw new LeaseLostException(run.Id, run.Epoch);
            var result = await attempt.MakeAsync(run, step, action, effect.Connector, effect.Arguments, run.ContextOf(step, action, effect.Key), terms, timeout);
            itsTurn = false;
            step.GivePlaceBack();
            switch (result.Kind)
            {
                case AttemptKind.Done:
                    return await effect.DoneAsync(result.Result, []);
                case AttemptKind.Crash:
                    return new StepEnd(StepEndKind.Crash);
                case AttemptKind.Permanent:
                    if (await StillInDoubtAsync(run, step, result)) continue;
                    return await effect.NotDoneAsync(StepEnd.Failed(result.Reason, result.Message, step.Past.Failed + 1));
                case AttemptKind.Transient:
                    var end = await RetryAsync(run, step, action, result);
                    if (end.Kind == StepEndKind.Later) return end;
                    if (await StillInDoubtAsync(run, step, result)) continue;
                    return await effect.NotDoneAsync(end);
                default:
                    await run.CommitAsync(step, [(JournalKind.Unknown, Json.Of(new AttemptFailed(FailureKind.Unknown, result.Reason, result.Message, step.Past.Failed + 1, NextAt(step, result.RetryAfter))))]);
                    run.Tell(step, RunEventKind.StepUnknown, result.Message);
                    break;
            }
        }
    }

    /// <summary>
    /// This attempt surely did nothing and none follows, but an earlier one may have done it: saying "not done" now could leave something standing that nobody lifts.
    /// True: it is on record, and what became of the earlier one is to be settled first.
    /// </summary>
    private static async ValueTask<bool> StillInDoubtAsync(RunDriver run, OpenCall step, AttemptResult result)
    {
        if (!step.Past.Doubtful) return false;
        var kind = result.Kind == AttemptKind.Permanent ? FailureKind.Permanent : FailureKind.Transient;
        await run.CommitAsync(step, [(JournalKind.Attempt, Json.Of(new AttemptFailed(kind, result.Reason, result.Message, step.Past.Failed + 1)))]);
        return true;
    }

    /// <summary>
    /// Settles an unknown outcome: by a person who has said it, by a repeat under the same key where that is safe, by a probe, else by asking a person.
    /// Null: it is not done, or may be done again; another attempt follows.
    /// </summary>
    private async ValueTask<StepEnd?> SettleAsync(EffectStep effect)
    {
        var (run, step, action, past) = (effect.Run, effect.Step, effect.Action, effect.Step.Past);
        if (step.Said is { } said)
        {
            step.Said = null;
            var (answer, item) = said;
            var done = ToldOutcome.IsDone(answer);
            var byPerson = (JournalKind.Settled, Json.Of(new SettledRecord("person", done ? "done" : ToldOutcome.NotDone, answer.By, answer.Reason)));
            if (done) return await effect.DoneAsync(ToldOutcome.ResultOf(answer), [byPerson], item);
            await run.CommitAsync(step, [byPerson], consume: item);
            return null;
        }

        // Whoever asked is gone, by a kill or a broken connection; the product may be at work on it still.
        var mayBeUnderWay = past.IntentAt + TimeSpan.FromSeconds(action.Declared.TimeoutSeconds) + 2 * engine.Options.AttemptGrace is { } until && until > engine.Now ? until : (DateTimeOffset?)null;
        if (past.Effected == Effected.Dispatched)
        {
            if (engine.Options.SeveralEngines && mayBeUnderWay is { } stalled) return StepEnd.Later(stalled);
            await run.CommitAsync(step, [(JournalKind.Unknown, Json.Of(new AttemptFailed(FailureKind.Unknown, "interrupted",
                $"The engine stopped before it could record what became of {action.Id}.", past.Dispatched, Interrupted: true)))]);
        }

        var outOfTime = TimeoutOf(step, action) <= TimeSpan.Zero;
        var mayTry = !step.Withdrawn && !outOfTime && effect.Connector is not null && past.Last?.Kind != FailureKind.Permanent && past.Failed < AttemptsOf(step, action);
        if (action.SafeToRepeat && mayTry)
        {
            // Until the repeat begins the outcome stays unknown: whoever withdraws the step meanwhile must still find out.
            if (action.Declared.LooksFirst && mayBeUnderWay is { } working) return StepEnd.Later(working);
            if (past.RetryAt > engine.Now) return StepEnd.Later(past.RetryAt.Value);
            if (!past.Repeating) await run.CommitAsync(step, [(JournalKind.Settled, Json.Of(new SettledRecord("repeat", "repeated")))]);
            return null;
        }

        var probed = await effect.ProbeAsync();
        switch (probed.Answer)
        {
            case ProbeAnswer.Present when action.GivesResult && !step.Withdrawn && Json.IsNull(probed.Result):
                // It is there, but the probe does not say what it gave, and the playbook must not get a null that its compiler ruled out.
                return await effect.AskPersonAsync();
            case ProbeAnswer.Present:
                return await effect.DoneAsync(probed.Result ?? Json.Null, [(JournalKind.Settled, Json.Of(new SettledRecord("probe", "done")))]);
            case ProbeAnswer.Absent when mayBeUnderWay is { } notYet:
                return StepEnd.Later(notYet);
            case ProbeAnswer.Absent:
                await run.CommitAsync(step, [(JournalKind.Settled, Json.Of(new SettledRecord("probe", "not-done")))]);
                if (step.Withdrawn || outOfTime) return null;
                if (!mayTry) return await effect.NotDoneAsync(GiveUp(step, action, past.Last!.Reason, past.Last.Message));
                return past.RetryAt > engine.Now ? StepEnd.Later(past.RetryAt.Value) : null;
        }

        // Nothing can tell. A withdrawn step asks nobody any more: its journal and the ledger say Unknown, for people to see.
        if (probed.AgainAt is { } again) return StepEnd.Later(again);
        if (step.Withdrawn) return await effect.LeaveUnknownAsync();
        return await effect.AskPersonAsync();
    }

    /// <summary>An attempt surely changed nothing: another one later, or the end of the step.</summary>
    private async ValueTask<StepEnd> RetryAsync(RunDriver run, OpenCall step, ActionDescriptor action, AttemptResult result)
    {
        if (step.Withdrawn) return StepEnd.Cancelled();
        var failed = step.Past.Failed + 1;
        if (NextAt(step, result.RetryAfter) is not { } next || failed >= AttemptsOf(step, action))
            return GiveUp(step, action, result.Reason, result.Message, failed);
        await run.CommitAsync(step, [(JournalKind.Attempt, Json.Of(new AttemptFailed(FailureKind.Transient, result.Reason, result.Message, failed, next)))]);
        run.Tell(step, RunEventKind.StepRetried, result.Message);
        return StepEnd.Later(DateTimeOffset.FromUnixTimeMilliseconds(next));
    }

    private static StepEnd GiveUp(OpenCall step, ActionDescriptor action, string reason, string message, int? failed = null)
    {
        var attempts = failed ?? step.Past.Failed;
        var most = AttemptsOf(step, action);
        return reason == "timeout"
            ? StepEnd.TimedOut($"{message} {attempts}{(most == int.MaxValue ? "" : $" of {most}")} attempts were made.", attempts)
            : StepEnd.Failed(reason, message, attempts);
    }

    private static StepEnd NoInstance(OpenCall step, ActionDescriptor action) => StepEnd.Failed("no-instance",
        $"There is no connector instance '{step.Call.Instance}' for {action.Capability.Name} any more. Put it back into soar.yaml, then resume the run.", step.Past.Failed);

    private static StepEnd OutOfTime(OpenCall step, ActionDescriptor action) => StepEnd.TimedOut(
        $"{action.Id} was not done within {Durations.Say(TimeSpan.FromMilliseconds(step.Call.Options!.TimeoutMs!.Value))}, {step.Past.Failed} failed attempts included.", step.Past.Failed);

    /// <summary>A wait that has an end of its own outlasts outages of the other side: a tracker that is down for two minutes must not read like "nobody answered in two weeks".</summary>
    private static int AttemptsOf(OpenCall step, ActionDescriptor action) =>
        Math.Max(1, step.Call.Options?.Attempts ?? (action.Declared.Waits && step.Call.Options?.TimeoutMs is not null ? int.MaxValue : action.Declared.Attempts));

    /// <summary>Time for one attempt: the action's own, cut to what is left of the whole step's.</summary>
    private TimeSpan TimeoutOf(OpenCall step, ActionDescriptor action)
    {
        var own = TimeSpan.FromSeconds(action.Declared.TimeoutSeconds);
        if (DeadlineOf(step) is not { } deadline) return own;
        var left = deadline - engine.Now;
        return left < own ? left : own;
    }

    private DateTimeOffset? DeadlineOf(OpenCall step) =>
        step.Call.Options?.TimeoutMs is { } ms ? (step.Began ??= step.Past.Since ?? engine.Now) + TimeSpan.FromMilliseconds(ms) + step.Past.StoodStill(engine.Now) : null;

    private long? NextAt(OpenCall step, TimeSpan? retryAfter)
    {
        var next = engine.Now + engine.Retry.Delay(step.Past.Failed + 1, retryAfter);
        return DeadlineOf(step) <= next ? null : next.ToUnixTimeMilliseconds();
    }
}
