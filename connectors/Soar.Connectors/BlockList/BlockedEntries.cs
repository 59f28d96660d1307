using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Soar.Capabilities;

namespace Soar.Connectors.BlockList;

/// <summary>One blocked address or network. <see cref="Key"/> is the effect's idempotency key: it tells ours from others.</summary>
internal sealed record BlockedEntry(IpAddress Address, DateTimeOffset? Until, string Key, DateTimeOffset Since)
{
    public bool Stands(DateTimeOffset now) => Until is null || Until > now;
}

/// <summary>What a poller gets: sorted, one entry a line, always the same bytes for the same entries. <see cref="ValidUntil"/> is when the next entry ends.</summary>
internal sealed record RenderedList(byte[] Body, string Tag, int Count, DateTimeOffset? ValidUntil);

/// <summary>All that is blocked, as the file holds it, sorted: IPv4 before IPv6, by number, wide networks first.</summary>
internal sealed class BlockedEntries
{
    private readonly SortedDictionary<IpAddress, BlockedEntry> entries;

    private BlockedEntries(IEnumerable<BlockedEntry> entries)
    {
        this.entries = new SortedDictionary<IpAddress, BlockedEntry>(Comparer<IpAddress>.Create(Compare));
        foreach (var entry in entries)
            this.entries[entry.Address] = entry;
    }

    public static BlockedEntries None { get; } = new([]);

    public IReadOnlyList<BlockedEntry> Standing(DateTimeOffset now) => [.. entries.Values.Where(entry => entry.Stands(now))];

    public BlockedEntry? Find(IpAddress address, DateTimeOffset now) => entries.GetValueOrDefault(address) is { } entry && entry.Stands(now) ? entry : null;

    /// <summary>A copy to change, without what has ended.</summary>
    public BlockedEntries Copy(DateTimeOffset now) => new(Standing(now));

    public int Count => entries.Count;

    /// <summary>Sets or (with null) removes one. Only on a copy that nobody else has yet.</summary>
    public void Set(IpAddress address, BlockedEntry? entry)
    {
        if (entry is null)
            entries.Remove(address);
        else
            entries[address] = entry;
    }

    /// <summary>
    /// The list for firewalls. What another line holds already is left out: nftables refuses overlapping elements, others count each line against their limit. It comes back
    /// when the wider one ends.
    /// </summary>
    public RenderedList Render(ServedFamily family, DateTimeOffset now)
    {
        var text = new StringBuilder();
        var count = 0;
        IpAddress? last = null;
        DateTimeOffset? next = null;
        foreach (var entry in Standing(now).Where(entry => family == ServedFamily.All || entry.Address.IsV6 == (family == ServedFamily.Ipv6)))
        {
            if (entry.Until is { } until && (next is null || until < next))
                next = until;
            if (last is not null && last.Contains(entry.Address))
                continue;
            last = entry.Address;
            text.Append(entry.Address).Append('\n');
            count++;
        }
        var body = Encoding.ASCII.GetBytes(text.ToString());
        return new RenderedList(body, $"\"{Convert.ToHexStringLower(SHA256.HashData(body).AsSpan(0, 16))}\"", count, next);
    }

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(new Form(1, [.. entries.Values]), SoarJson.Options);

    /// <summary>Throws <see cref="JsonException"/> for what is no such file.</summary>
    public static BlockedEntries Read(byte[] file)
    {
        var form = JsonSerializer.Deserialize<Form>(file, SoarJson.Options);
        if (form?.Entries is null || form.Version != 1 || form.Entries.Any(entry => entry?.Address is null || entry.Key is null))
            throw new JsonException("it is no list of blocked entries of this version");
        return new BlockedEntries(form.Entries);
    }

    private static int Compare(IpAddress? one, IpAddress? other)
    {
        var family = one!.IsV6.CompareTo(other!.IsV6);
        if (family != 0)
            return family;
        var number = one.ToIPAddress().GetAddressBytes().AsSpan().SequenceCompareTo(other.ToIPAddress().GetAddressBytes());
        return number != 0 ? number : one.PrefixLength.CompareTo(other.PrefixLength);
    }

    private sealed record Form(int Version, IReadOnlyList<BlockedEntry> Entries);
}
