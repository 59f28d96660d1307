using System.Text.RegularExpressions;
using Soar.Server.Credentials;
using Soar.Server.Http;
using Soar.Server.Settings;
using Soar.Storage;

namespace Soar.Server.Accounts;

/// <summary>People log in, and programs with their tokens. There is no default password: the first user is set up with a code that only whoever starts the server sees.</summary>
internal sealed partial class Logins(AccountStore store, LoginStore providers, CredentialVault vault, SoarSettings settings, Ids ids, TimeProvider clock)
{
    private static readonly TimeSpan CodeLife = TimeSpan.FromHours(24), SeenEvery = TimeSpan.FromMinutes(1), LongestToken = TimeSpan.FromDays(366);
    private const string NotIn = "Name, password or code is wrong, or the account is disabled, or locked for a while after too many failures.";

    private string? setUpHash;

    /// <summary>While there is no user: a new code with which the first one is set up, valid as long as this process lives. Null when there is one.</summary>
    public async Task<string?> OfferSetUpAsync()
    {
        if (await store.AnyAsync()) return null;
        var code = OneTime.Make();
        setUpHash = OneTime.Hash(code);
        return code;
    }

    /// <summary>Makes the first user, an administrator.</summary>
    public async Task<string> SetUpAsync(SetUpCall call)
    {
        if (setUpHash is null || !OneTime.Is(call.Code, setUpHash))
            throw new SoarException("SOAR6012", "This set-up code is not valid. 'soar serve' prints one while there is no user; with one, an administrator makes others.");
        var name = Name(call.Name, [Access.Administrator], call.Password);
        var user = new User(ids.Next(), name, Shown(call.DisplayName, name), [Access.Administrator], Passwords.Hash(call.Password), null, 0, null, null, clock.GetUtcNow(), name) { Sight = Grant.Everything };
        if (!await store.AddAsync(user, first: true, code: null, codeUntil: null))
            throw new SoarException("SOAR6012", "There is a user already: set-up is over. An administrator makes others.");
        setUpHash = null;
        return name;
    }

    /// <summary>Begins a session; what is returned is the browser's, and kept nowhere.</summary>
    public async Task<string> SignInAsync(SignInCall call)
    {
        var (now, user) = (clock.GetUtcNow(), await store.FindAsync(Lower(call.Name)));
        var locked = user?.LockedUntil > now;
        // The password is checked in any case, so that the time it takes tells nothing.
        var right = Passwords.IsRight(user?.Password, call.Password);
        if (user is null || locked || user.DisabledAt is not null) throw new SoarException("SOAR6003", NotIn);
        if (right && user.Totp is not null && string.IsNullOrEmpty(call.Totp)) throw new SoarException("SOAR6005", "This account asks for the code of its authenticator app too.");
        var step = !right || user.Totp is null || call.Totp is null ? null : Totp.Match(vault.OpenAuthenticator(user.Id, user.Totp), call.Totp, now, user.TotpStep);
        if (!right || (user.Totp is not null && step is null))
        {
            await store.FailedAsync(user.Id, settings.Http.LockAfter, now + settings.Http.LockFor);
            throw new SoarException("SOAR6003", NotIn);
        }

        if (!settings.Login.Local && !await MayStillAsync(user)) throw new SoarException("SOAR6028", "Logging in with a password is switched off here (login.local): take a button of the log-in page.");
        var value = OneTime.Make();
        var began = await store.BeginAsync(new LoginSession(OneTime.Hash(value), user.Id, call.Origin, now, now, now + settings.Http.SessionLength, Provider: null), step);
        return began ? value : throw new SoarException("SOAR6003", NotIn);
    }

    /// <summary>Where passwords are switched off, an administrator's counts until one has logged in by a provider that the settings still name.</summary>
    private async Task<bool> MayStillAsync(User user) =>
        user.Roles.Contains(Access.Administrator, StringComparer.Ordinal) && !await providers.AnyAsync(Access.Administrator, [.. settings.Login.Providers.Values.Select(p => p.Issuer)]);

    /// <summary>The login name as it would be kept. Throws SOAR6013 where it cannot be one.</summary>
    public string Usable(string name, IReadOnlyList<string> roles) => Name(name, roles, password: null);

    public Task<bool> SignOutAsync(SignOutCall call) => store.EndAsync(call.Session);

