using Soar.Capabilities;
using Soar.Engine;
using Soar.Language;
using Soar.Runs;

namespace Soar.Tests.Engine;

/// <summary>
/// Kills the engine just before and just after every single change that it makes to the store in a scenario with parallel steps, an approval, a timer, time limits, a sub-playbook
/// and five effects, restarts it (on SQLite: opens what the files hold), and compares: same outcome, every effect exactly once or settled by probe or person. Everything runs in one order that the
/// seed gives (<see cref="Interleaving"/>), so that the n-th change is the same one in every play and none is missed.
/// </summary>
public abstract class CrashTests(StoreKind kind) : EngineSuite(kind)
{
    private static readonly EngineOptions Options = new() { ApprovalRequired = new HashSet<Effect> { Effect.Contains } };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_crash_at_any_write_loses_nothing_and_repeats_nothing(int order)
    {
        var calm = Play(order, crashAt: 0, after: false);
        Assert.Equal("""{"kind":"Contained","reason":"3 6 child done"}""", calm.Result);
        Assert.True(calm.Changes >= 25, $"only {calm.Changes} changes: the scenario lost its point");
        Assert.Equal(0, calm.AskedPerson);

        var asked = 0;
        for (var n = 1; n <= calm.Changes; n++)
        {
            foreach (var after in new[] { false, true })
            {
                var crashed = Play(order, n, after);
                Assert.True(crashed.Crashed, $"change {n} never came");
                Assert.True(calm.Result == crashed.Result, $"crash {(after ? "after" : "before")} change {n}: {crashed.Result}");
                asked += crashed.AskedPerson;
            }
        }

        // Only the letter has neither a probe nor is it safe to repeat: a person is asked about it when the crash came between its intent and its record, and only then.
        Assert.InRange(asked, 1, 4);
    }

    private Played Play(int order, int crashAt, bool after)
    {
        var played = default(Played);
        var alone = new Interleaving(order);
        alone.Run(async () => played = await PlayAsync(alone, crashAt, after));
        return played!;
    }

    private async Task<Played> PlayAsync(Interleaving alone, int crashAt, bool after)
    {
        var where = crashAt == 0 ? "no crash" : $"crash {(after ? "after" : "before")} change {crashAt}";
        var clock = new ManualClock(alone);
        var store = NewStore(clock);
        var gate = new Gate(clock);
        var plays = new Plays();
        plays.Add("child", async s =>
        {
            await s.Gate.Post("from child");
            return Outcome.Completed("child done");
        });
        var parent = plays.Add("parent", async s =>
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
        });

        var dying = new CrashingStore(store, crashAt, after);
        var world = new World(Options, dying, clock, gate, plays);
        try
        {
            await world.Engine.StartAsync(parent, new StartRequest { StartedBy = "ana", TriggerKey = "the alert" });
        }
        catch (CrashException)
        {
            // Whoever sent the alert sends it again.
        }

        var asked = 0;
        for (var step = 0; ; step++)
        {
            Assert.True(step < 300, $"{where}: it does not come to an end. {string.Join("\n", (await store.ListAsync(null, null, 9)).Select(r => $"{r.Playbook} {r.Status}"))}\n{string.Join("\n", world.Log.Lines)}");
            await world.CalmAsync();
            if (dying.Crashed && ReferenceEquals(world.Store, dying))
            {
                await world.DisposeAsync();
                await alone.IdleAsync();
                store = await RestartedAsync(store, clock);
                world = new World(Options, store, clock, gate, plays, seed: 2);
                await world.Engine.StartAsync(parent, new StartRequest { StartedBy = "ana", TriggerKey = "the alert" });
                continue;
            }

            foreach (var question in await store.QuestionsAsync(null, QuestionStatus.Open))
            {
                // A person looks at the product before telling what became of an effect.
                var told = question.Kind == QuestionKind.UnknownOutcome ? gate.Done.Any(d => question.Details.Contains(d.Key, StringComparison.Ordinal)) ? "done" : "not-done" : null;
                if (told is not null) asked++;
                try
                {
                    await world.AnswerAsync(question, value: told);
                }
                catch (Exception e) when (e is CrashException or SoarException)
                {
                    // It crashed before it answered; the next look sees what is still open.
                }
            }

            var ended = (await store.ListAsync(null, "parent", 1)).FirstOrDefault()?.Status is RunStatus.Completed or RunStatus.Failed;
            if (ended && (await store.ContainmentsAsync(null, null, standingOnly: true)).Count == 0 && !(dying.Crashed && ReferenceEquals(world.Store, dying))) break;
            clock.Advance(TimeSpan.FromSeconds(45));
        }

        await world.DisposeAsync();
        var run = Assert.Single(await store.ListAsync(null, "parent", 9));
        Assert.Single(await store.ListAsync(null, "child", 9));
        foreach (var (action, what) in new[] { ("send", "provider"), ("post", "note"), ("post", "from child") })
            Assert.True(gate.TimesDone(action, what) == 1, $"{where}: {action} {what} was done {gate.TimesDone(action, what)} times");
        foreach (var target in new[] { "203.0.113.7", "203.0.113.8" })
            Assert.True(gate.Done.Where(d => d.Action == "block" && d.What == target).Select(d => d.Key).Distinct().Count() == 1, $"{where}: {target} was not blocked under one key");
        Assert.True(gate.Blocked.IsEmpty, $"{where}: what was contained is still there");
        foreach (var journal in (await JournalsAsync(store)).Values)
        {
            Assert.Equal(Enumerable.Range(1, journal.Count), journal.Select(r => r.Seq));
            Assert.Equal(journal.Count(r => r.Kind == JournalKind.Delivered), journal.Where(r => r.Kind == JournalKind.Delivered).DistinctBy(r => r.Ordinal).Count());
        }

        await CloseAsync(store);
        return new Played(run.Result, dying.Changes, dying.Crashed, asked);
    }

    private sealed record Played(string? Result, int Changes, bool Crashed, int AskedPerson);
}

public sealed class CrashTestsInMemory() : CrashTests(StoreKind.Memory);

public sealed class CrashTestsOnSqlite() : CrashTests(StoreKind.Sqlite);
