using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Soar.Storage;

/// <summary>One connection with its prepared statements. Used by one thread at a time.</summary>
internal sealed class Session(SqliteConnection connection) : IDisposable
{
    // By reference: statements are literals, so the same text is the same object, and no text is hashed on the hot path.
    private readonly Dictionary<object, Statement> statements = new(ReferenceEqualityComparer.Instance);

    /// <summary>For statements that are not on the hot path (Dapper).</summary>
    public SqliteConnection Connection { get; } = connection;

    public sqlite3 Handle { get; } = connection.Handle!;

    /// <summary>The prepared statement for this literal, ready to be bound.</summary>
    public Statement this[string sql]
    {
        get
        {
            if (!statements.TryGetValue(sql, out var statement)) statements.Add(sql, statement = new Statement(Handle, sql));
            return statement.Begin();
        }
    }

    /// <summary>A statement whose text depends on what is asked; the caller disposes of it.</summary>
    public Statement Once(string sql) => new Statement(Handle, sql).Begin();

    /// <summary>Rows changed since the connection was opened.</summary>
    public int TotalChanges => raw.sqlite3_total_changes(Handle);

    /// <summary>The identity of the row inserted last.</summary>
    public long InsertedId => raw.sqlite3_last_insert_rowid(Handle);

    public bool InTransaction => raw.sqlite3_get_autocommit(Handle) == 0;

    public void Dispose()
    {
        foreach (var statement in statements.Values) statement.Dispose();
        Connection.Dispose();
    }
}
