using System.Collections.Immutable;

namespace Soar.Scripting;

/// <summary>A rectangle on the canvas, in pixels.</summary>
internal readonly record struct Box(double X, double Y, double W, double H)
{
    public double Right => X + W;
    public double Bottom => Y + H;
}

/// <summary>One line of flow, as corner points.</summary>
/// <param name="Arrow">Whether it ends in an arrow head.</param>
/// <param name="LabelX">Where its label begins; the label stands above this point's line.</param>
internal sealed record Route(ImmutableArray<(double X, double Y)> Points, bool Arrow, DiagramEdgeKind Kind, string Label = "", double LabelX = 0, double LabelY = 0, string? Branch = null);

/// <summary>
/// Places nested blocks: a sequence is a column on one axis, branches and lanes stand side by side, a frame holds its column. Sizes are found from the
/// inside out, positions from the outside in, each block once: linear in the number of nodes. Flow enters a block on its axis at the top and leaves on it at the bottom.
/// </summary>
internal sealed partial class DiagramLayout
{
    public const double Gap = 30, Side = 34, Pad = 18, Stub = 16, Margin = 28;
    private readonly ILookup<string, DiagramEdge> edges;
    private readonly ILookup<string, object> children;
    private readonly Dictionary<string, string?> parents;
    private readonly DiagramOverlay overlay;
    private readonly Diagram diagram;

    /// <summary>Blocks measured and placed; the proof of linearity counts them.</summary>
    public int Operations { get; private set; }
    public Dictionary<string, Box> Boxes { get; } = [];
    public Dictionary<string, Card> Cards { get; } = [];
    public List<Route> Routes { get; } = [];

    /// <summary>Fork and join bars of lanes.</summary>
    public List<Box> Bars { get; } = [];
    public double Width { get; private set; }
    public double Height { get; private set; }

    private abstract class Block
    {
        public double W, H, Axis;
        public bool Completes = true;
        public string? Id;
    }

    private sealed class LeafBlock : Block;

    /// <summary>A way of a decision on which nothing is done.</summary>
    private sealed class EmptyBlock : Block;

    private sealed class ColumnBlock : Block
    {
        public readonly List<Block> Items = [];
    }

    private sealed class FrameBlock(Block inside, double header) : Block
    {
        public readonly Block Inside = inside;
        public readonly double Header = header;
    }

    private sealed class LanesBlock(List<Block> lanes, double header) : Block
    {
        public readonly List<Block> Lanes = lanes;
        public readonly double Header = header;
        public double Scale;
    }

    private sealed record Way(Block Block, DiagramEdgeKind Kind, string Label, string? Branch)
    {
        public double X { get; set; }
    }

    private sealed class BranchBlock(Block decision, List<Way> ways) : Block
    {
        public readonly Block Decision = decision;
        public readonly List<Way> Ways = ways;
        public Way? Main;
        public Way? Beside;
        public double ArmsTop;
        public bool Joins;
    }

    private sealed class TryBlock(Block body, List<Way> catches, Block? last) : Block
    {
        public readonly Block Body = body;
        public readonly List<Way> Catches = catches;
        public readonly Block? Last = last;
        public double RowHeight;
        public bool Joins;
    }

    public DiagramLayout(Diagram diagram, DiagramOverlay overlay)
    {
        this.diagram = diagram;
        this.overlay = overlay;
        edges = diagram.Edges.ToLookup(edge => edge.From);
        parents = diagram.Groups.ToDictionary(group => group.Id, group => group.Parent);
        foreach (var node in diagram.Nodes) parents[node.Id] = node.Parent;
        children = diagram.Nodes.Select(node => (node.Parent, node.Order, Item: (object)node))
            .Concat(diagram.Groups.Select(group => (group.Parent, group.Order, Item: (object)group)))
            .OrderBy(child => child.Order).ToLookup(child => child.Parent ?? "", child => child.Item);
        var onEdges = diagram.Edges.Select(edge => edge.Branch).ToHashSet();
        foreach (var branch in diagram.Branches)
        {
            if (!overlay.Branches.TryGetValue(branch.Id, out var mark) || onEdges.Contains(branch.Id)) continue;
            if (branch.Kind is DiagramBranchKind.True or DiagramBranchKind.False or DiagramBranchKind.Case or DiagramBranchKind.NoCase) continue;   // drawn on its way
            if (!ownedMarks.TryGetValue(branch.Owner, out var list)) ownedMarks[branch.Owner] = list = [];
            list.Add((branch, mark));
        }
        Arrange();
    }

    private readonly Dictionary<string, List<(DiagramBranch Branch, DiagramMark Mark)>> ownedMarks = [];

    private void Arrange()
    {
        var main = Column(children[""].Where(child => child is not DiagramGroup { Kind: DiagramGroupKind.Function }));
        var functions = children[""].OfType<DiagramGroup>().Where(group => group.Kind == DiagramGroupKind.Function).Select(Measure).ToList();
        Place(main, Margin, Margin);
        Width = main.W + (2 * Margin);
        Height = main.H + (2 * Margin);

        // Functions stand to the right, in columns about as high as the main flow.
        var (x, y, columnWidth) = (main.W + Margin + 64, Margin, 0.0);
        foreach (var function in functions)
        {
            if (y > Margin && y + function.H > Math.Max(main.H, 900) + Margin) (x, y, columnWidth) = (x + columnWidth + 40, Margin, 0);
            Place(function, x, y);
            columnWidth = Math.Max(columnWidth, function.W);
            Width = Math.Max(Width, x + function.W + Margin);
            Height = Math.Max(Height, y + function.H + Margin);
            y += function.H + 40;
        }
    }

