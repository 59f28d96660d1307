using Soar.Capabilities;

namespace Soar.Server.Testing;

/// <summary>A play's own bytes over those of a deployment, which are read where the play has none under a hash, and never written.</summary>
internal sealed class ArtifactsOver(IArtifacts own, IArtifacts kept) : IArtifacts
{
    public Task<Artifact> PutAsync(Stream content, string name, string mediaType, CancellationToken cancellation) => own.PutAsync(content, name, mediaType, cancellation);

    public Stream Open(Artifact artifact)
    {
        try
        {
            return own.Open(artifact);
        }
        catch (NotFoundException)
        {
            return kept.Open(artifact);
        }
    }
}
