using System.Text;

namespace Soar.Storage;

/// <summary>
/// One process owns a database: a lock file beside it, locked by the operating system, with the owner's process id in it for people. The kernel lets go when the process dies,
/// however it dies, so a stale file hinders nobody.
/// </summary>
internal sealed class OwnerLock : IDisposable
{
    // Record locks belong to the process: a second open in the same process would be granted, so those are kept apart here.
    private static readonly HashSet<string> Mine = new(StringComparer.Ordinal);
    private static readonly Lock Gate = new();

    // Beyond what the file holds, so that reading the process id is never blocked (Windows locks are mandatory).
    private const long Offset = 1L << 30;
    private readonly string path;
    private readonly FileStream file;

    private OwnerLock(string path, FileStream file) => (this.path, this.file) = (path, file);

    public static OwnerLock Take(string database)
    {
        var lockFile = Path.GetFullPath(database) + ".lock";
        lock (Gate)
        {
            if (!Mine.Add(lockFile)) throw Taken(database, lockFile, Environment.ProcessId.ToString());
        }

        FileStream? stream = null;
        try
        {
            stream = new FileStream(lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
            try
            {
#pragma warning disable CA1416 // Record locks exist on Linux and Windows, where Soar runs; elsewhere this fails at start and says so.
                stream.Lock(Offset, 1);
#pragma warning restore CA1416
            }
            catch (IOException)
            {
                throw Taken(database, lockFile, new StreamReader(stream, Encoding.ASCII).ReadToEnd().Trim());
            }

            stream.SetLength(0);
            stream.Write(Encoding.ASCII.GetBytes($"{Environment.ProcessId}\n"));
            stream.Flush();
            return new OwnerLock(lockFile, stream);
        }
        catch (Exception error) // whatever went wrong, the file must not stay locked; it is told below
        {
            try
            {
                stream?.Dispose();
            }
            catch (IOException)
            {
                // On a full disk closing tries to write once more; what it was is told below.
            }

            lock (Gate) Mine.Remove(lockFile);
            if (error is UnauthorizedAccessException or IOException)
                throw new SoarException("SOAR3005", $"{database} cannot be owned: its lock file {lockFile} cannot be written ({error.Message}). Nothing was changed. Give the user that runs soar the right and the room to write there.", error);
            throw;
        }
    }

    public void Dispose()
    {
        // The file stays: removing it could take the name from under a process that is just locking it.
        try
        {
            file.SetLength(0);
        }
        catch (IOException)
        {
            // A full or vanished disk must not keep the lock from being given back.
        }

        file.Dispose();
        lock (Gate) Mine.Remove(path);
    }

    private static SoarException Taken(string database, string path, string pid) => new(
        "SOAR3002",
        $"{database} is owned by process {(pid.Length == 0 ? "(unknown)" : pid)} (lock file {path}). Nothing was changed. Send changes to that process, or end it first; reading is possible meanwhile.");
}
