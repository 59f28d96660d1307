using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Engine;
using Soar.Language;
using Soar.Runs;

namespace Soar.Tests.Engine;

/// <summary>
/// Many runs on several engines of one store, with everything going wrong that a seed thinks of: engines die, leases expire, hosts die, connectors are slow, fail and lose answers, the
/// clock jumps, people cancel, pause and resume. A seed decides all of it, the order in which threads would run included (<see cref="Interleaving"/>): a seed that fails fails again.
/// <c>SOAR_SEEDS</c> says how many seeds (default 50, 400 in tests/run; a twentieth of them on SQLite), <c>SOAR_FIRST_SEED</c> the first one (default 1), <c>SOAR_SEED</c> repeats one.
/// </summary>
public abstract partial class SimulationTests : EngineSuite
{
    private readonly StoreKind kind;

    private protected SimulationTests(StoreKind kind)
        : base(kind) => this.kind = kind;

    private static int Setting(string name, int otherwise) => Environment.GetEnvironmentVariable(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    [Fact]
    public void Whatever_goes_wrong_the_invariants_hold()
    {
        var many = Setting("SOAR_SEEDS", 50);
        if (kind == StoreKind.Sqlite) many = Math.Max(5, many / 20);
        var seeds = Setting("SOAR_SEED", 0) is var one and > 0 ? [one] : Enumerable.Range(Setting("SOAR_FIRST_SEED", 1), many).ToArray();
        var sum = new Tally();
        foreach (var seed in seeds)
        {
            try
            {
                Play(seed, sum);
            }
            catch (Exception e)
            {
                Assert.Fail($"Seed {seed} (repeat it with SOAR_SEED={seed}): {e}");
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{seeds.Length} seeds: {sum}");
        if (seeds.Length < 20) return;
        // What never happened was not tested.
        Assert.All(new[] { sum.Crashes, sum.HostDeaths, sum.Unknown, sum.AskedPerson, sum.Cancelled, sum.Paused, sum.Lifted, sum.LeaseLost, sum.Escalated, sum.WentOn, sum.Refused, sum.Resumed, sum.Held, sum.Decided }, count => Assert.True(count > 0, sum.ToString()));
    }

    [Fact]
    public void A_seed_does_the_same_every_time()
    {
        foreach (var seed in new[] { 3, 7 }) Assert.Equal(Play(seed, new Tally()), Play(seed, new Tally()));
    }

    /// <summary>Returns all that was written and done, in order.</summary>
    private string Play(int seed, Tally sum)
    {
        var world = new Interleaving(seed);
        var story = "";
        world.Run(async () =>
        {
            var clock = new ManualClock(world);
            var store = NewStore(clock);
            story = await new Simulation(seed, sum, world, clock, store).PlayAsync();
            await CloseAsync(store);
        });
        sum.Fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sum.Fingerprint + story)))[..16];
        return story;
    }

    private sealed record Tally
    {
        public int Runs { get; set; }
        public int Crashes { get; set; }
        public int HostDeaths { get; set; }
        public int Unknown { get; set; }
        public int AskedPerson { get; set; }
        public int Cancelled { get; set; }
        public int Paused { get; set; }
        public int Lifted { get; set; }
        public int LeaseLost { get; set; }
        public int Escalated { get; set; }
        public int Resumed { get; set; }
        public int WentOn { get; set; }

        /// <summary>Effects that a kill switch held.</summary>
        public int Held { get; set; }

        /// <summary>Questions about a spent budget that somebody answered.</summary>
        public int Decided { get; set; }

        /// <summary>Answers that were not taken: by somebody who had answered, or who may not yet.</summary>
        public int Refused { get; set; }

        /// <summary>Over all that was written and done, seed by seed: the same number of seeds gives the same on every machine.</summary>
        public string Fingerprint { get; set; } = "";
    }

    private sealed partial class Simulation
    {
        private readonly Tally sum;
        private readonly Random random;
        private readonly Random chance;
        private readonly Interleaving world;
        private readonly IRunStore store;
        private readonly ManualClock clock;
        private readonly Gate gate;
        private readonly Plays plays = new();
        private readonly List<Node> nodes = [];
        private readonly StringBuilder outside = new();
        private readonly HashSet<string> heard = [];
        private readonly List<(RunId Run, string Id)> signals = [];
        private readonly List<RunId> runs = [];
        private bool chaos = true;
        private int named;

