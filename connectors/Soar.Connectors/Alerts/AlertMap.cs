using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Soar.Connectors.Alerts;

/// <summary>A message in JSON as an alert, by the settings' mapping. What is there and cannot be what it should be (a word for an address) is a problem, never left out in silence.</summary>
internal sealed class AlertMap
{
    public static readonly IReadOnlyList<string> ObservableTypes = ["ip", "domain", "url", "email", "sha256", "sha1", "md5", "file", "cve"];

    private readonly AlertMapSettings settings;
    private readonly Dictionary<string, MappedText> texts = new(StringComparer.Ordinal);
    private readonly List<(string Type, MappedText Text)> observables;
    private readonly List<MappedText> search;
    private readonly Dictionary<string, string> categories;
    private readonly Dictionary<string, int> severities;

    /// <param name="settings">Without problems; what has one gives nothing.</param>
    public AlertMap(AlertMapSettings settings)
    {
        this.settings = settings;
        foreach (var (field, text) in new[]
        {
            ("id", settings.Id), ("detector", settings.Detector), ("title", settings.Title), ("ruleId", settings.RuleId), ("category", settings.Category), ("severity", settings.Severity),
            ("time", settings.Time), ("tlp", settings.Tlp), ("sourceIp", settings.SourceIp), ("sourcePort", settings.SourcePort), ("sourceHost", settings.SourceHost), ("sourceUser", settings.SourceUser),
            ("destinationIp", settings.DestinationIp), ("destinationPort", settings.DestinationPort), ("destinationHost", settings.DestinationHost), ("destinationUser", settings.DestinationUser),
        })
            if (text is not null && MappedText.Parse(text, out _) is { } parsed)
                texts[field] = parsed;
        observables = [.. settings.Observables.SelectMany(type => type.Value.Select(text => (type.Key, Text: MappedText.Parse(text, out _)))).Where(o => o.Text is not null).Select(o => (o.Key, o.Text!))];
        search = [.. settings.Search.Select(text => MappedText.Parse(text, out _)).OfType<MappedText>()];
        categories = new Dictionary<string, string>(settings.Categories, StringComparer.OrdinalIgnoreCase);
        severities = new Dictionary<string, int>(settings.Severities, StringComparer.OrdinalIgnoreCase);
    }

    /// <param name="defaults">What holds where the mapping gives nothing.</param>
    /// <returns>The alert; or null with all problems, by field.</returns>
    public Alert? Read(JsonElement message, AlertDefaults defaults, out string problem)
    {
        var problems = new List<string>();
        var title = Text(message, "title") ?? defaults.Title;
        if (title is null)
            problems.Add($"title: {settings.Title} gives nothing");
        var alert = new Alert
        {
            Id = Text(message, "id") ?? defaults.Id ?? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(message.GetRawText())).AsSpan(0, 16)),
            Detector = Text(message, "detector") ?? defaults.Detector,
            Title = title ?? "",
            RuleId = Text(message, "ruleId") ?? defaults.RuleId,
            Category = Text(message, "category") is { } category ? categories.GetValueOrDefault(category) ?? category.ToLowerInvariant() : "other",
            Severity = SeverityOf(message, problems) ?? defaults.Severity,
            Time = TimeOf(message, problems) ?? defaults.Time,
            Source = Side(message, "source", null, problems),
            Destination = Side(message, "destination", defaults.DestinationHost, problems),
            Observables = ObservablesOf(message),
            Tlp = TlpOf(message, problems),
            Payload = message.Clone(),
        };
        problem = string.Join("; ", problems);
        return problems.Count == 0 ? alert : null;
    }

    private string? Text(JsonElement message, string field) => texts.GetValueOrDefault(field)?.Of(message);

    private int? SeverityOf(JsonElement message, List<string> problems)
    {
        if (Text(message, "severity") is not { } text)
            return null;
        if (severities.TryGetValue(text, out var named))
            return named;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number is >= 0 and <= 100)
            return (int)Math.Round(number);
        problems.Add($"severity: '{Short(text)}' is no number from 0 to 100 and no word of severities");
        return null;
    }

    private DateTimeOffset? TimeOf(JsonElement message, List<string> problems)
    {
        if (Text(message, "time") is not { } text)
            return null;
        if (ReadTime(text) is { } time)
            return time;
        problems.Add($"time: '{Short(text)}' is neither ISO 8601 nor Unix time");
        return null;
    }

    /// <summary>ISO 8601, or Unix time: its size tells seconds from milliseconds and microseconds.</summary>
    public static DateTimeOffset? ReadTime(string text)
    {
        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var unix))
        {
            var seconds = unix switch { >= 100_000_000_000_000m => unix / 1_000_000m, >= 100_000_000_000m => unix / 1_000m, _ => unix };
            return seconds < 253_402_300_800m ? DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond)) : null;
        }
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;
    }

    private Endpoint? Side(JsonElement message, string side, string? defaultHost, List<string> problems)
    {
        IpAddress? address = null;
        if (Text(message, side + "Ip") is { } ip && !IpAddress.TryParse(ip, null, out address))
            problems.Add($"{side}Ip: '{Short(ip)}' is no address");
        int? port = null;
        if (Text(message, side + "Port") is { } text)
        {
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 65_535)
                port = number;
            else
                problems.Add($"{side}Port: '{Short(text)}' is no port");
        }
        var (host, user) = (Text(message, side + "Host") ?? defaultHost, Text(message, side + "User"));
        return address is null && port is null && host is null && user is null ? null : new Endpoint(address, port, host, user);
    }

    private List<Observable> ObservablesOf(JsonElement message)
    {
        var all = new List<Observable>();
        foreach (var (type, text) in observables)
            all.AddRange(text.AllOf(message).Select(value => new Observable(type, value)));
        foreach (var text in search)
            all.AddRange(text.AllOf(message).SelectMany(ObservableText.Find));
        return [.. all.Distinct()];
    }

    private Tlp? TlpOf(JsonElement message, List<string> problems)
    {
        if (Text(message, "tlp") is not { } text)
            return null;
        if (TlpLabel.TryParse(text, out var tlp))
            return tlp;
        problems.Add($"tlp: '{Short(text)}' is no TLP");
        return null;
    }

    private static string Short(string text) => text.Length <= 80 ? text : text[..79] + "…";
}

/// <summary>What holds where a mapping gives nothing.</summary>
internal sealed record AlertDefaults(string Detector, DateTimeOffset Time)
{
    /// <summary>Null = the same bytes are the same alert.</summary>
    public string? Id { get; init; }
    public string? Title { get; init; }
    public string? RuleId { get; init; }
    public int Severity { get; init; }
    public string? DestinationHost { get; init; }
}
