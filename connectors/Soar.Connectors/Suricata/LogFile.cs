using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Soar.Connectors.Suricata;

/// <summary>Which file it is, whatever its name.</summary>
internal readonly record struct FileId(ulong Device, ulong Inode);

/// <summary>A file under a name, as it is at a moment.</summary>
internal sealed record LogGeneration(string Path, FileId Id, long Size, long Written)
{
    public LogStamp Stamp => new(Id, Size, Written);
}

/// <summary>How far a file was read, so that it is found again under another name or as a copy.</summary>
/// <param name="Offset">The first byte of the next line.</param>
/// <param name="Head">SHA-256 of the file's first bytes, up to 1 KiB of what was read.</param>
/// <param name="Mark">The same of the last ones before the offset.</param>
/// <param name="Finished">The generations before it that were read to their end, those written last at one moment: the next one was not written before them.</param>
internal sealed record LogPlace(FileId File, long Offset, string Head, string Mark, IReadOnlyList<LogStamp> Finished);

/// <summary>A generation as it was when it had been read to its end. One that is written to after that is read again.</summary>
internal sealed record LogStamp(FileId Id, long Size, long Written);

/// <summary>An open log file. It stays what it is while its name goes to another one.</summary>
internal sealed class LogFile : IDisposable
{
    private const int Sample = 1_024;

    private readonly SafeFileHandle handle;

    // What was read, at both ends: the file itself may have been cut when the place is written down.
    private byte[] head = [];
    private byte[] tail = [];

    private LogFile(SafeFileHandle handle, FileId id) => (this.handle, Id) = (handle, id);

    public FileId Id { get; }

    /// <summary>The first byte that was not taken yet.</summary>
    public long Offset { get; private set; }

    /// <summary>How far it was read.</summary>
    public LogPlace Place(IReadOnlyList<LogStamp> finished) => new(Id, Offset, Hash(head), Hash(tail), finished);

    public LogStamp Stamp => new(Id, Length, Written);

    public long Length => RandomAccess.GetLength(handle);

    public long Written => File.GetLastWriteTimeUtc(handle).Ticks;

    public static LogFile Open(string path)
    {
        var opened = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.None);
        return new LogFile(opened, IdOf(opened, path));
    }

    /// <summary>Null when nothing is there.</summary>
    public static FileId? IdAt(string path)
    {
        try
        {
            using var file = Open(path);
            return file.Id;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>The file itself and what rotation made of its forebears: name.1, name-20261124. Oldest first, by the time they were written last. Compressed ones cannot be followed.</summary>
    public static IReadOnlyList<LogGeneration> Generations(string path)
    {
        // A rotation while the folder is read hides a file: it is gone from its old name and was not yet seen under its new one, and going on without it would leave its lines out for good.
        // So the folder is read until two looks agree.
        var before = Look(path);
        while (true)
        {
            var now = Look(path);
            if (now.Select(file => (file.Path, file.Id)).SequenceEqual(before.Select(file => (file.Path, file.Id)))) return now;
            before = now;
        }
    }

    private static IReadOnlyList<LogGeneration> Look(string path)
    {
        var name = Path.GetFileName(path);
        var folder = new DirectoryInfo(Path.GetDirectoryName(path)!);
        if (!folder.Exists)
            return [];
        var found = new List<LogGeneration>();
        foreach (var file in folder.EnumerateFiles(name + "*"))
        {
            if (file.Name != name && (file.Name[name.Length] is not ('.' or '-') || file.Extension is ".gz" or ".xz" or ".bz2" or ".zst"))
                continue;
            try
            {
                using var open = Open(file.FullName);
                found.Add(new LogGeneration(file.FullName, open.Id, open.Length, open.Written));
            }
            catch (FileNotFoundException)
            {
                // renamed meanwhile: the next look finds it, and differs
            }
        }
        return [.. found.OrderBy(file => file.Written).ThenBy(file => file.Path, StringComparer.Ordinal)];
    }

    /// <summary>What stands there from the offset on.</summary>
    public int Read(Span<byte> buffer) => RandomAccess.Read(handle, buffer, Offset);

    public int Read(Span<byte> buffer, long from) => RandomAccess.Read(handle, buffer, from);

    /// <summary>These bytes at the offset are taken.</summary>
    public void Take(ReadOnlySpan<byte> bytes)
    {
        if (head.Length < Sample)
            head = [.. head, .. bytes[..Math.Min(bytes.Length, Sample - head.Length)]];
        tail = bytes.Length >= Sample ? bytes[^Sample..].ToArray() : [.. tail.AsSpan(Math.Max(0, tail.Length + bytes.Length - Sample)), .. bytes];
        Offset += bytes.Length;
    }

    /// <summary>Everything before the offset was taken.</summary>
    public void StartAt(long offset) => (Offset, head, tail) = (offset, Bytes(0, Math.Min(offset, Sample)), Bytes(Math.Max(0, offset - Sample), offset));

    /// <summary>Is this the file, or a copy of it, that was read so far?</summary>
    public bool Fits(LogPlace place) =>
        Length >= place.Offset && Hash(Bytes(0, Math.Min(place.Offset, Sample))) == place.Head && Hash(Bytes(Math.Max(0, place.Offset - Sample), place.Offset)) == place.Mark;

    public void Dispose() => handle.Dispose();

    private byte[] Bytes(long from, long to)
    {
        var bytes = new byte[to - from];
        var length = 0;
        while (length < bytes.Length && RandomAccess.Read(handle, bytes.AsSpan(length), from + length) is > 0 and var more)
            length += more;
        return bytes[..length];
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static FileId IdOf(SafeFileHandle handle, string path)
    {
        // struct statx is the same on every architecture: stx_ino at 32, stx_dev_major and stx_dev_minor at 136 and 140.
        const int emptyPath = 0x1000, wantedInode = 0x100;
        var answer = new byte[256];
        if (statx(handle, "", emptyPath, wantedInode, answer) != 0)
            throw new IOException($"{path} cannot be told from other files (statx: errno {Marshal.GetLastPInvokeError()}).");
        return new FileId(((ulong)BitConverter.ToUInt32(answer, 136) << 32) | BitConverter.ToUInt32(answer, 140), BitConverter.ToUInt64(answer, 32));
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int statx(SafeFileHandle folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, byte[] answer);
}
