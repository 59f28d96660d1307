using System.Text.Json;
using Soar.Language;
using Soar.Runs;

namespace Soar.Tests.Engine;

public abstract class CancelledContainmentTests(StoreKind kind) : EngineSuite(kind)
{
    private const string Target = "203.0.113.7";

    [Fact]
    public async Task What_a_cancelled_branch_had_blocked_stays_blocked_on_the_ledger_until_its_time_is_over()
    {
        await using var world = NewWorld();
        var id = await world.StartAsync(async s =>
        {
            var blockAndWait = s.Both(s.Gate.Block(Target, 2.Hours), s.Signal<string>("never"));
            return Outcome.Completed($"{await s.FirstIndex(blockAndWait, s.Signal<string>("enough"))}");
        });
        await world.UntilAsync(id, RunStatus.Waiting);
        await world.Engine.SignalAsync(id, "enough", JsonSerializer.SerializeToElement("now"));
        Assert.Contains("1", (await world.EndOfAsync(id)).Result);
        await StandsAsync(world, id);
    }

    [Fact]
    public async Task What_a_cancelled_run_had_blocked_stays_blocked_on_the_ledger_until_its_time_is_over()
    {
        await using var world = NewWorld();
        var id = await world.StartAsync(async s =>
        {
            await s.Gate.Block(Target, 2.Hours);
            await s.Signal<string>("never");
            return Outcome.Completed();
        });
        await world.UntilAsync(id, RunStatus.Waiting);
        Assert.True(await world.Engine.CancelAsync(id, "ana", "false alarm"));
        Assert.Equal(RunStatus.Cancelled, (await world.EndOfAsync(id)).Status);
        await StandsAsync(world, id);
    }

    private static async Task StandsAsync(World world, RunId id)
    {
        await world.AdvanceAsync(1.Hours);
        var row = Assert.Single(await world.Store.ContainmentsAsync(null, null, standingOnly: true));
        Assert.Equal((ContainmentStatus.Active, Target, id), (row.Status, row.Target, Assert.Single(row.Holders).Run));
        Assert.Null(row.Holders[0].ReleasedAt);
        Assert.True(world.Gate.Blocked.ContainsKey(Target));
        Assert.Equal(0, world.Gate.TimesDone("unblock"));

        await world.PassAsync(async () => (await world.Store.ContainmentsAsync(null, null, standingOnly: true)).Count == 0, 1.Minutes, most: 70);
        Assert.Empty(world.Gate.Blocked);
    }
}

public sealed class CancelledContainmentTestsInMemory() : CancelledContainmentTests(StoreKind.Memory);

public sealed class CancelledContainmentTestsOnSqlite() : CancelledContainmentTests(StoreKind.Sqlite);
