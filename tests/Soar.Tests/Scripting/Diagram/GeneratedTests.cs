using System.Text.Json;
using Soar.Scripting;

namespace Soar.Tests.Scripting.Diagrams;

public sealed class DiagramGeneratedTests
{
    [Fact]
    public void Random_legal_nestings_always_draw_soundly()
    {
        for (var seed = 1; seed <= 80; seed++)
        {
            var source = new Generated(seed).Playbook();
            try
            {
                var diagram = Diagram.Of(source, $"generated-{seed}.csx");
                Sound.Check(diagram, source);
                Sound.CheckSvg(diagram, seed % 2 == 0 ? DiagramOverlay.Empty : Some.Overlay(diagram, seed));
                var json = DiagramJson.Write(diagram);
                Assert.Equal(json, DiagramJson.Write(DiagramJson.Read(json)));
                MermaidGrammar.Check(DiagramMermaid.Write(diagram));
            }
            catch (Exception wrong)
            {
                throw new InvalidOperationException($"seed {seed}: {wrong.Message}", wrong);
            }
        }
    }
}

public sealed class DiagramOutputTests
{
    public static TheoryData<string> All => [.. Fixtures.Names];

    [Theory]
    [MemberData(nameof(All))]
    public void Json_says_everything_and_comes_back_the_same(string name)
    {
        var diagram = Fixtures.Draw(name);
        var json = DiagramJson.Write(diagram);
        var back = DiagramJson.Read(json);
        Assert.Equal(json, DiagramJson.Write(back));
        Assert.Equal(DiagramSvg.Write(diagram), DiagramSvg.Write(back));
        using var document = JsonDocument.Parse(json);
        Assert.Equal(1, document.RootElement.GetProperty("format").GetInt32());
        Assert.Equal(diagram.Nodes.Length, document.RootElement.GetProperty("nodes").GetArrayLength());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"format\": 2}")]
    [InlineData("null")]
    [InlineData("no json")]
    public void What_is_no_diagram_is_refused_with_a_remedy(string json)
    {
        var refused = Assert.Throws<SoarException>(() => DiagramJson.Read(json));
        Assert.Equal("SOAR1951", refused.Code);
        Assert.Contains("soar graph --json", refused.Message);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Mermaid_follows_its_grammar_and_shows_every_node_once(string name)
    {
        var diagram = Fixtures.Draw(name);
        var (nodes, subgraphs) = MermaidGrammar.Check(DiagramMermaid.Write(diagram));
        Assert.Equal(diagram.Nodes.Length, nodes);
        Assert.Equal(diagram.Groups.Count(group => DiagramMermaid.IsFramed(group.Kind)), subgraphs);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Svg_is_well_formed_and_nothing_overlaps_with_and_without_marks(string name)
    {
        var diagram = Fixtures.Draw(name);
        Sound.CheckSvg(diagram, DiagramOverlay.Empty);
        Sound.CheckSvg(diagram, Some.Overlay(diagram, 7));
    }

    [Fact]
    public void No_text_of_a_playbook_becomes_markup()
    {
        var source = "Playbook(\"<script>alert(1)</script>\", version: \"&\", summary: \"]]>\");\n// <img onerror=x> \" ' end\nawait Note(\"<b>\u0001\uD800</b>\");\nif (a<b) await Mail.Send(\"a]] --> n9\");\n";
        var diagram = Diagram.Of(source, "x.csx");
        var svg = DiagramSvg.Write(diagram);
        Assert.DoesNotContain("<script", svg);
        Assert.DoesNotContain("<img", svg);
        Assert.DoesNotContain("<b>", svg);
        Sound.CheckSvg(diagram, DiagramOverlay.Empty);
        MermaidGrammar.Check(DiagramMermaid.Write(diagram));
        Assert.DoesNotContain("<script", DiagramJson.Write(diagram));
    }

    [Fact]
    public void The_svg_is_standalone_and_follows_the_readers_light_or_dark()
    {
        var svg = DiagramSvg.Write(Fixtures.Draw("block-attacking-address.csx"));
        Assert.Contains("prefers-color-scheme:dark", svg);
        Assert.DoesNotContain("http", svg.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal));
        Assert.DoesNotContain("url(", svg.Replace("url(#", "", StringComparison.Ordinal));
    }

    [Fact]
    public void Marks_have_a_sign_besides_their_colour()
    {
        var diagram = Fixtures.Draw("block-attacking-address.csx");
        Assert.DoesNotContain("class=\"sign", DiagramSvg.Write(diagram));
        foreach (var mark in Enum.GetValues<DiagramMark>())
        {
            var svg = DiagramSvg.Write(diagram, DiagramOverlay.Empty with { Things = DiagramOverlay.Empty.Things.Add("ask", mark) });
            Assert.Contains($"href=\"#m-{mark.ToString().ToLowerInvariant()}\"", svg);
        }
    }

    [Fact]
    public void Coverage_marks_every_branch_also_those_without_an_edge_of_their_own()
    {
        var diagram = Fixtures.Draw("block-attacking-address.csx");
        var taken = new HashSet<string> { "ask/approved", "if-not-decision-approved/false" };
        var svg = DiagramSvg.Write(diagram, DiagramOverlay.Coverage(diagram, taken));
        Assert.Equal(taken.Count, Count(svg, "href=\"#m-covered\""));
        Assert.Equal(diagram.Branches.Length - taken.Count, Count(svg, "href=\"#m-notcovered\""));

        static int Count(string text, string what) => text.Split(what).Length - 1;
    }
}

