using Soar.Capabilities;

namespace Soar.Connectors;

/// <summary>An artifact's bytes, with what can go wrong said as what it is: nothing has left the house yet.</summary>
internal static class StoredBytes
{
    public static Stream Open(ActionContext context, Artifact artifact)
    {
        try
        {
            return context.Artifacts.Open(artifact);
        }
        catch (NotFoundException e)
        {
            throw ConnectorFailure.Permanent($"'{artifact.Name}' is not in the store any more. {e.Message}", e, "artifact");
        }
        catch (IOException e)
        {
            throw ConnectorFailure.Transient($"'{artifact.Name}' cannot be read from the store: {e.Message}", inner: e, reason: "artifact");
        }
    }

    /// <summary>Reads on; a failing disk of ours is told from a failing connection.</summary>
    public static async ValueTask<int> ReadAsync(Stream content, Memory<byte> buffer, CancellationToken cancellation)
    {
        try
        {
            return await content.ReadAsync(buffer, cancellation);
        }
        catch (IOException e)
        {
            throw ConnectorFailure.Transient($"The artifact cannot be read from the store: {e.Message}", inner: e, reason: "artifact");
        }
    }
}
