namespace Soar.Tests.Connectors.Mime;

public sealed class RetainedTests
{
    private sealed record Node(string Text, ReadOnlyMemory<byte> Content, IReadOnlyList<Node> Below);

    [Fact]
    public void What_is_kept_alive_is_counted_once_and_whole()
    {
        var bytes = new byte[1_000];
        var text = new string('x', 500);
        // Two slices of one array keep all of it, once; so does a text that two nodes share.
        var root = new Node(text, bytes.AsMemory(0, 1), [new Node(text, bytes.AsMemory(1, 1), [])]);

        var kept = Retained.Bytes(root);

        Assert.InRange(kept, 2_000, 2_300);
        Assert.Equal(1_024, Retained.Bytes(bytes));
    }
}
