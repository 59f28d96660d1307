using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using Soar.Scripting;

namespace Soar.Tests.Scripting;

public sealed class TitlesTests
{
    private static readonly CSharpParseOptions Options = new(LanguageVersion.CSharp14, kind: SourceCodeKind.Regular);

    private static SyntaxTree Parse(string text) => CSharpSyntaxTree.ParseText(SourceText.From(text), Options, "test.csx");

    private static string[] Ids(string text) => [.. Titles.Of(Parse(text)).Steps.Select(step => step.Id)];

    [Fact]
    public void A_title_names_the_first_awaited_step_of_its_statement_and_the_rest_are_capability_and_action()
    {
        var titles = Titles.Of(Parse("""
            // Who owns it, and who knows it?
            var (owner, reports) = await All(
                Isp.Owner(address),
                ForEach(Intel.All, source => source.Lookup(address).Retry(3)));
            """));
        Assert.Equal(["who-owns-it-and-who-knows-it", "isp-owner", "for-each", "intel-lookup"], titles.Steps.Select(step => step.Id));
        Assert.Equal(["Who owns it, and who knows it?", null, null, null], titles.Steps.Select(step => step.Title));
    }

    [Fact]
    public void A_prepared_step_is_named_by_a_title_unless_a_lambda_makes_many_of_it()
    {
        Assert.Equal(["prepare-the-block"], Ids("// Prepare the block\nvar block = Firewall[\"edge\"].Block(address, ttl);"));
        Assert.Equal(["firewall-block", "ask"], Ids("""
            // May we block it?
            var blocks = Firewall.All.Select(firewall => firewall.Block(address, ttl)).ToList();   // prepared, not done
            var decision = await Ask("shift-lead", "Block it?", blocks);
            """));
    }

    [Theory]
    [InlineData("// A title\n\nawait Dns.Resolve(x);", null)]
    [InlineData("// A title\n#region x\nawait Dns.Resolve(x);\n#endregion", null)]
    [InlineData("/* A title */\nawait Dns.Resolve(x);", null)]
    [InlineData("// first line\n    // second line\n    await Dns.Resolve(x);", "first line second line")]
    [InlineData("// detached\n\n// ======\n// Resolve it\n// ======\nawait Dns.Resolve(x);", "Resolve it")]
    [InlineData("var a = 1; // about a\nawait Dns.Resolve(x);", null)]
    [InlineData("// CRLF\r\nawait Dns.Resolve(x);", "CRLF")]
    [InlineData("// ---\nawait Dns.Resolve(x);", null)]
    public void Only_the_contiguous_slash_lines_directly_above_are_a_title(string text, string? title) =>
        Assert.Equal(title, Titles.Of(Parse(text)).Steps.Single().Title);

    [Fact]
    public void A_title_above_a_block_names_the_block_and_comments_above_else_case_and_catch_name_that_branch()
    {
        var tree = Parse("""
            // Is it ours?
            if (await Assets.Known(x))
                await Note("ours");
            // Not ours
            else
                await Note("theirs");
            switch (x)
            {
                // The bad one
                case 1: break;
            }
            try { }
            // It went wrong
            catch (StepFailed) { }
            """);
        var titles = Titles.Of(tree);
        T One<T>() where T : SyntaxNode => tree.GetRoot().DescendantNodes().OfType<T>().Single();
        Assert.Equal("Is it ours?", titles.TitleOf(One<IfStatementSyntax>()));
        Assert.Equal("Not ours", titles.TitleOf(One<ElseClauseSyntax>()));
        Assert.Equal("The bad one", titles.TitleOf(One<SwitchSectionSyntax>()));
        Assert.Equal("It went wrong", titles.TitleOf(One<CatchClauseSyntax>()));
        Assert.Equal(["assets-known", "note", "note-2"], titles.Steps.Select(step => step.Id));
    }

