using Microsoft.Extensions.Logging;

namespace Soar.Server;

/// <summary>What the executable itself logs.</summary>
internal static partial class Log
{
    [LoggerMessage(5001, LogLevel.Warning, "A connector was left out. {Problem}")]
    public static partial void ForeignConnectorLeftOut(this ILogger log, string problem);

    [LoggerMessage(5002, LogLevel.Warning, "{Weaker}")]
    public static partial void JailIsWeaker(this ILogger log, string weaker);

    [LoggerMessage(5003, LogLevel.Error, "{Method} {Path} failed")]
    public static partial void RequestFailed(this ILogger log, string method, string path, Exception error);
}
