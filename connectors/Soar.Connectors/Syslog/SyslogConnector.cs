using System.Net.Sockets;
using Soar.Alerts;
using Soar.Connectors.Alerts;
using Soar.Connectors.Serving;

namespace Soar.Connectors.Syslog;

/// <summary>
/// A syslog receiver. Messages that fit one of its rules become alerts; the others are counted. Syslog over TCP has no answers: what a sender had sent and Soar had not taken when it died is lost to
/// both, unless the sender keeps it.
/// </summary>
[Connector("syslog", "Takes syslog messages (RFC 5424 over TLS or TCP) and makes alerts of those that its rules name.", Proven = "rsyslog 8.2302 on Linux 6.18")]
public sealed class SyslogConnector : IConnector, IAlertSource
{
    private readonly SyslogSettings settings;
    private readonly ConnectorServices services;
    private StreamListener? listener;
    private Opening? opening;

    public SyslogConnector(SyslogSettings settings, ConnectorServices services)
    {
        this.settings = settings;
        this.services = services;
    }

    /// <summary>It has no actions to simulate.</summary>
    public object Simulator => this;

    public async Task StartAsync(IAlertIntake intake, CancellationToken cancellation)
    {
        var (handOver, rules, certificate) = (new HandOver(intake, services), new SyslogRules(settings, services.Clock), new RenewedCertificate(settings));
        listener = new StreamListener(
            Bind, settings.MaxConnections, settings.Tls ? () => ClientTrust.Options(certificate.Current, settings.ClientCa, settings.Clients) : null,
            (stream, token) => new SyslogStream(stream, settings.MaxMessage, rules, handOver, services.Clock).ReadAsync(token),
            (peer, problem) => Log.ConnectionBroke(services.Log, services.Instance, peer, problem), problem => Log.HoldingBack(services.Log, services.Instance, problem), services.Clock);
        opening = new Opening(settings.Endpoint, _ =>
        {
            listener.Listen();
            return Task.CompletedTask;
        }, services.Clock);
        await opening.StartAsync(problem => Log.SourceNotServed(services.Log, services.Instance, problem), cancellation);
    }

    public async Task<ConnectorTest> TestAsync(CancellationToken cancellation) =>
        settings.Problems().FirstOrDefault() is { } problem ? new ConnectorTest(false, problem)
        : listener?.Serves != true && await Presence.AbsentAsync(settings, web: false, services.Clock, cancellation) is { } absent ? new ConnectorTest(false, $"{absent} Until then what senders do not keep is lost.")
        : new ConnectorTest(true, $"Soar listens at {settings.Endpoint}{(settings.Tls ? " by TLS" : "")} for {string.Join(", ", settings.Alerts.Keys)}.");

    public async ValueTask DisposeAsync()
    {
        if (opening is not null)
            await opening.DisposeAsync();
        if (listener is not null)
            await listener.DisposeAsync();
    }

    private Socket Bind()
    {
        var address = settings.Listen.ToIPAddress();
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new System.Net.IPEndPoint(address, settings.Port));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
