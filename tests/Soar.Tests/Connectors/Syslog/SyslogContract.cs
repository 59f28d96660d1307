using System.Net;
using System.Net.Sockets;
using System.Text;
using Soar.Connectors.Syslog;
using Soar.Testing;
using Soar.Testing.Contract;

namespace Soar.Tests.Connectors.Syslog;

public sealed class SyslogContract : SourceSuite<SyslogConnector, SyslogSettings>
{
    private readonly int port = LoopbackPort.Take();

    protected override SyslogSettings Settings() => new()
    {
        Port = port, Alerts = new Dictionary<string, SyslogRuleSettings> { ["ssh"] = new() { App = "sshd", Pattern = "Failed password for (?<user>\\S+) from (?<ip>\\S+)", SourceIp = "$.match.ip", Category = "intrusion" } },
    };

    protected override Task<bool> SendAsync(SyslogSettings settings, int number) => SendAsync(Counted($"<84>1 2026-11-22T02:06:26.508897+00:00 fw1 sshd {number} - - Failed password for root from 203.0.113.66"));

    protected override Task SendGarbageAsync(SyslogSettings settings) => SendAsync("<34>Oct 11 22:14:15 old su: 'su root' failed\n");

    protected override IEnumerable<(SyslogSettings Settings, string Field)> Wrong(SyslogSettings good)
    {
        SyslogSettings Rule(Func<SyslogRuleSettings, SyslogRuleSettings> change) => good with { Alerts = new Dictionary<string, SyslogRuleSettings> { ["ssh"] = change(good.Alerts["ssh"]) } };
        return
        [
            (good with { Port = 0 }, "port"), (good with { Listen = IpAddress.Parse("0.0.0.0") }, "listen"), (good with { Certificate = "/nowhere" }, "certificate"), (good with { ClientCa = "/nowhere" }, "clientCa"),
            (good with { Clients = ["fw1"] }, "clients"), (good with { MaxMessage = 5 }, "maxMessage"), (good with { MaxConnections = 0 }, "maxConnections"), (good with { Alerts = new Dictionary<string, SyslogRuleSettings>() }, "alerts"),
            (Rule(rule => rule with { Pattern = "(" }), "alerts.ssh.pattern"), (Rule(rule => rule with { Pattern = "(?=x)" }), "alerts.ssh.pattern"), (Rule(rule => rule with { SourceIp = "$.match[" }), "alerts.ssh.sourceIp"),
            (Rule(rule => rule with { Facility = "nobody" }), "alerts.ssh.facility"),
        ];
    }

    internal static string Counted(string message) => $"{Encoding.UTF8.GetByteCount(message)} {message}";

    private async Task<bool> SendAsync(string text)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(text));
        return true;
    }
}
