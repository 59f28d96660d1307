using System.Text.RegularExpressions;
using Soar.Connectors.Alerts;
using Soar.Connectors.Serving;

namespace Soar.Connectors.Syslog;

/// <summary>A syslog receiver: RFC 5424 messages over TLS (RFC 5425) or TCP (RFC 6587), and which of them are alerts.</summary>
public sealed record SyslogSettings : ListenSettings
{
    [Setting("TCP port to listen on. Default: 6514.")]
    public override int Port { get; init; } = 6514;

    [Setting("PEM file of the CA of those who may send; they must then show a certificate of it. With certificate only. Default: none, anybody who can connect may send.")]
    public string? ClientCa { get; init; }

    [Setting("Names in the certificates of those who may send. Default: every certificate of clientCa.")]
    public IReadOnlyList<string> Clients { get; init; } = [];

    [Setting("Largest message in bytes; a larger one is counted as unreadable. Default: 65536.")]
    public int MaxMessage { get; init; } = 65_536;

    [Setting("Most senders connected at once; while others wait, whoever has said nothing for a minute is let go, first where most come from. Default: 200.")]
    public int MaxConnections { get; init; } = 200;

    [Setting("Which messages are alerts, and how, each rule under a name of its own; the first that fits is taken. Messages that fit none are counted, not kept.")]
    public IReadOnlyDictionary<string, SyslogRuleSettings> Alerts { get; init; } = new Dictionary<string, SyslogRuleSettings>();

    public override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems())
            yield return problem;
        if (!string.IsNullOrEmpty(ClientCa) && !Tls)
            yield return "clientCa: needs TLS; set certificate too";
        if (!string.IsNullOrEmpty(ClientCa) && !File.Exists(ClientCa))
            yield return $"clientCa: {ClientCa} does not exist; name a PEM file";
        if (Clients.Count > 0 && string.IsNullOrEmpty(ClientCa))
            yield return "clients: names are looked up in certificates; set clientCa too";
        if (MaxMessage is < 480 or > 16 << 20)
            yield return $"maxMessage: {MaxMessage} is no size for a message; write 480 bytes to 16 MiB";
        if (MaxConnections < 1)
            yield return $"maxConnections: {MaxConnections}; at least 1";
        if (Alerts.Count == 0)
            yield return "alerts: is missing; say which messages are alerts, for example { ssh: { app: sshd, pattern: 'Failed password .* from (?<ip>[0-9a-f.:]+)', sourceIp: $.match.ip } }";
        foreach (var (name, rule) in Alerts)
            foreach (var problem in rule.Problems())
                yield return $"alerts.{name}.{problem}";
    }
}

/// <summary>
/// Which messages are alerts of one sort: all that is said must fit. The mapping sees the message as JSON: <c>$.host</c>, <c>$.app</c>, <c>$.procId</c>, <c>$.msgId</c>, <c>$.facility</c>, <c>$.level</c>,
/// <c>$.time</c>, <c>$.message</c>, structured data as <c>$.data['id@number'].name</c>, the pattern's named groups as <c>$.match.name</c>, and a message that is JSON itself as <c>$.json</c>.
/// </summary>
public sealed record SyslogRuleSettings : AlertMapSettings
{
    [Setting("The program that says it (APP-NAME). Default: any.")]
    public string? App { get; init; }

    [Setting("The host that says it (HOSTNAME). Default: any.")]
    public string? Host { get; init; }

    [Setting("The kind of message (MSGID). Default: any.")]
    public string? MsgId { get; init; }

    [Setting("The facility: auth, authpriv, daemon, kern, local0 to local7 … Default: any.")]
    public string? Facility { get; init; }

    [Setting("The level or a worse one: emergency, alert, critical, error, warning, notice, informational, debug. Default: debug, any.")]
    public SyslogLevel AtLeast { get; init; } = SyslogLevel.Debug;

    [Setting("A regular expression that the message must fit; its named groups are $.match.<name>. No look-around and no back-references. Default: any.")]
    public string? Pattern { get; init; }

    internal IEnumerable<string> Problems()
    {
        foreach (var problem in MapProblems(title: false))
            yield return problem;
        if (Facility is not null && !SyslogMessage.Facilities.Contains(Facility))
            yield return $"facility: {Facility} is none; write one of {string.Join(", ", SyslogMessage.Facilities)}";
        if (Pattern is not null && PatternProblem() is { } wrong)
            yield return $"pattern: {wrong}";
    }

    /// <summary>It runs in a time that grows with the text only, so that nobody's message can stop the receiver.</summary>
    internal Regex? ReadPattern() => Pattern is null ? null : new Regex(Pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    private string? PatternProblem()
    {
        try
        {
            ReadPattern();
            return null;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return e.Message;
        }
    }
}

/// <summary>How bad a message is, by RFC 5424.</summary>
public enum SyslogLevel { Emergency, Alert, Critical, Error, Warning, Notice, Informational, Debug }
