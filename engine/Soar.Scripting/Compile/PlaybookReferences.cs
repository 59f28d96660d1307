using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace Soar.Scripting.Compile;

/// <summary>
/// What playbooks are compiled against: the few framework assemblies that the allow-list needs, our own contracts, and the facades. Read once, shared
/// by every compilation.
/// </summary>
public static class PlaybookReferences
{
    private static readonly string[] FrameworkNames =
    [
        "System.Private.CoreLib", "System.Runtime", "System.Collections", "System.Linq", "System.Memory", "System.Net.Primitives", "System.Runtime.Extensions",
        "System.Private.Uri", "System.Text.Json", "System.Text.RegularExpressions", "System.Collections.Immutable", "System.ComponentModel", "System.Runtime.Numerics",
        "System.Threading", "System.Threading.Tasks", "System.Diagnostics.Debug", "System.Console", "System.Net.Http", "System.Diagnostics.Process", "System.Text.Encodings.Web",
        "System.Collections.Concurrent", "System.Linq.Expressions", "System.Security.Cryptography", "Microsoft.CSharp", "netstandard",
    ];

    /// <summary>
    /// The running framework's own assemblies. Those that a playbook may not use (files, processes, network) are here too: a refusal that names the type
    /// and the remedy helps more than "the name does not exist". The allow-list decides.
    /// </summary>
    public static ImmutableArray<MetadataReference> Framework { get; } = ReadFramework();

    /// <summary>Soar.Core and Soar.Scripting.</summary>
    public static ImmutableArray<MetadataReference> Own { get; } =
        [MetadataReference.CreateFromFile(typeof(Alert).Assembly.Location), MetadataReference.CreateFromFile(typeof(PlaybookReferences).Assembly.Location)];

    /// <summary>Framework and our own assemblies, then <paramref name="more"/> (facades, assemblies with capabilities).</summary>
    public static ImmutableArray<MetadataReference> With(params IEnumerable<MetadataReference> more) => [.. Framework, .. Own, .. more];

    private static ImmutableArray<MetadataReference> ReadFramework()
    {
        var trusted = ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .ToLookup(Path.GetFileNameWithoutExtension, StringComparer.OrdinalIgnoreCase);
        return [.. FrameworkNames.SelectMany(name => trusted[name].Take(1)).Select(path => MetadataReference.CreateFromFile(path))];
    }
}
