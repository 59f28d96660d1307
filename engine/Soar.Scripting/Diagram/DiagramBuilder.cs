using System.Collections.Immutable;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Soar.Scripting;

/// <summary>
/// Walks a playbook in the order in which it is done and lays down nodes, groups and edges. <c>pending</c> holds the loose ends of what was drawn last;
/// the next thing takes them up. This file is the bookkeeping; statements, expressions and branches follow in files of their own.
/// </summary>
internal sealed partial class DiagramBuilder(SyntaxTree tree, CancellationToken cancellation)
{
    private const int DeepestNesting = 64;

    private readonly record struct Exit(string From, DiagramEdgeKind Kind, string Label, string? Branch);

    private readonly List<DiagramNode> nodes = [];
    private readonly List<DiagramGroup> groups = [];
    private readonly List<DiagramEdge> edges = [];
    private readonly Dictionary<string, int> nodeAt = [];
    private readonly Dictionary<string, int> groupAt = [];
    private readonly HashSet<string> ids = [];
    private readonly Dictionary<string, int> nextNumber = [];
    private readonly Dictionary<string, int> orders = [];
    private readonly HashSet<SyntaxNode> flow = [];
    private readonly HashSet<int> drawn = [];
    private readonly Dictionary<string, LocalFunctionStatementSyntax> functions = [];
    private readonly Dictionary<string, string> functionIds = [];
    private readonly Queue<(SyntaxNode Body, string Id, string Label, string Detail, TextSpan Span)> hoisted = [];
    private readonly Dictionary<string, ExpressionSyntax> prepared = [];
    private readonly HashSet<string> decisions = [];
    private readonly List<(string Call, string Function)> calls = [];
    private readonly Dictionary<string, string> labels = [];
    private readonly List<(string From, string Label)> jumps = [];
    private readonly Titles titles = Titles.Of(tree, cancellation);
    private List<Exit> pending = [];
    private string? parent;
    private bool inFunction;
    private int handlers;
    private int depth;

    public Diagram Build()
    {
        var root = tree.GetCompilationUnitRoot(cancellation);
        Survey(root);
        foreach (var site in titles.Steps) ids.Add(site.Id);
        var header = DiagramHeaderReader.Read(root, tree.FilePath);
        ids.Add("start");
        nodes.Add(new()
        {
            Id = "start",
            Kind = DiagramNodeKind.Start,
            Label = header.Name,
            Detail = header.Summary,
            Span = DiagramSpan.Of(tree, DiagramHeaderReader.SpanOf(root)),
            Order = NextOrder(null),
        });
        pending = [new("start", DiagramEdgeKind.Next, "", null)];

        Sequence([.. root.Members.OfType<GlobalStatementSyntax>().Select(member => member.Statement).Where(statement => HeaderSyntax.Of(statement) is null)]);
        if (pending.Count > 0)
            Leaf(DiagramNodeKind.End, "end", (null, "End"), "The last statement is done.", new TextSpan(root.FullSpan.End, 0), ends: true);
        while (hoisted.TryDequeue(out var function)) Function(function.Body, function.Id, function.Label, function.Detail, function.Span);
        DrawTheRest(root);
        foreach (var (call, function) in calls) edges.Add(new(call, function, DiagramEdgeKind.Call));
        foreach (var (from, label) in jumps)
            if (labels.TryGetValue(label, out var to)) edges.Add(new(from, to, DiagramEdgeKind.Next, $"goto {label}"));

        return new()
        {
            File = tree.FilePath,
            Header = header,
            Nodes = [.. nodes],
            Groups = [.. groups],
            Edges = [.. edges.Distinct()],
            Branches = FinishBranches(),
            Errors = [.. tree.GetDiagnostics(cancellation).Where(found => found.Severity == DiagnosticSeverity.Error)
                .Select(found => PlaybookDiagnostic.At(found.Location, found.Id, tree.FilePath, found.GetMessage(System.Globalization.CultureInfo.InvariantCulture), ""))],
        };
    }

    // One pass that notes where flow is: the ancestors of every await. Whatever is not in there is plain code and never walked again.
    private void Survey(SyntaxNode root)
    {
        foreach (var node in root.DescendantNodes())
        {
            cancellation.ThrowIfCancellationRequested();
            switch (node)
            {
                case AwaitExpressionSyntax:
                    for (SyntaxNode? up = node; up is not null && flow.Add(up); up = up.Parent) { }
                    break;
                case LocalFunctionStatementSyntax function: functions.TryAdd(function.Identifier.ValueText, function); break;
            }
        }
    }

    // What the walk did not meet (an await in a place that no legal playbook has) is still shown: nothing a playbook does is left out of its picture.
    private void DrawTheRest(SyntaxNode root)
    {
        foreach (var wait in root.DescendantNodes().OfType<AwaitExpressionSyntax>())
        {
            if (drawn.Contains(wait.SpanStart)) continue;
            pending = [];
            parent = null;
            var id = Leaf(DiagramNodeKind.Code, Unique("code-" + Words(wait.ToString(), 32)), (null, Short(wait.ToString())), OneLine(wait), wait.Span, ends: true);
            Claim(id, wait);
        }
    }

    private int NextOrder(string? group)
    {
        var key = group ?? "";
        var order = orders.GetValueOrDefault(key);
        orders[key] = order + 1;
        return order;
    }

