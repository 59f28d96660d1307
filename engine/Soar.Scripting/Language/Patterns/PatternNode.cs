namespace Soar.Language.Patterns;

/// <summary>A pattern as it was read.</summary>
internal abstract record PatternNode
{
    /// <summary>True when it fits the empty text.</summary>
    public abstract bool MayBeEmpty { get; }

    /// <summary>One character.</summary>
    public sealed record One(CharSet Set) : PatternNode
    {
        public override bool MayBeEmpty => false;
    }

    public sealed record Sequence(IReadOnlyList<PatternNode> Parts) : PatternNode
    {
        public override bool MayBeEmpty { get; } = Parts.All(part => part.MayBeEmpty);
    }

    public sealed record Choice(IReadOnlyList<PatternNode> Ways) : PatternNode
    {
        public override bool MayBeEmpty { get; } = Ways.Any(way => way.MayBeEmpty);
    }

    /// <param name="Most">Null without end.</param>
    /// <param name="Lazy">As few times as possible first.</param>
    public sealed record Loop(PatternNode Body, int Least, int? Most, bool Lazy) : PatternNode
    {
        public override bool MayBeEmpty { get; } = Least == 0 || Body.MayBeEmpty;
    }

    public sealed record Captured(PatternNode Body, PatternGroup Group) : PatternNode
    {
        public override bool MayBeEmpty { get; } = Body.MayBeEmpty;
    }

    public sealed record Place(PlaceKind Kind) : PatternNode
    {
        public override bool MayBeEmpty => true;
    }
}

/// <summary>A capturing group. Its number is known once the whole pattern is read: named ones come after those without a name.</summary>
internal sealed class PatternGroup(string? name)
{
    public string? Name { get; } = name;
    public int Number { get; set; }

    /// <summary>How often the pattern has a group of this name: <c>(?&lt;x&gt;a)|(?&lt;x&gt;b)</c>.</summary>
    public int Uses { get; set; }
}

/// <summary>What must be true of a place between characters.</summary>
internal enum PlaceKind
{
    /// <summary><c>\A</c>, and <c>^</c> without Multiline.</summary>
    Beginning,

    /// <summary><c>\z</c></summary>
    End,

    /// <summary><c>\Z</c>, and <c>$</c> without Multiline: the end, or before a line feed that ends the text.</summary>
    EndOrLastLineFeed,

    /// <summary><c>^</c> with Multiline.</summary>
    LineBeginning,

    /// <summary><c>$</c> with Multiline.</summary>
    LineEnd,

    /// <summary><c>\b</c></summary>
    WordEdge,

    /// <summary><c>\B</c></summary>
    NoWordEdge,
}
