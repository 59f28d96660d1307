using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using Soar.Capabilities;
using Soar.Hosting;
using Soar.Language;
using Soar.Runs;
using Soar.Scripting;
using Soar.Scripting.Compile;
using Soar.Scripting.Host;
using Soar.Server.Settings;

namespace Soar.Server.Testing;

/// <summary>Which branches, error edges and time-outs of a playbook its tests took.</summary>
/// <param name="Taken">Ids of branches.</param>
/// <param name="Unreachable">Ids of branches that no run can take, as the test file says.</param>
internal sealed partial record PathCoverage(Diagram Diagram, ImmutableHashSet<string> Taken, ImmutableHashSet<string> Unreachable)
{
    public int All => Diagram.Branches.Count(b => !Unreachable.Contains(b.Id));

    public int Covered => Diagram.Branches.Count(b => Taken.Contains(b.Id) && !Unreachable.Contains(b.Id));

    /// <summary>What no test took, in the order of the file.</summary>
    public IReadOnlyList<DiagramBranch> Untaken => [.. Diagram.Branches.Where(b => !Taken.Contains(b.Id) && !Unreachable.Contains(b.Id)).OrderBy(b => b.Span.Start)];

    /// <summary>What the test file says of branches and is not so.</summary>
    public IEnumerable<string> Wrong(IEnumerable<UnreachableBranch> said)
    {
        foreach (var branch in said)
        {
            if (branch.Reason.Length == 0) yield return $"line {branch.Line}: unreachable: say why no run can take '{branch.Id}'";
            if (Diagram.Branches.All(b => b.Id != branch.Id)) yield return $"line {branch.Line}: unreachable: there is no branch '{branch.Id}'.{YamlBinder.Suggest(branch.Id, Diagram.Branches.Select(b => b.Id))}";
            else if (Taken.Contains(branch.Id)) yield return $"line {branch.Line}: unreachable: a test took '{branch.Id}': take the line out";
        }
    }

    /// <summary>The diagram with what is covered drawn into it.</summary>
    public string Svg() => DiagramSvg.Write(Diagram, DiagramOverlay.Coverage(Diagram, Taken));

    /// <summary>
    /// Replays the tests' journals in the tracing build, in this process: nothing is dispatched, the code is checked, and it ended within its budgets when it ran for the first time. What
    /// the journal itself tells (decisions, failures, time-outs) is read from it.
    /// </summary>
    public static async Task<PathCoverage> MeasureAsync(Playbooks playbooks, CompiledPlaybook playbook, IEnumerable<(RunId Run, IReadOnlyList<JournalRecord> Records)> journals, CancellationToken cancellation)
    {
        var traced = await playbooks.TracingAsync(playbook, cancellation);
        var diagram = Diagram.Of(playbook.Source, playbook.File, cancellation);
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var ended = new Endings();
        await using var host = new InProcessHost(ended);
        foreach (var (run, records) in journals)
        {
            using (Trace.Listen(run, entry => taken.Add(entry.Branch)))
            {
                var over = ended.Of(run);
                host.Start(new RunStart
                {
                    // Another name than the untraced build has, so that the two are not taken for one.
                    Run = run, Version = traced.Hash + ".trace", AssemblyPath = traced.AssemblyPath, Started = records[0].Payload, StartedAt = records[0].At,
                    Deliveries = [.. records.Where(r => r.Kind == JournalKind.Delivered).Select(r => new Delivery(r.Ordinal, r.Delivery, r.At, r.Payload))],
                    Marks = [.. records.Where(r => r.Ordinal >= 0 && r.Path.Length > 0).DistinctBy(r => r.Ordinal).Select(r => new CallMark(r.Ordinal, r.Path, r.Action, r.Hash))],
                });
                await over.WaitAsync(cancellation);
                host.Drop(run);
                if (ended.Kind == RunEndKind.NonDeterministic)
                    throw new SoarException("SOAR5011", $"{playbook.File}: its tracing build does something else than its journal says, so its path coverage cannot be measured. Measure none with --coverage none, and report this.");
            }

            taken.UnionWith(FromJournal(diagram, records));
        }

        // A combinator reports by its step id; its branches may carry another owner.
        foreach (var branch in diagram.Branches.Where(b => b is { Source: DiagramBranchSource.Journal, Kind: DiagramBranchKind.Entered or DiagramBranchKind.Skipped, StepId: not null }))
        {
            if (taken.Contains($"{branch.StepId}/{branch.Kind.ToString().ToLowerInvariant()}")) taken.Add(branch.Id);
        }

        return new PathCoverage(diagram, [.. taken], []);
    }

    private static IEnumerable<string> FromJournal(Diagram diagram, IReadOnlyList<JournalRecord> records)
    {
        var byStep = diagram.Branches.Where(b => b is { Source: DiagramBranchSource.Journal, StepId: not null }).ToLookup(b => b.StepId!);
        foreach (var record in records.Where(r => r.Kind == JournalKind.Delivered && r.Path.Length > 0))
        {
            foreach (var branch in byStep[IdOf(record.Path)])
            {
                if (IsTaken(branch, record, byStep)) yield return branch.Id;
            }
        }
    }

    private static bool IsTaken(DiagramBranch branch, JournalRecord record, ILookup<string, DiagramBranch> byStep) => branch.Kind switch
    {
        DiagramBranchKind.Approved or DiagramBranchKind.Refused or DiagramBranchKind.Expired => record.Delivery == DeliveryKind.Done && record.Action is BuiltIns.Ask or BuiltIns.Todo
            && JsonSerializer.Deserialize<Decision>(record.Payload.Span, SoarJson.Options)!.Kind.ToString() == branch.Kind.ToString(),
        DiagramBranchKind.Timeout => record.Delivery == DeliveryKind.TimedOut,
        // A step without a time-out branch of its own: passing the action's time-out is a failure like any other.
        DiagramBranchKind.Error => record.Delivery is DeliveryKind.Failed or DeliveryKind.Refused
            || (record.Delivery == DeliveryKind.TimedOut && byStep[branch.StepId!].All(b => b.Kind != DiagramBranchKind.Timeout)),
        _ => false,
    };

    /// <summary><c>warn[3]/mail-send#2</c> → <c>mail-send</c>.</summary>
    private static string IdOf(string path) => Behind().Replace(path[(path.LastIndexOf('/') + 1)..], "");

    [GeneratedRegex(@"(#[0-9]+|\[[0-9]+\])+$")]
    private static partial Regex Behind();

    /// <summary>A replay is over when the playbook has ended, or waits for what the journal does not have.</summary>
    private sealed class Endings : IPlaybookHostEvents
    {
        private RunId run;

        /// <summary>How the replay ended; null while it did not.</summary>
        public RunEndKind? Kind { get; private set; }

        private TaskCompletionSource over = new();

        public Task Of(RunId next)
        {
            lock (this)
            {
                Kind = null;
                (run, over) = (next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
                return over.Task;
            }
        }

        public void StepCalled(StepCall call)
        {
        }

        public void StepCancelled(RunId run, int ordinal)
        {
        }

        public void Idle(RunIdle idle) => Over(idle.Run);

        public void Ended(RunEnd end)
        {
            if (end.Run == run) Kind = end.Kind;
            Over(end.Run);
        }

        public void HostDied(string reason, RunId? inHand, IReadOnlyList<RunId> lost)
        {
        }

        private void Over(RunId which)
        {
            lock (this)
            {
                if (which == run) over.TrySetResult();
            }
        }
    }
}
