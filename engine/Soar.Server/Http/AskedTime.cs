using System.Globalization;

namespace Soar.Server.Http;

/// <summary>A time that a request asks about: one that there were, or will be, servers at. Days before and after it can be reckoned.</summary>
internal static class AskedTime
{
    public static DateTimeOffset Of(string field, DateTimeOffset time) => time.Year is >= 1970 and < 3000
        ? time
        : throw new SoarException("SOAR6007", string.Create(CultureInfo.InvariantCulture, $"'{field}' cannot be '{time.UtcDateTime:yyyy-MM-dd}': it is a time from 1970 to 2999."));
}
