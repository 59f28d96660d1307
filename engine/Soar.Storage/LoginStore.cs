using System.Text.Json;
using Dapper;
using Soar.Capabilities;

namespace Soar.Storage;

/// <summary>Who a user is at an identity provider.</summary>
/// <param name="Issuer">As it stands in the provider's tokens.</param>
/// <param name="Subject">The provider's name for the person, given to nobody else.</param>
/// <param name="Provider">The provider's name in the settings when it was linked.</param>
public sealed record Login(string Issuer, string Subject, Guid User, string Provider, DateTimeOffset LinkedAt, DateTimeOffset SeenAt);

/// <summary>Log-ins by identity providers.</summary>
public sealed class LoginStore(SoarDatabase database)
{
    /// <summary>Whose log-in this is; null when it is nobody's.</summary>
    public Task<Guid?> OwnerAsync(string issuer, string subject) => database.Readers.ReadAsync<Guid?>(reader =>
        reader.Connection.QueryFirstOrDefault<string>("SELECT user_id FROM logins WHERE issuer = @issuer AND subject = @subject", new { issuer, subject }) is { } id ? Guid.Parse(id) : null);

    public Task<IReadOnlyList<Login>> ListAsync() => database.Readers.ReadAsync<IReadOnlyList<Login>>(reader =>
        [.. reader.Connection.Query<Row>("SELECT issuer, subject, user_id AS UserId, provider, linked_at AS LinkedAt, seen_at AS SeenAt FROM logins ORDER BY provider, linked_at").Select(row => row.ToLogin())]);

    /// <summary>False when it is linked already, to whomever, or the user has another one of this issuer.</summary>
    public Task<bool> LinkAsync(Login login) => database.WriteAsync(session => session.Connection.Execute(
        "INSERT INTO logins (issuer, subject, user_id, provider, linked_at, seen_at) VALUES (@Issuer, @Subject, @user, @Provider, @at, @at) ON CONFLICT DO NOTHING",
        new { login.Issuer, login.Subject, user = login.User.ToString(), login.Provider, at = login.LinkedAt.ToUnixTimeMilliseconds() }) > 0);

    /// <summary>Makes a user without a password together with the log-in: neither is there without the other. False when the name is taken, or the log-in is somebody's by now.</summary>
    public Task<bool> AddUserAsync(User user, Login login) => database.WriteAsync(session =>
    {
        var key = new { login.Issuer, login.Subject, user.Name };
        if (session.Connection.QuerySingle<long>("SELECT (SELECT COUNT(*) FROM users WHERE name = @Name) + (SELECT COUNT(*) FROM logins WHERE issuer = @Issuer AND subject = @Subject)", key) > 0) return false;
        session.Connection.Execute(
            "INSERT INTO users (id, name, display_name, roles, created_at, created_by) VALUES (@id, @Name, @DisplayName, @roles, @at, @CreatedBy)",
            new { id = user.Id.ToString(), user.Name, user.DisplayName, roles = JsonSerializer.Serialize(user.Roles, SoarJson.Options), at = user.CreatedAt.ToUnixTimeMilliseconds(), user.CreatedBy });
        session.Connection.Execute(
            "INSERT INTO logins (issuer, subject, user_id, provider, linked_at, seen_at) VALUES (@Issuer, @Subject, @user, @Provider, @at, @at)",
            new { login.Issuer, login.Subject, user = user.Id.ToString(), login.Provider, at = login.LinkedAt.ToUnixTimeMilliseconds() });
        return true;
    });

    public Task<bool> SeenAsync(string issuer, string subject, DateTimeOffset now) => database.WriteAsync(session =>
        session.Connection.Execute("UPDATE logins SET seen_at = @now WHERE issuer = @issuer AND subject = @subject", new { issuer, subject, now = now.ToUnixTimeMilliseconds() }) > 0);

    /// <summary>Takes away a user's log-ins of this name, and ends the sessions that came by it. False when there is none.</summary>
    public Task<bool> RemoveAsync(Guid user, string provider) => database.WriteAsync(session =>
    {
        var key = new { user = user.ToString(), provider };
        session.Connection.Execute("DELETE FROM sessions WHERE user_id = @user AND provider = @provider", key);
        return session.Connection.Execute("DELETE FROM logins WHERE user_id = @user AND provider = @provider", key) > 0;
    });

    /// <summary>Whether an enabled user with this role has logged in by one of these issuers.</summary>
    public Task<bool> AnyAsync(string role, IReadOnlyList<string> issuers) => database.Readers.ReadAsync(reader =>
        reader.Connection.Query<string>("SELECT u.roles FROM users AS u JOIN logins AS l ON l.user_id = u.id WHERE u.disabled_at IS NULL AND l.issuer IN @issuers", new { issuers })
            .Any(roles => JsonSerializer.Deserialize<string[]>(roles, SoarJson.Options)!.Contains(role, StringComparer.Ordinal)));

    private sealed record Row(string Issuer, string Subject, string UserId, string Provider, long LinkedAt, long SeenAt)
    {
        public Login ToLogin() => new(Issuer, Subject, Guid.Parse(UserId), Provider, DateTimeOffset.FromUnixTimeMilliseconds(LinkedAt), DateTimeOffset.FromUnixTimeMilliseconds(SeenAt));
    }
}
