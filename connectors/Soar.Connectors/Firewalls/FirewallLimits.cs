using Soar.Capabilities;

namespace Soar.Connectors.Firewalls;

/// <summary>What a firewall of ours never blocks; every firewall connector's settings have these three fields.</summary>
internal interface IFirewallLimits
{
    IReadOnlyList<IpAddress> Never { get; }
    int WidestV4 { get; }
    int WidestV6 { get; }
}

/// <summary>The refusals that all firewall connectors share, made before anything leaves the house.</summary>
internal static class FirewallLimits
{
    private static readonly IpAddress[] Loopback = [IpAddress.Parse("127.0.0.0/8"), IpAddress.Parse("::1")];

    public static IEnumerable<string> Problems(IFirewallLimits limits)
    {
        if (limits.WidestV4 is < 1 or > 32)
            yield return "widestV4: write a prefix length of 1 to 32";
        if (limits.WidestV6 is < 1 or > 128)
            yield return "widestV6: write a prefix length of 1 to 128";
    }

    /// <summary>Refuses what is too wide, what touches our own, and no time at all. Gives whole seconds, rounded up; null for <see cref="Until.Lifted"/>.</summary>
    public static long? Check(IFirewallLimits limits, IpAddress address, TimeSpan duration)
    {
        var widest = address.IsV6 ? limits.WidestV6 : limits.WidestV4;
        if (address.PrefixLength < widest)
            throw ConnectorFailure.Permanent($"{address} is wider than /{widest}, which is the widest network this firewall blocks. Block smaller networks, or set {(address.IsV6 ? "widestV6" : "widestV4")}.", reason: "too-wide");
        var guarded = limits.Never.Concat(Loopback).FirstOrDefault(never => never.Contains(address) || address.Contains(never));
        if (guarded is not null)
            throw ConnectorFailure.Permanent($"{address} is not blocked: it touches {guarded}, which is never to be blocked (setting never).", reason: "never");
        return Seconds(duration);
    }

    internal static long? Seconds(TimeSpan duration)
    {
        if (duration == Until.Lifted)
            return null;
        if (duration <= TimeSpan.Zero || duration > TimeSpan.FromDays(3_650))
            throw ConnectorFailure.Permanent($"A block of {Durations.Say(duration)} is not possible. Give a time of up to ten years, or Until.Lifted for no end.", reason: "duration");
        return (long)Math.Ceiling(duration.TotalSeconds);
    }
}
