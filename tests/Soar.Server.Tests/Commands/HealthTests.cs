using Soar.Scripting.Jail;
using Soar.Server.Tests.Connectors;

namespace Soar.Server.Tests.Commands;

public sealed class HealthTests : IDisposable
{
    private readonly Deployment deployment = new();

    public void Dispose() => deployment.Dispose();

    [Theory]
    [InlineData("require")]
    [InlineData("accept-weaker")]
    public void The_jail_is_told_as_this_machines_kernel_and_the_deployments_policy_have_it(string policy)
    {
        var kernel = KernelSupport.OfThisMachine();
        deployment.File("soar.yaml", $"jail: {policy}\n");

        var (exit, output) = deployment.Soar("health");

        var missing = string.Join("; ", kernel.Weaknesses());
        var expected = kernel.IsWhole ? $"✔ jail: landlock {kernel.LandlockVersion}, seccomp, resource limits (policy {policy})"
            : policy == "require" ? $"✘ jail is weaker here, and the policy is require: no playbook host starts. {missing}"
            : $"! jail is weaker here, which the policy accept-weaker allows: {missing}";
        Assert.Equal(expected, Assert.Single(output.Split('\n'), line => line.Contains("jail", StringComparison.Ordinal)));
        Assert.Equal(kernel.IsWhole || policy == "accept-weaker" ? 0 : 1, exit);
    }
}
