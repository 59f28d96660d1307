using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Soar.Connectors.Alerts;

/// <summary>The token that a sender shows: as Bearer token, or as password of HTTP Basic with any user.</summary>
public static class SenderToken
{
    /// <summary>Whether this one is shown, or none is asked for. The comparison takes the same time whatever is wrong.</summary>
    public static bool IsShown(Secret? token, IHeaderDictionary headers)
    {
        if (token is null)
            return true;
        if (!AuthenticationHeaderValue.TryParse(headers.Authorization, out var header) || header.Parameter is not { } given)
            return false;
        if (header.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase))
        {
            var bytes = new byte[given.Length];
            if (!Convert.TryFromBase64String(given, bytes, out var length))
                return false;
            given = Encoding.UTF8.GetString(bytes, 0, length);
            given = given[(given.IndexOf(':') + 1)..];
        }
        return CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), SHA256.HashData(Encoding.UTF8.GetBytes(token.Reveal())));
    }

    /// <summary>What is wrong with it as a setting.</summary>
    public static IEnumerable<string> Problems(Secret? token)
    {
        if (token is not null && token.Reveal().Length < WebSourceSettings.ShortestSecret)
            yield return $"token: is shorter than {WebSourceSettings.ShortestSecret} characters; make one with: openssl rand -hex 24";
    }
}
