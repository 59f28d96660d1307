using Soar.Connectors;

namespace Soar.Server.Settings;

/// <summary>How long what is over is kept. What is not said is kept for good.</summary>
internal sealed record RetentionSettings
{
    [Setting("How long ended runs are kept, with their journals. Those of a case are kept until it was closed for as long, and what a case or a request to others is made of is kept with it. Default: for good.")]
    public TimeSpan? Runs { get; init; }

    [Setting("How long alerts are kept after they, or a repeat of them, came last. Those of a case are kept until it was closed for as long. Default: for good.")]
    public TimeSpan? Alerts { get; init; }

    public IEnumerable<string> Problems()
    {
        foreach (var (name, value) in new[] { ("runs", Runs), ("alerts", Alerts) })
            if (value < TimeSpan.FromDays(1)) yield return $"{name}: {value} is less than a day; leave it out to keep them for good";
    }
}
