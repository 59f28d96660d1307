namespace Soar.Capabilities;

/// <summary>A block as the firewall holds it.</summary>
/// <param name="Address">What is blocked.</param>
/// <param name="Until">When the firewall itself lets it go; null where it holds no time-out.</param>
/// <param name="Evidence">The product's own words for it: the set element read back, the rule's counter.</param>
public sealed record FirewallBlock(IpAddress Address, DateTimeOffset? Until, string Evidence);

[Capability("Firewall", "Blocks addresses and networks at the network's edges.")]
public interface IFirewall
{
    /// <summary>Blocks all traffic from and to an address or network, for a time. Established connections are cut too.</summary>
    /// <param name="address">One address or a network.</param>
    /// <param name="duration">How long; <c>Until.Lifted</c> for no end. Whole seconds.</param>
    [Action(Effect.Contains, SafeToRepeat = true, Inverse = nameof(UnblockAsync), Probe = nameof(ProbeBlockAsync))]
    Task<FirewallBlock> BlockAsync([Target] IpAddress address, [LeaseTime] TimeSpan duration, ActionContext context, CancellationToken cancellation);

    /// <summary>Releases an address or network that was blocked. One that is not blocked is no error.</summary>
    [Action(Effect.Lifts, SafeToRepeat = true)]
    Task UnblockAsync([Target] IpAddress address, ActionContext context, CancellationToken cancellation);

    /// <summary>Everything that is blocked now, ours or not.</summary>
    [Action(Effect.ReadsOnly)]
    Task<IReadOnlyList<FirewallBlock>> BlockedAsync(ActionContext context, CancellationToken cancellation);

    [Probe]
    Task<Probe<FirewallBlock>> ProbeBlockAsync(IpAddress address, TimeSpan duration, ActionContext context, CancellationToken cancellation);
}
