using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Soar.Connectors.Alerts;

/// <summary>How a sender signs what it posts: HMAC with SHA-256 over the body, or over time and body.</summary>
/// <param name="Header">Holds the signature in hexadecimal or Base64, after <c>sha256=</c>, <c>v1=</c> or <c>v0=</c> where the sender writes that.</param>
/// <param name="TimeHeader">Holds the time of signing, Unix or ISO 8601; null when none is signed.</param>
/// <param name="Signed">What is signed: a text with <c>{time}</c> and <c>{body}</c>; null: <c>{body}</c>, with a time header <c>{time}.{body}</c>.</param>
/// <param name="Window">How much older or newer than now a signed time may be.</param>
public sealed record BodySignature(Secret? Secret, string Header, string? TimeHeader, string? Signed, TimeSpan Window)
{
    internal const int ShortestSecret = WebSourceSettings.ShortestSecret;

    private string Text => Signed ?? (string.IsNullOrEmpty(TimeHeader) ? "{body}" : "{time}.{body}");

    /// <summary>What is wrong with it as settings, each with its field.</summary>
    public IEnumerable<string> Problems()
    {
        if (Secret is not null && Secret.Reveal().Length < ShortestSecret)
            yield return $"signingSecret: is shorter than {ShortestSecret} characters; make one with: openssl rand -hex 24";
        if (Secret is not null && string.IsNullOrWhiteSpace(Header))
            yield return "signatureHeader: is empty; name the header that holds the signature";
        if (TimeHeader is not null && Secret is null)
            yield return "timeHeader: a time proves nothing unless it is signed; set signingSecret too";
        if (!Text.Contains("{body}", StringComparison.Ordinal))
            yield return "signed: has no {body} in it; a signature of anything else says nothing about what was posted";
        if (!string.IsNullOrEmpty(TimeHeader) != Text.Contains("{time}", StringComparison.Ordinal))
            yield return "signed: {time} and timeHeader belong together; a time that is not signed can be changed by anybody";
        if (Window <= TimeSpan.Zero)
            yield return $"window: {Window} is no duration above zero; write for example 5m";
    }

    /// <summary>Is it signed by who has the secret, and lately? Null when it is; else why not, in words that tell a stranger nothing. All comparisons take the same time whatever is wrong.</summary>
    public string? Refuse(IHeaderDictionary headers, byte[] body, TimeProvider clock)
    {
        if (Secret is not { } secret)
            return null;
        var time = "";
        if (!string.IsNullOrEmpty(TimeHeader))
        {
            time = headers[TimeHeader].ToString();
            if (AlertMap.ReadTime(time) is not { } at || (clock.GetUtcNow() - at).Duration() > Window)
                return "the signed time is missing, or too far from now";
        }
        var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret.Reveal()), Message(time, body));
        // A sender that is changing its secret signs with both.
        var matches = false;
        foreach (var given in headers[Header].ToString().Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            matches |= CryptographicOperations.FixedTimeEquals(expected, Bytes(given));
        return matches ? null : "no signature, or a wrong one";
    }

    private byte[] Message(string time, byte[] body)
    {
        using var text = new MemoryStream();
        foreach (var part in Text.Replace("{time}", time, StringComparison.Ordinal).Split("{body}").SelectMany((words, index) => index == 0 ? [Encoding.UTF8.GetBytes(words)] : new[] { body, Encoding.UTF8.GetBytes(words) }))
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
