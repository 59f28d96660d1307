using System.Net;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Engine;
using Soar.Runs;

namespace Soar.Server.Settings;

/// <summary>What an asset is made of.</summary>
internal abstract record AssetSettings
{
    [Setting("Networks: a target that lies in one, contains one or overlaps one is protected. Default: none.")]
    public IReadOnlyList<IpAddress> Networks { get; init; } = [];

    [Setting("Single addresses. Default: none.")]
    public IReadOnlyList<IpAddress> Addresses { get; init; } = [];

    [Setting("Names, each with everything below it. Default: none.")]
    public IReadOnlyList<DomainName> Domains { get; init; } = [];

    [Setting("What stands behind the @ of our mail addresses, each with everything below it. Default: none.")]
    public IReadOnlyList<DomainName> MailDomains { get; init; } = [];

    [Setting("Login names or mail addresses, in any case; administrator is CORP\\Administrator and administrator@corp.example too. Default: none.")]
    public IReadOnlyList<string> Accounts { get; init; } = [];

    protected ProtectedAsset Asset(string name, PolicyAnswer then, string ask) =>
        new() { Name = name, Networks = [.. Networks, .. Addresses], Domains = Domains, MailDomains = MailDomains, Accounts = Accounts, Then = then, AskWho = ask };
}

/// <summary><c>protected:</c> in <c>soar.yaml</c>. What it lists itself is answered as <see cref="Then"/> says.</summary>
internal sealed record ProtectedSettings : AssetSettings
{
    [Setting("What becomes of a step that would contain or destroy something protected: refuse, or ask (it waits for an approval of exactly it). Default: refuse.")]
    public PolicyAnswer Then { get; init; } = PolicyAnswer.Refuse;

    [Setting("The role or person that is asked. Default: shift-lead.")]
    public string Ask { get; init; } = "shift-lead";

    [Setting("Whether private, loopback, link-local, multicast and reserved addresses, and localhost, are protected. Documentation networks (203.0.113.0/24) are not among them. Default: true.")]
    public bool BuiltIn { get; init; } = true;

    [Setting("Whether the resolvers that this machine asks (resolv.conf) are protected. Default: true.")]
    public bool Resolvers { get; init; } = true;

    [Setting("Addresses and networks taken out of what is built in: inner networks where containing a host is meant. What is listed as protected stays so. Default: none.")]
    public IReadOnlyList<IpAddress> Allow { get; init; } = [];

    [Setting("More assets, each with its name, and with an answer of its own where it needs one. Default: none.")]
    public IReadOnlyList<NamedAssetSettings> Assets { get; init; } = [];

    /// <param name="resolvers">Those that this machine asks.</param>
    public ProtectedAssets ToAssets(IReadOnlyList<IpAddress> resolvers) => new(
    [
        .. BuiltIn ? ProtectedAssets.BuiltIn(Allow).Select(a => a with { Then = Then, AskWho = Ask }) : [],
        .. Resolvers && resolvers.Count > 0 ? [new ProtectedAsset { Name = "resolver of this machine", Networks = resolvers, Then = Then, AskWho = Ask }] : Array.Empty<ProtectedAsset>(),
        Asset("protected in soar.yaml", Then, Ask),
        .. Assets.Select(a => a.ToAsset(Then, Ask)),
    ]);

    public IEnumerable<string> Problems()
    {
        if (string.IsNullOrWhiteSpace(Ask)) yield return "ask: nobody is named; name a role or person";
        foreach (var asset in Assets.Append<AssetSettings>(this).Where(a => a.Accounts.Any(string.IsNullOrWhiteSpace))) yield return "accounts: a name is empty";
        foreach (var asset in Assets.Where(a => string.IsNullOrWhiteSpace(a.Name))) yield return "assets: a name is empty; say what it is, for those who meet it";
    }
}

/// <summary>One of <c>protected: assets:</c>.</summary>
internal sealed record NamedAssetSettings : AssetSettings
{
    [Setting("What it is, for those who meet it: our mail relays.")]
    public required string Name { get; init; }

    [Setting("refuse or ask. Default: as protected.then says.")]
    public PolicyAnswer? Then { get; init; }

    [Setting("The role or person that is asked. Default: as protected.ask says.")]
    public string? Ask { get; init; }

    public ProtectedAsset ToAsset(PolicyAnswer then, string ask) => Asset(Name, Then ?? then, Ask ?? ask);
}

/// <summary>One of <c>budgets:</c>.</summary>
internal sealed record BudgetSettings
{
    [Setting("The class of effects that it counts: records, notifies, contains, destroys or lifts.")]
    public required Effect Effect { get; init; }

    [Setting("What it is counted over: run (with its sub-runs), or hour (the last sixty minutes of all runs).")]
    public required BudgetSpan Per { get; init; }

    [Setting("How many different targets pass. A target counts once, however often it is reached.")]
    public required int Targets { get; init; }

    [Setting("Counts what is done at this connector instance only. Default: at all together.")]
    public string? Connector { get; init; }

    [Setting("What becomes of a step beyond it: ask (it waits for an approval of exactly it) or refuse. Default: ask.")]
    public PolicyAnswer Over { get; init; } = PolicyAnswer.Ask;

    [Setting("The role or person that is asked. Default: shift-lead.")]
    public string Ask { get; init; } = "shift-lead";

    public Budget ToBudget() => new(Effect, Per, Targets, Connector, Over, Ask);

    public IEnumerable<string> Problems()
    {
        if (Targets < 1) yield return $"targets: {Targets}; at least 1 (to allow none, turn the kill switch on)";
        if (Effect == Effect.ReadsOnly) yield return "effect: reads change nothing and have no budget";
        if (string.IsNullOrWhiteSpace(Ask)) yield return "ask: nobody is named; name a role or person";
    }
}

/// <summary>The name servers that this machine asks: what cuts it off from them cuts off Soar itself.</summary>
internal static class Resolvers
{
    public static IReadOnlyList<IpAddress> OfThisMachine() => [.. new[] { "/etc/resolv.conf", "/run/systemd/resolve/resolv.conf" }.SelectMany(In).Distinct()];

    /// <summary>Those that a file in the form of resolv.conf names; none when it cannot be read.</summary>
    public static IReadOnlyList<IpAddress> In(string file)
    {
        try
        {
            return [.. File.ReadLines(file).Select(line => line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)).Where(words => words is ["nameserver", _, ..])
                .Select(words => IPAddress.TryParse(words[1].Split('%')[0], out var address) && IpAddress.TryParse(address.ToString(), null, out var ours) ? ours : null).OfType<IpAddress>()];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No such file, no such resolvers.
            return [];
        }
    }
}
