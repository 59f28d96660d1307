namespace Soar.Scripting;

internal sealed partial class DiagramLayout
{
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
