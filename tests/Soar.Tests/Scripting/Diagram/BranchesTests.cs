using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Soar.Scripting;

namespace Soar.Tests.Scripting.Diagrams;

public sealed class DiagramBranchesTests
{
    public static TheoryData<string> All => [.. Fixtures.Names];

    // Plain C# with everything that has probes, and what could break them: pattern variables, unbraced bodies, dangling else, nested loops
    // on one line, arms that throw, guards, exhaustive returns, constants.
    private const string Program = """
        int z; for (z = 0; z < 2; z++) await System.Threading.Tasks.Task.Yield();
        object x = input; var log = new System.Collections.Generic.List<string>();
        async System.Threading.Tasks.Task<bool> Yes() { await System.Threading.Tasks.Task.Yield(); return true; }
        if (x is int n && n > 3) log.Add("big " + n);
        else if (x is string s) log.Add("text " + s); else log.Add("other");
        if (!(x is int m)) { log.Add("not int"); } else log.Add("int " + m);
        if (x is int) if (input.Equals(5)) log.Add("five"); else log.Add("not five");
        var c = x is int k ? k : -1;
        foreach (var a in new[] { 1, 2 }) foreach (var b in new[] { 1, 2 }) if (a == b) log.Add("pair"); else continue;
        for (var i = 0; i < c; i++) log.Add("i" + i);
        while (c > 3 && await Yes()) c--;
        foreach (var never in new int[0]) { log.Add("never"); }
        do log.Add("once"); while (c > 3 && c < 3);
        switch (c)
        {
            case 3: case 4: log.Add("3 or 4"); break;
            case int o when o < 0 || o > 100: { log.Add("far"); break; }
        }
        switch (c) { case -1: log.Add("minus"); break; default: log.Add("default"); break; }
        string Word() => c switch { < 0 => "negative", 0 => throw new System.InvalidOperationException(), > 100 or 3 when c != 3 || c == 3 => "three", _ => "some" };
        log.Add(Word());
        try { if (c < 0) throw new System.InvalidOperationException("x"); }
        catch (System.InvalidOperationException e) when (e.Message == "y") { log.Add("y"); }
        catch (System.InvalidOperationException e) { log.Add("caught " + e.Message); }
        var both = c > 0 || await Yes();
        while (true) { if (log.Count > 0) return string.Join(",", log); }
        """;

