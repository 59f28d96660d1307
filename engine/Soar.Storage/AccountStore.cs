using System.Text.Json;
using Dapper;
using Soar.Capabilities;

namespace Soar.Storage;

/// <summary>Somebody who may log in.</summary>
/// <param name="Name">The login name, lower case: journal, audit and the settings' roles know them by it.</param>
/// <param name="Roles">Names of built-in roles; approver roles stand in the settings.</param>
/// <param name="Password">A slow hash; null until it is set by a one-time code.</param>
/// <param name="Totp">The authenticator's secret, base32; null = none.</param>
public sealed record User(
    Guid Id, string Name, string DisplayName, IReadOnlyList<string> Roles, string? Password, string? Totp, long TotpStep, DateTimeOffset? LockedUntil, DateTimeOffset? DisabledAt,
    DateTimeOffset CreatedAt, string CreatedBy)
{
    /// <summary>What they were given to see themselves; null = what their roles give.</summary>
    public Grant? Sight { get; init; }
}

/// <param name="Hash">SHA-256 of what the browser holds.</param>
/// <param name="Origin">The address that it began from.</param>
/// <param name="Provider">The identity provider by which it began; null = a password.</param>
public sealed record LoginSession(string Hash, Guid User, string Origin, DateTimeOffset CreatedAt, DateTimeOffset SeenAt, DateTimeOffset EndsAt, string? Provider);

/// <summary>Lets a program in as its user, for some of what that user may do.</summary>
/// <param name="Scopes">Names of permissions.</param>
/// <param name="Source">The one source that it sends alerts for; null = any.</param>
public sealed record ApiToken(Guid Id, Guid User, string Name, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? UsedAt, string? Source)
{
    /// <summary>What it is narrowed to; null = what its owner sees.</summary>
    public Grant? Sight { get; init; }
}

/// <summary>People, sessions and tokens.</summary>
public sealed class AccountStore(SoarDatabase database)
{
    private const string SelectUser = """
        SELECT u.id, u.name, u.display_name AS DisplayName, u.roles, u.password, u.totp, u.totp_step AS TotpStep, u.locked_until AS LockedUntil, u.disabled_at AS DisabledAt,
            u.created_at AS CreatedAt, u.created_by AS CreatedBy, u.sight
        FROM users AS u
        """;

    private const string SelectToken = "SELECT t.id, t.user_id AS UserId, t.name, t.scopes, t.created_at AS CreatedAt, t.expires_at AS ExpiresAt, t.used_at AS UsedAt, t.source, t.sight FROM tokens AS t";

    public Task<bool> AnyAsync() => database.Readers.ReadAsync(reader => reader.Connection.QuerySingle<long>("SELECT COUNT(*) FROM (SELECT 1 FROM users LIMIT 1) AS one") > 0);

    public Task<User?> FindAsync(Guid id) => database.Readers.ReadAsync(reader => reader.Connection.QueryFirstOrDefault<UserRow>($"{SelectUser} WHERE u.id = @id", new { id = id.ToString() })?.ToUser());

    public Task<User?> FindAsync(string name) => database.Readers.ReadAsync(reader =>
        reader.Connection.QueryFirstOrDefault<UserRow>($"{SelectUser} WHERE u.name = @name", new { name })?.ToUser());

    public Task<IReadOnlyList<User>> ListAsync() => database.Readers.ReadAsync<IReadOnlyList<User>>(reader =>
        [.. reader.Connection.Query<UserRow>($"{SelectUser} ORDER BY u.name").Select(row => row.ToUser())]);

