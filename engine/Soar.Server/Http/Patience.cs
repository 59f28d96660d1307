using System.Globalization;
using Soar.Server.Accounts;

namespace Soar.Server.Http;

/// <summary>How long a sender waits for how it ended (<c>wait</c>, in seconds).</summary>
internal static class Patience
{
    /// <summary>Longer ones are cut by whatever lies in between, and hold a connection each.</summary>
    public const int Most = 60;

    /// <summary>Null = it does not wait. Throws SOAR6007, and SOAR6002 for a caller that may not see runs: what is answered is what it would read there.</summary>
    public static TimeSpan? Of(int? wait, Caller caller) => wait switch
    {
        null => null,
        < 1 or > Most => throw new SoarException("SOAR6007", string.Create(CultureInfo.InvariantCulture, $"'wait' cannot be '{wait}': it is a number of seconds, 1 to {Most}. What takes longer is looked at with GET /api/runs/{{id}}.")),
        _ when !caller.May.Contains(Permission.ReadRuns) => throw new SoarException("SOAR6002", $"{caller.Name} may not wait for what comes of it: it needs ReadRuns. Without 'wait' it is taken."),
        { } seconds => TimeSpan.FromSeconds(seconds),
    };
}
