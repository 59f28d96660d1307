using Quartz;

namespace Soar.Scripting.Compile;

/// <summary>Whether a header's cron expression is one, told by the parser that will fire it. Only a header that has one loads Quartz.</summary>
internal static class CronText
{
    private static readonly DateTimeOffset LongAgo = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>What is wrong with it; null when nothing is.</summary>
    public static string? Problem(string cron)
    {
        if (cron.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length is var fields and not (6 or 7)) return $"it has {fields} field{(fields == 1 ? "" : "s")}.";
        try
        {
            return CronExpression.Parse(cron).GetNextValidTimeAfter(LongAgo) is null ? "it never comes." : null;
        }
        catch (FormatException refused)
        {
            return refused.Message.TrimEnd('.') + ".";
        }
    }
}
