using Soar.Capabilities;
using Soar.Connectors;
using Soar.Engine;
using Soar.Language;
using Soar.Runs;

namespace Soar.Tests.Engine;

/// <summary>What the engine keeps to at each connector instance, whatever its connector does: clearance, rate, secrets.</summary>
public abstract class InstanceTermsTests(StoreKind kind) : EngineSuite(kind)
{
    private static readonly Secret Canary = new("c4nary-s3cret/42");

    private static async Task<Run> RunAsync(World world, Tlp tlp, Func<PlayBench, Task<Outcome>> body, StartRequest? request = null) =>
        await world.PassToEndAsync(await world.Engine.StartAsync(world.Plays.Add("test", tlp, body), request ?? new StartRequest { StartedBy = "ana" }));

    private static async Task<Outcome> Refused(Func<Task> body)
    {
        try
        {
            await body();
            return Outcome.Completed("done");
        }
        catch (StepRefused e)
        {
            return Outcome.Completed($"{e.Code}: {e.Message}");
        }
    }

    [Fact]
    public async Task What_leaves_the_house_is_cleared_for_amber_and_our_own_tools_for_red()
    {
        await using var world = NewWorld();
        Assert.Contains("done", (await RunAsync(world, Tlp.Amber, s => Refused(async () => await s.Gate.Send("a@b", "x")))).Result);
        var run = await RunAsync(world, Tlp.Red, async s =>
        {
            await s.Gate.Look("x");
            await s.Gate.Block("203.0.113.7", 1.Hours);
            return await Refused(async () => await s.Gate.Send("a@b", "secret"));
        });
        Assert.Contains("clearance: ", run.Result);
        foreach (var word in new[] { "gate.send", "TLP:RED", "'edge-1'", "TLP:AMBER", "clearance: red" }) Assert.Contains(word, run.Result);
        Assert.Equal(1, world.Gate.TimesDone("send"));
    }

    [Fact]
    public async Task An_instance_says_its_own_clearance_and_one_that_asks_outside_is_amber()
    {
        await using var world = NewWorld();
        world.Instances.Held["edge-1"] = new InstanceTerms { Clearance = Tlp.Green };
        world.Instances.Held["edge-2"] = new InstanceTerms { Outside = true };
        Assert.Contains("TLP:GREEN only, by its settings", (await RunAsync(world, Tlp.Amber, s => Refused(async () => await s.Gate.Look("x")))).Result);
        Assert.Contains("done", (await RunAsync(world, Tlp.Amber, s => Refused(async () => await s.At("edge-2").Look("x")))).Result);
        Assert.Contains("asks somebody outside", (await RunAsync(world, Tlp.AmberStrict, s => Refused(async () => await s.At("edge-2").Look("x")))).Result);
        Assert.Single(world.Gate.Reads);
    }

    [Fact]
    public async Task A_question_that_our_own_product_passes_on_leaves_the_house()
    {
        var dns = new ActionCatalog();
        Assert.Equal([Tlp.Amber, Tlp.Red], new[] { "dns.resolve", "dns.sinkhole" }.Select(id => InstanceTerms.Own.ClearanceFor(dns.Find(id)!)));
        await using var world = NewWorld();
        var refused = (await RunAsync(world, Tlp.Red, s => Refused(async () => await s.Gate.PassOn("evil.example")))).Result;
        foreach (var word in new[] { "gate.passon was not done", "TLP:AMBER only, because what this action asks is passed on to others outside" }) Assert.Contains(word, refused);
        Assert.Contains("done", (await RunAsync(world, Tlp.Amber, s => Refused(async () => await s.Gate.PassOn("evil.example")))).Result);
        world.Instances.Held["edge-1"] = new InstanceTerms { Clearance = Tlp.Red };
        Assert.Contains("done", (await RunAsync(world, Tlp.Red, s => Refused(async () => await s.Gate.PassOn("evil.example")))).Result);
    }

    [Fact]
    public async Task The_run_keeps_to_the_highest_of_playbook_alert_case_and_parent()
    {
        await using var world = NewWorld();
        Func<PlayBench, Task<Outcome>> send = s => Refused(async () => await s.Gate.Send("a@b", "x"));
        var alert = new Alert { Id = "1", Detector = "test", Title = "t", Category = "other", Time = world.Clock.GetUtcNow(), Tlp = Tlp.Red };
        Assert.Contains("TLP:RED", (await RunAsync(world, Tlp.Clear, send, new StartRequest { StartedBy = "ana", Alert = alert })).Result);
        Assert.Contains("TLP:RED", (await RunAsync(world, Tlp.Clear, send, new StartRequest { StartedBy = "ana", Tlp = Tlp.Red })).Result);
        world.Plays.Add("child", Tlp.Clear, send);
        Assert.Contains("TLP:AMBER+STRICT", (await RunAsync(world, Tlp.AmberStrict, async s => await s.Sub("child"))).Result);
        Assert.Contains("TLP:AMBER+STRICT", (await RunAsync(world, Tlp.Clear, async s => await s.Sub("child"), new StartRequest { StartedBy = "ana", Tlp = Tlp.AmberStrict })).Result);
    }

