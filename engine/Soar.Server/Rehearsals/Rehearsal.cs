using System.Collections.Concurrent;
using Soar.Alerts;
using Soar.Capabilities;
using Soar.Hosting;
using Soar.Scripting;
using Soar.Scripting.Compile;
using Soar.Scripting.JavaScript;
using Soar.Server.Node;
using Soar.Server.Testing;

namespace Soar.Server.Rehearsals;

/// <param name="Alerts">How many, newest first.</param>
/// <param name="Agree">What everybody says who is asked.</param>
/// <param name="Sight">Of the alerts that are seen.</param>
internal sealed record RehearsalTerms(int Alerts, bool Agree, Storage.Horizon Sight);

/// <param name="Differences">From what is published; empty where that is the same, or nothing is.</param>
/// <param name="Published">What is published would have done; null where nothing is.</param>
internal sealed record RehearsedAlert(AlertRecord Alert, IReadOnlyList<RehearsalDifference> Differences, RehearsedRun Draft, RehearsedRun? Published);

/// <param name="Against">The version that the draft was compared with; null = none.</param>
/// <param name="Problem">Why it was compared with none.</param>
/// <param name="Alerts">Those that differ first, the heaviest difference before all; then the newest.</param>
/// <param name="Unreached">For how many alerts the time did not suffice.</param>
internal sealed record Rehearsed(string? Against, string? Problem, IReadOnlyList<RehearsedAlert> Alerts, int Unreached);

/// <summary>
/// What a draft would have done about the alerts that came in last, beside what is published. Each alert is played as a test is: an engine of its own on a fresh store, at the time when the alert came, a clock that
/// jumps, simulators for every product, everybody agreeing at once (or refusing). No product is reached, this deployment's store is only read, and nothing of it is among its runs.
/// </summary>
/// <param name="kept">Built-in capabilities that read what this deployment keeps: Lists, Contacts.</param>
internal sealed class Rehearsal(Toolchain tools, NodeReader reader, IReadOnlyDictionary<string, object> kept, IArtifacts artifacts, TimeProvider clock)
{
    public const int MostAlerts = 100;

    /// <summary>So many at once, each with a playbook host of its own: what is live needs the machine more.</summary>
    private const int Lanes = 2;

    private readonly Playbooks playbooks = new(tools.Compiler, tools.Workspace.Playbooks, StoredVersions.None with { Published = reader.Versions.CurrentAsync });
    private readonly SemaphoreSlim one = new(1, 1);

    /// <summary>How long all of it may take; alerts that are left by then are counted.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long one run may take by the real clock.</summary>
    public TimeSpan LongestRun { get; init; } = TimeSpan.FromSeconds(20);

