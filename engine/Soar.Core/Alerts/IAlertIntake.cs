namespace Soar.Alerts;

/// <summary>
/// Where one source hands over what it hears. What is handed over together is kept together, in one commit: when the call returns it is on disk, and only then does the source move on (its
/// offset in a file, its answer to a sender). After a crash it hands over the same again; an alert that is known is counted and starts nothing.
/// </summary>
public interface IAlertIntake
{
    /// <summary>
    /// Keeps alerts and what could not be read. The answers are in the order of <see cref="Heard.Alerts"/>. Throws <see cref="IntakeFullException"/> when too many alerts wait for their
    /// playbooks: nothing was kept; hand over the same again after its wait, and let the sender wait meanwhile.
    /// </summary>
    Task<IReadOnlyList<AcceptedAlert>> AcceptAsync(Heard heard, CancellationToken cancellation);
}

/// <summary>What a source heard in one go.</summary>
public sealed record Heard
{
    public IReadOnlyList<IncomingAlert> Alerts { get; init; } = [];

    /// <summary>What came and could not be read: kept for people to see, never dropped in silence.</summary>
    public IReadOnlyList<UnreadableInput> Unreadable { get; init; } = [];

    /// <summary>How many messages came that are no alerts by the source's settings: counted only.</summary>
    public int Ignored { get; init; }

    public static Heard One(Alert alert) => new() { Alerts = [new IncomingAlert(alert)] };
}

/// <param name="Alert">Its <see cref="Soar.Alert.Id"/> tells it from every other alert of the same source.</param>
/// <param name="ResolvedAt">Its detector says that it is over since then; null = it is not, or the detector never says.</param>
public sealed record IncomingAlert(Alert Alert, DateTimeOffset? ResolvedAt = null)
{
    /// <summary>What the deployment's rules say of it: the intake's to say, whatever a source has put here.</summary>
    public AlertHandling Handling { get; init; } = AlertHandling.None;
}

/// <param name="Text">What came; more than <see cref="MostText"/> characters are cut.</param>
/// <param name="Problem">What is wrong with it, and what to do.</param>
public sealed record UnreadableInput(string Text, string Problem)
{
    public const int MostText = 4_000;
}

/// <param name="Number">1, 2, 3 …: what people say on the telephone. 0 when it was not kept as an alert.</param>
/// <param name="New">False when it was known already.</param>
/// <param name="Problem">What it lacks to be an alert; it is then kept as unreadable. Null when it is fine.</param>
public sealed record AcceptedAlert(AlertId Id, long Number, bool New, string? Problem = null)
{
    /// <summary>The number of the alert that this one repeats; it starts nothing then.</summary>
    public long? DuplicateOf { get; init; }

    /// <summary>The rule that suppresses it; it starts nothing then.</summary>
    public string? SuppressedBy { get; init; }
}

/// <summary>Too many alerts wait for their playbooks. Nothing was kept; the sender shall come again.</summary>
public sealed class IntakeFullException(int waiting, TimeSpan retryAfter)
    : SoarException("SOAR2050", $"{waiting} alerts wait for their playbooks; no more are taken for {Durations.Say(retryAfter)}. Send it again then.")
{
    public TimeSpan RetryAfter { get; } = retryAfter;
}
