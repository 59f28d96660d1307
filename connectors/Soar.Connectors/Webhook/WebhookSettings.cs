using Soar.Connectors.Alerts;

namespace Soar.Connectors.Webhook;

/// <summary>Alerts that any product posts as JSON: who may, and where in the JSON the alert's fields are.</summary>
public sealed record WebhookSettings : WebSourceSettings
{
    [Setting("TCP port to listen on. Default: 8043.")]
    public override int Port { get; init; } = 8043;

    [Setting("Secret by which the sender signs what it posts, HMAC with SHA-256. At least 16 characters.")]
    public Secret? SigningSecret { get; init; }

    [Setting("Header that holds the signature in hexadecimal or Base64, after sha256= or v1= or v0= where the sender writes that. Default: X-Hub-Signature-256.")]
    public string SignatureHeader { get; init; } = "X-Hub-Signature-256";

    [Setting("Header that holds the time of signing, Unix or ISO 8601. Default: none, then an old request can be sent again (and is known by the alert's id).")]
    public string? TimeHeader { get; init; }

    [Setting("What is signed: a text with {time} and {body}. Default: {body}, with timeHeader {time}.{body}.")]
    public string? Signed { get; init; }

    [Setting("How much older or newer than now a signed time may be. Default: 5m.")]
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(5);

    [Setting("Where the alerts are, when one request has several: the place of the list, for example $.alerts. Default: the request itself, each item where it is a list.")]
    public string? Each { get; init; }

    [Setting("Where an alert's fields are; see the mapping.")]
    public AlertMapSettings Map { get; init; } = new();

    internal BodySignature Signature => new(SigningSecret, SignatureHeader, TimeHeader, Signed, Window);

    public override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems())
            yield return problem;
        if (Token is null && SigningSecret is null)
            yield return "token: is missing; give token, signingSecret, or both, so that not anybody can start playbooks";
        foreach (var problem in Signature.Problems())
            yield return problem;
        if (Each is not null && JsonPath.Parse(Each, out var wrong) is null)
            yield return $"each: {Each} {wrong}; write a place such as $.alerts";
        foreach (var problem in Map.MapProblems(title: true))
            yield return $"map.{problem}";
    }
}
