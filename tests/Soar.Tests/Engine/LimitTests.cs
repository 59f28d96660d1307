using Soar.Engine;
using Soar.Hosting;
using Soar.Runs;

namespace Soar.Tests.Engine;

/// <summary>How many runs of a playbook are under way at once: never more than the deployment says, on whichever engine, and whatever dies; and none is lost.</summary>
public sealed class LimitTests
{
    private static EngineOptions Options(string owner) =>
        new() { Owner = owner, SeveralEngines = true, Triggers = new Dictionary<string, TriggerTerms> { ["test"] = new() { AtOnce = 2 } } };

    [Fact]
    public async Task Two_engines_of_which_one_dies_keep_to_the_limit_and_every_run_ends_in_its_order()
    {
        var (clock, store, plays) = (new ManualClock(), new MemoryStore(), new Plays());
        var gate = new Gate(clock);
        await using var dying = new World(Options("a"), store, clock, gate, plays, seed: 1);
        await using var other = new World(Options("b"), store, clock, gate, plays, seed: 2);
        var runs = new List<RunId>();
        for (var i = 0; i < 7; i++)
        {
            runs.Add(await (i % 2 == 0 ? dying : other).StartAsync(async s =>
            {
                await s.Gate.Look("begins");
                await s.Pause(TimeSpan.FromMinutes(1));
                await s.Gate.Look("ends");
                return Outcome.Completed();
            }));
        }

        await dying.CalmAsync();
        await dying.Engine.AbandonAsync();
        await other.PassAsync(async () =>
        {
            var rows = new List<Run>();
            foreach (var run in runs) rows.Add((await store.FindAsync(run))!);
            Assert.True(rows.Count(r => r is { InLine: false, EndedAt: null }) <= 2);
            Assert.DoesNotContain(rows.SkipWhile(r => !r.InLine), r => !r.InLine);
            return rows.TrueForAll(r => r.Status == RunStatus.Completed);
        }, TimeSpan.FromSeconds(10));
        Assert.Equal(7, gate.Reads.Count(r => r == "ends"));
    }

    [Fact]
    public async Task Sub_runs_of_a_playbook_that_has_one_place_only_do_not_wait_for_the_run_that_waits_for_them()
    {
        var plays = new Plays();
        await using var world = new World(Options("a") with { Triggers = new Dictionary<string, TriggerTerms> { ["test"] = new() { AtOnce = 1 } } }, plays: plays);
        var playbook = plays.Add("test", async s => s.In("deep", "no") == "yes" ? Outcome.Completed() : await s.Sub("test", new { deep = "yes" }), "1.0.0", new InputHeader("deep", "string", "whether it is the sub-run", "\"no\"", null, 3));
        var run = await world.Engine.StartAsync(playbook, new StartRequest { StartedBy = "ana" });
        Assert.Equal(RunStatus.Completed, (await world.EndOfAsync(run)).Status);
    }
}
