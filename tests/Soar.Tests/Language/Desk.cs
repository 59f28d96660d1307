using Soar.Hosting;
using Soar.Language;
using Soar.Scripting.Host;

namespace Soar.Tests.Language;

/// <summary>One run, driven on the test's own thread: what it calls, and how it ends.</summary>
internal sealed class Desk : IPlaybookHostEvents
{
    public static readonly RunId Run = new(new Guid(1, 0, 7, new byte[8]));

    private readonly RunSet runs;

    public Desk(Func<Bench, Task<Outcome>> body, IReadOnlyList<Delivery>? deliveries = null, IReadOnlyList<CallMark>? marks = null, Budgets? budgets = null)
    {
        runs = new RunSet(this, new PlaybookLoader(), budgets ?? new Budgets(), new InHandMark(), new Dictionary<string, Func<Script>> { ["v"] = () => new Probe(body) });
        var start = new RunStart
        {
            Run = Run,
            Version = "v",
            AssemblyPath = "",
            Started = FakeEngine.Json(Stage.Started),
            StartedAt = 500,
            Deliveries = deliveries ?? [],
            Marks = marks ?? [],
        };
        runs.Take(new Work(Run, Start: start));
        runs.DrainAll();
    }

    public List<StepCall> Calls { get; } = [];
    public HashSet<int> Cancelled { get; } = [];
    public RunEnd? End { get; private set; }
    public RunIdle LastIdle { get; private set; }
    public int LivingRuns => runs.Count;

    public string EndText => End is null ? "not ended" : $"{End.Kind} {System.Text.Encoding.UTF8.GetString(End.Payload.Span)}";

    public void Deliver(params IEnumerable<Delivery> deliveries)
    {
        foreach (var delivery in deliveries) runs.Take(new Work(Run, Delivery: delivery));
        runs.DrainAll();
    }

    /// <summary>Answers every open call with its ordinal until the run ends; time limits never pass unless the test says so.</summary>
    public Desk ToEnd(Func<StepCall, Delivery>? answer = null)
    {
        for (var next = 0; End is null && next < Calls.Count; next++)
        {
            if (!Cancelled.Contains(next) && (answer is not null || Calls[next].Action != BuiltIns.Timeout)) Deliver(answer?.Invoke(Calls[next]) ?? FakeEngine.Done(Calls[next].Ordinal, Calls[next].Ordinal));
        }

        return this;
    }

    public void Drop() => runs.Take(new Work(Run));

    public void StepCalled(StepCall call) => Calls.Add(call);

    public void StepCancelled(RunId run, int ordinal) => Cancelled.Add(ordinal);

    public void Idle(RunIdle idle) => LastIdle = idle;

    public void Ended(RunEnd end) => End = end;

    public void HostDied(string reason, RunId? inHand, IReadOnlyList<RunId> lost) => Assert.Fail(reason);
}
