using System.Text.Json;

namespace Soar.Connectors.Rdap;

/// <summary>An RDAP answer (RFC 9083), read as it comes: unknown members are left alone, wrong types count as missing.</summary>
internal sealed record RdapObject
{
    /// <summary>ip network, autnum, domain, entity, nameserver; empty for an error or a help answer.</summary>
    public required string Class { get; init; }
    public required string? Handle { get; init; }
    public required string? Name { get; init; }
    public required string? Country { get; init; }

    /// <summary>How the registry gave the network out, in its own words: <c>ASSIGNED PA</c>, <c>DIRECT ALLOCATION</c>.</summary>
    public required string? Type { get; init; }
    public required IpAddress? Start { get; init; }
    public required IpAddress? End { get; init; }

    /// <summary>The networks in CIDR form, from cidr0 or from start and end.</summary>
    public required IReadOnlyList<IpAddress> Networks { get; init; }
    public required IReadOnlyList<RdapEntity> Entities { get; init; }
    public required IReadOnlyList<RdapLink> Links { get; init; }

    /// <summary>What the registry says it left out (RFC 9537), by name.</summary>
    public required IReadOnlyList<string> Redacted { get; init; }
    public required int? ErrorCode { get; init; }

    /// <summary>Title and description of an error.</summary>
    public required string? Title { get; init; }

    private const int Deepest = 10;
    private const int MostEntities = 500;

    public static RdapObject Parse(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 64, AllowTrailingCommas = true });
        return Parse(document.RootElement);
    }

    public static RdapObject Parse(JsonElement root)
    {
        var start = Address(root, "startAddress");
        var end = Address(root, "endAddress");
        var cidrs = Items(root, "cidr0_cidrs").Select(Cidr).OfType<IpAddress>().ToList();
        var budget = MostEntities;
        return new RdapObject
        {
            Class = Text(root, "objectClassName") ?? "",
            Handle = Text(root, "handle"),
            Name = Text(root, "name") ?? Text(root, "ldhName"),
            Country = Text(root, "country"),
            Type = Text(root, "type"),
            Start = start,
            End = end,
            Networks = cidrs.Count > 0 ? cidrs : start is not null && end is not null ? AddressRange.Networks(start, end) : [],
            Entities = ParseEntities(root, 0, ref budget),
            Links = [.. Items(root, "links").Select(link => new RdapLink(Text(link, "rel") ?? "", Text(link, "href") ?? "", Text(link, "type") ?? ""))],
            Redacted = [.. Items(root, "redacted").Select(item => item.ValueKind == JsonValueKind.Object && item.TryGetProperty("name", out var name) ? Text(name, "description") ?? Text(name, "type") : null).OfType<string>()],
            ErrorCode = Number(root, "errorCode"),
            Title = Join(Text(root, "title"), Items(root, "description")),
        };
    }

    private static List<RdapEntity> ParseEntities(JsonElement parent, int depth, ref int budget)
    {
        var result = new List<RdapEntity>();
        if (depth == Deepest)
            return result;
        foreach (var entity in Items(parent, "entities"))
        {
            if (budget-- <= 0)
                break;
            result.Add(new RdapEntity(Text(entity, "handle"), [.. Items(entity, "roles").Select(String).OfType<string>()], JCard.Parse(entity), ParseEntities(entity, depth + 1, ref budget)));
        }
        return result;
    }

    private static string? Join(string? title, IEnumerable<JsonElement> lines)
    {
        var text = string.Join(" ", lines.Select(String).Prepend(title).OfType<string>());
        return text.Length == 0 ? null : text.Length > 300 ? text[..300] + "…" : text;
    }

    private static IpAddress? Cidr(JsonElement item)
    {
        var prefix = Text(item, "v4prefix") ?? Text(item, "v6prefix");
        return prefix is not null && Number(item, "length") is { } bits && IpAddress.TryParse($"{prefix}/{bits}", null, out var network) ? network : null;
    }

    private static IpAddress? Address(JsonElement element, string name) => IpAddress.TryParse(Text(element, name)?.Split('/')[0], null, out var address) ? address : null;

    private static int? Number(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;

    internal static string? Text(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? String(value) : null;

    internal static string? String(JsonElement value) => value.ValueKind == JsonValueKind.String && value.GetString() is { } text && text.Trim().Length > 0 ? text.Trim() : null;

    internal static IEnumerable<JsonElement> Items(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [];
}

internal sealed record RdapLink(string Rel, string Href, string Type);

/// <summary>A contact with the contacts inside it.</summary>
internal sealed record RdapEntity(string? Handle, IReadOnlyList<string> Roles, JCard Card, IReadOnlyList<RdapEntity> Entities)
{
    public bool Has(string role) => Roles.Contains(role, StringComparer.OrdinalIgnoreCase);
}

/// <summary>The parts of a jCard (RFC 7095) that we use. Mails are valid addresses, the preferred ones first.</summary>
internal sealed record JCard(string? Name, string? Organisation, string? Kind, IReadOnlyList<EmailAddress> Mails)
{
    public static JCard Parse(JsonElement entity)
    {
        string? name = null, organisation = null, kind = null;
        var mails = new List<(int Preference, EmailAddress Mail)>();
        // ["vcard", [[name, {parameters}, type, value, …], …]]
        var card = RdapObject.Items(entity, "vcardArray").Skip(1).FirstOrDefault();
        if (card.ValueKind != JsonValueKind.Array)
            return new JCard(null, null, null, []);
        foreach (var property in card.EnumerateArray())
        {
            if (property.ValueKind != JsonValueKind.Array || property.GetArrayLength() < 4)
                continue;
            switch (RdapObject.String(property[0])?.ToLowerInvariant())
            {
                case "fn":
                    name ??= Value(property[3]);
                    break;
                case "org":
                    organisation ??= Value(property[3]);
                    break;
                case "kind":
                    kind ??= Value(property[3]);
                    break;
                case "email":
                    for (var index = 3; index < property.GetArrayLength(); index++)
                        if (EmailAddress.TryParse(Value(property[index]), null, out var mail))
                            mails.Add((Preference(property[1]), mail));
                    break;
            }
        }
        return new JCard(name, organisation, kind, [.. mails.OrderBy(entry => entry.Preference).Select(entry => entry.Mail).DistinctBy(mail => mail.Value.ToLowerInvariant())]);
    }

    // A structured value (org with units) is an array: its first part is the name.
    private static string? Value(JsonElement value) => value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(RdapObject.String).FirstOrDefault(text => text is not null) : RdapObject.String(value);

    private static int Preference(JsonElement parameters) =>
        parameters.ValueKind == JsonValueKind.Object && parameters.TryGetProperty("pref", out var value)
        && int.TryParse(value.ValueKind == JsonValueKind.Number ? value.GetRawText() : RdapObject.String(value), out var preference) ? preference : 101;
}
