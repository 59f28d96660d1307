using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Soar.Server.Accounts.OpenId;

/// <summary>The identity token of a provider (OpenID Connect Core 1.0, 3.1.3.7): who it is that logged in there. Throws SOAR6023 for one that does not count, and says why.</summary>
internal static class IdentityToken
{
    private const int LongestSubject = 255;
    private const string Nothing = "nothing";

    /// <summary>Signatures by the provider's own key only: one made with the client's secret, or none, proves nothing.</summary>
    private static readonly string[] Algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false };

    /// <returns>The token's claims.</returns>
    public static async Task<JsonElement> ReadAsync(string? token, string nonce, Provider provider, DateTimeOffset now, CancellationToken cancellation)
    {
        if (string.IsNullOrEmpty(token)) throw Refused(provider, "it sent no identity token");
        var described = await provider.DescribedAsync(cancellation);
        var result = await Handler.ValidateTokenAsync(token, Terms(provider, described, now));
        // Keys are rotated without notice.
        if (result.Exception is SecurityTokenSignatureKeyNotFoundException or SecurityTokenInvalidSignatureException)
            result = await Handler.ValidateTokenAsync(token, Terms(provider, await provider.RenewedAsync(described, cancellation), now));
        if (!result.IsValid) throw Refused(provider, Why(result.Exception, token, provider, now), result.Exception);
        var claims = Claims(token);
        Check(claims, nonce, provider);
        return claims;
    }

    private static TokenValidationParameters Terms(Provider provider, OpenIdConnectConfiguration described, DateTimeOffset now) => new()
    {
        ValidIssuer = described.Issuer,
        ValidAudience = provider.Settings.ClientId,
        IssuerSigningKeys = described.SigningKeys,
        ValidAlgorithms = Algorithms,
        RequireSignedTokens = true,
        RequireExpirationTime = true,
        ClockSkew = provider.Settings.ClockSkew,
        // By our clock. The skew is taken from now: the ends of time, which stand for nothing, have nothing beyond them.
        LifetimeValidator = (from, until, _, terms) => until is { } end && now - terms.ClockSkew < new DateTimeOffset(end, TimeSpan.Zero) && (from is not { } begin || now + terms.ClockSkew >= new DateTimeOffset(begin, TimeSpan.Zero)),
    };

    private static void Check(JsonElement claims, string nonce, Provider provider)
    {
        if (Text(claims, "nonce") != nonce) throw Refused(provider, "its nonce is not the one of this log-in");
        var several = claims.TryGetProperty("aud", out var audience) && audience.ValueKind == JsonValueKind.Array && audience.GetArrayLength() > 1;
        if (Text(claims, "azp") is var party && party != provider.Settings.ClientId && (party is not null || several)) throw Refused(provider, $"it was issued to '{party}', not to this server");
        if (Text(claims, "sub") is not { Length: > 0 and <= LongestSubject }) throw Refused(provider, "it does not say whose it is (sub)");
    }

    private static string Why(Exception? error, string token, Provider provider, DateTimeOffset now) => error switch
    {
        SecurityTokenInvalidAudienceException => $"it is for '{Short(token, "aud")}', not for this server ('{provider.Settings.ClientId}')",
        SecurityTokenInvalidIssuerException => $"its issuer is '{Short(token, "iss")}'",
        SecurityTokenInvalidLifetimeException when Short(token, "exp") == Nothing => "it never expires",
        SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException or SecurityTokenNotYetValidException => $"it counts until {Short(token, "exp")} (Unix time) and it is {now.ToUnixTimeSeconds()} here: look at both clocks, and at clockSkew",
        SecurityTokenInvalidAlgorithmException => "it is signed in a way that is not accepted",
        SecurityTokenSignatureKeyNotFoundException => "it is signed with a key that the provider does not publish",
        SecurityTokenInvalidSignatureException => "its signature is not the provider's",
        _ => $"it cannot be read ({error?.GetType().Name})",
    };

    /// <summary>A claim of a token that does not count, for the message.</summary>
    private static string Short(string token, string claim)
    {
        try
        {
            var text = Claims(token).TryGetProperty(claim, out var value) ? value.ToString() : Nothing;
            return text.Length > 100 ? text[..100] + "…" : text;
        }
        catch (Exception unreadable) when (unreadable is JsonException or ArgumentException or FormatException)
        {
            return "?";
        }
    }

    private static JsonElement Claims(string token)
    {
        using var payload = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(new JsonWebToken(token).EncodedPayload));
        return payload.RootElement.Clone();
    }

    public static string? Text(JsonElement claims, string name) => claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public static SoarException Refused(Provider provider, string why, Exception? error = null) => new("SOAR6023", $"What the identity provider '{provider.Name}' says about who logged in does not count: {why}. Nobody was logged in.", error);
}