    /// <summary>False when the name is taken; with <paramref name="first"/> also when there is any user: two who set up at once cannot both become the first.</summary>
    /// <param name="code">SHA-256 of a one-time code that sets the password; null = none.</param>
    public Task<bool> AddAsync(User user, bool first, string? code, DateTimeOffset? codeUntil) => database.WriteAsync(session => session.Connection.Execute(
        $"""
        INSERT INTO users (id, name, display_name, roles, password, code, code_until, created_at, created_by, sight)
        SELECT @id, @Name, @DisplayName, @roles, @Password, @code, @until, @at, @CreatedBy, @sight
        WHERE NOT EXISTS (SELECT 1 FROM users{(first ? "" : " WHERE name = @Name")})
        """,
        new
        {
            id = user.Id.ToString(), user.Name, user.DisplayName, roles = JsonSerializer.Serialize(user.Roles, SoarJson.Options), user.Password, code, sight = Json(user.Sight),
            until = codeUntil?.ToUnixTimeMilliseconds(), at = user.CreatedAt.ToUnixTimeMilliseconds(), user.CreatedBy,
        }) > 0);

    /// <summary>
    /// False when nobody who is enabled would hold <paramref name="keeper"/> afterwards: then nothing is changed. Whoever is disabled, or gets other roles or another sight, has to log in again.
    /// </summary>
    public Task<bool> ChangeAsync(Guid user, string displayName, IReadOnlyList<string> roles, Grant? sight, DateTimeOffset? disabledAt, string keeper) => database.WriteAsync(session =>
    {
        var others = session.Connection.Query<string>("SELECT roles FROM users WHERE id <> @id AND disabled_at IS NULL", new { id = user.ToString() });
        var kept = (disabledAt is null && roles.Contains(keeper, StringComparer.Ordinal)) || others.Any(text => Names(text).Contains(keeper, StringComparer.Ordinal));
        if (!kept) return false;
        session.Connection.Execute(
            "UPDATE users SET display_name = @displayName, roles = @roles, sight = @sight, disabled_at = @disabled WHERE id = @id",
            new { id = user.ToString(), displayName, roles = JsonSerializer.Serialize(roles, SoarJson.Options), sight = Json(sight), disabled = disabledAt?.ToUnixTimeMilliseconds() });
        session.Connection.Execute("DELETE FROM sessions WHERE user_id = @id", new { id = user.ToString() });
        return true;
    });

    /// <summary>A one-time code that sets the password; an earlier one does not count any more.</summary>
    public Task<bool> PutCodeAsync(Guid user, string code, DateTimeOffset until) => database.WriteAsync(session => session.Connection.Execute(
        "UPDATE users SET code = @code, code_until = @until WHERE id = @id", new { id = user.ToString(), code, until = until.ToUnixTimeMilliseconds() }) > 0);

    /// <summary>Uses up a one-time code: the password counts from now on, a lock is over, and sessions that stood are ended. Null when there is no such code (any more).</summary>
    public Task<User?> UseCodeAsync(string code, string password, DateTimeOffset now) => database.WriteAsync(session =>
    {
        var found = session.Connection.QueryFirstOrDefault<UserRow>(
            $"{SelectUser} WHERE u.code = @code AND u.code_until > @now AND u.disabled_at IS NULL", new { code, now = now.ToUnixTimeMilliseconds() });
        if (found is null) return null;
        session.Connection.Execute("UPDATE users SET password = @password, code = NULL, code_until = NULL, failures = 0, locked_until = NULL WHERE id = @Id", new { password, found.Id });
        session.Connection.Execute("DELETE FROM sessions WHERE user_id = @Id", new { found.Id });
        return found.ToUser();
    });

    /// <summary>Sets or takes away the authenticator's secret.</summary>
    public Task<bool> PutTotpAsync(Guid user, string? secret, long step) => database.WriteAsync(session => session.Connection.Execute(
        "UPDATE users SET totp = @secret, totp_step = @step WHERE id = @id", new { id = user.ToString(), secret, step }) > 0);

    /// <summary>A wrong password: the <paramref name="lockAfter"/>th in a row locks the account.</summary>
    public Task<bool> FailedAsync(Guid user, int lockAfter, DateTimeOffset lockUntil) => database.WriteAsync(session => session.Connection.Execute(
        """
        UPDATE users SET failures = CASE WHEN failures + 1 >= @lockAfter THEN 0 ELSE failures + 1 END,
            locked_until = CASE WHEN failures + 1 >= @lockAfter THEN @until ELSE locked_until END
        WHERE id = @id
        """,
        new { id = user.ToString(), lockAfter, until = lockUntil.ToUnixTimeMilliseconds() }) > 0);

