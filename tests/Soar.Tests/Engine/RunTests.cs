using Soar.Runs;

namespace Soar.Tests.Engine;

public sealed class RunTests
{
    [Fact]
    public async Task A_run_with_reads_and_one_effect_keeps_one_record_for_a_read_and_two_for_an_effect()
    {
        await using var world = new World();
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
}