    // ---- from the inside out: sizes

    private Block Measure(object item)
    {
        Operations++;
        if (item is DiagramNode node)
        {
            var card = Card.Of(node, diagram.Header, overlay.Of(node.Id, node.StepId), ownedMarks.GetValueOrDefault(node.Id) ?? []);
            Cards[node.Id] = card;
            return new LeafBlock { Id = node.Id, W = card.W, H = card.H, Axis = card.W / 2, Completes = !Ends(node) };
        }
        var group = (DiagramGroup)item;
        return group.Kind switch
        {
            DiagramGroupKind.Branch => Branch(group),
            DiagramGroupKind.Lanes => Lanes(group),
            DiagramGroupKind.Try => Try(group),
            DiagramGroupKind.Arm or DiagramGroupKind.Lane => Column(children[group.Id], group.Id),
            _ => Frame(group),
        };
    }

    private static bool Ends(DiagramNode node) => node.Kind is DiagramNodeKind.End or DiagramNodeKind.ErrorEnd or DiagramNodeKind.Return
        || (node.Kind == DiagramNodeKind.Jump && !node.Label.EndsWith(':') && !node.Label.StartsWith("yield return", StringComparison.Ordinal));

    private ColumnBlock Column(IEnumerable<object> items, string? id = null)
    {
        var column = new ColumnBlock { Id = id };
        double right = 0;
        foreach (var item in items)
        {
            var block = Measure(item);
            if (column.Items.Count > 0) column.H += Gap;
            column.Items.Add(block);
            column.H += block.H;
            column.Axis = Math.Max(column.Axis, block.Axis);
            right = Math.Max(right, block.W - block.Axis);
            column.Completes = block.Completes;
        }
        column.W = column.Axis + right;
        return column;
    }

    private Card Head(DiagramGroup group)
    {
        var card = Card.Head(group, overlay.Of(group.Id, group.StepId), ownedMarks.GetValueOrDefault(group.Id) ?? []);
        Cards[group.Id] = card;
        return card;
    }

    private FrameBlock Frame(DiagramGroup group)
    {
        var head = Head(group);
        var inside = Column(children[group.Id]);
        var wanted = Math.Max(head.W, inside.W + (2 * Pad));
        var spare = wanted - inside.W;
        return new(inside, head.H)
        {
            Id = group.Id,
            W = wanted,
            H = head.H + (inside.H == 0 ? Pad : Gap + inside.H + Pad),
            Axis = (spare / 2) + (inside.W == 0 ? 0 : inside.Axis),
            Completes = group.Kind switch
            {
                DiagramGroupKind.Loop => !group.Endless,
                DiagramGroupKind.Function => false,
                _ => inside.Completes,
            },
        };
    }

    private LanesBlock Lanes(DiagramGroup group)
    {
        var head = Head(group);
        var lanes = children[group.Id].Select(Measure).ToList();
        var width = lanes.Sum(lane => lane.W) + (Math.Max(0, lanes.Count - 1) * Side) + (2 * Pad);
        var inside = lanes.Count == 0 ? 0 : lanes.Max(lane => lane.H);
        var w = Math.Max(width, head.W);
        return new(lanes, head.H) { Id = group.Id, W = w, H = head.H + Stub + Gap + inside + Gap + Pad, Axis = w / 2, Scale = (w - width) / 2 };
    }

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

    private TryBlock Try(DiagramGroup group)
    {
        var items = children[group.Id].Cast<DiagramGroup>().ToList();
        var body = Measure(items.First(item => item.Kind == DiagramGroupKind.Protected));
        var catches = items.Where(item => item.Kind == DiagramGroupKind.Catch).Select(item =>
        {
            var edge = diagramErrors[item.Id].FirstOrDefault();
            return new Way(Measure(item), DiagramEdgeKind.Error, edge?.Label ?? "", edge?.Branch);
        }).ToList();
        var last = items.FirstOrDefault(item => item.Kind == DiagramGroupKind.Finally) is { } found ? Measure(found) : null;
        var block = new TryBlock(body, catches, last) { Id = group.Id, Axis = body.Axis };
        var x = body.W;
        block.RowHeight = body.H;
        foreach (var handler in catches)
        {
            handler.X = x + Side + 10;
            x = handler.X + handler.Block.W;
            block.RowHeight = Math.Max(block.RowHeight, handler.Block.H + Gap + 10);
        }
        block.Joins = catches.Any(handler => handler.Block.Completes);
        if (block.Joins) block.RowHeight += Stub;
        block.W = x;
        block.H = block.RowHeight;
        block.Completes = body.Completes || block.Joins;
        if (last is not null)
        {
            var shift = Math.Max(0, last.Axis - block.Axis);
            block.Axis += shift;
            foreach (var handler in catches) handler.X += shift;
            block.W = Math.Max(block.W + shift, block.Axis + last.W - last.Axis);
            block.H += Gap + last.H;
            block.Completes &= last.Completes;
        }
        return block;
    }

    private ILookup<string, DiagramEdge> diagramErrors => errorsByTarget ??= diagram.Edges.Where(edge => edge.Kind == DiagramEdgeKind.Error).ToLookup(edge => edge.To);
    private ILookup<string, DiagramEdge>? errorsByTarget;

    private bool IsInside(string? inner, string outer)
    {
        while (inner is not null)
        {
            if (inner == outer) return true;
            inner = parents.GetValueOrDefault(inner);
        }
        return false;
    }
}