    /// <summary>A user without a password, and the code with which they set one.</summary>
    public async Task<OfferedCode> AddUserAsync(AddUserCall call)
    {
        var name = Name(call.Name, call.Roles, password: null);
        var (code, now) = (OneTime.Make(), clock.GetUtcNow());
        var user = new User(ids.Next(), name, Shown(call.DisplayName, name), [.. call.Roles.Distinct(StringComparer.Ordinal)], null, null, 0, null, null, now, call.By) { Sight = Usable(call.Sight) };
        if (!await store.AddAsync(user, first: false, OneTime.Hash(code), now + CodeLife))
            throw new SoarException("SOAR6014", $"There is a user '{name}' already. Names are never used again, so that the record stays clear: take another.");
        return new OfferedCode(name, code, now + CodeLife);
    }

    public async Task<bool> ChangeUserAsync(ChangeUserCall call)
    {
        var user = await FindAsync(call.Name);
        if (call.Roles is { } given) _ = Name(user.Name, given, password: null);
        var disabledAt = call.Disabled is { } disabled ? disabled ? user.DisabledAt ?? clock.GetUtcNow() : null : user.DisabledAt;
        return await store.ChangeAsync(user.Id, call.DisplayName is null ? user.DisplayName : Shown(call.DisplayName, user.Name), call.Roles ?? user.Roles, Usable(call.Sight) ?? user.Sight, disabledAt, Access.Administrator)
            ? true
            : throw new SoarException("SOAR6015", $"{user.Name} is the last enabled administrator. Make another one first.");
    }

    /// <summary>A new code with which this user sets a (new) password; the present one counts until then.</summary>
    public async Task<OfferedCode> OfferCodeAsync(OfferCodeCall call)
    {
        var (user, code, until) = (await FindAsync(call.Name), OneTime.Make(), clock.GetUtcNow() + CodeLife);
        await store.PutCodeAsync(user.Id, OneTime.Hash(code), until);
        return new OfferedCode(user.Name, code, until);
    }

    public async Task<string> SetPasswordAsync(SetPasswordCall call)
    {
        if (Passwords.Problem(call.Password, "") is { } problem) throw Unusable(problem);
        return (await store.UseCodeAsync(OneTime.Hash(call.Code), Passwords.Hash(call.Password), clock.GetUtcNow()))?.Name
            ?? throw new SoarException("SOAR6012", "This code is not valid any more, or never was. Ask an administrator for a new one.");
    }

    /// <summary>From now on this user's log-in asks for the authenticator app's code too.</summary>
    public async Task<bool> SetTotpAsync(SetTotpCall call)
    {
        var user = await FindAsync(call.Name);
        if (!Passwords.IsRight(user.Password, call.Password)) throw new SoarException("SOAR6003", NotIn);
        if (!Totp.IsSecret(call.Secret)) throw Unusable("the secret is none that GET /api/me/totp gives");
        return Totp.Match(call.Secret, call.Code, clock.GetUtcNow(), usedStep: 0) is { } step
            ? await store.PutTotpAsync(user.Id, vault.Keys.Seal(CredentialVault.AuthenticatorOf(user.Id), call.Secret), step)
            : throw new SoarException("SOAR6003", "This is not the code that the authenticator app shows now. Look at its clock, and that it has this secret.");
    }

    public async Task<bool> RemoveTotpAsync(RemoveTotpCall call) => await store.PutTotpAsync((await FindAsync(call.Name)).Id, null, 0);

    public async Task<MadeToken> AddTokenAsync(AddTokenCall call)
    {
        var (user, now) = (await FindAsync(call.User), clock.GetUtcNow());
        var mine = Access.Of(user, settings.Roles);
        var problems = new List<string>();
        if (call.Name.Trim().Length is 0 or > 64) problems.Add("the token's name must have 1 to 64 characters");
        if (call.Scopes.Count == 0) problems.Add("the token may do nothing: name its scopes");
        problems.AddRange(call.Scopes.Where(s => !IsScope(s)).Select(s => $"'{s}' is no scope; there are {string.Join(", ", Scopes)}"));
        problems.AddRange(call.Scopes.Where(s => IsScope(s) && !mine.Contains(Enum.Parse<Permission>(s))).Select(s => $"{user.Name} may not {s}, so a token cannot either"));
        if (call.ExpiresAt <= now || call.ExpiresAt > now + LongestToken) problems.Add($"it must expire within {LongestToken.Days} days");
        if (call.Source is not null && !AlertSource.IsName(call.Source)) problems.Add($"'{call.Source}' is no name of a source: 1 to 60 letters a to z, digits and . _ -");
        if (call.Source is not null && !call.Scopes.Contains(nameof(Permission.SendAlerts), StringComparer.Ordinal)) problems.Add("a source is of no use without the scope SendAlerts");
        if (problems.Count > 0) throw Unusable(string.Join("; ", problems));
        var value = $"soar_{OneTime.Make()}";
        var token = new ApiToken(ids.Next(), user.Id, call.Name.Trim(), [.. call.Scopes.Distinct(StringComparer.Ordinal)], now, call.ExpiresAt, null, call.Source) { Sight = Usable(call.Sight) };
        return await store.AddTokenAsync(token, OneTime.Hash(value)) ? new MadeToken(token.Id, value) : throw new SoarException("SOAR6014", $"{user.Name} has a token '{token.Name}' already.");
    }

