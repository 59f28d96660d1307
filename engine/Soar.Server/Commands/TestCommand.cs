using System.CommandLine;
using System.Text;
using Soar.Scripting.JavaScript;
using Soar.Server.Display;
using Soar.Server.Node;
using Soar.Server.Testing;

namespace Soar.Server.Commands;

/// <summary><c>soar test</c>: runs the tests beside the playbooks, on a virtual clock and without touching any product.</summary>
internal static class TestCommand
{
    public static Command Create()
    {
        var paths = new Argument<string[]>("playbooks") { Description = "Names, files or folders. Default: all playbooks that have tests.", Arity = ArgumentArity.ZeroOrMore };
        var filter = new Option<string?>("--filter") { Description = "Only tests whose name contains this text." };
        var coverage = new Option<string>("--coverage") { Description = "Path coverage: none, summary, or full, which lists every branch that no test took and fails when there is one.", DefaultValueFactory = _ => "summary" };
        coverage.AcceptOnlyFromAmong("none", "summary", "full");
        var svg = new Option<string?>("--svg") { Description = "Draw each playbook with what its tests covered into this folder." };
        var junit = new Option<string?>("--junit") { Description = "Write JUnit XML to this file." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("test", "Runs the tests of playbooks: mocked results, virtual clock, path coverage.") { paths, filter, coverage, svg, junit, json };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            var parsed = context.Parsed;
            var names = parsed.GetValue(paths) ?? [];
            var files = PlaybookCommands.Files(context.Workspace, names);
            var full = parsed.GetValue(coverage) == "full";
            var report = new TestReport(context.Terminal, Environment.CurrentDirectory);
            var quiet = parsed.GetValue(json);
            var wanted = parsed.GetValue(filter);
            await using var tools = Toolchain.Open(context.Workspace, context.Clock);
            await using var javaScript = new JavaScriptRunner(new JavaScriptOptions { Policy = tools.Settings.Jail }, ChildProgram.Entry, context.Clock);
            await using var bench = await TestBench.OpenAsync(tools, javaScript, context.Clock, cancellation);
            var runner = new TestRunner(bench, context.Clock)
            {
                // What some of the tests do not cover says nothing; asked for in full, it is measured all the same.
                Filter = wanted, Coverage = full || parsed.GetValue(svg) is not null || (wanted is null && parsed.GetValue(coverage) != "none"), Tested = quiet ? null : report.Show,
            };
            var results = new List<FileResult>();
            foreach (var file in files)
            {
                if (!quiet) report.Heading(file);
                var tests = TestFileReader.Beside(file);
                var result = tests is null ? new FileResult(file, null, [], null) : await runner.RunAsync(file, tests, cancellation);
                results.Add(result);
                if (quiet) continue;
                report.Show(result);
                report.Show(result, full);
            }

            foreach (var lost in names.Length == 0 ? Lost(context.Workspace.Playbooks) : [])
            {
                var result = new FileResult(lost, lost, [], $"line 1: there is no playbook {Path.GetFileName(lost).Replace(".tests.yaml", ".csx", StringComparison.Ordinal)} beside it: rename or delete it");
                results.Add(result);
                if (!quiet) report.Show(result);
            }

            if (wanted is not null && results.TrueForAll(r => r.Results.Count == 0 && r.Problem is null))
                throw new SoarException("SOAR5004", $"No test has '{wanted}' in its name.");

            if (parsed.GetValue(junit) is { } target) report.JUnit(results).Save(target);
            if (parsed.GetValue(svg) is { } folder) await DrawAsync(results, folder, cancellation);
            var failed = TestReport.Count(results, TestStatus.Failed) + results.Count(r => r.Problem is not null);
            if (quiet) context.Terminal.Json(report.Json(results));
            else context.Terminal.Line($"{TestReport.Count(results, TestStatus.Passed)} passed, {failed} failed, {TestReport.Count(results, TestStatus.Skipped)} skipped");
            var uncovered = full && results.Exists(r => r.TestFile is null || r.Coverage is { Untaken.Count: > 0 });
            return failed > 0 || uncovered ? CommandContext.Failed : CommandContext.Done;
        });
        return command;
    }

    /// <summary>Test files whose playbook is not there any more.</summary>
    private static IEnumerable<string> Lost(string folder) =>
        Directory.GetFiles(folder, "*.tests.yaml", SearchOption.AllDirectories).Where(tests => !File.Exists(tests.Replace(".tests.yaml", ".csx", StringComparison.Ordinal))).Order(StringComparer.Ordinal);

    private static async Task DrawAsync(IEnumerable<FileResult> results, string folder, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        foreach (var result in results.Where(r => r.Coverage is not null))
            await File.WriteAllTextAsync(Path.Combine(folder, Path.GetFileNameWithoutExtension(result.Playbook) + ".svg"), result.Coverage!.Svg(), new UTF8Encoding(false), cancellation);
    }
}
