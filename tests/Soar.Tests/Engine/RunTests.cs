using System.Text.Json;
using System.Text.RegularExpressions;
using Soar.Capabilities;
using Soar.Engine;
using Soar.Hosting;
using Soar.Runs;

namespace Soar.Tests.Engine;

public abstract class RunTests (StoreKind kind) : EngineSuite(kind)
{
    [Fact]
    public async Task A_run_with_reads_and_one_effect_keeps_one_record_for_a_read_and_two_for_an_effect()
    {
        await using var world = NewWorld();
        var id = await world.StartAsync(async s =>
        {
            var a = await s.Gate.Look("abc");
            var b = await s.Gate.Look("defgh");
            var sent = await s.Gate.Send("provider", $"{a + b}");
            return Outcome.Completed(sent);
        });
        var run = await world.EndOfAsync(id);

        Assert.Equal(RunStatus.Completed, run.Status);
        Assert.Equal("""{"kind":"Completed","reason":"send provider"}""", run.Result);
        Assert.Equal("Started Done Done Intent Done Ended", await world.KindsAsync(id));
        Assert.Equal(1, world.Gate.TimesDone("send"));
    }

    [Fact]
    public async Task Parallel_steps_of_many_runs_end_with_their_own_results_and_a_journal_without_gaps()
    {
        await using var world = NewWorld();
        var playbook = world.Plays.Add("many", async s =>
        {
            var lengths = await s.Each(Enumerable.Range(0, 20), i => s.Gate.Look(new string('x', i)), parallel: 5);
            return Outcome.Completed($"{lengths.Sum()}");
        });
        var ids = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => world.Engine.StartAsync(playbook, new StartRequest { StartedBy = "ana" })));
        foreach (var id in ids)
        {
            Assert.Equal("""{"kind":"Completed","reason":"190"}""", (await world.EndOfAsync(id)).Result);
            var journal = await world.Store.ReadJournalAsync(id);
            Assert.Equal(Enumerable.Range(1, 22), journal.Select(r => r.Seq));
        }
    }

    [Fact]
    public async Task The_same_trigger_key_starts_one_run()
    {
        await using var world = NewWorld();
        var playbook = world.Plays.Add("once", async s => Outcome.Completed($"{await s.Gate.Look("a")}"));
        var first = await world.Engine.StartAsync(playbook, new StartRequest { StartedBy = "alert", TriggerKey = "alert/1" });
        var second = await world.Engine.StartAsync(playbook, new StartRequest { StartedBy = "alert", TriggerKey = "alert/1" });
        Assert.Equal(first, second);
    }

    [Fact]
    public async Task A_start_without_required_inputs_is_refused_and_names_all_of_them()
    {
        await using var world = NewWorld();
        var playbook = world.Plays.Add("needs", _ => Task.FromResult(Outcome.Completed()), "1.0.0",
            new InputHeader("address", "IpAddress", "Whom", null, null, 1), new InputHeader("reason", "string", "Why", null, null, 2),
            new InputHeader("ttl", "TimeSpan", "How long", "\"1.00:00:00\"", null, 3), new InputHeader("note", "string?", "More", null, null, 4));
        var refused = await Assert.ThrowsAsync<SoarException>(() => world.Engine.StartAsync(playbook, new StartRequest { StartedBy = "ana" }));
        Assert.Equal("SOAR2021", refused.Code);
        Assert.Contains("address (IpAddress: Whom), reason (string: Why)", refused.Message);

        refused = await Assert.ThrowsAsync<SoarException>(() => world.Engine.StartAsync(playbook, With(("address", "nonsense"), ("reason", "x"), ("adress", "typo"))));
        Assert.Contains("input 'address' is not a IpAddress", refused.Message);
        Assert.Contains("'adress' is no input of needs. It takes address, reason, ttl, note", refused.Message);

        var run = await world.Engine.StartAsync(playbook, With(("address", "203.0.113.7"), ("reason", "x")));
        var started = JsonSerializer.Deserialize<StartedRecord>((await world.Store.ReadJournalAsync(run))[0].Payload.Span, SoarJson.Options)!;
        Assert.Equal(["address", "reason", "ttl"], started.Inputs.Keys.Order());
        Assert.Equal(["edge-1", "edge-2"], started.Instances["Gate"]);
    }

    [Theory]
    [InlineData(null, "nobody")]
    [InlineData("null", "nobody")]
    [InlineData("\"ana\"", "ana")]
    public async Task An_input_of_text_that_may_be_left_out_is_null_where_nobody_gives_it(string? given, string said)
    {
        await using var world = NewWorld();
        var playbook = world.Plays.Add("who", s => Task.FromResult(Outcome.Completed($"{s.In<string>("who") ?? "nobody"}")), "1.0.0", new InputHeader("who", "string?", "Who says so", null, null, 1));
        var inputs = new Dictionary<string, JsonElement>();
        if (given is not null) inputs["who"] = JsonDocument.Parse(given).RootElement;
        var run = await world.EndOfAsync(await world.Engine.StartAsync(playbook, new StartRequest { StartedBy = "ana", Inputs = inputs }));
        Assert.Contains($"\"reason\":\"{said}\"", run.Result);
    }

    [Fact]
    public async Task A_deployment_that_changes_does_not_change_a_run_and_a_vanished_instance_fails_the_step_by_name()
    {
        await using var world = NewWorld();
        var id = await world.StartAsync(async s =>
        {
            await s.Pause(1.Days);
            return Outcome.Completed(await s.At("edge-2").Send("provider", "x"));
        });
        await world.UntilAsync(id, RunStatus.Waiting);
        world.Instances.Present.Remove("edge-2");
        var run = await world.PassToEndAsync(id, 1.Hours);
        Assert.Equal(RunStatus.Failed, run.Status);
        Assert.Contains("no connector instance 'edge-2' for Gate", run.Result);
    }

    [Fact]
    public async Task A_replay_that_differs_from_the_journal_fails_the_run_with_both_sides()
    {
        await using var world = NewWorld(new EngineOptions { Eviction = Eviction.Always });
        var playbook = world.Plays.Add("changed", async s =>
        {
            await s.Gate.Look("before");
            await s.Pause(1.Days);
            return Outcome.Completed();
        });
        var id = await world.Engine.StartAsync(playbook, new StartRequest { StartedBy = "ana" });
        await world.UntilAsync(id, RunStatus.Waiting);
        world.Plays.Add("changed", async s =>
        {
            await s.Gate.Look("after");
            await s.Pause(1.Days);
            return Outcome.Completed();
        });
        var run = await world.PassToEndAsync(id, 1.Hours);
        Assert.Equal(RunStatus.Failed, run.Status);
        Assert.Contains("SOAR2040", run.Result);
        // The journal keeps a call's arguments as their hash only: its side is path, action and that hash, the new side has the arguments too.
        var journaled = (await world.Store.ReadJournalAsync(id)).First(r => r.Ordinal == 0);
        var message = JsonDocument.Parse(run.Result!).RootElement.GetProperty("message").GetString()!;
        Assert.Contains($"Journal: {journaled.Action} at {journaled.Path} ({journaled.Hash:x16}).", message);
        var now = Regex.Match(message, $@"Now: {Regex.Escape(journaled.Action)} at {Regex.Escape(journaled.Path)} \(([0-9a-f]{{16}})\), arguments .*after", RegexOptions.None, TimeSpan.FromSeconds(5));
        Assert.True(now.Success, message);
        Assert.NotEqual($"{journaled.Hash:x16}", now.Groups[1].Value);
    }

    [Fact]
    public async Task A_waiting_run_is_forgotten_and_goes_on_where_it_stopped()
    {
        await using var world = NewWorld(new EngineOptions { Eviction = Eviction.Always });
        var id = await world.StartAsync(async s =>
        {
            await s.Gate.Look("before");
            await s.Pause(30.Days);
            await s.Gate.Look("after");
            return Outcome.Completed();
        });
        var waiting = await world.UntilAsync(id, RunStatus.Waiting);
        await world.CalmAsync();
        Assert.Equal(world.Clock.GetUtcNow() + 30.Days, waiting.WakeAt);
        Assert.Equal((0, 0), (world.Engine.Health().Driving, world.Engine.Health().Kept));

        Assert.Equal(RunStatus.Completed, (await world.PassToEndAsync(id, 1.Days)).Status);
        Assert.Equal(["before", "after"], world.Gate.Reads);
    }

    [Fact]
    public async Task A_kept_run_goes_on_without_a_replay_and_is_dropped_when_its_time_is_over()
    {
        await using var world = NewWorld(new EngineOptions { Eviction = new Eviction { Idle = 10.Seconds } });
        var bodies = 0;
        var id = await world.StartAsync(async s =>
        {
            Interlocked.Increment(ref bodies);
            await s.Signal<int>("go");
            await s.Signal<int>("go");
            return Outcome.Completed();
        });
        await world.UntilAsync(id, RunStatus.Waiting);
        await world.CalmAsync();
        Assert.Equal(1, world.Engine.Health().Kept);
        await world.Engine.SignalAsync(id, "go", JsonSerializer.SerializeToElement(1));
        await world.CalmAsync();
        Assert.Equal(1, bodies);

        world.Clock.Advance(11.Seconds);
        await world.CalmAsync();
        world.Clock.Advance(1.Seconds);
        await world.CalmAsync();
        Assert.Equal(0, world.Engine.Health().Kept);
        await world.Engine.SignalAsync(id, "go", JsonSerializer.SerializeToElement(2));
        Assert.Equal(RunStatus.Completed, (await world.EndOfAsync(id)).Status);
        Assert.Equal(2, bodies);
    }

    [Fact]
    public async Task Ten_thousand_waiting_runs_are_not_held_by_the_engine()
    {
        await using var world = NewWorld(new EngineOptions { Eviction = Eviction.Always });
        var playbook = world.Plays.Add("wait", async s =>
        {
            await s.Signal<int>("never");
            return Outcome.Completed();
        });
        for (var i = 0; i < 10_000; i++) await world.Engine.StartAsync(playbook, new StartRequest { StartedBy = "ana" });
        await World.UntilAsync(async () => (await world.Store.ListAsync(RunStatus.Waiting, null, int.MaxValue)).Count == 10_000 ? "all" : null, "all wait");
        await world.CalmAsync();
        Assert.Equal((0, 0), (world.Engine.Health().Driving, world.Engine.Health().Kept));
    }

    [Fact]
    public async Task RunAgain_ends_the_run_and_starts_its_successor_with_a_fresh_journal()
    {
        await using var world = NewWorld();
        var id = await world.Engine.StartAsync(
            world.Plays.Add("again", s => Task.FromResult(s.In("round", 1) is var n && n < 3 ? s.Again(new { round = n + 1 }) : Outcome.Completed($"round {n}")), "1.0.0",
                new InputHeader("round", "int", "Which", "1", null, 1)),
            new StartRequest { StartedBy = "ana" });
        var run = await world.EndOfAsync(id);
        Assert.Contains("Goes on as run", run.Result);
        var last = await World.UntilAsync(async () => (await world.Store.ListAsync(RunStatus.Completed, null, 10)).FirstOrDefault(r => r.Result!.Contains("round 3")), "the third round");
        Assert.Equal("Started Ended", await world.KindsAsync(last.Id));
        Assert.Equal(3, (await world.Store.ListAsync(null, null, 10)).Count);
    }

    [Theory]
    [InlineData("typo", "'nn' is no input of again. It takes n")]
    [InlineData("type", "input 'n' is not a int: two does not fit")]
    public async Task RunAgain_with_inputs_that_are_none_of_its_playbooks_ends_the_run_failed(string mistake, string said)
    {
        await using var world = NewWorld();
        var playbook = world.Plays.Add("again", s => Task.FromResult(s.In("n", 1) < 3 ? s.Again(mistake == "typo" ? new { nn = 2 } : new { n = "two" }) : Outcome.Completed()), "1.0.0", new InputHeader("n", "int", "Which", "1", null, 1));
        var run = await world.EndOfAsync(await world.Engine.StartAsync(playbook, new StartRequest { StartedBy = "ana" }));
        Assert.Equal(RunStatus.Failed, run.Status);
        Assert.Contains("SOAR2021", run.Result);
        Assert.Contains(said, JsonSerializer.Deserialize<RunFailure>(run.Result!, SoarJson.Options)!.Message);
        Assert.Single(await world.Store.ListAsync(null, null, 10));
    }

    [Fact]
    public async Task Those_who_watch_are_told_why_a_step_failed()
    {
        await using var world = NewWorld();
        using var stop = new CancellationTokenSource();
        var watching = new TaskCompletionSource();
        var ends = new List<string?>();
        var watch = Task.Run(async () =>
        {
            await foreach (var e in world.Engine.WatchAsync(null, watching.SetResult, stop.Token))
            {
                if (e.Kind == RunEventKind.StepEnded) ends.Add(e.Detail);
                if (e.Kind == RunEventKind.Ended) return;
            }
        });
        await watching.Task;
        world.Gate.Before = (_, _, _) => throw ConnectorFailure.Permanent("the door is bricked up");
        await world.RunAsync(async s => Outcome.Completed($"{await s.Gate.Look("x")}"));
        await watch.WaitAsync(World.Patience);
        Assert.Contains("the door is bricked up", Assert.Single(ends));
        Assert.StartsWith("failed (", Assert.Single(ends));
    }

    [Fact]
    public async Task What_happens_in_a_run_can_be_watched()
    {
        await using var world = NewWorld();
        using var stop = new CancellationTokenSource();
        var watching = new TaskCompletionSource();
        var seen = new List<string>();
        var watch = Task.Run(async () =>
        {
            await foreach (var happened in world.Engine.WatchAsync(null, watching.SetResult, stop.Token))
            {
                seen.Add($"{happened.Kind} {happened.Path}".Trim());
                if (happened.Kind == RunEventKind.Ended) return;
            }
        });
        await watching.Task;
        await world.RunAsync(async s =>
        {
            await s.Gate.Look("a");
            return Outcome.Completed();
        });
        await watch.WaitAsync(World.Patience);
        Assert.Equal(["Started", "StepStarted gate-look", "StepEnded gate-look", "Ended"], seen);
    }

    internal static StartRequest With(params (string Name, string Value)[] inputs) =>
        new() { StartedBy = "ana", Inputs = inputs.ToDictionary(i => i.Name, i => JsonSerializer.SerializeToElement(i.Value)) };
}

public sealed class RunTestsInMemory() : RunTests(StoreKind.Memory);

public sealed class RunTestsOnSqlite() : RunTests(StoreKind.Sqlite);
