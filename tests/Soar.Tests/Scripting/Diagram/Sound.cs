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

        var awaits = CSharpSyntaxTree.ParseText(source, Diagram.ParseOptions).GetRoot().DescendantNodes().OfType<AwaitExpressionSyntax>().Select(wait => wait.SpanStart).Order().ToList();
        var claimed = diagram.Nodes.SelectMany(node => node.Awaits).Concat(diagram.Groups.SelectMany(group => group.Awaits)).Order().ToList();
        Assert.Equal(awaits, claimed);

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
            Assert.Equal(group.Kind == DiagramGroupKind.Function, group.Kind == DiagramGroupKind.Function && group.Parent is null);
        }
        foreach (var siblings in diagram.Nodes.Select(node => (node.Parent, node.Order)).Concat(diagram.Groups.Select(group => (group.Parent, group.Order))).GroupBy(child => child.Parent))
            Assert.Equal(siblings.Count(), siblings.Select(child => child.Order).Distinct().Count());

        Assert.Empty(Unreachable(diagram));

        var branchIds = diagram.Branches.Select(branch => branch.Id).ToList();
        Assert.Equal(branchIds.Count, branchIds.Distinct().Count());
        foreach (var branch in diagram.Branches) Assert.Contains(branch.Owner, known);
        foreach (var edge in diagram.Edges.Where(edge => edge.Branch is not null)) Assert.Contains(edge.Branch, branchIds);
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
