using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using Soar.Capabilities;
using Soar.Hosting;
using Soar.Runs;
using Soar.Scripting;
using Soar.Scripting.Compile;
using Soar.Server.Node;
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
    /// Replays the tests' journals in the tracing build. What the journal itself tells (decisions, failures, time-outs) is read from it.
    /// </summary>
    public static async Task<PathCoverage> MeasureAsync(TestBench bench, CompiledPlaybook playbook, IEnumerable<(RunId Run, IReadOnlyList<JournalRecord> Records)> journals, CancellationToken cancellation)
    {
        var diagram = Diagram.Of(playbook.Source, playbook.File, cancellation);
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var replay = await TracedReplay.OfAsync(bench.Playbooks, playbook, cancellation);
        var host = bench.Host(replay);
        foreach (var (run, records) in journals)
        {
            await replay.RunAsync(host, run, records, entry => taken.Add(entry.Branch), cancellation);
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

    [GeneratedRegex(@"(#[0-9]+|\[[0-9]+\])+$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Behind();
}
