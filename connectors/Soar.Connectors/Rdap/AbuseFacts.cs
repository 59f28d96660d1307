using System.Globalization;
using Soar.Capabilities;
using Soar.Connectors.Mime;
using Soar.Connectors.Smtp;

namespace Soar.Connectors.Rdap;

/// <summary>What was told of the abuse, checked. A provider acts on it: what cannot be is refused before anything is sent.</summary>
internal sealed record AbuseFacts
{
    private const int LargestEvidence = 5 * 1024 * 1024; // X-ARF's limit for one item
    private const int MostEvidence = 50;

    public AbuseKind? Kind { get; init; }
    public string? Protocol { get; init; }
    public int? SourcePort { get; init; }
    public IpAddress? Target { get; init; }
    public IReadOnlyList<int> Ports { get; init; } = [];
    public string? Url { get; init; }
    public DateTimeOffset? FirstSeen { get; init; }
    public DateTimeOffset? LastSeen { get; init; }
    public IReadOnlyList<OutgoingFile> Evidence { get; init; } = [];

    /// <summary>Who the reported mail says that it is from, and its subject.</summary>
    public EmailAddress? Sender { get; init; }
    public string? Subject { get; init; }

    public void Check()
    {
        if (Protocol is not (null or "tcp" or "udp" or "icmp" or "sctp"))
            throw Wrong("protocol", Protocol, "write tcp, udp, icmp or sctp");
        foreach (var port in Ports.Concat(SourcePort is { } from ? [from] : []))
            if (port is < 1 or > 65535)
                throw Wrong("ports", port.ToString(CultureInfo.InvariantCulture), "a port is 1 to 65535");
        if (Url is not null && !Uri.TryCreate(Url, UriKind.Absolute, out _))
            throw Wrong("url", Url, "write it as it is, https://host/path, not defanged");
        if (FirstSeen > LastSeen)
            throw Wrong("lastSeen", $"{LastSeen:u}", "it is before firstSeen");
        if (Target is { } target && target.PrefixLength != (target.IsV6 ? 128 : 32))
            throw Wrong("target", target.ToString(), "write one address, not a network");
    }

    /// <summary>With the evidence's bytes, and what the reported mail says of itself.</summary>
    public async Task<AbuseFacts> WithEvidenceAsync(IReadOnlyList<Artifact>? evidence, SmtpSettings smtp, ActionContext context)
    {
        if (evidence is null or { Count: 0 })
            return this;
        if (evidence.Count > MostEvidence)
            throw Wrong("evidence", $"{evidence.Count} artifacts", $"at most {MostEvidence} go into one report");
        var files = new List<OutgoingFile>();
        foreach (var artifact in evidence)
        {
            if (artifact.Size > LargestEvidence)
                throw Wrong("evidence", $"{artifact.Name} of {artifact.Size} bytes", $"an item has at most {LargestEvidence}");
            files.Add(await SmtpConnector.LoadAsync(smtp, artifact, context));
        }
        if (files.Find(file => file.MediaType == "message/rfc822") is not { } original)
            return this with { Evidence = files };
        var mail = MimeReader.Read(original.Content);
        return this with
        {
            Evidence = files,
            Sender = mail.From.Count > 0 && EmailAddress.TryParse(mail.From[0].Address, null, out var from) ? from : null,
            Subject = string.IsNullOrWhiteSpace(mail.Subject) ? null : RdapConnector.OneLine(mail.Subject),
        };
    }

    /// <summary>Holes of a template for what was told; one that needs more says so by name.</summary>
    public IEnumerable<(string Hole, string Value)> Holes()
    {
        if (Protocol is not null)
            yield return ("Protocol", Protocol.ToUpperInvariant());
        if (SourcePort is { } port)
            yield return ("SourcePort", port.ToString(CultureInfo.InvariantCulture));
        if (Target is not null)
            yield return ("Target", Target.ToString());
        if (Ports.Count > 0)
            yield return ("Ports", string.Join(", ", Ports));
        if (Url is not null)
            yield return ("Url", Url);
        if (FirstSeen is { } first)
            yield return ("FirstSeen", Time(first));
        if (LastSeen is { } last)
            yield return ("LastSeen", Time(last));
    }

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static ConnectorFailure Wrong(string name, string value, string remedy) =>
        ConnectorFailure.Permanent($"{name} is '{(value.Length > 100 ? value[..100] : value)}': {remedy}. Nothing was sent.", reason: "argument");
}
