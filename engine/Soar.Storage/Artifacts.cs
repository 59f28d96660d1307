using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Soar.Capabilities;

namespace Soar.Storage;

/// <summary>
/// Bytes kept once under their SHA-256 in files beside the database: <c>artifacts/ab/ab12…</c>. A file gets its name only when it is whole and on disk, so whatever a record
/// refers to is there.
/// </summary>
public sealed class Artifacts : IArtifacts
{
    private const int BufferSize = 128 * 1024;
    private readonly string folder;
    private readonly bool durable;
    private readonly ConcurrentDictionary<string, bool> made = new(StringComparer.Ordinal);

    /// <summary>The folder of a store's bytes; it may be written beside the store's owner, since a name is the hash of what it holds.</summary>
    public Artifacts(string folder, Durability durability)
    {
        this.folder = folder;
        durable = durability == Durability.Full;
    }

    /// <summary>Where the files lie.</summary>
    public string Folder => folder;

    /// <inheritdoc/>
    public async Task<Artifact> PutAsync(Stream content, string name, string mediaType, CancellationToken cancellation)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        string? temporary = null;
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            long size = 0;
            temporary = Path.Combine(Make(Path.Combine(folder, "incoming")), Path.GetRandomFileName());
            await using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                int read;
                while ((read = await content.ReadAsync(buffer.AsMemory(0, BufferSize), cancellation)) > 0)
                {
                    hash.AppendData(buffer, 0, read);
                    await file.WriteAsync(buffer.AsMemory(0, read), cancellation);
                    size += read;
                }

                if (durable) file.Flush(flushToDisk: true);
            }

            var sha256 = Convert.ToHexStringLower(hash.GetHashAndReset());
            Keep(temporary, sha256);
            return new Artifact(sha256, size, name, mediaType);
        }
        catch (IOException error)
        {
            throw Failed(error);
        }
        catch (UnauthorizedAccessException error)
        {
            throw Failed(error);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            if (temporary is not null) File.Delete(temporary);
        }
    }

    /// <inheritdoc/>
    public Stream Open(Artifact artifact) => Open(artifact.Sha256);

    /// <summary>Opens the bytes after comparing them with their hash. Throws SOAR3012 when they were changed.</summary>
    public Stream OpenVerified(Artifact artifact)
    {
        var stream = Open(artifact.Sha256);
        var actual = Convert.ToHexStringLower(SHA256.HashData(stream));
        stream.Position = 0;
        if (actual == artifact.Sha256) return stream;
        stream.Dispose();
        throw Damaged(artifact.Sha256, actual);
    }

    /// <summary>Keeps a payload that is too large for a row; its hash when it is on disk.</summary>
    internal async Task<string> PutAsync(ReadOnlyMemory<byte> payload)
    {
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(payload.Span));
        if (File.Exists(PathOf(sha256))) return sha256;
        using var stream = new MemoryStream(payload.ToArray(), writable: false);
        return (await PutAsync(stream, "payload", "application/json", CancellationToken.None)).Sha256;
    }

    /// <summary>A payload given back whole, compared with its hash.</summary>
    internal byte[] Read(string sha256)
    {
        byte[] bytes;
        using (var stream = Open(sha256))
        {
            bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
        }

        var actual = Convert.ToHexStringLower(SHA256.HashData(bytes));
        return actual == sha256 ? bytes : throw Damaged(sha256, actual);
    }

    private FileStream Open(string sha256)
    {
        try
        {
            return new FileStream(PathOf(sha256), FileMode.Open, FileAccess.Read, FileShare.Read, BufferSize);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new NotFoundException("artifact", sha256, $"Restore {folder} from a backup of the same time as the database.");
        }
    }

    private void Keep(string temporary, string sha256)
    {
        var target = PathOf(sha256);
        var into = Make(Path.GetDirectoryName(target)!);
        if (!File.Exists(target)) File.Move(temporary, target, overwrite: true);

        // Also when it was there: another caller may have moved it a moment ago and not have come to this line.
        if (durable) Folders.Flush(into);
    }

    private string Make(string path)
    {
        // Known only once it is on disk: a caller who merely finds the folder there may be ahead of the one who is flushing it.
        if (made.ContainsKey(path)) return path;
        Directory.CreateDirectory(path);
        if (durable) Folders.Flush(folder);
        made.TryAdd(path, true);
        return path;
    }

    private string PathOf(string sha256)
    {
        // A handle may come from a playbook's JSON: only a hash becomes a path.
        if (sha256.Length != 64 || sha256.AsSpan().ContainsAnyExcept("0123456789abcdef"))
            throw new SoarException("SOAR3012", $"'{sha256}' is not a SHA-256 of 64 lower-case hex digits, so it names no artifact.");
        return Path.Combine(folder, sha256[..2], sha256);
    }

    private SoarException Damaged(string sha256, string actual) => new(
        "SOAR3012",
        $"Artifact {PathOf(sha256)} is damaged: its bytes have the SHA-256 {actual}. It is evidence no more; restore that file from a backup.");

    private SoarException Failed(Exception error) => new(
        "SOAR3006",
        $"An artifact could not be written to {folder}: {error.Message} Nothing was kept. Free space there, or give the user that runs soar the right to write; then try again.",
        error);
}
