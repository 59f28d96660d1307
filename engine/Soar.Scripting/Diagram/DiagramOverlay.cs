using System.Collections.Immutable;

namespace Soar.Scripting;

/// <summary>What a run or a test did with a thing of the diagram.</summary>
public enum DiagramMark { Covered, NotCovered, Running, Failed, Waiting }

/// <summary>
/// What is drawn over a diagram: path coverage by <c>soar test</c>, the state of a run by <c>soar show</c>. Every mark has a sign besides its colour.
/// </summary>
/// <param name="Things">By node or group id, or by step id.</param>
/// <param name="Branches">By branch id (see <see cref="DiagramBranches"/>): drawn on the edge; a branch that has no edge of its own is named at its owner.</param>
public sealed record DiagramOverlay(ImmutableDictionary<string, DiagramMark> Things, ImmutableDictionary<string, DiagramMark> Branches)
{
    public static DiagramOverlay Empty { get; } = new(ImmutableDictionary<string, DiagramMark>.Empty, ImmutableDictionary<string, DiagramMark>.Empty);

    /// <summary>Path coverage: every branch that some run took is covered, the rest is not.</summary>
    public static DiagramOverlay Coverage(Diagram diagram, IReadOnlySet<string> taken) => Empty with
    {
        Branches = diagram.Branches.ToImmutableDictionary(branch => branch.Id, branch => taken.Contains(branch.Id) ? DiagramMark.Covered : DiagramMark.NotCovered),
    };

    internal DiagramMark? Of(string id, string? step) =>
        Things.TryGetValue(id, out var mark) || (step is not null && Things.TryGetValue(step, out mark)) ? mark : null;
}
