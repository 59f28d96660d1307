using System.Xml.Linq;
using Soar.Server.Display;
using Soar.Server.Testing;

namespace Soar.Server.Tests.Testing;

public sealed class CoverageTests
{
    private const string Body =
        """
        var words = Input("words", "aa b", "Words");
        var seen = 0;
        foreach (var word in words.Split(' '))
            seen++;
        try
        {
            // Look it up
            var report = await Intel.Lookup(IpAddress.Parse("203.0.113.7")).Timeout(5.Seconds);
            if (report.Verdict == Verdict.Malicious)
                return Outcome.Escalated(report.Details);
        }
        catch (StepException)
        {
            return Outcome.Escalated("nobody knows");
        }

        var all = await ForEach(words.Split(' ').Where(word => word.Length > 1), word => Intel.Lookup(IpAddress.Parse("203.0.113.8")));
        var decision = await Ask("lead", "Go on?", within: 1.Hours);
        return decision.Approved ? Outcome.Completed() : Outcome.Escalated($"{all.Count} {seen}");
        """;

    private const string One =
        """
        tests:
          - name: Approved
            steps: { intel.lookup: { returns: { source: s, verdict: Unknown, details: d } } }
            people: { lead: { approve: "yes" } }
            expect: { outcome: Completed }

        """;

    private const string More =
        """
          - name: Refused
            steps: { look-it-up: { fails: "404" } }
            expect: { outcome: Escalated }

        """;

    [Fact]
    public async Task Branches_that_a_test_took_are_covered_and_the_others_are_listed_with_their_line()
    {
        var coverage = (await MeasureAsync(One)).Coverage!;
        var untaken = coverage.Untaken.Select(b => $"{b.Span.Line} {b.Id}").ToList();

        Assert.Contains("if-report-verdict-is-verdict-malicious/false", coverage.Taken.Where(t => t.StartsWith("if-report", StringComparison.Ordinal)));
        Assert.Contains(coverage.Untaken, b => b.Kind == Soar.Scripting.DiagramBranchKind.Catch);
        Assert.Contains(coverage.Untaken, b => b is { Kind: Soar.Scripting.DiagramBranchKind.Timeout, StepId: "look-it-up" });
        Assert.Contains(coverage.Untaken, b => b is { Kind: Soar.Scripting.DiagramBranchKind.Error, StepId: "look-it-up" });
        Assert.Contains(coverage.Untaken, b => b is { Kind: Soar.Scripting.DiagramBranchKind.Refused, StepId: "ask" });
        Assert.DoesNotContain(coverage.Untaken, b => b is { Kind: Soar.Scripting.DiagramBranchKind.Approved });
        Assert.DoesNotContain(coverage.Untaken, b => b is { Kind: Soar.Scripting.DiagramBranchKind.Entered });
        Assert.Equal(coverage.All, coverage.Covered + coverage.Untaken.Count);
        Assert.True(coverage.Untaken.Count >= 6, string.Join("\n", untaken));
    }

    [Fact]
    public async Task Tests_that_take_every_way_cover_everything()
    {
        var file = await MeasureAsync(One +
            """
              - name: Refused, and a way out of everything
                inputs: { words: "a b" }
                steps: { look-it-up: { returns: { source: s, verdict: Unknown, details: d } } }
                people: { lead: { refuse: "no" } }
                expect: { outcome: Escalated, reason: "0 2" }
              - name: Nobody answers
                steps: { intel.lookup: { returns: { source: s, verdict: Unknown, details: d } } }
                expect: { outcome: Escalated }
              - name: It fails
                steps: { look-it-up: { fails: "404" } }
                expect: { reason: nobody knows }
              - name: It is silent
                steps: { look-it-up: { times-out: true } }
                expect: { reason: nobody knows, duration: 5s }
              - name: It is malicious
                steps: { look-it-up: { returns: { source: s, verdict: Malicious, details: d } } }
                expect: { reason: d }
            """, "unreachable:\n  foreach-word/skipped: Split gives one word at least\n");

        Assert.All(file.Results, result => Assert.Equal("", string.Join("\n", result.Failures)));
        Assert.Null(file.Problem);
        Assert.Equal("", string.Join("\n", file.Coverage!.Untaken.Select(b => $"{b.Span.Line} {b.Id}")));
        Assert.Equal(file.Coverage.All, file.Coverage.Covered);
    }

