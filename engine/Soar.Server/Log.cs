using Microsoft.Extensions.Logging;

namespace Soar.Server;

/// <summary>What the executable itself logs.</summary>
internal static partial class Log
{
    [LoggerMessage(5001, LogLevel.Warning, "A connector was left out. {Problem}")]
    public static partial void ForeignConnectorLeftOut(this ILogger log, string problem);
}
