using Soar.Connectors.Intel;

namespace Soar.Connectors.LocalIndicators;

/// <summary>One indicator: a value that somebody judged.</summary>
internal sealed record Indicator(string Type, string Value, Verdict Verdict, string Details);

/// <summary>Indicators by value, each look-up in constant time: addresses by prefix length, domains with their subdomains, the rest as they are written.</summary>
internal sealed class IndicatorSet
{
    private readonly Dictionary<(string Type, string Value), Indicator> exact = [];
    private readonly Dictionary<IpAddress, Indicator> networks = [];
    private readonly SortedSet<int> lengths4 = [], lengths6 = [];

    public int Count => exact.Count + networks.Count;

    /// <summary>Lines and objects that could not be used, with the reason; the first few are kept.</summary>
    public List<string> Skipped { get; } = [];
    public int SkippedCount { get; private set; }

    public void Skip(string reason)
    {
        SkippedCount++;
        if (Skipped.Count < 5)
            Skipped.Add(reason);
    }

    /// <summary>False for a value that is none of its type. Of two judgements of one value the worse counts.</summary>
    public bool Add(string type, string value, Verdict verdict, string details)
    {
        var normal = ObservableForm.Of(type, value);
        if (normal is null)
            return false;
        var indicator = new Indicator(normal.Value.Type, normal.Value.Value, verdict, details);
        if (normal.Value.Type == "ip")
        {
            var network = IpAddress.Parse(normal.Value.Value);
            (network.IsV6 ? lengths6 : lengths4).Add(network.PrefixLength);
            if (!networks.TryGetValue(network, out var known) || known.Verdict < verdict)
                networks[network] = indicator;
        }
        else if (!exact.TryGetValue(normal.Value, out var known) || known.Verdict < verdict)
        {
            exact[normal.Value] = indicator;
        }
        return true;
    }

    /// <summary>The indicator that says most about the value: the exact one, else the narrowest network or nearest parent domain that holds it.</summary>
    public Indicator? Find(string type, string value)
    {
        if (ObservableForm.Of(type, value) is not { } normal)
            return null;
        return normal.Type switch
        {
            "ip" => Network(IpAddress.Parse(normal.Value)),
            "domain" => Domain(normal.Value),
            "url" => exact.GetValueOrDefault(normal) ?? Host(normal.Value),
            "email" => exact.GetValueOrDefault(normal) ?? Domain(normal.Value[(normal.Value.LastIndexOf('@') + 1)..]),
            _ => exact.GetValueOrDefault(normal),
        };
    }

    private Indicator? Network(IpAddress address)
    {
        foreach (var length in (address.IsV6 ? lengths6 : lengths4).Reverse())
            if (length <= address.PrefixLength && networks.TryGetValue(IpAddress.Parse($"{address.ToIPAddress()}/{length}"), out var found))
                return found;
        return null;
    }

    private Indicator? Domain(string domain)
    {
        for (var name = domain; name.Contains('.'); name = name[(name.IndexOf('.') + 1)..])
            if (exact.TryGetValue(("domain", name), out var found))
                return found;
        return null;
    }

    private Indicator? Host(string url) => Uri.TryCreate(url, UriKind.Absolute, out var parsed) && UriHost.Of(parsed) is { } host
        ? IpAddress.TryParse(host, null, out var address) ? Network(address) : Domain(host)
        : null;
}
