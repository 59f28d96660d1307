using System.Collections.Immutable;

namespace Soar.Scripting;

/// <summary>How the ways of a decision stand beside each other.</summary>
internal sealed partial class DiagramLayout
{
    private BranchBlock Branch(DiagramGroup group)
    {
        var items = children[group.Id].ToList();
        var node = (DiagramNode)items[0];
        var decision = Measure(node);
        var ways = new List<Way>();
        var taken = new HashSet<DiagramEdge>();
        foreach (var arm in items.Skip(1).OfType<DiagramGroup>())
        {
            var edge = edges[node.Id].FirstOrDefault(edge => !taken.Contains(edge) && IsInside(edge.To, arm.Id));
            if (edge is not null) taken.Add(edge);
            ways.Add(new(Measure(arm), edge?.Kind ?? DiagramEdgeKind.Case, edge?.Label ?? arm.Label, edge?.Branch));
        }
        // Ways on which nothing is done run straight on together. An edge may lead nowhere when the decision is the last thing of its group: the branch tells.
        var straight = edges[node.Id].Where(edge => !taken.Contains(edge)).Select(edge => (edge.Kind, edge.Label, edge.Branch)).ToList();
        if (straight.Count == 0)
        {
            var used = ways.Select(way => way.Branch).ToHashSet();
            straight = [.. diagramBranches[node.Id].Where(branch => !used.Contains(branch.Id)).Select(branch => (Kind(branch.Kind), WayLabel(branch), (string?)branch.Id))];
        }
        if (straight.Count > 0)
        {
            var label = DiagramText.Elide(string.Join(", ", straight.Select(way => way.Label)), 190, Card.Small);
            ways.Add(new(new EmptyBlock { W = DiagramText.Width(label, Card.Small) + 30, Axis = 12 }, straight[0].Kind, label, straight.Count == 1 ? straight[0].Branch : null));
        }
        var block = new BranchBlock(decision, ways) { Id = group.Id };
        Arrange(block);
        return block;
    }

    private static DiagramEdgeKind Kind(DiagramBranchKind kind) => kind switch
    {
        DiagramBranchKind.True => DiagramEdgeKind.True,
        DiagramBranchKind.False => DiagramEdgeKind.False,
        _ => DiagramEdgeKind.Case,
    };

    private static string WayLabel(DiagramBranch branch) => branch.Kind switch
    {
        DiagramBranchKind.True => "yes",
        DiagramBranchKind.False => "no",
        DiagramBranchKind.NoCase => "otherwise",
        _ => branch.Label,
    };

    private ILookup<string, DiagramBranch> diagramBranches => branchesByOwner ??= diagram.Branches.ToLookup(branch => branch.Owner);
    private ILookup<string, DiagramBranch>? branchesByOwner;

    // One way goes straight down where that is the natural reading: the empty one, or the one that goes on while the other ends. Else all stand in a row.
    private static void Arrange(BranchBlock block)
    {
        var ways = block.Ways;
        var decision = block.Decision;
        block.Main = ways.Count is 1 or 2
            ? ways.FirstOrDefault(way => way.Block is EmptyBlock) ?? (ways.Count == 2 && ways[0].Block.Completes != ways[1].Block.Completes ? ways.First(way => way.Block.Completes) : null)
            : null;
        block.Completes = ways.Any(way => way.Block.Completes);
        foreach (var way in ways) Widen(way.Block, DiagramText.Width(way.Label, Card.Small) + 14);

        if (block.Main is { } main)
        {
            var side = ways.FirstOrDefault(way => way != main);
            block.Axis = Math.Max(decision.Axis, main.Block.Axis);
            var decisionRight = block.Axis + decision.W - decision.Axis;
            var label = side is null ? 0 : DiagramText.Width(side.Label, Card.Small) + 26;
            var mainRight = block.Axis + main.Block.W - main.Block.Axis;
            main.X = block.Axis - main.Block.Axis;
            block.ArmsTop = decision.H + Gap;
            if (side is not null && side.Block is ColumnBlock { Items: [LeafBlock leaf] } && !leaf.Completes)
            {
                // A guard: the end stands beside its question.
                block.Beside = side;
                side.X = decisionRight + Math.Max(label, 40);
                var row = Math.Max(decision.H, leaf.H);
                block.ArmsTop = row + Gap;
                block.H = main.Block is EmptyBlock ? row + 14 : block.ArmsTop + main.Block.H;
                block.W = Math.Max(side.X + side.Block.W, mainRight);
                return;
            }
            block.W = Math.Max(decisionRight, mainRight);
            block.H = main.Block is EmptyBlock ? decision.H + 14 : block.ArmsTop + main.Block.H;
            if (side is null) return;
            side.X = Math.Max(mainRight + Side, Math.Max(decisionRight + label, decisionRight + 24) - side.Block.Axis);
            if (main.Block is not EmptyBlock) side.X = Math.Max(side.X, mainRight + Side);
            block.W = Math.Max(block.W, side.X + side.Block.W);
            block.H = Math.Max(block.H, block.ArmsTop + side.Block.H);
            block.Joins = side.Block.Completes;
            if (block.Joins) block.H += Stub;
            return;
        }

        double x = 0;
        foreach (var way in ways)
        {
            way.X = x;
            x += way.Block.W + Side;
        }
        var width = Math.Max(0, x - Side);
        block.Axis = ways.Count == 0 ? decision.Axis : (ways[0].X + ways[0].Block.Axis + ways[^1].X + ways[^1].Block.Axis) / 2;
        // A way that all but continues the axis continues it: no kinks.
        var straight = ways.Select(way => way.X + way.Block.Axis).Where(axis => Math.Abs(axis - block.Axis) < 30).ToList();
        if (straight.Count > 0) block.Axis = straight[0];
        var shift = Math.Max(0, decision.Axis - block.Axis);
        block.Axis += shift;
        foreach (var way in ways) way.X += shift;
        block.W = Math.Max(shift + width, block.Axis + decision.W - decision.Axis);
        block.ArmsTop = decision.H + Gap + 16;
        block.Joins = block.Completes;
        block.H = block.ArmsTop + (ways.Count == 0 ? 0 : ways.Max(way => way.Block.H)) + (block.Joins ? Stub : 0);
    }

    // The label stands to the right of the axis; there must be room for it before the next arm begins.
    private static void Widen(Block block, double label) => block.W = Math.Max(block.W, block.Axis + label);
}
