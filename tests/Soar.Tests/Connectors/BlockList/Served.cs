using Soar.Connectors;
using Soar.Connectors.BlockList;

namespace Soar.Tests.Connectors.BlockList;

/// <summary>Settings of a served list on a port that is free now.</summary>
internal static class Served
{
    public const string EdgeToken = "edge-token-0123456789abcdef";
    public const string OfficeToken = "office-token-0123456789abcdef";

    public static BlockListSettings Settings() => new()
    {
        Port = LoopbackPort.Take(),
        Lists = new Dictionary<string, ServedListSettings>
        {
            ["edge"] = new() { Token = new Secret(EdgeToken) },
            ["office-v6"] = new() { Token = new Secret(OfficeToken), Family = ServedFamily.Ipv6, TokenInAddress = true },
        },
    };
}
