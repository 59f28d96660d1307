using Dapper;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using Soar.Runs;

namespace Soar.Storage;

/// <summary>
/// One database: <c>soar.db</c> in WAL mode, the <c>artifacts/</c> folder beside it, one writer, many readers. Opened for writing it is owned by this process alone (lock file
/// <c>soar.db.lock</c>). Several stores and engines of one process share one object.
/// </summary>
public sealed class SoarDatabase : IAsyncDisposable
{
    private readonly Writer? writer;
    private readonly WriteSession? session;
    private readonly OwnerLock? owner;
    private string? scratch;
    private int closed;

    private SoarDatabase(string file, StorageOptions options, TimeProvider clock, OwnerLock? owner, SqliteConnection? connection)
    {
        File = file;
        this.owner = owner;
        Clock = clock;
        Artifacts = new Artifacts(Path.Combine(Path.GetDirectoryName(file)!, "artifacts"), options.Durability);
        Readers = new Readers(file, Dialect.Sqlite, options);
        if (connection is null) return;
        session = new WriteSession(connection, clock);
        writer = new Writer(session, file, options.BatchLimit, runs => Arrived?.Invoke(runs));
    }

    /// <summary>Full path of the database file.</summary>
    public string File { get; }

    /// <summary>The bytes beside it.</summary>
    public Artifacts Artifacts { get; }

    /// <summary>False when it was opened for reading.</summary>
    public bool CanWrite => writer is not null;

    /// <summary>Commits since it was opened.</summary>
    public long Commits => writer?.Commits ?? 0;

    internal TimeProvider Clock { get; }
    internal Readers Readers { get; }

    /// <summary>Runs that have something new, after each commit that brought it and before its writers go on; on the writer's thread, so it must only be taken notice of.</summary>
    internal event Action<IReadOnlyCollection<RunId>>? Arrived;

    /// <summary>
    /// Opens for writing, creating what is missing and bringing an older schema up to date. Throws <see cref="SoarException"/>: SOAR3002 when another process owns it, SOAR3003 when
    /// it is not ours or newer than this program, SOAR3005 when it cannot be written, SOAR3007 when it is damaged. None of these changes the file.
    /// </summary>
    public static SoarDatabase Open(string path, StorageOptions options, TimeProvider clock)
    {
        var file = Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(file)!, "artifacts"));
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            throw new SoarException("SOAR3005", $"The folder of {file} cannot be written ({error.Message}). Give the user that runs soar the right to write there.", error);
        }

        var taken = OwnerLock.Take(file);
        SqliteConnection? connection = null;
        try
        {
            connection = Dialect.Sqlite.Connect(file, SqliteOpenMode.ReadWriteCreate);
            if (raw.sqlite3_db_readonly(connection.Handle!, "main") == 1)
                throw new SqliteException("the file is read-only", 8);

            // Before any setting is changed: a file that is not ours is left as it was found.
            Migrations.Check(connection, Dialect.Sqlite, file);
            Dialect.Sqlite.PrepareWriter(connection, options);
            Migrations.Apply(connection, Dialect.Sqlite, file, Migrations.Newest);
            return new SoarDatabase(file, options, clock, taken, connection);
        }
        catch (Exception error) // whatever went wrong, connection and lock are given back, and the caller hears why
        {
            connection?.Dispose();
            taken.Dispose();
            if (error is SqliteException sqlite) throw StoreErrors.Describe(sqlite, file);
            throw;
        }
    }

    /// <summary>Opens for reading beside an owner or without one; every write is refused with SOAR3011. The schema must be this program's.</summary>
    public static SoarDatabase OpenReader(string path, StorageOptions options, TimeProvider clock)
    {
        var file = Path.GetFullPath(path);
        if (!System.IO.File.Exists(file)) throw new NotFoundException("database", file, "Start 'soar run' or 'soar new' first, or name another one.");
        var database = new SoarDatabase(file, options, clock, owner: null, connection: null);
        try
        {
            var version = database.Readers.Read(reader => Migrations.Check(reader.Connection, Dialect.Sqlite, file));
            if (version < Migrations.Newest)
                throw new SoarException("SOAR3003", $"{file} has schema {version}; this soar reads schema {Migrations.Newest}. Start this soar once as its owner: it brings the file up to date.");
            return database;
        }
        catch // whatever went wrong, its connections are closed, and the caller hears why
        {
            database.Readers.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Copies database and artifacts to a new folder while writing goes on, and checks the copy. Throws SOAR3013 and leaves nothing behind when it fails. Works beside an owner too.
    /// </summary>
    public Task<BackupReport> BackupAsync(string targetFolder) => Task.Run(() => Backup.Make(this, targetFolder));

    /// <summary>Reads the whole file and names what is damaged; empty when nothing is. Takes as long as reading the file does.</summary>
    public Task<IReadOnlyList<string>> CheckAsync() => Task.Run(() =>
    {
        try
        {
            return Readers.Read<IReadOnlyList<string>>(reader => [.. reader.Connection.Query<string>("PRAGMA integrity_check").Where(line => line != "ok").Select(line => StoreErrors.Damaged(File, line).Message)]);
        }
        catch (SoarException error) when (error.Code == "SOAR3007")
        {
            return [error.Message];
        }
    });

    /// <summary>
    /// A fresh, empty database for a test or a simulation, made in about a millisecond by copying a finished one; nothing is pressed onto a disk. In memory-backed
    /// <c>/dev/shm</c> where there is one. Gone when it is disposed of.
    /// </summary>
    public static SoarDatabase OpenForTests(TimeProvider clock)
    {
        var root = Directory.CreateDirectory(Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), "soar-test-" + Path.GetRandomFileName())).FullName;
        var file = Path.Combine(root, "soar.db");
        System.IO.File.WriteAllBytes(file, Template.Value);
        var database = Open(file, new StorageOptions { Durability = Durability.Off }, clock);
        database.scratch = root;
        return database;
    }

    /// <summary>Queues a change for the next commit.</summary>
    internal Task<T> WriteAsync<T>(Func<WriteSession, T> write) => writer is null
        ? Task.FromException<T>(new SoarException("SOAR3011", $"{File} was opened for reading; nothing was written. Send the change to the process that owns it."))
        : writer.WriteAsync(write);

    /// <summary>Writes what is queued, folds the log into the file and gives the lock back.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref closed, 1) != 0) return;
        if (writer is not null) await writer.DisposeAsync();
        Readers.Dispose();
        session?.Dispose();
        owner?.Dispose();
        if (scratch is not null) Directory.Delete(scratch, recursive: true);
    }

    private static readonly Lazy<byte[]> Template = new(() =>
    {
        var root = Directory.CreateTempSubdirectory("soar-template-").FullName;
        var file = Path.Combine(root, "soar.db");
        using (var connection = Dialect.Sqlite.Connect(file, SqliteOpenMode.ReadWriteCreate))
        {
            Dialect.Sqlite.PrepareWriter(connection, new StorageOptions { Durability = Durability.Off });
            Migrations.Apply(connection, Dialect.Sqlite, file, Migrations.Newest);
        }

        var bytes = System.IO.File.ReadAllBytes(file);
        Directory.Delete(root, recursive: true);
        return bytes;
    });
}
