using Soar.Hosting;

namespace Soar.Scripting.Compile;

/// <summary>One file of a folder of playbooks: its header as far as it could be read, and everything that was found in it.</summary>
/// <param name="File">Path relative to the folder, with <c>/</c>.</param>
public sealed record CatalogEntry(string File, PlaybookHeader? Header, IReadOnlyList<PlaybookDiagnostic> Diagnostics, CompiledPlaybook? Playbook)
{
    public bool HasErrors => Diagnostics.Any(d => d.Severity == PlaybookSeverity.Error);
}

/// <summary>The headers of every <c>.csx</c> in a folder, and all their errors. No playbook is executed.</summary>
public static class PlaybookCatalog
{
    /// <summary>Every <c>.csx</c> of a folder and the folders in it.</summary>
    public static Task<IReadOnlyList<CatalogEntry>> ReadAsync(string folder, PlaybookCompiler compiler, int parallel, CancellationToken cancellation)
    {
        if (!Directory.Exists(folder)) throw new NotFoundException("folder", folder, "Name the folder that holds your .csx files.");
        var files = Directory.EnumerateFiles(folder, "*.csx", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray();
        return ReadAsync(files, folder, compiler, parallel, cancellation);
    }

    /// <summary>These files.</summary>
    /// <param name="folder">What <see cref="CatalogEntry.File"/> is relative to.</param>
    /// <param name="parallel">Files at once. 2 unless the caller's builder has more processes.</param>
    public static async Task<IReadOnlyList<CatalogEntry>> ReadAsync(IReadOnlyList<string> files, string folder, PlaybookCompiler compiler, int parallel, CancellationToken cancellation)
    {
        var entries = new CatalogEntry[files.Count];
        await Parallel.ForEachAsync(Enumerable.Range(0, files.Count), new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = cancellation }, async (i, stop) =>
        {
            var name = Path.GetRelativePath(folder, files[i]).Replace('\\', '/');
            var text = await File.ReadAllTextAsync(files[i], stop);
            var result = await compiler.CompileAsync(text, files[i], new BuildOptions(), stop);
            entries[i] = new(name, result.Header, result.Diagnostics, result.Playbook);
            if (result.Header is { } header && header.Name != Path.GetFileNameWithoutExtension(files[i])) entries[i] = With(entries[i], OtherName(text, files[i], header.Name, stop));
        });
        return Names(entries, files);
    }

    /// <summary>Two files with one name and version would be one playbook with two texts.</summary>
    private static CatalogEntry[] Names(CatalogEntry[] entries, IReadOnlyList<string> files)
    {
        var first = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < entries.Length; i++)
        {
            if (entries[i].Header is not { } header || first.TryAdd(header.Name, entries[i].File)) continue;
            var twice = new PlaybookDiagnostic("SOAR1032", files[i], 1, 1, 1, 1, $"The name '{header.Name}' is taken by {first[header.Name]}.", "Give this playbook another name: runs, triggers and other playbooks find it by name.");
            entries[i] = With(entries[i], twice);
        }

        return entries;
    }

    /// <summary>People and tests go by the file, runs and other playbooks by the name: both must lead to the same text.</summary>
    private static PlaybookDiagnostic OtherName(string text, string file, string name, CancellationToken cancellation)
    {
        var source = PlaybookSource.Parse(text, file, cancellation);
        var said = HeaderSyntax.In(source.Root).FirstOrDefault(call => call.Word == "Playbook")?["name"];
        return source.At(said?.Span ?? default, "SOAR1033", $"The playbook '{name}' is in the file {Path.GetFileName(file)}.", $"Rename the file to {name}.csx, and its tests to {name}.tests.yaml; or give the playbook the file's name.");
    }

    private static CatalogEntry With(CatalogEntry entry, PlaybookDiagnostic finding) => entry with { Diagnostics = PlaybookDiagnostic.Sorted([.. entry.Diagnostics, finding]) };
}
