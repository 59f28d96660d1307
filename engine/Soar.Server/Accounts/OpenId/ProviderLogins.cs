using Soar.Server.Settings;
using Soar.Storage;

namespace Soar.Server.Accounts.OpenId;

/// <summary>
/// What a provider's word is worth here. A person is known by issuer and subject and by nothing else; a log-in is linked to a user as <c>login.providers.*.link</c> says, and never by a mail
/// address that nobody has verified. Nobody comes in without a role.
/// </summary>
internal sealed class ProviderLogins(AccountStore accounts, LoginStore logins, Logins names, SoarSettings settings, Ids ids, TimeProvider clock)
{
    /// <summary>Begins a session for whoever this is here. Throws SOAR6024 to SOAR6027 where nobody is to be let in.</summary>
    public async Task<ProviderSession> SignInAsync(ProviderSignInCall call)
    {
        var (found, provider, now) = (call.Found, settings.Login.Providers[call.Found.Provider], clock.GetUtcNow());
        IReadOnlyList<string>? mapped = provider.Roles.Count == 0 ? null : [.. provider.Roles.Where(role => found.Groups.Contains(role.Key, StringComparer.Ordinal)).SelectMany(role => role.Value).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        var owner = await logins.OwnerAsync(found.Issuer, found.Subject);
        var user = call.LinkTo is { } self ? await LinkAsync(found, self, owner) : owner is { } known ? await accounts.FindAsync(known) : await MeetAsync(found, provider, mapped ?? []);
        if (user!.DisabledAt is not null) throw new SoarException("SOAR6025", $"The account {user.Name} is disabled. An administrator enables it again.");
        var kept = false;
        if (mapped is not null && !mapped.Order(StringComparer.Ordinal).SequenceEqual(user.Roles.Order(StringComparer.Ordinal), StringComparer.Ordinal))
        {
            // Whoever is the last administrator stays one, whatever the provider says: somebody must be able to set it right.
            kept = !await accounts.ChangeAsync(user.Id, user.DisplayName, mapped, user.Sight, null, Access.Administrator);
            user = kept ? user : user with { Roles = mapped };
        }

        if (Access.Of(user, settings.Roles).Count == 0)
            throw new SoarException("SOAR6026", $"{user.Name} has no role here, so there is nothing to come in for. {(mapped is null ? "An administrator gives roles." : $"None of the groups that '{found.Provider}' names for them gives one (login.providers.{found.Provider}.roles).")}");
        var value = OneTime.Make();
        if (!await accounts.BeginAsync(new LoginSession(OneTime.Hash(value), user.Id, call.Origin, now, now, now + settings.Http.SessionLength, found.Provider), totpStep: null))
            throw new SoarException("SOAR6025", $"The account {user.Name} is disabled. An administrator enables it again.");
        await logins.SeenAsync(found.Issuer, found.Subject, now);
        return new ProviderSession(value, user.Name, user.Roles, Made: owner is null && user.CreatedBy == By(found), Linked: owner is null, KeptAdministrator: kept);
    }

    public async Task<bool> RemoveAsync(RemoveLoginCall call)
    {
        var user = await accounts.FindAsync(call.Name.Trim().ToLowerInvariant()) ?? throw new NotFoundException("user", call.Name, "'soar users' lists them.");
        return await logins.RemoveAsync(user.Id, call.Provider) ? true : throw new NotFoundException("log-in", $"{user.Name} at {call.Provider}", "'soar users' lists them.");
    }

    /// <summary>Somebody who is logged in has logged in there as well: both are the same person.</summary>
    private async Task<User> LinkAsync(Identified found, Guid self, Guid? owner)
    {
        var user = await accounts.FindAsync(self) ?? throw Unknown(found, "the account that it was to be linked to is gone");
        if (owner == self) return user;
        if (owner is not null || user.DisabledAt is not null || !await logins.LinkAsync(Of(found, user.Id)))
            throw new SoarException("SOAR6027", $"This log-in of '{found.Provider}' cannot be linked to {user.Name}: {(owner is not null ? "it is somebody else's here" : $"{user.Name} has another one there already")}. An administrator takes the other one away first ('soar users unlink').");
        return user;
    }

    /// <summary>Somebody who was never here by this provider.</summary>
    private async Task<User> MeetAsync(Identified found, ProviderSettings provider, IReadOnlyList<string> roles)
    {
        if (await SameAsync(found, provider) is { } same)
        {
            if (same.DisabledAt is null && !await logins.LinkAsync(Of(found, same.Id))) throw Taken(found, same.Name);
            return same;
        }

        if (provider.Users != ProviderUsers.Create) throw Unknown(found, "no user here is linked to it, and only known ones may come in. Whoever has a password here logs in with it and then links this log-in; or an administrator makes the user");
        if (found.Name is null) throw Unknown(found, $"the provider names no login name (claim {provider.NameClaim})");
        if (roles.Count == 0) throw new SoarException("SOAR6026", $"{VisibleText.Line(found.Name)} has no role here, so no user was made: none of the groups that '{found.Provider}' names for them gives one (login.providers.{found.Provider}.roles).");
        if (!roles.Contains(Access.Administrator, StringComparer.Ordinal) && !await accounts.AnyAsync()) throw Unknown(found, "this server has no user yet. The first one is an administrator: set one up with the code that 'soar serve' prints");
        var name = names.Usable(found.Name, roles);
        var user = new User(ids.Next(), name, found.DisplayName is { Length: <= 128 } shown ? VisibleText.Line(shown) : name, roles, null, null, 0, null, null, clock.GetUtcNow(), By(found));
        return await logins.AddUserAsync(user, Of(found, user.Id)) ? user : throw Taken(found, name);
    }

    /// <summary>Who of those here it is, by the rule that the settings take; nobody where they take none.</summary>
    private async Task<User?> SameAsync(Identified found, ProviderSettings provider)
    {
        if (provider.Link == ProviderLink.Name) return found.Name is { } name ? await accounts.FindAsync(name.Trim().ToLowerInvariant()) : null;
        if (provider.Link != ProviderLink.VerifiedMail || found.Mail is not { } mail) return null;
        var bearers = settings.People.Where(person => person.Value.Mail?.ToString().Equals(mail, StringComparison.OrdinalIgnoreCase) == true).Select(person => person.Key.ToLowerInvariant()).Distinct(StringComparer.Ordinal).ToList();
        // An address of several people is nobody's.
        return bearers is [var one] ? await accounts.FindAsync(one) : null;
    }

    private Login Of(Identified found, Guid user) => new(found.Issuer, found.Subject, user, found.Provider, clock.GetUtcNow(), clock.GetUtcNow());

    private static string By(Identified found) => $"provider {found.Provider}";

    private static SoarException Unknown(Identified found, string why) => new("SOAR6024", $"Nobody here logs in as '{VisibleText.Line(found.Name ?? found.Subject)}' of '{found.Provider}': {why}.");

    private static SoarException Taken(Identified found, string name) => new("SOAR6027", $"There is a user {name} here who is not linked to this log-in of '{found.Provider}'. If it is the same person, they log in with their password and link it; else an administrator sees to the names.");
}
