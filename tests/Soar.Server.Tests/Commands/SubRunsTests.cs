using Soar.Server.Tests.Connectors;

namespace Soar.Server.Tests.Commands;

/// <summary>A run that waits for its sub-playbook goes on as long as that does: whoever follows it stays, and hears what that asks.</summary>
public sealed class SubRunsTests : IDisposable
{
    private readonly Deployment deployment = new();

    public SubRunsTests()
    {
        deployment.File("soar.yaml", "jail: accept-weaker\nhosts: 2\n");
        deployment.File("asker.csx", """
            Playbook("asker", version: "1.0.0", type: PlaybookType.Investigation, tlp: Tlp.Amber, summary: "A test.");
            await Wait(1.Seconds);
            var decision = await Ask("shift-lead", "Go on?", within: 1.Hours);
            return decision.Approved ? Outcome.Completed("they said yes") : Outcome.Escalated(decision.Reason);
            """);
        deployment.File("caller.csx", """
            Playbook("caller", version: "1.0.0", type: PlaybookType.Investigation, tlp: Tlp.Amber, summary: "A test.");
            var said = await Run("asker");
            return Outcome.Completed($"the sub-playbook: {said.Reason}");
            """);
    }

    public void Dispose() => deployment.Dispose();

    [Fact]
    public void What_a_sub_playbook_asks_is_told_to_whoever_runs_its_caller_with_how_to_answer()
    {
        var (exit, output) = deployment.Soar("run", "caller");
        Assert.True(exit == 3, $"exit {exit}: {output}");
        Assert.Contains("shift-lead is asked: Go on?", output);
        Assert.Contains("approve|refuse", output);
        Assert.DoesNotContain("Nobody is asked", output);
    }

    [Fact]
    public void A_run_is_followed_to_its_end_while_its_sub_playbook_goes_on()
    {
        var (exit, output) = deployment.Soar("run", "caller", "--answer", "approve");
        Assert.True(exit == 0, $"exit {exit}: {output}");
        Assert.Contains("Completed: the sub-playbook: they said yes", output);
    }
}
