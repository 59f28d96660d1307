using System.Text.RegularExpressions;

namespace Soar.Server.Http;

/// <summary>The name under which somebody sends alerts by the API.</summary>
internal static partial class AlertSource
{
    public static bool IsName(string text) => Name().IsMatch(text);

    [GeneratedRegex("^[a-z0-9][a-z0-9._-]{0,59}$", RegexOptions.None, 1000)]
    private static partial Regex Name();
}
