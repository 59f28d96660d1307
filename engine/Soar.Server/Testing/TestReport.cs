using System.Globalization;
using System.Xml.Linq;
using Soar.Server.Display;

namespace Soar.Server.Testing;

/// <summary>Shows results: for people, as JSON, as JUnit XML.</summary>
internal sealed class TestReport(Terminal terminal, string folder)
{
    private const int MostSteps = 60;

    private string? heading;

    /// <summary>The playbook that the next results are of; shown with the first of them.</summary>
    public void Heading(string playbook) => heading = playbook;

    public void Show(TestResult result)
    {
        ShowHeading();
        var name = Terminal.Safe(result.Test.Name);
        switch (result.Status)
        {
            case TestStatus.Passed:
                terminal.Line($"  [green]✔[/] {name} [grey]({Took(result)})[/]");
                return;
            case TestStatus.Skipped:
                terminal.Line($"  [yellow]-[/] {name}: skipped: {Terminal.Safe(result.Failures[0])}");
                return;
        }

        terminal.Line($"  [red]✘[/] {name} [grey]({Took(result)})[/]");
        foreach (var failure in result.Failures) terminal.Line($"      [red]{Terminal.Safe(Where(result, failure), lines: true)}[/]");
        if (result.Story is not { } story) return;
        terminal.Line("      What happened:");
        foreach (var line in Told(story)) terminal.Line($"        {Terminal.Safe(line)}");
    }

    private void ShowHeading()
    {
        if (heading is not null) terminal.Line($"[bold]{Terminal.Safe(Relative(heading))}[/]");
        heading = null;
    }

    public void Show(FileResult file)
    {
        if (file.TestFile is null || file.Problem is not null) ShowHeading();
        if (file.TestFile is null) terminal.Line("  [yellow]-[/] has no tests: write them beside it in a .tests.yaml");
        if (file.Problem is { } problem)
        {
            // Lines that say themselves where they belong stay as they are.
            foreach (var line in problem.Split('\n'))
                terminal.Line(line.StartsWith("  ", StringComparison.Ordinal) ? $"      [red]{Terminal.Safe(line.Trim())}[/]" : $"  [red]✘ {Terminal.Safe(line.StartsWith("line ", StringComparison.Ordinal) ? Where(file.TestFile!, 1, line) : line)}[/]");
        }
    }

    /// <summary>Path coverage of one playbook.</summary>
    public void Show(FileResult file, bool full)
    {
        if (file.Coverage is not { } coverage) return;
        var all = coverage.All;
        terminal.Line($"  {(coverage.Covered == all ? "[green]" : "[yellow]")}paths: {coverage.Covered} of {all}{(all == 0 ? "" : $" ({100 * coverage.Covered / all} %)")}[/]");
        if (!full && coverage.Untaken.Count > 0) terminal.Line("    [grey]--coverage full lists what no test took[/]");
        if (!full) return;
        foreach (var branch in coverage.Untaken) terminal.Line($"    [red]{Terminal.Safe($"{Relative(file.Playbook)}:{branch.Span.Line}: no test took {branch.Label} ({branch.Id})")}[/]");
    }

    public object Json(IReadOnlyList<FileResult> files) => new
    {
        passed = Count(files, TestStatus.Passed), failed = Count(files, TestStatus.Failed) + files.Count(f => f.Problem is not null), skipped = Count(files, TestStatus.Skipped),
        playbooks = files.Select(f => new
        {
            playbook = Relative(f.Playbook), tests = f.TestFile is null ? null : Relative(f.TestFile), problem = f.Problem,
            results = f.Results.Select(r => new
            {
                name = r.Test.Name, line = r.Test.Line, status = r.Status, milliseconds = Math.Round(r.Took.TotalMilliseconds, 1), failures = r.Failures.Select(failure => Where(r, failure)),
                outcome = r.Story?.Outcome, duration = r.Story?.Duration, steps = r.Story is { } story ? Told(story) : null,
            }),
            paths = f.Coverage is { } c ? new { all = c.All, covered = c.Covered, untaken = c.Untaken.Select(b => new { id = b.Id, label = b.Label, line = b.Span.Line }) } : null,
        }),
    };

