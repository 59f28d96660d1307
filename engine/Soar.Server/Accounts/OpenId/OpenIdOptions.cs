using Microsoft.AspNetCore.Authentication.OAuth;

namespace Soar.Server.Accounts.OpenId;

/// <summary>The framework's options for one provider. Its addresses come from the provider's own document, at the time they are needed.</summary>
internal sealed class OpenIdOptions : OAuthOptions
{
    public Provider Provider { get; set; } = null!;

    /// <summary>Where people's browsers reach this server, where the settings say so (<c>notify.address</c>); null = as the request names it.</summary>
    public Uri? Address { get; set; }

    /// <summary>The framework asks for the addresses at once, and without a scheme to sign in with it refuses nothing.</summary>
    public override void Validate()
    {
    }
}
