using System.Security.Cryptography;
using Soar.Capabilities;

namespace Soar.Testing;

/// <summary>A store that holds these bytes and no others.</summary>
public sealed class HeldArtifacts(byte[] bytes) : IArtifacts
{
    public Artifact Artifact { get; } = new(Convert.ToHexStringLower(SHA256.HashData(bytes)), bytes.Length, "sample.bin", "application/octet-stream");

    /// <summary>For a connector that is handed <see cref="Artifact"/>.</summary>
    public ActionContext Context => Given.Context(artifacts: this);

    public Task<Artifact> PutAsync(Stream content, string name, string mediaType, CancellationToken cancellation) => throw new NotSupportedException();

    public Stream Open(Artifact artifact) => artifact == Artifact ? new MemoryStream(bytes, writable: false) : throw new NotFoundException("artifact", artifact.Sha256, "Restore it.");
}
