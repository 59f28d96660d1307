using System.Globalization;
using System.Text;

namespace Soar.Scripting;

/// <summary>
/// The diagram as a Mermaid flowchart, for README files and tickets. Frames become subgraphs; ids are <c>n0</c>, <c>g0</c>, … so that no text of a
/// playbook ever stands where Mermaid reads syntax, and every label is quoted with its special characters as entity codes.
/// </summary>
public static class DiagramMermaid
{
    public static string Write(Diagram diagram)
    {
        var text = new StringBuilder("flowchart TD\n");
        var ids = new Dictionary<string, string>();
        foreach (var node in diagram.Nodes) ids[node.Id] = $"n{ids.Count.ToString(CultureInfo.InvariantCulture)}";
        foreach (var group in diagram.Groups) ids[group.Id] = $"g{ids.Count.ToString(CultureInfo.InvariantCulture)}";
        var children = diagram.Nodes.Select(node => (node.Parent, node.Order, Node: (DiagramNode?)node, Group: (DiagramGroup?)null))
            .Concat(diagram.Groups.Select(group => (group.Parent, group.Order, Node: (DiagramNode?)null, Group: (DiagramGroup?)group)))
            .ToLookup(child => child.Parent ?? "");
        var parents = diagram.Groups.ToDictionary(group => group.Id, group => group.Parent);
        foreach (var node in diagram.Nodes) parents[node.Id] = node.Parent;

        Inside("", 1);
        foreach (var edge in diagram.Edges)
        {
            // Mermaid knows no edge between a subgraph and its own inside (a recursive call is one, too); standing inside says it.
            if (IsInside(edge.To, edge.From) || IsInside(edge.From, edge.To)) continue;
            var label = edge.Label.Length > 0 ? $"|\"{Escape(edge.Label)}\"|" : "";
            var arrow = edge.Kind is DiagramEdgeKind.Error or DiagramEdgeKind.Call ? "-.->" : "-->";
            text.Append(CultureInfo.InvariantCulture, $"  {ids[edge.From]} {arrow}{label} {ids[edge.To]}\n");
        }
        foreach (var kind in diagram.Nodes.GroupBy(node => node.Kind).OrderBy(kind => kind.Key))
            if (Style(kind.Key) is { } style)
                text.Append(CultureInfo.InvariantCulture, $"  classDef {Class(kind.Key)} {style}\n  class {string.Join(',', kind.Select(node => ids[node.Id]))} {Class(kind.Key)}\n");
        return text.ToString();

        void Inside(string parent, int depth)
        {
            var indent = new string(' ', 2 * Math.Min(depth, 20));
            foreach (var child in children[parent].OrderBy(child => child.Order))
            {
                if (child.Node is { } node) text.Append(indent).Append(ids[node.Id]).Append(Shape(node)).Append('\n');
                else if (child.Group is { } group)
                {
                    var framed = IsFramed(group.Kind);
                    if (framed) text.Append(indent).Append(CultureInfo.InvariantCulture, $"subgraph {ids[group.Id]} [\"{Escape(Caption(group))}\"]\n");
                    Inside(group.Id, framed ? depth + 1 : depth);
                    if (framed) text.Append(indent).Append("end\n");
                }
            }
        }

        bool IsInside(string inner, string outer)
        {
            for (var up = parents.GetValueOrDefault(inner); up is not null; up = parents.GetValueOrDefault(up))
                if (up == outer) return true;
            return false;
        }
    }

    internal static bool IsFramed(DiagramGroupKind kind) => kind is not (DiagramGroupKind.Branch or DiagramGroupKind.Arm or DiagramGroupKind.Try);

    /// <summary>Everything that Mermaid or the browser behind it could read as syntax, as entity codes; line breaks as spaces.</summary>
    internal static string Escape(string label)
    {
        var text = new StringBuilder(label.Length);
        foreach (var rune in label.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune) || rune.Value is ' ' or '.' or ',' or '?' or '-' or '_' or '(' or ')' or '/' or ':' or '…' || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark) text.Append(rune);
            else if (Rune.IsWhiteSpace(rune) || Rune.IsControl(rune)) text.Append(' ');
            else text.Append(CultureInfo.InvariantCulture, $"#{rune.Value};");
        }
        return text.ToString();
    }

    private static string Caption(DiagramGroup group) => string.Join(" · ", new[] { group.Label, group.Detail }.Concat(group.Modifiers).Where(part => part.Length > 0 && part.Length <= 120));

    private static string Shape(DiagramNode node)
    {
        var label = Escape(node.Label);
        return node.Kind switch
        {
            DiagramNodeKind.Start or DiagramNodeKind.End or DiagramNodeKind.ErrorEnd => $"([\"{label}\"])",
            DiagramNodeKind.Decision => $"{{\"{label}\"}}",
            DiagramNodeKind.Human => $"[/\"{label}\"/]",
            DiagramNodeKind.Waiting => $"{{{{\"{label}\"}}}}",
            DiagramNodeKind.SubPlaybook or DiagramNodeKind.Call => $"[[\"{label}\"]]",
            DiagramNodeKind.Jump or DiagramNodeKind.Return => $"(\"{label}\")",
            _ => $"[\"{label}\"]",
        };
    }

    // "end" is a word of Mermaid's: no class may be called so.
    private static string Class(DiagramNodeKind kind) => "k" + kind;

    private static string? Style(DiagramNodeKind kind) => kind switch
    {
        DiagramNodeKind.Human => "fill:#fde9c4,stroke:#b7791f,color:#3a2a06",
        DiagramNodeKind.Waiting => "fill:#d5f0ee,stroke:#23827c,color:#0b3330",
        DiagramNodeKind.SubPlaybook or DiagramNodeKind.Call => "fill:#e6e1fb,stroke:#6b57c9,color:#241a57",
        DiagramNodeKind.Step => "fill:#dbe8fb,stroke:#2f6fc4,color:#0d2a52",
        DiagramNodeKind.Code => "fill:#eef0f3,stroke:#8a94a3,color:#2b323c",
        DiagramNodeKind.ErrorEnd => "fill:#fbdcdc,stroke:#c43d3d,color:#571313",
        DiagramNodeKind.Start or DiagramNodeKind.End => "fill:#d9f2df,stroke:#2f8f4a,color:#0d3d1c",
        _ => null,
    };
}
