using Soar.Hosting;
using Soar.Scripting.Compile;

namespace Soar.Server.Testing;

internal enum TestStatus { Passed, Failed, Skipped }

/// <param name="Failures">Everything that was expected and did not happen, or the other way round.</param>
/// <param name="Story">Null when the run could not even begin, or the test was skipped.</param>
internal sealed record TestResult(PlaybookTest Test, TestStatus Status, TimeSpan Took, IReadOnlyList<string> Failures, TestStory? Story);

/// <param name="Problem">Why none of its tests could be run; null when they were.</param>
/// <param name="Coverage">Null when it was not measured.</param>
internal sealed record FileResult(string Playbook, string? TestFile, IReadOnlyList<TestResult> Results, string? Problem, PathCoverage? Coverage = null);

/// <summary>Runs the tests of playbooks, one after the other.</summary>
internal sealed class TestRunner(TestBench bench, TimeProvider clock)
{
    /// <summary>How long one test may take by the real clock.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Only tests whose name contains this.</summary>
    public string? Filter { get; init; }

    /// <summary>Whether to find out which branches the tests took.</summary>
    public bool Coverage { get; init; }

    /// <summary>Told after each test.</summary>
    public Action<TestResult>? Tested { get; init; }

    public async Task<FileResult> RunAsync(string playbookFile, string testFile, CancellationToken cancellation)
    {
        try
        {
            return await RunAsync(await bench.Playbooks.FromFileAsync(playbookFile, cancellation), testFile, cancellation);
        }
        catch (SoarException problem)
        {
            return new FileResult(playbookFile, testFile, [], problem.Message);
        }
    }

    /// <summary>The tests of a file, done with a playbook that need not be the one beside it: a draft of it.</summary>
    public async Task<FileResult> RunAsync(CompiledPlaybook playbook, string testFile, CancellationToken cancellation)
    {
        var playbookFile = playbook.File;
        var tests = TestFileReader.Read(testFile);

        var results = new List<TestResult>();
        foreach (var test in tests.Tests.Where(t => Filter is null || t.Name.Contains(Filter, StringComparison.OrdinalIgnoreCase)))
        {
            var result = test.Skip is { } why
                ? new TestResult(test, TestStatus.Skipped, TimeSpan.Zero, [why], null)
                : await RunAsync(test, playbook, cancellation);
            results.Add(result);
            Tested?.Invoke(result);
        }

        // A mock of the whole file that no test used is forgotten text; only a full run can tell.
        var used = results.SelectMany(r => r.Story?.UsedMocks ?? []).Select(m => m.Line).ToHashSet();
        var forgotten = Filter is null && results.TrueForAll(r => r.Status != TestStatus.Skipped)
            ? tests.CommonMocks.Where(m => !used.Contains(m.Line)).Select(m => $"line {m.Line}: no step of any test fitted '{m.Key}'").ToList()
            : [];
        if (Coverage)
        {
            var coverage = await PathCoverage.MeasureAsync(bench, playbook, results.SelectMany(r => r.Story?.Journals ?? []), cancellation);
            forgotten.AddRange(coverage.Wrong(tests.Unreachable));
            return new FileResult(playbookFile, testFile, results, forgotten.Count == 0 ? null : string.Join("\n", forgotten), coverage with { Unreachable = [.. tests.Unreachable.Select(u => u.Id)] });
        }

        return new FileResult(playbookFile, testFile, results, forgotten.Count == 0 ? null : string.Join("\n", forgotten));
    }

    private async Task<TestResult> RunAsync(PlaybookTest test, CompiledPlaybook playbook, CancellationToken cancellation)
    {
        var began = clock.GetTimestamp();
        using var patience = new CancellationTokenSource(Patience, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        try
        {
            await using var play = new TestPlay(bench, test, playbook);
            var story = await play.RunAsync(both.Token);
            var failures = new TestJudge(test, story, bench.Catalog, playbook).Judge();
            return new TestResult(test, failures.Count == 0 ? TestStatus.Passed : TestStatus.Failed, clock.GetElapsedTime(began), failures, story);
        }
        catch (SoarException problem)
        {
            return new TestResult(test, TestStatus.Failed, clock.GetElapsedTime(began), [problem.Message], null);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return new TestResult(test, TestStatus.Failed, clock.GetElapsedTime(began), [$"the test took more than {Durations.Say(Patience)}: a simulator or the playbook hangs"], null);
        }
    }
}
