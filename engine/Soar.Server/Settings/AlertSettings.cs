using Soar.Connectors;

namespace Soar.Server.Settings;

/// <summary><c>alerts:</c> of the settings: what becomes of alerts before playbooks are asked about them.</summary>
internal sealed record AlertSettings
{
    [Setting("So many alerts may wait for their playbooks; beyond that senders are told to come again. Default: 20000.")]
    public int MostWaiting { get; init; } = 20_000;

    public IEnumerable<string> Problems()
    {
        if (MostWaiting < 1) yield return $"mostWaiting: {MostWaiting}; at least 1, or nothing would be taken";
    }
}
