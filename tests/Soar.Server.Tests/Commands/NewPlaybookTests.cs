using Soar.Server.Tests.Connectors;

namespace Soar.Server.Tests.Commands;

/// <summary><c>soar new</c>: whatever kind is asked for, the frame checks and passes its tests as it stands, and its tests take every way.</summary>
public sealed class NewPlaybookTests : IDisposable
{
    private readonly Deployment deployment = new();

    public void Dispose() => deployment.Dispose();

    [Fact]
    public void A_new_playbook_of_every_kind_checks_and_passes_its_tests_at_once()
    {
        string[] kinds = ["attack", "detection", "engagement", "investigation", "mitigation", "notification", "prevention", "remediation"];
        deployment.File("soar.yaml", "jail: accept-weaker\nhosts: 1\n");
        foreach (var kind in kinds)
        {
            var (made, said) = deployment.Soar("new", $"first/{kind}-of-ours", "--type", kind);
            Assert.True(made == 0, said);
            Assert.Contains($"type: PlaybookType.{char.ToUpperInvariant(kind[0])}{kind[1..]}", File.ReadAllText(Path.Combine(deployment.Home, "first", $"{kind}-of-ours.csx")));
        }

        var (checks, found) = deployment.Soar("check");
        Assert.True(checks == 0, found);
        Assert.Contains($"{kinds.Length} playbooks checked, no errors", found);
        var (passes, tested) = deployment.Soar("test", "--coverage", "full");
        Assert.True(passes == 0, tested);
        Assert.All(kinds, kind => Assert.Contains($"{kind}-of-ours", tested));
        Assert.Contains("0 failed, 0 skipped", tested);
    }

    [Fact]
    public void A_kind_that_there_is_no_frame_for_is_refused_with_those_that_there_are()
    {
        deployment.File("soar.yaml", "hosts: 1\n");
        var (exit, said) = deployment.Soar("new", "mine", "--type", "defence");
        Assert.NotEqual(0, exit);
        Assert.Contains("notification", said);
        Assert.False(File.Exists(Path.Combine(deployment.Home, "mine.csx")));
    }
}
