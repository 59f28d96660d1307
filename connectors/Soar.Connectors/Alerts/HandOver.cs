using Soar.Alerts;

namespace Soar.Connectors.Alerts;

/// <summary>
/// Hands over for sources whose sender cannot be told to come again (a file, a stream): while the intake is full or the store is away it waits, and the source reads nothing meanwhile.
/// </summary>
internal sealed class HandOver(IAlertIntake intake, ConnectorServices services)
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(1);

    public async Task AcceptAsync(Heard heard, CancellationToken cancellation)
    {
        for (var waits = 0; ; waits++)
        {
            try
            {
                await intake.AcceptAsync(heard, cancellation);
                return;
            }
            catch (SoarException e) when (e is IntakeFullException || e.Code.StartsWith("SOAR3", StringComparison.Ordinal))
            {
                // once a minute is enough to hear of it
                if (waits % 60 == 0)
                    Log.HoldingBack(services.Log, services.Instance, e.Message);
            }
            await Task.Delay(Wait, services.Clock, cancellation);
        }
    }
}
