using System.Runtime.InteropServices;
using Dapper;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Soar.Storage;

/// <summary>What a backup holds. Restoring is putting the folder in the place of the damaged one.</summary>
/// <param name="Missing">SHA-256 of artifacts that records name and that were not there to be copied: damage of the original, to be restored from an older backup.</param>
public sealed record BackupReport(string Folder, long Bytes, int Artifacts, IReadOnlyList<string> Missing, TimeSpan Took);

/// <summary>Copies a database and its artifacts while writing goes on.</summary>
internal static class Backup
{
    /// <summary>
    /// The snapshot is taken first and the artifacts afterwards: an artifact is on disk before the record that names it, and none is ever removed, so whatever the
    /// snapshot names is there by then.
    /// </summary>
    public static BackupReport Make(SoarDatabase database, string target)
    {
        var began = database.Clock.GetTimestamp();
        var folder = Path.GetFullPath(target);
        if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
            throw new SoarException("SOAR3013", $"{folder} exists and is not empty. Nothing was written there. Name a new folder for each backup.");
        try
        {
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
            else Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute); // as private as the store
            var file = Path.Combine(folder, Path.GetFileName(database.File));
            Schedules(Path.GetDirectoryName(database.File)!, folder);
            var named = Snapshot(database, file);
            var artifacts = Copy(database.Artifacts.Folder, Path.Combine(folder, "artifacts"), named);
            CopyTree(Path.Combine(Path.GetDirectoryName(database.File)!, "connectors"), Path.Combine(folder, "connectors"));
            // What signs the audit: a restored store goes on with the same key.
            var key = Path.Combine(Path.GetDirectoryName(database.File)!, "audit.key");
            if (File.Exists(key)) File.Copy(key, Path.Combine(folder, "audit.key"));
            Folders.Flush(folder);
            return new BackupReport(folder, new FileInfo(file).Length, artifacts, [.. named.Order(StringComparer.Ordinal)], database.Clock.GetElapsedTime(began));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or SqliteException or SoarException)
        {
            // Half a backup must not look like one.
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
            var why = error is SqliteException sqlite ? StoreErrors.Describe(sqlite, folder).Message : error.Message;
            throw new SoarException("SOAR3013", $"The backup to {folder} failed and was removed: {why} The database itself was not touched.", error);
        }
    }

    /// <summary>
    /// Before the main file: then a due time that its copy has as still to come may be in the main file's already, where it counts once. The other way round it would be lost.
    /// </summary>
    private static void Schedules(string from, string to)
    {
        var file = Path.Combine(from, "schedules.db");
        if (!File.Exists(file)) return;
        using var schedules = Dialect.Sqlite.Connect(file, SqliteOpenMode.ReadWrite);
        schedules.Execute("VACUUM INTO @copy", new { copy = Path.Combine(to, "schedules.db") });
        using var stream = new FileStream(Path.Combine(to, "schedules.db"), FileMode.Open, FileAccess.ReadWrite);
        stream.Flush(flushToDisk: true);
    }

    private static HashSet<string> Snapshot(SoarDatabase database, string file)
    {
        using var copy = Dialect.Sqlite.Connect(file, SqliteOpenMode.ReadWriteCreate);
        database.Readers.Read(reader =>
        {
            // All pages in one step: one read transaction, which holds up no writer in WAL mode and never starts over.
            var backup = raw.sqlite3_backup_init(copy.Handle!, "main", reader.Handle, "main");
            var rc = raw.sqlite3_backup_step(backup, -1);
            var end = raw.sqlite3_backup_finish(backup);
            if (rc != raw.SQLITE_DONE) throw new SqliteException("copying the pages failed", end == raw.SQLITE_OK ? rc & 0xFF : end & 0xFF);
            return true;
        });

        // A file by itself, without a log beside it, until it is opened as a database again.
        Dialect.Execute(copy, "PRAGMA journal_mode = DELETE");
        var verdict = string.Join("; ", copy.Query<string>("PRAGMA integrity_check"));
        if (verdict != "ok") throw StoreErrors.Damaged(database.File, verdict);
        var named = copy.Query<string>(
            """
            SELECT artifact FROM journal WHERE artifact IS NOT NULL UNION SELECT artifact FROM inbox WHERE artifact IS NOT NULL UNION SELECT sha256 FROM evidence
            """).ToHashSet(StringComparer.Ordinal);
        copy.Close();
        using (var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite)) stream.Flush(flushToDisk: true);
        return named;
    }

    /// <summary>Every artifact of the folder, by hard link where the file system can; those that were found are taken out of <paramref name="named"/>.</summary>
    private static int Copy(string from, string to, HashSet<string> named)
    {
        Directory.CreateDirectory(to);
        var count = 0;
        foreach (var folder in Directory.EnumerateDirectories(from).Where(d => Path.GetFileName(d).Length == 2))
        {
            var into = Directory.CreateDirectory(Path.Combine(to, Path.GetFileName(folder))).FullName;
            foreach (var file in Directory.EnumerateFiles(folder))
            {
                var target = Path.Combine(into, Path.GetFileName(file));
                if (OperatingSystem.IsWindows() || link(file, target) != 0)
                {
                    File.Copy(file, target);
                    using var stream = new FileStream(target, FileMode.Open, FileAccess.ReadWrite);
                    stream.Flush(flushToDisk: true);
                }

                named.Remove(Path.GetFileName(file));
                count++;
            }

            Folders.Flush(into);
        }

        Folders.Flush(to);
        return count;
    }

    /// <summary>
    /// What connectors keep beside the store. They replace their files as a whole, so each copy is one moment, later than the snapshot's: a block list may then hold more than the
    /// ledger knows, never less.
    /// </summary>
    private static void CopyTree(string from, string to)
    {
        if (!Directory.Exists(from)) return;
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from).Where(f => !f.EndsWith(".new", StringComparison.Ordinal)))
        {
            var target = Path.Combine(to, Path.GetFileName(file));
            File.Copy(file, target);
            using var stream = new FileStream(target, FileMode.Open, FileAccess.ReadWrite);
            stream.Flush(flushToDisk: true);
        }

        foreach (var inner in Directory.EnumerateDirectories(from)) CopyTree(inner, Path.Combine(to, Path.GetFileName(inner)));
        Folders.Flush(to);
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int link([MarshalAs(UnmanagedType.LPUTF8Str)] string from, [MarshalAs(UnmanagedType.LPUTF8Str)] string to);
}
