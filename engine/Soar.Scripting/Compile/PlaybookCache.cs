using System.Security.Cryptography;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Hosting;

namespace Soar.Scripting.Compile;

/// <summary>How much the cache of compiled playbooks keeps.</summary>
public sealed record PlaybookCacheOptions
{
    /// <summary>Assemblies kept; the one that was asked for longest ago goes first. Default 2,000 (some 40 KB each).</summary>
    public int MaxEntries { get; init; } = 2_000;

    /// <summary>An entry that was asked for within this time stays, whatever the number: a run may be about to load it. Default 1 hour.</summary>
    public TimeSpan KeepAtLeast { get; init; } = TimeSpan.FromHours(1);
}

/// <summary>
/// Compiled playbooks on disk: <c>&lt;hash&gt;.dll</c> and <c>&lt;hash&gt;.json</c> (header, warnings, the assembly's own hash). Files appear whole, by
/// rename; an entry that is damaged or comes from another build of Soar counts as absent and is compiled again.
/// </summary>
public sealed class PlaybookCache
{
    // What a compiled playbook is bound to: the language's own assembly and the words. A new build of either makes old assemblies useless.
    private static readonly string Engine = $"{typeof(Alert).Module.ModuleVersionId:N}{typeof(PlaybookCache).Module.ModuleVersionId:N}";

    private readonly PlaybookCacheOptions options;
    private readonly TimeProvider clock;

    public PlaybookCache(string folder, PlaybookCacheOptions options, TimeProvider clock)
    {
        this.options = options;
        this.clock = clock;
        Folder = Path.GetFullPath(folder);
        Directory.CreateDirectory(Folder);
    }

    public string Folder { get; }

    /// <summary>What is kept beside an assembly.</summary>
    internal sealed record Entry(string Engine, string AssemblySha256, PlaybookHeader Header, IReadOnlyList<PlaybookDiagnostic> Diagnostics);

    /// <summary>The entry and its assembly's path; null when there is none that is whole and of this build.</summary>
    internal (Entry Entry, string AssemblyPath)? Find(string hash)
    {
        var assembly = AssemblyPath(hash);
        var json = EntryPath(hash);
        try
        {
            var entry = JsonSerializer.Deserialize<Entry>(File.ReadAllBytes(json), SoarJson.Options);
            if (entry is not { Header: not null, Diagnostics: not null } || entry.Engine != Engine || Sha256(File.ReadAllBytes(assembly)) != entry.AssemblySha256) return null;
            File.SetLastWriteTimeUtc(json, clock.GetUtcNow().UtcDateTime);
            return (entry, assembly);
        }
        catch (Exception problem) when (problem is IOException or JsonException or UnauthorizedAccessException)
        {
            return null; // Absent, half gone or damaged: compiled again, and written anew.
        }
    }

    internal string Put(string hash, byte[] assembly, PlaybookHeader header, IReadOnlyList<PlaybookDiagnostic> diagnostics)
    {
        var entry = new Entry(Engine, Sha256(assembly), header, diagnostics);
        Write(AssemblyPath(hash), assembly);
        // The entry last: who finds it finds the assembly too.
        Write(EntryPath(hash), JsonSerializer.SerializeToUtf8Bytes(entry, SoarJson.Options));
        File.SetLastWriteTimeUtc(EntryPath(hash), clock.GetUtcNow().UtcDateTime);
        Evict();
        return AssemblyPath(hash);
    }

    private string AssemblyPath(string hash) => Path.Combine(Folder, hash + ".dll");

    private string EntryPath(string hash) => Path.Combine(Folder, hash + ".json");

    private void Write(string path, byte[] bytes)
    {
        var temporary = Path.Combine(Folder, $".{Path.GetRandomFileName()}.part");
        try
        {
            File.WriteAllBytes(temporary, bytes);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            File.Delete(temporary);
            throw new SoarException("SOAR1910", $"The compiled playbook cannot be written to {path}: {problem.Message} Check the folder's space and permissions.", problem);
        }
    }

    private void Evict()
    {
        var entries = new DirectoryInfo(Folder).GetFiles("*.json");
        if (entries.Length <= options.MaxEntries) return;
        var young = clock.GetUtcNow().UtcDateTime - options.KeepAtLeast;
        foreach (var entry in entries.OrderBy(e => e.LastWriteTimeUtc).Take(entries.Length - options.MaxEntries).Where(e => e.LastWriteTimeUtc < young))
        {
            entry.Delete();
            File.Delete(Path.ChangeExtension(entry.FullName, ".dll"));
        }
    }

    private static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
