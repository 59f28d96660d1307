using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Soar.Capabilities;
using Soar.Cases;
using Soar.Connectors.Suricata;
using Soar.Engine;
using Soar.Hosting;
using Soar.Runs;
using Soar.Server.Settings;
using Soar.Storage;
using YamlDotNet.RepresentationModel;

namespace Soar.Server.Testing;

/// <summary>
/// One test's run: an engine of its own on a fresh store, a clock that jumps to whatever comes next whenever nothing is in hand, and people, signals and
/// products that do what the test says. Nothing sleeps; the same test does the same every time.
/// </summary>
internal sealed class TestPlay : IAsyncDisposable
{
    /// <summary>How often the clock may jump before a run counts as one that never ends.</summary>
    private const int MostJumps = 5_000;
    private static readonly TimeSpan Forever = TimeSpan.FromDays(36_500);

    // Short runs are forgotten in every longer wait and replayed, as in a deployment, so that a test finds a playbook whose replay does something else; long ones stay, so that their tests stay quick.
    private static readonly Eviction Forgetting = new() { Idle = TimeSpan.Zero, PerDelivery = TimeSpan.FromMinutes(15), Longest = Forever };

    private readonly TestBench bench;
    private readonly PlaybookTest test;
    private readonly CompiledPlaybook playbook;
    private readonly EngineActivity activity = new();
    private readonly VirtualClock clock;
    private readonly SoarDatabase database;
    private readonly RunStore store;
    private readonly SoarEngine engine;
    private readonly TestAnswers answers;
    private readonly TestPeople people;
    private readonly TestInstances instances;
    private WatchedHost host = null!;

    public TestPlay(TestBench bench, PlaybookTest test, CompiledPlaybook playbook)
    {
        this.bench = bench;
        this.test = test;
        this.playbook = playbook;
        clock = new VirtualClock(test.Now);
        database = SoarDatabase.OpenForTests(clock);
        store = new RunStore(database);
        var random = new Random(1);
        var ids = new Ids(clock, random);
        var desk = new SimulatedDesk(clock);
        var builtIns = new Dictionary<string, object>(bench.BuiltIns, StringComparer.OrdinalIgnoreCase);
        builtIns["Case"] = builtIns["Evidence"] = desk;
        builtIns.TryAdd("Lists", new Lists(new ListStore(database), clock));
        builtIns.TryAdd("Contacts", new Contacts(new ListStore(database)));
        builtIns["Requests"] = new SimulatedRequests(clock);
        instances = new TestInstances(test, bench.Catalog, bench.Simulator, builtIns);
        answers = new TestAnswers(test, bench.Catalog, instances, clock, activity);
        engine = new SoarEngine(
            new EngineOptions { Owner = "test", Answers = answers, Activity = activity, Lease = Forever, ShortWait = TimeSpan.Zero, Eviction = Forgetting, ApprovalRequired = bench.Approvals },
            store, new TestedPlaybooks(bench.Playbooks, playbook), events => Host(events), instances, bench.Catalog, bench.Artifacts is { } kept ? new ArtifactsOver(database.Artifacts, kept) : database.Artifacts, clock, ids, NullLoggerFactory.Instance, random);
        people = new TestPeople(test, store, engine, clock);
    }

    /// <summary>Whether one of the playbook's alert triggers wants the recorded alert. A predicate that throws is SOAR2020, never "no".</summary>
    public Task<bool> WantsAsync(CancellationToken cancellation) => engine.WantsAsync(playbook, test.Recorded!, cancellation);

