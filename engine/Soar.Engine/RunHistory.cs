using Soar.Hosting;
using Soar.Runs;

namespace Soar.Engine;

/// <summary>A run as its journal tells it: what a host needs to replay it, and what the engine must know of calls that are not delivered.</summary>
internal sealed class RunHistory
{
    private readonly Dictionary<(string Path, string Action, ulong Hash), CallPast> pasts = [];
    private readonly Dictionary<(string Path, string Action, ulong Hash), ReadOnlyMemory<byte>> carried = [];
    private readonly Dictionary<(string Path, string Action, ulong Hash), RunId> children = [];
    private readonly Dictionary<int, CallMark> marks = [];

    public ReadOnlyMemory<byte> Started { get; private set; }
    public long StartedAt { get; private set; }
    public int NextSeq { get; private set; } = 1;
    public List<Delivery> Deliveries { get; } = [];
    public IReadOnlyList<CallMark> Marks => [.. marks.Values];
    public Authorisations Authorisations { get; } = new();

    /// <summary>What <c>Case.Open</c> returned: the run works under the case's TLP from then on.</summary>
    public List<Capabilities.CaseRef> CasesOpened { get; } = [];
    public bool Ended { get; private set; }

    /// <summary>How often a person resumed it after a failure; part of the keys of effects that begin after that.</summary>
    public int Resumes { get; private set; }
    public DateTimeOffset? ResumedAt { get; private set; }
    public ControlRecord? Cancel { get; private set; }
    public DateTimeOffset CancelledAt { get; private set; }

    /// <summary>Paused, Quarantined or Parked, and not resumed since; null when it may go on.</summary>
    public RunStatus? Halted { get; private set; }

    /// <summary>When the run's time stood still.</summary>
    public StandStill StandStill { get; } = new();

    /// <summary>The run is cancelled from here on.</summary>
    public void Cancelled(ControlRecord cancel, long at)
    {
        Cancel = cancel;
        CancelledAt = DateTimeOffset.FromUnixTimeMilliseconds(at);
    }

    public static RunHistory From(IReadOnlyList<JournalRecord> journal)
    {
        var history = new RunHistory();
        if (journal.Count > 1) history.MakeRoom(journal.Count);
        var superseded = new List<SupersededRecord>();
        var supersededAt = 0;
        foreach (var record in journal)
        {
            if (record.Kind != JournalKind.Superseded) continue;
            superseded.Add(Json.Read<SupersededRecord>(record.Payload));
            supersededAt = record.Seq;
        }

        history.Resumes = superseded.Count;
        if (superseded.Count == 0)
        {
            foreach (var record in journal) history.Take(record, counts: true, beforeResume: false, carries: true);
            return history;
        }

        foreach (var record in journal)
        {
            var counts = !superseded.Exists(s => record.Seq >= s.Seq && record.Seq <= s.Through);
            // An answer that the playbook could not read is not given again.
            history.Take(record, counts, beforeResume: record.Seq < supersededAt, carries: !superseded.Exists(s => s.Seq == record.Seq));
        }

        return history;
    }

    /// <summary>True while the journal holds an effect whose outcome is open and whose call the replay has not made again yet.</summary>
    public bool HasUnsettledEffects => pasts.Values.Any(past => past.Effected is Effected.Dispatched or Effected.Unknown);

    /// <summary>What this very call (same path, action and arguments) has been through.</summary>
    public CallPast PastOf(StepCall call) => pasts.Remove((call.Path, call.Action, call.Hash), out var past) ? past : new CallPast();

    /// <summary>The sub-run that this very call began before a person resumed the run; null when it began none.</summary>
    public RunId? ChildOf(StepCall call) => children.TryGetValue((call.Path, call.Action, call.Hash), out var child) ? child : null;

    /// <summary>
    /// The result that this very call had before a person resumed the run at an earlier step. It is given again instead of doing the call again:
    /// nothing that was done is done twice.
    /// </summary>
    public bool Carried(StepCall call, out ReadOnlyMemory<byte> result) => carried.Remove((call.Path, call.Action, call.Hash), out result);

    /// <summary>A long journal is read at every wake: what grows by doubling would leave several times its size for the collector.</summary>
    private void MakeRoom(int records)
    {
        Deliveries.EnsureCapacity(records);
        marks.EnsureCapacity(records);
    }

    private void Take(in JournalRecord record, bool counts, bool beforeResume, bool carries)
    {
        NextSeq = record.Seq + 1;
        StandStill.Take(record);
        var call = (record.Path, record.Action, record.Hash);
        if (record.Ordinal >= 0 && record.Path.Length > 0 && (!beforeResume || (counts && record.Kind == JournalKind.Delivered)))
            marks[record.Ordinal] = new CallMark(record.Ordinal, record.Path, record.Action, record.Hash);
        switch (record.Kind)
        {
            case JournalKind.Started:
                Started = record.Payload;
                StartedAt = record.At;
                break;
            case JournalKind.Delivered when counts:
                Deliveries.Add(new Delivery(record.Ordinal, record.Delivery, record.At, record.Payload));
                Authorisations.Decided(record);
                pasts.Remove(call);
                carried.Remove(call);
                if (record.Action == "case.open" && record.Delivery == DeliveryKind.Done) CasesOpened.Add(Json.Read<Capabilities.CaseRef>(record.Payload));
                if (record.Delivery == DeliveryKind.CancelRun) Cancelled(Json.Read<ControlRecord>(record.Payload), record.At);
                break;
            case JournalKind.Delivered:
                pasts.Remove(call);
                if (record.Delivery == DeliveryKind.Done && carries) carried[call] = record.Payload;
                break;
            case JournalKind.Control:
                Halted = Json.Read<ControlRecord>(record.Payload).What switch
                {
                    "pause" => RunStatus.Paused,
                    "quarantine" => RunStatus.Quarantined,
                    "park" => RunStatus.Parked,
                    _ => null,
                };
                break;
            case JournalKind.Ended:
                Ended = true;
                break;
            case JournalKind.Superseded:
                ResumedAt = DateTimeOffset.FromUnixTimeMilliseconds(record.At);
                Ended = false;
                foreach (var open in pasts.Values) open.Resumed();
                break;
            case JournalKind.Intent or JournalKind.Attempt or JournalKind.Unknown or JournalKind.Settled or JournalKind.Asked or JournalKind.Authorised or JournalKind.NotYet or JournalKind.Escalated
                or JournalKind.Held or JournalKind.Released or JournalKind.Decided or JournalKind.Policy:
                if (!pasts.TryGetValue(call, out var past)) pasts[call] = past = new CallPast();
                past.Take(record.Kind, record.At, record.Payload);
                if (record.Kind == JournalKind.Asked && past.Asked!.Policy is null) Authorisations.Asked(record.Ordinal, past.Asked!);
                if (record.Kind == JournalKind.Asked && past.Asked!.Child is { } child) children[call] = RunId.Parse(child);
                if (record.Kind == JournalKind.Authorised) Authorisations.TryTake(Json.Read<AuthorisedRecord>(record.Payload).Hash);
                break;
        }
    }
}