    /// <param name="file">As findings name it.</param>
    /// <exception cref="PlaybookRefusedException">The text does not compile.</exception>
    public async Task<Rehearsed> RunAsync(string name, string source, string file, RehearsalTerms terms, CancellationToken cancellation)
    {
        await one.WaitAsync(cancellation);
        try
        {
            var draft = await playbooks.FromTextAsync(source, file, cancellation);
            var (published, problem) = await PublishedAsync(name, cancellation);
            await WarmAsync([draft, .. published is null ? Array.Empty<CompiledPlaybook>() : [published]], cancellation);
            await playbooks.TracingAsync(draft, cancellation);
            var alerts = await LastAsync(terms);
            var (waiting, done) = (new ConcurrentQueue<AlertRecord>(alerts), new ConcurrentBag<RehearsedAlert>());
            using var limit = new CancellationTokenSource(Longest, clock);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
            try
            {
                await Task.WhenAll(Enumerable.Range(0, Math.Min(Lanes, alerts.Count)).Select(_ => LaneAsync(draft, published, waiting, done, terms, both.Token)));
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
            {
                // What was reached by now is told.
            }

            return new Rehearsed(published?.Header.Version, problem, [.. done.OrderBy(Weight).ThenByDescending(played => played.Alert.Number)], alerts.Count - done.Count);
        }
        finally
        {
            one.Release();
        }
    }

    private static int Weight(RehearsedAlert played) => played.Differences.Count == 0 ? int.MaxValue : (int)played.Differences.Min(difference => difference.Kind);

    /// <summary>Repeats and what a rule suppressed reach no playbook.</summary>
    private async Task<IReadOnlyList<AlertRecord>> LastAsync(RehearsalTerms terms) =>
        [.. (await reader.Alerts.ListAsync(null, null, 10 * MostAlerts, terms.Sight)).Where(alert => alert.State is not (AlertState.Duplicate or AlertState.Suppressed)).Take(terms.Alerts)];

    /// <summary>What runs now under this name.</summary>
    private async Task<(CompiledPlaybook? Playbook, string? Problem)> PublishedAsync(string name, CancellationToken cancellation)
    {
        try
        {
            return (await playbooks.ByNameAsync(name, cancellation), null);
        }
        catch (SoarException none) when (none is NotFoundException or PlaybookRefusedException)
        {
            return (null, none.Message);
        }
    }

    /// <summary>Compiles every sub-playbook first, so that no run's time goes into that. What is wrong with one its run tells.</summary>
    private async Task WarmAsync(IReadOnlyList<CompiledPlaybook> played, CancellationToken cancellation)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var waiting = new Queue<CompiledPlaybook>(played);
        while (waiting.TryDequeue(out var next))
        {
            foreach (var (name, _) in new PlaybookText(next.Source, next.File).SubPlaybooks().Where(sub => seen.Add(sub.Playbook)))
            {
                if ((await PublishedAsync(name, cancellation)).Playbook is { } found) waiting.Enqueue(found);
            }
        }
    }

    private async Task LaneAsync(CompiledPlaybook draft, CompiledPlaybook? published, ConcurrentQueue<AlertRecord> waiting, ConcurrentBag<RehearsedAlert> done, RehearsalTerms terms, CancellationToken cancellation)
    {
        await using var javaScript = new JavaScriptRunner(new JavaScriptOptions { Policy = tools.Settings.Jail }, ChildProgram.Entry, clock);
        await using var bench = await TestBench.OpenAsync(tools, playbooks, javaScript, kept, artifacts, clock, cancellation);
        while (waiting.TryDequeue(out var alert))
        {
            var would = await PlayAsync(bench, draft, alert, terms, traced: true, cancellation);
            var does = published is null ? null : await PlayAsync(bench, published, alert, terms, traced: false, cancellation);
            done.Add(new RehearsedAlert(alert, does is null ? [] : RehearsalDifference.Between(does, would), would, does));
        }
    }

    private async Task<RehearsedRun> PlayAsync(TestBench bench, CompiledPlaybook playbook, AlertRecord alert, RehearsalTerms terms, bool traced, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(LongestRun, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        try
        {
            if (await StoryAsync(bench, playbook, alert, terms, both.Token) is not { } story) return RehearsedRun.NotWanted;
            var coverage = traced ? await PathCoverage.MeasureAsync(bench, playbook, story.Journals, both.Token) : null;
            return RehearsedRun.Of(story, coverage?.Taken ?? []);
        }
        catch (SoarException problem)
        {
            return RehearsedRun.Failed(problem.Message);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return RehearsedRun.Failed($"It took more than {Durations.Say(LongestRun)}: a simulator or the playbook hangs.");
        }
    }

    /// <summary>Null when the playbook does not want the alert.</summary>
    private async Task<TestStory?> StoryAsync(TestBench bench, CompiledPlaybook playbook, AlertRecord alert, RehearsalTerms terms, CancellationToken cancellation)
    {
        var test = new PlaybookTest
        {
            Name = $"alert {alert.Number}", File = playbook.File, Line = 0, Recorded = alert.Alert, Now = alert.ReceivedAt, Everybody = terms.Agree,
            Instances = tools.Catalog.Capabilities.Where(capability => !capability.BuiltIn).ToDictionary(capability => capability.Name, capability => tools.Registry.Names(capability.Name), StringComparer.Ordinal),
        };
        await using var play = new TestPlay(bench, test, playbook);
        return await play.WantsAsync(cancellation) ? await play.RunAsync(cancellation) : null;
    }
}
