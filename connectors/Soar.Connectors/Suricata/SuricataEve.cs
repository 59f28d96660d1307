using System.Globalization;
using System.Text.Json;

namespace Soar.Connectors.Suricata;

/// <summary>
/// Reads Suricata's EVE alert events (<see href="https://docs.suricata.io/en/latest/output/eve/eve-json-format.html"/>) into alerts.
/// </summary>
public static class SuricataEve
{
    /// <summary>True for an EVE event of type <c>alert</c>.</summary>
    public static bool IsAlert(JsonElement json) =>
        json.ValueKind == JsonValueKind.Object && Text(json, "event_type") == "alert" && json.TryGetProperty("alert", out var alert) && alert.ValueKind == JsonValueKind.Object;

    /// <summary>
    /// Source is the attacker: EVE's <c>src_ip</c>, or <c>dest_ip</c> where the rule says that the target is the source
    /// (<c>alert.metadata.attack_target</c> does not name a side, so only <c>alert.source</c> / <c>alert.target</c> are followed where present).
    /// </summary>
    public static Alert Read(JsonElement eve)
    {
        var alert = eve.GetProperty("alert");
        var source = Side(eve, "src_ip", "src_port");
        var destination = Side(eve, "dest_ip", "dest_port");
        if (Part(alert, "source") is { } attacker && Text(attacker, "ip") is { } attackerIp && destination.Ip?.ToString() == attackerIp)
            (source, destination) = (destination, source);
        var time = Time(eve);
        var category = Text(alert, "category") ?? "";
        return new Alert
        {
            // One packet may fit a rule for several transactions: then only their number tells the events apart.
            Id = $"{Text(eve, "flow_id") ?? "-"}/{Text(alert, "signature_id")}/{(time.UtcTicks / 10).ToString(CultureInfo.InvariantCulture)}{(Text(eve, "tx_id") is { } tx ? "/" + tx : "")}",
            Detector = "suricata",
            Title = Text(alert, "signature") ?? "(no signature)",
            RuleId = $"{Text(alert, "gid") ?? "1"}:{Text(alert, "signature_id")}",
            Category = Category(category),
            Severity = Severity(alert),
            Time = time,
            Source = source,
            Destination = destination,
            Observables = Observables(eve, source, destination),
            Payload = eve.Clone(),
        };
    }

    // Suricata's priorities are 1 (high) to 4; a rule may say more in its metadata.
    private static int Severity(JsonElement alert)
    {
        var priority = Number(alert, "severity") ?? 3;
        return priority switch { 1 => 80, 2 => 50, 3 => 30, _ => 10 };
    }

    // Descriptions as in Suricata's classification.config.
    private static string Category(string text) => text switch
    {
        "Web Application Attack" or "Attempted Administrator Privilege Gain" or "Successful Administrator Privilege Gain"
            or "Attempted User Privilege Gain" or "Successful User Privilege Gain" or "Unsuccessful User Privilege Gain"
            or "Executable code was detected" or "Exploit Kit Activity Detected" or "Attempt to login by a default username and password"
            or "access to a potentially vulnerable web application" => "intrusion",
        "Attempted Information Leak" or "Information Leak" or "Large Scale Information Leak" or "Detection of a Network Scan"
            or "Detection of a non-standard protocol or event" => "recon",
        "A Network Trojan was detected" or "Malware Command and Control Activity Detected" or "Crypto Currency Mining Activity Detected"
            or "Domain Observed Used for C2 Detected" => "malware",
        "Attempted Denial of Service" or "Denial of Service" or "Detection of a Denial of Service Attack" => "dos",
        "Possible Social Engineering Attempted" or "Credential Theft Detected" or "Successful Credential Theft Detected" => "phishing",
        "Potential Corporate Privacy Violation" or "Inappropriate Content was Detected" => "policy",
        _ => "other",
    };

    private static List<Observable> Observables(JsonElement eve, Endpoint source, Endpoint destination)
    {
        var all = new List<Observable>();
        if (source.Ip is not null) all.Add(new("ip", source.Ip.ToString()));
        if (destination.Ip is not null) all.Add(new("ip", destination.Ip.ToString()));
        if (Part(eve, "http") is { } http && Text(http, "hostname") is { } host)
        {
            all.Add(new("domain", host));
            if (Text(http, "url") is { } url) all.Add(new("url", $"http://{host}{url}"));
        }

        if (Part(eve, "tls") is { } tls && Text(tls, "sni") is { } name) all.Add(new("domain", name));
        return all;
    }

    private static Endpoint Side(JsonElement eve, string ip, string port) => new(
        IpAddress.TryParse(Text(eve, ip), null, out var address) ? address : null,
        Number(eve, port) is { } number and >= 0 and <= 65535 ? number : null);

    // EVE writes "+0000" without a colon, which System.Text.Json's own date parser refuses.
    private static DateTimeOffset Time(JsonElement eve) =>
        DateTimeOffset.TryParse(Text(eve, "timestamp"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw new SoarException("SOAR5002", "The Suricata event has no readable 'timestamp'; an alert without its time cannot be taken.");

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value)
        ? value.ValueKind switch { JsonValueKind.String => value.GetString(), JsonValueKind.Number => value.GetRawText(), _ => null }
        : null;

    // What is null or of another type than EVE's is not there: sensors of many versions write into one file.
    private static JsonElement? Part(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value : null;

    private static int? Number(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;
}
