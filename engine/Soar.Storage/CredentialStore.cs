using Dapper;

namespace Soar.Storage;

/// <summary>A credential as it is kept: nothing here can be read without the key, which is not in the store.</summary>
/// <param name="Sealed">The encrypted value, with the data key that opens it, itself encrypted.</param>
/// <param name="Version">One more with each new value.</param>
/// <param name="SealedAt">When it was encrypted last: by a new value, or by a rotation.</param>
public sealed record Credential(string Name, string Sealed, long Version, string SetBy, DateTimeOffset SetAt, DateTimeOffset SealedAt);

/// <param name="UsedBy">The place in the settings that took it: <c>connectors.edge.token</c>.</param>
public sealed record CredentialUse(string Credential, string UsedBy, DateTimeOffset UsedAt);

/// <summary>Credentials, and the other values of the store that are kept sealed: the secrets of authenticator apps.</summary>
public sealed class CredentialStore(SoarDatabase database)
{
    private const string Select = "SELECT name, sealed, version, set_by AS SetBy, set_at AS SetAt, sealed_at AS SealedAt FROM credentials";

    public Task<IReadOnlyList<Credential>> ListAsync() => database.Readers.ReadAsync(All);

    /// <summary>The same, for settings that are being read.</summary>
    public IReadOnlyList<Credential> List() => database.Readers.Read(All);

    public Task<IReadOnlyList<CredentialUse>> UsesAsync() => database.Readers.ReadAsync<IReadOnlyList<CredentialUse>>(reader =>
        [.. reader.Connection.Query<(string Credential, string By, long At)>("SELECT credential, used_by, used_at FROM credential_uses ORDER BY credential, used_by").Select(row => new CredentialUse(row.Credential, row.By, Time(row.At)))]);

    /// <summary>A new credential, or a new value of one.</summary>
    public Task<Credential> PutAsync(string name, string sealedValue, string by, DateTimeOffset at) => database.WriteAsync(session =>
    {
        session.Connection.Execute(
            """
            INSERT INTO credentials (name, sealed, version, set_by, set_at, sealed_at) VALUES (@name, @sealedValue, 1, @by, @at, @at)
            ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed, version = version + 1, set_by = excluded.set_by, set_at = excluded.set_at, sealed_at = excluded.sealed_at
            """,
            new { name, sealedValue, by, at = at.ToUnixTimeMilliseconds() });
        return session.Connection.QuerySingle<Row>($"{Select} WHERE name = @name", new { name }).ToCredential();
    });

    /// <summary>False when there is none of this name.</summary>
    public Task<bool> RemoveAsync(string name) => database.WriteAsync(session =>
    {
        session.Connection.Execute("DELETE FROM credential_uses WHERE credential = @name", new { name });
        return session.Connection.Execute("DELETE FROM credentials WHERE name = @name", new { name }) > 0;
    });

    /// <summary>The same value, encrypted anew. False when it was set or removed meanwhile: then nothing is changed.</summary>
    public Task<bool> ResealAsync(string name, string was, string sealedValue, DateTimeOffset at) => database.WriteAsync(session => session.Connection.Execute(
        "UPDATE credentials SET sealed = @sealedValue, sealed_at = @at WHERE name = @name AND sealed = @was", new { name, was, sealedValue, at = at.ToUnixTimeMilliseconds() }) > 0);

    /// <summary>One that was removed meanwhile has no use on record any more.</summary>
    public Task<bool> UsedAsync(string name, string by, DateTimeOffset at) => database.WriteAsync(session => session.Connection.Execute(
        """
        INSERT INTO credential_uses (credential, used_by, used_at) SELECT name, @by, @at FROM credentials WHERE name = @name
        ON CONFLICT (credential, used_by) DO UPDATE SET used_at = MAX(used_at, excluded.used_at)
        """,
        new { name, by, at = at.ToUnixTimeMilliseconds() }) > 0);

    /// <summary>Secrets of authenticator apps by user, sealed or, from before there was a key, as they are.</summary>
    public Task<IReadOnlyList<(Guid User, string Secret)>> AuthenticatorsAsync() => database.Readers.ReadAsync<IReadOnlyList<(Guid, string)>>(reader =>
        [.. reader.Connection.Query<(string Id, string Totp)>("SELECT id, totp FROM users WHERE totp IS NOT NULL ORDER BY name").Select(row => (Guid.Parse(row.Id), row.Totp))]);

    /// <summary>False when it was changed meanwhile. What stood there is overwritten in the file too.</summary>
    public Task<bool> ResealAuthenticatorAsync(Guid user, string was, string sealedValue) => database.WriteAsync(session =>
    {
        session.Connection.Execute("PRAGMA secure_delete = ON");
        var changed = session.Connection.Execute("UPDATE users SET totp = @sealedValue WHERE id = @id AND totp = @was", new { id = user.ToString(), was, sealedValue }) > 0;
        session.Connection.Execute("PRAGMA secure_delete = OFF");
        return changed;
    });

    private static IReadOnlyList<Credential> All(Session reader) => [.. reader.Connection.Query<Row>($"{Select} ORDER BY name").Select(row => row.ToCredential())];

    private static DateTimeOffset Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);

    private sealed record Row(string Name, string Sealed, long Version, string SetBy, long SetAt, long SealedAt)
    {
        public Credential ToCredential() => new(Name, Sealed, Version, SetBy, Time(SetAt), Time(SealedAt));
    }
}
