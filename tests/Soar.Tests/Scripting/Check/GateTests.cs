using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Soar.Scripting.Check;
using Soar.Tests.Scripting.Compile;

namespace Soar.Tests.Scripting.Check;

/// <summary>For every refused class one hit, with its code, line and column, and one near miss. The pairs are in gates.csx.</summary>
public sealed class GateTests
{
    public static TheoryData<string> Hits => new(Sections.Read("gates.csx").Where(s => s.Value("refused") is not null).Select(s => s.Head));

    public static TheoryData<string> NearMisses => new(Sections.Read("gates.csx").Where(s => s.Value("allowed") is not null).Select(s => s.Head));

    [Theory]
    [MemberData(nameof(Hits))]
    public void What_is_refused_is_refused_at_its_place(string head)
    {
        var section = Sections.Read("gates.csx").Single(s => s.Head == head);

        var found = CheckLab.Check(section.Text).Select(f => $"{f.Code}@{f.Line}:{f.Column}").ToList();

        Assert.Contains(section.Value("refused")!, found);
    }

    [Theory]
    [MemberData(nameof(NearMisses))]
    public void What_looks_like_it_and_is_harmless_passes(string head) =>
        Assert.Empty(CheckLab.Check(Sections.Read("gates.csx").Single(s => s.Head == head).Text).Select(f => f.ToString()));

    [Fact]
    public void Every_code_of_the_checker_has_a_hit()
    {
        var codes = typeof(CheckCodes).GetFields().Select(f => (string)f.GetRawConstantValue()!).ToHashSet();
        codes.ExceptWith(Sections.Read("gates.csx").Select(s => s.Value("refused")?.Split('@')[0]).OfType<string>());

        Assert.Equal([CheckCodes.Assembly, CheckCodes.Unseen], codes.Order(StringComparer.Ordinal)); // tested below
    }

    [Fact]
    public void Everything_that_is_wrong_is_said_at_once()
    {
        var found = CheckLab.Check("var a = DateTime.Now;\nvar b = Guid.NewGuid();\nNote(\"x\");\nlock (\"x\") { }\nrecord R { static int x; }");

        Assert.Equal([(1, CheckCodes.Clock), (2, CheckCodes.Random), (3, CheckCodes.NotAwaited), (4, CheckCodes.Flow), (5, CheckCodes.StaticState)],
            found.Where(f => f.Code is not CheckCodes.Syntax).Select(f => (f.Line, f.Code)).Distinct());
    }

    [Fact]
    public void A_refusal_names_the_thing_and_the_word_that_takes_its_place()
    {
        var finding = Assert.Single(CheckLab.Check("var t = DateTime.UtcNow;"));

        Assert.Contains("DateTime.UtcNow", finding.Message, StringComparison.Ordinal);
        Assert.StartsWith("Use Now", finding.Remedy, StringComparison.Ordinal);
        Assert.Equal("test.csx:1:18: error SOAR1224: 'DateTime.UtcNow' is refused: it is not on the allow-list. Use Now: the time of the last journaled record, the same again on replay.", finding.ToString());
    }

    [Fact]
    public void In_rewritten_code_an_amplifier_without_its_cap_is_refused()
    {
        Assert.Contains(Rewritten("var n = 5; var x = Enumerable.Range(0, n).ToList();"), f => f.Code == CheckCodes.Size);
        Assert.Contains(Rewritten("var n = 5; var x = new int[n];"), f => f.Code == CheckCodes.Size);
        Assert.Contains(Rewritten("var n = 5; var x = \"x\".PadLeft(n);"), f => f.Code == CheckCodes.Size);
        Assert.Empty(Rewritten("var n = 5; var x = Enumerable.Range(0, global::Soar.Language.Capped.Size(n)).ToList(); global::Soar.Language.Meter.Loop();"));
    }