    [Theory]
    [InlineData(5)]
    [InlineData(2)]
    [InlineData("hello")]
    public async Task Probes_change_nothing_but_note_the_branches_taken(object input)
    {
        var branches = Diagram.Of(Program, "program.csx").Branches;
        var plain = await Run(Program, input);
        var traced = await Run(DiagramBranches.Instrument(Program, branches, "Trace.Hit"), input);
        Assert.Equal(plain.Result, traced.Result);
        Assert.Empty(plain.Hits);
        Assert.Subset(branches.Select(branch => branch.Id).ToHashSet(), traced.Hits.ToHashSet());

        var taken = traced.Hits.ToHashSet();
        string[] expected = input switch
        {
            5 => ["if-x-is-int-n-and-n-over-3/true", "if-not-x-is-int-m/false", "if-input-equals-5/true", "foreach-a/entered", "foreach-b/entered", "for-i/entered", "while-c-over-3-and-await-yes/entered", "foreach-never/skipped", "switch-c/3-or-4", "switch-c-2/otherwise"],
            2 => ["if-x-is-int-n-and-n-over-3/false", "if-x-is-string-s/false", "if-input-equals-5/false", "for-i/entered", "while-c-over-3-and-await-yes/skipped", "switch-c/no-case"],
            _ => ["if-x-is-string-s/true", "if-not-x-is-int-m/true", "if-x-is-int/false", "for-i/skipped", "switch-c/int-o-when-o-under-0-or-o-over-100", "switch-c-2/1", "switch-c-3/under-0", "try/catch-system-invalidoperationexception"],
        };
        Assert.Empty(expected.Except(taken));
        // Of each question exactly the ways that were possible: both only where it was asked twice.
        Assert.True(taken.Contains("if-x-is-int-n-and-n-over-3/true") ^ taken.Contains("if-x-is-int-n-and-n-over-3/false"));
        Assert.True(taken.Contains("for-i/entered") ^ taken.Contains("for-i/skipped"));
        Assert.DoesNotContain("foreach-never/entered", taken);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Instrumented_playbooks_still_parse_and_keep_their_lines(string name)
    {
        var source = Fixtures.Read(name);
        Intact(source, Diagram.Of(source, name));
    }

    [Fact]
    public void Instrumented_random_playbooks_still_parse_and_keep_their_lines()
    {
        for (var seed = 1; seed <= 30; seed++)
        {
            var source = new Generated(seed).Playbook();
            Intact(source, Diagram.Of(source, $"seed-{seed}"));
        }
    }

    [Fact]
    public void The_example_has_exactly_these_branches()
    {
        Assert.Equal(
        [
            "for-each/entered Journal for-each", "for-each/skipped Journal for-each",
            "if-not-reports-any-report-report-verdict-is/true Probe ", "if-not-reports-any-report-report-verdict-is/false Probe ",
            "ask/approved Journal ask", "ask/refused Journal ask", "ask/expired Journal ask",
            "if-not-decision-approved/true Probe ", "if-not-decision-approved/false Probe ",
        ], Fixtures.Draw("block-attacking-address.csx").Branches.Select(branch => $"{branch.Id} {branch.Source} {branch.StepId}"));
    }

    [Fact]
    public void Failures_count_where_they_are_handled_and_timeouts_where_they_are_set()
    {
        var branches = Fixtures.Draw("warn-facilities.csx").Branches.Select(branch => branch.Id).ToList();
        Assert.Contains("письмо-дежурному/error", branches);
        Assert.Contains("ждём-подтверждения/timeout", branches);
        Assert.DoesNotContain(branches, branch => branch.StartsWith("todo/", StringComparison.Ordinal));   // its answer is not looked at
        Assert.DoesNotContain("список-объектов/error", branches);
        Assert.DoesNotContain("switch-decision-kind/no-case", branches);
    }

    [Theory]
    [InlineData("var d = await Ask(\"a\", \"b\");\nif (d.Approved) { }", "ask/approved ask/refused if-d-approved/true if-d-approved/false")]
    [InlineData("var d = await Ask(\"a\", \"b\", steps, within: 1.Hours);", "ask/approved ask/refused ask/expired")]
    [InlineData("if ((await Todo(\"a\", \"b\", 1.Hours).Titled(\"c\")).Approved) { }", "todo/approved todo/refused todo/expired if-await-todo-a-b-1-hours-titled-c-approved/true if-await-todo-a-b-1-hours-titled-c-approved/false")]
    [InlineData("await Todo(\"a\", \"b\", within: 1.Hours).Titled(\"c\");", "")]
    [InlineData("await All(Todo(\"a\", \"b\"), Todo(\"a\", \"b\"));", "")]
    [InlineData("try { var p = Dns.Resolve(\"x\").Timeout(3.Seconds); await p; } catch (StepFailed) { }", "await-p/error await-p/timeout try/catch-stepfailed")]
    [InlineData("var p = Dns.Resolve(\"x\"); await p.Timeout(3.Seconds);", "await-p-timeout-3-seconds/timeout")]
    [InlineData("await F().Timeout(3.Seconds); async Step F() { }", "call-f/timeout")]
    [InlineData("await All(Note(\"a\"), F().Timeout(3.Seconds)).Timeout(5.Seconds); async Step F() { }", "all/timeout call-f/timeout")]
    [InlineData("await TryForEach(items, item => Dns.Resolve(item));", "dns-resolve/error try-for-each/entered try-for-each/skipped")]
    [InlineData("while (true) { await Note(\"x\"); }", "")]
    [InlineData("if (true) { await Note(\"x\"); }", "")]
    public void Only_ways_that_can_differ_are_branches(string source, string branches) =>
        Assert.Equal(branches.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal), Diagram.Of(source, "x.csx").Branches.Select(branch => branch.Id).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_branch_of_a_file_can_be_asked_for_by_its_tree_alone()
    {
        var source = Fixtures.Read("odd-shapes.csx");
        var tree = CSharpSyntaxTree.ParseText(source, Diagram.ParseOptions, "odd-shapes.csx");
        Assert.Equal(Diagram.Of(source, "odd-shapes.csx").Branches.Select(branch => branch.Id), DiagramBranches.Of(tree).Select(branch => branch.Id));
        Assert.All(DiagramBranches.Of(tree), branch => Assert.Equal(branch.Source == DiagramBranchSource.Probe, branch.Probes.Length > 0));
    }

    private static void Intact(string source, Diagram diagram)
    {
        var traced = DiagramBranches.Instrument(source, diagram.Branches, "global::Soar.Trace.Hit");
        Assert.Empty(CSharpSyntaxTree.ParseText(traced, Diagram.ParseOptions).GetDiagnostics());
        Assert.Equal(source.Count(c => c == '\n'), traced.Count(c => c == '\n'));
        Assert.Equal(StepIds(source), StepIds(traced));
        foreach (var branch in diagram.Branches.Where(branch => branch.Source == DiagramBranchSource.Probe)) Assert.Contains($"\"{branch.Id}\"", traced);
    }

    private static string[] StepIds(string source) => [.. Titles.Of(CSharpSyntaxTree.ParseText(source, Diagram.ParseOptions)).Steps.Select(step => step.Id)];

    private static async Task<(string Result, List<string> Hits)> Run(string body, object input)
    {
        var code = $$"""
            public static class Trace { public static System.Collections.Generic.List<string> Hits = new(); public static bool Hit(string id) { Hits.Add(id); return true; } }
            public static class Program { public static async System.Threading.Tasks.Task<string> Main(object input) {
            {{body}}
            } }
            """;
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal)).Select(path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create("traced", [CSharpSyntaxTree.ParseText(code, Diagram.ParseOptions)], references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        using var image = new MemoryStream();
        var emitted = compilation.Emit(image);
        Assert.True(emitted.Success, string.Join('\n', emitted.Diagnostics.Where(found => found.Severity == DiagnosticSeverity.Error)) + "\n" + code);
        image.Position = 0;
        var context = new AssemblyLoadContext("traced", isCollectible: true);
        var assembly = context.LoadFromStream(image);
        var result = await (Task<string>)assembly.GetType("Program")!.GetMethod("Main", BindingFlags.Public | BindingFlags.Static)!.Invoke(null, [input])!;
        var hits = ((List<string>)assembly.GetType("Trace")!.GetField("Hits")!.GetValue(null)!).ToList();
        context.Unload();
        return (result, hits);
    }
}
