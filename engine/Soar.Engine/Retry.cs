namespace Soar.Engine;

/// <summary>How long to wait before the next attempt: doubling, with chance so that many runs do not come back at once, and never sooner than the other side asked.</summary>
internal sealed class Retry(EngineOptions options, Random random)
{
    private readonly Lock gate = new();

    /// <param name="failed">Attempts that failed so far, this one included.</param>
    /// <param name="retryAfter">What the other side asked for.</param>
    public TimeSpan Delay(int failed, TimeSpan? retryAfter)
    {
        double chance;
        lock (gate) chance = random.NextDouble();
        var most = Math.Min(options.FirstBackoff.TotalMilliseconds * Math.Pow(2, Math.Min(failed - 1, 30)), options.LongestBackoff.TotalMilliseconds);
        var delay = TimeSpan.FromMilliseconds(most * (0.5 + chance / 2));
        return retryAfter > delay ? retryAfter.Value : delay;
    }
}
