using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Soar.Storage;

/// <summary>
/// What differs between databases, and nothing else: statements are written so that SQLite and PostgreSQL both take them. Words in double braces stand in migrations
/// for what the two spell differently.
/// </summary>
internal sealed class Dialect
{
    public static Dialect Sqlite { get; } = new();

    // SQLITE_DBCONFIG_ENABLE_QPSG, the "query planner stability guarantee".
    private const int PlanOnce = 1007;

    /// <summary>Begins a transaction that will write: the lock is taken here, not at the first change, so that there is nothing to take back when it is not to be had.</summary>
    public const string BeginWrite = "BEGIN IMMEDIATE";

    /// <summary>A migration's text in this database's words.</summary>
    public string Adapt(string sql) => sql
        .Replace("{{identity}}", "INTEGER NOT NULL PRIMARY KEY")
        .Replace("{{blob}}", "BLOB")
        .Replace("{{clustered}}", "WITHOUT ROWID");

    public bool HasTables(SqliteConnection connection) => Scalar(connection, "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table'") > 0;

    public bool HasMeta(SqliteConnection connection) => Scalar(connection, "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'meta'") > 0;

    /// <summary>Settings of the one connection that writes.</summary>
    public void PrepareWriter(SqliteConnection connection, StorageOptions options)
    {
        Execute(connection, $"PRAGMA busy_timeout = {(long)options.BusyTimeout.TotalMilliseconds}");
        Execute(connection, "PRAGMA journal_mode = WAL");
        Execute(connection, options.Durability == Durability.Full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = OFF");
        Execute(connection, "PRAGMA foreign_keys = ON");
        Execute(connection, "PRAGMA cell_size_check = ON");
        Execute(connection, "PRAGMA temp_store = MEMORY");
        // Not more: whenever rows of many runs are put between each other in an index, SQLite looks through the whole cache at the end of the commit. What is not there comes from the system's own.
        Execute(connection, "PRAGMA cache_size = -16384");
        Execute(connection, $"PRAGMA wal_autocheckpoint = {options.CheckpointPages}");
        Execute(connection, "PRAGMA journal_size_limit = 67108864");
        if (options.MaxPages is { } pages) Execute(connection, $"PRAGMA max_page_count = {pages}");
    }

    public void PrepareReader(SqliteConnection connection, StorageOptions options)
    {
        Execute(connection, $"PRAGMA busy_timeout = {(long)options.BusyTimeout.TotalMilliseconds}");
        Execute(connection, "PRAGMA query_only = ON");
        Execute(connection, "PRAGMA cell_size_check = ON");
        Execute(connection, "PRAGMA cache_size = -8192");
    }

    public SqliteConnection Connect(string path, SqliteOpenMode mode)
    {
        // Pooling is ours (Readers): the library's pool would keep files open after a database was disposed of.
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ToString());
        connection.Open();
        // A prepared statement is planned once: without this SQLite plans one with "LIMIT @max" anew at every use, because its parameter could tell it more.
        _ = raw.sqlite3_db_config(connection.Handle!, PlanOnce, 1, out _);
        return connection;
    }

    public static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public static long Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar());
    }
}