    private void EnterAt(string id)
    {
        foreach (var exit in pending) edges.Add(new(exit.From, id, exit.Kind, exit.Label, exit.Branch));
        pending = [];
    }

    private string Leaf(DiagramNodeKind kind, string id, (string? Title, string Label) words, string detail, TextSpan span, bool ends = false, Func<DiagramNode, DiagramNode>? more = null)
    {
        EnterAt(id);
        var node = new DiagramNode
        {
            Id = id,
            Kind = kind,
            Label = words.Title ?? (words.Label.Length == 0 ? kind.ToString() : words.Label),
            Titled = words.Title is not null,
            Detail = detail,
            Span = DiagramSpan.Of(tree, span),
            Parent = parent,
            Order = NextOrder(parent),
        };
        nodeAt[id] = nodes.Count;
        nodes.Add(more is null ? node : more(node));
        if (!ends) pending = [new(id, DiagramEdgeKind.Next, "", null)];
        return id;
    }

    /// <summary>Draws a group. A framed one is entered by its own id, and its inside begins and ends on its own.</summary>
    private void Group(DiagramGroupKind kind, string id, string label, string detail, TextSpan span, Action inside, Func<DiagramGroup, DiagramGroup>? more = null)
    {
        var group = new DiagramGroup
        {
            Id = id,
            Kind = kind,
            Label = label,
            Detail = detail,
            Span = DiagramSpan.Of(tree, span),
            Parent = parent,
            Order = NextOrder(parent),
        };
        groupAt[id] = groups.Count;
        groups.Add(more is null ? group : more(group));
        var outer = parent;
        parent = id;
        inside();
        parent = outer;
    }

    private void Framed(string id, DiagramEdgeKind into, Action inside)
    {
        EnterAt(id);
        pending = [new(id, into, "", null)];
        inside();
    }

    // The await's node takes note of it, so that every await of the file is in exactly one node or group.
    private void Claim(string id, AwaitExpressionSyntax? wait)
    {
        if (wait is null || !drawn.Add(wait.SpanStart)) return;
        if (nodeAt.TryGetValue(id, out var at)) nodes[at] = nodes[at] with { Awaits = nodes[at].Awaits.Add(wait.SpanStart) };
        else if (groupAt.TryGetValue(id, out at)) groups[at] = groups[at] with { Awaits = groups[at].Awaits.Add(wait.SpanStart) };
    }

    // Too deep to draw, or of no shape: one node that stands for all the awaits inside.
    private void AsCode(SyntaxNode node, string? title)
    {
        var id = Leaf(DiagramNodeKind.Code, Unique("code-" + Words(node.ToString(), 32)), (title, Short(node.ToString())), OneLine(node), node.Span);
        foreach (var wait in node.DescendantNodesAndSelf().OfType<AwaitExpressionSyntax>()) Claim(id, wait);
    }

    private string Unique(string wanted)
    {
        var name = wanted.TrimEnd('-');
        if (ids.Add(name)) return name;
        var n = nextNumber.GetValueOrDefault(name, 2);
        string id;
        do id = $"{name}-{n++}"; while (!ids.Add(id));
        nextNumber[name] = n;
        return id;
    }

    private string IdOf(string? title, string fallback) => Unique(title is not null && Titles.Slug(title) is { Length: > 0 } slug ? slug : fallback);

    /// <summary>Source text as an id: operators become words first, so that <c>&gt; 80</c> and <c>&lt; 80</c> differ.</summary>
    private static string Words(string source, int longest = 40)
    {
        var text = new StringBuilder(source.Length > 200 ? source[..200] : source)
            .Replace(">=", " at-least ").Replace("<=", " at-most ").Replace("!=", " is-not ").Replace("==", " is ").Replace("=>", " ")
            .Replace("&&", " and ").Replace("||", " or ").Replace(" > ", " over ").Replace(" < ", " under ").Replace("!", " not ").ToString();
        if (text.StartsWith("> ", StringComparison.Ordinal)) text = "over" + text[1..];
        if (text.StartsWith("< ", StringComparison.Ordinal)) text = "under" + text[1..];
        var slug = Titles.Slug(text);
        if (slug.Length <= longest) return slug.Length == 0 ? "x" : slug;
        var cut = slug.LastIndexOf('-', longest);
        return cut > longest / 2 ? slug[..cut] : slug[..(char.IsHighSurrogate(slug[longest - 1]) ? longest - 1 : longest)];
    }

    /// <summary>Source on one line, without comments; long texts are cut, a picture is no listing.</summary>
    private static string OneLine(SyntaxNode node, int longest = 600)
    {
        var text = new StringBuilder();
        foreach (var token in node.DescendantTokens())
        {
            if (text.Length > 0 && (token.GetPreviousToken().HasTrailingTrivia || token.HasLeadingTrivia) && text[^1] != ' ') text.Append(' ');
            foreach (var c in token.Text) text.Append(c is '\r' or '\n' or '\t' ? ' ' : c);
            if (text.Length > longest) return text.ToString(0, longest) + "…";
        }
        return text.ToString().Trim();
    }

    private static string Short(string text, int longest = 60)
    {
        var line = text.AsSpan();
        var end = line.IndexOfAny('\r', '\n');
        var first = (end < 0 ? line : line[..end]).Trim().ToString();
        return first.Length <= longest ? first : first[..(char.IsHighSurrogate(first[longest - 2]) ? longest - 2 : longest - 1)] + "…";
    }
}
