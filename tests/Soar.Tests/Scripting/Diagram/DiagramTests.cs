using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Soar.Scripting;

namespace Soar.Tests.Scripting.Diagrams;

internal static class Fixtures
{
    public static readonly string Folder = Path.Combine(Path.GetDirectoryName(Here())!, "fixtures");

    public static string[] Names => [.. Directory.GetFiles(Folder, "*.csx").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    public static string Read(string name) => File.ReadAllText(Path.Combine(Folder, name));

    public static Diagram Draw(string name) => Diagram.Of(Read(name), name);

    private static string Here([CallerFilePath] string file = "") => file;
}

public sealed class DiagramTests
{
    public static TheoryData<string> All => [.. Fixtures.Names];

    [Fact]
    public void The_example_of_the_design_draws_as_a_person_would_draw_it()
    {
        var diagram = Fixtures.Draw("block-attacking-address.csx");
        Assert.Equal(
        [
            "start Start", "isp-owner Step", "intel-lookup Step", "if-not-reports-any-report-report-verdict-is Decision", "end-false-positive End",
            "may-we-block-it Code", "ask Human", "if-not-decision-approved Decision", "end-escalated End", "await-blocks Step", "tell-its-provider Step", "end-contained End",
        ], diagram.Nodes.Select(node => $"{node.Id} {node.Kind}"));
        Assert.Equal(
        [
            "who-owns-it-and-who-knows-it Lanes in ", "who-owns-it-and-who-knows-it-lane-1 Lane in who-owns-it-and-who-knows-it",
            "who-owns-it-and-who-knows-it-lane-2 Lane in who-owns-it-and-who-knows-it", "for-each Loop in who-owns-it-and-who-knows-it-lane-2",
        ], diagram.Groups.Take(4).Select(group => $"{group.Id} {group.Kind} in {group.Parent}"));
        Assert.Equal(
        [
            "if-not-decision-approved -Refused-> end-escalated (refused or expired)",
            "if-not-decision-approved -Approved-> block-it-at-every-edge (approved)",
        ], diagram.Edges.Where(edge => edge.From == "if-not-decision-approved").Select(edge => $"{edge.From} -{edge.Kind}-> {edge.To} ({edge.Label})"));

        var header = diagram.Header;
        Assert.Equal(("block-attacking-address", "1.0.0", "Mitigation", "Amber"), (header.Name, header.Version, header.Type, header.Tlp));
        Assert.Equal(["On.Alert(alert => alert.Category == \"intrusion\" && alert.Severity >= 70)"], header.Triggers);
        Assert.Equal([("address", "The attacking address", null, "alert => alert.Source?.Ip"), ("ttl", "How long the block lasts", "24.Hours", null)],
            header.Inputs.Select(input => (input.Name, input.Description, input.Default, input.From)));
    }