    /// <summary>
    /// Begins a session. False when the authenticator's time step was used meanwhile: one code lets in once. Sessions that are over are swept out along the way.
    /// </summary>
    public Task<bool> BeginAsync(LoginSession begun, long? totpStep) => database.WriteAsync(session =>
    {
        var at = begun.CreatedAt.ToUnixTimeMilliseconds();
        if (session.Connection.Execute(
            "UPDATE users SET failures = 0, locked_until = NULL, totp_step = COALESCE(@step, totp_step) WHERE id = @id AND disabled_at IS NULL AND (@step IS NULL OR totp_step < @step)",
            new { id = begun.User.ToString(), step = totpStep }) == 0) return false;
        session.Connection.Execute("DELETE FROM sessions WHERE ends_at <= @at", new { at });
        session.Connection.Execute(
            "INSERT INTO sessions (hash, user_id, origin, created_at, seen_at, ends_at, provider) VALUES (@Hash, @user, @Origin, @at, @at, @ends, @Provider)",
            new { begun.Hash, user = begun.User.ToString(), begun.Origin, at, ends = begun.EndsAt.ToUnixTimeMilliseconds(), begun.Provider });
        return true;
    });

    /// <summary>The session and its user; null when there is none, or the user is disabled. Whether it is over by its age is the caller's to say.</summary>
    public Task<(LoginSession Session, User User)?> SessionAsync(string hash) => database.Readers.ReadAsync<(LoginSession, User)?>(reader =>
    {
        var row = reader.Connection.QueryFirstOrDefault<SessionRow>("SELECT hash, user_id AS UserId, origin, created_at AS CreatedAt, seen_at AS SeenAt, ends_at AS EndsAt, provider FROM sessions WHERE hash = @hash", new { hash });
        if (row is null) return null;
        var user = reader.Connection.QueryFirst<UserRow>($"{SelectUser} WHERE u.id = @UserId", new { row.UserId }).ToUser();
        return user.DisabledAt is null ? (row.ToSession(), user) : null;
    });

    public Task<bool> SeenAsync(string hash, DateTimeOffset now) => database.WriteAsync(session =>
        session.Connection.Execute("UPDATE sessions SET seen_at = @now WHERE hash = @hash", new { hash, now = now.ToUnixTimeMilliseconds() }) > 0);

    public Task<bool> EndAsync(string hash) => database.WriteAsync(session => session.Connection.Execute("DELETE FROM sessions WHERE hash = @hash", new { hash }) > 0);

    /// <summary>False when this user has one of that name.</summary>
    public Task<bool> AddTokenAsync(ApiToken token, string hash) => database.WriteAsync(session => session.Connection.Execute(
        """
        INSERT INTO tokens (id, user_id, name, hash, scopes, created_at, expires_at, source, sight) VALUES (@id, @user, @Name, @hash, @scopes, @at, @expires, @Source, @sight)
        ON CONFLICT (user_id, name) DO NOTHING
        """,
        new
        {
            id = token.Id.ToString(), user = token.User.ToString(), token.Name, hash, scopes = JsonSerializer.Serialize(token.Scopes, SoarJson.Options),
            at = token.CreatedAt.ToUnixTimeMilliseconds(), expires = token.ExpiresAt.ToUnixTimeMilliseconds(), token.Source, sight = Json(token.Sight),
        }) > 0);

    public Task<IReadOnlyList<ApiToken>> TokensAsync(Guid user) => database.Readers.ReadAsync<IReadOnlyList<ApiToken>>(reader =>
        [.. reader.Connection.Query<TokenRow>($"{SelectToken} WHERE t.user_id = @user ORDER BY t.name", new { user = user.ToString() }).Select(row => row.ToToken())]);

