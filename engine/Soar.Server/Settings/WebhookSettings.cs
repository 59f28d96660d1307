using Soar.Connectors;
using Soar.Connectors.Alerts;

namespace Soar.Server.Settings;

/// <summary>One of <c>hooks:</c>: who may start the playbook that has this <c>On.Webhook</c>, and where its inputs are in what they post.</summary>
internal sealed record WebhookSettings
{
    [Setting("Token that senders give: as Bearer token, or as password of HTTP Basic with any user. At least 16 characters.")]
    public Secret? Token { get; init; }

    [Setting("Secret by which the sender signs what it posts, HMAC with SHA-256. At least 16 characters. Without it and without a token the hook stays closed.")]
    public Secret? SigningSecret { get; init; }

    [Setting("Header that holds the signature in hexadecimal or Base64, after sha256= or v1= or v0= where the sender writes that. Default: X-Hub-Signature-256.")]
    public string SignatureHeader { get; init; } = "X-Hub-Signature-256";

    [Setting("Header that holds the time of signing, Unix or ISO 8601. Default: none, then an old request can be sent again (and is known by its id or body).")]
    public string? TimeHeader { get; init; }

    [Setting("What is signed: a text with {time} and {body}. Default: {body}, with timeHeader {time}.{body}.")]
    public string? Signed { get; init; }

    [Setting("How much older or newer than now a signed time may be. Default: 5m.")]
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(5);

    [Setting("Header that holds the sender's id of a delivery (GitHub: X-GitHub-Delivery). A delivery without it is known by its body. Default: X-Delivery-Id.")]
    public string DeliveryHeader { get; init; } = "X-Delivery-Id";

    [Setting("A delivery that comes again within so long starts nothing: it is answered with the run that it has started. Default: 24h.")]
    public TimeSpan SameWithin { get; init; } = TimeSpan.FromHours(24);

    [Setting("Largest body in bytes; a larger one is answered with 413. Default: 1048576. http.maxRequestBytes holds as well.")]
    public int MaxBytes { get; init; } = 1 << 20;

    [Setting("Deliveries per minute; what is more is answered with 429. Default: 600.")]
    public int PerMinute { get; init; } = 600;

    [Setting("While so many runs, of whatever playbook, are due and none has begun them, deliveries are answered with 429. Default: 20000.")]
    public int MostDue { get; init; } = 20_000;

    [Setting("Where each input is in the body, by the input's name: { address: $.source.ip, level: amber, reason: 'told by {$.host}' }; see the mapping in connectors.md. Default: the body's fields are the inputs, by name.")]
    public IReadOnlyDictionary<string, string> Inputs { get; init; } = new Dictionary<string, string>();

    /// <summary>Closed until somebody can prove who they are.</summary>
    public bool Open => Token is not null || SigningSecret is not null;

    public BodySignature Signature => new(SigningSecret, SignatureHeader, TimeHeader, Signed, Window);

    public IEnumerable<string> Problems()
    {
        foreach (var problem in SenderToken.Problems(Token).Concat(Signature.Problems())) yield return problem;
        if (string.IsNullOrWhiteSpace(DeliveryHeader)) yield return "deliveryHeader: is empty; leave it out where the sender has no ids";
        if (SameWithin <= TimeSpan.Zero) yield return $"sameWithin: {SameWithin} is no duration above zero; write for example 24h";
        if (MaxBytes is < 1_024 or > 64 << 20) yield return $"maxBytes: {MaxBytes} is no size for a request; write 1 KiB to 64 MiB in bytes";
        if (PerMinute < 1) yield return "perMinute: is less than 1: nothing would be taken";
        if (MostDue < 1) yield return "mostDue: is less than 1: nothing would be taken";
        foreach (var (input, place) in Inputs)
        {
            MappedText.Parse(place, out var wrong);
            if (wrong is not null) yield return $"inputs.{input}: {place} {wrong}; write a place such as $.source.ip";
        }
    }
}