    public static int Count(IReadOnlyList<FileResult> files, TestStatus status) => files.Sum(f => f.Results.Count(r => r.Status == status));

    /// <summary>The format that build servers read.</summary>
    public XDocument JUnit(IReadOnlyList<FileResult> files) => new(new XElement("testsuites", files.Select(Suite)));

    private XElement Suite(FileResult file)
    {
        var suite = Relative(file.Playbook);
        var cases = file.Results.Select(r => new XElement("testcase", new XAttribute("classname", suite), new XAttribute("name", r.Test.Name), new XAttribute("file", Relative(r.Test.File)), new XAttribute("line", r.Test.Line),
            new XAttribute("time", Seconds(r.Took)), Content(r))).ToList();
        if (file.Problem is { } problem)
            cases.Add(new XElement("testcase", new XAttribute("classname", suite), new XAttribute("name", "the test file"), new XElement("failure", new XAttribute("message", Xml(problem)))));
        return new XElement("testsuite", new XAttribute("name", suite), new XAttribute("tests", cases.Count),
            new XAttribute("failures", file.Results.Count(r => r.Status == TestStatus.Failed) + (file.Problem is null ? 0 : 1)), new XAttribute("skipped", file.Results.Count(r => r.Status == TestStatus.Skipped)),
            new XAttribute("time", Seconds(TimeSpan.FromTicks(file.Results.Sum(r => r.Took.Ticks)))), cases);
    }

    private XElement? Content(TestResult result) => result.Status switch
    {
        TestStatus.Failed => new XElement("failure", new XAttribute("message", Xml(string.Join("; ", result.Failures))),
            Xml(string.Join("\n", result.Failures.Select(f => Where(result, f)).Concat(result.Story is { } story ? Told(story).Prepend("What happened:") : [])))),
        TestStatus.Skipped => new XElement("skipped", new XAttribute("message", Xml(result.Failures[0]))),
        _ => null,
    };

    private static IReadOnlyList<string> Told(TestStory story)
    {
        var lines = story.Steps.Where(s => s.Happened).Take(MostSteps).Select(s => s.ToString()).ToList();
        var more = story.Steps.Count(s => s.Happened) - lines.Count;
        if (more > 0) lines.Add($"… and {more} more {Plural.Word(more, "step")}");
        foreach (var question in story.Questions.Take(10)) lines.Add($"{question.Who} was asked \"{question.Text}\": {(question.Answers.Count == 0 ? question.Status.ToString().ToLowerInvariant() : string.Join(", ", question.Answers.Select(a => $"{a.By} {(a.Value ?? (a.Approve ? "approved" : "refused"))}")))}");
        lines.Add($"ended {(object?)story.Outcome ?? story.Failure?.Message ?? story.Root.Status.ToString()} after {Durations.Say(story.Duration)}");
        return lines;
    }

    private string Took(TestResult result)
    {
        var real = result.Took < TimeSpan.FromSeconds(1) ? $"{result.Took.TotalMilliseconds:0} ms" : string.Create(CultureInfo.InvariantCulture, $"{result.Took.TotalSeconds:0.0} s");
        return result.Story is { } story && story.Duration >= TimeSpan.FromSeconds(1) ? $"{real} for {Durations.Say(TimeSpan.FromSeconds(Math.Round(story.Duration.TotalSeconds)))}" : real;
    }

    private string Where(TestResult result, string failure) => Where(result.Test.File, result.Test.Line, failure);

    private string Where(string file, int line, string failure)
    {
        if (!failure.StartsWith("line ", StringComparison.Ordinal) || failure.IndexOf(':') is not (> 5 and var colon) || !int.TryParse(failure.AsSpan(5, colon - 5), CultureInfo.InvariantCulture, out var own))
            return failure.StartsWith(Relative(file), StringComparison.Ordinal) ? failure : $"{Relative(file)}:{line}: {failure}";
        return $"{Relative(file)}:{own}:{failure[(colon + 1)..]}";
    }

    private string Relative(string path) => Path.GetRelativePath(folder, path);

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);

    // XML has no place for control characters, and texts of connectors may have them.
    private static string Xml(string text) => string.Concat(text.Select(c => c is '\n' or '\t' || !char.IsControl(c) ? c : ' '));
}
