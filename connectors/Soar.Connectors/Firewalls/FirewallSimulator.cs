using Soar.Capabilities;

namespace Soar.Connectors.Firewalls;

/// <summary>Refuses what the firewall would refuse and answers as it would; touches nothing.</summary>
internal sealed class FirewallSimulator(IFirewallLimits limits, TimeProvider clock) : IFirewall
{
    public Task<FirewallBlock> BlockAsync(IpAddress address, TimeSpan duration, ActionContext context, CancellationToken cancellation)
    {
        var seconds = FirewallLimits.Check(limits, address, duration);
        return Task.FromResult(new FirewallBlock(address, seconds is null ? null : clock.GetUtcNow() + TimeSpan.FromSeconds(seconds.Value), "simulated"));
    }

    public Task UnblockAsync(IpAddress address, ActionContext context, CancellationToken cancellation) => Task.CompletedTask;

    public Task<IReadOnlyList<FirewallBlock>> BlockedAsync(ActionContext context, CancellationToken cancellation) => Task.FromResult<IReadOnlyList<FirewallBlock>>([]);

    public Task<Probe<FirewallBlock>> ProbeBlockAsync(IpAddress address, TimeSpan duration, ActionContext context, CancellationToken cancellation) => Task.FromResult(Probe.Absent<FirewallBlock>());
}
