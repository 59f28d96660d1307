using Soar.Runs;

namespace Soar.Server.Display;

/// <summary>An id as people see it: its end. Its beginning is the time, which neighbours share; commands take this part as they take the whole.</summary>
internal static class ShortId
{
    public static string Of(RunId id) => Of(id.Value);

    public static string Of(QuestionId id) => Of(id.Value);

    public static string Of(Guid id) => id.ToString("N")[^8..];
}