    public async Task<bool> RevokeTokenAsync(RevokeTokenCall call) => await store.RevokeAsync((await FindAsync(call.User)).Id, call.Token)
        ? true
        : throw new NotFoundException("token", call.Token.ToString(), "GET /api/tokens lists yours.");

    /// <summary>What a token can be made for. Tokens never make tokens.</summary>
    public static IReadOnlyList<string> Scopes { get; } = [.. Enum.GetValues<Permission>().Where(p => p != Permission.ManageTokens).Select(p => p.ToString())];

    /// <summary>Who shows this value of a session; null when it is none, or over.</summary>
    /// <param name="used">False: only looked at; the session grows old as if it had not been.</param>
    public async Task<(User User, string Session)?> OfSessionAsync(string value, bool used = true)
    {
        var (hash, now) = (OneTime.Hash(value), clock.GetUtcNow());
        if (await store.SessionAsync(hash) is not var (session, user) || now >= session.EndsAt || now >= session.SeenAt + settings.Http.SessionIdle) return null;
        if (used && now >= session.SeenAt + SeenEvery) await store.SeenAsync(hash, now);
        return (user, hash);
    }

    /// <summary>Who shows this token; null when it is none, or has expired.</summary>
    public async Task<(User User, ApiToken Token)?> OfTokenAsync(string value)
    {
        var now = clock.GetUtcNow();
        if (await store.TokenAsync(OneTime.Hash(value)) is not var (token, user) || now >= token.ExpiresAt) return null;
        if (token.UsedAt is null || now >= token.UsedAt + SeenEvery) await store.TokenUsedAsync(token.Id, now);
        return (user, token);
    }

    private static bool IsScope(string text) => Scopes.Contains(text, StringComparer.Ordinal);

    private async Task<User> FindAsync(string name) => await store.FindAsync(Lower(name)) ?? throw new NotFoundException("user", name, "'soar users' lists them.");

    /// <summary>Throws SOAR6013 for what is no folder.</summary>
    private static Grant? Usable(Grant? sight) => sight?.See.Concat(sight.Run).Concat(sight.Edit).FirstOrDefault(folder => !SightSettings.IsFolder(folder)) is { } wrong
        ? throw Unusable($"'{wrong}' is no folder of playbooks: name it as it lies in the playbooks' folder (containment, containment/network), or '*', or '.'")
        : sight;

    /// <summary>The login name as it is kept. Throws SOAR6013 with everything that is wrong.</summary>
    private string Name(string given, IReadOnlyList<string> roles, string? password)
    {
        var name = Lower(given);
        var problems = new List<string>();
        if (!LoginName().IsMatch(name)) problems.Add("a login name has 1 to 64 letters (a to z), digits and . _ @ -, and begins with a letter or digit");
        // Whoever bears a role's name would count as its holder.
        else if (name == "soar" || Access.Table.ContainsKey(name) || settings.Roles.Keys.Contains(name, StringComparer.OrdinalIgnoreCase)) problems.Add($"'{name}' is the name of a role");
        problems.AddRange(roles.Where(r => !Access.Given.Contains(r, StringComparer.Ordinal)).Select(r => settings.Roles.ContainsKey(r)
            ? $"'{r}' is an approver role: its holders stand in the settings, under roles"
            : $"'{r}' is no role; there are {string.Join(", ", Access.Given)}"));
        if (password is not null && Passwords.Problem(password, name) is { } problem) problems.Add(problem);
        return problems.Count == 0 ? name : throw Unusable(string.Join("; ", problems));
    }

    private static string Shown(string displayName, string name) => displayName.Trim() switch
    {
        "" => name,
        { Length: > 128 } => throw Unusable("the display name has more than 128 characters"),
        var shown => shown,
    };

    private static string Lower(string name) => name.Trim().ToLowerInvariant();

    private static SoarException Unusable(string problems) => new("SOAR6013", $"This cannot be used: {problems}.");

    [GeneratedRegex("^[a-z0-9][a-z0-9._@-]{0,63}$", RegexOptions.None, 1000)]
    private static partial Regex LoginName();
}
