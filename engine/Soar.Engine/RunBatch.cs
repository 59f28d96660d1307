using Soar.Hosting;
using Soar.Runs;

namespace Soar.Engine;

/// <summary>What one commit of a run writes: everything that happened to it since the last one.</summary>
internal sealed class RunBatch
{
    // Most commits of a run bring one record.
    public List<JournalRecord> Records { get; } = new(1);
    public List<Delivery> Deliveries { get; } = new(1);
    public List<string> Consume { get; } = [];
    public List<Question> Ask { get; } = [];
    public List<(QuestionId Id, QuestionStatus Status)> Close { get; } = [];
    public List<(QuestionId Id, DateTimeOffset At)> Escalate { get; } = [];
    public List<NewRun> Children { get; } = [];
    public NewRun? Successor { get; set; }
    public List<InboxItem> Send { get; } = [];
    public List<RunEvent> Events { get; } = [];

    /// <summary>What steps wait for to be on disk.</summary>
    public List<(RunMessage.Write Write, List<JournalRecord> Records)> Writes { get; } = [];
    public Containment? Containment { get; set; }
    public List<EffectBegin> Begins { get; } = [];
    public List<HeldEffect> Hold { get; } = [];
    public List<int> Release { get; } = [];
    public RunStatus? Status { get; set; }
    public DateTimeOffset? WakeAt { get; set; }
    public Awaited? WaitsFor { get; set; }
    public string? Result { get; set; }
    public string? CaseId { get; set; }
    public int? Deaths { get; set; }

    public bool IsEmpty => Records.Count == 0 && Consume.Count == 0 && Status is null && Close.Count == 0 && Send.Count == 0 && Writes.Count == 0;

    /// <summary>Takes the effect out that may not begin, tells whoever wrote it, and closes the gap in the numbers. Returns how many records it had.</summary>
    public int TakeOut(EffectNotBegunException refused)
    {
        var (write, records) = Writes.Single(w => w.Write.Begin?.Ordinal == refused.Ordinal || w.Write.Hold?.Ordinal == refused.Ordinal);
        Writes.Remove((write, records));
        Begins.RemoveAll(b => b.Ordinal == refused.Ordinal);
        Hold.RemoveAll(h => h.Ordinal == refused.Ordinal);
        Release.Remove(refused.Ordinal);
        if (write.Row is not null) Containment = null;
        var first = Records.FindIndex(r => r.Seq == records[0].Seq);
        Records.RemoveRange(first, records.Count);
        for (var i = first; i < Records.Count; i++) Records[i] = Records[i] with { Seq = Records[i].Seq - records.Count };
        for (var i = 0; i < Writes.Count; i++) Writes[i] = (Writes[i].Write, [.. Writes[i].Records.Select(r => r.Seq > records[0].Seq ? r with { Seq = r.Seq - records.Count } : r)]);
        write.Written.TrySetException(refused);
        return records.Count;
    }

    public RunWrite ToWrite(RunId run, long epoch, long inboxSeen) => new()
    {
        Run = run, Epoch = epoch, Records = Records, Consume = Consume, Ask = Ask, Escalate = Escalate, CloseQuestions = Close, Status = Status, InboxSeen = inboxSeen, WakeAt = WakeAt, WaitsFor = WaitsFor,
        Result = Result, CaseId = CaseId, Deaths = Deaths, Children = Children, Successor = Successor, Send = Send, Containments = Containment is null ? [] : [Containment],
        Begins = Begins, Hold = Hold, Release = Release,
    };
}
