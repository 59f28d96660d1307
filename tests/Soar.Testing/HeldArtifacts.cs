using System.Collections.Concurrent;
using System.Security.Cryptography;
using Soar.Capabilities;

namespace Soar.Testing;

/// <summary>A store in memory that holds these bytes, and what is put into it.</summary>
public sealed class HeldArtifacts : IArtifacts
{
    private readonly ConcurrentDictionary<string, byte[]> held = new();

    public HeldArtifacts(params byte[] bytes) => Artifact = Put(bytes);

    /// <summary>The handle of the bytes that it was made with.</summary>
    public Artifact Artifact { get; }

    /// <summary>For a connector that is handed <see cref="Artifact"/>.</summary>
    public ActionContext Context => Given.Context(artifacts: this);

    public Artifact Put(byte[] bytes, string name = "sample.bin", string mediaType = "application/octet-stream")
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        held[hash] = bytes;
        return new Artifact(hash, bytes.Length, name, mediaType);
    }

    public async Task<Artifact> PutAsync(Stream content, string name, string mediaType, CancellationToken cancellation)
    {
        using var bytes = new MemoryStream();
        await content.CopyToAsync(bytes, cancellation);
        return Put(bytes.ToArray(), name, mediaType);
    }

    public Stream Open(Artifact artifact) => held.TryGetValue(artifact.Sha256, out var bytes) && bytes.Length == artifact.Size
        ? new MemoryStream(bytes, writable: false)
        : throw new NotFoundException("artifact", artifact.Sha256, "Restore it.");

    public byte[] Bytes(Artifact artifact) => held[artifact.Sha256];
}
