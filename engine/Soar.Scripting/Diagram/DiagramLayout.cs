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
internal sealed class DiagramLayout
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

    // ---- from the outside in: positions and lines

    private void Place(Block block, double x, double y)
    {
        Operations++;
        if (block.Id is not null) Boxes[block.Id] = new(x, y, block.W, block.H);
        switch (block)
        {
            case ColumnBlock column: Place(column, x, y); break;
            case FrameBlock frame: Place(frame, x, y); break;
            case LanesBlock lanes: Place(lanes, x, y); break;
            case BranchBlock branch: Place(branch, x, y); break;
            case TryBlock attempt: Place(attempt, x, y); break;
        }
    }

    private void Place(ColumnBlock column, double x, double y)
    {
        var axis = x + column.Axis;
        Block? before = null;
        foreach (var item in column.Items)
        {
            if (before is not null)
            {
                if (before.Completes) Line(DiagramEdgeKind.Next, true, (axis, y), (axis, y + Gap));
                y += Gap;
            }
            Place(item, axis - item.Axis, y);
            y += item.H;
            before = item;
        }
    }

    private void Place(FrameBlock frame, double x, double y)
    {
        if (frame.Inside.H == 0) return;
        var axis = x + frame.Axis;
        var top = y + frame.Header + Gap;
        Line(DiagramEdgeKind.Next, true, (axis, y + frame.Header), (axis, top));
        Place(frame.Inside, axis - frame.Inside.Axis, top);
        if (frame.Inside.Completes) Line(DiagramEdgeKind.Next, false, (axis, top + frame.Inside.H), (axis, y + frame.H));
    }

    private void Place(LanesBlock lanes, double x, double y)
    {
        var fork = y + lanes.Header + Stub;
        var join = y + lanes.H - Pad;
        var center = x + lanes.Axis;
        var at = x + Pad + lanes.Scale;
        var (left, right) = (center, center);
        foreach (var lane in lanes.Lanes)
        {
            var axis = at + lane.Axis;
            (left, right) = (Math.Min(left, axis), Math.Max(right, axis));
            if (lane.H > 0) Line(DiagramEdgeKind.Next, true, (axis, fork), (axis, fork + Gap));
            Place(lane, at, fork + Gap);
            if (lane.Completes) Line(DiagramEdgeKind.Next, false, (axis, fork + Gap + lane.H), (axis, join));
            at += lane.W + Side;
        }
        Line(DiagramEdgeKind.Next, false, (center, y + lanes.Header), (center, fork));
        Line(DiagramEdgeKind.Next, false, (center, join), (center, y + lanes.H));
        Bars.Add(new(left - 22, fork - 2, right - left + 44, 4));
        Bars.Add(new(left - 22, join - 2, right - left + 44, 4));
    }

    private void Place(BranchBlock branch, double x, double y)
    {
        var axis = x + branch.Axis;
        var decision = branch.Decision;
        Place(decision, axis - decision.Axis, y);
        var bottom = y + decision.H;
        var armsTop = y + branch.ArmsTop;
        var join = y + branch.H;

        if (branch.Main is { } main)
        {
            var down = main.Block is EmptyBlock ? join : armsTop;
            Line(main.Kind, main.Block is not EmptyBlock, main.Label, main.Branch, axis + 7, bottom + 17, (axis, bottom), (axis, down));
            if (main.Block is not EmptyBlock)
            {
                Place(main.Block, x + main.X, armsTop);
                if (main.Block.Completes && armsTop + main.Block.H < join) Line(DiagramEdgeKind.Next, false, (axis, armsTop + main.Block.H), (axis, join));
            }
            foreach (var side in branch.Ways.Where(way => way != main))
            {
                var corner = axis - decision.Axis + decision.W;
                var middle = y + (decision.H / 2);
                var sideAxis = x + side.X + side.Block.Axis;
                if (side == branch.Beside)
                {
                    Line(side.Kind, true, side.Label, side.Branch, corner + 8, middle - 6, (corner, middle), (x + side.X, middle));
                    Place(side.Block, x + side.X, Math.Max(y, middle - (side.Block.H / 2)));
                    continue;
                }
                Line(side.Kind, true, side.Label, side.Branch, corner + 8, middle - 6, (corner, middle), (sideAxis, middle), (sideAxis, armsTop));
                Place(side.Block, x + side.X, armsTop);
                if (side.Block.Completes) Line(DiagramEdgeKind.Next, false, (sideAxis, armsTop + side.Block.H), (sideAxis, join), (axis, join));
            }
            return;
        }

        var bus = bottom + Stub;
        foreach (var way in branch.Ways)
        {
            var wayAxis = x + way.X + way.Block.Axis;
            var ends = way.Block is EmptyBlock ? join : armsTop;
            Line(way.Kind, way.Block is not EmptyBlock, way.Label, way.Branch, wayAxis + 7, armsTop - 11,
                [(axis, bottom), (axis, bus), (wayAxis, bus), (wayAxis, ends), .. way.Block is EmptyBlock ? [(axis, join)] : ReadOnlySpan<(double, double)>.Empty]);
            if (way.Block is EmptyBlock) continue;
            Place(way.Block, x + way.X, armsTop);
            if (way.Block.Completes) Line(DiagramEdgeKind.Next, false, (wayAxis, armsTop + way.Block.H), (wayAxis, join), (axis, join));
        }
    }

    private void Place(TryBlock attempt, double x, double y)
    {
        var axis = x + attempt.Axis;
        Place(attempt.Body, axis - attempt.Body.Axis, y);
        var join = y + attempt.RowHeight;
        if (attempt.Body.Completes && attempt.Body.H < attempt.RowHeight) Line(DiagramEdgeKind.Next, false, (axis, y + attempt.Body.H), (axis, join));
        var from = axis - attempt.Body.Axis + attempt.Body.W;
        foreach (var handler in attempt.Catches)
        {
            var handlerAxis = x + handler.X + handler.Block.Axis;
            var top = y + Gap + 10;
            Line(DiagramEdgeKind.Error, true, "", handler.Branch, 0, 0, (from, y + 15), (handlerAxis, y + 15), (handlerAxis, top));
            Place(handler.Block, x + handler.X, top);
            if (handler.Block.Completes) Line(DiagramEdgeKind.Next, false, (handlerAxis, top + handler.Block.H), (handlerAxis, join), (axis, join));
        }
        if (attempt.Last is not { } last) return;
        Line(DiagramEdgeKind.Next, true, (axis, join), (axis, join + Gap));
        Place(last, axis - last.Axis, join + Gap);
    }

    private void Line(DiagramEdgeKind kind, bool arrow, params ReadOnlySpan<(double, double)> points) => Routes.Add(new([.. points], arrow, kind));

    private void Line(DiagramEdgeKind kind, bool arrow, string label, string? branch, double labelX, double labelY, params ReadOnlySpan<(double, double)> points) =>
        Routes.Add(new([.. points], arrow, kind, label, labelX, labelY, branch));
}
