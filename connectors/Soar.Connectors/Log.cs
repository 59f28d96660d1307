using Microsoft.Extensions.Logging;

namespace Soar.Connectors;

/// <summary>What connectors log. Secrets and mail bodies never.</summary>
internal static partial class Log
{
    [LoggerMessage(4030, LogLevel.Warning, "Indicator files of {Instance} changed but cannot be read; the last good state stays in use: {Problem}")]
    public static partial void KeptOldIndicators(ILogger logger, string instance, string problem);
}
