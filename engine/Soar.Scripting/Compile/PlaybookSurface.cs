using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Soar.Capabilities;
using Soar.Language;

namespace Soar.Scripting.Compile;

/// <summary>
/// What a deployment's capabilities bring into the scope of playbooks. Plain data, so that it can be sent to a compile worker.
/// </summary>
public sealed record PlaybookSurface
{
    /// <summary>Changes whenever a capability changes: part of every version's hash.</summary>
    public required string Hash { get; init; }

    /// <summary>Names of the capabilities: <c>Firewall</c>.</summary>
    public required IReadOnlyList<string> Capabilities { get; init; }

    /// <summary>Ids of their actions: <c>firewall.block</c>.</summary>
    public required IReadOnlyList<string> Actions { get; init; }

    /// <summary>Full paths of the facade assembly and of third parties' assemblies with capability interfaces.</summary>
    public required IReadOnlyList<string> References { get; init; }

    /// <summary>The surface of a deployment's capabilities. Makes the facade assembly in <paramref name="cacheFolder"/> if it is not there.</summary>
    public static PlaybookSurface Of(ActionCatalog catalog, string cacheFolder)
    {
        var foreign = catalog.Capabilities.Select(capability => capability.Type.Assembly).Where(assembly => assembly != typeof(ActionCatalog).Assembly).Distinct();
        return new()
        {
            Hash = FacadeAssembly.SurfaceHash(catalog),
            Capabilities = [.. catalog.Capabilities.Select(capability => capability.Name)],
            Actions = [.. catalog.Capabilities.SelectMany(capability => capability.Actions).Select(action => action.Id)],
            References = [FacadeAssembly.Ensure(catalog, cacheFolder), .. foreign.Select(assembly => assembly.Location)],
        };
    }

    internal ImmutableArray<MetadataReference> AllReferences() => PlaybookReferences.With(References.Select(path => MetadataReference.CreateFromFile(path)));
}
