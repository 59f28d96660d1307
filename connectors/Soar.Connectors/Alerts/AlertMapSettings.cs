namespace Soar.Connectors.Alerts;

/// <summary>
/// Where in a message an alert's fields are. Each is a place in the JSON (<c>$.rule.name</c>, <c>$.hits[0].ip</c>, <c>$['a b']</c>), or a text of one's own, which may have places in it
/// (<c>{$.app} on {$.host}</c>).
/// </summary>
public record AlertMapSettings
{
    [Setting("The sender's own id of the alert: the same again is the same alert. Default: none, then the same bytes are the same alert.")]
    public string? Id { get; init; }

    [Setting("Which detector says it. Default: the connector's type or program.")]
    public string? Detector { get; init; }

    [Setting("The rule's text.")]
    public string? Title { get; init; }

    [Setting("The rule's id at the detector.")]
    public string? RuleId { get; init; }

    [Setting("What sort it is: intrusion, recon, malware, phishing, threat, policy, other. Default: other.")]
    public string? Category { get; init; }

    [Setting("Our word for each of the sender's categories: { 'Web Attack': intrusion }. What is not named stays as it is.")]
    public IReadOnlyDictionary<string, string> Categories { get; init; } = new Dictionary<string, string>();

    [Setting("How bad it is, 1 to 100. Default: 0, unset.")]
    public string? Severity { get; init; }

    [Setting("Our number for each of the sender's words: { critical: 90, warning: 50 }.")]
    public IReadOnlyDictionary<string, int> Severities { get; init; } = new Dictionary<string, int>();

    [Setting("When it happened: ISO 8601, or Unix time in seconds, milliseconds or microseconds. Default: when it came.")]
    public string? Time { get; init; }

    [Setting("The attacker's address.")]
    public string? SourceIp { get; init; }

    [Setting("The attacker's port.")]
    public string? SourcePort { get; init; }

    [Setting("The attacker's host.")]
    public string? SourceHost { get; init; }

    [Setting("The account that acted.")]
    public string? SourceUser { get; init; }

    [Setting("The target's address.")]
    public string? DestinationIp { get; init; }

    [Setting("The target's port.")]
    public string? DestinationPort { get; init; }

    [Setting("The target's host.")]
    public string? DestinationHost { get; init; }

    [Setting("The account that was attacked.")]
    public string? DestinationUser { get; init; }

    [Setting("Facts seen, by type: { ip: [$.a, '$.hits[*].ip'], domain: $.host }. Types: ip, domain, url, email, sha256, sha1, md5, file, cve.")]
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Observables { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    [Setting("Texts that are searched for addresses, domains, URLs, mail addresses, hashes: [$.message]. Default: none.")]
    public IReadOnlyList<string> Search { get; init; } = [];

    [Setting("How far it may travel: clear, green, amber, amber+strict, red. Default: unset.")]
    public string? Tlp { get; init; }

    /// <param name="title">Whether a title must be given.</param>
    internal IEnumerable<string> MapProblems(bool title)
    {
        if (title && string.IsNullOrWhiteSpace(Title))
            yield return "title: is missing; say where the rule's text is, for example $.rule.name";
        foreach (var (field, text) in Fields())
            if (text is not null && MappedText.Parse(text, out var problem) is null)
                yield return $"{field}: {text} {problem}; write a place such as $.rule.name or $.hits[0].ip, or a text such as \"{{$.app}} on {{$.host}}\"";
        foreach (var (word, number) in Severities)
            if (number is < 0 or > 100)
                yield return $"severities: {word} is {number}; write 0 to 100";
        foreach (var type in Observables.Keys.Where(type => !AlertMap.ObservableTypes.Contains(type)))
            yield return $"observables: {type} is no type; write one of {string.Join(", ", AlertMap.ObservableTypes)}";
    }

    private IEnumerable<(string Field, string? Text)> Fields() =>
    [
        ("id", Id), ("detector", Detector), ("title", Title), ("ruleId", RuleId), ("category", Category), ("severity", Severity), ("time", Time), ("tlp", Tlp),
        ("sourceIp", SourceIp), ("sourcePort", SourcePort), ("sourceHost", SourceHost), ("sourceUser", SourceUser),
        ("destinationIp", DestinationIp), ("destinationPort", DestinationPort), ("destinationHost", DestinationHost), ("destinationUser", DestinationUser),
        .. Observables.SelectMany(type => type.Value.Select(text => ("observables", (string?)text))), .. Search.Select(text => ("search", (string?)text)),
    ];
}
