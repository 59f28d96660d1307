using Microsoft.AspNetCore.Http;
using Soar.Alerts;
using Soar.Connectors.Alerts;

namespace Soar.Connectors.Alertmanager;

/// <summary>
/// Alerts of Prometheus Alertmanager. It repeats what it got no good answer for, and what goes on; one that is over is noted at the alert and starts nothing.
/// </summary>
[Connector("alertmanager", "Takes the alerts of Prometheus Alertmanager by its webhook; one that is over closes its alert.", Proven = "Alertmanager 0.25 on Linux 6.18")]
public sealed class AlertmanagerConnector : IConnector, IAlertSource
{
    private readonly WebSource source;

    // Its webhook sends again after 5xx only (notify/webhook/webhook.go: a Retrier without further codes): 429 would be a refusal, and the message given up.
    public AlertmanagerConnector(AlertmanagerSettings settings, ConnectorServices services) =>
        source = new WebSource(settings, services, _ => null, new AlertmanagerMessage(settings).Read, StatusCodes.Status503ServiceUnavailable);

    /// <summary>It has no actions to simulate.</summary>
    public object Simulator => this;

    public Task StartAsync(IAlertIntake intake, CancellationToken cancellation) => source.StartAsync(intake, cancellation);

    public Task<ConnectorTest> TestAsync(CancellationToken cancellation) => source.TestAsync(cancellation);

    public ValueTask DisposeAsync() => source.DisposeAsync();
}
