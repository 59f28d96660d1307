using Soar.Hosting;
using Soar.Runs;

namespace Soar.Engine;

/// <summary>What comes from outside: the inbox, the clock.</summary>
internal sealed partial class RunDriver
{
    private readonly List<InboxItem> signals = [];
    private readonly Dictionary<string, InboxItem> answers = [];
    private readonly Dictionary<int, InboxItem> childEnds = [];
    private long inboxSeen;
    private InboxItem? cancelItem;
    private InboxItem? resumeItem;
    private ITimer? timer;

    /// <summary>Takes in what arrived since the last look, in order of arrival.</summary>
    private async ValueTask LookAtInboxAsync()
    {
        var (any, before) = (false, lifts);
        foreach (var item in await engine.Store.ReadInboxAsync(id))
        {
            if (item.Arrival <= inboxSeen) continue;
            // These belong to whoever takes the halted run up again.
            if (item.Kind is InboxKind.Resume or InboxKind.Cancel && halting is not null) break;
            inboxSeen = item.Arrival;
            any = true;
            switch (item.Kind)
            {
                case InboxKind.Signal:
                    signals.Add(item);
                    break;
                case InboxKind.Answer:
                    answers[item.Key] = item;
                    break;
                case InboxKind.ChildEnded:
                    childEnds[int.Parse(item.Key)] = item;
                    break;
                case InboxKind.Cancel when cancelItem is null && history.Cancel is null:
                    cancelItem = item;
                    break;
                case InboxKind.Pause when ending is null && halting is null:
                    batch.Consume.Add(item.Id);
                    Halt(RunStatus.Paused, Json.Read<ControlRecord>(item.Payload));
                    break;
                case InboxKind.Resume:
                    batch.Consume.Add(item.Id);
                    resumeItem = item;
                    break;
                case InboxKind.Wake when int.TryParse(item.Key, out var ordinal):
                    batch.Consume.Add(item.Id);
                    TakePlace(ordinal);
                    break;
                case InboxKind.Wake:
                    batch.Consume.Add(item.Id);
                    lifts++;
                    break;
                default:
                    batch.Consume.Add(item.Id);
                    break;
            }
        }

        if (!any) return;
        foreach (var step in open.Values.Where(s => s.Waits != WaitsFor.None).OrderBy(s => s.Ordinal).ToList()) Match(step);
        if (lifts != before) GoOn();
    }

    /// <summary>Completes a waiting call with what has arrived for it.</summary>
    private void Match(OpenCall step)
    {
        switch (step.Waits)
        {
            case WaitsFor.Person when answers.Remove(step.Question!.Value.ToString(), out var item):
                var given = Json.Read<Answer[]>(item.Payload);
                if (step.Call.Action is BuiltIns.Ask or BuiltIns.Form or BuiltIns.Todo)
                {
                    batch.Consume.Add(item.Id);
                    Complete(step, Questions.Answered(step.Call.Action, given));
                }
                else if (step.Past.AwaitsDecision)
                {
                    batch.Consume.Add(item.Id);
                    Decide(step, given[^1].Approve, given[^1].By, given[^1].Reason);
                }
                else
                {
                    // A person told an unknown outcome; the executor takes it from there.
                    step.Said = (given[^1], item.Id);
                    Execute(step);
                }

                break;
            case WaitsFor.Signal when signals.Find(s => s.Key == step.Signal) is { } signal:
                signals.Remove(signal);
                batch.Consume.Add(signal.Id);
                Complete(step, Questions.Received(signal));
                break;
            case WaitsFor.Child when childEnds.Remove(step.Ordinal, out var item):
                batch.Consume.Add(item.Id);
                Complete(step, Starts.ChildEnded(item, step.Withdrawn));
                break;
        }
    }

