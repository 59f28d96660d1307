using System.Text.Json;
using Soar.Capabilities;
using Soar.Engine;
using Soar.Hosting;
using Soar.Runs;
using Soar.Scripting.Compile;

namespace Soar.Server.Node;

/// <summary>
/// Replays journals in a playbook's tracing build and tells what its probes notice: the values that branches saw, and which were taken. Nothing is dispatched and nothing is
/// written. The code runs where all playbook code runs, in a jailed playbook host, which reports here.
/// </summary>
internal sealed class TracedReplay : IPlaybookHostEvents
{
    private readonly CompiledPlaybook traced;
    private readonly Lock gate = new();
    private RunId current;
    private Action<TraceEntry> noticed = _ => { };
    private TaskCompletionSource<RunEndKind?> over = new();

    private TracedReplay(CompiledPlaybook traced) => this.traced = traced;

    public static async Task<TracedReplay> OfAsync(Playbooks playbooks, CompiledPlaybook playbook, CancellationToken cancellation) =>
        new(await playbooks.TracingAsync(playbook, cancellation));

    /// <summary>How the replay ended; null when it waits for what the journal does not have. Throws SOAR5011 when the tracing build does something else than the journal says, or its host dies.</summary>
    /// <param name="host">Reports to this object.</param>
    /// <param name="tell">Called while the replay runs, and not after it.</param>
    public async Task<RunEndKind?> RunAsync(IPlaybookHost host, RunId run, IReadOnlyList<JournalRecord> records, Action<TraceEntry> tell, CancellationToken cancellation)
    {
        var superseded = records.Where(r => r.Kind == JournalKind.Superseded).Select(r => JsonSerializer.Deserialize<SupersededRecord>(r.Payload.Span, SoarJson.Options)!).ToList();
        var standing = records.Where(r => !superseded.Any(s => r.Seq >= s.Seq && r.Seq <= s.Through)).ToList();
        Task<RunEndKind?> ending;
        lock (gate)
        {
            (current, noticed, over) = (run, tell, new(TaskCreationOptions.RunContinuationsAsynchronously));
            ending = over.Task;
        }

        host.Start(new RunStart
        {
            // Another name than the untraced build has, so that the two are not taken for one.
            Run = run, Version = traced.Hash + ".trace", AssemblyPath = traced.AssemblyPath, Started = records[0].Payload, StartedAt = records[0].At, Traced = true,
            Deliveries = [.. standing.Where(r => r.Kind == JournalKind.Delivered).Select(r => new Delivery(r.Ordinal, r.Delivery, r.At, r.Payload))],
            Marks = [.. standing.Where(r => r.Ordinal >= 0 && r.Path.Length > 0).DistinctBy(r => r.Ordinal).Select(r => new CallMark(r.Ordinal, r.Path, r.Action, r.Hash))],
        });
        try
        {
            var kind = await ending.WaitAsync(cancellation);
            return kind != RunEndKind.NonDeterministic ? kind
                : throw new SoarException("SOAR5011", $"{traced.File}: its tracing build does something else than the journal of run {run} says, so nothing can be told of its branches. Please report this.");
        }
        finally
        {
            host.Drop(run);
        }
    }

    public void StepCalled(StepCall call)
    {
        // Nothing is dispatched.
    }

    public void StepCancelled(RunId run, int ordinal)
    {
        // Nothing is under way.
    }

    public void Noticed(RunId run, TraceEntry entry)
    {
        lock (gate)
        {
            if (run == current && !over.Task.IsCompleted) noticed(entry);
        }
    }

    public void Idle(RunIdle idle) => Over(idle.Run, ending => ending.TrySetResult(null));

    public void Ended(RunEnd end) => Over(end.Run, ending => ending.TrySetResult(end.Kind));

    public void HostDied(string reason, RunId? inHand, IReadOnlyList<RunId> lost)
    {
        foreach (var run in lost) Over(run, ending => ending.TrySetException(new SoarException("SOAR5011", $"{traced.File}: the journal of run {run} cannot be replayed in a tracing build: {reason}")));
    }

    private void Over(RunId run, Action<TaskCompletionSource<RunEndKind?>> end)
    {
        lock (gate)
        {
            if (run == current) end(over);
        }
    }
}
