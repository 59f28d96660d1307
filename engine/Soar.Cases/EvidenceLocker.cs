using System.Buffers;
using System.Security.Cryptography;
using Soar.Capabilities;

namespace Soar.Cases;

/// <summary><c>Evidence.Seal</c>: compares the bytes with their hash and writes the first record of their chain of custody.</summary>
public sealed class EvidenceLocker(ICaseStore store, TimeProvider clock) : IEvidence
{
    /// <inheritdoc/>
    public Task<SealedEvidence> SealAsync(Artifact artifact, Text description, ActionContext context, CancellationToken cancellation) => Desk.TellAsync(async () =>
    {
        var (sha256, size) = await HashAsync(context.Artifacts, artifact, cancellation);
        if (sha256 != artifact.Sha256 || size != artifact.Size)
        {
            throw ConnectorFailure.Permanent(
                $"Artifact '{artifact.Name}' was not sealed: its bytes have SHA-256 {sha256} and {size} bytes, the handle says {artifact.Sha256} and {artifact.Size}. Restore it from a backup, or fetch it again from its source.");
        }

        var item = await store.SealAsync(Desk.Entry(context, clock), artifact, description.ToString());
        return new SealedEvidence(item.Id, item.Artifact.Sha256, item.At);
    });

    private static async Task<(string Sha256, long Size)> HashAsync(IArtifacts artifacts, Artifact artifact, CancellationToken cancellation)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(128 * 1024);
        try
        {
            await using var stream = artifacts.Open(artifact);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            long size = 0;
            int read;
            while ((read = await stream.ReadAsync(buffer, cancellation)) > 0)
            {
                hash.AppendData(buffer, 0, read);
                size += read;
            }

            return (Convert.ToHexStringLower(hash.GetHashAndReset()), size);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