    [Fact]
    public void In_rewritten_code_what_makes_long_texts_was_replaced_and_a_playbook_cannot_write_the_replacement()
    {
        Assert.NotEmpty(Rewritten("var x = string.Join(\",\", new[] { \"a\" });"));
        Assert.NotEmpty(Rewritten("var x = \"a\".Replace(\"a\", \"b\");"));
        Assert.NotEmpty(Rewritten("var x = new global::System.Text.StringBuilder().Append(\"a\");"));
        Assert.Empty(Rewritten("var x = global::Soar.Language.CappedText.CappedJoin(\",\", new[] { \"a\" }) + global::Soar.Language.CappedText.CappedReplace(\"a\", \"a\", \"b\");"));
        foreach (var written in new[] { "\"a\".CappedReplace(\"a\", \"b\")", "string.CappedConcat(\"a\", \"b\")", "Capped.Text(\"a\")", "new CappedInterpolation(1, 1)" })
            Assert.Contains(CheckLab.Check($"var x = {written};"), f => f.Code is CheckCodes.NotAllowed or CheckCodes.Engine or CheckCodes.Syntax);
    }

    [Fact]
    public void In_rewritten_code_what_reaches_outside_is_refused_as_before() =>
        Assert.Contains(Rewritten("var x = global::System.IO.File.ReadAllText(\"x\");"), f => f.Code == CheckCodes.Io);

    /// <summary>The first walker ever written for this visited nothing and so accepted everything.</summary>
    [Fact]
    public void What_the_walk_did_not_see_is_refused()
    {
        Assert.Contains(Rewritten("again: if (Now.Hour > 30) goto again;"), f => f.Code == CheckCodes.Unseen);

        var (compilation, model, body) = Bind("var x = DateTime.Now;");
        var blind = new OperationGate(compilation, model, AllowList.Shipped, rewritten: false) { Blind = true };
        Assert.Contains(blind.Check([body.Statements[0]]), f => f.Code == CheckCodes.Unseen);
    }

    [Fact]
    public void An_assembly_that_cannot_be_read_is_refused() =>
        Assert.Contains(Checker.CheckAssembly("not an assembly"u8.ToArray(), CSharpCompilation.Create("x")), f => f.Code == CheckCodes.Assembly);

    [Fact]
    public void An_assembly_of_ordinary_code_of_ours_is_refused() =>
        Assert.NotEmpty(Checker.CheckAssembly(File.ReadAllBytes(typeof(Checker).Assembly.Location), CSharpCompilation.Create("x")));

    /// <summary>Ordinary playbooks through the whole compiler: what the rewriter adds must pass the gates too.</summary>
    [Theory]
    [MemberData(nameof(GoodPlaybookTests.Names), MemberType = typeof(GoodPlaybookTests))]
    public async Task Good_playbooks_pass_the_gates_again_when_rewritten(string name)
    {
        var text = Sections.Read("good.csx").Single(s => s.Head == name).Text;
        if (!text.Contains("Playbook(", StringComparison.Ordinal)) text = Compiling.Head + "On.Alert(alert => alert.Severity > 0);\n" + text;
        else text = text.Replace("summary: \"Block.\");", "summary: \"Block.\"); On.Alert(alert => alert.Severity > 0);", StringComparison.Ordinal);

        var built = await Compiling.BuildAsync(text);

        Assert.Empty(built.Diagnostics.Where(d => d.Severity == Soar.Scripting.PlaybookSeverity.Error).Select(d => d.ToString()));
        Assert.True(built.Succeeded);
    }

    private static IReadOnlyList<Finding> Rewritten(string statements)
    {
        var (compilation, model, body) = Bind(statements);
        return Checker.CheckOperations(compilation, model, [body.Parent!.Parent!], rewritten: true);
    }

    private static (CSharpCompilation Compilation, SemanticModel Model, BlockSyntax Body) Bind(string statements)
    {
        var tree = CSharpSyntaxTree.ParseText(
            "using System; using System.Linq; namespace Soar.Playbooks { public sealed class ThisPlaybook : global::Soar.Facades.PlaybookBase { "
            + "protected override async global::System.Threading.Tasks.Task<global::Soar.Outcome> Body() { " + statements + " return global::Soar.Outcome.Completed(); } } }",
            new CSharpParseOptions(LanguageVersion.CSharp14));
        var compilation = CSharpCompilation.Create("rewritten", [tree], CheckLab.References, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        Assert.Empty(compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error));
        return (compilation, compilation.GetSemanticModel(tree), tree.GetRoot().DescendantNodes().OfType<MethodDeclarationSyntax>().Single().Body!);
    }
}
