using System.Text.Json;
using Soar.Capabilities;
using Soar.Engine;
using Soar.Hosting;
using Soar.Language;
using Soar.Runs;
using Soar.Scripting.Compile;
using Soar.Scripting.Host;

namespace Soar.Server.Node;

/// <summary>
/// Replays journals in a playbook's tracing build and tells what its probes notice: the values that branches saw, and which were taken. Nothing is dispatched and nothing is
/// written. It runs in this process: the code is checked, and it stayed within its budgets when it ran for the first time.
/// </summary>
internal sealed class TracedReplay : IAsyncDisposable
{
    private readonly CompiledPlaybook traced;
    private readonly Endings ended = new();
    private readonly InProcessHost host;

    private TracedReplay(CompiledPlaybook traced)
    {
        this.traced = traced;
        host = new InProcessHost(ended);
    }

    public static async Task<TracedReplay> OfAsync(Playbooks playbooks, CompiledPlaybook playbook, CancellationToken cancellation) =>
        new(await playbooks.TracingAsync(playbook, cancellation));

    /// <summary>How the replay ended; null when it waits for what the journal does not have. Throws SOAR5011 when the tracing build does something else than the journal says.</summary>
    public async Task<RunEndKind?> RunAsync(RunId run, IReadOnlyList<JournalRecord> records, Action<TraceEntry> noticed, CancellationToken cancellation)
    {
        var superseded = records.Where(r => r.Kind == JournalKind.Superseded).Select(r => JsonSerializer.Deserialize<SupersededRecord>(r.Payload.Span, SoarJson.Options)!).ToList();
        var standing = records.Where(r => !superseded.Any(s => r.Seq >= s.Seq && r.Seq <= s.Through)).ToList();
        using (Trace.Listen(run, noticed))
        {
            var over = ended.Of(run);
            host.Start(new RunStart
            {
                // Another name than the untraced build has, so that the two are not taken for one.
                Run = run, Version = traced.Hash + ".trace", AssemblyPath = traced.AssemblyPath, Started = records[0].Payload, StartedAt = records[0].At,
                Deliveries = [.. standing.Where(r => r.Kind == JournalKind.Delivered).Select(r => new Delivery(r.Ordinal, r.Delivery, r.At, r.Payload))],
                Marks = [.. standing.Where(r => r.Ordinal >= 0 && r.Path.Length > 0).DistinctBy(r => r.Ordinal).Select(r => new CallMark(r.Ordinal, r.Path, r.Action, r.Hash))],
            });
            await over.WaitAsync(cancellation);
            host.Drop(run);
        }

        if (ended.Kind == RunEndKind.NonDeterministic)
            throw new SoarException("SOAR5011", $"{traced.File}: its tracing build does something else than the journal of run {run} says, so nothing can be told of its branches. Please report this.");
        return ended.Kind;
    }

    public ValueTask DisposeAsync() => host.DisposeAsync();

    /// <summary>A replay is over when the playbook has ended, or waits for what the journal does not have.</summary>
    private sealed class Endings : IPlaybookHostEvents
    {
        private readonly Lock gate = new();
        private RunId run;
        private TaskCompletionSource over = new();

        /// <summary>How the replay ended; null while it did not.</summary>
        public RunEndKind? Kind { get; private set; }

        public Task Of(RunId next)
        {
            lock (gate)
            {
                Kind = null;
                (run, over) = (next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
                return over.Task;
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

        public void Idle(RunIdle idle) => Over(idle.Run, kind: null);

        public void Ended(RunEnd end) => Over(end.Run, end.Kind);

        public void HostDied(string reason, RunId? inHand, IReadOnlyList<RunId> lost)
        {
            // This host is this process.
        }

        private void Over(RunId which, RunEndKind? kind)
        {
            lock (gate)
            {
                if (which != run) return;
                Kind = kind;
                over.TrySetResult();
            }
        }
    }
}