        public Simulation(int seed, Tally sum, Interleaving world, ManualClock clock, IRunStore store)
        {
            this.sum = sum;
            this.world = world;
            this.clock = clock;
            this.store = store;
            random = new Random(seed);
            chance = new Random(seed + 1);
            gate = new Gate(clock) { Before = BeforeAsync, After = AfterAsync };
            plays.Add("child", async s =>
            {
                await s.Gate.Post("child of " + s.In<string>("of"));
                await s.Pause(5.Minutes);
                return Outcome.Completed("child");
            }, "1.0.0", new Soar.Hosting.InputHeader("of", "string", "whose", null, null, 1));
            plays.Add("below", async s =>
            {
                await s.Gate.Send("below " + s.In<string>("of"), "x");
                await s.Gate.Post("flaky below " + s.In<string>("of"));
                return Outcome.Completed("below");
            }, "1.0.0", new Soar.Hosting.InputHeader("of", "string", "whose", null, null, 1));
            plays.Add("rounds", async s =>
            {
                var round = s.In("round", 1);
                await s.Pause(20.Minutes);
                await s.Gate.Send($"round {round} of {s.In<string>("of")}", "x");
                return round < 3 ? s.Again(new { round = round + 1 }) : Outcome.Completed("three rounds");
            }, "1.0.0", new Soar.Hosting.InputHeader("of", "string", "whose", null, null, 1), new Soar.Hosting.InputHeader("round", "int", "which", "1", null, 2));
        }

        public async Task<string> PlayAsync()
        {
            for (var i = 0; i < random.Next(2, 4); i++) nodes.Add(Join());
            var count = random.Next(4, 9);
            for (var i = 0; i < count; i++) runs.Add(await nodes[0].World.Engine.StartAsync(Make(i), new StartRequest { StartedBy = "ana", CaseId = $"case-{i % 2}" }));
            sum.Runs += count;
            for (var step = 0; step < 60; step++)
            {
                await world.IdleAsync();
                await DisturbAsync();
                clock.Advance(random.Next(10) == 0 ? TimeSpan.FromMinutes(random.Next(1, 90)) : TimeSpan.FromSeconds(random.Next(1, 25)));
            }

            try
            {
                await ComeToRestAsync();
                await JudgeAsync();
            }
            catch (Exception e) when (e is Xunit.Sdk.XunitException)
            {
                throw new InvalidOperationException($"{e.Message}\n{await StoryAsync()}", e);
            }

            foreach (var node in nodes) await node.World.DisposeAsync();
            return await StoryAsync();
        }

        private Soar.Hosting.CompiledPlaybook Make(int i)
        {
            var address = $"203.0.113.{random.Next(3)}";
            var time = TimeSpan.FromMinutes(random.Next(5, 200));
            var acks = random.Next(1, 4);
            var quorum = random.Next(1, 3);
            return random.Next(7) switch
            {
                0 => plays.Add($"block-{i}", async s =>
                {
                    await s.Each(Enumerable.Range(0, 5), n => s.Gate.Look($"{n}"));
                    var block = s.Gate.Block(address, time);
                    var decision = await s.Approve("Block?", [block], within: 2.Hours, quorum: quorum, escalateTo: "head-of-soc");
                    if (decision.Approved) await block;
                    await s.Gate.Send($"provider-{i}", "x");
                    return Outcome.Contained();
                }),
                1 => plays.Add($"ack-{i}", async s =>
                {
                    await s.Gate.Send($"facility-{i}", "x");
                    for (var n = 0; n < acks; n++)
                    {
                        try
                        {
                            await s.Signal<int>("ack", within: 20.Minutes);
                        }
                        catch (StepTimedOut)
                        {
                            await s.Gate.Post($"silent {i} {n}");
                        }
                    }

                    return Outcome.Completed();
                }),
                2 => plays.Add($"relay-{i}", async s =>
                {
                    var rounds = await s.Sub("rounds", new { of = $"{i}" });
                    await s.Gate.Post($"{rounds.Reason} of {i}");
                    return Outcome.Completed();
                }),
                3 => plays.Add($"listen-{i}", async s =>
                {
                    try
                    {
                        await s.Both(s.Gate.Listen($"{i}"), s.Gate.Send($"asked-{i}", "x")).Timeout(time);
                    }
                    catch (StepTimedOut)
                    {
                        await s.Gate.Post($"unheard {i}");
                    }

                    return Outcome.Completed();
                }),
                4 => plays.Add($"flaky-{i}", async s =>
                {
                    await s.Gate.Send($"before-{i}", "x");
                    var sent = await s.TryEach(Enumerable.Range(0, 4), n => s.Gate.Post($"item {i} {n}"), tolerate: 1);
                    await s.Gate.Post($"flaky {i}");
                    return Outcome.Completed($"{sent.Count}");
                }),
                5 => plays.Add($"above-{i}", async s =>
                {
                    var (below, _) = await s.Both(s.Sub("below", new { of = $"{i}" }), s.Gate.Block(address, time));
                    await s.Gate.Send($"after-{i}", "x");
                    return Outcome.Completed(below.Reason);
                }),
                _ => plays.Add($"parent-{i}", async s =>
                {
                    try
                    {
                        await s.Both(s.Sub("child", new { of = $"{i}" }), s.Gate.Block(address, time));
                        await s.FirstIndex(s.Pause(10.Minutes), s.Approve("Sooner?"));
                        return Outcome.Completed();
                    }
                    finally
                    {
                        await s.Gate.Post($"finally {i}");
                    }
                }),
            };
        }

