namespace Soar.Connectors.Mime;

/// <summary>What all layers of one mail share.</summary>
internal sealed class PartBudget(MimeLimits limits)
{
    public int Parts = limits.Parts;
    public int Headers = limits.Headers;
    public int EncodedLayers = limits.EncodedLayers;
}