    public async Task<TestStory> RunAsync(CancellationToken cancellation)
    {
        foreach (var (name, list) in test.Lists) await new ListStore(database).ImportAsync(name, list.Columns, list.Rows, "test", clock.GetUtcNow());
        engine.Start();
        var first = await engine.StartAsync(playbook, new StartRequest { Alert = await AlertAsync(cancellation), Inputs = await InputsAsync(cancellation), Mode = RunMode.Test, StartedBy = "test" });
        var stuck = await DriveAsync(first, cancellation);
        var story = await TestStory.ReadAsync(store, first, host.Calls, bench.Catalog);
        return story with
        {
            Stuck = stuck,
            Problems = [.. instances.Unknown().Select(name => $"instances: '{name}' is no capability that has instances.{YamlBinder.Suggest(name, bench.Catalog.Capabilities.Where(c => !c.BuiltIn).Select(c => c.Name))}"), .. answers.Problems, .. people.Problems],
            Unused = [.. Unused(story), .. people.Unused()],
            UsedMocks = answers.Used,
        };
    }

    public async ValueTask DisposeAsync()
    {
        clock.Over = true;
        await engine.StopAsync(TimeSpan.Zero);
        await engine.DisposeAsync();
        store.Dispose();
        await database.DisposeAsync();
    }

    private WatchedHost Host(IPlaybookHostEvents events)
    {
        host = new WatchedHost(events, activity);
        return host.Over(bench.Host(host));
    }

    /// <summary>Lets everything happen until the run has ended. Returns why it cannot end; null when it did.</summary>
    private async Task<string?> DriveAsync(RunId first, CancellationToken cancellation)
    {
        var cancelAt = test.Cancel is { } cancel ? clock.GetUtcNow() + cancel.After : (DateTimeOffset?)null;
        var root = first;
        for (var jumps = 0; jumps < MostJumps; jumps++)
        {
            await QuietAsync(cancellation);
            var run = (await store.FindAsync(root))!;
            switch (run.Status)
            {
                case RunStatus.Completed when await SuccessorAsync(root) is { } successor:
                    root = successor;
                    continue;
                case RunStatus.Completed or RunStatus.Failed or RunStatus.Cancelled:
                    return null;
                case RunStatus.Quarantined or RunStatus.Parked or RunStatus.Paused:
                    return $"the run is {run.Status}: its playbook host died with it in hand, or it no longer compiles";
            }

            var now = clock.GetUtcNow();
            if (cancelAt <= now)
            {
                cancelAt = null;
                await engine.CancelAsync(root, test.Cancel!.By, test.Cancel.Reason);
                continue;
            }

            if (await people.ActAsync(root)) continue;
            var next = new[] { people.Next, cancelAt, clock.Next }.Min();
            if (next is null || next > now + Forever / 2) return await people.WaitsForAsync(root) ?? "nothing can move the run on any more";
            clock.MoveTo(next.Value);
        }

        await QuietAsync(cancellation);
        return $"the run did not end although the clock moved on {MostJumps} times, to {clock.GetUtcNow():yyyy-MM-dd HH:mm} UTC. A test of a playbook that goes on for ever needs 'cancel: {{ after: … }}'";
    }

    /// <summary>
    /// Completes when nothing happens any more without the clock. What was just written may reach the engine a moment after its writer: the engine is made to look by itself,
    /// until looking changes nothing.
    /// </summary>
    private async Task QuietAsync(CancellationToken cancellation)
    {
        while (true)
        {
            await activity.WhenQuietAsync().WaitAsync(cancellation);
            var before = (host.Progress, answers.Count);
            clock.Tick();
            await activity.WhenQuietAsync().WaitAsync(cancellation);
            if (before == (host.Progress, answers.Count)) return;
        }
    }

    private async Task<RunId?> SuccessorAsync(RunId run)
    {
        var last = (await store.ReadJournalAsync(run))[^1];
        return last.Kind == JournalKind.Ended && JsonSerializer.Deserialize<EndedRecord>(last.Payload.Span, SoarJson.Options)?.Successor is { } id ? RunId.Parse(id) : null;
    }

    private IEnumerable<string> Unused(TestStory story) => test.Mocks.Where(m => m.Own && !answers.Used.Contains(m))
        .Select(m => $"line {m.Line}: no step fitted '{m.Key}'.{(story.Steps.Count == 0 ? "" : YamlBinder.Suggest(m.Key.Text, story.Steps.Select(s => s.Action).Concat(story.Steps.Select(s => s.Path)).Distinct().Take(30)))}");