    [Theory]
    [InlineData("Пошук власника адреси?", "пошук-власника-адреси")]
    [InlineData("Блокуи\u0306 Ї", "блокуй-ї")]
    [InlineData("Cafe\u0301 2.0", "café-2-0")]
    [InlineData("Don't panic", "dont-panic")]
    [InlineData("  --  ", "")]
    [InlineData("한국어", "한국어")]
    [InlineData("a\u0323\u0302", "ậ")]
    [InlineData("a\u0302\u0323", "ậ")]
    [InlineData("o\u0336\u0307", "ȯ\u0336")]
    [InlineData("\u212bngstr\u00f6m", "ångström")]
    public void Slugs_keep_letters_of_every_script_lower_case_and_composed(string words, string slug) => Assert.Equal(slug, Titles.Slug(words));

    [Fact]
    public void A_slug_is_cut_between_words_at_eighty_characters()
    {
        var slug = Titles.Slug(string.Join(' ', Enumerable.Repeat("facility", 30)));
        Assert.True(slug.Length <= 80);
        Assert.EndsWith("-facility", slug);
    }

    [Fact]
    public void Duplicate_titles_are_reported_and_ids_stay_unique()
    {
        var titles = Titles.Of(Parse("// Tell them\nawait Mail.Send(a);\n// tell them!\nawait Mail.Send(b);\nawait Mail.Send(c);"));
        var duplicate = Assert.Single(titles.Duplicates);
        Assert.Equal("tell-them", duplicate.Slug);
        Assert.True(duplicate.FirstSpan.Start < duplicate.Span.Start);
        Assert.Equal(["tell-them", "tell-them-2", "mail-send"], titles.Steps.Select(step => step.Id));
    }

    [Fact]
    public void An_id_that_a_title_took_is_never_given_to_another_step() =>
        Assert.Equal(["ask-2", "ask", "ask-3"], Ids("await Ask(a, b);\n// Ask\nawait Note(x);\nawait Ask(c, d);"));

    [Fact]
    public void Header_statements_take_no_title_and_hold_no_steps() =>
        Assert.Equal(["note"], Ids("// A file comment\nPlaybook(\"x\", version: \"1\");\nOn.Alert(alert => Foo.Bar(alert));\nvar a = Input(\"a\", Some.Thing());\nawait Note(a);"));

    [Fact]
    public void Instances_are_read_through_brackets_lambdas_loops_and_locals()
    {
        var titles = Titles.Of(Parse("""
            await Firewall["edge-2"].Block(x);
            foreach (var wall in Firewall.All) await wall.Block(x);
            var core = Firewall["core"];
            await core.Block(x).Retry(3).Timeout(20.Seconds);
            var row = await Lists["facilities"];
            """));
        Assert.Equal([("firewall-block", "Firewall", "edge-2"), ("firewall-block-2", "Firewall", null), ("firewall-block-3", "Firewall", "core"), ("lists-facilities", "Lists", null)],
            titles.Steps.Select(step => (step.Id, step.Capability, step.Instance)));
    }

    [Fact]
    public void Every_call_of_the_file_has_a_unique_id_and_other_calls_never_shift_the_steps()
    {
        var tree = Parse("var a = wall.Block(1);\nawait wall.Block(2);\nhits.Add(await Get().Block(3));\nContain(x);\nasync Task Contain(int x) => await Note(x);");
        var titles = Titles.Of(tree);
        var calls = tree.GetRoot().DescendantNodes().OfType<InvocationExpressionSyntax>().Select(call => titles.At(call.Span).Id).ToList();
        Assert.Equal(calls.Count, calls.Distinct().Count());
        Assert.Equal("wall-block", titles.Steps[0].Id);
        Assert.Equal(2, titles.Steps[0].Line);
        Assert.Equal(7, titles.Steps[0].Column);
        Assert.DoesNotContain(titles.Steps, step => step.Action == "Contain");
    }

    [Fact]
    public void Half_written_files_are_read_as_far_as_they_go() =>
        Assert.Equal(["note"], Ids("await Note(\"x\"\nif (("));

    [Fact]
    public void A_call_that_does_not_exist_is_refused_by_name() =>
        Assert.Contains("bare file", Assert.Throws<ArgumentException>(() => Titles.Of(Parse("await Note(x);")).At(new TextSpan(0, 3))).Message);
}
