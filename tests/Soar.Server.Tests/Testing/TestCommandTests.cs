using System.Diagnostics;
using System.Xml.Linq;
using Soar.Testing;

namespace Soar.Server.Tests.Testing;

/// <summary>The command itself, as a process of its own with jailed hosts.</summary>
public sealed class TestCommandTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_shipped_playbooks_pass_their_tests_and_every_path_is_taken()
    {
        var playbooks = Path.Combine(Repository(), "playbooks");
        var junit = Path.Combine(folder.Path, "junit.xml");
        var (code, output, errors) = await SoarAsync("test", "--settings", Path.Combine(playbooks, "soar.yaml"), "--playbooks", playbooks, "--coverage", "full", "--junit", junit, "--svg", folder.Path);

        Assert.True(code == 0, output + errors);
        var last = output.TrimEnd().Split('\n')[^1];
        Assert.Matches("^[0-9]+ passed, 0 failed, 0 skipped$", last);
        foreach (var playbook in Directory.GetFiles(playbooks, "*.csx", SearchOption.AllDirectories))
        {
            var suite = XDocument.Load(junit).Root!.Elements("testsuite").Single(s => s.Attribute("name")!.Value.EndsWith(Path.GetFileName(playbook), StringComparison.Ordinal));
            Assert.True(int.Parse(suite.Attribute("tests")!.Value) >= 3, $"{playbook} has fewer than three tests");
            XDocument.Load(Path.Combine(folder.Path, Path.GetFileNameWithoutExtension(playbook) + ".svg"));
        }
    }

    [Fact]
    public async Task A_failure_makes_the_command_fail_and_says_where_it_stands()
    {
        folder.File("sample.csx", Bench.Header + "return Outcome.Completed();\n");
        folder.File("sample.tests.yaml", "tests:\n  - name: It is contained\n    expect: { outcome: Contained }\n  - name: It completes\n    expect: { outcome: Completed }\n");
        var (code, output, _) = await SoarAsync("test", "--playbooks", folder.Path);

        Assert.Equal(1, code);
        Assert.Contains("✘ It is contained", output);
        Assert.Contains("sample.tests.yaml:2: expected the outcome Contained, but the run ended Completed", output);
        Assert.Contains("✔ It completes", output);
        Assert.EndsWith("1 passed, 1 failed, 0 skipped\n", output);
    }

    [Fact]
    public async Task Full_coverage_fails_when_a_branch_was_not_taken_and_names_its_line()
    {
        folder.File("sample.csx", Bench.Header + "var n = Input(\"n\", 1, \"N\");\nif (n > 1)\n    return Outcome.Contained();\nreturn Outcome.Completed();\n");
        folder.File("sample.tests.yaml", "tests:\n  - name: It completes\n    expect: { outcome: Completed }\n");
        var (code, output, _) = await SoarAsync("test", "--playbooks", folder.Path, "--coverage", "full");
        var (summary, _, _) = await SoarAsync("test", "--playbooks", folder.Path);

        Assert.Equal((1, 0), (code, summary));
        Assert.Contains("paths: 1 of 2 (50 %)", output);
        Assert.Contains("sample.csx:3: no test took n > 1", output);
        Assert.EndsWith("1 passed, 0 failed, 0 skipped\n", output);
    }

    [Fact]
    public async Task Nothing_is_left_out_in_silence()
    {
        folder.File("tested.csx", Bench.Header + "return Outcome.Completed();\n");
        folder.File("tested.tests.yaml", "tests:\n  - name: It completes\n    expect: { outcome: Completed }\n");
        folder.File("untested.csx", Bench.Header.Replace("sample", "other") + "return Outcome.Completed();\n");
        folder.File("lost.tests.yaml", "tests:\n  - name: It completes\n    expect: { outcome: Completed }\n");
        var (code, output, _) = await SoarAsync("test", "--playbooks", folder.Path);
        var (filtered, _, errors) = await SoarAsync("test", "--playbooks", folder.Path, "--filter", "no such thing", "tested");

        Assert.Equal((1, 2), (code, filtered));
        Assert.Contains("untested.csx\n  - has no tests", output);
        Assert.Contains("lost.tests.yaml:1: there is no playbook lost.csx beside it", output);
        Assert.EndsWith("1 passed, 1 failed, 0 skipped\n", output);
        Assert.Contains("No test has 'no such thing' in its name", errors);
    }

    private async Task<(int Code, string Output, string Errors)> SoarAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "soar"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = folder.Path };
        start.Environment["SOAR_CACHE"] = Path.Combine(folder.Path, "cache");
        start.Environment.Remove("SOAR_SETTINGS");
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await errors);
    }

    private static string Repository()
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Soar.sln"))) root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException("Soar.sln is not above the tests.");
        return root;
    }
}
