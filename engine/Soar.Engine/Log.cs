using Microsoft.Extensions.Logging;
using Soar.Connectors;

namespace Soar.Engine;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Run {Run} of {Playbook} ended: {Status}")]
    public static partial void RunEnded(this ILogger log, RunId run, string playbook, Runs.RunStatus status);

    [LoggerMessage(2, LogLevel.Warning, "Run {Run}: the lease went to another engine; this one stopped driving it")]
    public static partial void LeaseLost(this ILogger log, RunId run);

    [LoggerMessage(3, LogLevel.Error, "Run {Run}: the engine could not go on and let go of it; it is taken up again when its lease ends. Look at the store")]
    public static partial void RunBroke(this ILogger log, RunId run, Exception exception);

    [LoggerMessage(4, LogLevel.Warning, "{Action} at {Instance} (run {Run}): the connector failed in a way it should not: {Detail}")]
    private static partial void ConnectorBroke(this ILogger log, string action, string instance, RunId run, string detail);

    /// <summary>The exception goes as text, because its words may hold a secret of the instance.</summary>
    public static void ConnectorBroke(this ILogger log, string action, string instance, RunId run, Exception exception, SecretMask mask) =>
        log.ConnectorBroke(action, instance, run, mask.Text(log.IsEnabled(LogLevel.Debug) ? exception.ToString() : $"{exception.GetType().Name}: {exception.Message}"));

    [LoggerMessage(5, LogLevel.Warning, "Playbook host died: {Reason}. In hand: {Run}. {Lost} runs are started again")]
    public static partial void HostDied(this ILogger log, string reason, RunId? run, int lost);

    [LoggerMessage(6, LogLevel.Error, "Looking for due runs failed; trying again")]
    public static partial void LookFailed(this ILogger log, Exception exception);

    [LoggerMessage(7, LogLevel.Error, "Run {Run} is parked: {Why}")]
    public static partial void Parked(this ILogger log, RunId run, string why);

    [LoggerMessage(11, LogLevel.Warning, "Run {Run} could not be taken up and is tried again: {Why}")]
    public static partial void NotCompiled(this ILogger log, RunId run, string why);

    [LoggerMessage(8, LogLevel.Warning, "Containment {Action} of {Target} at {Instance} could not be lifted: {Why}")]
    public static partial void LiftFailed(this ILogger log, string action, string target, string instance, string why);

    [LoggerMessage(9, LogLevel.Information, "Containment {Action} of {Target} at {Instance} was lifted: {Why}")]
    public static partial void Lifted(this ILogger log, string action, string target, string instance, string why);

    [LoggerMessage(10, LogLevel.Warning, "{Playbook} was not started for {Subject}: {Why}. 'soar triggers' shows it")]
    public static partial void TriggerFailed(this ILogger log, string playbook, string subject, string why);
}
