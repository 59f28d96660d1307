using Soar.Capabilities;
using Soar.Connectors.DnsProtocol;

namespace Soar.Connectors.Rpz;

/// <summary>
/// What a policy zone holds for one name: <c>name.zone</c> for the name itself, <c>*.name.zone</c> for those below it, and our mark
/// <c>name._soar.zone TXT "soar:key" "name" "subdomains"</c>, which tells what of it we made. The mark lies where no question of a user ever leads.
/// </summary>
internal sealed record RpzEntry
{
    public required string Name { get; init; }
    public required string Zone { get; init; }

    /// <summary>Policies in words, for example <c>CNAME .</c>; null where nothing stands.</summary>
    public string? Own { get; init; }
    public string? Below { get; init; }

    /// <summary>Strings of our mark; empty where there is none.</summary>
    public IReadOnlyList<string> Mark { get; init; } = [];

    public string OwnAt => $"{Name}.{Zone}";
    public string BelowAt => $"*.{Name}.{Zone}";
    public string MarkAt => MarkOf(Name, Zone);
    public bool Marked => Mark.Count > 0;
    public bool MadeOwn => Mark.Contains("name");
    public bool MadeBelow => Mark.Contains("subdomains");

    public static string MarkOf(string name, string zone) => $"{name}._soar.{zone}";

    public bool IsOurs(IdempotencyKey key) => Mark.Contains($"soar:{key}");

    /// <summary>Whether everything that is asked for stands, whoever made it.</summary>
    public bool Covers(bool subdomains) => Own is not null && (!subdomains || Below is not null);

    /// <summary>Somebody let this name pass on purpose: that is not overruled.</summary>
    public bool LetPass => Passes(Own) || Passes(Below);

    public static bool Passes(string? policy) => policy is not null && policy.Contains("rpz-passthru", StringComparison.Ordinal);

    public string Evidence => string.Join("; ", new[]
    {
        Own is null ? null : $"{OwnAt} {Own}", Below is null ? null : $"{BelowAt} {Below}", Marked ? $"{MarkAt} TXT {string.Join(' ', Mark)}" : "not marked as Soar's",
    }.Where(part => part is not null));

    public static async Task<RpzEntry> ReadAsync(DnsConversation server, string name, string zone, CancellationToken cancellation)
    {
        var entry = new RpzEntry { Name = name, Zone = zone };
        return entry with
        {
            Own = await PolicyAsync(server, entry.OwnAt, zone, cancellation),
            Below = await PolicyAsync(server, entry.BelowAt, zone, cancellation),
            Mark = await MarkAsync(server, entry.MarkAt, zone, cancellation),
        };
    }

    // A wildcard above the name answers questions for it too; only the prerequisite tells whether the name itself stands there.
    private static async Task<string?> PolicyAsync(DnsConversation server, string owner, string zone, CancellationToken cancellation)
    {
        if (!await server.InUseAsync(zone, owner, cancellation))
            return null;
        var records = new List<DnsSeen>();
        foreach (var type in new[] { DnsNumbers.A, DnsNumbers.Aaaa })
            records.AddRange((await AskAsync(server, owner, type, zone, cancellation)).Answers.Where(record => record.Name == owner));
        return records.Count == 0 ? "other records" : string.Join(", ", records.Select(record => $"{DnsNumbers.TypeName(record.Type)} {record.Text}").Distinct(StringComparer.Ordinal));
    }

    private static async Task<IReadOnlyList<string>> MarkAsync(DnsConversation server, string owner, string zone, CancellationToken cancellation)
    {
        var records = (await AskAsync(server, owner, DnsNumbers.Txt, zone, cancellation)).Answers.Where(record => record.Type == DnsNumbers.Txt && record.Name == owner).ToList();
        return records.Count == 0 ? [] : DnsReader.Strings(records[0].Data);
    }

    private static async Task<DnsMessage> AskAsync(DnsConversation server, string owner, ushort type, string zone, CancellationToken cancellation)
    {
        var answer = await server.QueryAsync(owner, type, recursion: false, cancellation);
        if (answer.Rcode != DnsNumbers.NxDomain)
            server.Require(answer, $"a question about {owner}");
        return answer.Authoritative
            ? answer
            : throw ConnectorFailure.Permanent($"The server does not hold the zone {zone}: its answer about {owner} is not authoritative. Set server to the zone's primary.", reason: "not-authoritative");
    }
}
