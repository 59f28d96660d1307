using System.Text.RegularExpressions;
using Soar.Connectors;
using Soar.Server.Accounts;

namespace Soar.Server.Settings;

/// <summary><c>login:</c> of the settings: how people come in besides their password.</summary>
internal sealed partial record LoginSettings
{
    [Setting("Whether people log in with passwords kept here. With false an administrator still does, until one has logged in by a provider: nobody can lock the last one out. Default: true.")]
    public bool Local { get; init; } = true;

    [Setting("Identity providers (OpenID Connect), by a name of your choice (a to z, digits, -), which stands in the address that the provider is told: https://soar.example/api/login/<name>/callback. Default: none.")]
    public IReadOnlyDictionary<string, ProviderSettings> Providers { get; init; } = new Dictionary<string, ProviderSettings>();

    public IEnumerable<string> Problems()
    {
        if (!Local && Providers.Count == 0) yield return "local: is false, and there is no provider: nobody could log in. Name one under login.providers";
        foreach (var (name, provider) in Providers)
        {
            if (!ProviderName().IsMatch(name)) yield return $"providers.{name}: is no name for a provider: 1 to 32 of a to z, digits and -";
            foreach (var problem in provider.Problems()) yield return $"providers.{name}.{problem}";
        }
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,31}$", RegexOptions.None, 1000)]
    private static partial Regex ProviderName();
}

/// <summary>Whom a provider may let in who was not here before.</summary>
internal enum ProviderUsers
{
    /// <summary>Only users that an administrator has made.</summary>
    Known,

    /// <summary>Whoever the roles: let in; the user is made at the first log-in.</summary>
    Create,
}

/// <summary>By what a provider's log-in is held to be that of a user who is here already.</summary>
internal enum ProviderLink
{
    /// <summary>By nothing but the user's own doing: signed in here, they log in there.</summary>
    SignedIn,

    /// <summary>The provider's login name is the one here.</summary>
    Name,

    /// <summary>The provider has verified the mail address, and it is this one user's in people:.</summary>
    VerifiedMail,
}

/// <summary>One of <c>login.providers</c>.</summary>
internal sealed record ProviderSettings
{
    [Setting("What the button on the log-in page says. Default: the provider's name.")]
    public string? Title { get; init; }

    [Setting("The issuer, as the provider's own documents name it; /.well-known/openid-configuration is read below it. https://, or http:// on this very machine.")]
    public required Uri Authority { get; init; }

    [Setting("This server's client id at the provider.")]
    public required string ClientId { get; init; }

    [Setting("The client's secret, by reference: env:NAME or file:path.")]
    public required Secret ClientSecret { get; init; }

    [Setting("What the provider is asked for. Default: openid, profile, email.")]
    public IReadOnlyList<string> Scopes { get; init; } = ["openid", "profile", "email"];

    [Setting("The claim with the login name. Take one that people cannot choose themselves: roles: of the settings go by it. Default: preferred_username.")]
    public string NameClaim { get; init; } = "preferred_username";

    [Setting("The claim with the groups that roles below are given by: a name, or a path such as realm_access.roles. Default: groups.")]
    public string RolesClaim { get; init; } = "groups";

    [Setting("Which roles a group gives: soc-analysts: [analyst]. With any, the provider decides: at each log-in its user has these roles and no others; a group that is not named gives none. Default: none, an administrator gives roles.")]
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Roles { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    [Setting("Who may come in for the first time: known (users that an administrator has made) or create (whoever a group gives a role to). Default: known.")]
    public ProviderUsers Users { get; init; } = ProviderUsers.Known;

    [Setting("How a log-in is linked to a user who is here already: signed-in (they do it themselves, while logged in), name (the login names are the same: only for a directory of your own) or verified-mail (an address that the provider verified is theirs in people:). Default: signed-in.")]
    public ProviderLink Link { get; init; } = ProviderLink.SignedIn;

    [Setting("How far the provider's clock may be off. Default: 1m.")]
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromMinutes(1);

    [Setting("Whether logging out here leads to the provider's own log-out page, where it has one. Default: true.")]
    public bool LogOut { get; init; } = true;

    /// <summary>As issuers are compared: OpenID Connect's documents differ in a last slash only.</summary>
    public string Issuer => Authority.OriginalString.TrimEnd('/');

    public IEnumerable<string> Problems()
    {
        // What is missing or cannot be read was told where it stands.
        if (Authority is not null && (Authority.Query.Length > 0 || Authority.Fragment.Length > 0 || (Authority.Scheme != "https" && !(Authority is { Scheme: "http", IsLoopback: true }))))
            yield return $"authority: '{Authority}' is no issuer: write https://id.example, without ? and #";
        if (ClientId is not null && string.IsNullOrWhiteSpace(ClientId)) yield return "clientId: is empty";
        if (!Scopes.Contains("openid", StringComparer.Ordinal)) yield return "scopes: has no openid, without which a provider says nothing about who somebody is";
        if (string.IsNullOrWhiteSpace(NameClaim)) yield return "nameClaim: is empty";
        if (string.IsNullOrWhiteSpace(RolesClaim)) yield return "rolesClaim: is empty";
        foreach (var (group, roles) in Roles)
        {
            if (roles.Count == 0) yield return $"roles: {group} gives no role; leave it out";
            foreach (var role in roles.Where(role => !Access.Given.Contains(role, StringComparer.Ordinal))) yield return $"roles: {group} gives '{role}', which is no role; there are {string.Join(", ", Access.Given)}";
        }

        if (Users == ProviderUsers.Create && Roles.Count == 0) yield return "users: is create, and roles names no group: nobody would have a role, so nobody could come in";
        if (ClockSkew < TimeSpan.Zero || ClockSkew > TimeSpan.FromMinutes(10)) yield return $"clockSkew: {ClockSkew} is not between 0s and 10m";
    }
}
