using System.Security.Cryptography;
using Soar.Capabilities;

namespace Soar.Lab.Tests.Range;

/// <summary>A store that holds these bytes and no others.</summary>
internal sealed class HeldArtifacts(byte[] bytes) : IArtifacts
{
    public Artifact Artifact { get; } = new(Convert.ToHexStringLower(SHA256.HashData(bytes)), bytes.Length, "sample.bin", "application/octet-stream");

    public ActionContext Context => new() { Run = default, Step = "scan", Key = new IdempotencyKey("00aa11bb22cc33dd44ee55ff00aa11bb"), Attempt = 1, Artifacts = this };

    public Task<Artifact> PutAsync(Stream content, string name, string mediaType, CancellationToken cancellation) => throw new InvalidOperationException("nothing is stored here");
    public Stream Open(Artifact artifact) => new MemoryStream(bytes, writable: false);
}