        private async Task DisturbAsync()
        {
            if (random.Next(3) == 0) await AnswerAsync(always: false);
            if (random.Next(3) == 0) await SignalAsync();
            if (random.Next(6) == 0) await FlipAsync();
            if (random.Next(12) == 0) await CrashAsync();
            if (random.Next(12) == 0)
            {
                nodes[random.Next(nodes.Count)].Hosts.Kill(random.Next(4) == 0 ? runs[random.Next(runs.Count)] : null);
                sum.HostDeaths++;
            }

            var engine = nodes[random.Next(nodes.Count)].World.Engine;
            var run = runs[random.Next(runs.Count)];
            switch (random.Next(40))
            {
                case 0:
                    if (await engine.CancelAsync(run, "ana", "enough")) sum.Cancelled++;
                    break;
                case 1 or 2:
                    if (await engine.PauseAsync(run, "ana", "look first")) sum.Paused++;
                    break;
                case 3 or 4 or 5:
                    await ResumeAsync();
                    break;
                case 6:
                    // Not awaited: the product may be slow, and only we move the clock.
                    _ = PerhapsAsync(engine.LiftCaseAsync("case-0", "ana"));
                    break;
            }
        }

        /// <summary>Nothing goes wrong any more, people answer everything: all must come to its end.</summary>
        private async Task ComeToRestAsync()
        {
            chaos = false;
            foreach (var on in await store.SwitchesAsync(all: false)) await OffAsync(on);
            for (var step = 0; ; step++)
            {
                Assert.True(step < 700, $"It does not come to rest:\n{string.Join("\n", (await store.ListAsync(null, null, 99)).Select(r => $"{r.Id} {r.Playbook} {r.Status} wake {r.WakeAt:T} lease {r.LeaseOwner} {r.LeaseUntil:T}"))}\n"
                    + $"{string.Join("\n", (await store.ContainmentsAsync(null, null, true)).Select(c => $"{c.Target} {c.Status} {c.Until:T} {c.Note}"))}\n{clock.GetUtcNow():T} {string.Join("\n", nodes.SelectMany(n => n.World.Log.Lines).TakeLast(5))}");
                await world.IdleAsync();
                await AnswerAsync(always: true);
                await ResumeAsync();
                foreach (var row in (await store.ContainmentsAsync(null, null, standingOnly: true)).Where(c => c.Status == ContainmentStatus.Unknown))
                {
                    // Nobody knows whether it stands: a person lifts it.
                    if ((await store.ListAsync(null, null, 99)).All(r => Ended(r))) _ = PerhapsAsync(nodes[0].World.Engine.LiftAsync(row.Id, "ana", force: true));
                }

                if ((await store.ListAsync(null, null, 99)).All(r => Ended(r)) && (await store.ContainmentsAsync(null, null, standingOnly: true)).Count == 0) return;
                clock.Advance(TimeSpan.FromSeconds(20));
            }
        }

        /// <summary>A lift may be refused: somebody else is at it.</summary>
        private static async Task PerhapsAsync(Task lift)
        {
            try
            {
                await lift;
            }
            catch (Exception e) when (e is SoarException or CrashException)
            {
                // It is looked at again.
            }
        }

