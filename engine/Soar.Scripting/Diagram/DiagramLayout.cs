using System.Collections.Immutable;

namespace Soar.Scripting;

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
