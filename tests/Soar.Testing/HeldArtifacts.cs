using System.Collections.Concurrent;
using System.Security.Cryptography;
using Soar.Capabilities;

namespace Soar.Testing;

/// <summary>A store that holds these bytes and what is put into it.</summary>
public sealed class HeldArtifacts(byte[] bytes) : IArtifacts
{
    private readonly ConcurrentDictionary<string, byte[]> put = new(StringComparer.Ordinal);

    public Artifact Artifact { get; } = Handle(bytes, "sample.bin", "application/octet-stream");

    /// <summary>For a connector that is handed <see cref="Artifact"/>.</summary>
    public ActionContext Context => Given.Context(artifacts: this);

    public async Task<Artifact> PutAsync(Stream content, string name, string mediaType, CancellationToken cancellation)
    {
        using var copy = new MemoryStream();
        await content.CopyToAsync(copy, cancellation);
        var handle = Handle(copy.ToArray(), name, mediaType);
        put[handle.Sha256] = copy.ToArray();
        return handle;
    }

    public Stream Open(Artifact artifact) => artifact == Artifact ? new MemoryStream(bytes, writable: false)
        : put.TryGetValue(artifact.Sha256, out var found) ? new MemoryStream(found, writable: false)
        : throw new NotFoundException("artifact", artifact.Sha256, "Restore it.");

    private static Artifact Handle(byte[] content, string name, string mediaType) => new(Convert.ToHexStringLower(SHA256.HashData(content)), content.Length, name, mediaType);
}