        private async Task JudgeAsync()
        {
            await world.IdleAsync();
            var text = new Dictionary<RunId, string>();
            foreach (var (run, journal) in await EngineSuite.JournalsAsync(store))
            {
                text[run] = string.Join('\n', journal.Select(r => Encoding.UTF8.GetString(r.Payload.Span)));
                Assert.Equal(Enumerable.Range(1, journal.Count), journal.Select(r => r.Seq));
                var resumed = journal.Where(r => r.Kind == JournalKind.Superseded).Select(r => JsonSerializer.Deserialize<SupersededRecord>(r.Payload.Span, SoarJson.Options)!).ToList();
                var delivered = journal.Where(r => r.Kind == JournalKind.Delivered && !resumed.Exists(s => r.Seq >= s.Seq && r.Seq <= s.Through)).ToList();
                var twice = delivered.GroupBy(r => r.Ordinal).FirstOrDefault(g => g.Count() > 1);
                Assert.True(twice is null, $"call {twice?.Key} of run {run} completed twice");
                Assert.Equal(1 + resumed.Count, journal.Count(r => r.Kind == JournalKind.Ended));
                Assert.True(journal[^1].Kind == JournalKind.Ended, $"the journal of run {run} goes on after its end");
                sum.Unknown += journal.Count(r => r.Kind == JournalKind.Unknown);
            }

            foreach (var done in gate.Done.Where(d => d.Action is "send" or "post").GroupBy(d => d.Key))
                Assert.True(done.Count() == 1, $"{done.First().Action} {done.First().What} was done {done.Count()} times");
            foreach (var done in gate.Done.Where(d => d.Action is "send" or "post").GroupBy(d => (d.Action, d.What)))
                Assert.True(done.Count() == 1, $"{done.Key} was done under {done.Count()} keys");
            foreach (var question in await store.QuestionsAsync(null, null))
            {
                Assert.All(question.Answers, a => Assert.True(a.As == question.Who || question.EscalatedAt <= a.At, $"{a.By} answered as {a.As} before it escalated"));
                if (question.EscalatedAt is not null) sum.Escalated++;
            }

            foreach (var run in await store.ListAsync(null, null, 99))
            {
                if (run.Successor is not { } successor) continue;
                sum.WentOn++;
                Assert.Equal(RunStatus.Completed, run.Status);
                Assert.Equal(run.Parent, (await store.FindAsync(successor))!.Parent);
            }

            foreach (var (run, id) in signals)
            {
                if ((await store.FindAsync(run))!.Status == RunStatus.Completed) Assert.True(text[run].Contains($"\"id\":\"{id}\""), $"signal {id} of run {run} was lost");
            }

            await JudgePolicyAsync();
            Assert.Empty(gate.Blocked);
            sum.Lifted += (await store.ContainmentsAsync(null, null, standingOnly: false)).Count;
            sum.LeaseLost += nodes.Sum(n => n.World.Log.Lines.Count(l => l.Contains("the lease went to another engine")));
            Assert.DoesNotContain(nodes.SelectMany(n => n.World.Log.Lines), l => l.Contains("could not go on"));
        }

        /// <summary>Everything that was written and everything that happened outside, in order.</summary>
        private async Task<string> StoryAsync()
        {
            var story = new StringBuilder();
            foreach (var (run, journal) in await EngineSuite.JournalsAsync(store))
            {
                story.AppendLine(CultureInfo.InvariantCulture, $"run {run} {(await store.FindAsync(run))!.Playbook}");
                foreach (var r in journal)
                    story.AppendLine(CultureInfo.InvariantCulture, $"  {r.Seq} {DateTimeOffset.FromUnixTimeMilliseconds(r.At):HH:mm:ss.fff} {r.Kind} {r.Delivery} {r.Ordinal} {r.Path} {Encoding.UTF8.GetString(r.Payload.Span)}");
            }

            foreach (var c in await store.ContainmentsAsync(null, null, standingOnly: false)) story.AppendLine(CultureInfo.InvariantCulture, $"{c.Target} {c.Status} {c.Until:HH:mm:ss} {c.Note} held by {string.Join(", ", c.Holders)}");
            return story.Append(outside).ToString();
        }

        private void Tell(string happened) => outside.AppendLine(CultureInfo.InvariantCulture, $"{clock.GetUtcNow():HH:mm:ss.fff} {happened}");

        private async Task AnswerAsync(bool always)
        {
            foreach (var question in await store.QuestionsAsync(null, QuestionStatus.Open))
            {
                if (!always && random.Next(3) > 0) continue;
                var unknown = question.Kind == QuestionKind.UnknownOutcome;
                if (unknown) sum.AskedPerson++;
                var told = unknown ? gate.Done.Any(d => question.Details.Contains(d.Key, StringComparison.Ordinal)) ? "done" : "not-done" : null;
                try
                {
                    await nodes[random.Next(nodes.Count)].World.AnswerAsync(question, approve: unknown || random.Next(4) > 0, value: told, by: $"person-{random.Next(3)}", role: random.Next(3) == 0 ? question.EscalateTo : null);
                }
                catch (SoarException e) when (e.Code is "SOAR2030" or "SOAR2034")
                {
                    // They have answered already, or it is not theirs yet.
                    sum.Refused++;
                }
            }
        }

