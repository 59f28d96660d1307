using Microsoft.Extensions.Logging;

namespace Soar.Connectors;

/// <summary>What connectors log. Secrets and mail bodies never.</summary>
internal static partial class Log
{
    [LoggerMessage(4030, LogLevel.Warning, "Indicator files of {Instance} changed but cannot be read; the last good state stays in use: {Problem}")]
    public static partial void KeptOldIndicators(ILogger logger, string instance, string problem);

    [LoggerMessage(4032, LogLevel.Warning, "{Instance} looks providers up by an older list of registries: {Problem}")]
    public static partial void OldRegistries(ILogger logger, string instance, string problem);

    [LoggerMessage(4031, LogLevel.Error, "The block list of {Instance} is not served, so that no firewall hears of new blocks; it is tried again every few seconds: {Problem}")]
    public static partial void NotServed(ILogger logger, string instance, string problem);

    [LoggerMessage(4040, LogLevel.Warning, "{Instance} does not hear of new mail and tries again: {Problem}")]
    public static partial void NotListening(ILogger logger, string instance, string problem);

    [LoggerMessage(4050, LogLevel.Error, "{Instance} cannot hear of alerts; it is tried again every few seconds: {Problem}")]
    public static partial void SourceNotServed(ILogger logger, string instance, string problem);

    [LoggerMessage(4051, LogLevel.Warning, "{Instance} holds back what comes: {Problem}")]
    public static partial void HoldingBack(ILogger logger, string instance, string problem);

    [LoggerMessage(4052, LogLevel.Warning, "{Instance}: the connection of {Peer} was ended: {Problem}")]
    public static partial void ConnectionBroke(ILogger logger, string instance, string peer, string problem);

    [LoggerMessage(4053, LogLevel.Error, "{Instance} cannot follow its file and tries again: {Problem}")]
    public static partial void NotFollowed(ILogger logger, string instance, string problem);

    [LoggerMessage(4054, LogLevel.Error, "{Instance}: {File} was read up to byte {Offset}; what was written to it after that is not there any more. 'soar alerts unreadable' shows it")]
    public static partial void Gap(ILogger logger, string instance, string file, long offset);

    [LoggerMessage(4056, LogLevel.Error, "{Instance}: what was sent could not be taken. This should not happen: {Type}: {Message}")]
    public static partial void SourceBroke(ILogger logger, string instance, string type, string message);

    [LoggerMessage(4055, LogLevel.Warning, "{Instance} refused what {Peer} sent: {Why}")]
    public static partial void SenderRefused(ILogger logger, string instance, string peer, string why);
}