    private async Task<Alert?> AlertAsync(CancellationToken cancellation)
    {
        if (test.Recorded is { } recorded) return recorded;
        switch (test.Alert)
        {
            case null or YamlScalarNode { Value: "" or "none" }:
                return null;
            case YamlScalarNode path:
                return await AlertFile.ReadAsync(Beside(path.Value!), database.Artifacts, clock, cancellation);
            case YamlMappingNode map when map.Children.ContainsKey(new YamlScalarNode("event_type")):
                return SuricataEve.Read(Read(map, null, "alert"));
            case YamlMappingNode map:
                var plain = new YamlMappingNode(map.Children.Where(c => c.Key is not YamlScalarNode { Value: "raw" } || c.Value is YamlMappingNode));
                var alert = Read(plain, typeof(Alert), "alert").Deserialize<Alert>(SoarJson.Options)!;
                return map.Children.TryGetValue(new YamlScalarNode("raw"), out var raw) && raw is YamlScalarNode file ? alert with { Raw = await ArtifactAsync(file.Value!, cancellation) } : alert;
            default:
                throw new SoarException("SOAR5010", $"{test.Where}: alert must be a file's path or a mapping.");
        }
    }

    private async Task<Dictionary<string, JsonElement>> InputsAsync(CancellationToken cancellation)
    {
        var inputs = new Dictionary<string, JsonElement>();
        foreach (var (name, node) in test.Inputs)
        {
            var type = playbook.Header.Inputs.FirstOrDefault(i => i.Name == name)?.Type.TrimEnd('?');
            inputs[name] = type == nameof(Artifact) && node is YamlScalarNode file
                ? JsonSerializer.SerializeToElement(await ArtifactAsync(file.Value!, cancellation), SoarJson.Options)
                : Read(node, type switch { "TimeSpan" => typeof(TimeSpan), "string" => typeof(string), "IpAddress" => typeof(IpAddress), "EmailAddress" => typeof(EmailAddress), "DomainName" => typeof(DomainName), _ => null }, $"inputs.{name}");
        }

        return inputs;
    }

    private JsonElement Read(YamlNode node, Type? type, string where)
    {
        var json = new YamlJson(Path.GetRelativePath(Environment.CurrentDirectory, test.File));
        return json.Read(node, type, where) ?? throw new SoarException("SOAR5010", string.Join("\n", json.Problems));
    }

    private async Task<Artifact> ArtifactAsync(string path, CancellationToken cancellation)
    {
        await using var stream = File.OpenRead(Beside(path));
        return await database.Artifacts.PutAsync(stream, Path.GetFileName(path), path.EndsWith(".eml", StringComparison.Ordinal) ? "message/rfc822" : "application/octet-stream", cancellation);
    }

    private string Beside(string path)
    {
        var full = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(test.File)!, path));
        return File.Exists(full) ? full : throw new SoarException("SOAR5010", $"{test.Where}: there is no file '{full}'. Paths are relative to the test file.");
    }

    /// <summary>The playbook under test in the very build that is tested, the others as they are.</summary>
    private sealed class TestedPlaybooks(IPlaybooks all, CompiledPlaybook tested) : IPlaybooks
    {
        public Task<CompiledPlaybook> ByHashAsync(string hash, CancellationToken cancellation) => hash == tested.Hash ? Task.FromResult(tested) : all.ByHashAsync(hash, cancellation);

        public Task<TriggeredPlaybooks> TriggeredByAsync(string kind, CancellationToken cancellation) => all.TriggeredByAsync(kind, cancellation);

        public Task<CompiledPlaybook> ByNameAsync(string name, CancellationToken cancellation) => name == tested.Header.Name ? Task.FromResult(tested) : all.ByNameAsync(name, cancellation);
    }
}
