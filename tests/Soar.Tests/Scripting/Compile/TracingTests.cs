using Soar.Hosting;
using Soar.Scripting;
using Soar.Tests.Language;
using static Soar.Tests.Scripting.Compile.Compiling;

namespace Soar.Tests.Scripting.Compile;

/// <summary>A tracing build does the same and tells which way it went, and on what values.</summary>
public sealed class TracingTests
{
    [Fact]
    public async Task Branches_and_the_values_they_saw_are_told()
    {
        var (kept, told) = await TraceAsync("""
            var limit = 3;
            var who = "ann";
            if (limit > 2 && who.Length == 4)
                return Outcome.Escalated("no");
            foreach (var n in new[] { 1, 2 })
                limit += n;
            while (limit < 0) limit++;
            var word = limit switch { 6 => "six", _ => "other" };
            switch (word)
            {
                case "six": break;
                default: limit = 0; break;
            }
            try { throw new InvalidOperationException("x"); }
            catch (InvalidOperationException) { }
            var note = who is { Length: 3 } ? "three" : "not";
            // Ask her
            var decision = await Ask(who, "Go on?", within: 1.Hours);
            if (!decision.Approved) return Outcome.Escalated(decision.Reason);
            return Outcome.Completed(note);
            """, _ => new Decision(DecisionKind.Refused, "ann", "busy", default));
        Assert.Equal("Completed {\"kind\":\"Escalated\",\"reason\":\"busy\"}", kept.EndText);
        Assert.Equal(["ask-her 19"], kept.Calls.Select(call => $"{call.Path} {call.Line}"));
        var lines = told.Select(entry => entry.Text is null ? entry.Branch : $"{entry.Branch}: {entry.Text} = {entry.Value}").ToList();
        Assert.Equal(
            [
                "limit = 3", "who.Length = 3", "/false", "/entered", "/entered", "limit = 6", "/skipped", "limit = 6", "/6", "word = \"six\"", "/six", "/catch-invalidoperationexception",
                "decision.Approved = false", "/true",
            ],
            lines.Select(line => line.Contains(": ", StringComparison.Ordinal) ? line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..] : line[line.LastIndexOf('/')..]));
    }

    [Fact]
    public async Task What_a_condition_never_evaluates_is_never_told()
    {
        var (_, told) = await TraceAsync("string? who = null;\nif (who != null && who.Length > 2) return Outcome.Escalated(\"no\");\nif (who is { Length: > 2 } known) return Outcome.Completed(known);");
        Assert.Equal(["who = null", "who = null"], told.Where(entry => entry.Text is not null).Select(entry => $"{entry.Text} = {entry.Value}"));
    }

    [Fact]
    public async Task Every_branch_that_is_told_is_one_of_the_diagram()
    {
        const string body = "for (var i = 0; i < 2; i++)\n    if (i == 1 || i > 5) continue; else break;\nFunc<int, bool> f = x => x > 1 ? true : false;\nvar y = f(1) && f(2);";
        var (kept, told) = await TraceAsync(body);
        var tree = Microsoft.CodeAnalysis.CSharp.CSharpSyntaxTree.ParseText(Head + body);
        var known = DiagramBranches.Of(tree).Select(branch => branch.Id).ToHashSet();
        var hits = told.Where(entry => entry.Text is null).Select(entry => entry.Branch).ToList();
        Assert.Equal(RunEndKind.Completed, kept.End!.Kind);
        Assert.NotEmpty(hits);
        Assert.All(hits, hit => Assert.Contains(hit, known));
    }

    [Fact]
    public async Task Shipped_playbooks_have_tracing_builds()
    {
        foreach (var path in Directory.EnumerateFiles(Path.Combine(Repository, "playbooks"), "*.csx", SearchOption.AllDirectories))
        {
            var text = await File.ReadAllTextAsync(path);
            var result = await Builder.BuildAsync(text, path, new(Trace: true), CancellationToken.None);
            Assert.True(result.Succeeded, string.Join('\n', result.Diagnostics));
        }
    }

    private static async Task<(FakeEngine.Kept Kept, List<TraceEntry> Told)> TraceAsync(string body, Func<StepCall, object?>? answer = null)
    {
        await using var running = new Running();
        var kept = await running.StartAsync(await Running.PathOfAsync(Head + body, trace: true), answer);
        return (kept, kept.Noticed);
    }
}
