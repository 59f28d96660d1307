using Microsoft.Extensions.Logging;

namespace Soar.Connectors;

/// <summary>What connectors log. Secrets and mail bodies never.</summary>
internal static partial class Log
{
    [LoggerMessage(4030, LogLevel.Warning, "Indicator files of {Instance} changed but cannot be read; the last good state stays in use: {Problem}")]
    public static partial void KeptOldIndicators(ILogger logger, string instance, string problem);

    [LoggerMessage(4031, LogLevel.Error, "The block list of {Instance} is not served, so that no firewall hears of new blocks; it is tried again every few seconds: {Problem}")]
    public static partial void NotServed(ILogger logger, string instance, string problem);

    [LoggerMessage(4040, LogLevel.Warning, "{Instance} does not hear of new mail and tries again: {Problem}")]
    public static partial void NotListening(ILogger logger, string instance, string problem);
}