    [Fact]
    public async Task A_case_of_higher_tlp_binds_the_run_from_then_on_and_also_after_a_restart()
    {
        var (clock, plays) = (new ManualClock(), new Plays());
        var store = NewStore(clock);
        var gate = new Gate(clock);
        RunId id;
        await using (var first = NewWorld(store: store, clock: clock, gate: gate, plays: plays))
        {
            first.Instances.Cases = new RedCase();
            id = await first.Engine.StartAsync(plays.Add("test", Tlp.Clear, async s =>
            {
                await s.Gate.Send("before@b", "x");
                await s.OpenCase("a matter");
                var atOnce = await Refused(async () => await s.Gate.Send("after@b", "x"));
                await s.Pause(1.Hours);
                return await Refused(async () => await s.Gate.Send("later@b", atOnce.ToString()));
            }), new StartRequest { StartedBy = "ana" });
            await first.UntilAsync(id, RunStatus.Waiting);
        }

        await using var second = NewWorld(store: store, clock: clock, gate: gate, plays: plays);
        second.Instances.Cases = new RedCase();
        Assert.Contains("TLP:RED", (await second.PassToEndAsync(id, step: 10.Minutes)).Result);
        Assert.Equal(["before@b"], gate.Done.Select(d => d.What));
    }

    [Fact]
    public async Task A_dry_run_shows_the_refusal_and_undoing_is_never_refused()
    {
        await using var world = NewWorld();
        world.Instances.Held["edge-1"] = new InstanceTerms { Clearance = Tlp.Clear };
        var id = await world.StartAsync(s => Refused(async () => await s.Gate.Post("x")), RunMode.DryRun);
        Assert.Contains("TLP:CLEAR", (await world.PassToEndAsync(id)).Result);
        await RunAsync(world, Tlp.Red, async s =>
        {
            await s.Gate.Unblock("203.0.113.7");
            return Outcome.Completed("");
        });
        Assert.Equal(1, world.Gate.TimesDone("unblock"));
    }

    [Fact]
    public async Task All_runs_share_an_instances_rate_and_waiting_costs_neither_an_attempt_nor_memory()
    {
        await using var world = NewWorld(new EngineOptions { Eviction = Eviction.Always });
        world.Instances.Held["edge-1"] = new InstanceTerms { Pace = new Pace(Rate.Parse("4/m burst 1"), world.Clock) };
        var began = world.Clock.GetUtcNow();
        var times = new List<TimeSpan>();
        world.Gate.Before = (_, context, _) =>
        {
            Assert.Equal(1, context.Attempt);
            lock (times) times.Add(world.Clock.GetUtcNow() - began);
            return Task.CompletedTask;
        };
        var runs = new List<RunId>();
        for (var i = 0; i < 4; i++)
            runs.Add(await world.StartAsync(async s => Outcome.Completed($"{(await s.Each(new[] { "a", "bb", "ccc" }, what => s.Gate.Look(what), parallel: 3)).Sum()}"), name: $"run-{i}"));
        await world.UntilAsync(runs[3], RunStatus.Waiting);
        await world.CalmAsync();
        Assert.Equal(0, world.Engine.Health().Kept);
        foreach (var run in runs) Assert.Contains("6", (await world.PassToEndAsync(run)).Result);
        Assert.Equal(Enumerable.Range(0, 12).Select(i => TimeSpan.FromSeconds(15 * i)), times);
    }

    [Fact]
    public async Task An_effect_waits_for_its_turn_before_its_intent_and_its_time_out_ends_the_wait()
    {
        await using var world = NewWorld();
        world.Instances.Held["edge-1"] = new InstanceTerms { Pace = new Pace(Rate.Parse("1/h"), world.Clock) };
        await RunAsync(world, Tlp.Clear, async s => Outcome.Completed(await s.Gate.Send("first@b", "x")));
        var id = await world.StartAsync(async s =>
        {
            try
            {
                return Outcome.Completed(await s.Gate.Send("second@b", "x").Timeout(10.Minutes));
            }
            catch (StepTimedOut e)
            {
                return Outcome.Completed(e.Message);
            }
        });
        Assert.Contains("not done within 10 minutes", (await world.PassToEndAsync(id, step: 1.Minutes)).Result);
        Assert.Equal("Started NotYet TimedOut Ended", await world.KindsAsync(id));
        Assert.Equal(1, world.Gate.TimesDone("send"));
    }

