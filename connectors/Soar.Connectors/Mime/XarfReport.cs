using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Soar.Connectors.Mime;

/// <summary>Who reports: our organisation as the provider sees it.</summary>
internal sealed record Reporter(string Organisation, EmailAddress Contact);

/// <summary>X-ARF v4 (xarf.org) reports, carried as RFC 5965 feedback reports: text for people, fields for machines, the JSON as third part.</summary>
internal static class XarfReport
{
    public const string Version = "4.2.0";

    /// <summary>
    /// An address that attacked. The type is reputation/threat_intelligence: the only one that claims nothing we were not told (the connection types want
    /// protocol and first-seen time). <paramref name="threat"/> says what it did.
    /// </summary>
    public static OutgoingFile Attack(Guid id, DateTimeOffset time, Reporter reporter, IpAddress source, string threat, string description, IReadOnlyList<OutgoingFile> evidence)
    {
        var who = new JsonObject { ["org"] = reporter.Organisation, ["contact"] = reporter.Contact.Value, ["domain"] = reporter.Contact.Domain };
        var report = new JsonObject
        {
            ["xarf_version"] = Version,
            ["report_id"] = id.ToString("D"),
            ["timestamp"] = time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"),
            ["reporter"] = who,
            ["sender"] = who.DeepClone(),
            ["source_identifier"] = source.ToString(),
            ["category"] = "reputation",
            ["type"] = "threat_intelligence",
            ["threat_type"] = threat,
            ["description"] = description.Length > 1_000 ? description[..1_000] : description,
            ["evidence"] = new JsonArray([.. evidence.Select(file => (JsonNode)new JsonObject
            {
                ["content_type"] = file.MediaType,
                ["description"] = FileNames.Safe(file.Name, file.MediaType),
                ["payload"] = Convert.ToBase64String(file.Content.Span),
                ["hash"] = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(file.Content.Span)),
                ["size"] = file.Content.Length,
            })]),
        };
        return new OutgoingFile("xarf.json", "application/json", JsonSerializer.SerializeToUtf8Bytes(report));
    }

    public static FeedbackReport Feedback(OutgoingFile xarf, IpAddress source, DateTimeOffset time) => new(
        [("Feedback-Type", "xarf"), ("User-Agent", "Soar/0.1"), ("Version", "1"), ("Source-IP", source.ToString()), ("Arrival-Date", time.ToUniversalTime().ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'"))], xarf);

    /// <summary>A UUID that is the same for every attempt of one effect.</summary>
    public static Guid Id(IdempotencyKey key) => new(SHA256.HashData(Encoding.UTF8.GetBytes("xarf/" + key.Value)).AsSpan(0, 16), bigEndian: true);
}
