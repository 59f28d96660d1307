using Soar.Cases;
using Soar.Engine;
using Soar.Hosting;
using Soar.Language;
using Soar.Runs;
using Soar.Scripting.Host;
using Soar.Storage;

namespace Soar.Tests.Engine;

/// <summary>Playbooks that are started by cases: exactly once for a case and a version, whatever happens to the process, and never by themselves for ever.</summary>
public sealed class CaseTriggerTests : IAsyncLifetime
{
    private readonly ManualClock clock = new();
    private readonly Plays plays = new();
    private readonly SoarDatabase database;
    private readonly RunStore store;
    private readonly CaseStore cases;

    public CaseTriggerTests()
    {
        database = SoarDatabase.OpenForTests(clock);
        store = new RunStore(database);
        cases = new CaseStore(database, new Ids(clock));
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => database.DisposeAsync();

    private World NewWorld(int seed = 1)
    {
        var world = new World(null, store, clock, plays: plays, seed: seed, host: events => new AskedHost(new InProcessHost(events, scripts: plays.Scripts), plays));
        world.Instances.Cases = new CaseDesk(cases, clock);
        return world;
    }

    /// <summary>A run that opens a case and adds what it is told to, one signal after the other.</summary>
    private async Task<RunId> OpenAsync(World world, Alert? alert = null, int severity = 80)
    {
        var playbook = plays.Add("opener", async s =>
        {
            await s.OpenCase("Intrusion", severity);
            while (true)
            {
                var next = (await s.Signal<string>("observe")).Value;
                if (next == "end") return Outcome.Completed();
                await s.Observe(next, next.EndsWith(".66", StringComparison.Ordinal) ? Verdict.Malicious : Verdict.Benign);
            }
        });
        var id = await world.Engine.StartAsync(playbook, new StartRequest { StartedBy = "ana", Alert = alert });
        await world.CalmAsync();
        return id;
    }

    private static async Task ObserveAsync(World world, RunId run, string value)
    {
        await world.Engine.SignalAsync(run, "observe", System.Text.Json.JsonSerializer.SerializeToElement(value));
        await world.CalmAsync();
    }

    private async Task<IReadOnlyList<Run>> RunsOfAsync(string playbook) => await store.ListAsync(null, playbook, 99);

    [Fact]
    public async Task A_case_that_is_opened_starts_the_playbooks_that_want_it_once_and_in_the_case()
    {
        plays.AddOnCase("enrich", c => c is { Severity: >= 70, Change: CaseChange.Opened }, async s => Outcome.Completed($"{await s.Gate.Look("abc")} for {s.In<string>("who")}"), "1.0.0",
            new InputHeader("who", "string", "whom", "\"the shift\"", null, 3));
        plays.AddOnCase("unwanted", c => c.Severity < 70, _ => Task.FromResult(Outcome.Completed()));
        await using var world = NewWorld();
        await using var watch = world.Engine.WatchCases(cases);
        var alert = new Alert { Id = "a-1", Detector = "suricata", Title = "scan", Category = "recon", Time = clock.GetUtcNow() };
        var opener = await OpenAsync(world, alert);
        await ObserveAsync(world, opener, "192.0.2.1");

        var run = Assert.Single(await RunsOfAsync("enrich"));
        Assert.Equal((RunStatus.Completed, "case 1", (await cases.ListAsync(1))[0].Id.ToString()), (run.Status, run.StartedBy, run.CaseId));
        Assert.Contains("3 for the shift", run.Result);
        Assert.Contains("\"id\":\"a-1\"", await world.PayloadAsync(run.Id, JournalKind.Started));
        Assert.Empty(await RunsOfAsync("unwanted"));
        Assert.Empty(await cases.ChangesAsync(10));
        Assert.Empty(await cases.TriggerErrorsAsync(10));
    }

    [Theory]
    [InlineData(Tlp.Red, null)]
    [InlineData(Tlp.Red, Tlp.Green)]
    [InlineData(Tlp.Green, Tlp.Red)]
    public async Task A_run_that_is_started_for_a_case_keeps_to_the_cases_TLP_or_a_stricter_one_however_it_is_started(Tlp ofCase, Tlp? asked)
    {
        Func<PlayBench, Task<Outcome>> send = async s =>
        {
            try
            {
                await s.Gate.Send("a@b", "x");
                return Outcome.Completed("sent");
            }
            catch (StepRefused e)
            {
                return Outcome.Completed(e.Message);
            }
        };
        plays.AddOnCase("triggered", _ => true, send);
        await using var world = NewWorld();
        await using var watch = world.Engine.WatchCases(cases);
        var opener = plays.Add("opener", ofCase, async s =>
        {
            await s.OpenCase("A matter", 80);
            return Outcome.Completed();
        });
        await world.PassToEndAsync(await world.Engine.StartAsync(opener, new StartRequest { StartedBy = "ana" }));
        await world.CalmAsync();
        Assert.Contains(ofCase == Tlp.Red ? "TLP:RED" : "sent", Assert.Single(await RunsOfAsync("triggered")).Result);

        var id = (await cases.ListAsync(1))[0].Id.ToString();
        var byHand = await world.PassToEndAsync(await world.Engine.StartAsync(plays.Add("by-hand", Tlp.Clear, send), new StartRequest { StartedBy = "ana", CaseId = id, Tlp = asked }));
        Assert.Contains("TLP:RED", byHand.Result);
    }

    [Fact]
    public async Task A_change_starts_what_wants_the_case_only_then_and_only_the_first_time()
    {
        plays.AddOnCase("contain", c => c.Observables.Any(o => o is { Type: "ip", Verdict: Verdict.Malicious }), _ => Task.FromResult(Outcome.Contained()));
        await using var world = NewWorld();
        await using var watch = world.Engine.WatchCases(cases);
        var opener = await OpenAsync(world);
        await ObserveAsync(world, opener, "192.0.2.1");
        Assert.Empty(await RunsOfAsync("contain"));
        await ObserveAsync(world, opener, "203.0.113.66");
        Assert.Single(await RunsOfAsync("contain"));
        await ObserveAsync(world, opener, "198.51.100.66");
        Assert.Single(await RunsOfAsync("contain"));

        // A version that is published later is another one: it is started by the next change.
        plays.AddOnCase("contain", c => c.Observables.Count > 0, _ => Task.FromResult(Outcome.Contained()), "1.1.0");
        await ObserveAsync(world, opener, "192.0.2.2");
        await ObserveAsync(world, opener, "192.0.2.3");
        Assert.Equal(["1.1.0", "1.0.0"], (await RunsOfAsync("contain")).Select(r => r.PlaybookVersion));
    }

    [Fact]
    public async Task What_a_playbook_changes_in_its_case_starts_neither_itself_nor_others_for_ever()
    {
        plays.AddOnCase("ping", _ => true, async s =>
        {
            await s.Observe("192.0.2.10", Verdict.Unknown);
            await s.OpenCase("it has one already");
            return Outcome.Completed();
        });
        plays.AddOnCase("pong", c => c.Observables.Any(o => o.Value == "192.0.2.10"), async s =>
        {
            await s.Observe("192.0.2.11", Verdict.Unknown);
            return Outcome.Completed();
        });
        await using var world = NewWorld();
        await using var watch = world.Engine.WatchCases(cases);
        await OpenAsync(world);
        await world.CalmAsync();
        Assert.Equal((1, 1), ((await RunsOfAsync("ping")).Count, (await RunsOfAsync("pong")).Count));
        Assert.Single(await cases.ListAsync(10));
        Assert.Empty(await cases.ChangesAsync(10));
    }

    [Fact]
    public async Task What_changed_while_nobody_looked_is_looked_at_later_and_a_crash_before_that_was_noted_repeats_nothing()
    {
        plays.AddOnCase("enrich", _ => true, _ => Task.FromResult(Outcome.Completed()));
        await using (var world = NewWorld())
        {
            await OpenAsync(world);
            Assert.Empty(await RunsOfAsync("enrich"));
            await using var dying = world.Engine.WatchCases(new DyingCases(cases));
            world.Clock.Advance(TimeSpan.Zero);
            await World.UntilAsync(async () => (await RunsOfAsync("enrich")).Count == 1 ? "started" : null, "it is started");
            await world.CalmAsync();
            Assert.Single(await cases.ChangesAsync(10));
        }

        await using var again = NewWorld(seed: 2);
        await using var watch = again.Engine.WatchCases(cases);
        await again.PassAsync(async () => (await cases.ChangesAsync(10)).Count == 0);
        Assert.Single(await RunsOfAsync("enrich"));
    }

    [Fact]
    public async Task A_predicate_that_throws_and_a_start_that_is_refused_are_seen_and_the_others_start()
    {
        plays.AddOnCase("broken", c => throw new InvalidOperationException($"no such thing in {c.Title}"), _ => Task.FromResult(Outcome.Completed()));
        plays.AddOnCase("needy", _ => true, _ => Task.FromResult(Outcome.Completed()), "2.0.0", new InputHeader("address", "IpAddress", "whom", null, null, 3));
        plays.AddOnCase("sound", _ => true, _ => Task.FromResult(Outcome.Completed()));
        plays.NotCompiling.Add(("torn.csx", "torn.csx:3:1: error CS1002: ; expected"));
        await using var world = NewWorld();
        await using var watch = world.Engine.WatchCases(cases);
        var opener = await OpenAsync(world);
        await ObserveAsync(world, opener, "192.0.2.1");

        Assert.Single(await RunsOfAsync("sound"));
        var errors = (await cases.TriggerErrorsAsync(10)).OrderBy(e => e.Playbook, StringComparer.Ordinal).ToList();
        Assert.Equal(["broken@1.0.0", "needy@2.0.0", "torn.csx"], errors.Select(e => e.Playbook));
        Assert.All(errors, e => Assert.Equal(("case 1", 2), (e.Subject, e.Times)));
        Assert.Contains("no such thing in Intrusion", errors[0].Message);
        Assert.Contains("address", errors[1].Message);
        Assert.Contains("CS1002", errors[2].Message);
        Assert.Contains(world.Log.Lines, l => l.Contains("broken@1.0.0 was not started for case 1"));
    }

    /// <summary>Dies before it has noted what was handled.</summary>
    private sealed class DyingCases(ICaseStore inner) : ICaseStore
    {
        public event Action? Changed
        {
            add => inner.Changed += value;
            remove => inner.Changed -= value;
        }

        public Task<IReadOnlyList<CaseChanged>> ChangesAsync(int max) => inner.ChangesAsync(max);

        public Task HandledAsync(IReadOnlyCollection<long> changes, IReadOnlyCollection<TriggerError> errors, DateTimeOffset at) => Task.FromException(new CrashException());

        public Task<CaseFile> OpenAsync(Entry entry, string title, int severity, Tlp tlp) => inner.OpenAsync(entry, title, severity, tlp);

        public Task AddNoteAsync(Entry entry, string text) => inner.AddNoteAsync(entry, text);

        public Task AddObservableAsync(Entry entry, Observable observable, Verdict verdict) => inner.AddObservableAsync(entry, observable, verdict);

        public Task<EvidenceItem> SealAsync(Entry entry, Artifact artifact, string description) => inner.SealAsync(entry, artifact, description);

        public Task<IReadOnlyList<CaseFile>> ListAsync(int max) => inner.ListAsync(max);

        public Task<CaseFile?> FindAsync(string idOrNumber) => inner.FindAsync(idOrNumber);

        public Task<CaseContent> ReadAsync(CaseId caseId) => inner.ReadAsync(caseId);

        public Task<CaseContent> ReadRunAsync(RunId run) => inner.ReadRunAsync(run);

        public Task<IReadOnlyList<CustodyRecord>> CustodyAsync(string? evidenceId) => inner.CustodyAsync(evidenceId);

        public Task<string?> VerifyCustodyAsync() => inner.VerifyCustodyAsync();

        public Task<IReadOnlyList<TriggerError>> TriggerErrorsAsync(int max) => inner.TriggerErrorsAsync(max);
    }
}
