using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Soar.Storage;

/// <summary>A prepared statement that is used again and again: bind in the order in which the parameters first occur, then run or step. Not thread-safe.</summary>
internal sealed class Statement : IDisposable
{
    private readonly sqlite3 db;
    private readonly sqlite3_stmt statement;
    private int next;

    public Statement(sqlite3 db, string sql)
    {
        this.db = db;
        var rc = raw.sqlite3_prepare_v3(db, sql, raw.SQLITE_PREPARE_PERSISTENT, out statement);
        if (rc != raw.SQLITE_OK) throw Failure(db, rc);
    }

    /// <summary>Starts over: earlier values and rows are forgotten.</summary>
    public Statement Begin()
    {
        raw.sqlite3_reset(statement);
        next = 1;
        return this;
    }

    public Statement Add(long value)
    {
        Check(raw.sqlite3_bind_int64(statement, next++, value));
        return this;
    }

    public Statement Add(long? value)
    {
        if (value is { } given) return Add(given);
        Check(raw.sqlite3_bind_null(statement, next++));
        return this;
    }

    public Statement Add(string? value)
    {
        if (value is null)
        {
            Check(raw.sqlite3_bind_null(statement, next++));
            return this;
        }

        // Always bound by length: SQLite takes a text that ends where it ends for one that ends at its first NUL.
        // One byte more keeps the span from being empty, which would bind NULL.
        var utf8 = value.Length > 256 ? new byte[Encoding.UTF8.GetByteCount(value)] : stackalloc byte[value.Length * 3 + 1];
        var length = Encoding.UTF8.GetBytes(value, utf8);
        if (length == 0) Check(raw.sqlite3_bind_text(statement, next++, ""));
        else Check(raw.sqlite3_bind_text(statement, next++, utf8[..length]));
        return this;
    }

    public Statement Add(Guid value)
    {
        Span<byte> utf8 = stackalloc byte[36];
        value.TryFormat(utf8, out _);
        Check(raw.sqlite3_bind_text(statement, next++, utf8));
        return this;
    }

    public Statement Add(ReadOnlySpan<byte> value)
    {
        Check(value.IsEmpty ? raw.sqlite3_bind_zeroblob(statement, next++, 0) : raw.sqlite3_bind_blob(statement, next++, value));
        return this;
    }

    /// <summary>The next row, or false after the last (the statement is reset then).</summary>
    public bool Step()
    {
        var rc = raw.sqlite3_step(statement);
        if (rc == raw.SQLITE_ROW) return true;
        if (rc != raw.SQLITE_DONE)
        {
            var failure = Failure(db, rc);
            raw.sqlite3_reset(statement);
            throw failure;
        }

        raw.sqlite3_reset(statement);
        return false;
    }

    /// <summary>Runs to the end; the number of rows changed.</summary>
    public int Run()
    {
        while (Step())
        {
        }

        return raw.sqlite3_changes(db);
    }

    public bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;
    public long Int64(int column) => raw.sqlite3_column_int64(statement, column);
    public int Int32(int column) => raw.sqlite3_column_int(statement, column);
    public long? Int64OrNull(int column) => IsNull(column) ? null : Int64(column);
    public string Text(int column) => raw.sqlite3_column_text(statement, column).utf8_to_string();
    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);
    public byte[] Blob(int column) => raw.sqlite3_column_blob(statement, column).ToArray();

    /// <summary>Ends a read before its last row, so that it holds no snapshot.</summary>
    public void Reset() => raw.sqlite3_reset(statement);

    public void Dispose() => statement.Dispose();

    private void Check(int rc)
    {
        if (rc != raw.SQLITE_OK) throw Failure(db, rc);
    }

    private static SqliteException Failure(sqlite3 db, int rc) =>
        new(raw.sqlite3_errmsg(db).utf8_to_string(), rc & 0xFF, raw.sqlite3_extended_errcode(db));
}
