using Soar.Hosting;
using Soar.Runs;

namespace Soar.Engine;

/// <summary>What the journal says about an effect's newest attempt.</summary>
internal enum Effected
{
    /// <summary>Surely not done: nothing dispatched yet, or every attempt so far surely failed.</summary>
    No,

    /// <summary>An intent is on disk and nothing after it: it may be under way, or it was when the engine stopped.</summary>
    Dispatched,

    /// <summary>Nothing has told whether it was done.</summary>
    Unknown,

    /// <summary>A person is asked whether it was done.</summary>
    Asked,
}

/// <summary>What a call has been through: the same whether the engine saw it happen or read it in the journal.</summary>
internal sealed class CallPast
{
    public Effected Effected { get; private set; }

    /// <summary>
    /// Nobody has told what became of some earlier attempt. A repeat that surely failed does not answer that: only a probe, a person or a success does.
    /// </summary>
    public bool Doubtful { get; private set; }

    /// <summary>The decision to repeat is on record and no attempt has followed yet.</summary>
    public bool Repeating { get; private set; }

    /// <summary>Attempts that ended without success and count against the playbook's retries.</summary>
    public int Failed { get; private set; }

    /// <summary>Attempts dispatched, interrupted ones included.</summary>
    public int Dispatched { get; private set; }

    /// <summary>No attempt before this.</summary>
    public DateTimeOffset? RetryAt { get; private set; }

    /// <summary>When its first record was written: whole-step time-outs count from here.</summary>
    public DateTimeOffset? Since { get; private set; }
    public DateTimeOffset? IntentAt { get; private set; }
    public string? Key { get; private set; }
    public AttemptFailed? Last { get; private set; }
    public bool Authorised { get; private set; }
    public AskedRecord? Asked { get; private set; }

    /// <summary>A kill switch holds it.</summary>
    public bool IsHeld { get; private set; }

    /// <summary>Policy has people asked about it, and nobody has decided.</summary>
    public bool AwaitsDecision => Asked?.Policy is not null && Decisions.All(d => d.Question != Asked.Question);

    /// <summary>What became of the questions that policy put about it.</summary>
    public List<DecidedRecord> Decisions { get; } = [];

    /// <summary>Since when its time stands still; null while it runs.</summary>
    private DateTimeOffset? stands;
    private TimeSpan stood;

    /// <summary>For how long its time stood still: while a kill switch held it, and while people were asked whether policy lets it pass.</summary>
    public TimeSpan StoodStill(DateTimeOffset now) => stood + (now - stands ?? TimeSpan.Zero);

    /// <summary>Half of its question's time is over, and whoever it escalates to was let in.</summary>
    public bool Escalated { get; private set; }

    /// <summary>Takes in one record of this call.</summary>
    public void Take(JournalKind kind, long at, ReadOnlyMemory<byte> payload)
    {
        var when = DateTimeOffset.FromUnixTimeMilliseconds(at);
        Since ??= when;
        switch (kind)
        {
            case JournalKind.Intent:
                Key = Json.Read<EffectIntent>(payload).Key;
                Effected = Effected.Dispatched;
                Repeating = false;
                IntentAt = when;
                Dispatched++;
                break;
            case JournalKind.Attempt:
                Fail(Json.Read<AttemptFailed>(payload));
                Effected = Doubtful ? Effected.Unknown : Effected.No;
                break;
            case JournalKind.Unknown:
                Fail(Json.Read<AttemptFailed>(payload));
                Effected = Effected.Unknown;
                Doubtful = true;
                break;
            case JournalKind.Settled:
                Repeating = Json.Read<SettledRecord>(payload).By == "repeat";
                Doubtful &= Repeating;
                Effected = Doubtful ? Effected.Unknown : Effected.No;
                break;
            case JournalKind.NotYet:
                // It answers: what failed before does not count against the rest of a long wait.
                Failed = 0;
                RetryAt = null;
                break;
            case JournalKind.Authorised:
                Authorised = true;
                break;
            case JournalKind.Asked:
                Asked = Json.Read<AskedRecord>(payload);
                if (Asked.Policy is not null) stands ??= when;
                else if (Key is not null) Effected = Effected.Asked;
                break;
            case JournalKind.Held:
                IsHeld = true;
                stands ??= when;
                break;
            case JournalKind.Released:
                IsHeld = false;
                GoOn(when);
                break;
            case JournalKind.Decided:
                Decisions.Add(Json.Read<DecidedRecord>(payload));
                GoOn(when);
                break;
            case JournalKind.Escalated:
                Escalated = true;
                break;
        }
    }

