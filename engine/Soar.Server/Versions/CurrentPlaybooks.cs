using Soar.Scripting.Compile;
using Soar.Server.Node;

namespace Soar.Server.Versions;

/// <summary>Playbooks as they run here: the current version of what is published, and the folder's files of everything else.</summary>
internal static class CurrentPlaybooks
{
    public static async Task<IReadOnlyList<CatalogEntry>> ReadAsync(Toolchain tools, IReadOnlyList<string> files, NodeReader? store, CancellationToken cancellation)
    {
        var entries = new List<CatalogEntry>();
        var published = store is null ? [] : await store.Versions.CurrentAsync();
        foreach (var text in published)
        {
            var result = await tools.Compiler.CompileAsync(text.Source, text.File, new BuildOptions(), cancellation);
            entries.Add(new CatalogEntry(text.File, result.Header, result.Diagnostics, result.Playbook));
        }

        if (!tools.Settings.Versions.Required)
            entries.AddRange(await tools.CheckAsync([.. files.Where(file => published.All(text => text.Playbook != Path.GetFileNameWithoutExtension(file)))], cancellation));
        return [.. entries.OrderBy(entry => entry.Header?.Name ?? entry.File, StringComparer.Ordinal)];
    }
}
