using System.Collections.Concurrent;
using Soar.Scripting;
using Soar.Server.Node;

namespace Soar.Server.Accounts;

/// <summary>Where a playbook lies, and how far it may travel.</summary>
/// <param name="Folders">Within the playbooks' folder, with slashes; <c>.</c> for none. Several where several files bear its name: then each counts.</param>
/// <param name="Tlp">The strictest of its file and its published versions.</param>
internal sealed record Shelved(IReadOnlyList<string> Folders, Tlp Tlp);

/// <summary>Every playbook by its name: those of the folder, and those that are only published. A text whose header cannot be read counts as TLP:RED: it may be anything.</summary>
internal sealed class Shelf(SoarNode node)
{
    private readonly ConcurrentDictionary<string, (DateTime Written, long Length, string Name, Tlp Tlp)> files = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Playbook, string Version), (string Folder, Tlp Tlp)> versions = new();

    public async Task<IReadOnlyDictionary<string, Shelved>> ReadAsync()
    {
        var shelf = new Dictionary<string, Shelved>(StringComparer.Ordinal);
        foreach (var file in node.Tools.Workspace.PlaybookFiles())
        {
            var (name, tlp) = OfFile(file);
            var folder = FolderOf(file);
            Put(shelf, Path.GetFileNameWithoutExtension(file), folder, tlp);
            if (name.Length > 0 && name != Path.GetFileNameWithoutExtension(file)) Put(shelf, name, folder, tlp);
        }

        foreach (var version in await node.Reader.Versions.ListAsync(null))
        {
            if (!versions.TryGetValue((version.Playbook, version.Version), out var known))
            {
                if (await node.Reader.Versions.FindAsync(version.Playbook, version.Version) is not { } text) continue;
                versions[(version.Playbook, version.Version)] = known = (FolderOf(text.File), TlpOf(text.Source, text.File));
            }

            // Where its file lies is where it lies; a version tells that only of a playbook whose file is gone.
            if (shelf.TryGetValue(version.Playbook, out var lies)) shelf[version.Playbook] = lies with { Tlp = known.Tlp > lies.Tlp ? known.Tlp : lies.Tlp };
            else shelf[version.Playbook] = new Shelved([known.Folder], known.Tlp);
        }

        return shelf;
    }

    /// <summary>What a text's header says.</summary>
    public static Tlp TlpOf(string source, string file) => new PlaybookText(source, file).Tlp ?? Tlp.Red;

    /// <summary>Within the playbooks' folder; of a file that lies elsewhere a name that only <c>*</c> covers.</summary>
    private string FolderOf(string file)
    {
        var folder = Path.GetDirectoryName(Path.GetRelativePath(node.Tools.Workspace.Playbooks, Path.GetFullPath(file, node.Tools.Workspace.Playbooks)))!.Replace('\\', '/');
        return folder.Length == 0 ? "." : folder == ".." || folder.StartsWith("../", StringComparison.Ordinal) || Path.IsPathRooted(folder) ? "" : folder;
    }

    private (string Name, Tlp Tlp) OfFile(string file)
    {
        var facts = new FileInfo(file);
        if (files.TryGetValue(file, out var known) && known.Written == facts.LastWriteTimeUtc && known.Length == facts.Length) return (known.Name, known.Tlp);
        var text = new PlaybookText(File.ReadAllText(file), file);
        files[file] = (facts.LastWriteTimeUtc, facts.Length, text.Name, text.Tlp ?? Tlp.Red);
        return (text.Name, text.Tlp ?? Tlp.Red);
    }

    private static void Put(Dictionary<string, Shelved> shelf, string name, string folder, Tlp tlp) => shelf[name] = shelf.TryGetValue(name, out var known)
        ? new Shelved([.. known.Folders.Append(folder).Distinct(StringComparer.Ordinal)], known.Tlp > tlp ? known.Tlp : tlp)
        : new Shelved([folder], tlp);
}