    /// <summary>Its run ended and was resumed: the end withdrew its question, so whoever is to answer is asked again.</summary>
    public void Resumed()
    {
        if (Asked?.Question is null) return;
        if (Asked.Policy is not null && AwaitsDecision) stands = null;
        Asked = null;
        Escalated = false;
        if (Effected == Effected.Asked) Effected = Effected.Unknown;
    }

    private void GoOn(DateTimeOffset when)
    {
        stood = StoodStill(when);
        stands = null;
    }

    private void Fail(AttemptFailed failed)
    {
        Last = failed;
        if (!failed.Interrupted) Failed++;
        RetryAt = failed.NextAt is { } next ? DateTimeOffset.FromUnixTimeMilliseconds(next) : null;
    }
}

/// <summary>What a call waits for outside of the engine; None = the engine works on it.</summary>
internal enum WaitsFor { None, Time, Person, Signal, Child, Switch, Place }

/// <summary>A call that the playbook made and that was not delivered yet.</summary>
internal sealed class OpenCall(StepCall call, CallPast past)
{
    public StepCall Call { get; } = call;
    public CallPast Past { get; } = past;
    public int Ordinal => Call.Ordinal;
    public WaitsFor Waits { get; set; }

    /// <summary>When the clock decides; null = never.</summary>
    public DateTimeOffset? Due { get; set; }

    /// <summary>When, and to whom, its question escalates; null = it does not, or has.</summary>
    public (DateTimeOffset At, string To)? Escalates { get; set; }
    /// <summary>When the clock next changes something about it.</summary>
    public DateTimeOffset? NextDue => Escalates?.At is { } half && !(Due < half) ? half : Due;
    public QuestionId? Question { get; set; }
    public string? Signal { get; set; }
    public RunId? Child { get; set; }

    /// <summary>Its branch, or the run, was cancelled: nothing more is dispatched for it, what happened is recorded.</summary>
    public bool Withdrawn { get; set; }

    /// <summary>How many times a kill switch had been lifted when it was executed last: one that was lifted meanwhile may have freed it.</summary>
    public int Lifts { get; set; }

    /// <summary>What a person said about its unknown outcome, and which inbox item holds it, until the executor has taken it in: it is used up with the record of what follows from it, so that no crash loses it.</summary>
    public (Answer Answer, string Item)? Said { get; set; }

    /// <summary>When the engine began with it, for the whole-step time-out; the journal's own time counts where there is one.</summary>
    public DateTimeOffset? Began { get; set; }

    /// <summary>Since when somebody else's dispatch for the same target is waited for.</summary>
    public DateTimeOffset? BusySince { get; set; }

    /// <summary>Where it stands in line for its instance; it leaves when nobody wants it any more.</summary>
    public (Connectors.Pace Pace, object Place)? Queue { get; set; }

    /// <summary>Where it has one of its instance's places, or stands in line for one.</summary>
    public (Connectors.Places Places, Connectors.PlaceHolder Who)? Line { get; set; }

    /// <summary>It has its place, for the attempt that follows.</summary>
    public bool HasPlace { get; set; }

    /// <summary>A place became free while it was still asking.</summary>
    public bool PlaceFreed { get; set; }

    /// <summary>Its attempt is over, or was not begun.</summary>
    public void GivePlaceBack()
    {
        if (!HasPlace) return;
        HasPlace = false;
        Line!.Value.Places.Leave(Line.Value.Who);
    }

    /// <summary>Nobody wants it any more: it stands in no line. A place that it has it keeps until its attempt is over.</summary>
    public void LeaveLines()
    {
        Queue?.Pace.Leave(Queue.Value.Place);
        if (!HasPlace) Line?.Places.Leave(Line.Value.Who);
    }

    /// <summary>Probes that could not answer.</summary>
    public int Probes { get; set; }

    /// <summary>Tells a read in flight that nobody wants its answer any more.</summary>
    public CancellationTokenSource? Attempt { get; set; }
}
