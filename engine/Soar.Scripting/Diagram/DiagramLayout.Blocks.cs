namespace Soar.Scripting;

/// <summary>What a picture is made of, from the inside out.</summary>
internal sealed partial class DiagramLayout
{
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
}
