using System.Globalization;
using System.Reflection;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Soar.Storage;

/// <summary>Brings a database to this program's schema: numbered .sql files, each in a transaction of its own together with the version it leads to.</summary>
internal static class Migrations
{
    private static readonly IReadOnlyList<(int Version, string Name)> Files = [.. typeof(Migrations).Assembly.GetManifestResourceNames()
        .Where(name => name.EndsWith(".sql", StringComparison.Ordinal))
        .Select(name => (int.Parse(name.Split('.')[^2].Split('-')[0], CultureInfo.InvariantCulture), name))
        .OrderBy(file => file.Item1)];

    /// <summary>The schema that this program writes.</summary>
    public static int Newest => Files[^1].Version;

    /// <summary>Refuses what this program does not understand; returns the schema's version, 0 for an empty file.</summary>
    public static int Check(SqliteConnection connection, Dialect dialect, string file)
    {
        if (!dialect.HasTables(connection)) return 0;
        if (!dialect.HasMeta(connection))
            throw new SoarException("SOAR3003", $"{file} is a database, but not one of Soar's. Nothing was changed. Name another file.");
        var version = connection.QuerySingle<int>("SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'schema'");
        return version <= Newest
            ? version
            : throw new SoarException("SOAR3003", $"{file} has schema {version}, written by a newer soar; this one knows schemas up to {Newest}. Nothing was changed. Use the newer soar, or restore a backup made before the upgrade.");
    }

    /// <param name="upTo">The schema to arrive at; <see cref="Newest"/> but for tests of an upgrade.</param>
    public static void Apply(SqliteConnection connection, Dialect dialect, string file, int upTo)
    {
        var version = Check(connection, dialect, file);
        foreach (var (next, name) in Files.Where(f => f.Version > version && f.Version <= upTo))
        {
            using var text = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!);
            using var transaction = connection.BeginTransaction(deferred: false);
            connection.Execute("CREATE TABLE IF NOT EXISTS meta (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)", transaction: transaction);
            connection.Execute(dialect.Adapt(text.ReadToEnd()), transaction: transaction);
            connection.Execute(
                "INSERT INTO meta (name, value) VALUES ('schema', @next) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                new { next = next.ToString(CultureInfo.InvariantCulture) }, transaction);
            transaction.Commit();
        }
    }
}
