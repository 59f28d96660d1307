using System.Security.Cryptography;
using System.Text;
using Soar.Connectors.Alerts;

namespace Soar.Connectors.Webhook;

/// <summary>Is it signed by who has the secret, and lately? All comparisons take the same time whatever is wrong.</summary>
internal sealed class WebhookSignature(WebhookSettings settings, TimeProvider clock)
{
    /// <summary>Null when it is; else why not, in words that tell a stranger nothing.</summary>
    public string? Refuse(Posted posted)
    {
        if (settings.SigningSecret is not { } secret)
            return null;
        var time = "";
        if (!string.IsNullOrEmpty(settings.TimeHeader))
        {
            time = posted.Request.Headers[settings.TimeHeader].ToString();
            if (AlertMap.ReadTime(time) is not { } at || (clock.GetUtcNow() - at).Duration() > settings.Window)
                return "the signed time is missing, or too far from now";
        }
        var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret.Reveal()), Text(time, posted.Body));
        // A sender that is changing its secret signs with both.
        var matches = false;
        foreach (var given in posted.Request.Headers[settings.SignatureHeader].ToString().Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            matches |= CryptographicOperations.FixedTimeEquals(expected, Bytes(given));
        return matches ? null : "no signature, or a wrong one";
    }

    private byte[] Text(string time, byte[] body)
    {
        using var text = new MemoryStream();
        foreach (var part in settings.SignedText.Replace("{time}", time, StringComparison.Ordinal).Split("{body}").SelectMany((words, index) => index == 0 ? [Encoding.UTF8.GetBytes(words)] : new[] { body, Encoding.UTF8.GetBytes(words) }))
            text.Write(part);
        return text.ToArray();
    }

    private static byte[] Bytes(string given)
    {
        foreach (var prefix in new[] { "sha256=", "v1=", "v0=" })
            if (given.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                given = given[prefix.Length..];
        if (given.Length == 64 && given.All(char.IsAsciiHexDigit))
            return Convert.FromHexString(given);
        var bytes = new byte[given.Length];
        return Convert.TryFromBase64String(given, bytes, out var length) ? bytes[..length] : [];
    }
}