    /// <summary>Everything whose time has come.</summary>
    private void FireDue()
    {
        if (history.Cancel is { } cancelled && CancelEnds <= engine.Now)
        {
            // Its finally blocks had their time.
            End(new RunEnd(id, RunEndKind.Cancelled, Json.Of(cancelled)));
            return;
        }

        foreach (var step in open.Values.Where(s => s.Escalates?.At <= engine.Now && !(s.Due <= engine.Now)).OrderBy(s => s.Ordinal)) Escalate(step);
        foreach (var step in open.Values.Where(s => s.Waits != WaitsFor.None && s.Due <= engine.Now).OrderBy(s => s.Due).ThenBy(s => s.Ordinal).ToList())
        {
            Match(step);
            if (!open.ContainsKey(step.Ordinal) || step.Waits == WaitsFor.None) continue;
            if (step.Question is { } question) batch.Close.Add((question, QuestionStatus.Expired));
            if (step.Call.Action == BuiltIns.Run || !step.Call.Action.StartsWith("soar.", StringComparison.Ordinal))
            {
                if (step.Past.AwaitsDecision) Decide(step, approved: false, "", "Nobody answered in time.");
                else Execute(step);
                continue;
            }

            Complete(step, Questions.Expired(step.Call, engine.Now));
        }
    }

    /// <summary>Half of the time is over: on record, and from then on whom it escalates to may answer too.</summary>
    private void Escalate(OpenCall step)
    {
        var to = step.Escalates!.Value.To;
        step.Escalates = null;
        var at = Record(step, JournalKind.Escalated, Json.Of(new EscalatedRecord(step.Question!.Value.ToString(), to)));
        batch.Escalate.Add((step.Question.Value, DateTimeOffset.FromUnixTimeMilliseconds(at)));
        Tell(step, RunEventKind.Escalated, to);
    }

    /// <summary>
    /// When a cancelled run's grace is over; null when it is not cancelled, or has ended. Read back after a crash, it goes on until the replay has made the calls of effects whose
    /// outcome is open: ending before would leave them, and what they contain, to nobody.
    /// </summary>
    private DateTimeOffset? CancelEnds => history.Cancel is null || ending is not null || (history.HasUnsettledEffects && !quiet) ? null : history.CancelledAt + engine.Options.CancelGrace;

    /// <summary>The next due time of all that waits; true when it is so near that giving up the lease is not worth it.</summary>
    private bool DueSoon(out DateTimeOffset? due)
    {
        due = null;
        foreach (var step in open.Values)
        {
            if (step.Waits != WaitsFor.None && step.NextDue is { } mine && (due is null || mine < due)) due = mine;
        }

        if (CancelEnds is { } grace && (due is null || grace < due)) due = grace;
        return due - engine.Now < engine.Options.ShortWait;
    }

    /// <summary>What somebody else has to do before the run goes on.</summary>
    private Awaited WaitedFor()
    {
        var names = open.Values.Where(s => s.Waits == WaitsFor.Signal).OrderBy(s => s.Ordinal).Select(s => s.Signal!).Distinct(StringComparer.Ordinal).Take(Awaited.MostNames).ToList();
        var accepts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var step in open.Values.Where(s => s.Waits == WaitsFor.Signal && s.Call.Options?.Accepts is not null && names.Contains(s.Signal!)).OrderBy(s => s.Ordinal))
            accepts.TryAdd(step.Signal!, step.Call.Options!.Accepts!);
        return new Awaited(names, open.Values.Count(s => s.Waits == WaitsFor.Person), open.Values.Count(s => s.Waits == WaitsFor.Child))
        {
            Accepts = accepts.Count == 0 ? null : accepts,
            Held = open.Values.Count(s => s.Waits == WaitsFor.Switch) is var held and > 0 ? held : null,
            InLine = open.Values.Count(s => s.Waits == WaitsFor.Place) is var inLine and > 0 ? inLine : null,
        };
    }

    /// <summary>Does what is due, or has the clock tell when something is.</summary>
    private void AwaitDue()
    {
        DueSoon(out var due);
        if (due <= engine.Now)
        {
            Post(new RunMessage.Tick());
            return;
        }

        if (due is null && timer is null) return;
        timer ??= engine.Clock.CreateTimer(static driver => ((RunDriver)driver!).Post(new RunMessage.Tick()), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timer.Change(due is null ? Timeout.InfiniteTimeSpan : Wait.Until(due.Value, engine.Now), Timeout.InfiniteTimeSpan);
    }
}

internal static class Wait
{
    /// <summary>A timer's time until then: whole milliseconds, never late by rounding down, and never longer than timers can (what is further away is looked at again then).</summary>
    public static TimeSpan Until(DateTimeOffset due, DateTimeOffset now)
    {
        var ms = Math.Ceiling((due - now).TotalMilliseconds);
        return TimeSpan.FromMilliseconds(Math.Clamp(ms, 0, TimeSpan.FromDays(40).TotalMilliseconds));
    }
}
