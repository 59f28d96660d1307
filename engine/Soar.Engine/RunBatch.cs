using Soar.Hosting;
using Soar.Runs;

namespace Soar.Engine;

/// <summary>What one commit of a run writes: everything that happened to it since the last one.</summary>
internal sealed class RunBatch
{
    public List<JournalRecord> Records { get; } = [];
    public List<Delivery> Deliveries { get; } = [];
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
    public RunStatus? Status { get; set; }
    public DateTimeOffset? WakeAt { get; set; }
    public Awaited? WaitsFor { get; set; }
    public string? Result { get; set; }
    public string? CaseId { get; set; }
    public int? Deaths { get; set; }

    public bool IsEmpty => Records.Count == 0 && Consume.Count == 0 && Status is null && Close.Count == 0 && Send.Count == 0 && Writes.Count == 0;

    public RunWrite ToWrite(RunId run, long epoch, long inboxSeen) => new()
    {
        Run = run, Epoch = epoch, Records = Records, Consume = Consume, Ask = Ask, Escalate = Escalate, CloseQuestions = Close, Status = Status, InboxSeen = inboxSeen, WakeAt = WakeAt, WaitsFor = WaitsFor,
        Result = Result, CaseId = CaseId, Deaths = Deaths, Children = Children, Successor = Successor, Send = Send, Containments = Containment is null ? [] : [Containment],
    };
}
