using System.Globalization;
using System.Text.Json;
using Soar.Capabilities;

namespace Soar.Connectors.Nftables;

/// <summary>One element of a set as <c>nft -j</c> shows it. <see cref="Expires"/> is null for one without time-out.</summary>
internal sealed record NftElement(IpAddress Address, string Set, TimeSpan? Timeout, TimeSpan? Expires, string? Comment, string Json);

/// <summary>The table as nft prints it: elements of our four sets, rules that use them with their counters.</summary>
internal sealed class NftTable
{
    public static readonly string[] Sets = ["blocked4", "blocked6", "blocknet4", "blocknet6"];

    private readonly List<(string Set, string Field, long Packets, long Bytes, bool Drops)> rules = [];

    public List<NftElement> Elements { get; } = [];

    /// <summary>Names of our sets that the table has, with their flags.</summary>
    public Dictionary<string, string[]> Flags { get; } = new(StringComparer.Ordinal);

    public static string SetFor(IpAddress address) => (address.IsNetwork ? "blocknet" : "blocked") + (address.IsV6 ? "6" : "4");

    public static NftTable Parse(string json, string where)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var table = new NftTable();
            foreach (var item in document.RootElement.GetProperty("nftables").EnumerateArray())
            {
                if (item.TryGetProperty("set", out var set))
                    table.AddSet(set);
                else if (item.TryGetProperty("rule", out var rule))
                    table.AddRule(rule);
            }
            return table;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw ConnectorFailure.Unknown($"{where} answered something that is not nft's JSON ({e.Message}). Is its nft older than 0.9.1, or another program behind the name?", e, "garbage");
        }
    }

    public NftElement? Find(IpAddress address) => Elements.FirstOrDefault(element => element.Address == address);

    /// <summary>A blocked network that already holds the address whole.</summary>
    public NftElement? Covering(IpAddress address) => Elements.FirstOrDefault(element => element.Address != address && element.Address.Contains(address));

    /// <summary>Why packets would not be dropped although the elements are there; empty when all is well.</summary>
    public IEnumerable<string> Problems()
    {
        foreach (var name in Sets)
        {
            if (!Flags.TryGetValue(name, out var flags))
                yield return $"set {name} is missing";
            else if (!flags.Contains("timeout"))
                yield return $"set {name} lacks the flag timeout";
            else if (name.StartsWith("blocknet", StringComparison.Ordinal) && !flags.Contains("interval"))
                yield return $"set {name} lacks the flag interval";
            else if (!rules.Any(rule => rule.Set == name && rule.Drops))
                yield return $"no rule drops packets of set {name}";
        }
    }

    /// <summary>The element as nft shows it and the packets that its set's rules have dropped so far.</summary>
    public string Evidence(NftElement element) => JsonSerializer.Serialize(new
    {
        element = JsonSerializer.Deserialize<JsonElement>(element.Json),
        set = element.Set,
        rules = rules.Where(rule => rule.Set == element.Set).Select(rule => new { match = rule.Field, packets = rule.Packets, bytes = rule.Bytes }),
    });

    private void AddSet(JsonElement set)
    {
        var name = set.GetProperty("name").GetString()!;
        if (!Sets.Contains(name))
            return;
        Flags[name] = set.TryGetProperty("flags", out var flags)
            ? flags.ValueKind == JsonValueKind.Array ? [.. flags.EnumerateArray().Select(flag => flag.GetString()!)] : [flags.GetString()!]
            : [];
        if (!set.TryGetProperty("elem", out var elements))
            return; // an empty set has no "elem"
        foreach (var entry in elements.EnumerateArray())
            AddElement(name, entry);
    }

    // "1.2.3.4", {"prefix":…}, {"range":[…]} or {"elem":{"val":…,"timeout":…,"expires":…,"comment":…}}
    private void AddElement(string set, JsonElement entry)
    {
        var inner = entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty("elem", out var wrapped) ? wrapped : default;
        var value = inner.ValueKind == JsonValueKind.Object ? inner.GetProperty("val") : entry;
        var timeout = Seconds(inner, "timeout");
        var expires = Seconds(inner, "expires") ?? timeout;
        var comment = inner.ValueKind == JsonValueKind.Object && inner.TryGetProperty("comment", out var text) ? text.GetString() : null;
        foreach (var address in Addresses(value))
            Elements.Add(new NftElement(address, set, timeout, expires, comment, (inner.ValueKind == JsonValueKind.Object ? inner : entry).GetRawText()));
    }

    private static TimeSpan? Seconds(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? TimeSpan.FromSeconds(value.GetInt64()) : null;

    private static IEnumerable<IpAddress> Addresses(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String)
            return [IpAddress.Parse(value.GetString()!)];
        if (value.TryGetProperty("prefix", out var prefix))
            return [IpAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"{prefix.GetProperty("addr").GetString()}/{prefix.GetProperty("len").GetInt32()}"))];
        if (value.TryGetProperty("range", out var range))
            return AddressRange.Networks(IpAddress.Parse(range[0].GetString()!), IpAddress.Parse(range[1].GetString()!));
        return [];
    }

    private void AddRule(JsonElement rule)
    {
        string? set = null, field = null;
        long packets = 0, bytes = 0;
        var drops = false;
        foreach (var expression in rule.GetProperty("expr").EnumerateArray())
        {
            if (expression.TryGetProperty("match", out var match) && match.GetProperty("right") is { ValueKind: JsonValueKind.String } right && right.GetString()!.StartsWith('@'))
            {
                set = right.GetString()![1..];
                field = match.GetProperty("left").TryGetProperty("payload", out var payload) ? $"{payload.GetProperty("protocol").GetString()} {payload.GetProperty("field").GetString()}" : "?";
            }
            else if (expression.TryGetProperty("counter", out var counter) && counter.ValueKind == JsonValueKind.Object)
            {
                (packets, bytes) = (counter.GetProperty("packets").GetInt64(), counter.GetProperty("bytes").GetInt64());
            }
            else if (expression.TryGetProperty("drop", out _) || expression.TryGetProperty("reject", out _))
            {
                drops = true;
            }
        }
        if (set is not null)
            rules.Add((set, field!, packets, bytes, drops));
    }
}
