using System.Security.Cryptography;
using System.Text.Json;
using Dapper;
using Soar.Capabilities;
using Soar.Cases;

namespace Soar.Storage;

/// <summary>The SOC's versioned tables: one row per version, columns and rows as JSON, read whole.</summary>
public sealed class ListStore(SoarDatabase database) : IListStore
{
    /// <inheritdoc/>
    public Task<ListVersion> ImportAsync(string name, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows, string by, DateTimeOffset at) => PutAsync(name, columns, rows, null, by, at);

    /// <inheritdoc/>
    public Task<ListVersion> SaveAsync(string name, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows, int basedOn, string by, DateTimeOffset at) => PutAsync(name, columns, rows, basedOn, by, at);

    private Task<ListVersion> PutAsync(string name, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows, int? basedOn, string by, DateTimeOffset at)
    {
        var head = JsonSerializer.Serialize(columns, SoarJson.Options);
        var body = JsonSerializer.Serialize(rows, SoarJson.Options);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new { columns, rows }, SoarJson.Options)));
        return database.WriteAsync(session =>
        {
            var newest = session.Connection.QueryFirstOrDefault<Row>($"{Select} WHERE name = @name ORDER BY version DESC LIMIT 1", new { name });
            if (newest?.Sha256 == sha256) return newest.ToVersion();
            if (basedOn is { } seen && (newest?.Version ?? 0) != seen)
            {
                throw new SoarException("SOAR2013", newest is null
                    ? $"There is no list '{name}' yet. Nothing was saved: save with basedOn 0."
                    : $"{newest.By} saved version {newest.Version} of list '{name}' at {newest.ToVersion().At:u}. Nothing was saved over it: look at theirs first (then basedOn {newest.Version} saves).");
            }

            var next = (newest?.Version ?? 0) + 1;
            session.Connection.Execute(
                """
                INSERT INTO lists (name, version, columns, rows, row_count, sha256, imported_by, imported_at)
                VALUES (@name, @next, @head, @body, @Count, @sha256, @by, @at)
                """,
                new { name, next, head, body, rows.Count, sha256, by, at = at.ToUnixTimeMilliseconds() });
            return new ListVersion(name, (int)next, rows.Count, columns, sha256, by, DateTimeOffset.FromUnixTimeMilliseconds(at.ToUnixTimeMilliseconds()));
        });
    }

    /// <inheritdoc/>
    public Task<ListTable?> ReadAsync(string name, int? version) => database.Readers.ReadAsync(reader =>
    {
        var found = reader.Connection.QueryFirstOrDefault<(long Version, string Columns, string Rows)?>(
            $"SELECT version, columns, rows FROM lists WHERE name = @name{(version is null ? "" : " AND version = @version")} ORDER BY version DESC LIMIT 1", new { name, version });
        if (found is not { } list) return null;
        var columns = JsonSerializer.Deserialize<string[]>(list.Columns, SoarJson.Options)!;
        var rows = JsonSerializer.Deserialize<string[][]>(list.Rows, SoarJson.Options)!;
        return new ListTable(name, (int)list.Version, columns, [.. rows.Select(row => new ListRow(columns.Zip(row).ToDictionary(c => c.First, c => c.Second)))]);
    });

    /// <inheritdoc/>
    public Task<IReadOnlyList<ListVersion>> VersionsAsync(string? name) => database.Readers.ReadAsync<IReadOnlyList<ListVersion>>(reader =>
        [.. reader.Connection.Query<Row>($"{Select}{(name is null ? "" : " WHERE name = @name")} ORDER BY name, version DESC", new { name }).Select(r => r.ToVersion())]);

    private const string Select = "SELECT name, version, row_count AS Rows, columns, sha256, imported_by AS By, imported_at AS At FROM lists";

    private sealed record Row(string Name, long Version, long Rows, string Columns, string Sha256, string By, long At)
    {
        public ListVersion ToVersion() =>
            new(Name, (int)Version, (int)Rows, JsonSerializer.Deserialize<string[]>(Columns, SoarJson.Options)!, Sha256, By, DateTimeOffset.FromUnixTimeMilliseconds(At));
    }
}