    [Fact]
    public async Task A_withdrawn_step_leaves_the_queue_and_those_behind_it_move_up()
    {
        await using var world = NewWorld();
        var pace = new Pace(Rate.Parse("1/h"), world.Clock);
        world.Instances.Held["edge-1"] = new InstanceTerms { Pace = pace };
        pace.Turn("somebody else");
        var id = await world.StartAsync(async s => Outcome.Completed($"{await s.Gate.Look("x")}"));
        await world.UntilAsync(id, RunStatus.Waiting);
        await world.Engine.CancelAsync(id, "ana", "no longer");
        Assert.Equal(RunStatus.Cancelled, (await world.PassToEndAsync(id)).Status);
        Assert.InRange((pace.Turn("next")!.Value - world.Clock.GetUtcNow()).TotalHours, 0.5, 1);
    }

    [Fact]
    public async Task An_action_may_have_a_rate_of_its_own_unless_the_instance_names_one()
    {
        await using var world = NewWorld();
        var declared = new ActionCatalog(typeof(IGate).Assembly).Find("gate.slow")!;
        var terms = new InstanceTerms { Pace = Pace.Unlimited(world.Clock) };
        Assert.Equal("2/m", terms.PaceFor(declared, world.Clock)!.Rate.ToString());
        Assert.Same(terms.PaceFor(declared, world.Clock), terms.PaceFor(declared, world.Clock));
        var named = new InstanceTerms { Pace = new Pace(Rate.Parse("7/s"), world.Clock), OwnRate = true };
        Assert.Same(named.Pace, named.PaceFor(declared, world.Clock));
    }

    [Fact]
    public async Task A_connector_that_talks_puts_no_secret_into_journal_log_or_outcome()
    {
        await using var world = NewWorld();
        world.Instances.Held["edge-1"] = new InstanceTerms { Mask = new SecretMask(Canary) };
        var reveal = Canary.Reveal();
        var asked = 0;
        world.Gate.Before = (what, _, _) => what switch
        {
            "look failure" => throw ConnectorFailure.Permanent($"401 for token {reveal}"),
            "look bug" => throw new InvalidOperationException($"https://user:{Uri.EscapeDataString(reveal)}@host"),
            "send a@b" => ++asked == 1 ? throw ConnectorFailure.Unknown($"sent {Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes("soc:" + reveal))}") : Task.CompletedTask,
            _ => Task.CompletedTask,
        };
        world.Gate.BeforeProbe = () => throw new InvalidOperationException($"probe {reveal}");
        foreach (var what in new[] { "failure", "bug" }) await RunAsync(world, Tlp.Clear, async s => Outcome.Completed($"{await s.Gate.Look(what)}"));
        var sent = await world.StartAsync(async s => Outcome.Completed(await s.Gate.Send("a@b", "x")));
        var question = await world.QuestionAsync(QuestionKind.UnknownOutcome);
        var posted = await RunAsync(world, Tlp.Clear, async s => Outcome.Completed(await s.Gate.Post($"echo {reveal}")));
        await RunAsync(world, Tlp.Clear, async s => Outcome.Completed((await s.Gate.Block("203.0.113.7", 1.Hours)).Target));
        await world.AnswerAsync(question, value: "not-done");
        await world.PassToEndAsync(sent);
        var written = (await JournalsAsync(world.Store)).SelectMany(j => j.Value).Where(r => r.Kind is not JournalKind.Intent)
            .Select(r => System.Text.Encoding.UTF8.GetString(r.Payload.Span)).Concat(world.Log.Lines).Append(question.Text).Append(posted.Result!).ToList();
        Assert.True(written.Count > 20 && world.Log.Lines.Count >= 2);
        Assert.All(written, line => Assert.DoesNotContain(reveal, line));
        Assert.All(written, line => Assert.DoesNotContain("s3cret", line));
        Assert.All(written, line => Assert.DoesNotContain("YzRuYXJ5LXMzY3JldC80", line));
        Assert.Contains(written, line => line.Contains("401 for token •••", StringComparison.Ordinal));
    }

    private sealed class RedCase : ICases
    {
        public Task<CaseRef> OpenAsync(Text title, int severity = 0, ActionContext context = null!, CancellationToken cancellation = default) =>
            Task.FromResult(new CaseRef("0199aaaa-0000-7000-8000-00000000abcd", 1, title.ToString()) { Tlp = Tlp.Red });

        public Task NoteAsync(Text text, ActionContext context, CancellationToken cancellation) => Task.CompletedTask;
        public Task ObservableAsync(Observable observable, Verdict verdict, ActionContext context, CancellationToken cancellation) => Task.CompletedTask;
    }
}

public sealed class InstanceTermsTestsInMemory() : InstanceTermsTests(StoreKind.Memory);

public sealed class InstanceTermsTestsOnSqlite() : InstanceTermsTests(StoreKind.Sqlite);