internal static class Some
{
    public static DiagramOverlay Overlay(Diagram diagram, int seed)
    {
        var random = new Random(seed);
        var overlay = DiagramOverlay.Coverage(diagram, diagram.Branches.Where(_ => random.Next(2) == 0).Select(branch => branch.Id).ToHashSet());
        foreach (var id in diagram.Nodes.Select(node => node.Id).Concat(diagram.Groups.Select(group => group.Id)))
            if (random.Next(3) == 0) overlay = overlay with { Things = overlay.Things.SetItem(id, (DiagramMark)random.Next(5)) };
        return overlay;
    }
}

/// <summary>The part of Mermaid's flowchart grammar that we write, read strictly: anything else is an error.</summary>
internal static class MermaidGrammar
{
    private static readonly System.Text.RegularExpressions.Regex Node = new("""^(n\d+)(\(\[|\{\{|\{|\[/|\[\[|\(|\[)"([^"<>&]*)"(\]\)|\}\}|\}|/\]|\]\]|\)|\])$""", System.Text.RegularExpressions.RegexOptions.NonBacktracking);
    private static readonly System.Text.RegularExpressions.Regex Subgraph = new("""^subgraph (g\d+) \["([^"<>&]*)"\]$""", System.Text.RegularExpressions.RegexOptions.NonBacktracking);
    private static readonly System.Text.RegularExpressions.Regex Edge = new("""^([ng]\d+) (-->|-\.->)(\|"([^"<>&]+)"\|)? ([ng]\d+)$""", System.Text.RegularExpressions.RegexOptions.NonBacktracking);
    private static readonly System.Text.RegularExpressions.Regex Class = new("""^(classDef k\w+ [\w:#,]+|class n\d+(,n\d+)* k\w+)$""", System.Text.RegularExpressions.RegexOptions.NonBacktracking);

    public static (int Nodes, int Subgraphs) Check(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("flowchart TD", lines[0]);
        var known = new HashSet<string>();
        var open = new Stack<string>();
        var inside = new Dictionary<string, string[]>();
        var (nodes, subgraphs) = (0, 0);
        foreach (var line in lines.Skip(1).Select(line => line.Trim()))
        {
            if (line == "end") open.Pop();
            else if (Node.Match(line) is { Success: true } node)
            {
                Assert.True(known.Add(node.Groups[1].Value));
                inside[node.Groups[1].Value] = [.. open];
                Assert.Equal(node.Groups[2].Value, string.Concat(node.Groups[4].Value.Reverse().Select(c => c switch { ']' => '[', ')' => '(', '}' => '{', _ => c })));
                nodes++;
            }
            else if (Subgraph.Match(line) is { Success: true } subgraph)
            {
                Assert.True(known.Add(subgraph.Groups[1].Value));
                inside[subgraph.Groups[1].Value] = [.. open];
                open.Push(subgraph.Groups[1].Value);
                subgraphs++;
            }
            else if (Edge.Match(line) is { Success: true } edge)
            {
                Assert.Empty(open);
                Assert.Contains(edge.Groups[1].Value, known);
                Assert.Contains(edge.Groups[5].Value, known);
                // An edge between a subgraph and its own inside is an error in Mermaid.
                Assert.DoesNotContain(edge.Groups[1].Value, inside[edge.Groups[5].Value]);
                Assert.DoesNotContain(edge.Groups[5].Value, inside[edge.Groups[1].Value]);
            }
            else Assert.True(Class.IsMatch(line), $"no Mermaid: {line}");
        }
        Assert.Empty(open);
        return (nodes, subgraphs);
    }
}
