using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OAuth;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Soar.Server.Accounts.OpenId;

/// <summary>
/// OpenID Connect's authorization code flow with PKCE, on the framework's OAuth handler: that one keeps state, correlation cookie and code verifier; here the provider's document, nonce, identity
/// token and userinfo are added. Who logged in is in the ticket's <see cref="Found"/>; what becomes of it is the server's (<see cref="Http.ProvidersApi"/>).
/// </summary>
internal sealed class OpenIdHandler(IOptionsMonitor<OpenIdOptions> options, ILoggerFactory log, UrlEncoder encoder) : OAuthHandler<OpenIdOptions>(options, log, encoder)
{
    /// <summary>Of the properties that travel in the (encrypted) state: the user who is logged in and wants this log-in linked.</summary>
    public const string LinkTo = "soar.link";

    private const string Nonce = "soar.nonce";

    /// <summary>Of the ticket's properties: <see cref="Identified"/>.</summary>
    public const string Found = "soar.identified";

    private OpenIdConnectConfiguration? described;

    private Provider Provider => Options.Provider;

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        described = await Provider.DescribedAsync(Context.RequestAborted);
        properties.ExpiresUtc = TimeProvider.GetUtcNow() + Options.RemoteAuthenticationTimeout;
        properties.Items[Nonce] = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        await base.HandleChallengeAsync(properties);
    }

    protected override string BuildChallengeUrl(AuthenticationProperties properties, string redirectUri)
    {
        var query = new Uri(base.BuildChallengeUrl(properties, Own(redirectUri))).Query;
        var asked = QueryHelpers.ParseQuery(query).ToDictionary(part => part.Key, part => (string?)part.Value.ToString(), StringComparer.Ordinal);
        asked["nonce"] = properties.Items[Nonce];
        return QueryHelpers.AddQueryString(described!.AuthorizationEndpoint, asked);
    }

    /// <summary>The framework's refusals are told by what they mean.</summary>
    protected override async Task<HandleRequestResult> HandleRemoteAuthenticateAsync()
    {
        var issuer = Request.Query["iss"].ToString();
        if (issuer.Length > 0 && issuer.TrimEnd('/') != Provider.Settings.Issuer) return HandleRequestResult.Fail(NotOurs());
        var result = await base.HandleRemoteAuthenticateAsync();
        if (result.Failure is null or SoarException) return result;
        return HandleRequestResult.Fail(Request.Query["error"].ToString() is { Length: > 0 } error && result.Properties is not null ? ProviderRefused(error, Request.Query["error_description"]) : NotOurs());
    }

    /// <summary>As OpenID Connect wants it where nothing else was agreed on: the client shows its secret in the header (RFC 6749, 2.3.1); in the body only where the provider takes it no other way.</summary>
    protected override async Task<OAuthTokenResponse> ExchangeCodeAsync(OAuthCodeExchangeContext context)
    {
        var settings = Provider.Settings;
        described = await Provider.DescribedAsync(Context.RequestAborted);
        var form = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["grant_type"] = "authorization_code", ["code"] = context.Code, ["redirect_uri"] = Own(context.RedirectUri), ["code_verifier"] = context.Properties.Items[OAuthConstants.CodeVerifierKey] ?? "",
        };
        var ways = described.TokenEndpointAuthMethodsSupported;
        using var request = new HttpRequestMessage(HttpMethod.Post, described.TokenEndpoint);
        if (ways.Count > 0 && !ways.Contains("client_secret_basic"))
        {
            form["client_id"] = settings.ClientId;
            form["client_secret"] = settings.ClientSecret.Reveal();
        }
        else
        {
            request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(settings.ClientId)}:{Uri.EscapeDataString(settings.ClientSecret.Reveal())}")));
        }

        request.Content = new FormUrlEncodedContent(form);
        var (ok, answer) = await AskAsync(request);
        if (ok) return OAuthTokenResponse.Success(answer);
        using (answer) throw ProviderRefused(IdentityToken.Text(answer.RootElement, "error") ?? "no reason", IdentityToken.Text(answer.RootElement, "error_description"));
    }

    protected override async Task<AuthenticationTicket> CreateTicketAsync(ClaimsIdentity identity, AuthenticationProperties properties, OAuthTokenResponse tokens)
    {
        if (properties.ExpiresUtc is not { } until || TimeProvider.GetUtcNow() >= until) throw NotOurs();
        var claims = await IdentityToken.ReadAsync(IdentityToken.Text(tokens.Response!.RootElement, "id_token"), properties.Items[Nonce] ?? "", Provider, TimeProvider.GetUtcNow(), Context.RequestAborted);
        properties.SetParameter(Found, Identified.Of(Provider, claims, await UserInfoAsync(claims, tokens.AccessToken)));
        return new AuthenticationTicket(new ClaimsPrincipal(identity), properties, Scheme.Name);
    }

    /// <summary>Many providers keep name, mail and groups out of the token. What is said about somebody else does not count (Core 1.0, 5.3.2).</summary>
    private async Task<JsonElement?> UserInfoAsync(JsonElement claims, string? accessToken)
    {
        if (!Provider.IsSafe(described!.UserInfoEndpoint) || accessToken is null) return null;
        using var request = new HttpRequestMessage(HttpMethod.Get, described.UserInfoEndpoint);
        request.Headers.Authorization = new("Bearer", accessToken);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        var (ok, answer) = await AskAsync(request);
        using (answer)
        {
            if (!ok) throw Provider.Failed("did not tell about the user (userinfo_endpoint)");
            if (IdentityToken.Text(answer.RootElement, "sub") != IdentityToken.Text(claims, "sub")) throw IdentityToken.Refused(Provider, "its userinfo_endpoint speaks of somebody else");
            return answer.RootElement.Clone();
        }
    }

    private async Task<(bool Ok, JsonDocument Answer)> AskAsync(HttpRequestMessage request)
    {
        try
        {
            using var response = await Provider.Client.SendAsync(request, Context.RequestAborted);
            var answer = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(Context.RequestAborted));
            if (answer.RootElement.ValueKind != JsonValueKind.Object) throw Provider.Failed("answered with something else than expected");
            return (response.IsSuccessStatusCode, answer);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or JsonException || (error is OperationCanceledException && !Context.RequestAborted.IsCancellationRequested))
        {
            throw Provider.Failed("did not answer, or not in JSON", error);
        }
    }

    private string Own(string redirectUri) => Options.Address is { } address ? new Uri(address, new Uri(redirectUri).AbsolutePath).ToString() : redirectUri;

    private SoarException NotOurs() => new("SOAR6021", $"This answer of the identity provider '{Provider.Name}' belongs to no log-in that was begun in this browser: it is another one's, was used already, is older than {Options.RemoteAuthenticationTimeout.TotalMinutes:0} minutes, or the server was started anew meanwhile. Begin again at the log-in page.");

    private SoarException ProviderRefused(string error, string? description)
    {
        var words = description is { Length: > 0 } ? $"{error}: {description}" : error;
        return new("SOAR6022", $"The identity provider '{Provider.Name}' refused: {VisibleText.Line(words.Length > 300 ? words[..300] + "…" : words)}. Begin again at the log-in page; if it stays so, ask whoever runs the provider.");
    }
}
