using Soar.Capabilities;
using Soar.Engine;
using Soar.Language;
using Soar.Runs;

namespace Soar.Tests.Engine;

/// <summary>
/// Kills the engine just before and just after every single change that it makes to the store in a scenario with parallel steps, an approval, a timer, time limits, a sub-playbook
/// and five effects, and in one with everything that policy does to an effect; restarts it (on SQLite: opens what the files hold), and compares: same outcome, every effect exactly once or settled by
/// probe or person, nobody asked twice. Everything runs in one order that the seed gives (<see cref="Interleaving"/>), so that the n-th change is the same one in every play and none is missed.
/// </summary>
public abstract class CrashTests(StoreKind kind) : EngineSuite(kind)
{
    /// <summary>Parallel steps, an approval, a timer, time limits, a sub-playbook and five effects.</summary>
    private static readonly Scenario Everything = new(
        new EngineOptions { ApprovalRequired = new HashSet<Effect> { Effect.Contains } },
        async s =>
        {
            var (one, all) = await s.Both(s.Gate.Look("abc"), s.Each(new[] { "a", "bb", "ccc" }, what => s.Gate.Look(what)));
            var blocks = new[] { s.At("edge-1").Block("203.0.113.7", 1.Hours), s.At("edge-2").Block("203.0.113.8", 1.Hours) };
            var decision = await s.Approve("Block them?", blocks, within: 1.Days);
            if (!decision.Approved) return Outcome.Escalated(decision.Reason);
            await s.Every(blocks).Timeout(6.Hours);
            try
            {
                await s.Both(s.Signal<string>("never"), s.Gate.Look("x")).Timeout(10.Minutes);
            }
            catch (StepTimedOut)
            {
                await s.Pause(5.Minutes);
            }

            var child = await s.Sub("child").Timeout(6.Hours);
            await s.Gate.Send("provider", "x");
            await s.Gate.Post("note");
            return Outcome.Contained($"{one} {all.Sum()} {child.Reason}");
        },
        Once: [("send", "provider"), ("post", "note"), ("post", "from child")], Blocked: ["203.0.113.7", "203.0.113.8"]);

    /// <summary>An effect that a kill switch holds, one whose target is protected, and three containments under a budget of two targets an hour, the last of which is asked about.</summary>
    private static readonly Scenario Policed = new(
        new EngineOptions
        {
            Protected = new ProtectedAssets([new ProtectedAsset { Name = "our servers", Networks = [IpAddress.Parse("198.51.100.0/24")], Then = PolicyAnswer.Ask, AskWho = HeadOfSoc }]),
            Budgets = [new Budget(Effect.Contains, BudgetSpan.Hour, 2, null, PolicyAnswer.Ask, HeadOfSoc)],
        },
        async s =>
        {
            await s.Together(s.Gate.Post("note"), s.Gate.Block("203.0.113.1", 1.Hours));
            await s.At("edge-2").Block("198.51.100.7", 1.Hours);
            await s.Gate.Block("203.0.113.2", 1.Hours);
            return Outcome.Contained("done");
        },
        Once: [("post", "note")], Blocked: ["203.0.113.1", "198.51.100.7", "203.0.113.2"], Held: Effect.Records);

    /// <summary>Two containments whose answers are lost, at a product whose probe cannot tell either: a person tells that the first was done and the second was not.</summary>
    private static readonly Scenario Told = new(
        new EngineOptions(),
        async s =>
        {
            var done = await s.Gate.Block("203.0.113.7", 1.Hours).Retry(1);
            var again = await s.Gate.Block("203.0.113.8", 1.Hours).Retry(1);
            return Outcome.Contained($"{done.Target} {again.Target}");
        },
        Once: [], Blocked: ["203.0.113.7", "203.0.113.8"], Product: gate =>
        {
            var lose = new HashSet<string> { "block 203.0.113.7", "block 203.0.113.8" };
            gate.After = (what, _, _) => what.EndsWith('7') && lose.Remove(what) ? throw ConnectorFailure.Unknown("connection reset") : Task.CompletedTask;
            gate.Before = (what, _, _) => what.EndsWith('8') && lose.Remove(what) ? throw ConnectorFailure.Unknown("connection reset") : Task.CompletedTask;
            gate.BeforeProbe = () => throw new IOException("cable");
        });

    private const string HeadOfSoc = "head-of-soc";

