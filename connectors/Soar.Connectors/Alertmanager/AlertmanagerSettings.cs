using Soar.Connectors.Alerts;

namespace Soar.Connectors.Alertmanager;

/// <summary>A receiver for Prometheus Alertmanager's webhook.</summary>
public sealed record AlertmanagerSettings : WebSourceSettings
{
    [Setting("TCP port to listen on. Default: 8044.")]
    public override int Port { get; init; } = 8044;

    [Setting("Label that says how bad an alert is. Default: severity.")]
    public string SeverityLabel { get; init; } = "severity";

    [Setting("Our number for each word of that label, beside critical 90, error and high 70, warning and medium 50, low 30, info 10. A word that is not known is 0, unset.")]
    public IReadOnlyDictionary<string, int> Severities { get; init; } = new Dictionary<string, int>();

    [Setting("Label that says what sort an alert is: intrusion, recon, malware, phishing, threat, policy, other. Default: category.")]
    public string CategoryLabel { get; init; } = "category";

    [Setting("What sort an alert without that label is. Default: other.")]
    public string Category { get; init; } = "other";

    public override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems())
            yield return problem;
        if (Token is null)
            yield return "token: is missing; write the same into Alertmanager's http_config: authorization: credentials. Make one with: openssl rand -hex 24";
        foreach (var (word, number) in Severities)
            if (number is < 0 or > 100)
                yield return $"severities: {word} is {number}; write 0 to 100";
        foreach (var (field, text) in new[] { ("severityLabel", SeverityLabel), ("categoryLabel", CategoryLabel), ("category", Category) })
            if (string.IsNullOrWhiteSpace(text))
                yield return $"{field}: is empty; leave it out for the default";
    }
}
