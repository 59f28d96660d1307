using Microsoft.Extensions.Logging;
using Soar.Runs;

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

    [LoggerMessage(5004, LogLevel.Warning, "Refused to start by webhook {Hook}: {Origin} showed {Why}. Further ones within a minute are not told")]
    public static partial void WebhookRefused(this ILogger log, string hook, string origin, string why);

    [LoggerMessage(5010, LogLevel.Error, "The due time {Due} of schedule {Schedule} could not be kept; trying again: {Why}")]
    public static partial void NotHandedOver(this ILogger log, string schedule, DateTimeOffset due, string why);

    [LoggerMessage(5011, LogLevel.Warning, "Schedule {Schedule}, due {Due}: {Why}. 'soar schedules show {Schedule}' shows it")]
    public static partial void NotStarted(this ILogger log, string schedule, DateTimeOffset due, string why);

    [LoggerMessage(5012, LogLevel.Warning, "Schedule {Schedule} does not fire: {Why}")]
    public static partial void DoesNotFire(this ILogger log, string schedule, string why);

    [LoggerMessage(5013, LogLevel.Error, "Schedules could not be looked at; trying again")]
    public static partial void SchedulesFailed(this ILogger log, Exception exception);

    [LoggerMessage(5020, LogLevel.Warning, "{Person} could not be told of question {Question}: {Why}")]
    public static partial void NotTold(this ILogger log, string person, QuestionId question, string why);

    [LoggerMessage(5021, LogLevel.Error, "Notices could not be looked at; trying again")]
    public static partial void NoticesFailed(this ILogger log, Exception exception);

    [LoggerMessage(5040, LogLevel.Warning, "That {By} took the credential {Name} could not be put on record: {Why}")]
    public static partial void UseNotRecorded(this ILogger log, string name, string by, string why);

    [LoggerMessage(5041, LogLevel.Warning, "The secrets of {Count} authenticator apps lie in the store as they are, because there is no key: name one in soar.yaml (credentials.key), and they are encrypted at the next start")]
    public static partial void AuthenticatorsLieOpen(this ILogger log, int count);

    [LoggerMessage(5030, LogLevel.Warning, "What the settings keep no longer was not removed; it is tried again in an hour")]
    public static partial void RetentionFailed(this ILogger log, Exception error);
}