    [Fact]
    public async Task Time_limits_of_loops_and_functions_are_covered_when_they_pass()
    {
        await using var bench = new Bench();
        var file = await bench.RunAsync(
            """
            var late = "";
            try
            {
                await ForEach(Intel.All, source => source.Lookup(IpAddress.Parse("203.0.113.7"))).Timeout(5.Seconds);
            }
            catch (StepTimedOut e)
            {
                late += e.Step + " ";
            }

            try
            {
                await Wave(1.Days).Timeout(90.Days);
                await Wave(30.Days).Timeout(20.Days);
            }
            catch (StepTimedOut e)
            {
                late += e.Step;
            }

            return Outcome.Completed(late);

            async Step Wave(TimeSpan length)
            {
                await Wait(length);
                await Wait(length);
            }
            """,
            """
            tests:
              - name: In time
                steps: { intel.lookup: { returns: { source: s, verdict: Unknown, details: d } } }
                expect: { outcome: Completed, reason: "wave-2", duration: 22d }
              - name: Late
                steps: { intel.lookup: { times-out: true } }
                expect: { outcome: Completed, reason: "for-each wave-2", duration: 1900805s, steps: [for-each, wave-2] }
            """, coverage: true);

        Assert.Equal("", file.Problem ?? "");
        Assert.Equal("", string.Join("\n", file.Results.SelectMany(result => result.Failures)));
        Assert.Equal(["call-wave/timeout", "for-each/skipped", "intel-lookup/error"], file.Coverage!.Untaken.Select(b => b.Id).Order(StringComparer.Ordinal));
        Assert.Contains("for-each/timeout", file.Coverage.Taken);
        Assert.Contains(file.Coverage.Diagram.Branches, b => b is { Kind: Soar.Scripting.DiagramBranchKind.Timeout, StepId: "wave-2" } && file.Coverage.Taken.Contains(b.Id));
    }

    [Theory]
    [InlineData("foreach-word/entered: never", "line 2: unreachable: a test took 'foreach-word/entered': take the line out")]
    [InlineData("foreach-wrd/skipped: never", "line 2: unreachable: there is no branch 'foreach-wrd/skipped'. Did you mean 'foreach-word/skipped'?")]
    [InlineData("foreach-word/skipped:", "line 2: unreachable: say why no run can take 'foreach-word/skipped'")]
    public async Task What_is_said_to_be_unreachable_must_be_so(string said, string problem) =>
        Assert.Equal(problem, (await MeasureAsync(One, $"unreachable:\n  {said}\n")).Problem);

    [Fact]
    public async Task The_diagram_shows_what_is_covered()
    {
        var coverage = (await MeasureAsync(One)).Coverage!;
        var svg = coverage.Svg();
        XDocument.Parse(svg);
        Assert.NotEqual(Soar.Scripting.DiagramSvg.Write(coverage.Diagram), svg);
    }

    [Fact]
    public async Task JUnit_tells_what_failed_and_what_happened()
    {
        var file = await MeasureAsync(One +
            """
              - name: It fails
                steps: { look-it-up: { fails: "\u00074\u000104" } }
                expect: { reason: "<else>" }
              - name: Later
                skip: the product is not there yet
                expect: { outcome: Completed }
            """);
        var xml = new TestReport(new Terminal(), Path.GetDirectoryName(file.Playbook)!).JUnit([file]).ToString();
        var suite = XDocument.Parse(xml).Root!.Element("testsuite")!;

        Assert.Equal(("sample.csx", "3", "1", "1"), (suite.Attribute("name")!.Value, suite.Attribute("tests")!.Value, suite.Attribute("failures")!.Value, suite.Attribute("skipped")!.Value));
        var failed = suite.Elements("testcase").ElementAt(1);
        Assert.Equal(("It fails", "sample.tests.yaml", "6"), (failed.Attribute("name")!.Value, failed.Attribute("file")!.Value, failed.Attribute("line")!.Value));
        Assert.Equal("expected a reason with \"<else>\", but the run ended Escalated: nobody knows", failed.Element("failure")!.Attribute("message")!.Value);
        Assert.Contains("look-it-up (intel.lookup) → Failed", failed.Element("failure")!.Value);
        Assert.Equal("the product is not there yet", suite.Elements("testcase").Last().Element("skipped")!.Attribute("message")!.Value);
    }

    [Fact]
    public async Task JSON_has_the_counts_and_what_no_test_took()
    {
        var file = await MeasureAsync(One + More);
        var json = System.Text.Json.JsonSerializer.SerializeToElement(new TestReport(new Terminal(), Path.GetDirectoryName(file.Playbook)!).Json([file]), Soar.Capabilities.SoarJson.Options);

        Assert.Equal((2, 0), (json.GetProperty("passed").GetInt32(), json.GetProperty("failed").GetInt32()));
        var paths = json.GetProperty("playbooks")[0].GetProperty("paths");
        Assert.Equal(paths.GetProperty("all").GetInt32(), paths.GetProperty("covered").GetInt32() + paths.GetProperty("untaken").GetArrayLength());
        Assert.Equal("passed", json.GetProperty("playbooks")[0].GetProperty("results")[0].GetProperty("status").GetString(), ignoreCase: true);
    }

    private static async Task<FileResult> MeasureAsync(string tests, string before = "")
    {
        await using var bench = new Bench();
        return await bench.RunAsync(Body, before + tests, coverage: true);
    }
}
