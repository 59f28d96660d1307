using Soar.Engine;
using Soar.Hosting;
using Soar.Language;
using Soar.Runs;

namespace Soar.Tests.Engine;

/// <summary>What a sub-playbook gives to its caller besides its outcome.</summary>
public abstract class SubRunValueTests(StoreKind kind) : EngineSuite(kind)
{
    private static readonly EngineOptions Forgetful = new() { Eviction = Eviction.Always };

    [Fact]
    public async Task A_sub_playbook_gives_a_value_that_its_caller_reads_as_a_type_of_its_own_also_on_replay()
    {
        await using var world = NewWorld(Forgetful);
        world.Plays.Add("child", async s =>
        {
            await s.Pause(1.Hours);
            return Outcome.Contained("at two gates").With(new Blocked(IpAddress.Parse("203.0.113.7"), 24.Hours, ["edge-1", "edge-2"]));
        });
        var seen = new List<string>();
        var id = await world.StartAsync(async s =>
        {
            var blocked = await s.Sub<Stopped>("child");
            seen.Add($"{blocked.Target} {blocked.Ttl} {string.Join('+', blocked.Gates)}");
            await s.Pause(1.Hours);
            return Outcome.Completed(seen[^1]);
        });
        var run = await world.PassToEndAsync(id, 10.Minutes);
        Assert.Contains("203.0.113.7 1.00:00:00 edge-1+edge-2", run.Result);
        Assert.True(seen.Count > 1, "The caller was not replayed.");
        Assert.Single(seen.Distinct());
        var child = Assert.Single(await world.Store.ListAsync(null, "child", 1));
        Assert.Contains("\"value\":{\"target\":\"203.0.113.7\",\"ttl\":\"1.00:00:00\",\"gates\":[\"edge-1\",\"edge-2\"]}", child.Result);
    }

    [Fact]
    public async Task Without_a_type_the_caller_sees_outcome_and_value_and_may_hand_both_on()
    {
        await using var world = NewWorld();
        world.Plays.Add("child", _ => Task.FromResult(Outcome.Completed("done").With(42)));
        world.Plays.Add("middle", async s => await s.Sub("child"));
        var run = await world.EndOfAsync(await world.StartAsync(async s =>
        {
            var outcome = await s.Sub("middle");
            return Outcome.Completed($"{outcome} {outcome.Value!.Value.GetInt32()} {await s.Sub<int>("child")}");
        }));
        Assert.Contains("\"reason\":\"Completed: done 42 42\"", run.Result);
    }

    public static TheoryData<string, string> Misfits => new()
    {
        { "nothing", "What child gives cannot be read as Stopped: it ended Completed: nothing to tell and gives no value. Let it return one: Outcome.Completed(…).With(…)" },
        { "text", "What child gives cannot be read as Stopped: The JSON value could not be converted" },
        { "other", "missing required properties" },
        { "null", "What child gives cannot be read as Stopped" },
    };

    [Theory]
    [MemberData(nameof(Misfits))]
    public async Task A_value_that_is_not_of_the_callers_type_or_none_fails_the_step_by_name(string what, string message)
    {
        await using var world = NewWorld();
        world.Plays.Add("child", _ => Task.FromResult(what switch
        {
            "text" => Outcome.Completed().With("done"),
            "other" => Outcome.Completed().With(new { target = "203.0.113.7" }),
            "null" => Outcome.Completed().With(new { target = "203.0.113.7", ttl = 1.Hours, gates = new string?[] { "a" }, owner = 1 }),
            _ => Outcome.Completed("nothing to tell"),
        }));
        var run = await world.EndOfAsync(await world.StartAsync(async s =>
        {
            try
            {
                return Outcome.Completed($"{(what == "null" ? (await s.Sub<Owned>("child")).Owner : (await s.Sub<Stopped>("child")).Target.ToString())}");
            }
            catch (StepFailed failure)
            {
                return Outcome.Escalated($"{failure.Code}: {failure.Message}");
            }
        }));
        var outcome = Result(run);
        Assert.Equal("Escalated", outcome.Kind);
        Assert.StartsWith("bad-result: ", outcome.Reason);
        Assert.Contains(what == "null" ? message.Replace("Stopped", "Owned", StringComparison.Ordinal) : message, outcome.Reason);
    }

    [Fact]
    public async Task The_value_of_a_run_that_goes_on_as_another_is_the_successors()
    {
        await using var world = NewWorld(Forgetful);
        world.Plays.Add("child", async s =>
        {
            var round = s.In("round", 1);
            await s.Pause(1.Hours);
            return round < 3 ? s.Again(new { round = round + 1 }) : Outcome.Completed().With(round);
        }, "1.0.0", new InputHeader("round", "int", "Which", "1", null, 1));
        var run = await world.PassToEndAsync(await world.StartAsync(async s => Outcome.Completed($"{await s.Sub<int>("child")} rounds")), 10.Minutes);
        Assert.Contains("3 rounds", run.Result);
    }

    [Fact]
    public async Task What_cannot_be_given_ends_the_run_with_what_to_do_instead()
    {
        await using var world = NewWorld();
        var given = 0;
        async Task<string> EndAsync(Func<PlayBench, Outcome> body)
        {
            var run = await world.EndOfAsync(await world.StartAsync(s => Task.FromResult(body(s)), name: $"given-{++given}"));
            Assert.Equal(RunStatus.Failed, run.Status);
            return run.Result!;
        }

        Assert.Contains("at most 262,144 are kept. Give an Artifact, or less.", await EndAsync(_ => Outcome.Completed().With(new string('x', 262_143))));
        Assert.Contains("at most 262,144 are kept", await EndAsync(s => Outcome.Completed() with { Value = System.Text.Json.JsonSerializer.SerializeToElement(new string('x', 262_143)) }));
        Assert.Contains("RunAgain gives no value", await EndAsync(s => s.Again(new { }).With(1)));
        Assert.Contains("leave .With(…) out", await EndAsync(_ => Outcome.Completed().With(null!)));
    }

    /// <summary>Until outcomes had values, <c>Run&lt;T&gt;</c> read T from the outcome: such playbooks, and their journals, read the same as before.</summary>
    [Fact]
    public async Task A_type_of_the_shape_of_an_outcome_still_reads_an_outcome_without_a_value()
    {
        await using var world = NewWorld();
        world.Plays.Add("child", _ => Task.FromResult(Outcome.Contained("as before")));
        var run = await world.EndOfAsync(await world.StartAsync(async s =>
        {
            var (how, ended) = (await s.Sub<Ended>("child"), await s.Sub<Ended>("child"));
            return Outcome.Completed($"{how.Kind} {ended.Reason}");
        }));
        Assert.Contains("Contained as before", run.Result);
    }

    private static Outcome Result(Run run) => System.Text.Json.JsonSerializer.Deserialize<Outcome>(run.Result!, Soar.Capabilities.SoarJson.Options)!;

    internal sealed record Blocked(IpAddress Target, TimeSpan Ttl, string[] Gates);

    internal sealed record Stopped(IpAddress Target, TimeSpan Ttl, IReadOnlyList<string> Gates, string? Remark = null);

    internal sealed record Owned(IpAddress Target, string Owner);

    internal sealed record Ended(string Kind, string? Reason);
}

public sealed class SubRunValueTestsInMemory() : SubRunValueTests(StoreKind.Memory);

public sealed class SubRunValueTestsOnSqlite() : SubRunValueTests(StoreKind.Sqlite);
