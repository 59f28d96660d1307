namespace Soar.Runs;

/// <summary>Kinds of journal records. Numbers are persisted and only grow.</summary>
public enum JournalKind : byte
{
    /// <summary>First record: alert, inputs, instances (<see cref="Hosting.StartedRecord"/>).</summary>
    Started = 1,

    /// <summary>A step's completion in delivery order; payload begins with the delivery kind's meaning (<see cref="JournalRecord.Delivery"/>).</summary>
    Delivered = 2,

    /// <summary>An effect is about to be dispatched: idempotency key, instance, arguments (<c>EffectIntent</c>). On disk before dispatch.</summary>
    Intent = 3,

    /// <summary>One attempt ended without success: kind, message, next attempt (<c>AttemptFailed</c>).</summary>
    Attempt = 4,

    /// <summary>An effect's outcome is unknown (<c>AttemptFailed</c> with kind Unknown).</summary>
    Unknown = 5,

    /// <summary>An unknown outcome was settled: by probe, repeat or person, and how.</summary>
    Settled = 6,

    /// <summary>A question was put to a person (question id).</summary>
    Asked = 7,

    /// <summary>Somebody paused, resumed, or cancelled the run; payload says who and why.</summary>
    Control = 8,

    /// <summary>A failed step's record was superseded by <c>resume</c>: the named sequence number no longer counts and stays as an attempt.</summary>
    Superseded = 9,

    /// <summary>Last record: outcome or failure.</summary>
    Ended = 10,

    /// <summary>The host process died with this run in hand.</summary>
    HostDied = 11,

    /// <summary>A prepared step's authorisation was used by this effect.</summary>
    Authorised = 12,

    /// <summary>The branch of this call was cancelled while an effect was under way; what it came to follows as Delivered.</summary>
    Withdrawn = 13,

    /// <summary>A read that waits has nothing to tell yet and is asked again by the clock. One record for the whole wait, and one after each outage.</summary>
    NotYet = 14,

    /// <summary>Half of a question's time is over: its <c>escalateTo</c> may answer too (<c>EscalatedRecord</c>).</summary>
    Escalated = 15,

    /// <summary>A kill switch holds this effect: it has not begun, and its run's time-outs stand still (<c>HeldRecord</c>).</summary>
    Held = 16,

    /// <summary>The effect is held no more; what follows tells how it went on.</summary>
    Released = 17,

    /// <summary>Somebody decided, or nobody did in time, on what policy had people asked about this effect (<c>DecidedRecord</c>).</summary>
    Decided = 18,

    /// <summary>In a dry run: what policy would have done about this effect (<c>PolicyRecord</c>).</summary>
    Policy = 19,
}

/// <summary>One line of a run's journal.</summary>
/// <param name="Seq">1, 2, 3 … without gaps; given by the store's caller, unique in the run.</param>
/// <param name="At">UTC Unix milliseconds.</param>
/// <param name="Ordinal">The call it belongs to; -1 where it belongs to none.</param>
/// <param name="Delivery">For <see cref="JournalKind.Delivered"/>; 0 otherwise.</param>
/// <param name="Path">The step's path; empty where there is none.</param>
/// <param name="Action">Action id; empty where there is none.</param>
/// <param name="Hash">The call's hash (see <see cref="Hosting.StepCall"/>); 0 where there is none.</param>
/// <param name="Payload">UTF-8 JSON; over 256 KiB the store keeps it once, content-addressed, and gives it back whole.</param>
public readonly record struct JournalRecord(
    int Seq, long At, JournalKind Kind, int Ordinal, Hosting.DeliveryKind Delivery, string Path, string Action, ulong Hash, ReadOnlyMemory<byte> Payload);