    [Theory]
    [InlineData("var a = Input<string[]>(\"a\", [\"x\"], \"A list\");", "a|A list|[\"x\"]|")]
    [InlineData("var a = Input(\"a\", 5, description: \"A number\");", "a|A number|5|")]
    [InlineData("var a = Input(\"a\", @default: 5, description: \"A number\");", "a|A number|5|")]
    [InlineData("var a = Input<int>(\"a\", \"A number\", alert => alert.Severity);", "a|A number||alert => alert.Severity")]
    [InlineData("var a = Input<int>(description: \"A number\", name: \"a\");", "a|A number||")]
    public void An_input_shows_what_it_is_given(string input, string shown)
    {
        var read = Assert.Single(Diagram.Of(input, "a.csx").Header.Inputs);
        Assert.Equal(shown, $"{read.Name}|{read.Description}|{read.Default}|{read.From}");
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Every_fixture_is_sound(string name) => Sound.Check(Fixtures.Draw(name), Fixtures.Read(name));

    public static TheoryData<string> Shipped => [.. Directory.GetFiles(Path.Combine(Fixtures.Folder, "../../../../../playbooks"), "*.csx", SearchOption.AllDirectories).Select(Path.GetFullPath)];

    [Theory]
    [MemberData(nameof(Shipped))]
    public void Every_shipped_playbook_draws_soundly(string file)
    {
        var diagram = Diagram.Of(File.ReadAllText(file), Path.GetFileName(file));
        Sound.Check(diagram, File.ReadAllText(file));
        Sound.CheckSvg(diagram, Some.Overlay(diagram, 3));
        // Nothing in them is too strange to have a shape of its own.
        Assert.All(diagram.Nodes.Where(node => node.Kind == DiagramNodeKind.Code), node => Assert.Empty(node.Awaits));
    }

    [Fact]
    public void Prepared_steps_that_are_handed_over_show_what_was_prepared()
    {
        var node = Fixtures.Draw("block-attacking-address.csx").Nodes.Single(node => node.Id == "await-blocks");
        Assert.Equal(("firewall-block", "Firewall", "Block", true, "each of blocks"), (node.StepId, node.Capability, node.Action, node.Many, node.Text));
    }

    [Fact]
    public void Modifiers_instance_and_result_of_a_step_are_told()
    {
        var diagram = Fixtures.Draw("disable-account.csx");
        var node = diagram.Nodes.Single(node => node.StepId == "chat-sign-out");
        Assert.Equal(("Chat", "SignOut", "internal", "person.Id"), (node.Capability, node.Action, node.Instance, node.Detail));
        Assert.Equal(["Timeout(10.Seconds)"], node.Modifiers);
        Assert.Equal("person", diagram.Nodes.Single(node => node.Id == "who-is-it").Result);
    }

    [Fact]
    public void A_try_has_an_error_edge_to_each_handler_and_its_finally_follows_on_every_way()
    {
        var diagram = Fixtures.Draw("disable-account.csx");
        Assert.Equal(
        [
            "try -Error-> try-catch-steprefused-when-refused-code-is",
            "try -Error-> try-catch-stepfailed",
            "try -Next-> try-finally",
            "try-catch-stepfailed -Next-> try-finally",
            "try-finally -Next-> end-contained",
        ], diagram.Edges.Where(edge => edge.From.StartsWith("try", StringComparison.Ordinal) && !diagram.Nodes.Any(node => node.Id == edge.To && node.Parent == edge.From)
            && !diagram.Groups.Any(group => group.Id == edge.To && group.Parent == edge.From)).Select(edge => $"{edge.From} -{edge.Kind}-> {edge.To}"));
        Assert.Equal("One door stayed open", diagram.Groups.Single(group => group.Id == "try-catch-stepfailed").Label);
    }

    [Fact]
    public void Conditions_on_a_decision_carry_its_meaning_also_by_kind_and_through_a_choice()
    {
        var edges = Fixtures.Draw("disable-account.csx").Edges.Where(edge => edge.From.StartsWith("if-decision-kind", StringComparison.Ordinal)).Select(edge => $"{edge.Kind} {edge.Label}");
        Assert.Equal(["Expired expired", "False not expired", "Refused refused", "False not refused"], edges);

        var facilities = Fixtures.Draw("warn-facilities.csx");
        Assert.Equal(["Approved approved", "Refused refused", "Expired expired"],
            facilities.Edges.Where(edge => edge.From == "switch-decision-kind").Select(edge => $"{edge.Kind} {edge.Label}"));
    }

    [Fact]
    public void Cyrillic_titles_are_labels_and_ids()
    {
        var diagram = Fixtures.Draw("warn-facilities.csx");
        Assert.Equal("Оповестить каждый объект", diagram.Groups.Single(group => group.Id == "оповестить-каждый-объект").Label);
        Assert.Equal("Молчат: звоним", diagram.Groups.Single(group => group.Kind == DiagramGroupKind.Catch).Label);
        Assert.Contains(diagram.Nodes, node => node.Id == "ждём-подтверждения" && node.Kind == DiagramNodeKind.Waiting);
    }

    [Fact]
    public void Local_functions_are_groups_of_their_own_and_calls_lead_to_them()
    {
        var diagram = Fixtures.Draw("hunt-indicators.csx");
        Assert.Equal(["function-expand", "function-score", "function-weight"], diagram.Groups.Where(group => group.Kind == DiagramGroupKind.Function).Select(group => group.Id));
        Assert.Equal(["call-expand -> function-expand", "call-score -> function-score", "call-expand-2 -> function-expand"],
            diagram.Edges.Where(edge => edge.Kind == DiagramEdgeKind.Call).Select(edge => $"{edge.From} -> {edge.To}"));
    }

    [Fact]
    public void A_thousand_steps_are_laid_out_with_work_in_proportion_to_their_number()
    {
        static int Work(int steps) => new DiagramLayout(Diagram.Of(Generated.LongPlaybook(steps), "long.csx"), DiagramOverlay.Empty).Operations;
        var (hundred, thousand) = (Work(100), Work(1000));
        Assert.InRange(thousand, 9 * hundred, 10.5 * hundred);
        Assert.True(thousand < 6 * 1000, $"{thousand} operations for 1,000 steps");
        var diagram = Diagram.Of(Generated.LongPlaybook(1000), "long.csx");
        Assert.Equal(1000, diagram.Nodes.Count(node => node.Kind == DiagramNodeKind.Step));
        Sound.Check(diagram, Generated.LongPlaybook(1000));
        Sound.CheckSvg(diagram, DiagramOverlay.Empty);
    }

    [Fact]
    public void Editing_one_statement_leaves_the_ids_of_all_others()
    {
        foreach (var name in Fixtures.Names)
        {
            var before = Fixtures.Read(name);
            var ids = Ids(before);
            var edited = before.Replace("parallel: 8", "parallel: 3", StringComparison.Ordinal).Replace("30.Minutes", "45.Minutes", StringComparison.Ordinal).Replace("Retry(3)", "Retry(4)", StringComparison.Ordinal);
            Assert.Equal(ids, Ids(edited));
        }
        var source = Fixtures.Read("triage-reported-mail.csx");
        var changed = Ids(source.Replace("reports.Count == 0", "reports.Count < 1", StringComparison.Ordinal)).Except(Ids(source)).ToList();
        Assert.Equal(["if-reports-count-under-1", "if-reports-count-under-1-branch", "if-reports-count-under-1-then"], changed.Order(StringComparer.Ordinal));

        // Any literal of any fixture: at most the ids of the thing it stands in change (a decision with its arms); a step's only where it is named by its key, Lists["x"].
        foreach (var name in Fixtures.Names)
        {
            var text = Fixtures.Read(name);
            var ids = Ids(text);
            var drawn = Diagram.Of(text, name);
            foreach (var literal in CSharpSyntaxTree.ParseText(text, Diagram.ParseOptions).GetRoot().DescendantNodes().OfType<LiteralExpressionSyntax>())
            {
                var replacement = literal.Token.Value switch { string => "\"something else\"", int => "4711", _ => null };
                if (replacement is null) continue;
                var gone = ids.Except(Ids(text[..literal.SpanStart] + replacement + text[literal.Span.End..])).ToList();
                var steps = gone.Where(id => drawn.Nodes.Any(node => node.StepId == id && node.Action != "Item")).ToList();
                Assert.True(gone.Count <= 5 && steps.Count == 0, $"{name}: {literal} changes {string.Join(", ", gone)}");
            }
        }

        static HashSet<string> Ids(string source)
        {
            var diagram = Diagram.Of(source, "x.csx");
            return [.. diagram.Nodes.Select(node => node.Id), .. diagram.Groups.Select(group => group.Id)];
        }
    }

    [Theory]
    [InlineData("if (")]
    [InlineData("await Note(\"x\"); } } }")]
    [InlineData("try { await Note(\"x\");")]
    [InlineData("await foreach (var x in await Y()) { await Z(")]
    [InlineData("class A { async Task B() { await C(); } }")]
    [InlineData("await await await")]
    [InlineData("switch (x) { case 1: await Note(\"x\"); case 2: } var y = x switch { 1 => await Z(), ")]
    [InlineData("await ForEach(); await All(); await TryForEach(await X()); await AtLeast();")]
    [InlineData("Playbook(); On.Alert(); var a = Input(); var b = Input<int>(1, 2);")]
    [InlineData("")]
    public void Half_written_files_draw_as_far_as_they_go_and_tell_what_is_wrong(string source)
    {
        var diagram = Diagram.Of(source, "half.csx");
        Sound.CheckSvg(diagram, DiagramOverlay.Empty);
        Assert.NotEmpty(DiagramMermaid.Write(diagram));
        Assert.Equal(Sound.Awaits(source), Sound.Claimed(diagram));
        Assert.Equal(Microsoft.CodeAnalysis.CSharp.CSharpSyntaxTree.ParseText(source, Diagram.ParseOptions).GetDiagnostics().Count(), diagram.Errors.Length);
    }

    [Theory]
    [InlineData("return Outcome.Contained($\"at {gate}\").With(new { gate });", "end-contained Contained at {gate}")]
    [InlineData("return Outcome.Contained().With(gate);", "end-contained Contained ")]
    [InlineData("return Outcome.Contained();", "end-contained Contained ")]
    public void An_end_that_gives_a_value_is_the_same_end(string statement, string drawn)
    {
        var diagram = Diagram.Of(statement, "end.csx");
        var end = Assert.Single(diagram.Nodes, node => node.Kind == DiagramNodeKind.End);
        Assert.Equal(drawn, $"{end.Id} {end.Action} {end.Text}");
        Assert.Equal(statement.Contains("With(", StringComparison.Ordinal), end.Detail.Contains("gives ", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_prefix_of_a_playbook_draws()
    {
        var source = Fixtures.Read("odd-shapes.csx");
        for (var length = 0; length < source.Length; length += 17)
        {
            var diagram = Diagram.Of(source[..length], "prefix.csx");
            Assert.Equal(Sound.Awaits(source[..length]), Sound.Claimed(diagram));
        }
    }

    [Fact]
    public void Nesting_too_deep_to_draw_becomes_one_code_node_that_holds_its_awaits()
    {
        var source = string.Concat(Enumerable.Range(0, 200).Select(i => $"if (a > {i}) {{ ")) + "await Note(\"deep\");" + new string('}', 200);
        var diagram = Diagram.Of(source, "deep.csx");
        Sound.Check(diagram, source);
        Sound.CheckSvg(diagram, DiagramOverlay.Empty);
        Assert.Equal(DiagramNodeKind.Code, diagram.Nodes.Single(node => node.Awaits.Length == 1).Kind);
    }
}