        private async Task SignalAsync()
        {
            var run = runs[random.Next(runs.Count)];
            var id = $"signal-{signals.Count}";
            if (await nodes[0].World.Engine.SignalAsync(run, "ack", JsonSerializer.SerializeToElement(1), id)) signals.Add((run, id));
        }

        private async Task ResumeAsync()
        {
            foreach (var run in await store.ListAsync(null, null, 99))
            {
                if (run.Status is not (RunStatus.Paused or RunStatus.Quarantined or RunStatus.Failed)) continue;
                if (run.Status == RunStatus.Failed) sum.Resumed++;
                try
                {
                    await nodes[0].World.Engine.ResumeAsync(run.Id, "ana");
                }
                catch (SoarException e) when (e is LeaseLostException || e.Code == "SOAR2033")
                {
                    // Its parent resumed it just now.
                }
            }
        }

        private async Task CrashAsync()
        {
            var dying = nodes[random.Next(nodes.Count)];
            Tell("an engine dies");
            dying.Connection.Crash();
            await dying.World.Engine.AbandonAsync();
            await world.IdleAsync();
            sum.LeaseLost += dying.World.Log.Lines.Count(l => l.Contains("the lease went to another engine"));
            await dying.World.Engine.DisposeAsync();
            nodes[nodes.IndexOf(dying)] = Join();
            sum.Crashes++;
        }

        private Node Join()
        {
            var hosts = new MortalHosts();
            var connection = new CrashingStore(store, 0, after: false);
            var options = new EngineOptions
            {
                Owner = $"engine-{++named}", SeveralEngines = true, Eviction = random.Next(2) == 0 ? Eviction.Always : new Eviction(), RunsInHand = random.Next(2, 20),
                ApprovalRequired = new HashSet<Effect>(), Budgets = Budgets,
            };
            return new Node(new World(options, connection, clock, gate, plays, seed: random.Next(), host: events => hosts.Make(events, plays, world)), hosts, connection);
        }

        private async Task BeforeAsync(string what, ActionContext context, CancellationToken stop)
        {
            Tell($"{what} {context.Run} attempt {context.Attempt} begins");
            if (what.StartsWith("listen", StringComparison.Ordinal) && (chaos ? chance.Next(12) > 0 : !heard.Add(what))) throw ConnectorFailure.NotYet("Nothing yet.", TimeSpan.FromMinutes(10));
            var roll = chaos ? chance.Next(100) : 99;
            var wait = TimeSpan.FromSeconds(chance.Next(1, 60));

            if (what.StartsWith("post flaky", StringComparison.Ordinal) && chaos && chance.Next(3) > 0) throw ConnectorFailure.Permanent("not today", reason: "503");
            if (what.StartsWith("post item", StringComparison.Ordinal) && chaos && chance.Next(3) == 0) throw ConnectorFailure.Permanent("not this one", reason: "503");
            if (roll < 10) throw ConnectorFailure.Transient("busy");
            if (roll < 14) throw ConnectorFailure.Unknown("lost on the way there");
            if (roll >= 30) return;
            var began = clock.GetUtcNow();
            await gate.WaitAsync(wait, stop);
            // An engine that stood still meanwhile comes too late: its connection was cut at the time-out, and what was not taken by then never is.
            if (clock.GetUtcNow() - began > TimeSpan.FromSeconds(new ActionAttribute(default).TimeoutSeconds)) throw ConnectorFailure.Unknown("cut off");
        }

        private Task AfterAsync(string what, ActionContext context, CancellationToken stop)
        {
            Tell($"{what} {context.Run} attempt {context.Attempt} is done");
            return chaos && chance.Next(100) < 8 ? throw ConnectorFailure.Unknown("lost on the way back") : Task.CompletedTask;
        }

        private static bool Ended(Run run) => run.Status is RunStatus.Completed or RunStatus.Cancelled;

        private sealed record Node(World World, MortalHosts Hosts, CrashingStore Connection);
    }
}

public sealed class SimulationTestsInMemory() : SimulationTests(StoreKind.Memory);

public sealed class SimulationTestsOnSqlite() : SimulationTests(StoreKind.Sqlite);
