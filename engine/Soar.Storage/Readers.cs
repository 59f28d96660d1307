using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Soar.Storage;

/// <summary>Connections that only read; each sees everything that was committed before it is asked.</summary>
internal sealed class Readers(string file, Dialect dialect, StorageOptions options) : IDisposable
{
    private readonly ConcurrentBag<Session> idle = [];
    private volatile bool closed;

    /// <summary>Runs a query. Its task is complete when it returns: SQLite knows no waiting, and a thread hop costs more than most queries.</summary>
    public Task<T> ReadAsync<T>(Func<Session, T> query)
    {
        try
        {
            return Task.FromResult(Read(query));
        }
        // Everything goes into the task, as from any asynchronous method.
        catch (Exception error)
        {
            return Task.FromException<T>(error);
        }
    }

    public T Read<T>(Func<Session, T> query)
    {
        Session? session = null;
        try
        {
            session = Take();
            var result = query(session);
            if (closed) session.Dispose();
            else idle.Add(session);
            return result;
        }
        catch (Exception error)
        {
            // A statement may stand half read: the connection is not used again.
            session?.Dispose();
            if (error is SqliteException sqlite) throw StoreErrors.Describe(sqlite, file);
            throw;
        }
    }

    public void Dispose()
    {
        closed = true;
        while (idle.TryTake(out var session)) session.Dispose();
    }

    private Session Take()
    {
        if (closed) throw new SoarException("SOAR3010", $"{file} is closed. Start soar again.");
        if (idle.TryTake(out var session)) return session;
        var connection = dialect.Connect(file, SqliteOpenMode.ReadOnly);
        try
        {
            dialect.PrepareReader(connection, options);
            return new Session(connection);
        }
        catch // whatever keeps it from being used: it is closed, and the caller hears why
        {
            connection.Dispose();
            throw;
        }
    }
}
