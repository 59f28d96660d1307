using System.Xml.Linq;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Soar.Scripting;

namespace Soar.Tests.Scripting.Diagrams;

/// <summary>What must hold for the picture of every legal playbook.</summary>
internal static class Sound
{
    public static void Check(Diagram diagram, string source)
    {
        Assert.Empty(diagram.Errors);
        var ids = diagram.Nodes.Select(node => node.Id).Concat(diagram.Groups.Select(group => group.Id)).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        var known = ids.ToHashSet();
        foreach (var edge in diagram.Edges) Assert.True(known.Contains(edge.From) && known.Contains(edge.To), $"edge {edge} hangs in the air");

        Assert.Equal(Awaits(source), Claimed(diagram));

        var lines = source.Split('\n');
        foreach (var (id, span) in diagram.Nodes.Select(node => (node.Id, node.Span)).Concat(diagram.Groups.Select(group => (group.Id, group.Span))))
        {
            Assert.True(span.Start >= 0 && span.Start + span.Length <= source.Length, $"{id} lies outside of the file");
            Assert.True(span.Line >= 1 && span.Line <= lines.Length && span.Column >= 1 && span.Column <= lines[span.Line - 1].Length + 1, $"{id} has no such line and column");
        }

        var groups = diagram.Groups.ToDictionary(group => group.Id);
        foreach (var group in diagram.Groups)
        {
            if (group.Parent is not null) Assert.True(groups.ContainsKey(group.Parent));
            if (group.Kind == DiagramGroupKind.Function) Assert.Null(group.Parent);
        }
        foreach (var siblings in diagram.Nodes.Select(node => (node.Parent, node.Order)).Concat(diagram.Groups.Select(group => (group.Parent, group.Order))).GroupBy(child => child.Parent))
            Assert.Equal(siblings.Count(), siblings.Select(child => child.Order).Distinct().Count());

        Assert.Empty(Unreachable(diagram));

        var branchIds = diagram.Branches.Select(branch => branch.Id).ToList();
        Assert.Equal(branchIds.Count, branchIds.Distinct().Count());
        foreach (var branch in diagram.Branches) Assert.Contains(branch.Owner, known);
        foreach (var edge in diagram.Edges.Where(edge => edge.Branch is not null)) Assert.Contains(edge.Branch, branchIds);
    }

    public static List<int> Awaits(string source) =>
        [.. CSharpSyntaxTree.ParseText(source, Diagram.ParseOptions).GetRoot().DescendantNodes().OfType<AwaitExpressionSyntax>().Select(wait => wait.SpanStart).Distinct().Order()];

    /// <summary>With every repetition, so that an await in two nodes is seen.</summary>
    public static List<int> Claimed(Diagram diagram) => [.. diagram.Nodes.SelectMany(node => node.Awaits).Concat(diagram.Groups.SelectMany(group => group.Awaits)).Order()];

    /// <summary>Well-formed, nothing outside of its frame or over its neighbour, every node drawn, no line that leaves the page.</summary>
    public static void CheckSvg(Diagram diagram, DiagramOverlay overlay)
    {
        var svg = XDocument.Parse(DiagramSvg.Write(diagram, overlay));
        Assert.Equal("svg", svg.Root!.Name.LocalName);
        Assert.Equal(diagram.Nodes.Length, svg.Descendants().Count(element => element.Name.LocalName == "g" && ((string?)element.Attribute("class") ?? "").StartsWith("node ", StringComparison.Ordinal)));

        var layout = new DiagramLayout(diagram, overlay);
        var parents = diagram.Nodes.Select(node => (node.Id, node.Parent)).Concat(diagram.Groups.Select(group => (group.Id, group.Parent))).ToList();
        foreach (var (id, parent) in parents)
        {
            var box = layout.Boxes[id];
            Assert.True(box.X >= 0 && box.Y >= 0 && box.Right <= layout.Width + 0.01 && box.Bottom <= layout.Height + 0.01, $"{id} {box} leaves the page");
            if (parent is null) continue;
            var around = layout.Boxes[parent];
            Assert.True(box.X >= around.X - 0.01 && box.Y >= around.Y - 0.01 && box.Right <= around.Right + 0.01 && box.Bottom <= around.Bottom + 0.01, $"{id} {box} leaves {parent} {around}");
        }
        foreach (var siblings in parents.GroupBy(child => child.Parent))
        {
            // Sorted from top to bottom: only those that still reach down to this one can touch it.
            var open = new List<(string Id, Box Box)>();
            foreach (var next in siblings.Select(child => (child.Id, Box: layout.Boxes[child.Id])).OrderBy(child => child.Box.Y))
            {
                open.RemoveAll(above => above.Box.Bottom <= next.Box.Y + 0.01);
                foreach (var other in open)
                    Assert.False(next.Box.X < other.Box.Right - 0.01 && other.Box.X < next.Box.Right - 0.01 && next.Box.H > 0 && other.Box.H > 0, $"{next} lies over {other}");
                open.Add(next);
            }
        }
        foreach (var route in layout.Routes)
        {
            foreach (var (x, y) in route.Points) Assert.True(x >= 0 && y >= 0 && x <= layout.Width && y <= layout.Height, $"a line leaves the page at {x}, {y}");
            for (var i = 1; i < route.Points.Length; i++)
                Assert.True(Math.Abs(route.Points[i].X - route.Points[i - 1].X) < 0.01 || Math.Abs(route.Points[i].Y - route.Points[i - 1].Y) < 0.01, "a line is neither upright nor level");
        }
    }

    // From the start and from every function (a pure helper is called from code, which has no edges of its own).
    private static List<string> Unreachable(Diagram diagram)
    {
        var next = diagram.Edges.ToLookup(edge => edge.From, edge => edge.To);
        var seen = new HashSet<string>();
        var queue = new Queue<string>(diagram.Groups.Where(group => group.Kind == DiagramGroupKind.Function).Select(group => group.Id).Prepend("start"));
        while (queue.TryDequeue(out var id))
        {
            if (!seen.Add(id)) continue;
            foreach (var to in next[id]) queue.Enqueue(to);
        }
        return [.. diagram.Nodes.Select(node => node.Id).Concat(diagram.Groups.Where(group => group.Kind is not (DiagramGroupKind.Branch or DiagramGroupKind.Arm or DiagramGroupKind.Try or DiagramGroupKind.Lane)).Select(group => group.Id)).Where(id => !seen.Contains(id))];
    }
}