    /// <summary>How often somebody looks at what is held before the switch is lifted.</summary>
    private const int HeldLooks = 3;
    private static readonly Guid Switch = new("01a22d01-929d-775a-af91-bf57bfe78404");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_crash_at_any_write_loses_nothing_and_repeats_nothing(int order)
    {
        var calm = Play(Everything, order, crashAt: 0, after: false);
        Assert.Equal("""{"kind":"Contained","reason":"3 6 child done"}""", calm.Result);
        Assert.True(calm.Changes >= 25, $"only {calm.Changes} changes: the scenario lost its point");
        Assert.Equal(0, calm.AskedPerson);

        // Only the letter has neither a probe nor is it safe to repeat: a person is asked about it when the crash came between its intent and its record, and only then.
        Assert.InRange(CrashAtEach(Everything, order, calm), 1, 4);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_crash_at_any_write_makes_policy_neither_forget_nor_count_nor_ask_twice(int order)
    {
        var calm = Play(Policed, order, crashAt: 0, after: false);
        Assert.Equal("""{"kind":"Contained","reason":"done"}""", calm.Result);
        Assert.True(calm.Changes >= 15, $"only {calm.Changes} changes: the scenario lost its point");
        Assert.Equal(0, CrashAtEach(Policed, order, calm));
    }

    /// <summary>The answer is used up with the record of what it settles, or not at all: lost in between, the question would be closed and the run would wait for ever.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_crash_at_any_write_loses_nothing_of_what_a_person_told_of_a_containment(int order)
    {
        var calm = Play(Told, order, crashAt: 0, after: false);
        Assert.Equal("""{"kind":"Contained","reason":"203.0.113.7 203.0.113.8"}""", calm.Result);
        Assert.Equal(2, calm.AskedPerson);
        Assert.True(CrashAtEach(Told, order, calm) >= calm.Changes, "hardly anybody was asked: the scenario lost its point");
    }

    /// <summary>Crashes just before and just after each change. Returns how often a person was asked what became of an effect.</summary>
    private int CrashAtEach(Scenario scenario, int order, Played calm)
    {
        var asked = 0;
        for (var n = 1; n <= calm.Changes; n++)
        {
            foreach (var after in new[] { false, true })
            {
                var crashed = Play(scenario, order, n, after);
                Assert.True(crashed.Crashed, $"change {n} never came");
                Assert.True(calm.Result == crashed.Result, $"crash {(after ? "after" : "before")} change {n}: {crashed.Result}");
                asked += crashed.AskedPerson;
            }
        }

        return asked;
    }

    private Played Play(Scenario scenario, int order, int crashAt, bool after)
    {
        var played = default(Played);
        var alone = new Interleaving(order);
        alone.Run(async () => played = await PlayAsync(scenario, alone, crashAt, after));
        return played!;
    }

    private async Task<Played> PlayAsync(Scenario scenario, Interleaving alone, int crashAt, bool after)
    {
        var where = crashAt == 0 ? "no crash" : $"crash {(after ? "after" : "before")} change {crashAt}";
        var clock = new ManualClock(alone);
        var store = NewStore(clock);
        var gate = new Gate(clock);
        scenario.Product?.Invoke(gate);
        var plays = new Plays();
        plays.Add("child", async s =>
        {
            await s.Gate.Post("from child");
            return Outcome.Completed("child done");
        });
        var parent = plays.Add("parent", scenario.Body);
        if (scenario.Held is { } effect) await store.SwitchOnAsync(KillSwitch.New(Switch, null, effect, null, "ana", "enough", clock.GetUtcNow()));

        var dying = new CrashingStore(store, crashAt, after);
        var world = new World(scenario.Options, dying, clock, gate, plays);
        try
        {
            await world.Engine.StartAsync(parent, new StartRequest { StartedBy = "ana", TriggerKey = "the alert" });
        }
        catch (CrashException)
        {
            // Whoever sent the alert sends it again.
        }

        var (asked, heldFor) = (0, 0);
        for (var step = 0; ; step++)
        {
            Assert.True(step < 300, $"{where}: it does not come to an end. {string.Join("\n", (await store.ListAsync(null, null, 9)).Select(r => $"{r.Playbook} {r.Status}"))}\n{string.Join("\n", world.Log.Lines)}");
            await world.CalmAsync();
            if (dying.Crashed && ReferenceEquals(world.Store, dying))
            {
                await world.DisposeAsync();
                await alone.IdleAsync();
                store = await RestartedAsync(store, clock);
                world = new World(scenario.Options, store, clock, gate, plays, seed: 2);
                await world.Engine.StartAsync(parent, new StartRequest { StartedBy = "ana", TriggerKey = "the alert" });
                continue;
            }

            if ((await store.SwitchesAsync(all: false)).Count > 0)
            {
                Assert.True(gate.TimesDone("post") == 0, $"{where}: what the kill switch holds was done");
                if ((await store.HeldAsync(null)).Count == 1 && ++heldFor > HeldLooks) await UnlessItCrashesAsync(() => world.Engine.AllowEffectsAsync(Switch, "ana"));
            }

            foreach (var question in await store.QuestionsAsync(null, QuestionStatus.Open))
            {
                Assert.False(question.Who == HeadOfSoc && gate.Done.Any(d => d.Action == "block" && question.Text.Contains(d.What, StringComparison.Ordinal)), $"{where}: done before it was approved: {question.Text}");
                // A person looks at the product before telling what became of an effect.
                var told = question.Kind == QuestionKind.UnknownOutcome ? gate.Done.Any(d => question.Details.Contains(d.Key, StringComparison.Ordinal)) ? "done" : "not-done" : null;
                if (told is not null) asked++;
                await UnlessItCrashesAsync(() => world.AnswerAsync(question, value: told));
            }

            var ended = (await store.ListAsync(null, "parent", 1)).FirstOrDefault()?.Status is RunStatus.Completed or RunStatus.Failed;
            if (ended && (await store.ContainmentsAsync(null, null, standingOnly: true)).Count == 0 && !(dying.Crashed && ReferenceEquals(world.Store, dying))) break;
            clock.Advance(TimeSpan.FromSeconds(45));
        }

        await world.DisposeAsync();
        var run = Assert.Single(await store.ListAsync(null, "parent", 9));
        Assert.Equal(scenario == Everything ? 1 : 0, (await store.ListAsync(null, "child", 9)).Count);
        foreach (var (action, what) in scenario.Once)
            Assert.True(gate.TimesDone(action, what) == 1, $"{where}: {action} {what} was done {gate.TimesDone(action, what)} times");
        foreach (var target in scenario.Blocked)
            Assert.True(gate.Done.Where(d => d.Action == "block" && d.What == target).Select(d => d.Key).Distinct().Count() == 1, $"{where}: {target} was not blocked under one key");
        Assert.True(gate.Blocked.IsEmpty, $"{where}: what was contained is still there");
        foreach (var journal in (await JournalsAsync(store)).Values)
        {
            Assert.Equal(Enumerable.Range(1, journal.Count), journal.Select(r => r.Seq));
            Assert.Equal(journal.Count(r => r.Kind == JournalKind.Delivered), journal.Where(r => r.Kind == JournalKind.Delivered).DistinctBy(r => r.Ordinal).Count());
        }

        if (scenario == Policed) await JudgePolicyAsync(store, run.Id, where);
        await CloseAsync(store);
        return new Played(run.Result, dying.Changes, dying.Crashed, asked);
    }

    /// <summary>Each policy is met once, whatever crashed: held once, and each question put once. A containment that was counted twice would have more asked about; one that was forgotten, less.</summary>
    private static async Task JudgePolicyAsync(IRunStore store, RunId run, string where)
    {
        var asked = (await store.QuestionsAsync(run, null)).Where(q => q.Who == HeadOfSoc).OrderBy(q => q.AskedAt).Select(q => q.Text).ToList();
        Assert.True(asked.Count == 2 && asked[0].Contains("198.51.100.0/24 is protected", StringComparison.Ordinal) && asked[1].Contains("target 3 of contains within an hour; the budget is 2", StringComparison.Ordinal),
            $"{where}: asked {string.Join(" | ", asked)}");
        var kinds = (await store.ReadJournalAsync(run)).CountBy(r => r.Kind).ToDictionary();
        Assert.True(kinds[JournalKind.Held] == 1 && kinds[JournalKind.Released] == 1 && kinds[JournalKind.Decided] == 2, $"{where}: {string.Join(", ", kinds)}");
        Assert.Empty(await store.HeldAsync(null));
    }

    /// <summary>What is not done because of a crash, the next look sees.</summary>
    private static async Task UnlessItCrashesAsync(Func<Task> change)
    {
        try
        {
            await change();
        }
        catch (Exception e) when (e is CrashException or SoarException)
        {
            // It crashed before it answered.
        }
    }

    /// <summary>What is played.</summary>
    /// <param name="Once">What must have been done once.</param>
    /// <param name="Blocked">What must have been blocked, each under one key, and lifted.</param>
    /// <param name="Held">What a kill switch holds when the run begins, for a while.</param>
    /// <param name="Product">What is wrong with the product; null = nothing.</param>
    private sealed record Scenario(EngineOptions Options, Func<PlayBench, Task<Outcome>> Body, (string Action, string What)[] Once, string[] Blocked, Effect? Held = null, Action<Gate>? Product = null);

    private sealed record Played(string? Result, int Changes, bool Crashed, int AskedPerson);
}

public sealed class CrashTestsInMemory() : CrashTests(StoreKind.Memory);

public sealed class CrashTestsOnSqlite() : CrashTests(StoreKind.Sqlite);
