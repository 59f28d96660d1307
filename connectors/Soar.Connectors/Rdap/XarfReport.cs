using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Soar.Capabilities;
using Soar.Connectors.Mime;

namespace Soar.Connectors.Rdap;

/// <summary>Who reports: our organisation as the provider sees it.</summary>
internal sealed record Reporter(string Organisation, EmailAddress Contact);

/// <summary>
/// An X-ARF v4 (xarf.org) report of an address, and the fields of the RFC 5965 report that carries it. The type is the most precise one for which everything that its schema requires was told; else
/// it is reputation/threat_intelligence, the only one that claims nothing more.
/// </summary>
internal sealed record XarfReport(string Category, string Type, OutgoingFile File)
{
    public const string Version = "4.2.0";
    private const int LongestDescription = 1_000;

    public string FullType => $"{Category}/{Type}";

    public static XarfReport Of(Guid id, DateTimeOffset now, Reporter reporter, IpAddress source, string threat, string description, AbuseFacts facts)
    {
        var who = new JsonObject { ["org"] = reporter.Organisation, ["contact"] = reporter.Contact.Value, ["domain"] = reporter.Contact.Domain };
        var (category, type, own) = Own(facts, threat);
        var report = new JsonObject
        {
            ["xarf_version"] = Version,
            ["report_id"] = id.ToString("D"),
            ["timestamp"] = Time(facts.FirstSeen ?? now),
            ["reporter"] = who,
            ["sender"] = who.DeepClone(),
            ["source_identifier"] = source.ToString(),
            ["category"] = category,
            ["type"] = type,
            ["description"] = description.Length > LongestDescription ? description[..LongestDescription] : description,
        };
        if (facts.SourcePort is { } port)
            report["source_port"] = port;
        foreach (var (name, value) in own)
            report[name] = value;
        report["evidence"] = new JsonArray([.. facts.Evidence.Select(file => (JsonNode)new JsonObject
        {
            ["content_type"] = file.MediaType,
            ["description"] = FileNames.Safe(file.Name, file.MediaType),
            ["payload"] = Convert.ToBase64String(file.Content.Span),
            ["hash"] = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(file.Content.Span)),
            ["size"] = file.Content.Length,
        })]);
        return new XarfReport(category, type, new OutgoingFile("xarf.json", "application/json", JsonSerializer.SerializeToUtf8Bytes(report)));
    }

    /// <summary>RFC 5965 with RFC 6692's port. A reported mail makes it one of the registered types; for everything else X-ARF's own word stands there, which readers of the RFC take for "other".</summary>
    public FeedbackReport Feedback(IpAddress source, DateTimeOffset now, AbuseFacts facts)
    {
        var original = facts.Evidence.FirstOrDefault(file => file.MediaType == "message/rfc822");
        var fields = new List<(string, string)>
        {
            ("Feedback-Type", original is null ? "xarf" : facts.Kind switch { AbuseKind.Phishing => "fraud", AbuseKind.Malware => "virus", _ => "abuse" }), ("User-Agent", "Soar/0.1"), ("Version", "1"),
            ("Source-IP", source.ToString()), ("Arrival-Date", (facts.FirstSeen ?? now).ToUniversalTime().ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture)),
        };
        if (facts.SourcePort is { } port)
            fields.Add(("Source-Port", port.ToString(CultureInfo.InvariantCulture)));
        if (facts.Sender is { } sender)
            fields.Add(("Original-Mail-From", $"<{sender}>"));
        if (facts.Url is { } url)
            fields.Add(("Reported-URI", url));
        return new FeedbackReport(fields, File, original);
    }

    /// <summary>A UUID that is the same for every attempt of one effect.</summary>
    public static Guid Id(IdempotencyKey key)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes("xarf/" + key.Value)).AsSpan(0, 16);
        bytes[6] = (byte)(bytes[6] & 0x0F | 0x40); // of the form that the specification wants: version 4
        bytes[8] = (byte)(bytes[8] & 0x3F | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    private static (string Category, string Type, IReadOnlyList<(string, JsonNode?)> Own) Own(AbuseFacts facts, string threat)
    {
        switch (facts.Kind)
        {
            case AbuseKind.PortScan or AbuseKind.LoginAttack or AbuseKind.Ddos or AbuseKind.SqlInjection
                when facts is { Protocol: not null, SourcePort: not null, FirstSeen: not null } && (facts.Kind != AbuseKind.SqlInjection || facts.Protocol is "tcp" or "udp"):
                return ("connection", Word(facts.Kind.Value), Connection(facts));
            case AbuseKind.UnwantedMail when facts is { Sender: not null, SourcePort: not null }:
                return ("messaging", "spam", [("protocol", "smtp"), ("smtp_from", facts.Sender.Value), .. facts.Subject is { } subject ? [("subject", (JsonNode?)subject)] : Array.Empty<(string, JsonNode?)>()]);
            case AbuseKind.Phishing or AbuseKind.Malware when facts.Url is not null:
                return ("content", Word(facts.Kind.Value), [("url", facts.Url)]);
            default:
                return ("reputation", "threat_intelligence", [("threat_type", facts.Kind is { } kind ? Word(kind) : threat)]);
        }
    }

    private static List<(string, JsonNode?)> Connection(AbuseFacts facts)
    {
        var own = new List<(string, JsonNode?)> { ("protocol", facts.Protocol), ("first_seen", Time(facts.FirstSeen!.Value)) };
        if (facts.LastSeen is { } last)
            own.Add(("last_seen", Time(last)));
        if (facts.Target is { } target)
            own.Add(("destination_ip", target.ToString()));
        if (facts.Ports is [var only])
            own.Add(("destination_port", only)); // the schema knows one; several stand in the text
        return own;
    }

    private static string Word(AbuseKind kind) => string.Concat(kind.ToString().Select((character, index) => index > 0 && char.IsUpper(character) ? $"_{char.ToLowerInvariant(character)}" : $"{char.ToLowerInvariant(character)}"));

    private static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