    /// <summary>The token and its user; null when there is none, or the user is disabled. Whether it has expired is the caller's to say.</summary>
    public Task<(ApiToken Token, User User)?> TokenAsync(string hash) => database.Readers.ReadAsync<(ApiToken, User)?>(reader =>
    {
        // A prepared statement: every alert that a detector posts asks this.
        var s = reader["""
            SELECT t.id, t.user_id, t.name, t.scopes, t.created_at, t.expires_at, t.used_at, u.name, u.display_name, u.roles, u.password, u.totp, u.totp_step, u.locked_until, u.disabled_at, u.created_at, u.created_by, t.source, t.sight, u.sight
            FROM tokens AS t JOIN users AS u ON u.id = t.user_id WHERE t.hash = @hash
            """].Add(hash);
        if (!s.Step()) return null;
        var token = new TokenRow(s.Text(0), s.Text(1), s.Text(2), s.Text(3), s.Int64(4), s.Int64(5), s.Int64OrNull(6), s.TextOrNull(17), s.TextOrNull(18)).ToToken();
        var user = new UserRow(s.Text(1), s.Text(7), s.Text(8), s.Text(9), s.TextOrNull(10), s.TextOrNull(11), s.Int64(12), s.Int64OrNull(13), s.Int64OrNull(14), s.Int64(15), s.Text(16), s.TextOrNull(19)).ToUser();
        s.Reset();
        return user.DisabledAt is null ? (token, user) : null;
    });

    public Task<bool> TokenUsedAsync(Guid token, DateTimeOffset now) => database.WriteAsync(session =>
        session.Connection.Execute("UPDATE tokens SET used_at = @now WHERE id = @id", new { id = token.ToString(), now = now.ToUnixTimeMilliseconds() }) > 0);

    /// <summary>False when this user has no such token.</summary>
    public Task<bool> RevokeAsync(Guid user, Guid token) => database.WriteAsync(session =>
        session.Connection.Execute("DELETE FROM tokens WHERE id = @id AND user_id = @user", new { id = token.ToString(), user = user.ToString() }) > 0);

    private static string? Json(Grant? sight) => sight is null ? null : JsonSerializer.Serialize(sight, SoarJson.Options);

    private static Grant? Sight(string? json) => json is null ? null : JsonSerializer.Deserialize<Grant>(json, SoarJson.Options);

    private static string[] Names(string json) => JsonSerializer.Deserialize<string[]>(json, SoarJson.Options)!;

    private static DateTimeOffset Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);

    private static DateTimeOffset? Time(long? ms) => ms is { } given ? Time(given) : null;

    private sealed record UserRow(
        string Id, string Name, string DisplayName, string Roles, string? Password, string? Totp, long TotpStep, long? LockedUntil, long? DisabledAt, long CreatedAt, string CreatedBy, string? Sight)
    {
        public User ToUser() => new(Guid.Parse(Id), Name, DisplayName, Names(Roles), Password, Totp, TotpStep, Time(LockedUntil), Time(DisabledAt), Time(CreatedAt), CreatedBy) { Sight = AccountStore.Sight(Sight) };
    }

    private sealed record SessionRow(string Hash, string UserId, string Origin, long CreatedAt, long SeenAt, long EndsAt, string? Provider)
    {
        public LoginSession ToSession() => new(Hash, Guid.Parse(UserId), Origin, Time(CreatedAt), Time(SeenAt), Time(EndsAt), Provider);
    }

    private sealed record TokenRow(string Id, string UserId, string Name, string Scopes, long CreatedAt, long ExpiresAt, long? UsedAt, string? Source, string? Sight)
    {
        public ApiToken ToToken() => new(Guid.Parse(Id), Guid.Parse(UserId), Name, Names(Scopes), Time(CreatedAt), Time(ExpiresAt), Time(UsedAt), Source) { Sight = AccountStore.Sight(Sight) };
    }
}
